//! Client data: which page or app it was, and whether it fits the rest.

use super::caller::Caller;
use crate::sheet::Sheet;
use hybrid_protocol::printable;
use serde_json::Value;

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
            let caller = Caller::of(origin);
            caller.show(sheet, origin);
            if let Some(hash) = rp_id_hash {
                caller.show_rp_id(sheet, origin, hash);
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
