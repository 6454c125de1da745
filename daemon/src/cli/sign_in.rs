//! `hybridd register` and `hybridd sign-in`.

use super::face::{CliFace, Sink};
use super::last;
use super::options;
use super::{Exit, say};
use crate::catalogue::US99;
use crate::dial::Network;
use crate::explain;
use crate::finding::Finding;
use crate::radio::bluez::Bluez;
use crate::session::{self, Ask, Outcome, Patience};
use crate::webauthn::{Ceremony, OptionsError, Origin, ReplyError};
use hybrid_protocol::{Cause, Stage};
use serde_json::json;
use std::io::{self, IsTerminal as _, Read as _, Write as _};
use std::path::Path;
use std::time::Duration;
use tokio::sync::mpsc;

/// A script is told that Bluetooth does not work after this long; a person may switch it on.
const SCRIPT_RADIO: Duration = Duration::from_secs(10);
/// Larger than any options of a real site by far.
const MAX_OPTIONS: u64 = 1 << 20;

pub(super) async fn register(args: options::Ceremony) -> Exit {
    start(args, Ceremony::register).await
}

pub(super) async fn sign_in(args: options::Ceremony) -> Exit {
    start(args, Ceremony::sign_in).await
}

type Parse = fn(Origin, &str) -> Result<Ceremony, OptionsError>;

async fn start(args: options::Ceremony, parse: Parse) -> Exit {
    let ceremony = match read_options(&args.options)
        .and_then(|json| parse(args.origin.clone(), &json).map_err(|error| error.to_string()))
    {
        Ok(ceremony) => ceremony,
        Err(why) => return usage(&why, args.json),
    };
    if args.dry_run {
        say(&format!("would {ceremony:#}"));
        return Exit::Done;
    }
    let open = |path: Option<&Path>| {
        path.map(Sink::open)
            .transpose()
            .map_err(|error| format!("cannot write events or timeline: {error}"))
    };
    let (events, timeline) = match (open(args.events.as_deref()), open(args.timeline.as_deref())) {
        (Ok(events), Ok(timeline)) => (events, timeline),
        (Err(why), _) | (_, Err(why)) => return usage(&why, args.json),
    };
    let from_stdin = args.options == Path::new("-");
    let person = io::stderr().is_terminal();
    let timeline = timeline.or_else(last::begin);
    let mut face = CliFace::new(args.qr, events, timeline);
    say(&format!("To {ceremony}:"));
    let keys = !from_stdin && io::stdin().is_terminal();
    let mut asks = listen_to_person(keys);
    let patience = Patience {
        overall: args.seconds,
        radio: (!person).then_some(SCRIPT_RADIO),
        renews: person && keys && !args.json,
    };
    let mut radio = Bluez::start();
    let outcome = session::run(
        &ceremony,
        &mut radio,
        &Network::system(),
        &mut face,
        &mut asks,
        patience,
    )
    .await;
    conclude(outcome, face, args.json)
}

/// The exit code, and the error for those who read JSON.
fn conclude(outcome: Outcome, face: CliFace, json: bool) -> Exit {
    match (outcome, face.result) {
        (Outcome::Replied, Some(Ok(()))) => Exit::Done,
        (Outcome::Replied, Some(Err(error))) => {
            let finding = explain::reply(&error);
            report(json, finding.code, Stage::Reply, &[finding]);
            match error {
                ReplyError::Declined(_) => Exit::Declined,
                ReplyError::Malformed(_)
                | ReplyError::OtherRp
                | ReplyError::OtherCredential
                | ReplyError::Algorithm(_)
                | ReplyError::NotPresent
                | ReplyError::NotVerified => Exit::Prerequisite,
            }
        }
        (Outcome::CannotAsk(reason), _) => {
            let finding = explain::cannot_ask(&reason);
            report(json, finding.code, Stage::Request, &[finding]);
            Exit::Prerequisite
        }
        (Outcome::Failed { failure, findings }, _) => {
            let code = findings.first().map_or(US99.code, |finding| finding.code);
            report(json, code, failure.at, &findings);
            exit_of(&failure.cause, failure.at, code)
        }
        (Outcome::Replied, None) => Exit::Defect,
    }
}

fn exit_of(cause: &Cause, at: Stage, code: &str) -> Exit {
    match cause {
        Cause::Cancelled | Cause::PeerShutdown => Exit::Declined,
        // A phone that closes after the request declines; a network that cuts the connection does not.
        Cause::TunnelClosed { .. } if at == Stage::Reply && !code.starts_with("NW") => Exit::Declined,
        Cause::Misuse(_) => Exit::Defect,
        Cause::TimedOut if code.starts_with("BT0") && code != "BT08" => Exit::Prerequisite,
        Cause::TimedOut => Exit::TimedOut,
        Cause::Tunnel(_)
        | Cause::TunnelClosed { .. }
        | Cause::TextFrame
        | Cause::UnexpectedFrame
        | Cause::BadSignal
        | Cause::Handshake(_)
        | Cause::Frame(_)
        | Cause::Greeting(_)
        | Cause::Link(_)
        | Cause::NoCtap
        | Cause::Message(_)
        | Cause::Unsolicited
        | Cause::TooManyUpdates => Exit::Prerequisite,
        _ => Exit::Prerequisite,
    }
}

fn report(json: bool, code: &str, stage: Stage, findings: &[Finding]) {
    if json {
        let findings: Vec<_> = findings.iter().map(Finding::to_json).collect();
        let error = json!({"error": {"code": code, "stage": stage.name(), "findings": findings}});
        let _ = writeln!(io::stdout(), "{error}");
    }
}

fn usage(why: &str, json: bool) -> Exit {
    say(&format!("hybridd: {why}"));
    if json {
        let _ = writeln!(
            io::stdout(),
            "{}",
            json!({"error": {"code": "usage", "stage": null, "findings": [], "why": why}})
        );
    }
    Exit::Usage
}

fn read_options(path: &Path) -> Result<String, String> {
    let mut text = String::new();
    let (read, name) = if path == Path::new("-") {
        (
            io::stdin().take(MAX_OPTIONS + 1).read_to_string(&mut text),
            "standard input".to_owned(),
        )
    } else {
        let name = path.display().to_string();
        (
            std::fs::File::open(path).and_then(|file| file.take(MAX_OPTIONS + 1).read_to_string(&mut text)),
            name,
        )
    };
    match read {
        Ok(_) if text.trim().is_empty() => Err(format!("expected WebAuthn options as JSON on {name}, got nothing")),
        Ok(_) => Ok(text),
        Err(error) => Err(format!("cannot read the options from {name}: {error}")),
    }
}

/// Ctrl-C and SIGTERM stop; Enter asks for a new code.
fn listen_to_person(keys: bool) -> mpsc::Receiver<Ask> {
    let (sender, asks) = mpsc::channel(4);
    let stop = sender.clone();
    tokio::spawn(async move {
        let terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate());
        let terminated = async {
            match terminate {
                Ok(mut terminate) => drop(terminate.recv().await),
                Err(_) => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            () = terminated => {}
        }
        let _ = stop.send(Ask::Cancel).await;
        std::future::pending::<()>().await;
    });
    if keys {
        // Reading a terminal cannot be cancelled; the thread ends with the process.
        std::thread::spawn(move || {
            for _line in io::stdin().lines().map_while(Result::ok) {
                if sender.blocking_send(Ask::NewCode).is_err() {
                    return;
                }
            }
        });
    }
    asks
}
