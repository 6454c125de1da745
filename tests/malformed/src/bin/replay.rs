//! Runs inputs through a target without libFuzzer: to see one fail, and to count lines.
//!
//! ```text
//! replay --list
//! replay TARGET FILE|FOLDER…
//! ```

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a tool")]

use hybrid_malformed::TARGETS;
use std::env;
use std::fs;
use std::io;
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    if args == ["--list"] {
        for target in TARGETS {
            println!("{} {}", target.name, target.files.join(" "));
        }
        return ExitCode::SUCCESS;
    }
    let named = { args.first() }.and_then(|name| TARGETS.iter().find(|one| one.name == name));
    let (Some(target), Some(inputs)) = (named, args.get(1..)) else {
        eprintln!("expected --list, or TARGET FILE|FOLDER…");
        return ExitCode::from(2);
    };
    for input in inputs {
        match replay(target.run, input.as_ref()) {
            Ok(count) => println!("{input}: {count} inputs"),
            Err(error) => {
                eprintln!("{input}: cannot be read: {error}");
                return ExitCode::from(2);
            }
        }
    }
    ExitCode::SUCCESS
}

fn replay(run: fn(&[u8]), input: &Path) -> io::Result<usize> {
    if !input.is_dir() {
        run(&fs::read(input)?);
        return Ok(1);
    }
    let mut count = 0;
    for file in fs::read_dir(input)? {
        count += replay(run, &file?.path())?;
    }
    Ok(count)
}
