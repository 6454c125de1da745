//! Base64url without padding (WebAuthn Level 3 section 3), as members of the options JSON hold
//! bytes.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

/// Base64url without padding, as WebAuthn JSON has it.
pub(crate) fn base64url<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    let text = String::deserialize(deserializer)?;
    URL_SAFE_NO_PAD
        .decode(text)
        .map_err(|_| D::Error::custom("expected base64url without padding"))
}

/// For a member that may be left out (with `#[serde(default)]`).
pub(crate) fn optional_base64url<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Vec<u8>>, D::Error> {
    base64url(deserializer).map(Some)
}
