//! What tests and demo need: the host as a process, faults of its disk, a sample export, waiting for conditions.

pub mod disk_shim;
pub mod host_process;
pub mod sample_export;
pub mod wait;
