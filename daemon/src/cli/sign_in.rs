//! `hybridd register` and `hybridd sign-in`.

use super::answer::refused;
use super::exit::Exit;
use super::forecast;
use super::json_error;
use super::keyboard::Keyboard;
use super::last_timeline;
use super::options;
use super::options_input::{self, NoOptions, OptionsUnread};
use super::policy::{self, ForecastFiles};
use super::progress::{CliUi, CodeUnwritten, Sink};
use super::say::say;
use crate::history::{CeremonyRecord, CeremonyTrace, HistoryKeeping, HistoryStore};
use crate::output::LAST_LINES;
use crate::private_file::NotPrivate;
use crate::screen::{self, Typed};
use crate::session::{self, Ask, Begin, Outcome, Patience, verdict};
use crate::settings::{GatheredSettings, SettingValues};
use crate::utc::utc;
use crate::xdg;
use hybrid_diagnosis::catalogue::{CANCELLED_HERE, COMPUTER_PAUSED, DEFECT};
use hybrid_diagnosis::finding::Finding;
use hybrid_diagnosis::timeline::AboutSignIn;
use hybrid_process::{is_closed, within};
use hybrid_protocol::Hint;
use hybrid_protocol::{Cause, Stage};
use hybrid_radio::bluez::{Bluez, Bus, missing};
use hybrid_webauthn::{Ceremony, OptionsError, Origin, ReplyError};
use std::env;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{mpsc, oneshot};

/// A script is told that Bluetooth does not work after this long; a person may switch it on. A
/// bluetoothd that was started again may be refused for 10.24 s by the kernel, which still
/// discovers for the one before.
const SCRIPT_RADIO: Duration = Duration::from_secs(15);
/// The response waits no longer for whoever is to read it.
const RESPONSE: Duration = Duration::from_secs(10);

pub(super) async fn register(args: options::CeremonyArgs, settings: GatheredSettings) -> Exit {
    start(args, settings, Ceremony::register).await
}

pub(super) async fn sign_in(args: options::CeremonyArgs, settings: GatheredSettings) -> Exit {
    start(args, settings, Ceremony::sign_in).await
}

type Parse = fn(Origin, &str) -> Result<Ceremony, OptionsError>;

async fn start(args: options::CeremonyArgs, settings: GatheredSettings, parse: Parse) -> Exit {
    let settings = match settings.usable() {
        Ok(settings) => settings,
        Err(why) => return refused(&why, args.json),
    };
    let limit = settings.values.seconds.map(|limit| Instant::now() + limit);
    // Before anything is opened or read, which may wait for others.
    let (keyboard, mut asks) = listen_to_signals();
    let json = match options_input::read_by(limit, &args.options, &mut asks).await {
        Ok(json) => json,
        Err(NoOptions::Wrong(why)) => return refused(&why, args.json),
        Err(NoOptions::Stopped) => {
            if args.json {
                json_error::worded(CANCELLED_HERE.code, "stopped while waiting for the options");
            }
            return Exit::Declined;
        }
        Err(NoOptions::TimedOut) => {
            let why = "timed out waiting for the options (the setting seconds limits the time)";
            say(&format!("hybridd: {why}"));
            if args.json {
                json_error::worded("options", why);
            }
            return Exit::TimedOut;
        }
    };
    let ceremony = match parse(args.origin.clone(), &json) {
        Ok(ceremony) => ceremony,
        Err(error) => {
            return refused(&OptionsUnread::unusable(&args.options, error), args.json);
        }
    };
    if let Some(exit) = forecast(&args, &settings.values, &ceremony, &json).await {
        return exit;
    }
    if args.dry_run {
        say(&format!("would {ceremony:#}"));
        return if is_closed(io::stderr()) {
            Exit::Usage
        } else {
            Exit::Done
        };
    }
    let choice = settings.values.adapters.clone();
    if let Some(missing) = missing(&Bus::System, &choice).await {
        return refused(&missing, args.json);
    }
    let person = screen::stderr().is_terminal();
    let typist = person.then(Keyboard::find).flatten();
    let ui = open_outputs(
        &args,
        &settings.values,
        &ceremony,
        typist.is_some(),
        keyboard.clone(),
    );
    let mut ui = match ui {
        Ok(ui) => ui,
        Err(why) => return refused(&why, args.json),
    };
    screen::stderr().follow();
    say(&format!("To {ceremony}:"));
    if is_closed(io::stdout()) {
        say(
            "hybridd: standard output is closed (or is /dev/null opened for reading and writing), so the answer for the site will be lost. Press Ctrl-C to stop.",
        );
    }
    // A script that was given its options another way goes on after a failure.
    let renews = matches!(typist, Some(Keyboard::Stdin)) && !args.json;
    if let Some(typist) = typist {
        typist.listen(move |line| match screen::stderr().typed(line) {
            Typed::Enter => keyboard.blocking_send(Ask::NewCode).is_ok(),
            Typed::Done => true,
        });
    }
    let patience = Patience {
        overall: limit.map(|limit| limit.saturating_duration_since(Instant::now())),
        radio: (!person).then_some(SCRIPT_RADIO),
        renews,
    };
    let mut radio = Bluez::start(choice);
    let (time, began) = (utc(SystemTime::now()), Instant::now());
    let outcome = session::run(
        &ceremony,
        &Begin::Code,
        &mut radio,
        &settings.network(),
        &mut ui,
        &mut asks,
        patience,
    )
    .await;
    let written = match ui.delivery.take() {
        Some(delivery) => delivered(delivery, limit, &mut asks).await,
        None => Ok(()),
    };
    ui.finish(written.is_ok());
    if let Some(why) = ui.unwritten.take() {
        return refused(&why, args.json);
    }
    let result = match &written {
        Ok(()) => result(&outcome, &ui),
        Err(_) => UNWRITTEN,
    };
    keep(
        &ceremony,
        settings.values.history,
        &ui.trace,
        time,
        began,
        result,
    );
    match written {
        Ok(()) => conclude(outcome, ui, args.json),
        Err(error) => {
            say(&unwritten(&ceremony, &error));
            Exit::Unwritten
        }
    }
}

/// Asks the policy that was given, or that the settings name for this site; the exit code when it
/// stops here.
async fn forecast(
    args: &options::CeremonyArgs,
    settings: &SettingValues,
    ceremony: &Ceremony,
    options: &str,
) -> Option<Exit> {
    let rp_id = ceremony.rp_id().as_str();
    let files = match (args.policy.as_slice(), settings.policies_of(rp_id)) {
        ([], set) if set.is_empty() => return None,
        ([], set) => ForecastFiles::Set(set),
        (given, _) => ForecastFiles::Given(given.to_vec()),
    };
    let (person, rp_id, options) = (args.person.holder(), rp_id.to_owned(), options.to_owned());
    // Each file has its own limit.
    let judged =
        tokio::task::spawn_blocking(move || policy::forecast(&files, person, &rp_id, &options));
    match judged.await {
        Ok(Ok((judgement, outlook))) => {
            forecast::tell(&judgement, outlook.as_ref(), spoken(ceremony), args.json)
        }
        Ok(Err(why)) => Some(refused(&why, args.json)),
        Err(why) => Some(refused(&why, args.json)),
    }
}

/// The result of a ceremony whose answer was lost.
const UNWRITTEN: &str = "unwritten";

/// `ok`, or the code that says why not.
fn result(outcome: &Outcome, ui: &CliUi) -> &'static str {
    match (outcome, &ui.result) {
        (Outcome::Replied, Some(Ok(()))) => "ok",
        (Outcome::Replied, Some(Err(error))) => verdict::reply(error).code,
        (Outcome::CannotAsk(reason), _) => verdict::cannot_ask(reason).code,
        (Outcome::Failed { findings, .. }, _) => {
            findings.first().map_or(DEFECT.code, |finding| finding.code)
        }
        (Outcome::CannotBegin(_), _) | (Outcome::Replied, None) => DEFECT.code,
    }
}

/// Adds a line to the history. A sign-in does not depend on it.
fn keep(
    ceremony: &Ceremony,
    keeping: HistoryKeeping,
    trace: &CeremonyTrace,
    time: String,
    began: Instant,
    result: &str,
) {
    let store = HistoryStore::of_person(|name| env::var_os(name));
    let site = keeping.site(ceremony.rp_id().as_str());
    let Some((store, site)) = store.zip(site) else {
        return;
    };
    let record = CeremonyRecord {
        time,
        by: "command".to_owned(),
        operation: command(ceremony).to_owned(),
        site,
        phone: trace.phone(),
        result: result.to_owned(),
        findings: trace.findings(),
        ms: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
        codes: trace.codes(),
        stages: trace.stages(),
    };
    let place = xdg::told(store.path(), |name| env::var_os(name));
    let kept = within(LAST_LINES, move || store.add(&record));
    let why = match kept {
        Ok(Ok(())) => return,
        Ok(Err(error)) => error.to_string(),
        Err(error) => error.to_string(),
    };
    say(&format!(
        "hybridd: {}: {why}; the history does not include this one",
        place.display()
    ));
}

fn open_outputs(
    args: &options::CeremonyArgs,
    settings: &SettingValues,
    ceremony: &Ceremony,
    keys: bool,
    stop: mpsc::Sender<Ask>,
) -> Result<CliUi, NoOutput> {
    let open = |path: Option<&Path>, name| match path.map(|path| Sink::open(path, name)).transpose()
    {
        Ok(sink) => Ok(sink),
        Err(error) => Err(NoOutput::Lines {
            name,
            path: path.unwrap_or(Path::new("-")).to_owned(),
            error,
        }),
    };
    let events = open(args.events.as_deref(), "events")?;
    let timeline = open(args.timeline.as_deref(), "timeline")?;
    let kept = || {
        let about = settings.keep_timeline.then(|| about(ceremony))?;
        last_timeline::begin(&about)
    };
    let timelines = [timeline, kept()].into_iter().flatten().collect();
    CliUi::new(settings.qr.clone(), keys, events, timelines, stop).map_err(NoOutput::Code)
}

/// Which sign-in it is, for whoever reads its timeline later.
fn about(ceremony: &Ceremony) -> AboutSignIn {
    AboutSignIn {
        command: command(ceremony).to_owned(),
        rp_id: ceremony.rp_id().as_str().to_owned(),
        time: utc(SystemTime::now()),
    }
}

const fn command(ceremony: &Ceremony) -> &'static str {
    match ceremony.hint() {
        Hint::Register => "register",
        Hint::SignIn | Hint::Present | Hint::Issue => "sign-in",
    }
}

/// In a sentence.
const fn spoken(ceremony: &Ceremony) -> &'static str {
    match ceremony.hint() {
        Hint::Register => "registration",
        Hint::SignIn | Hint::Present | Hint::Issue => "sign-in",
    }
}

/// Something that the session is to write cannot be written.
#[derive(Debug)]
enum NoOutput {
    /// JSON Lines of this name.
    Lines {
        name: &'static str,
        path: PathBuf,
        error: NotPrivate,
    },
    Code(CodeUnwritten),
}

impl fmt::Display for NoOutput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lines { name, path, error } => {
                write!(f, "cannot write the {name} to {}: {error}", path.display())
            }
            Self::Code(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for NoOutput {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Lines { error, .. } => Some(error),
            Self::Code(error) => Some(error),
        }
    }
}

/// Waits until the response is written; not for ever, and not against the person's will.
async fn delivered(
    mut delivery: oneshot::Receiver<io::Result<()>>,
    limit: Option<Instant>,
    asks: &mut mpsc::Receiver<Ask>,
) -> io::Result<()> {
    let now = Instant::now();
    let by = limit.map_or(now + RESPONSE, |limit| {
        limit.clamp(now + LAST_LINES, now + RESPONSE)
    });
    let over = tokio::time::sleep_until(by.into());
    tokio::pin!(over);
    loop {
        tokio::select! {
            biased;
            written = &mut delivery => {
                return written.unwrap_or_else(|_| Err(io::Error::other("the system has no more threads")));
            }
            () = &mut over => return Err(io::Error::other("no process reads it")),
            ask = asks.recv() => match ask {
                Some(Ask::NewCode) => {}
                Some(Ask::Cancel) | None => return Err(io::Error::other("it was stopped while no process read it")),
            },
        }
    }
}

/// What a response that nobody has means, and what to do.
fn unwritten(ceremony: &Ceremony, error: &io::Error) -> String {
    let rp_id = ceremony.rp_id();
    let saw = format!("hybridd: the answer could not be written to standard output: {error}.");
    match ceremony.hint() {
        Hint::Register => format!(
            "{saw}\n  The phone now holds a passkey for {rp_id} that the site does not know and that cannot be used to sign in. If the \
             account already had a passkey on this phone, the new one may have replaced it.\n  What to do: delete it on the phone (in its \
             settings, or in its password manager: Passkeys, {rp_id}, Delete). Then register again, with a writable standard output."
        ),
        Hint::SignIn | Hint::Present | Hint::Issue => format!(
            "{saw}\n  The phone approved the sign-in, but {rp_id} did not receive the answer: you are not signed in. Nothing changed on \
             the phone, and its passkey still works.\n  What to do: sign in again, with a writable standard output."
        ),
    }
}

/// The exit code, and the error for those who read JSON.
fn conclude(outcome: Outcome, ui: CliUi, json: bool) -> Exit {
    match (outcome, ui.result) {
        (Outcome::Replied, Some(Ok(()))) => Exit::Done,
        (Outcome::Replied, Some(Err(error))) => {
            let finding = verdict::reply(&error);
            report(json, finding.code, Stage::Reply, &[finding]);
            match error {
                ReplyError::Declined(_) => Exit::Declined,
                ReplyError::Malformed(_)
                | ReplyError::OtherRp
                | ReplyError::OtherCredential
                | ReplyError::Algorithm(_)
                | ReplyError::NotPresent
                | ReplyError::NotVerified
                | _ => Exit::Prerequisite,
            }
        }
        (Outcome::CannotAsk(reason), _) => {
            let finding = verdict::cannot_ask(&reason);
            report(json, finding.code, Stage::Request, &[finding]);
            Exit::Prerequisite
        }
        (Outcome::CannotBegin(error), _) => {
            say(&format!("hybridd: {error}"));
            if json {
                json_error::worded("link", &error.to_string());
            }
            Exit::Prerequisite
        }
        (Outcome::Failed { failure, findings }, _) => {
            let code = findings.first().map_or(DEFECT.code, |finding| finding.code);
            report(json, code, failure.at, &findings);
            exit_of(&failure.cause, failure.at, code)
        }
        (Outcome::Replied, None) => Exit::Defect,
    }
}

fn exit_of(cause: &Cause, at: Stage, code: &str) -> Exit {
    match cause {
        Cause::Cancelled | Cause::PeerShutdown => Exit::Declined,
        // A phone that closes after the request declines; a network that cuts the connection does
        // not, and neither does one that this computer slept through.
        Cause::TunnelClosed { .. }
            if at == Stage::Reply && !code.starts_with("NW") && code != COMPUTER_PAUSED.code =>
        {
            Exit::Declined
        }
        Cause::Misuse(_) => Exit::Defect,
        Cause::TimedOut if code.starts_with("BT") && code != "BT08" => Exit::Prerequisite,
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
        json_error::found(code, Some(stage), findings);
    }
}

/// Ctrl-C, SIGTERM and a terminal that is closed stop, from here on.
fn listen_to_signals() -> (mpsc::Sender<Ask>, mpsc::Receiver<Ask>) {
    let (sender, asks) = mpsc::channel(4);
    let hangup = (!is_hangup_ignored()).then(SignalKind::hangup);
    for kind in [SignalKind::interrupt(), SignalKind::terminate()]
        .into_iter()
        .chain(hangup)
    {
        // Where it cannot be listened to, it ends the program as it always does.
        if let Ok(mut comes) = signal(kind) {
            let stop = sender.clone();
            tokio::spawn(async move {
                while comes.recv().await.is_some() {
                    let _ = stop.send(Ask::Cancel).await;
                }
            });
        }
    }
    (sender, asks)
}

/// Whoever started this with `nohup` wants it to go on.
fn is_hangup_ignored() -> bool {
    const HANGUP: u64 = 1;
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    ignored
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .is_some_and(|mask| mask & HANGUP != 0)
}
