//! The `exportgate` binary: all of it is in the library, where tests reach it.

fn main() -> std::process::ExitCode {
    exportgate_host::cli::main()
}
