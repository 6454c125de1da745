//! One model in the metadata.

use crate::certificate::Certified;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hybrid_policy::parse_aaguid;
use hybrid_protocol::ctap::Aaguid;
use hybrid_protocol::printable;
use serde::Deserialize;

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
    #[serde(default)]
    attestation_certificate_key_identifiers: Vec<String>,
    metadata_statement: Option<StatementJson>,
    #[serde(default)]
    status_reports: Vec<StatusJson>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StatementJson {
    description: Option<String>,
    #[serde(default)]
    attestation_root_certificates: Vec<String>,
}

#[derive(Deserialize)]
struct StatusJson {
    status: Option<String>,
}

/// A model.
#[derive(Debug)]
pub struct MetadataEntry {
    aaguid: Option<Aaguid>,
    key_identifiers: Vec<String>,
    name: Option<String>,
    /// Base64 of DER.
    roots: Vec<String>,
    statuses: Vec<String>,
}

impl From<EntryJson> for MetadataEntry {
    fn from(entry: EntryJson) -> Self {
        let (name, roots) = entry
            .metadata_statement
            .map_or((None, Vec::new()), |statement| {
                (
                    statement.description,
                    statement.attestation_root_certificates,
                )
            });
        let statuses = entry.status_reports.into_iter();
        Self {
            aaguid: entry.aaguid.as_deref().and_then(parse_aaguid),
            key_identifiers: { entry.attestation_certificate_key_identifiers.into_iter() }
                .map(|key| key.to_lowercase())
                .collect(),
            name: name.map(|name| printable(&name).chars().take(LONGEST_NAME).collect()),
            roots,
            statuses: statuses.filter_map(|report| report.status).collect(),
        }
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

    pub(super) fn names_any_of(&self, keys: &[String]) -> bool {
        self.key_identifiers.iter().any(|key| keys.contains(key))
    }

    /// The roots that can be read; some makers' cannot.
    pub(super) fn roots(&self) -> impl Iterator<Item = Certified> {
        self.roots.iter().filter_map(|root| {
            let base64: String = root.chars().filter(|char| !char.is_whitespace()).collect();
            Certified::read(&STANDARD.decode(base64).ok()?).ok()
        })
    }
}
