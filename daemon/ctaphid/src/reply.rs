//! What goes back to a program: a status and, on success, a CBOR map.

use crate::limits::MAX_MESSAGE;
use crate::status::Status;

/// A CTAP reply. A refusal can only be made of a [`Status`], so that none is sent that a browser
/// repeats on.
#[derive(Clone, PartialEq, Eq)]
pub struct Reply(Vec<u8>);

impl Reply {
    /// A refusal.
    pub fn refused(status: Status) -> Self {
        Self(vec![status.code()])
    }

    /// Success with a body, or with none. `None` when CTAPHID cannot carry it.
    pub(crate) fn success(body: &[u8]) -> Option<Self> {
        (body.len() < MAX_MESSAGE).then(|| Self([&[0], body].concat()))
    }

    /// The status: 0 for success.
    pub fn code(&self) -> u8 {
        self.0.first().copied().unwrap_or_default()
    }

    /// Status and body.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl core::fmt::Debug for Reply {
    /// Without the body: an answer can hold what a passkey protects.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Reply({:#04x}, {} bytes)", self.code(), self.0.len())
    }
}
