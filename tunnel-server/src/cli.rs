//! The command line: which command does what was typed.

mod answer;
mod command;
mod command_error;
mod domain;
mod log;
mod output;
mod pages;
mod probe;
mod reload;
mod resources;
mod serve;
mod settings_source;
mod systemd;

use answer::{WRONG, unwritten, usable, wrong};
use clap::error::{ContextKind, ContextValue};
use command::command;
use core::sync::atomic::AtomicBool;
use hybrid_tunnel_server::{is_content, is_secret};
use rustix::process::Signal;
use std::io::{self, Write as _};
use std::process::ExitCode;
use std::sync::Arc;

pub(crate) fn run() -> ExitCode {
    // The TLS key is in this process: no core dumps, no debugger of the same user.
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
    // With a limit of file sizes a write is to fail, not to end the program: that needs a handler.
    let xfsz = Arc::new(AtomicBool::new(false));
    let _ = signal_hook::flag::register(Signal::XFSZ.as_raw(), xfsz);
    let matches = match command().try_get_matches() {
        Ok(matches) => matches,
        Err(answer) => return answered(&answer),
    };
    match matches.subcommand() {
        Some(("serve", matches)) => serve::run(matches),
        Some(("domain", matches)) => domain::run(matches),
        Some(("probe", matches)) => probe::run(matches),
        Some(("pages", matches)) => pages::run(matches),
        _ => ExitCode::from(WRONG),
    }
}

/// Prints what clap has to say: help and version, which were asked for, or what is wrong with the
/// command line. clap repeats what it does not understand, so of a key that was given in place of
/// something else it would repeat all.
fn answered(answer: &clap::Error) -> ExitCode {
    let repeated = |(_, value): (ContextKind, &ContextValue)| matches!(value, ContextValue::String(text) if is_secret(text));
    let mut arguments = std::env::args_os().skip(1);
    let secret = answer.context().any(repeated)
        || arguments.any(|argument| is_content(&argument.to_string_lossy()));
    if answer.use_stderr() && secret {
        return wrong(
            &"an argument looks like the content of a file, not like an option or a file name; it is not shown",
        );
    }
    let printed = if answer.use_stderr() {
        Ok(())
    } else {
        usable()
    };
    let printed = printed
        .and_then(|()| answer.print())
        .and_then(|()| io::stdout().flush());
    match printed {
        Err(error) if !answer.use_stderr() => unwritten(&error),
        Ok(()) | Err(_) => ExitCode::from(u8::try_from(answer.exit_code()).unwrap_or(WRONG)),
    }
}
