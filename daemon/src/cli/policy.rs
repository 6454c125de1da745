//! `hybridd policy`: what an organisation's exported policy says of a passkey.

mod check;
mod diff;
mod exports;
mod input;
mod lint;
mod matrix;
mod missing;
mod profiles;
mod question;
mod registered;
mod words;

use super::answer::print;
use super::exit::Exit;
use super::say::say;
use crate::export_files::{self, NoExports};
use hybrid_attestation::Evidence;
use hybrid_pages::CommandPage;
use hybrid_policy::{Exports, Holder, Judgement, Occasion, Outlook, how_to_export, outlook};
use input::{NoInput, usable};
pub(super) use question::{PersonArgs, QuestionArgs};
use std::path::PathBuf;

const EXITS: &[(u8, &str)] = &[
    (0, "accepted, or nothing found"),
    (1, "refused, or something found"),
    (2, "wrong usage or input"),
    (3, "undetermined: an input is missing, and named"),
];

const NOTES: &str = "\
Exports are JSON of Microsoft Graph, saved as they are (hybridd policy how-to-export). hybridd contacts nobody. A file that holds
the value of a Temporary Access Pass is refused. Files to try this with are in /usr/share/doc/hybridd/samples/policy.";

const fn page_of(
    exits: &'static [(u8, &'static str)],
    examples: &'static [(&'static str, &'static str)],
) -> CommandPage {
    CommandPage {
        exits,
        notes: NOTES,
        examples,
        also: &["hybridd-inspect(1)", "hybridd-report(1)"],
    }
}

/// What the page of `policy` says.
pub(super) const PAGE: CommandPage = page_of(EXITS, &[]);
/// What the page of `policy check` says.
pub(super) const CHECK: CommandPage = page_of(
    &[
        (0, "the passkey is accepted"),
        (1, "it is refused"),
        (2, "wrong usage or input"),
        (3, "undetermined: an input is missing, and named"),
    ],
    &[
        (
            "May a person without groups register this passkey?",
            "hybridd policy check --policy methods.json access.json --groups none --response register.json",
        ),
        (
            "Each passkey that a user has:",
            "hybridd policy check --policy methods.json groups.json user.json",
        ),
    ],
);
/// What the page of `policy lint` says.
pub(super) const LINT: CommandPage = page_of(
    &[
        (0, "nothing was found"),
        (1, "something was found, be it only good to know"),
        (2, "wrong usage or input"),
        (
            3,
            "there was nothing to look at; with --bootstrap also: a part is missing",
        ),
    ],
    &[
        (
            "What is odd in these exports?",
            "hybridd policy lint --policy methods.json access.json strengths.json",
        ),
        (
            "What keeps a new user from the first passkey?",
            "hybridd policy lint --policy methods.json access.json --bootstrap",
        ),
    ],
);
/// What the page of `policy diff` says.
pub(super) const DIFF: CommandPage = page_of(
    &[
        (0, "no difference"),
        (1, "a difference"),
        (2, "wrong usage or input"),
        (
            3,
            "an export is missing on one side, or nothing differs in exports of which a part is missing",
        ),
    ],
    &[(
        "Who is locked out by a change? Two folders with exports:",
        "hybridd policy diff before after",
    )],
);
/// What the page of `policy profiles` says.
pub(super) const PROFILES: CommandPage = page_of(
    &[
        (0, "shown"),
        (2, "wrong usage or input"),
        (3, "the export with the profiles is missing"),
    ],
    &[(
        "Which group has which profile?",
        "hybridd policy profiles --policy methods.json",
    )],
);
/// What the page of `policy matrix` says.
pub(super) const MATRIX: CommandPage = CommandPage {
    exits: &[
        (0, "shown"),
        (2, "wrong usage, or no such phone or program"),
    ],
    notes: "",
    examples: &[(
        "Which phones were tried with Firefox?",
        "hybridd policy matrix --program firefox",
    )],
    also: &["hybridd-policy-check(1)"],
};
/// What the page of `policy how-to-export` says.
pub(super) const HOW_TO_EXPORT: CommandPage = CommandPage {
    exits: &[(0, "printed"), (2, "the commands could not be written")],
    notes: "",
    examples: &[(
        "Keeps the commands in a file:",
        "hybridd policy how-to-export > export.txt",
    )],
    also: &["hybridd-policy-check(1)"],
};

#[derive(clap::Args)]
pub(super) struct PolicyArgs {
    #[command(subcommand)]
    command: PolicyCommand,
}

#[derive(clap::Subcommand)]
enum PolicyCommand {
    /// Judges one passkey of one person: may it be registered or used, and where is it required?
    #[command(after_help = CHECK.help())]
    Check(Box<check::CheckArgs>),
    /// Looks for what is odd in exports: strengths that nobody can satisfy, loops that keep a new user out, limits, contradictions.
    #[command(after_help = LINT.help())]
    Lint(lint::LintArgs),
    /// Compares two states of a policy: who can register or sign in with what, and who is locked out.
    #[command(after_help = DIFF.help())]
    Diff(diff::DiffArgs),
    /// Lists which groups have which passkey profiles, and which types and models these accept.
    #[command(after_help = PROFILES.help())]
    Profiles(profiles::ProfilesArgs),
    /// Shows which imitated phones were tried with which programs, when, and what shows it.
    #[command(after_help = MATRIX.help())]
    Matrix(matrix::MatrixArgs),
    /// Prints the commands that export a policy. They are for an administrator; hybridd runs none of them.
    #[command(after_help = HOW_TO_EXPORT.help())]
    HowToExport,
}

pub(super) fn run(args: &PolicyArgs) -> Exit {
    match &args.command {
        PolicyCommand::Check(args) => check::run(args),
        PolicyCommand::Lint(args) => lint::run(args),
        PolicyCommand::Diff(args) => diff::run(args),
        PolicyCommand::Profiles(args) => profiles::run(args),
        PolicyCommand::Matrix(args) => matrix::run(args),
        PolicyCommand::HowToExport => print(&how_to_export(), Exit::Done),
    }
}

/// What exports say of a passkey, or of a registration by QR code where nothing is known of one, for
/// the help desk's report.
///
/// # Errors
/// Why there is no judgement, in words.
pub(super) fn judge(
    policy: &[PathBuf],
    question: &QuestionArgs,
    evidence: Evidence,
) -> Result<Judgement, NoInput> {
    if policy.is_empty() && question.is_given() {
        return Err(NoInput::NoPolicy);
    }
    let exports = export_files::read(policy).map_err(NoInput::Files)?;
    let asked = evidence.occasion == Some(Occasion::BeforeRegistration);
    let (options, response) = match asked {
        true => (evidence, Evidence::default()),
        false => (Evidence::default(), evidence),
    };
    let inquiry = question.inquiry(options, response);
    usable(hybrid_policy::check(&exports, &inquiry))
}

/// The exports that a request is judged by before its code.
pub(super) enum ForecastFiles {
    /// Of the command line, in which one user's files are of the user who asks.
    Given(Vec<PathBuf>),
    /// Of the setting `policies`, which is for everybody.
    Set(Vec<PathBuf>),
}

impl ForecastFiles {
    fn read(&self) -> Result<Exports, NoExports> {
        let read = match self {
            Self::Given(paths) => return export_files::read_as_typed(paths),
            Self::Set(paths) => export_files::read_for_site(paths)?,
        };
        if !read.ignored.is_empty() {
            let kinds: Vec<String> = read.ignored.iter().map(ToString::to_string).collect();
            say(&format!(
                "hybridd: ignored in the exports that the setting policies names, because it is of one user: {}. Give it with \
                 --policy, or --groups.",
                kinds.join(", ")
            ));
        }
        Ok(read.exports)
    }
}

/// What exports say of a request of this site before its code is shown.
///
/// # Errors
/// Why there is no judgement, in words.
pub(super) fn forecast(
    files: &ForecastFiles,
    holder: Holder,
    rp_id: &str,
    options: &str,
) -> Result<(Judgement, Option<Outlook>), NoInput> {
    let exports = files.read().map_err(NoInput::Files)?;
    let evidence = Evidence::of(options.as_bytes(), None);
    let evidence = evidence.map_err(|error| NoInput::Evidence {
        name: "the options".to_owned(),
        error,
    })?;
    let mut inquiry = QuestionArgs::default().inquiry(evidence, Evidence::default());
    rp_id.clone_into(&mut inquiry.site.rp_id);
    inquiry.holder = holder;
    let judgement = usable(hybrid_policy::check(&exports, &inquiry))?;
    Ok((judgement, outlook(&exports, &inquiry)))
}
