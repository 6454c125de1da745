//! Passkeys that the options name (WebAuthn Level 3 section 5.8.3), to allow or to exclude.

use crate::base64url::base64url;
use serde::Deserialize;

/// The one type of credential that there is. Others are of the future and none that a phone could
/// use.
pub(crate) const PUBLIC_KEY: &str = "public-key";

/// One passkey, by its id. Transports are not read: a phone is reached in one way.
#[derive(Deserialize)]
pub(crate) struct CredentialDescriptor {
    #[serde(rename = "type")]
    kind: String,
    #[serde(deserialize_with = "base64url")]
    pub(crate) id: Vec<u8>,
}

impl CredentialDescriptor {
    /// Whether it names a passkey, and not a credential of a type of the future.
    pub(crate) fn is_public_key(&self) -> bool {
        self.kind == PUBLIC_KEY
    }
}
