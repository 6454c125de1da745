//! `hybridd policy profiles`: which target has which profile, and what that accepts.

use super::super::answer::{answer, refused};
use super::super::exit::Exit;
use super::exports::ExportArgs;
use super::input::Input;
use hybrid_policy::{Assignment, ExportKind, assignments};
use serde_json::json;
use std::fmt::Write as _;

#[derive(clap::Args)]
pub(super) struct ProfilesArgs {
    #[command(flatten)]
    exports: ExportArgs,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &ProfilesArgs) -> Exit {
    let exports = match args.exports.read(&mut Input::default()) {
        Ok(exports) => exports,
        Err(why) => return refused(&why, args.json),
    };
    let Some(all) = assignments(&exports) else {
        let text = format!(
            "For an answer, this is missing:\n  - {}\n",
            ExportKind::Methods
        );
        let json = json!({"targets": [], "missing": [ExportKind::Methods.to_string()]});
        return answer(args.json.then_some(&json), &text, Exit::Prerequisite);
    };
    let rows: Vec<_> = all.iter().map(Assignment::to_json).collect();
    let json = json!({"targets": rows, "missing": []});
    answer(args.json.then_some(&json), &text(&all), Exit::Done)
}

fn text(all: &[Assignment]) -> String {
    let mut text =
        "One profile of the user has to accept the whole passkey; exclusion takes precedence.\n"
            .to_owned();
    for one in all {
        let _ = write!(
            text,
            "\n{}: {}\n  types: {}\n  attestation: {}\n  models: {}\n  at {}\n",
            one.who, one.profile, one.types, one.attestation, one.models, one.place
        );
    }
    text
}
