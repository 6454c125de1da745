//! The command line: what a person types, and the exit codes that scripts rely on.

mod canvas;
mod doctor;
mod explain;
mod face;
mod last;
mod options;
mod sign_in;
mod wrap;

use hybrid_protocol::printable_lines;
use clap::{Parser, Subcommand};
use std::io::Write as _;
use std::process::ExitCode;

/// Cross-device passkey sign-in for Linux desktops, with a diagnosis of why it hangs.
#[derive(Parser)]
#[command(version, name = "hybridd")]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Registers a passkey on a phone: creation options in, registration response out, as WebAuthn JSON.
    Register(options::Ceremony),
    /// Signs in with a passkey of a phone: request options in, authentication response out, as WebAuthn JSON.
    SignIn(options::Ceremony),
    /// Looks at every prerequisite as a step, without a phone. Exit code 0 when nothing is wrong.
    Doctor(doctor::Doctor),
    /// Sends a harmless test advert, so that a second computer's doctor can prove that it hears such adverts.
    Beacon(doctor::BeaconArgs),
    /// Says what a code means, why a saved session did not advance, or what Chromium's log of a sign-in says.
    Explain(explain::Explain),
}

/// The exit codes of every command.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Exit {
    /// Done.
    Done = 0,
    /// The phone or the person declined.
    Declined = 1,
    /// Wrong usage or input.
    Usage = 2,
    /// A prerequisite failed.
    Prerequisite = 3,
    /// Timed out.
    TimedOut = 4,
    /// Our own defect.
    Defect = 5,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Runs the command that was typed.
pub fn main() -> ExitCode {
    // Keys and replies are in this process: no core dumps, no debugger of the same user.
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
    crate::log::init();
    let cli = Cli::parse();
    // One thread suffices for waiting on a radio and a socket, and keeps the process small.
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            say(&format!("hybridd: cannot start: {error}"));
            return Exit::Defect.into();
        }
    };
    let exit = runtime.block_on(async {
        match cli.command {
            Command::Register(args) => sign_in::register(args).await,
            Command::SignIn(args) => sign_in::sign_in(args).await,
            Command::Doctor(args) => doctor::doctor(args).await,
            Command::Beacon(args) => doctor::beacon(args).await,
            Command::Explain(args) => explain::run(&args),
        }
    });
    // Bluetooth and file threads may still be busy; nothing of theirs matters now.
    runtime.shutdown_background();
    exit.into()
}

/// A line for the person. It may quote what others say; nothing in it can steer a terminal.
fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{}", printable_lines(line));
}
