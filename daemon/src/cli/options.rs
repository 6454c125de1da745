//! Options of `register` and `sign-in`.

use super::policy::PersonArgs;
use super::setting_flags::SettingFlags;
use hybrid_webauthn::Origin;
use std::path::PathBuf;

/// What stands below the options.
pub(super) const EXITS: &str = "\
Exit codes: 0 done, 1 declined, 2 wrong usage or input, 3 a prerequisite failed or the policy refuses, 4 timed out, 5 a bug in hybridd,
6 done on the phone, but the answer could not be written.

Files are created with mode 0600. Pipes and devices must belong to you, and a named pipe must already have a reader. Output that
a reader does not accept in time is dropped, counted and reported; it does not delay the sign-in.";

#[derive(clap::Args)]
pub(super) struct CeremonyArgs {
    /// The site's origin, such as https://example.com. The relying party is checked against it.
    #[arg(long, value_name = "URL", value_parser = Origin::parse)]
    pub(super) origin: Origin,
    /// The file with the WebAuthn options (JSON); - reads standard input.
    #[arg(long, value_name = "FILE", default_value = "-")]
    pub(super) options: PathBuf,
    #[command(flatten)]
    pub(super) settings: SettingFlags,
    /// Exports of the organisation's policy, as for policy check: stops before the code if they refuse
    /// for certain, and says what speaks against it otherwise [default: those that the setting
    /// policies names for the site].
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub(super) policy: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) person: PersonArgs,
    /// Records what happened as JSON Lines, without secrets, for bug reports.
    #[arg(long, value_name = "FILE")]
    pub(super) timeline: Option<PathBuf>,
    /// Writes progress as JSON Lines while it runs; - writes to standard error.
    #[arg(long, value_name = "FILE")]
    pub(super) events: Option<PathBuf>,
    /// Shows the request without sending it.
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Prints errors as JSON on standard output, too.
    #[arg(long)]
    pub(super) json: bool,
}
