//! What a model is called.

use hybrid_protocol::ctap::Aaguid;

/// A model for a person.
pub(crate) fn named(aaguid: &Aaguid) -> String {
    match aaguid.name() {
        Some(name) => format!("{aaguid} ({name})"),
        None => aaguid.to_string(),
    }
}
