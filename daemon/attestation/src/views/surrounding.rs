//! What is known beside the input.

use super::credential::CredentialKey;
use crate::metadata::Metadata;

/// What is known beside the input.
#[derive(Clone, Copy)]
pub(crate) struct Surrounding<'a> {
    /// What the person imported.
    pub(crate) metadata: Option<&'a Metadata>,
    /// Seconds since 1970.
    pub(crate) now: u64,
    /// Keys of registrations in the same input.
    pub(crate) keys: &'a [CredentialKey],
}
