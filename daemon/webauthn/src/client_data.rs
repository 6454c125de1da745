//! The client data: what the phone's signature binds the challenge and the origin to.

use crate::origin::Origin;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

/// The serialised client data of one ceremony.
pub(super) struct ClientData {
    json: String,
}

impl ClientData {
    /// WebAuthn Level 3 section 5.8.1.1: this exact order, so that a verifier may compare bytes.
    pub(super) fn new(kind: &str, challenge: &[u8], origin: &Origin) -> Self {
        let challenge = URL_SAFE_NO_PAD.encode(challenge);
        // The origin is ASCII without quotes or control characters by the URL standard; the rest is
        // ours.
        let json = format!(
            r#"{{"type":"{kind}","challenge":"{challenge}","origin":"{origin}","crossOrigin":false}}"#
        );
        Self { json }
    }

    pub(super) fn hash(&self) -> [u8; 32] {
        Sha256::digest(&self.json).into()
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.json.as_bytes()
    }
}
