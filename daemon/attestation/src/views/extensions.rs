//! Extensions: which there are. What they hold may be secret and is never shown.

use crate::sheet::Sheet;
use hybrid_protocol::cbor::Value as Cbor;
use hybrid_protocol::printable;
use serde_json::{Map, Value};

const MOST: usize = 24;
const LONGEST: usize = 40;

/// Those that the authenticator signed.
pub(super) fn show_signed(sheet: &mut Sheet, extensions: Option<&Cbor>) {
    let entries = extensions.and_then(Cbor::as_map);
    let names = entries.into_iter().flatten();
    let names = names
        .filter_map(|(name, _)| name.as_text())
        .map(str::to_owned);
    show(
        sheet,
        "signed_extensions",
        "Signed extensions",
        names.collect(),
    );
}

/// Those that a client answers beside.
pub(super) fn show_results(sheet: &mut Sheet, results: Option<&Value>) {
    let Some(Value::Object(results)) = results else {
        return;
    };
    let names = results.iter().map(|(name, result)| shown(name, result));
    show(
        sheet,
        "client_extensions",
        "Extension results",
        names.collect(),
    );
    if results.get("appid").and_then(Value::as_bool) == Some(true) {
        sheet.find_odd("The credential is one from before passkeys (appid).");
    }
}

/// Those that a site asks for.
pub(super) fn show_inputs(sheet: &mut Sheet, inputs: &Map<String, Value>) {
    show(
        sheet,
        "extensions",
        "Extensions",
        inputs.keys().cloned().collect(),
    );
}

/// A result that is true or false is told; of others only that they are there.
fn shown(name: &str, result: &Value) -> String {
    if let Some(value) = result.as_bool() {
        return format!("{name} {value}");
    }
    if let Some(resident) = result.get("rk").and_then(Value::as_bool) {
        return format!("{name} (discoverable: {resident})");
    }
    let secret = ["results", "blob", "hmacGetSecret", "output1"];
    let holds = |member: &str| result.get(member).is_some() || name == member;
    if secret.iter().any(|member| holds(member)) {
        return format!("{name} (with a value, which is not shown)");
    }
    if let Some(enabled) = result.get("enabled").and_then(Value::as_bool) {
        return format!("{name} (enabled: {enabled})");
    }
    name.to_owned()
}

fn show(sheet: &mut Sheet, name: &'static str, label: &'static str, found: Vec<String>) {
    if found.is_empty() {
        return;
    }
    let found: Vec<String> = { found.iter().take(MOST) }
        .map(|text| printable(text).chars().take(LONGEST + 40).collect())
        .collect();
    sheet.put(name, label, found.join(", "), found);
}
