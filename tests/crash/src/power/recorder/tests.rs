use super::*;

const SECTORS: usize = 64;

/// A disk on which each write fills two sectors with its number, and every fifth is flushed.
fn written(n_writes: u8) -> Arc<Recorder> {
    let recorder = Recorder::new(vec![0; SECTORS * SECTOR_BYTES]);
    for number in 1..=n_writes {
        let sector = usize::from(number) * 2 % SECTORS;
        recorder.write((sector * SECTOR_BYTES) as u64, &[number; 2 * SECTOR_BYTES]).unwrap();
        if number % 5 == 0 {
            recorder.flush();
        }
    }
    Arc::new(recorder)
}

#[test]
fn what_was_flushed_survives_every_cut_and_what_was_not_may_be_missing_or_torn() {
    let recorder = written(31);
    let mut rng = fastrand::Rng::with_seed(1);
    let (mut n_lost, mut n_torn) = (0, 0);
    for _ in 0..50 {
        let mut replay = Replay::new(Arc::clone(&recorder));
        for position in 0..=recorder.position() {
            let image = replay.image(position, &mut rng);
            n_lost += image.n_lost;
            n_torn += image.n_torn;
            // Of six entries the last is a flush; each write has a place of its own.
            let n_flushed = position / 6 * 5;
            for number in 1..=n_flushed {
                let at = number * 2 % SECTORS * SECTOR_BYTES;
                let found = &image.bytes[at..at + 2 * SECTOR_BYTES];
                assert!(found.iter().all(|&byte| usize::from(byte) == number), "{position}");
            }
            for (sector, bytes) in image.bytes.chunks(SECTOR_BYTES).enumerate() {
                let first = bytes[0];
                assert!(bytes.iter().all(|&byte| byte == first), "a sector is never torn");
                let is_later = usize::from(first) > position - position / 6;
                assert!(!is_later, "sector {sector} holds what was written after the cut");
            }
        }
    }
    assert!(n_lost > 100 && n_torn > 100, "{n_lost} lost, {n_torn} torn");
}

#[test]
fn a_clock_tells_what_was_known_at_a_cut() {
    let recorder = written(4);
    let clock = Positions::new(Arc::clone(&recorder));
    assert_eq!(clock.tick(), 1);
    recorder.flush();
    assert_eq!((clock.tick(), clock.tick()), (2, 3));
    assert_eq!((clock.until(3), clock.until(4), clock.until(5)), (0, 1, 3));
}
