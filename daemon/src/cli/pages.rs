//! `hybridd pages`: man pages and shell completions, for whoever packages or installs it.

use super::exit::Exit;
use super::say::say;
use super::{agent, doctor, explain, history, inspect, key, options, policy, report};
use crate::settings::SETTINGS;
use crate::utc::utc;
use clap::Command;
use hybrid_pages::{CommandPage, Manual, made_at};
use std::path::PathBuf;

/// What the page of `pages` says.
pub(super) const PAGE: CommandPage = CommandPage {
    exits: &[
        (0, "all files were written"),
        (2, "one could not be written; it is as it was before"),
    ],
    notes: "\
The packages have all of it in its place. Completions take effect where the shell looks for them: hybridd.bash as
~/.local/share/bash-completion/completions/hybridd, _hybridd in a folder of zsh's fpath, hybridd.fish in ~/.config/fish/completions.",
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
        (1, "the phone or the person declined; hybridd policy: refused, or something was found"),
        (2, "wrong usage or input"),
        (3, "a prerequisite failed, or a policy refuses before the phone is asked; which one is said, with an error code"),
        (4, "timed out although no prerequisite had failed; the stage that was waited for is said"),
        (5, "a bug in hybridd"),
        (6, "done on the phone, but the answer could not be written"),
    ],
    notes: "\
Programs on this computer see a security key, and the phone answers in its place: the service hybridd.service makes the key, and an
agent in each session with a desktop (hybridd-agent.service, see hybridd-agent(1)) shows the QR code. hybridd-register(1) and
hybridd-sign-in(1) sign in without the key, from the command line. Whatever fails has an error code such as BT02, which hybridd-explain(1)
explains.

Words: a relay (tunnel server) carries the encrypted messages between phone and computer; an advert is what the phone sends by
Bluetooth to prove that it is near; a timeline is a file of what happened in one sign-in, and when.

There is no address for bug reports yet; SECURITY.md says how to report a vulnerability.",
    examples: &[
        ("Does this computer have everything that a sign-in needs?", "hybridd doctor"),
        ("Do programs see the security key?", "hybridd key status"),
        ("What does an error code, or a text on a screen, mean?", "hybridd explain BT03"),
        ("What did the key's service, and the agent of this session, do?", "journalctl -u hybridd; journalctl --user -u hybridd-agent"),
    ],
    also: &[
        "bluetoothctl(1)",
        "ssh-keygen(1)",
        "the manual in /usr/share/doc/hybridd (README.md first)",
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
        date: utc(made_at()).chars().take(10).collect(),
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
            "Your own settings; below $XDG_CONFIG_HOME if that is set. A password belongs here, with mode 0600.",
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
            "The manual: README.md, security-key.md, settings.md, codes.md, privacy.md and others; in samples/ what the examples of these pages can be tried with.",
        ),
        (
            "/usr/lib/systemd/system/hybridd.service, /usr/lib/systemd/user/hybridd-agent.service",
            "The units of the service and of each user's agent. They run /usr/libexec/hybridd/key and hybridd agent, which shows \
             /usr/libexec/hybridd/prompt-gtk. security-key.md lists every file that is installed.",
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
    let of_others = [
        (
            "SSL_CERT_FILE, SSL_CERT_DIR",
            "Certificates of authorities that are trusted in place of the system's.",
        ),
        (
            "DBUS_SYSTEM_BUS_ADDRESS",
            "The system bus, on which Bluetooth is.",
        ),
        ("NO_COLOR", "If it is set, nothing is coloured."),
        (
            "TERM",
            "What the terminal can draw; for dumb the code is written without moving the cursor.",
        ),
        (
            "XDG_CONFIG_HOME, XDG_STATE_HOME, XDG_RUNTIME_DIR",
            "Where the files above are, in place of ~/.config, ~/.local/state and /run/user.",
        ),
    ];
    let of_others = of_others.map(|(name, what)| (name.to_owned(), what.to_owned()));
    variables.chain(of_others).collect()
}
