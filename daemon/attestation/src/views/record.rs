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

pub(super) fn sheet(members: &Map<String, Value>, around: &Surrounding<'_>) -> Sheet {
    let mut sheet = Sheet::new("record", "A record of a registered passkey");
    let named = material::model(members);
    let aaguid = named.and_then(|(_, aaguid)| aaguid);
    match aaguid {
        Some(aaguid) => model::show(&mut sheet, aaguid, None, around),
        None => sheet
            .find_odd("The model (AAGUID) of the record is no id: expected 32 hexadecimal digits."),
    }
    let text = |name: &str| -> Option<String> {
        let text = member(members, name)?.as_str()?;
        Some(printable(text).chars().take(LONGEST).collect())
    };
    let kind = text("passkeyType");
    if let Some(kind) = &kind {
        let shown = match kind.as_str() {
            "synced" => "synced, as the directory has it",
            "deviceBound" => "device-bound, as the directory has it",
            other => other,
        };
        sheet.put("passkey_type", "Kind", shown, kind.clone());
    }
    let level = text("attestationLevel");
    if let Some(level) = &level {
        let shown = match level.as_str() {
            "attested" => "attested, as the directory has it; nothing in a record can be verified",
            "notAttested" => "not attested, as the directory has it",
            other => other,
        };
        sheet.put("attestation_level", "Attestation", shown, level.clone());
    }
    if let Some(model) = text("model") {
        sheet.put("model_text", "Model, in words", &model, model.clone());
        contradict(&mut sheet, aaguid, &model);
    }
    if let Some(name) = text("displayName") {
        sheet.put_personal("display_name", "Named by its user", &name);
    }
    if let Some(created) = text("createdDateTime") {
        let day = Moment::parse(&created).map_or(created, |moment| moment.to_string());
        sheet.put("created", "Registered", &day, day.clone());
    }
    show_certificates(&mut sheet, members, level.as_deref());
    let syncs = aaguid.is_some_and(is_always_synced);
    if syncs && kind.as_deref() == Some("deviceBound") {
        sheet.find_odd("The model is a provider that syncs every passkey, but the record has a device-bound one: the model may be imitated, or the record is wrong.");
    }
    if syncs && level.as_deref() == Some("attested") {
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
    let maker = name.split(' ').next().unwrap_or(name).to_lowercase();
    if !model.is_empty() && !model.to_lowercase().contains(&maker) {
        sheet.find_odd(format_args!("The AAGUID is of {name}, but the record's words name another model: believe neither without attestation."));
    }
}

fn is_always_synced(aaguid: Aaguid) -> bool {
    use hybrid_protocol::ctap::aaguid::{APPLE_PASSWORDS, GOOGLE_PASSWORD_MANAGER};
    [APPLE_PASSWORDS, GOOGLE_PASSWORD_MANAGER].contains(&aaguid)
}
