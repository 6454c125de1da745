//! Who asked for a passkey: the page or app that client data name as their origin, and whether the site
//! that the authenticator signed for fits it.

use crate::octets;
use crate::sheet::Sheet;
use hybrid_protocol::printable;
use hybrid_webauthn::Origin;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use url::Url;

/// Apps and extensions, by how their origins begin.
const APPS: [(&str, &str); 5] = [
    (ANDROID, "an Android app, by its signing key"),
    ("ios:bundle-id:", "an iOS app, by its bundle"),
    ("chrome-extension://", "an extension of a browser"),
    ("moz-extension://", "an extension of a browser"),
    ("safari-web-extension://", "an extension of a browser"),
];
const ANDROID: &str = "android:apk-key-hash:";
/// SHA-256 of the certificate that signs an app.
const KEY_HASH: usize = 32;

/// Whoever asked.
pub(super) enum Caller {
    /// A page.
    Page,
    /// An app or extension: what it is.
    App(&'static str),
    /// Neither that is known.
    Other,
}

impl Caller {
    pub(super) fn of(origin: &str) -> Self {
        if origin.starts_with("https:") || origin.starts_with("http:") {
            return Self::Page;
        }
        let app = APPS.iter().find(|(begin, _)| origin.starts_with(begin));
        app.map_or(Self::Other, |(_, what)| Self::App(what))
    }

    /// Shows it, and what is odd about how it is written: sites compare it letter by letter.
    pub(super) fn show(&self, sheet: &mut Sheet, origin: &str) {
        let told = printable(origin);
        let put = |sheet: &mut Sheet, label, text: String| {
            sheet.put("origin", label, text, told.clone());
        };
        match self {
            Self::Page => {
                put(sheet, "Page", told.clone());
                match Origin::parse(origin) {
                    Ok(page) if page.as_str() != origin => sheet.find_odd(format_args!(
                        "The origin is not written as browsers write it ({page}), and sites compare it letter by letter."
                    )),
                    Ok(_) => {}
                    Err(error) => sheet.find_odd(format_args!(
                        "Browsers give no passkey to a page of this origin: {error}."
                    )),
                }
            }
            Self::App(what) => {
                put(sheet, "App", format!("{told} ({what})"));
                let hash = origin.strip_prefix(ANDROID).map(octets::of_text);
                if hash.is_some_and(|hash| hash.is_none_or(|hash| hash.len() != KEY_HASH)) {
                    sheet.find_odd("The app's origin holds no SHA-256 of a signing key: expected 32 bytes in base64url.");
                }
            }
            Self::Other => {
                put(sheet, "Page or app", told.clone());
                sheet.find_odd("The origin is neither a page over https nor an app of a kind that hybridd knows. Sites accept it only where they expect exactly this text.");
            }
        }
    }

    /// The relying party is the page's host or one above it; its hash says which.
    pub(super) fn show_rp_id(&self, sheet: &mut Sheet, origin: &str, hash: &[u8; 32]) {
        if !matches!(self, Self::Page) {
            let digits = hex::encode(hash);
            let begin = digits.get(..16).unwrap_or_default();
            let shown = format!("not told by an app's origin; SHA-256 {begin}…");
            sheet.put("rp_id", "Site (rp id)", shown, Value::Null);
            return;
        }
        let host = Url::parse(origin).ok();
        let host = host.as_ref().and_then(Url::host_str).unwrap_or_default();
        let mut candidate = Some(host).filter(|host| !host.is_empty());
        while let Some(name) = candidate {
            if Sha256::digest(name).as_slice() == hash {
                sheet.put("rp_id", "Site (rp id)", printable(name), printable(name));
                if let Ok(page) = Origin::parse(origin)
                    && let Err(error) = page.rp_id(Some(name))
                {
                    sheet.find_odd(format_args!("Browsers refuse this site (rp id): {error}."));
                }
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
}
