//! Faults seen from outside: what the host says of them, and that nothing acknowledged is lost.

mod calls;
mod damaged;
mod disk;
mod full;
mod read_only;
mod second_host;

use std::path::Path;

use exportgate_tests::host_process::HostProcess;

/// Checks that a host with this folder does not start, ends with exit code 1, and says why in one
/// sentence that holds these words.
#[track_caller]
fn check_refused(dir: &Path, words: &[&str]) {
    let refused = HostProcess::try_start(dir).err().expect("the host started");
    let said = &refused.said;
    assert_eq!(refused.code, Some(1), "{said}");
    let sentences: Vec<_> = said.lines().filter(|line| line.starts_with("error: ")).collect();
    assert_eq!(sentences.len(), 1, "{said}");
    for word in words {
        assert!(sentences[0].contains(word), "`{word}` is not in: {}", sentences[0]);
    }
    // For people who want to read it: `--nocapture`.
    println!("{}", sentences[0]);
}
