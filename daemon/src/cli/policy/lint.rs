//! `hybridd policy lint`: what is odd about exports.

use super::super::answer::{answer, refused};
use super::super::exit::Exit;
use super::exports::ExportArgs;
use super::input::Input;
use crate::export_files::now;
use hybrid_policy::catalogue::Layer;
use hybrid_policy::{ExportKind, Exports, Ruling, lint};
use serde_json::json;
use std::fmt::Write as _;

/// Rules of Conditional Access that keep a user from the first passkey.
const LOOPS: [&str; 2] = ["PK210", "PK211"];

/// The exports that rules are about; those of one user come on top.
const KINDS: usize = 3;

#[derive(clap::Args)]
pub(super) struct LintArgs {
    #[command(flatten)]
    exports: ExportArgs,
    /// Shows only what keeps a new user from the first passkey.
    #[arg(long)]
    bootstrap: bool,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &LintArgs) -> Exit {
    let exports = match args.exports.read(&mut Input::default()) {
        Ok(exports) => exports,
        Err(why) => return refused(&why, args.json),
    };
    let mut rulings = lint(&exports, now());
    if args.bootstrap {
        rulings.retain(|ruling| {
            let about_files = ruling.layer() == Layer::Input;
            about_files || ruling.layer() == Layer::Bootstrap || LOOPS.contains(&ruling.code())
        });
    }
    let mut unseen = unseen(&exports);
    if args.bootstrap {
        // Policies bring the strengths that they use along.
        unseen.retain(|kind| *kind != ExportKind::Strengths);
    }
    let lacking = match args.bootstrap {
        true => !unseen.is_empty(),
        false => unseen.len() == KINDS,
    };
    let exit = match (rulings.is_empty(), lacking) {
        (false, _) => Exit::Declined,
        (true, true) => Exit::Prerequisite,
        (true, false) => Exit::Done,
    };
    let not_given: Vec<String> = unseen.iter().map(ToString::to_string).collect();
    let json = json!({
        "found": rulings.iter().map(Ruling::to_json).collect::<Vec<_>>(),
        "not_given": not_given,
    });
    answer(args.json.then_some(&json), &text(&rulings, &unseen), exit)
}

/// What would have to be there for all rules.
fn unseen(exports: &Exports) -> Vec<ExportKind> {
    let mut unseen = Vec::new();
    if exports.fido2().is_none() {
        unseen.push(ExportKind::Methods);
    }
    if exports.access().is_none() {
        unseen.push(ExportKind::Access);
    }
    if exports.strengths().is_empty() && !exports.has_strengths() {
        unseen.push(ExportKind::Strengths);
    }
    unseen
}

fn text(rulings: &[Ruling], unseen: &[ExportKind]) -> String {
    let mut text = match rulings.len() {
        0 if unseen.is_empty() => "Nothing is odd about these exports.\n".to_owned(),
        0 => "Nothing is odd about what was given, which is not all.\n".to_owned(),
        1 => "1 thing is worth a look.\n".to_owned(),
        count => format!("{count} things are worth a look.\n"),
    };
    for ruling in rulings {
        let _ = writeln!(text, "\n{ruling}");
    }
    if !unseen.is_empty() {
        text.push_str(
            "\nRules about these were not applied, because no export of them was given:\n",
        );
        for kind in unseen {
            let _ = writeln!(text, "  - {kind}");
        }
    }
    text
}
