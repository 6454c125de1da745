//! Options of `register` and `sign-in`.

use super::setting_flags::SettingFlags;
use hybrid_webauthn::Origin;
use std::path::PathBuf;

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
    #[command(flatten)]
    pub(super) settings: SettingFlags,
    /// Writes what happened as JSON Lines, without secrets, for reports.
    #[arg(long, value_name = "FILE")]
    pub(super) timeline: Option<PathBuf>,
    /// Writes progress as JSON Lines while it runs; - is standard error.
    #[arg(long, value_name = "FILE")]
    pub(super) events: Option<PathBuf>,
    /// Shows what would be asked, and asks nobody.
    #[arg(long)]
    pub(super) dry_run: bool,
    /// On an error, standard output holds it as JSON.
    #[arg(long)]
    pub(super) json: bool,
}
