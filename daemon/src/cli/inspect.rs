//! `hybridd inspect`: what a response, options, a record or a pasted field says of a passkey.

use super::answer::{print, refused};
use super::exit::Exit;
use super::say::say;
use hybrid_attestation::{
    Evidence, Inspection, IntakeError, LONGEST_INPUT, Metadata, MetadataError,
};
use hybrid_pages::CommandPage;
use hybrid_policy::ImportFault;
use hybrid_process::{NoTrustStore, TrustStore};
use hybrid_protocol::printable;
use std::fmt;
use std::io::{self, IsTerminal as _, Read as _};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// The issue of October 2026 has about 9 million bytes.
const LONGEST_METADATA: u64 = 64 << 20;

/// What the page of `inspect` says.
pub(super) const PAGE: CommandPage = CommandPage {
    exits: &[
        (0, "inspected, whatever was found"),
        (2, "wrong usage or input"),
    ],
    notes: "\
FILE may hold a response or options as WebAuthn JSON, what hybridd register printed, a passkey's record of Microsoft Graph, or
fields of them in base64, one or several. Nothing is sent anywhere. User handles, results of extensions and ids are not shown.

--mds FILE is the file of the FIDO Metadata Service (mds3.fidoalliance.org), which hybridd neither ships nor downloads.

AAGUID: the number of the passkey's model. A file to try this with is /usr/share/doc/hybridd/samples/policy/registration.json.",
    examples: &[
        ("What did the site get?", "hybridd inspect register.json"),
        ("Who made the passkey?", "hybridd inspect register.json --mds blob.jwt"),
        ("A field that was copied, from standard input:", "hybridd inspect -"),
    ],
    also: &["hybridd-policy(1)", "hybridd-register(1)"],
};

#[derive(clap::Args)]
pub(super) struct InspectArgs {
    /// What is inspected; - is standard input.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
    /// The FIDO Alliance's metadata, to see who made a passkey. Its signature is verified.
    #[arg(long, value_name = "FILE")]
    mds: Option<PathBuf>,
}

pub(super) fn run(args: &InspectArgs) -> Exit {
    match inspect(&args.file, args.mds.as_deref()) {
        Ok(inspection) => {
            let text = if args.json {
                format!("{}\n", inspection.to_json())
            } else {
                inspection.to_string()
            };
            print(&text, Exit::Done)
        }
        Err(why) => refused(&why, args.json),
    }
}

/// Inspects a file, with metadata if they are named.
///
/// # Errors
/// [`NotInspected`] says which file, and why.
pub(super) fn inspect(file: &Path, mds: Option<&Path>) -> Result<Inspection, NotInspected> {
    let metadata = mds.map(imported).transpose()?;
    of(file, &read(file)?, metadata.as_ref())
}

/// The same, with what a policy can be asked about, which not every input holds.
///
/// # Errors
/// [`NotInspected`] says which file, and why.
pub(super) fn inspect_with_evidence(
    file: &Path,
    mds: Option<&Path>,
) -> Result<(Inspection, Option<Evidence>), NotInspected> {
    let metadata = mds.map(imported).transpose()?;
    let input = read(file)?;
    let inspection = of(file, &input, metadata.as_ref())?;
    Ok((inspection, Evidence::of(&input, metadata.as_ref()).ok()))
}

/// A pass in a file is found by whoever gets the file next.
pub(super) fn warn_of_secret(name: &str, input: &[u8]) {
    if hybrid_policy::holds_secret(input) {
        say(&format!(
            "hybridd: {}: {}",
            printable(name),
            ImportFault::Secret
        ));
    }
}

fn of(file: &Path, input: &[u8], metadata: Option<&Metadata>) -> Result<Inspection, NotInspected> {
    warn_of_secret(&name(file), input);
    Inspection::of(input, metadata, now()).map_err(|error| NotInspected::Input {
        name: name(file),
        error,
    })
}

fn now() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map_or(0, |now| now.as_secs())
}

/// Reads metadata that a person imports.
///
/// # Errors
/// [`NotInspected`] says which file, and why.
pub(super) fn imported(path: &Path) -> Result<Metadata, NotInspected> {
    let blob = hybrid_process::read(path, LONGEST_METADATA);
    let blob = blob.map_err(|error| NotInspected::Io {
        name: name(path),
        error,
    })?;
    let authorities = TrustStore::of_system().map_err(NotInspected::NoAuthorities)?;
    Metadata::read(&blob, &authorities.roots.roots, now()).map_err(|error| NotInspected::Metadata {
        name: name(path),
        error,
    })
}

fn read(file: &Path) -> Result<Vec<u8>, NotInspected> {
    let read = if file == Path::new("-") {
        if io::stdin().is_terminal() {
            say(
                "Waiting for what is to be inspected on standard input: paste it, then press Enter and Ctrl-D.",
            );
        }
        let mut content = Vec::new();
        // One byte more than is inspected, so that the inspection can say so.
        let most = LONGEST_INPUT as u64 + 1;
        let read = io::stdin().take(most).read_to_end(&mut content);
        read.map(|_| content)
    } else {
        hybrid_process::read(file, LONGEST_INPUT as u64)
    };
    read.map_err(|error| {
        let name = name(file);
        if error.kind() == io::ErrorKind::FileTooLarge {
            let error = IntakeError::TooLong;
            return NotInspected::Input { name, error };
        }
        NotInspected::Io { name, error }
    })
}

fn name(path: &Path) -> String {
    if path == Path::new("-") {
        "standard input".to_owned()
    } else {
        path.display().to_string()
    }
}

/// Why nothing is inspected.
#[derive(Debug)]
pub(super) enum NotInspected {
    Io { name: String, error: io::Error },
    Input { name: String, error: IntakeError },
    Metadata { name: String, error: MetadataError },
    NoAuthorities(NoTrustStore),
}

impl fmt::Display for NotInspected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { name, error } => write!(f, "cannot read {name}: {error}"),
            Self::Input { name, error } => write!(f, "{name}: {error}"),
            Self::Metadata { name, error } => write!(f, "{name}: {error}"),
            Self::NoAuthorities(error) => {
                write!(f, "the metadata's signature cannot be verified: {error}")
            }
        }
    }
}

impl std::error::Error for NotInspected {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { error, .. } => Some(error),
            Self::Input { error, .. } => Some(error),
            Self::Metadata { error, .. } => Some(error),
            Self::NoAuthorities(error) => Some(error),
        }
    }
}
