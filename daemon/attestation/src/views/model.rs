//! The model of a passkey: a claim, unless somebody vouches for it.

use super::surrounding::Surrounding;
use crate::metadata::MetadataEntry;
use crate::sheet::Sheet;
use hybrid_protocol::ctap::Aaguid;
use serde_json::json;

/// Shows a model. `attested` is the entry whose root vouches for it.
pub(super) fn show(
    sheet: &mut Sheet,
    aaguid: Aaguid,
    attested: Option<&MetadataEntry>,
    around: &Surrounding<'_>,
) {
    let listed = around.metadata.and_then(|metadata| metadata.model(aaguid));
    let listed = attested.or(listed);
    let name = listed.and_then(MetadataEntry::name).or(aaguid.name());
    let standing = if attested.is_some() {
        "attested"
    } else if aaguid == Aaguid::NONE {
        "none"
    } else {
        "claimed"
    };
    let shown = match (name, standing) {
        (Some(name), "attested") => format!("{name} ({aaguid}), attested"),
        (None, "attested") => {
            format!("{aaguid}, attested; the metadata have no name for it")
        }
        (Some(name), "claimed") => format!("{name} ({aaguid}), claimed: nothing here proves it"),
        (None, "claimed") => {
            format!("{aaguid}, claimed, and of no model that this program knows")
        }
        (Some(name), _) => format!("{name}; the AAGUID is zero"),
        (None, _) => "not stated (the AAGUID is zero)".to_owned(),
    };
    sheet.put(
        "model",
        "Model",
        shown,
        json!({"aaguid": aaguid.to_string(), "name": name, "standing": standing}),
    );
    let reported = around
        .metadata
        .and_then(|metadata| metadata.compromise(aaguid));
    let compromise = listed.and_then(MetadataEntry::compromise).or(reported);
    if let Some(compromise) = compromise {
        sheet.find_odd(format_args!(
            "The metadata report {compromise} of this model: do not trust it."
        ));
    }
}
