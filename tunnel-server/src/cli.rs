//! The command line: which command does what was typed.

mod answer;
mod command;
mod command_error;
mod domain;
mod log;
mod output;
mod pages;
mod probe;
mod serve;
mod systemd;

use answer::{WRONG, unwritten, wrong};
use command::command;
use hybrid_tunnel_server::is_content;
use std::io::{self, Write as _};
use std::process::ExitCode;

pub(crate) fn run() -> ExitCode {
    // The TLS key is in this process: no core dumps, no debugger of the same user.
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
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
/// command line. clap repeats what it does not understand, so of a key that was given in place of a
/// file's name it would repeat all.
fn answered(answer: &clap::Error) -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    if answer.use_stderr() && arguments.any(|argument| is_content(&argument.to_string_lossy())) {
        return wrong(
            &"an argument is no option and no file's name but what should be in a file; it is not shown",
        );
    }
    let printed = answer.print().and_then(|()| io::stdout().flush());
    match printed {
        Err(error) if !answer.use_stderr() => unwritten(&error),
        Ok(()) | Err(_) => ExitCode::from(u8::try_from(answer.exit_code()).unwrap_or(WRONG)),
    }
}
