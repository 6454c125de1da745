//! What a site asks for, and whether a phone can be asked for it.

use super::extensions;
use crate::material::member;
use crate::octets;
use crate::scheme::algorithm_name;
use crate::sheet::Sheet;
use hybrid_protocol::printable;
use hybrid_webauthn::{Ceremony, OptionsKind, Origin};
use serde_json::{Map, Value, json};

const MOST_ALGORITHMS: usize = 16;
/// Shorter ones can be guessed (WebAuthn Level 3 section 13.4.3).
const SHORTEST_CHALLENGE: usize = 16;

pub(super) fn sheet(kind: OptionsKind, members: &Map<String, Value>) -> Sheet {
    let (name, title) = match kind {
        OptionsKind::Registration => ("creation-options", "The options of a registration"),
        OptionsKind::SignIn => ("request-options", "The options of a sign-in"),
    };
    let mut sheet = Sheet::new(name, title);
    let rp = member(members, "rp");
    let rp_id = match kind {
        OptionsKind::Registration => rp.and_then(|rp| rp.get("id")),
        OptionsKind::SignIn => member(members, "rpId"),
    };
    let rp_id = rp_id.and_then(Value::as_str);
    let shown = rp_id.map_or("left to the page's host".to_owned(), printable);
    sheet.put("rp_id", "Site (rp id)", &shown, rp_id.map(printable));
    let user = member(members, "user").and_then(|user| user.get("name"));
    if let Some(user) = user.and_then(Value::as_str) {
        sheet.put_personal("user_name", "Account", user);
    }
    show_challenge(&mut sheet, members);
    match kind {
        OptionsKind::Registration => show_creation(&mut sheet, members),
        OptionsKind::SignIn => {
            show_word(&mut sheet, Some(members), VERIFICATION);
            let allowed = member(members, "allowCredentials").and_then(Value::as_array);
            let count = allowed.map_or(0, Vec::len);
            let shown = match count {
                0 => "any discoverable passkey of the site".to_owned(),
                count => format!("{count} credentials that the site names"),
            };
            sheet.put("allowed", "May be used", shown, count);
        }
    }
    if let Some(Value::Object(inputs)) = member(members, "extensions") {
        extensions::show_inputs(&mut sheet, inputs);
    }
    if let Some(timeout) = member(members, "timeout").and_then(Value::as_u64) {
        sheet.put("timeout_ms", "Time", format_args!("{timeout} ms"), timeout);
    }
    ask(&mut sheet, kind, members, rp_id);
    sheet
}

/// A word of the options, with its default.
type Word = (&'static str, &'static str, &'static str, &'static str);
const VERIFICATION: Word = (
    "userVerification",
    "user_verification",
    "User verification",
    "preferred",
);
const RESIDENT: Word = ("residentKey", "resident_key", "Discoverable", "discouraged");
const ATTACHMENT: Word = (
    "authenticatorAttachment",
    "attachment",
    "Where it may be",
    "anywhere",
);
const ATTESTATION: Word = ("attestation", "attestation_wanted", "Attestation", "none");

fn show_word(sheet: &mut Sheet, members: Option<&Map<String, Value>>, word: Word) {
    let (member_name, name, label, default) = word;
    let given = members.and_then(|members| member(members, member_name)?.as_str());
    match given {
        Some(given) => sheet.put(name, label, printable(given), printable(given)),
        None => sheet.put(name, label, format_args!("{default} (by default)"), default),
    }
}

fn show_creation(sheet: &mut Sheet, members: &Map<String, Value>) {
    let params = member(members, "pubKeyCredParams").and_then(Value::as_array);
    let algorithms: Vec<i64> = { params.into_iter().flatten() }
        .filter_map(|param| param.get("alg")?.as_i64())
        .take(MOST_ALGORITHMS)
        .collect();
    let names: Vec<String> = algorithms.iter().copied().map(algorithm_name).collect();
    sheet.put("algorithms", "Algorithms", names.join(", "), algorithms);
    let selection = member(members, "authenticatorSelection").and_then(Value::as_object);
    show_word(sheet, selection, VERIFICATION);
    let required = selection.and_then(|selection| member(selection, "requireResidentKey"));
    if required.and_then(Value::as_bool) == Some(true)
        && selection.is_none_or(|selection| member(selection, "residentKey").is_none())
    {
        sheet.put(
            "resident_key",
            "Discoverable",
            "required (by requireResidentKey)",
            "required",
        );
    } else {
        show_word(sheet, selection, RESIDENT);
    }
    show_word(sheet, selection, ATTACHMENT);
    show_word(sheet, Some(members), ATTESTATION);
    let excluded = member(members, "excludeCredentials").and_then(Value::as_array);
    let count = excluded.map_or(0, Vec::len);
    sheet.put(
        "excluded",
        "Registered already",
        format_args!("{count} credentials that the site names"),
        count,
    );
}

fn show_challenge(sheet: &mut Sheet, members: &Map<String, Value>) {
    let bytes = member(members, "challenge").and_then(octets::of_json);
    let length = bytes.map(|bytes| bytes.len());
    let shown = length.map_or("none".to_owned(), |length| format!("{length} bytes"));
    sheet.put("challenge", "Challenge", shown, json!({"bytes": length}));
    if length.is_none_or(|length| length < SHORTEST_CHALLENGE) {
        sheet.find_odd(format_args!(
            "The challenge has fewer than {SHORTEST_CHALLENGE} bytes, so that it may be guessed."
        ));
    }
}

/// Whether `hybridd register` or `sign-in` takes them, for a page of the site itself.
fn ask(sheet: &mut Sheet, kind: OptionsKind, members: &Map<String, Value>, rp_id: Option<&str>) {
    let Some(rp_id) = rp_id else { return };
    let Ok(origin) = Origin::parse(&format!("https://{rp_id}")) else {
        sheet.put(
            "usable",
            "For a phone",
            "no browser and no phone takes them",
            false,
        );
        sheet.find_odd("The site (rp id) is no domain name: expected one such as example.com, without https://, port, path or a dot at its end.");
        return;
    };
    let json = Value::Object(members.clone()).to_string();
    let read = match kind {
        OptionsKind::Registration => Ceremony::register(origin, &json),
        OptionsKind::SignIn => Ceremony::sign_in(origin, &json),
    };
    let command = match kind {
        OptionsKind::Registration => "hybridd register",
        OptionsKind::SignIn => "hybridd sign-in",
    };
    match read {
        Ok(_) => sheet.put(
            "usable",
            "For a phone",
            format_args!("{command} takes them"),
            true,
        ),
        Err(error) => {
            sheet.put(
                "usable",
                "For a phone",
                format_args!("{command} refuses them"),
                false,
            );
            sheet.find_odd(format_args!(
                "{command} does not take these options: {error}."
            ));
        }
    }
}
