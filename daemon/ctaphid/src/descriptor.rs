//! The lists of credentials in a request.

use crate::encoded::{Encoded, text_entry, write_array, write_map};
use crate::limits::MAX_CREDENTIAL_ID;
use crate::status::Status;
use core::fmt;

/// The id of a credential.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct CredentialId(Vec<u8>);

impl CredentialId {
    /// Takes an id of at most [`MAX_CREDENTIAL_ID`] bytes.
    pub fn new(bytes: &[u8]) -> Option<Self> {
        (bytes.len() <= MAX_CREDENTIAL_ID).then(|| Self(bytes.to_vec()))
    }

    /// Its bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for CredentialId {
    /// Without the bytes: an id tells who somebody is.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CredentialId({} bytes)", self.0.len())
    }
}

/// Reads a list of descriptors. Those of another type than `public-key` are passed over (WebAuthn
/// §5.8.3).
///
/// # Errors
/// A [`Status`] when it is no such list.
pub fn read(list: Encoded<'_>) -> Result<Vec<CredentialId>, Status> {
    let mut ids = Vec::new();
    for descriptor in list.as_array().ok_or(Status::UnexpectedType)? {
        let map = descriptor.as_map().ok_or(Status::UnexpectedType)?;
        let text = text_entry(&map, "type").ok_or(Status::MissingParameter)?;
        let id = text_entry(&map, "id").ok_or(Status::MissingParameter)?;
        let id = id.as_bytes().ok_or(Status::UnexpectedType)?;
        let id = CredentialId::new(id).ok_or(Status::LimitExceeded)?;
        if text.as_text().ok_or(Status::UnexpectedType)? == "public-key" {
            ids.push(id);
        }
    }
    Ok(ids)
}

/// Writes a list again without `transports`: a phone that is asked over this way may look for "usb"
/// in them and pass over its own passkey.
pub fn without_transports(list: Encoded<'_>) -> Vec<u8> {
    let Some(items) = list.as_array() else {
        return list.bytes().to_vec();
    };
    let rewritten = items.into_iter().map(|item| {
        let Some(map) = item.as_map() else {
            return item.bytes().to_vec();
        };
        let kept = map
            .iter()
            .filter(|(key, _)| key.as_text() != Some("transports"));
        let kept = kept.map(|(key, value)| (key.bytes().to_vec(), value.bytes().to_vec()));
        write_map(&kept.collect::<Vec<_>>())
    });
    write_array(&rewritten.collect::<Vec<_>>())
}
