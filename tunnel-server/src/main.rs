//! The command `tunnel-server`: serve, domain, probe.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run()
}
