//! `hybridd policy profiles`: which target has which profile, and what that accepts.

use super::super::answer::{answer, refused};
use super::super::exit::Exit;
use super::super::inspect;
use super::exports::ExportArgs;
use super::input::{Input, NoInput};
use hybrid_policy::{Aaguid, Assignment, ExportKind, assignments};
use serde_json::json;
use std::fmt::Write as _;
use std::path::PathBuf;

#[derive(clap::Args)]
pub(super) struct ProfilesArgs {
    #[command(flatten)]
    exports: ExportArgs,
    /// The FIDO Alliance's metadata, which names models of security keys.
    #[arg(long, value_name = "FILE")]
    mds: Option<PathBuf>,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &ProfilesArgs) -> Exit {
    let exports = match args.exports.read(&mut Input::default()) {
        Ok(exports) => exports,
        Err(why) => return refused(&why, args.json),
    };
    let metadata = { args.mds.as_deref() }.map(inspect::imported).transpose();
    let metadata = match metadata.map_err(NoInput::Metadata) {
        Ok(metadata) => metadata,
        Err(why) => return refused(&why, args.json),
    };
    let name = |aaguid: &Aaguid| {
        let entry = metadata.as_ref()?.model(*aaguid)?;
        entry.name().map(str::to_owned)
    };
    let Some(all) = assignments(&exports, &name) else {
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
        let _ = writeln!(text, "\n{}: {}", one.who, one.profile);
        if one.known {
            let _ = write!(
                text,
                "  types: {}\n  attestation: {}\n  models: {}\n",
                one.types, one.attestation, one.models
            );
        }
        let _ = writeln!(text, "  at {}", one.place);
    }
    text
}
