//! What a directory keeps of a passkey: `fido2AuthenticationMethod` of Microsoft Graph, and records
//! of others that name a model.

use super::model;
use super::surrounding::Surrounding;
use crate::certificate::Certified;
use crate::material::{self, member};
use crate::octets;
use crate::sheet::Sheet;
use hybrid_policy::Moment;
use hybrid_protocol::ctap::Aaguid;
use hybrid_protocol::printable;
use serde_json::{Map, Value};

const LONGEST: usize = 80;
const LONGEST_DATE: usize = 24;
/// A directory's words, with what they mean.
const KINDS: [(&str, &str); 2] = [("synced", "synced"), ("deviceBound", "device-bound")];
const LEVELS: [(&str, &str); 2] = [
    ("attested", "attested (nothing in a record can be verified)"),
    ("notAttested", "not attested"),
];

/// A word of a directory.
enum Word {
    /// As the directory's documents write it, and what it means.
    Known(&'static str, &'static str),
    /// Another one.
    Other(String),
}

impl Word {
    const fn known(&self) -> Option<&'static str> {
        match self {
            Self::Known(word, _) => Some(*word),
            Self::Other(_) => None,
        }
    }
}

/// Programs differ in how they write a word's first letter.
fn word(words: &[(&'static str, &'static str)], said: &str) -> Word {
    let known = words
        .iter()
        .find(|(word, _)| word.eq_ignore_ascii_case(said));
    known.map_or_else(
        || Word::Other(said.to_owned()),
        |(word, means)| Word::Known(word, means),
    )
}

/// What the record says, as the record's words and not this program's.
fn quoted(said: &str) -> String {
    format!("\"{}\", as the directory has it", said.replace('"', "'"))
}

/// Shows a word. One that is not known may be anything, also a person's name.
fn put_word(sheet: &mut Sheet, name: &'static str, label: &'static str, word: &Word) {
    match word {
        Word::Known(word, means) => {
            sheet.put(
                name,
                label,
                format_args!("{means}, as the directory has it"),
                *word,
            );
        }
        Word::Other(said) => {
            sheet.put_personal(name, label, &quoted(said));
            sheet.find_odd(format_args!(
                "The record's member {} has a value that hybridd does not know.",
                member_name(name)
            ));
        }
    }
}

fn member_name(name: &str) -> &'static str {
    if name == "passkey_type" {
        "passkeyType"
    } else {
        "attestationLevel"
    }
}

/// The day, also as PowerShell writes it in the language of its user; nothing else stands there.
fn show_day(sheet: &mut Sheet, created: &str) {
    if let Some(moment) = Moment::parse(created) {
        let day = moment.to_string();
        sheet.put("created", "Registered", &day, day.clone());
        return;
    }
    let is_date = created.len() <= LONGEST_DATE
        && { created.chars() }.all(|char| char.is_ascii_digit() || "/.-: APMapm".contains(char))
        && created.starts_with(|char: char| char.is_ascii_digit());
    if is_date {
        sheet.put("created", "Registered", quoted(created), created);
    } else {
        sheet.put_personal("created", "Registered", &quoted(created));
        sheet.find_odd("The record's member createdDateTime is no date and time.");
    }
}

pub(super) fn sheet(members: &Map<String, Value>, around: &Surrounding<'_>) -> Sheet {
    let mut sheet = Sheet::new("record", "A record of a registered passkey");
    let aaguid = material::model(members).flatten();
    match aaguid {
        Some(aaguid) => model::show(&mut sheet, aaguid, None, around),
        None => sheet
            .find_odd("The model (AAGUID) of the record is no id: expected 32 hexadecimal digits, or 16 bytes."),
    }
    let text = |name: &str| -> Option<String> {
        let text = member(members, name)?.as_str()?;
        Some(printable(text).chars().take(LONGEST).collect())
    };
    let kind = text("passkeyType").map(|said| word(&KINDS, &said));
    if let Some(kind) = &kind {
        put_word(&mut sheet, "passkey_type", "Kind", kind);
    }
    let level = text("attestationLevel").map(|said| word(&LEVELS, &said));
    if let Some(level) = &level {
        put_word(&mut sheet, "attestation_level", "Attestation", level);
    }
    if let Some(model) = text("model") {
        let shown = quoted(&model);
        sheet.put("model_text", "Model, in words", shown, model.clone());
        contradict(&mut sheet, aaguid, &model);
    }
    if let Some(name) = text("displayName") {
        sheet.put_personal("display_name", "Named by its user", &quoted(&name));
    }
    if let Some(created) = text("createdDateTime") {
        show_day(&mut sheet, &created);
    }
    let kind = kind.as_ref().and_then(Word::known);
    let level = level.as_ref().and_then(Word::known);
    show_certificates(&mut sheet, members, level);
    let syncs = aaguid.is_some_and(is_always_synced);
    if syncs && kind == Some("deviceBound") {
        sheet.find_odd("The model is a provider that syncs every passkey, but the record has a device-bound one: the model may be imitated, or the record is wrong.");
    }
    if syncs && level == Some("attested") {
        sheet.find_odd(
            "The model is a provider that gives no attestation, but the record has it attested.",
        );
    }
    sheet
}

fn show_certificates(sheet: &mut Sheet, members: &Map<String, Value>, level: Option<&str>) {
    let list = member(members, "attestationCertificates").and_then(Value::as_array);
    let Some(list) = list else { return };
    let read: Vec<Option<String>> = { list.iter() }
        .map(|item| {
            let der = octets::of_json(item)?;
            Some(Certified::read(&der).ok()?.subject())
        })
        .collect();
    let subjects: Vec<String> = read.iter().flatten().cloned().collect();
    let shown = match (list.len(), subjects.as_slice()) {
        (0, _) => "none".to_owned(),
        (count, []) => format!("{count}, by their thumbprints or in another form than DER"),
        (count, subjects) => format!("{count}: {}", subjects.join("; ")),
    };
    let count = list.len();
    sheet.put("certificates", "Certificates", shown, count);
    if list.is_empty() && level == Some("attested") {
        sheet.find_odd("The record is attested, but has no certificate.");
    }
}

/// A text that names another maker than the id does.
fn contradict(sheet: &mut Sheet, aaguid: Option<Aaguid>, model: &str) {
    let Some(name) = aaguid.and_then(|aaguid| aaguid.name()) else {
        return;
    };
    let called = aaguid.and_then(|aaguid| aaguid.is_called(model));
    if !model.is_empty() && called == Some(false) {
        sheet.find_odd(format_args!("The AAGUID is of {name}, but the record's words name another model: believe neither without attestation."));
    }
}

fn is_always_synced(aaguid: Aaguid) -> bool {
    use hybrid_protocol::ctap::aaguid::{APPLE_PASSWORDS, GOOGLE_PASSWORD_MANAGER};
    [APPLE_PASSWORDS, GOOGLE_PASSWORD_MANAGER].contains(&aaguid)
}
