//! `hybridd policy check`: one passkey of one person.

use super::super::answer::{answer, refused};
use super::super::exit::Exit;
use super::super::inspect;
use super::exports::ExportArgs;
use super::input::{Input, NoInput, usable};
use super::missing::missing_text;
use super::question::QuestionArgs;
use super::registered::Registered;
use hybrid_attestation::{Evidence, Metadata};
use hybrid_policy::{Admission, Exports, Judgement, Occasion};
use serde_json::Value;
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
    /// Judges only this one of the user's passkeys, by its name or id. Without it, and without another
    /// description of a passkey, each passkey of an export of the user's methods is judged for a
    /// sign-in.
    #[arg(long, value_name = "NAME|ID", conflicts_with_all = ["response", "aaguid", "kind", "attested"])]
    method: Option<String>,
    #[command(flatten)]
    question: QuestionArgs,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

/// What was asked about.
enum Answer {
    /// One passkey, or any.
    One(Box<Judgement>),
    /// The passkeys of a user.
    Registered(Registered),
}

pub(super) fn run(args: &CheckArgs) -> Exit {
    let answered = match ask(args) {
        Ok(answered) => answered,
        Err(why) => return refused(&why, args.json),
    };
    let exit = match answered.outcome() {
        Admission::Accepted => Exit::Done,
        Admission::Refused => Exit::Declined,
        Admission::Input => Exit::Usage,
        Admission::Undetermined => Exit::Prerequisite,
    };
    let json = args.json.then(|| answered.to_json());
    answer(json.as_ref(), &answered.text(), exit)
}

impl Answer {
    fn outcome(&self) -> Admission {
        match self {
            Self::One(judgement) => judgement.outcome(),
            Self::Registered(registered) => registered.outcome(),
        }
    }

    fn to_json(&self) -> Value {
        match self {
            Self::One(judgement) => {
                let mut json = judgement.to_json();
                if let Some(members) = json.as_object_mut() {
                    let outcome = judgement.outcome().name();
                    members.insert("outcome".to_owned(), outcome.into());
                }
                json
            }
            Self::Registered(registered) => registered.to_json(),
        }
    }

    fn text(&self) -> String {
        match self {
            Self::One(judgement) => text(judgement),
            Self::Registered(registered) => registered.text(),
        }
    }
}

/// Asks the exports.
///
/// # Errors
/// [`NoInput`] says which file cannot be used, and why.
fn ask(args: &CheckArgs) -> Result<Answer, NoInput> {
    let mut input = Input::default();
    let exports = args.exports.read(&mut input)?;
    if exports.users().len() > 1 {
        let files = exports.users().iter();
        let files = files.map(|user| user.place.file().to_owned());
        return Err(NoInput::SeveralUsers(files.collect()));
    }
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
    let registration = options.occasion == Some(Occasion::BeforeRegistration)
        || args.question.is_of_registration();
    let described = args.response.is_some() || args.question.describes_passkey();
    if (args.method.is_some() || !(registration || described))
        && let Some(registered) = registered(args, &exports, options.clone())?
    {
        return Ok(Answer::Registered(registered));
    }
    let inquiry = args.question.inquiry(options, response);
    let judgement = usable(hybrid_policy::check(&exports, &inquiry))?;
    Ok(Answer::One(Box::new(judgement)))
}

/// The user's passkeys, when an export has some and none is described otherwise.
fn registered(
    args: &CheckArgs,
    exports: &Exports,
    options: Evidence,
) -> Result<Option<Registered>, NoInput> {
    let wanted = args.method.as_deref();
    let Some(user) = exports.user() else {
        return match wanted {
            Some(_) => Err(NoInput::NoMethods),
            None => Ok(None),
        };
    };
    if wanted.is_none() && user.passkeys.is_empty() {
        return Ok(None);
    }
    // A directory's passkeys are there already.
    let there = Evidence {
        occasion: Some(Occasion::SignIn),
        ..Evidence::default()
    };
    let inquiry = args.question.inquiry(options, there);
    Registered::judge(exports, user, wanted, &inquiry).map(Some)
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

/// Stands below a registration that Conditional Access does not honour.
const ONLY_REGISTERED: &str = "
The exit code is that of the registration, which is accepted. With --for sign-in it is that of a sign-in, which is refused where Conditional
Access requires more.
";

/// The verdicts, and what is missing at the end, where a person looks for what to do next.
fn text(judgement: &Judgement) -> String {
    let mut text = judgement.to_string();
    let outcome = (judgement.outcome(), judgement.enforcement);
    if outcome == (Admission::Accepted, Some(Admission::Refused)) {
        text.push_str(ONLY_REGISTERED);
    }
    if outcome.0 == Admission::Undetermined {
        text.push_str(&missing_text(judgement.missing()));
    }
    text
}
