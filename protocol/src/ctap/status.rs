//! CTAP status bytes and their names. What each means and what to do stands in the catalogue.

use core::fmt;

/// A status other than success.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct CtapStatus(pub u8);

impl CtapStatus {
    /// The name in the specification.
    pub const fn name(self) -> &'static str {
        match self.0 {
            0x01 => "CTAP1_ERR_INVALID_COMMAND",
            0x02 => "CTAP1_ERR_INVALID_PARAMETER",
            0x03 => "CTAP1_ERR_INVALID_LENGTH",
            0x04 => "CTAP1_ERR_INVALID_SEQ",
            0x05 => "CTAP1_ERR_TIMEOUT",
            0x06 => "CTAP1_ERR_CHANNEL_BUSY",
            0x0a => "CTAP1_ERR_LOCK_REQUIRED",
            0x0b => "CTAP1_ERR_INVALID_CHANNEL",
            0x11 => "CTAP2_ERR_CBOR_UNEXPECTED_TYPE",
            0x12 => "CTAP2_ERR_INVALID_CBOR",
            0x14 => "CTAP2_ERR_MISSING_PARAMETER",
            0x15 => "CTAP2_ERR_LIMIT_EXCEEDED",
            0x17 => "CTAP2_ERR_FP_DATABASE_FULL",
            0x18 => "CTAP2_ERR_LARGE_BLOB_STORAGE_FULL",
            0x19 => "CTAP2_ERR_CREDENTIAL_EXCLUDED",
            0x21 => "CTAP2_ERR_PROCESSING",
            0x22 => "CTAP2_ERR_INVALID_CREDENTIAL",
            0x23 => "CTAP2_ERR_USER_ACTION_PENDING",
            0x24 => "CTAP2_ERR_OPERATION_PENDING",
            0x25 => "CTAP2_ERR_NO_OPERATIONS",
            0x26 => "CTAP2_ERR_UNSUPPORTED_ALGORITHM",
            0x27 => "CTAP2_ERR_OPERATION_DENIED",
            0x28 => "CTAP2_ERR_KEY_STORE_FULL",
            0x2b => "CTAP2_ERR_UNSUPPORTED_OPTION",
            0x2c => "CTAP2_ERR_INVALID_OPTION",
            0x2d => "CTAP2_ERR_KEEPALIVE_CANCEL",
            0x2e => "CTAP2_ERR_NO_CREDENTIALS",
            0x2f => "CTAP2_ERR_USER_ACTION_TIMEOUT",
            0x30 => "CTAP2_ERR_NOT_ALLOWED",
            0x31 => "CTAP2_ERR_PIN_INVALID",
            0x32 => "CTAP2_ERR_PIN_BLOCKED",
            0x33 => "CTAP2_ERR_PIN_AUTH_INVALID",
            0x34 => "CTAP2_ERR_PIN_AUTH_BLOCKED",
            0x35 => "CTAP2_ERR_PIN_NOT_SET",
            0x36 => "CTAP2_ERR_PUAT_REQUIRED",
            0x37 => "CTAP2_ERR_PIN_POLICY_VIOLATION",
            0x39 => "CTAP2_ERR_REQUEST_TOO_LARGE",
            0x3a => "CTAP2_ERR_ACTION_TIMEOUT",
            0x3b => "CTAP2_ERR_UP_REQUIRED",
            0x3c => "CTAP2_ERR_UV_BLOCKED",
            0x3d => "CTAP2_ERR_INTEGRITY_FAILURE",
            0x3e => "CTAP2_ERR_INVALID_SUBCOMMAND",
            0x3f => "CTAP2_ERR_UV_INVALID",
            0x40 => "CTAP2_ERR_UNAUTHORIZED_PERMISSION",
            0x7f => "CTAP1_ERR_OTHER",
            0xe0..=0xef => "a status of an extension",
            0xf0..=0xff => "a status of the vendor",
            _ => "unknown status",
        }
    }

    /// What it says beyond its cause in the catalogue, where several share one: the end of a
    /// sentence.
    pub const fn detail(self) -> Option<&'static str> {
        match self.0 {
            0x31 | 0x33 | 0x3f => Some("the phone could not verify its user"),
            0x32 | 0x34 | 0x3c => Some("the phone has locked verification after failed attempts"),
            0x35 | 0x36 => Some("the phone has no way set up to verify its user"),
            0x15 | 0x39 => Some("the request is too large for the phone"),
            0x02 | 0x03 | 0x11 | 0x12 | 0x14 => Some("the phone did not understand the request"),
            _ => None,
        }
    }
}

impl fmt::Display for CtapStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({:#04x})", self.name(), self.0)?;
        match self.detail() {
            Some(detail) => write!(f, ": {detail}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_told_by_its_name_and_by_what_it_adds() {
        for (status, told) in [
            (0x2e, "CTAP2_ERR_NO_CREDENTIALS (0x2e)"),
            (
                0x3c,
                "CTAP2_ERR_UV_BLOCKED (0x3c): the phone has locked verification after failed attempts",
            ),
            (0xf1, "a status of the vendor (0xf1)"),
        ] {
            assert_eq!(CtapStatus(status).to_string(), told);
        }
    }
}
