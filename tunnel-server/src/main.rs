//! The command `tunnel-server`: serve and domain.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run()
}
