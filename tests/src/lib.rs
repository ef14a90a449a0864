//! What tests and demo need: the host as a process, clients, faults of its disk, a search
//! for secrets that were left behind, a sample export,
//! waiting for conditions, and hosts with planted mistakes.

pub mod client;
pub mod disk_shim;
pub mod host_process;
pub mod left_behind;
pub mod machine_clock;
pub mod planted;
pub mod sample_export;
pub mod wait;
