//! Members of a response that are to hold bytes and hold something else.

use crate::material::ResponseParts;
use crate::sheet::Sheet;

pub(super) fn show(sheet: &mut Sheet, parts: &ResponseParts) {
    for (name, got) in parts.unread() {
        sheet.find_odd(format_args!(
            "The member {name} holds no bytes: expected base64url, got {got}."
        ));
    }
}
