//! `hybridd` as a program.

use std::process::ExitCode;

fn main() -> ExitCode {
    hybridd::cli::main()
}
