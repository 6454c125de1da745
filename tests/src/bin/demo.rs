//! The whole thing in one process: a relay, a phone and a desktop with a pretend radio; a relying
//! party that is not ours verifies.
//!
//! `cargo run --release --bin demo`; with `--fault NAME`, what a person sees when that part is
//! broken.

use clap::Parser;
use hybrid_diagnosis::timeline::TimelineEntry;
use hybrid_diagnosis::wording;
use hybrid_protocol::QrText;
use hybrid_tests::phone_faults::Stage;
use hybrid_tests::relay_fault::{RELAY_FAULTS, RelayFault};
use hybrid_tests::relying_party::{ORIGIN, RelyingParty};
use hybrid_tests::trio::{Person, Played, Trio};
use hybrid_webauthn::{Ceremony, Origin};
use hybridd::output::{self, LAST_LINES, Output};
use hybridd::qr::{Form, Symbol};
use hybridd::session::Outcome;
use hybridd::terminal::Ability;
use phone_sim::authenticator::Consent;
use phone_sim::fault::{self, FaultError};
use phone_sim::session::PhoneSettings;
use phone_sim::{Authenticator, Fault, Model, PasskeyStore};
use std::error::Error;
use std::process::ExitCode;
use std::sync::OnceLock;
use std::time::Instant;

/// A line on standard output. It may be full, closed or asleep; the demo goes on.
macro_rules! say {
    ($($text:tt)*) => {
        let _ = stdout().tell(&format!("{}\n", format_args!($($text)*)));
    };
}

/// Registers a passkey and signs in with it, on an embedded relay, phone and radio.
#[derive(Parser)]
struct Args {
    /// Prints the timeline as JSON Lines instead.
    #[arg(long)]
    json: bool,
    /// Shows what a person sees when this is broken; `list` says what can be.
    #[arg(long, value_name = "NAME[=N]")]
    fault: Option<Broken>,
}

/// What is broken.
#[derive(Clone)]
enum Broken {
    List,
    Phone(Fault),
    Relay(&'static RelayFault),
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let args = Args::parse();
    let ran = match args.fault {
        None => run(args.json).await.map(|()| true),
        Some(Broken::List) => {
            list();
            Ok(true)
        }
        Some(Broken::Phone(fault)) => play_phone(fault, args.json).await,
        Some(Broken::Relay(fault)) => play_relay(fault, args.json).await,
    };
    let exit = match ran {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            say!("demo: {error}");
            ExitCode::FAILURE
        }
    };
    let by = Instant::now() + LAST_LINES;
    if let Err(lost) = stdout().finish(by) {
        output::stderr().tell(&format!("demo: standard output: {lost}\n"));
        let _ = output::stderr().finish(by);
    }
    exit
}

/// Nobody waits for who reads it.
fn stdout() -> &'static Output {
    static STDOUT: OnceLock<Output> = OnceLock::new();
    STDOUT.get_or_init(|| {
        Output::start_or_lose(std::io::stdout(), |lost| {
            format!("({lost} lines were dropped here)\n")
        })
    })
}

async fn run(json: bool) -> Result<(), Box<dyn Error>> {
    let trio = Trio::start().await?;
    let site = RelyingParty::new()?;
    let screen = Screen { json };
    let phone = Authenticator::new(PasskeyStore::in_memory(), Model::default());

    screen.say("1. Register a passkey on the phone at example.com\n");
    let begun = site.begin_registration()?;
    let ceremony = Ceremony::register(Origin::parse(ORIGIN)?, &begun.options)?;
    let (response, phone) = screen.ceremony(&trio, &ceremony, phone).await?;
    let account = site.finish_registration(begun, &response)?;
    screen.say("       the relying party (webauthn_rp) accepts the registration\n");

    screen.say("2. Sign in with it\n");
    let begun = site.begin_sign_in()?;
    let ceremony = Ceremony::sign_in(Origin::parse(ORIGIN)?, &begun.options)?;
    let (response, _phone) = screen.ceremony(&trio, &ceremony, phone).await?;
    site.finish_sign_in(begun, &account, &response)?;
    screen.say("       the relying party (webauthn_rp) accepts the sign-in\n");

    trio.shutdown().await;
    say!("demo: registration verified, sign-in verified");
    Ok(())
}

async fn play_phone(fault: Fault, json: bool) -> Result<bool, Box<dyn Error>> {
    let screen = Screen { json };
    screen.say(&format!("The phone {} ({fault}).\n", fault.entry().does));
    let stage = Stage::start().await?;
    let played = stage
        .play(fault, &mut |text| screen.code(text), &mut |entry| {
            screen.entry(entry)
        })
        .await?;
    Ok(screen.conclude(fault.code(), &played))
}

async fn play_relay(fault: &RelayFault, json: bool) -> Result<bool, Box<dyn Error>> {
    let screen = Screen { json };
    screen.say(&format!("Broken: {} ({}).\n", fault.does, fault.name));
    let (trio, relay) = (Trio::start().await?, fault.start().await?);
    let begun = RelyingParty::new()?.begin_registration()?;
    let ceremony = Ceremony::register(Origin::parse(ORIGIN)?, &begun.options)?;
    let phone = Authenticator::new(PasskeyStore::in_memory(), Model::default());
    let person = Person {
        code: &mut |text| screen.code(text),
        entry: &mut |entry| screen.entry(entry),
        says: Consent::Approved,
    };
    let (played, _phone) = trio
        .play(
            &ceremony,
            &relay.network(),
            phone,
            PhoneSettings::default(),
            person,
        )
        .await?;
    Ok(screen.conclude(Some(fault.code), &played))
}

fn list() {
    say!("Faults of the phone, and the code that the desktop should show:\n");
    for entry in fault::all() {
        say!("{entry}");
    }
    say!("\nFaults of the relay:\n");
    for RelayFault {
        name, does, code, ..
    } in &RELAY_FAULTS
    {
        say!("{name:<26} {code:<5} {does}");
    }
}

/// What a person would see.
struct Screen {
    json: bool,
}

impl Screen {
    /// Runs one ceremony that has to succeed: the desktop shows a code, the phone scans it, both do
    /// their part.
    async fn ceremony(
        &self,
        trio: &Trio,
        ceremony: &Ceremony,
        phone: Authenticator,
    ) -> Result<(String, Authenticator), Box<dyn Error>> {
        let person = Person {
            code: &mut |text| self.code(text),
            entry: &mut |entry| self.entry(entry),
            says: Consent::Approved,
        };
        let (played, phone) = trio
            .play(
                ceremony,
                &trio.network(),
                phone,
                PhoneSettings::default(),
                person,
            )
            .await?;
        let phone = phone.end().await.ok_or("the phone is gone")?;
        match (played.outcome, played.response) {
            (Outcome::Replied, Some(response)) => Ok((response?.to_string(), phone)),
            (outcome, _) => Err(format!("the sign-in failed: {outcome}").into()),
        }
    }

    fn code(&self, text: &QrText) {
        if !self.json
            && let Ok(symbol) = Symbol::new(text)
        {
            draw(&symbol);
        }
    }

    fn entry(&self, entry: &TimelineEntry) {
        if self.json {
            say!("{}", entry.to_json());
        } else if let Some(line) = wording::line(&entry.what) {
            say!("{:8.0} ms  {line}", entry.at.as_secs_f64() * 1000.0);
        }
    }

    /// What was said first, what it was to be, and how soon it was on the screen. Tells whether it
    /// was as it should be.
    fn conclude(&self, expected: Option<&str>, played: &Played) -> bool {
        let Some((finding, since)) = played.explained() else {
            let works = matches!(
                (&played.outcome, &played.response),
                (Outcome::Replied, Some(Ok(_)))
            );
            let how = if works {
                "it works anyway"
            } else {
                "no finding explains it"
            };
            say!("\ndemo: {how}; expected: {}", expected.unwrap_or("to work"));
            return works && expected.is_none();
        };
        let Some(expected) = expected else {
            say!("\ndemo: {}; expected: to work", finding.code);
            return false;
        };
        let seconds = since.as_secs_f64();
        say!(
            "\ndemo: {} was on the screen {seconds:.1} s after the stage began; expected: {expected}",
            finding.code
        );
        say!(
            "      {}\n      What to do: {}",
            finding.means,
            finding.advice
        );
        finding.code == expected
    }

    fn say(&self, text: &str) {
        if !self.json {
            say!("{text}");
        }
    }
}

fn draw(symbol: &Symbol) {
    // No terminal is asked for its size: the code is there to be looked at, the phone has it
    // already.
    if let Some(form) = Form::of(Ability::from_environment()) {
        say!("{}", form.draw(symbol).text());
    }
}

impl std::str::FromStr for Broken {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "list" {
            return Ok(Self::List);
        }
        if let Some(fault) = RelayFault::find(text) {
            return Ok(Self::Relay(fault));
        }
        match text.parse() {
            Ok(fault) => Ok(Self::Phone(fault)),
            Err(FaultError::Unknown(name)) => Err(format!(
                "expected the name of a fault (--fault list lists them), got {}",
                name.escape_debug()
            )),
            Err(error @ (FaultError::NoNumber(_) | FaultError::Number(..))) => {
                Err(error.to_string())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hybrid_diagnosis::catalogue::PHONE_ENDED_SESSION;
    use hybrid_diagnosis::finding::Finding;
    use hybrid_diagnosis::timeline::EventKind;
    use std::time::Duration;

    #[test]
    fn only_what_was_expected_is_a_success() {
        let entry = TimelineEntry {
            at: Duration::ZERO,
            what: EventKind::Finding(Finding::likely(&PHONE_ENDED_SESSION, "closed")),
        };
        let explained = Played {
            outcome: Outcome::Replied,
            response: None,
            entries: vec![entry],
        };
        let unexplained = Played {
            outcome: Outcome::Replied,
            response: None,
            entries: Vec::new(),
        };
        let works = Played {
            outcome: Outcome::Replied,
            response: Some(Ok(serde_json::json!({}))),
            entries: Vec::new(),
        };
        let screen = Screen { json: true };
        assert!(screen.conclude(Some("HS05"), &explained));
        assert!(!screen.conclude(Some("HS07"), &explained));
        assert!(!screen.conclude(None, &explained));
        assert!(!screen.conclude(Some("HS05"), &unexplained));
        assert!(!screen.conclude(None, &unexplained));
        assert!(screen.conclude(None, &works));
        assert!(!screen.conclude(Some("HS05"), &works));
    }
}
