//! One model in the metadata.

use crate::certificate::Certified;
use crate::octets;
use hybrid_policy::{Moment, parse_aaguid};
use hybrid_protocol::ctap::Aaguid;
use hybrid_protocol::printable;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

/// So much of a model's name is shown.
const LONGEST_NAME: usize = 120;
/// What a status report says of an authenticator that vouches for nothing any more (FIDO Metadata
/// Service 3.0 section 3.1.4).
const COMPROMISED: [&str; 5] = [
    "REVOKED",
    "USER_VERIFICATION_BYPASS",
    "ATTESTATION_KEY_COMPROMISE",
    "USER_KEY_REMOTE_COMPROMISE",
    "USER_KEY_PHYSICAL_COMPROMISE",
];

/// What is signed.
#[derive(Deserialize)]
pub(super) struct Payload {
    #[serde(rename = "no")]
    pub(super) number: Option<u64>,
    #[serde(rename = "nextUpdate")]
    pub(super) next_update: String,
    pub(super) entries: Vec<EntryJson>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct EntryJson {
    aaguid: Option<String>,
    #[serde(default, deserialize_with = "list")]
    attestation_certificate_key_identifiers: Vec<String>,
    metadata_statement: Option<StatementJson>,
    #[serde(default, deserialize_with = "list")]
    status_reports: Vec<StatusJson>,
    time_of_last_status_change: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StatementJson {
    description: Option<String>,
    #[serde(default, deserialize_with = "list")]
    attestation_root_certificates: Vec<String>,
    authenticator_get_info: Option<InfoJson>,
}

/// What the authenticator answers to getInfo, as its maker states it.
#[derive(Deserialize)]
struct InfoJson {
    #[serde(default, deserialize_with = "list")]
    versions: Vec<String>,
    #[serde(default, deserialize_with = "list")]
    extensions: Vec<String>,
    options: Option<Map<String, Value>>,
}

#[derive(Deserialize)]
struct StatusJson {
    status: Option<String>,
}

/// A list; some writers have null for an empty one, or in one.
fn list<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Vec<T>, D::Error> {
    let items = Option::<Vec<Option<T>>>::deserialize(from)?;
    Ok(items.into_iter().flatten().flatten().collect())
}

/// A model.
#[derive(Debug)]
pub struct MetadataEntry {
    aaguid: Option<Aaguid>,
    key_identifiers: Vec<String>,
    name: Option<String>,
    /// DER in base64, or PEM.
    roots: Vec<String>,
    statuses: Vec<String>,
    eligible: Option<bool>,
    changed: Option<Moment>,
}

impl From<EntryJson> for MetadataEntry {
    fn from(entry: EntryJson) -> Self {
        let statuses: Vec<String> = { entry.status_reports.into_iter() }
            .filter_map(|report| report.status)
            .collect();
        let statement = entry.metadata_statement.as_ref();
        let info = statement.and_then(|statement| statement.authenticator_get_info.as_ref());
        let eligible = info.map(|info| info.suffices() && is_certified(&statuses));
        let day = entry.time_of_last_status_change.as_deref();
        let changed = day.and_then(|day| Moment::parse(&format!("{day}T00:00:00Z")));
        let (name, roots) = entry
            .metadata_statement
            .map_or((None, Vec::new()), |statement| {
                (
                    statement.description,
                    statement.attestation_root_certificates,
                )
            });
        Self {
            aaguid: entry.aaguid.as_deref().and_then(parse_aaguid),
            key_identifiers: { entry.attestation_certificate_key_identifiers.into_iter() }
                .map(|key| key.to_lowercase())
                .collect(),
            name: name.map(|name| printable(&name).chars().take(LONGEST_NAME).collect()),
            roots,
            statuses,
            eligible,
            changed,
        }
    }
}

/// FIDO2 certification at any level.
fn is_certified(statuses: &[String]) -> bool {
    { statuses.iter() }.any(|status| status.starts_with("FIDO_CERTIFIED"))
}

impl InfoJson {
    /// What Microsoft asks of authenticators where attestation is enforced (its page for vendors of
    /// 2026-10-06); by our reading, which is not exactly Microsoft's.
    fn suffices(&self) -> bool {
        let option = |name: &str| self.options.as_ref().and_then(|options| options.get(name));
        let has = |name: &str| option(name).and_then(Value::as_bool) == Some(true);
        let fido2 = { self.versions.iter() }.any(|version| version.starts_with("FIDO_2_"));
        // A PIN that can be set counts although none is set yet.
        let verifies = has("uv") || option("clientPin").is_some_and(Value::is_boolean);
        let secret =
            { self.extensions.iter() }.any(|name| ["hmac-secret", "prf"].contains(&name.as_str()));
        fido2 && has("rk") && verifies && secret
    }
}

impl MetadataEntry {
    pub(super) const fn aaguid(&self) -> Option<Aaguid> {
        self.aaguid
    }

    /// As its maker calls it.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// What was reported that makes it worthless.
    pub fn compromise(&self) -> Option<&'static str> {
        { COMPROMISED.into_iter() }.find(|bad| self.statuses.iter().any(|status| status == bad))
    }

    /// Whether it states all that Microsoft asks for; `None` where it states nothing of the kind.
    pub(crate) const fn eligible(&self) -> Option<bool> {
        self.eligible
    }

    /// When its status was reported last.
    pub(crate) const fn changed(&self) -> Option<Moment> {
        self.changed
    }

    pub(super) fn names_any_of(&self, keys: &[String]) -> bool {
        self.key_identifiers.iter().any(|key| keys.contains(key))
    }

    /// Whether this is one of its roots.
    pub(super) fn lists(&self, root: &Certified) -> bool {
        self.roots
            .iter()
            .any(|text| der(text).as_deref() == Some(root.der()))
    }

    /// The roots that can be read; some makers' cannot.
    pub(super) fn roots(&self) -> impl Iterator<Item = Certified> {
        self.roots
            .iter()
            .filter_map(|root| Certified::read(&der(root)?).ok())
    }
}

/// A certificate in base64, also with PEM's first and last line.
fn der(text: &str) -> Option<Vec<u8>> {
    let lines = text.split("-----").find(|part| {
        let label = part.trim();
        !label.is_empty() && !label.starts_with("BEGIN ")
    });
    octets::of_text(lines?)
}
