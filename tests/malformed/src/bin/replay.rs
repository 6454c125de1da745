//! Runs inputs through a target without libFuzzer: to see one fail, and to count lines.
//!
//!     replay --list
//!     replay TARGET FILE|FOLDER…

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a tool")]

use hybrid_malformed::TARGETS;
use std::env;
use std::fs;
use std::path::Path;

fn main() {
    let args: Vec<String> = env::args().skip(1).collect();
    if args == ["--list"] {
        for target in TARGETS {
            println!("{} {}", target.name, target.files.join(" "));
        }
        return;
    }
    let (name, inputs) = args.split_first().expect("expected TARGET FILE|FOLDER…");
    let target = { TARGETS.iter() }.find(|target| target.name == name);
    let target = target.unwrap_or_else(|| panic!("there is no target {name}"));
    let count: usize = inputs
        .iter()
        .map(|input| replay(target.run, input.as_ref()))
        .sum();
    println!("{count} inputs");
}

fn replay(run: fn(&[u8]), input: &Path) -> usize {
    if !input.is_dir() {
        run(&fs::read(input).unwrap());
        return 1;
    }
    let files = fs::read_dir(input).unwrap();
    files.map(|file| replay(run, &file.unwrap().path())).sum()
}
