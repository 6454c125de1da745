//! `hybridd policy diff`: what a change of policy does.

use super::super::answer::{answer, refused};
use super::super::exit::Exit;
use super::exports;
use super::input::{Input, NoInput};
use super::question::PersonArgs;
use crate::export_files::now;
use hybrid_policy::{
    Change, Difference, ExportKind, Exports, Occasion, PasskeyChange, Ruling, Truth, Why, diff,
};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::PathBuf;

#[derive(clap::Args)]
pub(super) struct DiffArgs {
    /// The exports before: a file, or a folder with several; - is standard input.
    #[arg(value_name = "OLD")]
    old: PathBuf,
    /// The exports after, in the same way.
    #[arg(value_name = "NEW")]
    new: PathBuf,
    #[command(flatten)]
    person: PersonArgs,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &DiffArgs) -> Exit {
    let (old, new) = match both(args) {
        Ok(both) => both,
        Err(why) => return refused(&why, args.json),
    };
    let holder = args.person.holder();
    let mut people = Vec::new();
    if !args.person.is_empty() {
        people.push(("the user who was named", holder));
    }
    let difference = diff(&old, &new, &people, now());
    let missing = missing(&old, &new);
    let parts = parts(&old, &new);
    let exit = match (difference.is_empty(), missing.is_empty(), parts.is_empty()) {
        (_, false, _) | (true, true, false) => Exit::Prerequisite,
        (true, true, true) => Exit::Done,
        (false, true, _) => Exit::Declined,
    };
    let json = to_json(&difference, &missing, &parts);
    answer(
        args.json.then_some(&json),
        &text(&difference, &missing, &parts),
        exit,
    )
}

fn both(args: &DiffArgs) -> Result<(Exports, Exports), NoInput> {
    let mut input = Input::default();
    let old = exports::read(&mut input, std::slice::from_ref(&args.old))?;
    let new = exports::read(&mut input, std::slice::from_ref(&args.new))?;
    Ok((old, new))
}

/// Exports that one side alone has, or that nobody gave: what is compared with nothing has no
/// difference.
fn missing(old: &Exports, new: &Exports) -> Vec<String> {
    let mut missing = Vec::new();
    let mut compare = |kind: ExportKind, before: bool, after: bool| match (before, after) {
        (true, false) => missing.push(format!("{kind}, in NEW")),
        (false, true) => missing.push(format!("{kind}, in OLD")),
        (true, true) | (false, false) => {}
    };
    let fido2 = [old, new].map(|exports| exports.fido2().is_some());
    let access = [old, new].map(|exports| exports.access().is_some());
    let strengths = [old, new].map(Exports::has_strengths);
    for (kind, [before, after]) in [
        (ExportKind::Methods, fido2),
        (ExportKind::Access, access),
        (ExportKind::Strengths, strengths),
    ] {
        compare(kind, before, after);
    }
    if ![fido2, access, strengths].concat().contains(&true) {
        missing.push(format!("{}, in OLD and NEW", ExportKind::Methods));
    }
    missing
}

/// Files of which a part is not there: a difference may be in it.
fn parts(old: &Exports, new: &Exports) -> Vec<String> {
    let of = |exports: &Exports, side: &str| -> Vec<String> {
        let doubts = exports.doubts().iter();
        let parts = doubts.filter(|doubt| matches!(doubt.why, Why::Incomplete | Why::CutOff));
        parts.map(|doubt| format!("in {side}, {doubt}")).collect()
    };
    [of(old, "OLD"), of(new, "NEW")].concat()
}

fn text(difference: &Difference, missing: &[String], parts: &[String]) -> String {
    let mut text = String::new();
    if difference.is_empty() {
        text.push_str(match missing.is_empty() && parts.is_empty() {
            true => {
                "These two states of the policy accept the same passkeys and require the same.\n"
            }
            false => "No difference was found in what could be compared.\n",
        });
    }
    let _ = write!(text, "{difference}");
    if !missing.is_empty() {
        text.push_str("\nFor a whole comparison, these exports are missing:\n");
        for kind in missing {
            let _ = writeln!(text, "  - {kind}");
        }
    }
    if !parts.is_empty() {
        text.push_str("\nWhat these files leave out was not compared:\n");
        for part in parts {
            let _ = writeln!(text, "  - {part}");
        }
    }
    text
}

fn to_json(difference: &Difference, missing: &[String], parts: &[String]) -> Value {
    let access = { difference.access.iter() }
        .map(|change| json!({"what": change.what, "before": change.before, "after": change.after}));
    let rulings = |rulings: &[Ruling]| -> Vec<Value> {
        let rulings = rulings.iter();
        rulings.map(Ruling::to_json).collect()
    };
    json!({
        "changes": difference.changes.iter().map(change).collect::<Vec<_>>(),
        "passkeys": difference.passkeys.iter().map(passkey).collect::<Vec<_>>(),
        "access": access.collect::<Vec<_>>(),
        "found": rulings(&difference.rulings),
        "new_findings": rulings(&difference.appeared),
        "gone_findings": rulings(&difference.gone),
        "missing": missing,
        "parts": parts,
    })
}

fn change(change: &Change) -> Value {
    json!({
        "who": change.who,
        "models": change.models,
        "type": kind(change.synced),
        "attested": change.attested,
        "for": match change.occasion {
            Occasion::BeforeRegistration | Occasion::Registration => "register",
            Occasion::SignIn => "sign-in",
        },
        "before": word(change.before),
        "after": word(change.after),
    })
}

fn passkey(passkey: &PasskeyChange) -> Value {
    json!({
        "name": passkey.name,
        "aaguid": passkey.model.map(|model| model.to_string()),
        "type": passkey.synced.map(kind),
        "at": passkey.place,
        "before": word(passkey.before),
        "after": word(passkey.after),
        "missing": passkey.lacks,
        "no_longer_enough_for": passkey.too_little_for,
        "perhaps_no_longer_enough_for": passkey.perhaps_too_little_for,
    })
}

const fn kind(synced: bool) -> &'static str {
    match synced {
        true => "synced",
        false => "device-bound",
    }
}

const fn word(truth: Truth) -> Option<bool> {
    match truth {
        Truth::Yes => Some(true),
        Truth::No => Some(false),
        Truth::Unknown => None,
    }
}
