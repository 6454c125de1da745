//! The command line: what a person types.

mod agent;
mod doctor;
mod exit;
mod explain;
mod key;
mod last_timeline;
mod options;
mod options_input;
mod progress;
mod prompt;
mod say;
mod screen;
mod sign_in;
mod stdout;
mod wrap;

use crate::output::{self, LAST_LINES};
use clap::{Parser, Subcommand};
use exit::Exit;
use say::say;
use std::process::ExitCode;
use std::time::Instant;

/// Cross-device passkey sign-in for Linux desktops, with a diagnosis of why it hangs.
#[derive(Parser)]
#[command(version, name = "hybridd")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Registers a passkey on a phone: creation options in, registration response out, as WebAuthn
    /// JSON.
    #[command(after_help = options::EXITS)]
    Register(options::CeremonyArgs),
    /// Signs in with a passkey of a phone: request options in, authentication response out, as
    /// WebAuthn JSON.
    #[command(after_help = options::EXITS)]
    SignIn(options::CeremonyArgs),
    /// Looks at every prerequisite as a step, without a phone. Exit code 0 when nothing is wrong.
    Doctor(doctor::DoctorArgs),
    /// Sends a harmless test advert, so that a second computer's doctor can prove that it hears
    /// such adverts.
    Beacon(doctor::BeaconArgs),
    /// Says what a code means, why a saved session did not advance, or what Chromium's log of a
    /// sign-in says.
    Explain(explain::ExplainArgs),
    /// Answers for the security key in this session: a phone takes the place of a key that is
    /// plugged in.
    Agent(agent::AgentArgs),
    /// Switches the security key on or off, or says whether programs see it, and why not.
    Key(key::KeyArgs),
    /// Shows what an agent says, in a terminal.
    #[command(hide = true, name = "prompt-terminal")]
    Prompt,
}

/// Runs the command that was typed.
pub fn main() -> ExitCode {
    // Keys and replies are in this process: no core dumps, no debugger of the same user.
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
    let exit = match Cli::try_parse() {
        Ok(cli) => {
            // The agent's log is the journal, where each request has its line.
            let is_agent = matches!(cli.command, Command::Agent(_));
            crate::log::init(if is_agent { "info" } else { "warn" });
            run(cli.command)
        }
        Err(told) => tell(&told),
    };
    let _ = output::stderr().finish(Instant::now() + LAST_LINES);
    exit.into()
}

/// What the command line's parser has to say: help and version are answers, the rest is wrong
/// usage.
fn tell(told: &clap::Error) -> Exit {
    match told.print() {
        _ if told.use_stderr() => Exit::Usage,
        Ok(()) => Exit::Done,
        Err(error) => stdout::lost(&error, Exit::Done),
    }
}

fn run(command: Command) -> Exit {
    // One thread suffices for waiting on a radio and a socket, and keeps the process small.
    let runtime = match tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            say(&format!("hybridd: cannot start: {error}"));
            return Exit::Defect;
        }
    };
    let exit = runtime.block_on(async {
        match command {
            Command::Register(args) => sign_in::register(args).await,
            Command::SignIn(args) => sign_in::sign_in(args).await,
            Command::Doctor(args) => doctor::doctor(args).await,
            Command::Beacon(args) => doctor::beacon(args).await,
            Command::Explain(args) => explain::run(&args),
            Command::Agent(args) => agent::run(args).await,
            Command::Key(args) => key::run(args).await,
            Command::Prompt => prompt::run().await,
        }
    });
    // Bluetooth and file threads may still be busy; nothing of theirs matters now.
    runtime.shutdown_background();
    exit
}
