//! Errors for those who read JSON, in one form for every command that has `--json`.

use super::stdout;
use clap::Command;
use hybrid_diagnosis::finding::Finding;
use hybrid_protocol::{Stage, printable};
use serde_json::{Value, json};
use std::ffi::OsString;

/// Wrong usage or input.
pub(super) const USAGE: &str = "usage";

/// Prints an error with what was found.
pub(super) fn found(code: &str, stage: Option<Stage>, findings: &[Finding]) {
    let findings: Vec<_> = findings.iter().map(Finding::to_json).collect();
    let stage = stage.map(Stage::name);
    stdout::write_error(&json!({"error": {"code": code, "stage": stage, "findings": findings}}));
}

/// Prints an error with the verdicts of a policy.
pub(super) fn judged(code: &str, verdicts: Vec<Value>) {
    stdout::write_error(&json!({"error": {"code": code, "stage": null, "findings": verdicts}}));
}

/// Prints an error that has no finding, in words.
pub(super) fn worded(code: &str, why: &str) {
    // Usage comes in several lines; a value is one.
    let why = why.split_whitespace().collect::<Vec<_>>().join(" ");
    stdout::write_error(&json!({
        "error": {"code": code, "stage": null, "findings": [], "why": printable(&why)},
    }));
}

/// Whether what was typed asks for JSON, although it cannot be understood as a whole: `--json`
/// stands there, before any `--`, and the command, if one can be told, has it.
pub(super) fn is_wanted(program: &Command, typed: impl IntoIterator<Item = OsString>) -> bool {
    let mut command = program;
    let mut wanted = false;
    for argument in typed.into_iter().skip(1) {
        let Some(argument) = argument.to_str() else {
            continue;
        };
        if argument == "--" {
            break;
        }
        if argument == "--json" || argument.starts_with("--json=") {
            wanted = true;
        } else if let Some(known) = command.find_subcommand(argument) {
            command = known;
        }
    }
    let is_leaf = !command.has_subcommands();
    wanted && (!is_leaf || command.get_arguments().any(|arg| arg.get_id() == "json"))
}
