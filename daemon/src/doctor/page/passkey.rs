//! What an inspection found, on the page.

use super::markup::escape;
use hybrid_attestation::Inspection;
use std::fmt::Write as _;

/// Without what names a person or an account.
pub(super) fn show(body: &mut String, inspection: &Inspection) {
    body.push_str("<h2>The passkey</h2>");
    for sheet in inspection.sheets() {
        let _ = write!(body, "<h3>{}</h3><dl>", escape(sheet.title()));
        for (label, text) in sheet.impersonal_lines() {
            let _ = write!(body, "<dt>{}</dt><dd>{}</dd>", escape(label), escape(text));
        }
        body.push_str("</dl>");
        if !sheet.odd().is_empty() {
            body.push_str("<p><b>! What is odd</b></p><ul>");
            for odd in sheet.odd() {
                let _ = write!(body, "<li>{}</li>", escape(odd));
            }
            body.push_str("</ul>");
        }
    }
    if !inspection.cut().is_empty() {
        let cut = inspection.cut().join("; ");
        let _ = write!(body, "<p><b>Not looked at:</b> {}</p>", escape(&cut));
    }
}
