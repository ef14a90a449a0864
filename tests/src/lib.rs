//! What tests and demo need: the host as a process, a sample export, waiting for conditions.

pub mod host_process;
pub mod machine_clock;
pub mod sample_export;
pub mod wait;
