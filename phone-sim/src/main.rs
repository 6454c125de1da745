//! `phone-sim`: a simulated phone as a program.

use clap::{Parser, Subcommand, ValueEnum};
use hybrid_protocol::{DomainId, QrCode, QrError, printable, printable_lines};
use hybrid_protocol::{UUID_FIDO, UUID_GOOGLE};
use phone_sim::advertise::{AdvertiseError, Advertiser, Print, bluez::BluezAdvertiser};
use phone_sim::authenticator::{Consent, Prompt};
use phone_sim::dial::{CertificatesError, Dialer, RelayAddress};
use phone_sim::event::Event;
use phone_sim::output::{self, LAST_LINES};
use phone_sim::profile::PROFILES;
use phone_sim::script::Delay;
use phone_sim::session::{Class, PhoneSettings};
use phone_sim::store::StoreError;
use phone_sim::{AnswerOutcome, Authenticator, Fault, PasskeyStore, Profile, answer, fault, scan};
use std::error::Error;
use std::fmt;
use std::io::{self, ErrorKind, IsTerminal as _, Read as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::str::Utf8Error;
use std::time::Instant;
use tokio::runtime::Runtime;
use zeroize::Zeroizing;

/// A simulated phone for the FIDO hybrid transport, for tests and labs.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Plays the phone for one QR code.
    Answer(AnswerOptions),
    /// Lists how the phone can misbehave (--fault), and the code that a desktop should show for it.
    Faults,
    /// Lists the phones and passkey providers that can be imitated (--profile).
    Profiles,
}

#[derive(clap::Args)]
struct AnswerOptions {
    /// The FIDO:/ text, or - to read it from standard input. Other users can see arguments: use -
    /// for anything but a test.
    #[arg(required_unless_present = "image")]
    code: Option<String>,
    /// Reads the code from a picture (PNG or JPEG).
    #[arg(long, value_name = "FILE", conflicts_with = "code")]
    image: Option<PathBuf>,
    /// Where the passkeys are stored, as JSON. Without it they are lost when the program ends.
    #[arg(long, value_name = "FILE")]
    store: Option<PathBuf>,
    /// The relay to use instead of the host of --domain-id (ws:// or wss://).
    #[arg(long, value_name = "URL", value_parser = RelayAddress::parse)]
    tunnel: Option<RelayAddress>,
    /// The relay's 16-bit id, told to the desktop; otherwise the profile's, or 0.
    #[arg(long, value_name = "ID", value_parser = domain_id)]
    domain_id: Option<u16>,
    /// How the advert is sent; `print` only shows it in the events.
    #[arg(long, value_enum, default_value_t = RadioChoice::Bluez)]
    radio: RadioChoice,
    /// The Bluetooth adapter.
    #[arg(long, default_value = "hci0")]
    adapter: String,
    /// The service UUID of the advert; otherwise the profile's, or fff9.
    #[arg(long, value_enum)]
    uuid: Option<Uuid>,
    /// The phone to imitate; `phone-sim profiles` lists them.
    #[arg(long, value_name = "NAME", value_parser = Profile::find)]
    profile: Option<&'static Profile>,
    /// The statement that new passkeys come with: phones make none, and `self` is one that the
    /// passkey's own key has signed.
    #[arg(long, value_enum, default_value_t = Attestation::None)]
    attestation: Attestation,
    /// A misbehaviour to play, as NAME or NAME=NUMBER, as often as wanted; the command faults lists
    /// them. stale-qr reads a second code from standard input and answers the first.
    #[arg(long, value_name = "NAME[=N]")]
    fault: Vec<Fault>,
    /// Waits this many milliseconds before the phone's part of a stage: tunnel, advert, handshake,
    /// greeting or reply.
    #[arg(long, value_name = "STAGE=MS")]
    delay: Vec<Delay>,
    /// What the user says.
    #[arg(long, value_enum, default_value_t = UserChoice::Approve)]
    user: UserChoice,
}

#[derive(Clone, Copy, ValueEnum)]
enum RadioChoice {
    Bluez,
    Print,
}

#[derive(Clone, Copy, ValueEnum)]
enum Uuid {
    Fff9,
    Fde2,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Attestation {
    None,
    #[value(name = "self")]
    OfItself,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum UserChoice {
    Approve,
    Deny,
    Ask,
}

fn main() -> ExitCode {
    let runtime = match hybrid_process::runtime() {
        Ok(runtime) => runtime,
        Err(shortage) => {
            // Without any thread that could do it.
            let _ = writeln!(io::stderr(), "phone-sim: cannot start: {shortage}");
            return ExitCode::from(exit_code(Class::Prerequisite));
        }
    };
    phone_sim::log::init();
    let exit = match Arguments::try_parse().map(|arguments| arguments.task) {
        Ok(Task::Answer(args)) => play(&runtime, args),
        Ok(Task::Faults) => print(&lines(fault::all())),
        Ok(Task::Profiles) => print(&lines(
            PROFILES.iter().map(|profile| format!("{profile}\n")),
        )),
        Err(answer) => answered(&answer),
    };
    // A question that nobody has answered may still be read.
    runtime.shutdown_background();
    let by = Instant::now() + LAST_LINES;
    if let Err(lost) = output::stdout().finish(by) {
        output::stderr().tell(&format!("phone-sim: events on standard output: {lost}\n"));
    }
    let _ = output::stderr().finish(by);
    exit
}

/// Prints what clap has to say: help and version, which were asked for, or what is wrong with the
/// command line.
fn answered(answer: &clap::Error) -> ExitCode {
    let text = answer.render().to_string();
    if answer.use_stderr() {
        // It repeats what was typed, which may be anything.
        output::stderr().tell(&format!("{}\n", printable_lines(text.trim_end())));
        return ExitCode::from(2);
    }
    if io::stdout().is_terminal() {
        let _ = answer.print();
        return ExitCode::SUCCESS;
    }
    print(&text)
}

fn play(runtime: &Runtime, args: AnswerOptions) -> ExitCode {
    match runtime.block_on(run(args)) {
        Ok(AnswerOutcome::Served(0)) => ExitCode::SUCCESS,
        Ok(AnswerOutcome::Served(status)) => fail(
            1,
            &format!("the command was answered with CTAP status {status:#04x}"),
        ),
        Ok(AnswerOutcome::Failed { why, class }) => fail(exit_code(class), &why),
        Err(error) => fail(2, &error.to_string()),
    }
}

fn domain_id(text: &str) -> Result<u16, &'static str> {
    text.parse()
        .map_err(|_| "expected a number from 0 to 65535")
}

fn lines<T: fmt::Display>(of: impl Iterator<Item = T>) -> String {
    of.map(|line| format!("{line}\n")).collect()
}

/// A pipe that is closed early has seen enough.
fn print(text: &str) -> ExitCode {
    let printed = hybrid_process::stdout().and_then(|mut to| to.write_all(text.as_bytes()));
    match printed {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            fail(2, &format!("cannot write to standard output: {error}"))
        }
        Ok(()) | Err(_) => ExitCode::SUCCESS,
    }
}

const fn exit_code(class: Class) -> u8 {
    match class {
        Class::Declined => 1,
        Class::Prerequisite => 3,
        Class::TimedOut => 4,
        Class::Defect => 5,
    }
}

async fn run(args: AnswerOptions) -> Result<AnswerOutcome, UsageError> {
    let text = match (&args.code, &args.image) {
        (Some(dash), _) if dash == "-" => from_stdin()?,
        (Some(text), _) => Zeroizing::new(text.clone()),
        (None, Some(path)) => scan::image(path).map_err(UsageError::Picture)?,
        (None, None) => return Err(UsageError::NoCode),
    };
    let code = QrCode::parse(text.trim()).map_err(UsageError::Code)?;
    if args.fault.iter().any(Fault::answers_the_code_before) {
        // Another code is shown now; the first one is answered.
        from_stdin()?;
    }
    let store = match &args.store {
        Some(path) => PasskeyStore::open(path).map_err(UsageError::Passkeys)?,
        None => PasskeyStore::in_memory(),
    };
    let model = args.profile.map(|profile| profile.model.clone());
    let mut model = model.unwrap_or_default();
    model.self_attested = args.attestation == Attestation::OfItself;
    let mut authenticator = Authenticator::new(store, model);
    let mut settings = args.profile.map(PhoneSettings::from).unwrap_or_default();
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
    let dialer = Dialer::system(args.tunnel).map_err(UsageError::Certificates)?;
    let mut radio = match args.radio {
        RadioChoice::Bluez => AnyRadio::Bluez(BluezAdvertiser::new(args.adapter)),
        RadioChoice::Print => AnyRadio::Print(Print),
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
    Bluez(BluezAdvertiser),
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

/// More is not read as a code.
const LONGEST: usize = 4096;

/// Why no session was begun: something that was given is not what it should be.
#[derive(Debug)]
enum UsageError {
    NoCode,
    Code(QrError),
    Picture(scan::ScanError),
    Passkeys(StoreError),
    Certificates(CertificatesError),
    Stdin(io::Error),
    TooLong,
    NotText(Utf8Error),
}

impl fmt::Display for UsageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoCode => f.write_str("expected a FIDO:/ text or --image"),
            Self::Code(error) => write!(f, "not a passkey code: {error}"),
            Self::Picture(error) => error.fmt(f),
            Self::Passkeys(error) => error.fmt(f),
            Self::Certificates(error) => error.fmt(f),
            Self::Stdin(error) => write!(f, "cannot read standard input: {error}"),
            Self::TooLong => write!(
                f,
                "expected a FIDO:/ text of at most {LONGEST} characters on standard input"
            ),
            Self::NotText(_) => f.write_str("expected text on standard input"),
        }
    }
}

impl Error for UsageError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::NoCode | Self::TooLong => None,
            Self::Code(error) => Some(error),
            Self::Picture(error) => Some(error),
            Self::Passkeys(error) => Some(error),
            Self::Certificates(error) => Some(error),
            Self::Stdin(error) => Some(error),
            Self::NotText(error) => Some(error),
        }
    }
}

/// The code comes first, on one line; what follows may be answers to questions.
fn from_stdin() -> Result<Zeroizing<String>, UsageError> {
    let mut text = Zeroizing::new(Vec::new());
    let mut byte = [0];
    loop {
        match io::stdin().read(&mut byte) {
            Ok(0) => break,
            Ok(_) if byte == *b"\n" => break,
            Ok(_) if text.len() < LONGEST => text.extend_from_slice(&byte),
            Ok(_) => return Err(UsageError::TooLong),
            Err(error) => return Err(UsageError::Stdin(error)),
        }
    }
    String::from_utf8(std::mem::take(&mut *text))
        .map(Zeroizing::new)
        .map_err(|error| UsageError::NotText(error.utf8_error()))
}

async fn ask(user: UserChoice, prompt: Prompt) -> Consent {
    match user {
        UserChoice::Approve => Consent::Approved,
        UserChoice::Deny => Consent::Denied,
        UserChoice::Ask => {
            let shown = printable(&prompt.to_string());
            output::stderr().tell(&format!("phone: {shown}? [y/N] "));
            let answer = tokio::task::spawn_blocking(|| {
                let mut line = String::new();
                io::stdin().read_line(&mut line).map(|_| line)
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
    let shown = printable(why);
    output::stderr().tell(&format!("phone-sim: {shown}\n"));
    ExitCode::from(code)
}
