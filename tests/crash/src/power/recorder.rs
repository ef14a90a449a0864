//! A disk in memory that keeps every write and every flush, and shows what a power cut would leave
//! of it.

use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::history::Tick;

/// What a disk writes whole or not at all.
const SECTOR_BYTES: usize = 512;
/// Ext4's superblock lies within. Its checksum goes over two sectors, and a small file system has no
/// second superblock: torn, it would be the end of ext4 itself, whatever the host did.
const NEVER_TORN: usize = 4096;

/// So many stretches between two flushes count as busy.
const BUSIEST: usize = 20;

/// What the kernel did with the disk.
enum Entry {
    Write {
        offset: usize,
        data: Box<[u8]>,
    },
    /// Everything before it is on the disk.
    Flush,
}

struct State {
    image: Vec<u8>,
    log: Vec<Entry>,
}

/// The disk.
pub struct Recorder {
    /// What lay on it at the beginning.
    base: Vec<u8>,
    state: Mutex<State>,
    /// While writes fail: those within these stretches do not.
    failing_but: Mutex<Option<Vec<Range<usize>>>>,
}

/// A write beyond the end of the disk, or one that shall fail.
#[derive(Debug)]
pub struct NotWritten;

impl Recorder {
    pub fn new(base: Vec<u8>) -> Self {
        let state = State { image: base.clone(), log: Vec::new() };
        Self { base, state: Mutex::new(state), failing_but: Mutex::default() }
    }

    pub fn size(&self) -> u64 {
        self.base.len() as u64
    }

    /// How many writes and flushes there were.
    pub fn position(&self) -> usize {
        self.state().log.len()
    }

    /// A position after `first` at which something is on its way: any, or one of those at which
    /// most is, which is while the host tidies up.
    pub fn busy(&self, first: usize, rng: &mut fastrand::Rng) -> Option<usize> {
        let state = self.state();
        // What lies between two flushes, as the places of its first write and of the flush.
        let (mut stretches, mut begin) = (Vec::new(), first);
        for (position, entry) in state.log.iter().enumerate().skip(first) {
            if matches!(entry, Entry::Flush) {
                if position > begin {
                    stretches.push((begin, position));
                }
                begin = position + 1;
            }
        }
        if rng.bool() {
            stretches.sort_unstable_by_key(|(begin, end)| begin.abs_diff(*end));
            let n_small = stretches.len().saturating_sub(BUSIEST);
            stretches.drain(..n_small);
        }
        let (begin, end) = rng.choice(&stretches).copied()?;
        Some(rng.usize(begin + 1..=end))
    }

    pub fn read(&self, offset: u64, length: u32) -> Vec<u8> {
        let state = self.state();
        let offset = usize::try_from(offset).unwrap_or(usize::MAX);
        let end = offset.saturating_add(length as usize).min(state.image.len());
        state.image.get(offset..end).unwrap_or_default().to_vec()
    }

    /// # Errors
    ///
    /// When it does not lie on the disk, or writes fail at this time.
    pub fn write(&self, offset: u64, data: &[u8]) -> Result<(), NotWritten> {
        let offset = usize::try_from(offset).map_err(|_| NotWritten)?;
        let end = offset.saturating_add(data.len());
        // One write may go over several stretches.
        let is_good = |good: &[Range<usize>]| {
            (offset..end)
                .step_by(SECTOR_BYTES)
                .all(|sector| good.iter().any(|good| good.contains(&sector)))
        };
        if self.failing_but().as_ref().is_some_and(|good| !is_good(good)) {
            return Err(NotWritten);
        }
        let mut state = self.state();
        put(&mut state.image, offset, data).ok_or(NotWritten)?;
        state.log.push(Entry::Write { offset, data: data.into() });
        Ok(())
    }

    /// Lets every write fail from now on that does not lie within one of these stretches.
    pub fn fail_but(&self, good: Vec<Range<usize>>) {
        *self.failing_but() = Some(good);
    }

    /// Lets no more write fail.
    pub fn heal(&self) {
        *self.failing_but() = None;
    }

    fn failing_but(&self) -> MutexGuard<'_, Option<Vec<Range<usize>>>> {
        self.failing_but.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn flush(&self) {
        self.state().log.push(Entry::Flush);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn put(image: &mut [u8], offset: usize, data: &[u8]) -> Option<()> {
    image.get_mut(offset..offset.checked_add(data.len())?)?.copy_from_slice(data);
    Some(())
}

/// A clock that knows how far the disk was at each of its readings.
#[derive(Clone)]
pub struct Positions {
    recorder: Arc<Recorder>,
    read: Arc<Mutex<Vec<usize>>>,
}

impl Positions {
    pub fn new(recorder: Arc<Recorder>) -> Self {
        Self { recorder, read: Arc::default() }
    }

    /// Reads the clock. What was acknowledged before this has reached the disk by its position, if
    /// ever.
    pub fn tick(&self) -> Tick {
        let mut read = self.read();
        read.push(self.recorder.position());
        read.len() as Tick
    }

    /// The last reading before the disk got further than this.
    pub fn until(&self, position: usize) -> Tick {
        self.read().partition_point(|&read| read <= position) as Tick
    }

    /// The position at any of the readings.
    pub fn any(&self, rng: &mut fastrand::Rng) -> Option<usize> {
        rng.choice(self.read().iter()).copied()
    }

    /// The position at the last reading.
    pub fn last(&self) -> Option<usize> {
        self.read().last().copied()
    }

    fn read(&self) -> MutexGuard<'_, Vec<usize>> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Makes the images that cuts leave, in the order of the cuts, so that what was flushed is copied
/// once.
pub struct Replay {
    recorder: Arc<Recorder>,
    durable: Vec<u8>,
    /// Everything before this is in `durable`.
    n_durable: usize,
}

/// What a cut left.
pub struct Image {
    pub bytes: Vec<u8>,
    /// Writes that nobody had flushed, and how many of them are lost and torn.
    pub n_unflushed: usize,
    pub n_lost: usize,
    pub n_torn: usize,
}

impl Replay {
    pub fn new(recorder: Arc<Recorder>) -> Self {
        let durable = recorder.base.clone();
        Self { recorder, durable, n_durable: 0 }
    }

    /// What is on the disk when the power fails after so many writes and flushes: all that was
    /// flushed, and of the rest, in whichever order the disk liked, nothing, everything or some,
    /// and of some writes only some sectors.
    pub fn image(&mut self, position: usize, rng: &mut fastrand::Rng) -> Image {
        let chance = *rng.choice(&[0.0, 0.5, 0.5, 0.5, 1.0]).unwrap_or(&0.5);
        self.image_with(position, chance, rng)
    }

    /// The same with this chance for each write that nobody flushed.
    pub fn image_with(&mut self, position: usize, chance: f64, rng: &mut fastrand::Rng) -> Image {
        let recorder = Arc::clone(&self.recorder);
        let state = recorder.state();
        let log = state.log.get(..position).unwrap_or(&state.log);
        let flushed = log.iter().rposition(|entry| matches!(entry, Entry::Flush)).unwrap_or(0);
        for entry in log.get(self.n_durable..flushed).unwrap_or_default() {
            if let Entry::Write { offset, data } = entry {
                put(&mut self.durable, *offset, data);
            }
        }
        self.n_durable = self.n_durable.max(flushed);
        let mut image = Image { bytes: self.durable.clone(), n_unflushed: 0, n_lost: 0, n_torn: 0 };
        for entry in log.get(self.n_durable..).unwrap_or_default() {
            let Entry::Write { offset, data } = entry else { continue };
            image.n_unflushed += 1;
            if rng.f64() >= chance {
                image.n_lost += 1;
            } else if chance < 1.0 && *offset >= NEVER_TORN && rng.u8(..3) == 0 {
                image.n_torn += 1;
                for (sector, part) in data.chunks(SECTOR_BYTES).enumerate() {
                    if rng.bool() {
                        put(&mut image.bytes, offset + sector * SECTOR_BYTES, part);
                    }
                }
            } else {
                put(&mut image.bytes, *offset, data);
            }
        }
        image
    }
}

#[cfg(test)]
mod tests;
