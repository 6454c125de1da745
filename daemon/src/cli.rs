//! The command line: what a person types.

mod agent;
mod answer;
mod doctor;
mod exit;
mod explain;
mod forecast;
mod history;
mod inspect;
mod json_error;
mod key;
mod keyboard;
mod last_timeline;
mod options;
mod options_input;
mod pages;
mod policy;
mod progress;
mod prompt;
mod report;
mod say;
mod setting_flags;
mod sign_in;
mod stdout;

use crate::output::{self, LAST_LINES};
use crate::screen;
use crate::settings::{GatheredSettings, SettingsFiles};
use answer::without_logins;
use clap::{CommandFactory as _, Parser, Subcommand};
use exit::Exit;
use say::say;
use setting_flags::SettingFlags;
use std::env;
use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;
use std::time::Instant;
use tokio::runtime::Runtime;

/// Signs in on a Linux desktop with a passkey on a phone, and diagnoses why a sign-in hangs.
#[derive(Parser)]
#[command(version, name = "hybridd")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Registers a passkey on a phone: reads creation options and prints the registration response,
    /// both as WebAuthn JSON.
    #[command(after_help = options::REGISTER.help())]
    Register(options::CeremonyArgs),
    /// Signs in with a passkey on a phone: reads request options and prints the authentication
    /// response, both as WebAuthn JSON.
    #[command(after_help = options::SIGN_IN.help())]
    SignIn(options::CeremonyArgs),
    /// Checks every prerequisite step by step, without a phone.
    #[command(after_help = doctor::DOCTOR.help())]
    Doctor(doctor::DoctorArgs),
    /// Sends a harmless test advert, so that doctor on a second computer can prove that it receives
    /// such adverts.
    #[command(after_help = doctor::BEACON.help())]
    Beacon(doctor::BeaconArgs),
    /// Explains a code, a text on a screen, the timeline of a sign-in, or Chromium's log of one.
    #[command(after_help = explain::PAGE.help())]
    Explain(explain::ExplainArgs),
    /// Decodes a response, options, a record or a pasted field: the passkey's model and who vouches for
    /// it, whether it is synced, and what is odd. Sends nothing anywhere.
    #[command(after_help = inspect::PAGE.help())]
    Inspect(inspect::InspectArgs),
    /// Judges passkeys by an organisation's exported policy (Microsoft Entra): accepted or refused, why,
    /// and what a change would do. Sends nothing anywhere.
    #[command(after_help = policy::PAGE.help())]
    Policy(policy::PolicyArgs),
    /// Lists the registrations and sign-ins on this computer, and their results by week.
    #[command(after_help = history::PAGE.help())]
    History(history::HistoryArgs),
    /// Writes a page and a bundle for the help desk: the current state, the last sign-in and the
    /// passkey, with the first stage that failed on top.
    #[command(after_help = report::PAGE.help())]
    Report(report::ReportArgs),
    /// Answers the requests to the security key in this session: a phone replaces a plugged-in key.
    #[command(after_help = agent::PAGE.help())]
    Agent(agent::AgentArgs),
    /// Switches the security key on or off, and reports whether programs see it and, if not, why.
    #[command(after_help = key::PAGE.help())]
    Key(key::KeyArgs),
    /// Writes man pages and shell completions into a folder, for packaging or installation.
    #[command(after_help = pages::PAGE.help())]
    Pages(pages::PagesArgs),
    /// Shows an agent's requests in a terminal.
    #[command(hide = true, name = "prompt-terminal")]
    Prompt,
}

/// Runs the command that was typed.
pub fn main() -> ExitCode {
    // Keys and replies are in this process: no core dumps, no debugger of the same user.
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
    let runtime = match hybrid_process::runtime() {
        Ok(runtime) => runtime,
        Err(shortage) => {
            // Without any thread that could do it.
            let _ = writeln!(io::stderr(), "hybridd: cannot start: {shortage}");
            return Exit::Prerequisite.into();
        }
    };
    let exit = match Cli::try_parse() {
        Ok(cli) => start(&runtime, cli.command),
        Err(told) => tell(&told),
    };
    // Bluetooth and file threads may still be busy; nothing of theirs matters now.
    runtime.shutdown_background();
    screen::stderr().end();
    let _ = output::stderr().finish(Instant::now() + LAST_LINES);
    exit.into()
}

/// What the command line's parser has to say: help and version are answers, the rest is wrong
/// usage.
fn tell(told: &clap::Error) -> Exit {
    let text = told.render().to_string();
    if told.use_stderr() {
        // It repeats what was typed, which may be anything.
        let text = without_logins(text.trim_end());
        say(&text);
        if json_error::is_wanted(&Cli::command(), env::args_os()) {
            json_error::worded(json_error::USAGE, &text);
        }
        return Exit::Usage;
    }
    let printed = if io::stdout().is_terminal() {
        told.print()
    } else {
        stdout::write(&text)
    };
    match printed {
        Ok(()) => Exit::Done,
        Err(error) => stdout::lost(&error, Exit::Done),
    }
}

fn start(runtime: &Runtime, command: Command) -> Exit {
    let settings = settings(&command);
    // The agent's log is the journal, where each request has its line.
    let usual = match command {
        Command::Agent(_) => "info",
        Command::Register(_)
        | Command::SignIn(_)
        | Command::Doctor(_)
        | Command::Beacon(_)
        | Command::Explain(_)
        | Command::Inspect(_)
        | Command::Policy(_)
        | Command::History(_)
        | Command::Report(_)
        | Command::Key(_)
        | Command::Pages(_)
        | Command::Prompt => "warn",
    };
    let asked = settings.settings.values.log.as_deref();
    crate::log::init(asked.unwrap_or(usual));
    run(runtime, command, settings)
}

/// All that is set. What cannot be used is refused by the commands that sign in, answer or send.
fn settings(command: &Command) -> GatheredSettings {
    let flags = match command {
        Command::Register(args) | Command::SignIn(args) => args.settings.clone(),
        Command::Doctor(args) => SettingFlags::adapters(&args.examination.adapter),
        Command::Report(args) => SettingFlags::adapters(&args.examination.adapter),
        Command::Agent(args) => SettingFlags::plain_attestation(args.plain_attestation),
        Command::Beacon(_)
        | Command::Explain(_)
        | Command::Inspect(_)
        | Command::Policy(_)
        | Command::History(_)
        | Command::Key(_)
        | Command::Pages(_)
        | Command::Prompt => SettingFlags::default(),
    };
    let files = SettingsFiles::of_system(|name| env::var_os(name));
    GatheredSettings::of(&files, env::vars_os(), flags.given())
}

fn run(runtime: &Runtime, command: Command, settings: GatheredSettings) -> Exit {
    runtime.block_on(async {
        match command {
            Command::Register(args) => sign_in::register(args, settings).await,
            Command::SignIn(args) => sign_in::sign_in(args, settings).await,
            Command::Doctor(args) => doctor::doctor(args, settings).await,
            Command::Beacon(args) => doctor::beacon(args, settings).await,
            Command::Explain(args) => explain::run(&args),
            Command::Inspect(args) => inspect::run(&args),
            Command::Policy(args) => policy::run(&args),
            Command::History(args) => history::run(&args, &settings),
            Command::Report(args) => report::run(args, settings).await,
            Command::Agent(args) => agent::run(args, settings).await,
            Command::Key(args) => key::run(args).await,
            Command::Pages(args) => pages::run(&args, &Cli::command()),
            Command::Prompt => prompt::run().await,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::ffi::{OsStr, OsString};
    use std::fs;
    use std::path::Path;

    #[test]
    fn json_is_wanted_by_whoever_typed_it_for_a_command_that_has_it() {
        let program = Cli::command();
        for (typed, wanted) in [
            ("hybridd doctor --json --secnds 3", true),
            ("hybridd sign-in --json", true),
            ("hybridd register --origin x --json=yes", true),
            ("hybridd key status --json --x", true),
            ("hybridd explain --json --timeline", true),
            ("hybridd sing-in --json", true),
            ("hybridd --json", true),
            ("hybridd doctor --secnds 3", false),
            ("hybridd beacon --json", false),
            ("hybridd key on --json", false),
            ("hybridd explain --x -- --json", false),
        ] {
            let typed_words = typed.split(' ').map(OsString::from);
            assert_eq!(
                json_error::is_wanted(&program, typed_words),
                wanted,
                "{typed}"
            );
        }
    }

    /// Every command that is shown, by its page's name.
    fn all_shown(command: &clap::Command, into: &mut Vec<String>) {
        into.push(
            command
                .get_display_name()
                .unwrap_or(command.get_name())
                .to_owned(),
        );
        for below in command.get_subcommands().filter(|it| !it.is_hide_set()) {
            all_shown(below, into);
        }
    }

    #[test]
    fn every_page_says_its_exit_codes_and_its_examples_can_be_typed() {
        let mut program = Cli::command().disable_help_subcommand(true);
        program.build();
        let mut names = Vec::new();
        all_shown(&program, &mut names);
        assert!(names.len() > 20, "{names:?}");
        for name in names {
            let page = pages::page(&name);
            assert!(!page.exits.is_empty(), "{name} says no exit codes");
            let all_below = ["hybridd-key", "hybridd-policy"].contains(&name.as_str());
            assert_eq!(page.examples.is_empty(), all_below, "{name}");
            for (_, line) in page.examples {
                let typed = line.split(['>', '<']).next().unwrap();
                let words = typed.split_whitespace().map(|word| word.trim_matches('"'));
                if let Some(mut own) = line.starts_with("hybridd ").then_some(words) {
                    let spelt = name.replacen("hybridd-", "hybridd ", 1);
                    let command = own.clone().nth(1).unwrap();
                    let about_it = spelt.contains(command) || name == "hybridd";
                    assert!(about_it || name == "hybridd-key-status", "{name}: {line}");
                    let read = Cli::try_parse_from(own.by_ref());
                    assert!(read.is_ok(), "{line}: {}", read.err().unwrap());
                }
            }
        }
    }

    #[test]
    fn every_command_that_is_shown_has_a_page_and_the_folder_is_made() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("share/man");
        let write = |folder: &Path| {
            let typed = [
                OsStr::new("hybridd"),
                OsStr::new("pages"),
                folder.as_os_str(),
            ];
            let Command::Pages(args) = Cli::parse_from(typed).command else {
                panic!("another command");
            };
            pages::run(&args, &Cli::command())
        };
        assert_eq!(write(&folder), Exit::Done);
        let entries = fs::read_dir(&folder).unwrap();
        let names: BTreeSet<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        for name in [
            "hybridd.1",
            "hybridd-sign-in.1",
            "hybridd-doctor.1",
            "hybridd-key.1",
            "hybridd-key-status.1",
            "hybridd.bash",
            "_hybridd",
            "hybridd.fish",
        ] {
            assert!(names.contains(name), "{name}: {names:?}");
        }
        assert!(
            !names.iter().any(|name| name.contains("prompt")),
            "{names:?}"
        );
        let page = fs::read_to_string(folder.join("hybridd-sign-in.1")).unwrap();
        assert!(page.contains("origin"), "{page}");
        assert_eq!(write(&folder), Exit::Done, "again");
        let file = folder.join("hybridd.1");
        assert_eq!(write(&file), Exit::Usage, "a file is no folder");
    }
}
