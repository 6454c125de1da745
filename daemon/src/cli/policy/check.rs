//! `hybridd policy check`: one passkey of one person.

use super::super::answer::{answer, refused};
use super::super::exit::Exit;
use super::super::inspect;
use super::exports::ExportArgs;
use super::input::{Input, NoInput};
use super::question::QuestionArgs;
use hybrid_attestation::{Evidence, Metadata};
use hybrid_policy::{Admission, Judgement, Occasion};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Responses and options are short.
const LONGEST: u64 = 8 << 20;

#[derive(clap::Args)]
pub(super) struct CheckArgs {
    #[command(flatten)]
    exports: ExportArgs,
    /// The options that the site sent; - is standard input.
    #[arg(long, value_name = "FILE")]
    options: Option<PathBuf>,
    /// What hybridd register or sign-in printed, a browser's response, or a directory's record of the
    /// passkey; - is standard input.
    #[arg(long, value_name = "FILE")]
    response: Option<PathBuf>,
    /// The FIDO Alliance's metadata, where attestation is enforced.
    #[arg(long, value_name = "FILE", requires = "response")]
    mds: Option<PathBuf>,
    #[command(flatten)]
    question: QuestionArgs,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &CheckArgs) -> Exit {
    let judgement = match judge(args) {
        Ok(judgement) => judgement,
        Err(why) => return refused(&why, args.json),
    };
    let outcome = judgement.outcome();
    let exit = match outcome {
        Admission::Accepted => Exit::Done,
        Admission::Refused => Exit::Declined,
        Admission::Input => Exit::Usage,
        Admission::Undetermined => Exit::Prerequisite,
    };
    let mut json = judgement.to_json();
    if let Some(members) = json.as_object_mut() {
        members.insert("outcome".to_owned(), outcome.name().into());
    }
    answer(args.json.then_some(&json), &text(&judgement), exit)
}

/// Asks the exports.
///
/// # Errors
/// [`NoInput`] says which file cannot be used, and why.
pub(super) fn judge(args: &CheckArgs) -> Result<Judgement, NoInput> {
    let mut input = Input::default();
    let exports = args.exports.read(&mut input)?;
    let metadata = { args.mds.as_deref() }
        .map(inspect::imported)
        .transpose()
        .map_err(NoInput::Metadata)?;
    let options = evidence(&mut input, args.options.as_deref(), None)?;
    if let (Some(path), None | Some(Occasion::Registration)) = (&args.options, options.occasion) {
        return Err(NoInput::Other {
            name: path.display().to_string(),
            expected: "the options of a registration or a sign-in",
        });
    }
    let response = evidence(&mut input, args.response.as_deref(), metadata.as_ref())?;
    if let (Some(path), Some(Occasion::BeforeRegistration)) = (&args.response, response.occasion) {
        return Err(NoInput::Other {
            name: path.display().to_string(),
            expected: "a response or a record (options belong to --options)",
        });
    }
    let inquiry = args.question.inquiry(options, response);
    super::usable(hybrid_policy::check(&exports, &inquiry))
}

fn evidence(
    input: &mut Input,
    path: Option<&Path>,
    metadata: Option<&Metadata>,
) -> Result<Evidence, NoInput> {
    let Some(path) = path else {
        return Ok(Evidence::default());
    };
    let file = input.read(path, LONGEST)?;
    inspect::warn_of_secret(&file.name, &file.bytes);
    Evidence::of(&file.bytes, metadata).map_err(|error| NoInput::Evidence {
        name: file.name,
        error,
    })
}

/// Stands below what is missing.
const HOW_TO_GIVE: &str = "\
Facts of the passkey come from --response, or --aaguid and --type; the user's from --user, and --groups or an export of the groups; the
policy's from further files (hybridd policy how-to-export).
";

/// The verdicts, and what is missing at the end, where a person looks for what to do next.
fn text(judgement: &Judgement) -> String {
    let mut text = judgement.to_string();
    let missing = judgement.missing();
    if judgement.outcome() == Admission::Undetermined && !missing.is_empty() {
        text.push_str("\nFor an answer, this is missing:\n");
        for lack in missing {
            let _ = writeln!(text, "  - {lack}");
        }
        text.push_str(HOW_TO_GIVE);
    }
    text
}
