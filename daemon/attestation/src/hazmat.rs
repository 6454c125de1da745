//! The parser of metadata by itself, for fuzz targets: a fuzzer has nobody's key.

use crate::metadata::{Metadata, MetadataError};

/// Reads what is in the envelope of metadata, whoever wrote it.
///
/// # Errors
/// [`MetadataError`] says what was expected and what came.
pub fn metadata_payload(payload: &[u8], now: u64) -> Result<Metadata, MetadataError> {
    Metadata::of_payload(payload, now)
}
