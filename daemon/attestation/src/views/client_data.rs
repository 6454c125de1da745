//! Client data: which page it was, and whether it fits the rest.

use crate::sheet::Sheet;
use hybrid_protocol::printable;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use url::Url;

/// Shows client data. `kind` is what they should be of; `rp_id_hash` what the authenticator signed.
pub(super) fn show(
    sheet: &mut Sheet,
    bytes: &[u8],
    kind: Option<&str>,
    rp_id_hash: Option<&[u8; 32]>,
) {
    let read =
        serde_json::from_slice::<Value>(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes));
    let Some(data) = read.ok().filter(Value::is_object) else {
        sheet.find_odd("The client data are no JSON object, so that no site reads them.");
        return;
    };
    let text = |name: &str| data.get(name).and_then(Value::as_str);
    let said = text("type").unwrap_or_default();
    sheet.put("ceremony", "Ceremony", printable(said), printable(said));
    if kind.is_some_and(|kind| kind != said) {
        sheet.find_odd(format_args!(
            "The client data are of another ceremony: their type is \"{}\", expected \"{}\".",
            printable(said),
            kind.unwrap_or_default()
        ));
    }
    match text("origin") {
        Some(origin) => {
            sheet.put("origin", "Page", printable(origin), printable(origin));
            if let Some(hash) = rp_id_hash {
                show_rp_id(sheet, origin, hash);
            }
        }
        None => sheet.find_odd("The client data name no origin."),
    }
    if data.get("crossOrigin").and_then(Value::as_bool) == Some(true) {
        let top = text("topOrigin").map_or("another site".to_owned(), printable);
        sheet.find_odd(format_args!(
            "The page was embedded in {top} (crossOrigin); a site has to expect that."
        ));
    }
    if text("challenge").is_none_or(str::is_empty) {
        sheet.find_odd("The client data hold no challenge.");
    }
}

/// The relying party is the page's host or one above it; its hash says which.
fn show_rp_id(sheet: &mut Sheet, origin: &str, hash: &[u8; 32]) {
    let host = Url::parse(origin).ok();
    let host = host.as_ref().and_then(Url::host_str).unwrap_or_default();
    let mut candidate = Some(host).filter(|host| !host.is_empty());
    while let Some(name) = candidate {
        if Sha256::digest(name).as_slice() == hash {
            sheet.put("rp_id", "Site (rp id)", printable(name), printable(name));
            return;
        }
        candidate = name.split_once('.').map(|(_, above)| above);
    }
    sheet.put(
        "rp_id",
        "Site (rp id)",
        "not the page's host, and none above it",
        Value::Null,
    );
    sheet.find_odd("The authenticator signed for another site than the page (the hash of the rp id differs). Sites that share passkeys by related origins do that, and so does a mixed-up paste.");
}
