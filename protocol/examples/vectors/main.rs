//! Runs every case of a vector file in the format of `spec/vectors.md` and says which fail.
//!
//! `cargo run --release -p hybrid-protocol --example vectors -- FILE`

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command-line program"
)]

mod cases;

use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(path) = std::env::args_os().nth(1) else {
        eprintln!("usage: vectors FILE");
        return ExitCode::from(2);
    };
    let file = match std::fs::read_to_string(&path)
        .map_err(|error| error.to_string())
        .and_then(|text| serde_json::from_str(&text).map_err(|error| error.to_string()))
    {
        Ok(file) => file,
        Err(error) => {
            eprintln!("failed to read {}: {error}", path.display());
            return ExitCode::from(2);
        }
    };
    let report = cases::run(&file);
    for failure in &report.failures {
        println!("{failure}");
    }
    for (section, passed, failed) in &report.sections {
        println!("{section}: {passed} passed, {failed} failed");
    }
    println!("{} passed, {} failed", report.passed(), report.failed());
    if report.failed() == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
