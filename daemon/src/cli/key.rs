//! `hybridd key on|off|status|forget`.

use super::answer::{print, print_sentences};
use super::exit::Exit;
use super::json_error;
use super::say::say;
use crate::agent::clock::moment;
use crate::agent::folders::Folders;
use crate::agent::key_state::{KeyState, look};
use crate::agent::switch::{Switch, Written};
use crate::private_file::write_private;
use hybrid_diagnosis::finding::Finding;
use hybrid_pages::CommandPage;
use hybrid_radio::bluez::Bus;
use serde_json::json;
use std::env;
use std::fmt;
use std::fs;
use std::io;
use std::time::Duration;

/// Longer is not a while.
const LONGEST_WHILE: Duration = Duration::from_secs(7 * 24 * 3600);

const EXITS: &[(u8, &str)] = &[
    (0, "done"),
    (2, "wrong usage"),
    (3, "a prerequisite is missing; the message names it"),
];

const fn page_of(examples: &'static [(&'static str, &'static str)]) -> CommandPage {
    CommandPage {
        exits: EXITS,
        notes: "",
        examples,
        also: &["hybridd-agent(1)", "hybridd-doctor(1)"],
    }
}

/// What the page of `key` says.
pub(super) const PAGE: CommandPage = page_of(&[]);
/// What the page of `key on` says.
pub(super) const ON: CommandPage = page_of(&[("Makes the key visible again:", "hybridd key on")]);
/// What the page of `key off` says.
pub(super) const OFF: CommandPage = page_of(&[(
    "A browser is to see only the key that is plugged in, for ten minutes:",
    "hybridd key off --for 10m",
)]);
/// What the page of `key status` says.
pub(super) const STATUS: CommandPage = CommandPage {
    exits: &[
        (0, "programs see the security key"),
        (2, "wrong usage"),
        (3, "they do not; a code says why"),
    ],
    ..page_of(&[
        ("Do programs see the key?", "hybridd key status"),
        (
            "What does the code mean, and what is to be done?",
            "hybridd explain UH05",
        ),
    ])
};
/// What the page of `key forget` says.
pub(super) const FORGET: CommandPage = page_of(&[("Erases them:", "hybridd key forget")]);

#[derive(clap::Args)]
pub(super) struct KeyArgs {
    #[command(subcommand)]
    verb: KeyVerb,
}

#[derive(clap::Subcommand)]
enum KeyVerb {
    /// Makes the security key visible to programs, as after installation.
    #[command(after_help = ON.help())]
    On(WhileArgs),
    /// Hides the security key from programs.
    #[command(after_help = OFF.help())]
    Off(WhileArgs),
    /// Reports whether programs see the security key and, if not, why.
    #[command(after_help = STATUS.help())]
    Status {
        /// Prints JSON.
        #[arg(long)]
        json: bool,
    },
    /// Forgets which credentials phones have used. ssh keys are then not recognised until they are
    /// used once with no other security key plugged in.
    #[command(after_help = FORGET.help())]
    Forget,
}

#[derive(clap::Args)]
struct WhileArgs {
    /// Only for this long, such as 10m, 90s or 2h, and at most a week (168h); then the previous state
    /// returns.
    #[arg(long = "for", value_name = "TIME", value_parser = time)]
    how_long: Option<Duration>,
}

pub(super) async fn run(args: KeyArgs) -> Exit {
    let Some(folders) = Folders::of_person(|name| env::var_os(name)) else {
        let why = "there is no home folder (HOME)";
        say(&format!("hybridd: {why}"));
        if matches!(args.verb, KeyVerb::Status { json: true }) {
            json_error::worded("home", why);
        }
        return Exit::Prerequisite;
    };
    match args.verb {
        KeyVerb::On(args) => set(&folders, true, args.how_long),
        KeyVerb::Off(args) => set(&folders, false, args.how_long),
        KeyVerb::Status { json } => status(&folders, json).await,
        KeyVerb::Forget => match fs::remove_file(folders.memory()) {
            Ok(()) => Exit::Done,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Exit::Done,
            Err(error) => {
                say(&format!("hybridd: cannot forget: {error}"));
                Exit::Prerequisite
            }
        },
    }
}

fn set(folders: &Folders, on: bool, how_long: Option<Duration>) -> Exit {
    let path = folders.switch();
    let before = match Switch::read(&path) {
        Ok(Written::Switch(switch)) => switch,
        Ok(Written::Newer(version)) => {
            say(&format!(
                "hybridd: a newer version of hybridd wrote {} (version {version}); it is left unchanged",
                path.display()
            ));
            return Exit::Prerequisite;
        }
        Err(error) => {
            say(&format!("hybridd: cannot read {}: {error}", path.display()));
            return Exit::Prerequisite;
        }
    };
    let switch = match how_long {
        Some(how_long) => before.set_for(on, how_long, &moment()),
        None => Switch::set(on),
    };
    let created = folders.create().map_err(Into::into);
    match created.and_then(|()| write_private(&path, switch.to_text().as_bytes())) {
        Ok(()) => Exit::Done,
        Err(error) => {
            say(&format!(
                "hybridd: cannot write {}: {error}",
                path.display()
            ));
            Exit::Prerequisite
        }
    }
}

async fn status(folders: &Folders, json: bool) -> Exit {
    let state = look(folders, &Bus::System).await;
    let left = match Switch::read(&folders.switch()) {
        Ok(Written::Switch(switch)) => switch.left(&moment()),
        Ok(Written::Newer(_)) | Err(_) => None,
    };
    let (word, finding) = match &state {
        KeyState::Present => ("present", None),
        KeyState::Asking => ("asking", None),
        KeyState::Absent(finding) => ("absent", Some(finding)),
    };
    let exit = match state {
        KeyState::Present => Exit::Done,
        KeyState::Asking | KeyState::Absent(_) => Exit::Prerequisite,
    };
    if json {
        let seconds = left.map(|left| left.as_secs());
        let finding = finding.map(Finding::to_json);
        let line = json!({"key": word, "finding": finding, "seconds_left": seconds});
        print(&format!("{line}\n"), exit)
    } else {
        let left = left.map_or_else(String::new, |left| {
            format!(", for another {}", duration(left))
        });
        let finding = finding.map_or_else(String::new, |finding| format!("{finding}\n"));
        print_sentences(&format!("{word}{left}\n{finding}"), exit)
    }
}

/// As a person says it; the smaller unit only where it matters.
fn duration(left: Duration) -> String {
    let seconds = left.as_secs();
    let (hours, minutes) = (seconds / 3600, seconds % 3600 / 60);
    match (hours, minutes) {
        (0, 0) => format!("{seconds} s"),
        (0, minutes) => format!("{minutes} min {} s", seconds % 60),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

fn time(text: &str) -> Result<Duration, NoTime> {
    let unit_at = text.len().saturating_sub(1);
    let (number, unit) = text.split_at_checked(unit_at).ok_or(NoTime)?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => return Err(NoTime),
    };
    let number: u64 = number.parse().map_err(|_| NoTime)?;
    let time = Duration::from_secs(number.checked_mul(seconds).ok_or(NoTime)?);
    (!time.is_zero() && time <= LONGEST_WHILE)
        .then_some(time)
        .ok_or(NoTime)
}

/// A time was expected.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct NoTime;

impl fmt::Display for NoTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected a time from 1s to 168h, such as 90s, 10m or 2h")
    }
}

impl std::error::Error for NoTime {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_told_in_units_that_people_use() {
        for (seconds, told) in [
            (0, "0 s"),
            (59, "59 s"),
            (60, "1 min 0 s"),
            (3599, "59 min 59 s"),
            (3600, "1 h 0 min"),
            (604_800, "168 h 0 min"),
        ] {
            assert_eq!(duration(Duration::from_secs(seconds)), told);
        }
    }

    #[test]
    fn a_while_is_a_number_with_its_unit() {
        assert_eq!(time("10m"), Ok(Duration::from_secs(600)));
        assert_eq!(time("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(time("168h"), Ok(LONGEST_WHILE));
        for wrong in [
            "",
            "m",
            "10",
            "0s",
            "169h",
            "-1m",
            "10 m",
            "1d",
            "10é",
            "99999999999999999h",
        ] {
            assert_eq!(time(wrong), Err(NoTime), "{wrong}");
        }
    }
}
