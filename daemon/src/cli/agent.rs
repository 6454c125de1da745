//! `hybridd agent`.

use super::exit::Exit;
use super::say::say;
use crate::agent::folders::Folders;
use crate::agent::prompt::PromptProgram;
use crate::agent::report_file::{AgentPlace, NoPlace};
use crate::agent::{Agent, AgentWorld};
use crate::settings::GatheredSettings;
use clap::ValueEnum;
use hybrid_diagnosis::catalogue::ANOTHER_KEY_AGENT;
use hybrid_diagnosis::finding::Finding;
use hybrid_pages::CommandPage;
use hybrid_radio::bluez::Bus;
use std::env;
use std::io;
use std::path::PathBuf;
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// The window, which is a program of its own.
pub(super) const WINDOW: &str = "/usr/libexec/hybridd/prompt-gtk";
/// Both, agent and prompt, hear of a Ctrl-C within this time.
const ONE_KEY: Duration = Duration::from_millis(500);
/// A prompt that is up is told to disappear, and does so by then.
const FAREWELL: Duration = Duration::from_millis(300);

/// What the page of `agent` says.
pub(super) const PAGE: CommandPage = CommandPage {
    exits: &[
        (0, "ended by Ctrl-C or SIGTERM"),
        (2, "wrong usage or settings"),
        (3, "another agent of yours is running (UH12), or there is no home folder"),
        (5, "a bug in hybridd"),
    ],
    notes: "\
In a session with a desktop, systemd starts it (hybridd-agent.service, a unit of each user). It needs no rights, and the key's service
(hybridd.service) on this computer. While something is missing (the system bus, the service, Bluetooth, the window) it goes on and
tries again; hybridd key status and hybridd doctor say what it is.",
    examples: &[
        (
            "Ends the agent of the session: only one can be there.",
            "systemctl --user stop hybridd-agent",
        ),
        (
            "After that, without a window: requests are shown in this terminal.",
            "hybridd agent --prompt terminal",
        ),
        (
            "What did the agent of this session do?",
            "journalctl --user -u hybridd-agent.service",
        ),
    ],
    also: &["hybridd-key(1)", "hybridd-doctor(1)", "ssh-keygen(1)"],
};

#[derive(clap::Args)]
pub(super) struct AgentArgs {
    /// How to ask the user.
    #[arg(long, value_enum, default_value = "gtk")]
    prompt: PromptChoice,
    /// Passes a phone's empty attestation to ssh and PAM, too. By default, they get a statement that
    /// hybridd generates and that proves nothing, because OpenSSH before 10.0 and pamu2fcfg accept
    /// no new key without one. Sites never get one.
    #[arg(long)]
    pub(super) plain_attestation: bool,
}

/// How a person is asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum PromptChoice {
    /// In a window.
    Gtk,
    /// In the terminal in which the agent was started.
    Terminal,
    /// Not at all: every request ends, and a notification says why.
    None,
}

impl PromptChoice {
    fn program(self) -> Option<PromptProgram> {
        match self {
            Self::Gtk => Some(PromptProgram {
                program: window(),
                args: Vec::new(),
                lingers: true,
                has_terminal: false,
            }),
            // This very program, also after it was replaced on the disk.
            Self::Terminal => Some(PromptProgram {
                program: "/proc/self/exe".into(),
                args: vec!["prompt-terminal".into()],
                lingers: false,
                has_terminal: true,
            }),
            Self::None => None,
        }
    }
}

/// The window: of a build beside this program, otherwise as it is installed.
fn window() -> PathBuf {
    let installed = PathBuf::from(WINDOW);
    let Ok(own) = env::current_exe() else {
        return installed;
    };
    let beside = own.with_file_name("prompt-gtk");
    if beside.is_file() { beside } else { installed }
}

pub(super) async fn run(args: AgentArgs, settings: GatheredSettings) -> Exit {
    let settings = match settings.usable() {
        Ok(settings) => settings,
        Err(problem) => {
            say(&format!("hybridd: {problem}"));
            return Exit::Usage;
        }
    };
    let Some(folders) = Folders::of_person(|name| env::var_os(name)) else {
        say("hybridd: there is no home folder (HOME), where the agent stores its data");
        return Exit::Prerequisite;
    };
    let _place = match AgentPlace::take(&folders) {
        Ok(place) => place,
        Err(NoPlace::Taken) => {
            let saw = NoPlace::Taken.to_string();
            say(&Finding::certain(&ANOTHER_KEY_AGENT, &saw).to_string());
            return Exit::Prerequisite;
        }
        Err(error @ NoPlace::Io(_)) => {
            say(&format!("hybridd: {error}"));
            return Exit::Prerequisite;
        }
    };
    let (mut stop, mut interrupt) = match listen() {
        Ok(signals) => signals,
        Err(error) => {
            say(&format!("hybridd: cannot handle signals: {error}"));
            return Exit::Defect;
        }
    };
    if args.prompt == PromptChoice::Terminal {
        say("Waiting for programs that use the security key. Press Ctrl-C to stop.");
    }
    let agent = Agent::new(AgentWorld {
        bus: Bus::System,
        network: settings.network(),
        adapters: settings.values.adapters.clone(),
        prompt: args.prompt.program(),
        folders,
        vouches: !settings.values.plain_attestation,
        policies: settings.values.policies,
        history: settings.values.history,
    });
    let responder = agent.responder();
    let interrupted = async {
        while interrupt.recv().await.is_some() {
            // While a code is shown, Ctrl-C is the prompt's, which may be faster than we are.
            if !responder.was_busy_within(ONE_KEY) {
                return;
            }
        }
    };
    let exit = tokio::select! {
        _ = stop.recv() => Exit::Done,
        () = interrupted => Exit::Done,
        served = agent.serve() => match served {
            Ok(()) => Exit::Defect,
            Err(error) => {
                say(&format!("hybridd: cannot watch the switch of the key: {error}"));
                Exit::Prerequisite
            }
        },
    };
    if responder.was_busy_within(Duration::ZERO) {
        responder.service_changed();
        tokio::time::sleep(FAREWELL).await;
    }
    exit
}

fn listen() -> io::Result<(Signal, Signal)> {
    Ok((
        signal(SignalKind::terminate())?,
        signal(SignalKind::interrupt())?,
    ))
}
