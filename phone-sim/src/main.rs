//! `phone-sim`: a simulated phone as a program.

use clap::{Parser, Subcommand, ValueEnum};
use hybrid_protocol::advert::{UUID_FIDO, UUID_GOOGLE};
use hybrid_protocol::{DomainId, QrCode};
use phone_sim::advertise::{AdvertiseError, Advertiser, Print, bluez::Bluez};
use phone_sim::authenticator::{Consent, Prompt};
use phone_sim::dial::{Dialer, Relay};
use phone_sim::event::Event;
use phone_sim::output::{self, LAST_LINES};
use phone_sim::profile::PROFILES;
use phone_sim::script::Delay;
use phone_sim::session::{Class, Settings};
use phone_sim::{Authenticator, Fault, Outcome, Profile, Store, answer, fault, scan};
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;
use zeroize::Zeroizing;

/// A simulated phone for the FIDO hybrid transport, for tests and labs.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Plays the phone for one QR code.
    Answer(Answer),
    /// Lists how the phone can misbehave (--fault), and what a desktop is to say about it.
    Faults,
    /// Lists the phones and passkey providers that can be imitated (--profile).
    Profiles,
}

#[derive(clap::Args)]
struct Answer {
    /// The FIDO:/ text, or - to read it from standard input. Other users can see arguments: use - for anything but a test.
    #[arg(required_unless_present = "image")]
    code: Option<String>,
    /// Reads the code from a picture (PNG or JPEG).
    #[arg(long, value_name = "FILE", conflicts_with = "code")]
    image: Option<PathBuf>,
    /// Where the passkeys are kept, as JSON. Without it they are gone at the end.
    #[arg(long, value_name = "FILE")]
    store: Option<PathBuf>,
    /// The relay to use instead of the host of --domain-id (ws:// or wss://).
    #[arg(long, value_name = "URL", value_parser = Relay::parse)]
    tunnel: Option<Relay>,
    /// The relay's 16-bit id, told to the desktop; otherwise the profile's, or 0.
    #[arg(long, value_name = "ID")]
    domain_id: Option<u16>,
    /// How the advert gets on the air; `print` only shows it in the events.
    #[arg(long, value_enum, default_value_t = Radio::Bluez)]
    radio: Radio,
    /// The Bluetooth adapter.
    #[arg(long, default_value = "hci0")]
    adapter: String,
    /// The service UUID of the advert; otherwise the profile's, or fff9.
    #[arg(long, value_enum)]
    uuid: Option<Uuid>,
    /// The phone to imitate; the command profiles lists them.
    #[arg(long, value_name = "NAME", value_parser = Profile::find)]
    profile: Option<&'static Profile>,
    /// A misbehaviour to play, as NAME or NAME=NUMBER, as often as wanted; the command faults lists them. stale-qr reads a second code from
    /// standard input and answers the first.
    #[arg(long, value_name = "NAME[=N]")]
    fault: Vec<Fault>,
    /// Waits so many milliseconds before the phone's part of a stage: tunnel, advert, handshake, greeting or reply.
    #[arg(long, value_name = "STAGE=MS")]
    delay: Vec<Delay>,
    /// What the user says.
    #[arg(long, value_enum, default_value_t = User::Approve)]
    user: User,
}

#[derive(Clone, Copy, ValueEnum)]
enum Radio {
    Bluez,
    Print,
}

#[derive(Clone, Copy, ValueEnum)]
enum Uuid {
    Fff9,
    Fde2,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum User {
    Approve,
    Deny,
    Ask,
}

fn main() -> ExitCode {
    phone_sim::log::init();
    let args = match Cli::parse().command {
        Command::Answer(args) => args,
        Command::Faults => return list(fault::all().map(ToString::to_string)),
        Command::Profiles => return list(PROFILES.iter().map(|profile| format!("{profile}\n"))),
    };
    let exit = play(args);
    let by = Instant::now() + LAST_LINES;
    if let Err(lost) = output::stdout().finish(by) {
        output::stderr().tell(&format!("phone-sim: of the events {lost}\n"));
    }
    let _ = output::stderr().finish(by);
    exit
}

fn play(args: Answer) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(5, &format!("cannot start: {error}")),
    };
    let ended = runtime.block_on(run(args));
    // A question that nobody has answered may still be read.
    runtime.shutdown_background();
    match ended {
        Ok(Outcome::Served(0)) => ExitCode::SUCCESS,
        Ok(Outcome::Served(status)) => fail(1, &format!("the command was answered with CTAP status {status:#04x}")),
        Ok(Outcome::Failed { why, class }) => fail(exit_code(class), &why),
        Err(why) => fail(2, &why),
    }
}

/// A pipe that is closed early has seen enough.
fn list(lines: impl Iterator<Item = String>) -> ExitCode {
    let mut stdout = std::io::stdout().lock();
    for line in lines {
        match writeln!(stdout, "{line}") {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::BrokenPipe => break,
            Err(error) => {
                let exit = fail(2, &format!("cannot write to standard output: {error}"));
                let _ = output::stderr().finish(Instant::now() + LAST_LINES);
                return exit;
            }
        }
    }
    ExitCode::SUCCESS
}

const fn exit_code(class: Class) -> u8 {
    match class {
        Class::Declined => 1,
        Class::Prerequisite => 3,
        Class::TimedOut => 4,
        Class::Defect => 5,
    }
}

async fn run(args: Answer) -> Result<Outcome, String> {
    let text = match (&args.code, &args.image) {
        (Some(dash), _) if dash == "-" => from_stdin()?,
        (Some(text), _) => Zeroizing::new(text.clone()),
        (None, Some(path)) => scan::image(path).map_err(|error| error.to_string())?,
        (None, None) => return Err("expected a FIDO:/ text or --image".to_owned()),
    };
    let code = QrCode::parse(text.trim()).map_err(|error| format!("not a passkey code: {error}"))?;
    if args.fault.iter().any(Fault::answers_the_code_before) {
        // Another code is shown now; the first one is answered.
        from_stdin()?;
    }
    let store = match &args.store {
        Some(path) => Store::open(path).map_err(|error| error.to_string())?,
        None => Store::in_memory(),
    };
    let model = args.profile.map(|profile| profile.model.clone());
    let mut authenticator = Authenticator::new(store, model.unwrap_or_default());
    let mut settings = args.profile.map(Settings::from).unwrap_or_default();
    if let Some(id) = args.domain_id {
        settings.domain = DomainId(id);
    }
    match args.uuid {
        Some(Uuid::Fff9) => settings.uuid = UUID_FIDO,
        Some(Uuid::Fde2) => settings.uuid = UUID_GOOGLE,
        None => {}
    }
    settings.script.faults = args.fault;
    settings.script.delays = args.delay;
    let dialer = Dialer::system(args.tunnel)?;
    let mut radio = match args.radio {
        Radio::Bluez => AnyRadio::Bluez(Bluez::new(args.adapter)),
        Radio::Print => AnyRadio::Print(Print),
    };
    let user = args.user;
    Ok(answer(
        &code,
        &settings,
        &dialer,
        &mut radio,
        &mut authenticator,
        |prompt| ask(user, prompt),
        tell,
    )
    .await)
}

enum AnyRadio {
    Bluez(Bluez),
    Print(Print),
}

impl Advertiser for AnyRadio {
    async fn start(&mut self, uuid: u16, data: &[u8]) -> Result<(), AdvertiseError> {
        match self {
            Self::Bluez(radio) => radio.start(uuid, data).await,
            Self::Print(radio) => radio.start(uuid, data).await,
        }
    }

    async fn stop(&mut self) {
        match self {
            Self::Bluez(radio) => radio.stop().await,
            Self::Print(radio) => radio.stop().await,
        }
    }
}

/// The code comes first, on one line; what follows may be answers to questions.
fn from_stdin() -> Result<Zeroizing<String>, String> {
    const LONGEST: usize = 4096;
    let mut text = Zeroizing::new(Vec::new());
    let mut byte = [0];
    loop {
        match std::io::stdin().read(&mut byte) {
            Ok(0) => break,
            Ok(_) if byte == *b"\n" => break,
            Ok(_) if text.len() < LONGEST => text.extend_from_slice(&byte),
            Ok(_) => {
                return Err(format!(
                    "expected a FIDO:/ text of at most {LONGEST} characters on standard input"
                ));
            }
            Err(error) => return Err(format!("cannot read standard input: {error}")),
        }
    }
    String::from_utf8(std::mem::take(&mut *text))
        .map(Zeroizing::new)
        .map_err(|_| "expected text on standard input".to_owned())
}

async fn ask(user: User, prompt: Prompt) -> Consent {
    match user {
        User::Approve => Consent::Approved,
        User::Deny => Consent::Denied,
        User::Ask => {
            let shown: String = prompt.to_string().chars().filter(|char| !char.is_control()).collect();
            output::stderr().tell(&format!("phone: {shown}? [y/N] "));
            let answer = tokio::task::spawn_blocking(|| {
                let mut line = String::new();
                std::io::stdin().read_line(&mut line).map(|_| line)
            });
            match answer.await {
                Ok(Ok(line)) if line.trim().eq_ignore_ascii_case("y") => Consent::Approved,
                Ok(Ok(_) | Err(_)) | Err(_) => Consent::Denied,
            }
        }
    }
}

fn tell(event: Event) {
    output::stdout().tell(&format!("{}\n", event.to_json()));
}

fn fail(code: u8, why: &str) -> ExitCode {
    let shown: String = why.chars().filter(|char| !char.is_control()).collect();
    output::stderr().tell(&format!("phone-sim: {shown}\n"));
    ExitCode::from(code)
}
