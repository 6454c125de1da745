//! The command `tunnel-server`: serve, domain and probe.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run()
}
