//! Why a command is not served.

use crate::store::StoreError;
use hybrid_protocol::ctap::CtapStatus;

/// Why a command is not served: a status for the desktop, or a broken store.
#[derive(Debug)]
pub(super) enum Refused {
    Ctap(CtapStatus),
    Store(StoreError),
}

impl From<CtapStatus> for Refused {
    fn from(status: CtapStatus) -> Self {
        Self::Ctap(status)
    }
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
