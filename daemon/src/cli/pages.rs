//! `hybridd pages`: man pages and shell completions, for whoever packages or installs it.

use super::exit::Exit;
use super::say::say;
use super::{agent, doctor, explain, history, inspect, key, options, policy, report};
use crate::settings::SETTINGS;
use clap::Command;
use hybrid_pages::{CommandPage, Manual};
use std::path::PathBuf;

/// What the page of `pages` says.
pub(super) const PAGE: CommandPage = CommandPage {
    exits: &[
        (0, "all files were written"),
        (2, "one could not be written; it is as it was before"),
    ],
    notes: "",
    examples: &[(
        "For programs that cargo installed, where man looks for pages:",
        "hybridd pages ~/.cargo/share/man/man1",
    )],
    also: &["man(1)"],
};

/// What the page of the program itself says.
const PROGRAM: CommandPage = CommandPage {
    exits: &[
        (0, "done"),
        (1, "the phone or the person declined, or a policy refuses"),
        (2, "wrong usage or input"),
        (3, "a prerequisite failed; it is named, with a code"),
        (4, "timed out, with the stage that was waited for"),
        (5, "a bug in hybridd"),
        (6, "done on the phone, but the answer could not be written"),
    ],
    notes: "\
Programs on this computer see a security key (hybridd-key, hybridd-agent); commands sign in without one (hybridd-register,
hybridd-sign-in). Whatever fails is named, with a code that hybridd-explain explains.",
    examples: &[
        ("Does this computer have everything that a sign-in needs?", "hybridd doctor"),
        ("Do programs see the security key?", "hybridd key status"),
        ("What does a code, or a text on a screen, mean?", "hybridd explain BT03"),
    ],
    also: &[
        "bluetoothctl(1)",
        "ssh-keygen(1)",
        "the manual in /usr/share/doc/hybridd (security-key.md first)",
    ],
};

#[derive(clap::Args)]
pub(super) struct PagesArgs {
    /// The folder to write to; it is created if it does not exist.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

pub(super) fn run(args: &PagesArgs, program: &Command) -> Exit {
    let manual = Manual {
        program,
        page,
        files: files(),
        variables: variables(),
    };
    match manual.write(&args.folder) {
        Ok(()) => Exit::Done,
        Err(error) => {
            let folder = args.folder.display();
            say(&format!("hybridd: cannot write to {folder}: {error}"));
            Exit::Usage
        }
    }
}

pub(super) fn page(name: &str) -> CommandPage {
    match name {
        "hybridd" => PROGRAM,
        "hybridd-register" => options::REGISTER,
        "hybridd-sign-in" => options::SIGN_IN,
        "hybridd-doctor" => doctor::DOCTOR,
        "hybridd-beacon" => doctor::BEACON,
        "hybridd-explain" => explain::PAGE,
        "hybridd-inspect" => inspect::PAGE,
        "hybridd-policy" => policy::PAGE,
        "hybridd-policy-check" => policy::CHECK,
        "hybridd-policy-lint" => policy::LINT,
        "hybridd-policy-diff" => policy::DIFF,
        "hybridd-policy-profiles" => policy::PROFILES,
        "hybridd-policy-matrix" => policy::MATRIX,
        "hybridd-policy-how-to-export" => policy::HOW_TO_EXPORT,
        "hybridd-history" => history::PAGE,
        "hybridd-report" => report::PAGE,
        "hybridd-agent" => agent::PAGE,
        "hybridd-key" => key::PAGE,
        "hybridd-key-on" => key::ON,
        "hybridd-key-off" => key::OFF,
        "hybridd-key-status" => key::STATUS,
        "hybridd-key-forget" => key::FORGET,
        "hybridd-pages" => PAGE,
        _ => CommandPage::default(),
    }
}

fn files() -> Vec<(String, String)> {
    let files = [
        (
            "/etc/hybridd/config.toml",
            "Settings of this computer, which an administrator may lock. Every key is explained there.",
        ),
        (
            "~/.config/hybridd/config.toml",
            "Your own settings; below $XDG_CONFIG_HOME if that is set.",
        ),
        (
            "~/.local/state/hybridd/",
            "What is kept for you alone, without secrets: the history, the last timeline, the switch of the key, and hashes of the \
             credentials that phones have used; below $XDG_STATE_HOME if that is set.",
        ),
        (
            "$XDG_RUNTIME_DIR/hybridd/",
            "The state of the running agent; gone when you log out.",
        ),
        (
            "/usr/share/doc/hybridd/",
            "The manual: security-key.md, settings.md, codes.md, privacy.md and others.",
        ),
    ];
    files
        .map(|(name, what)| (name.to_owned(), what.to_owned()))
        .into()
}

/// From the table of settings.
fn variables() -> Vec<(String, String)> {
    let settings = SETTINGS
        .iter()
        .filter(|setting| !setting.variables.is_empty());
    let variables = settings.map(|setting| {
        let what = format!(
            "{} [{}; default: {}].",
            setting.what, setting.value, setting.default
        );
        (setting.variables.join(", "), what)
    });
    variables.collect()
}
