//! Options of `register` and `sign-in`.

use super::policy::PersonArgs;
use super::setting_flags::SettingFlags;
use hybrid_pages::CommandPage;
use hybrid_webauthn::Origin;
use std::path::PathBuf;

const EXITS: &[(u8, &str)] = &[
    (0, "done"),
    (1, "declined on the phone or here"),
    (2, "wrong usage or input"),
    (
        3,
        "a prerequisite failed, also when it was waited for until the time was over, or the policy refuses",
    ),
    (4, "timed out, with every prerequisite fulfilled"),
    (5, "a bug in hybridd"),
    (6, "done on the phone, but the answer could not be written"),
];

const NOTES: &str = "\
Files are created with mode 0600. Pipes and devices must belong to you, and a named pipe must already have a reader. Output that
a reader does not accept in time is dropped, counted and reported; it does not delay the sign-in.

Without a terminal, nobody can mend Bluetooth meanwhile: where it does not work, the command gives up after 15 s, whatever --seconds allows.";

/// What the page of `register` says.
pub(super) const REGISTER: CommandPage = CommandPage {
    exits: EXITS,
    notes: NOTES,
    examples: &[
        (
            "Registers a passkey for a site: its options come from a file, the response goes to another.",
            "hybridd register --origin https://example.com --options creation-options.json > register.json",
        ),
        (
            "Shows what would be asked, without a phone and with options that come along:",
            "hybridd register --origin http://localhost --options /usr/share/doc/hybridd/samples/creation-options.json --dry-run",
        ),
        (
            "Asks an organisation's policy before the code is shown:",
            "hybridd register --origin https://login.microsoft.com --policy methods.json groups.json --options options.json",
        ),
    ],
    also: &[
        "hybridd-sign-in(1)",
        "hybridd-inspect(1)",
        "hybridd-doctor(1)",
    ],
};

/// What the page of `sign-in` says.
pub(super) const SIGN_IN: CommandPage = CommandPage {
    exits: EXITS,
    notes: NOTES,
    examples: &[
        (
            "Signs in; the code is shown in this terminal:",
            "hybridd sign-in --origin https://example.com --options request-options.json > sign-in.json",
        ),
        (
            "The same from a program, with the code as a picture and progress as JSON Lines:",
            "hybridd sign-in --origin https://example.com --qr svg:code.svg --events - < request-options.json",
        ),
        (
            "Gives up after two minutes, and keeps what happened for a bug report:",
            "hybridd sign-in --origin https://example.com --options request-options.json --seconds 120 --timeline timeline.jsonl",
        ),
    ],
    also: &[
        "hybridd-register(1)",
        "hybridd-explain(1)",
        "hybridd-doctor(1)",
    ],
};

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
