//! Options of `register` and `sign-in`.

use hybrid_radio::AdapterName;
use hybrid_webauthn::Origin;
use std::fmt;
use std::num::ParseIntError;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

/// What stands below the options.
pub(super) const EXITS: &str = "\
Exit codes: 0 done, 1 declined, 2 wrong usage or input, 3 a prerequisite failed, 4 timed out, 5 a defect of hybridd,
6 done on the phone, but the answer could not be written.

Files are made with mode 0600. Pipes and devices must be your own, and a named pipe needs its reader first. What a reader
does not take in time is lost, counted and told; it does not hold up the sign-in.";

#[derive(clap::Args)]
pub(super) struct CeremonyArgs {
    /// The site's origin, such as https://example.com. The relying party is checked against it.
    #[arg(long, value_name = "URL", value_parser = Origin::parse)]
    pub(super) origin: Origin,
    /// Where the WebAuthn options JSON is read from; - is standard input.
    #[arg(long, value_name = "FILE", default_value = "-")]
    pub(super) options: PathBuf,
    /// How the code is shown: terminal, svg:PATH, png:PATH, text or none. Default: terminal if
    /// there is one, else text.
    #[arg(long, value_name = "HOW", value_parser = Show::from_str)]
    pub(super) qr: Option<Show>,
    /// Listens on this Bluetooth adapter alone; may be given several times. Default: on all that
    /// are switched on.
    #[arg(long, value_name = "NAME", value_parser = AdapterName::from_str)]
    pub(super) adapter: Vec<AdapterName>,
    /// Writes what happened as JSON Lines, without secrets, for reports.
    #[arg(long, value_name = "FILE")]
    pub(super) timeline: Option<PathBuf>,
    /// Writes progress as JSON Lines while it runs; - is standard error.
    #[arg(long, value_name = "FILE")]
    pub(super) events: Option<PathBuf>,
    /// Gives up after this many seconds. A script that cannot use Bluetooth gives up after 15 s, and a
    /// restart of the Bluetooth service is waited for.
    #[arg(long, value_name = "N", value_parser = seconds)]
    pub(super) seconds: Option<Duration>,
    /// Shows what would be asked, and asks nobody.
    #[arg(long)]
    pub(super) dry_run: bool,
    /// On an error, standard output holds it as JSON.
    #[arg(long)]
    pub(super) json: bool,
}

/// How the code is shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Show {
    Terminal,
    Svg(PathBuf),
    Png(PathBuf),
    Text,
    None,
}

impl FromStr for Show {
    type Err = OptionError;

    fn from_str(text: &str) -> Result<Self, OptionError> {
        match text.split_once(':') {
            Some(("svg", path)) if !path.is_empty() => Ok(Self::Svg(path.into())),
            Some(("png", path)) if !path.is_empty() => Ok(Self::Png(path.into())),
            None if text == "terminal" => Ok(Self::Terminal),
            None if text == "text" => Ok(Self::Text),
            None if text == "none" => Ok(Self::None),
            _ => Err(OptionError::Show),
        }
    }
}

fn seconds(text: &str) -> Result<Duration, OptionError> {
    match text.parse() {
        Ok(seconds @ 1..=86_400) => Ok(Duration::from_secs(seconds)),
        Ok(_) => Err(OptionError::Seconds(None)),
        Err(error) => Err(OptionError::Seconds(Some(error))),
    }
}

/// What was expected of an option, and not given.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum OptionError {
    /// A way to show the code.
    Show,
    /// A number of seconds; with what keeps the text from being a number at all.
    Seconds(Option<ParseIntError>),
}

impl fmt::Display for OptionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Show => "expected terminal, svg:PATH, png:PATH, text or none",
            Self::Seconds(_) => "expected a number of seconds from 1 to 86400",
        })
    }
}

impl std::error::Error for OptionError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Seconds(Some(error)) => Some(error),
            Self::Seconds(None) | Self::Show => None,
        }
    }
}
