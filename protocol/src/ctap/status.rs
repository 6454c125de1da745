//! CTAP status bytes and their names. What each means and what to do stands in the catalogue.

use core::fmt;

/// A status other than success.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct CtapStatus(pub u8);

/// The one table: number, constant, name in the specification.
macro_rules! statuses {
    ($($number:literal $constant:ident $name:literal)*) => {
        impl CtapStatus {
            $(
                #[doc = concat!("`", $name, "`")]
                pub const $constant: Self = Self($number);
            )*

            /// The name in the specification.
            pub const fn name(self) -> &'static str {
                match self.0 {
                    $($number => $name,)*
                    0xe0..=0xef => "a status of an extension",
                    0xf0..=0xff => "a status of the vendor",
                    _ => "unknown status",
                }
            }
        }
    };
}

statuses! {
    0x01 INVALID_COMMAND "CTAP1_ERR_INVALID_COMMAND"
    0x02 INVALID_PARAMETER "CTAP1_ERR_INVALID_PARAMETER"
    0x03 INVALID_LENGTH "CTAP1_ERR_INVALID_LENGTH"
    0x04 INVALID_SEQ "CTAP1_ERR_INVALID_SEQ"
    0x05 TIMEOUT "CTAP1_ERR_TIMEOUT"
    0x06 CHANNEL_BUSY "CTAP1_ERR_CHANNEL_BUSY"
    0x0a LOCK_REQUIRED "CTAP1_ERR_LOCK_REQUIRED"
    0x0b INVALID_CHANNEL "CTAP1_ERR_INVALID_CHANNEL"
    0x11 CBOR_UNEXPECTED_TYPE "CTAP2_ERR_CBOR_UNEXPECTED_TYPE"
    0x12 INVALID_CBOR "CTAP2_ERR_INVALID_CBOR"
    0x14 MISSING_PARAMETER "CTAP2_ERR_MISSING_PARAMETER"
    0x15 LIMIT_EXCEEDED "CTAP2_ERR_LIMIT_EXCEEDED"
    0x17 FP_DATABASE_FULL "CTAP2_ERR_FP_DATABASE_FULL"
    0x18 LARGE_BLOB_STORAGE_FULL "CTAP2_ERR_LARGE_BLOB_STORAGE_FULL"
    0x19 CREDENTIAL_EXCLUDED "CTAP2_ERR_CREDENTIAL_EXCLUDED"
    0x21 PROCESSING "CTAP2_ERR_PROCESSING"
    0x22 INVALID_CREDENTIAL "CTAP2_ERR_INVALID_CREDENTIAL"
    0x23 USER_ACTION_PENDING "CTAP2_ERR_USER_ACTION_PENDING"
    0x24 OPERATION_PENDING "CTAP2_ERR_OPERATION_PENDING"
    0x25 NO_OPERATIONS "CTAP2_ERR_NO_OPERATIONS"
    0x26 UNSUPPORTED_ALGORITHM "CTAP2_ERR_UNSUPPORTED_ALGORITHM"
    0x27 OPERATION_DENIED "CTAP2_ERR_OPERATION_DENIED"
    0x28 KEY_STORE_FULL "CTAP2_ERR_KEY_STORE_FULL"
    0x2b UNSUPPORTED_OPTION "CTAP2_ERR_UNSUPPORTED_OPTION"
    0x2c INVALID_OPTION "CTAP2_ERR_INVALID_OPTION"
    0x2d KEEPALIVE_CANCEL "CTAP2_ERR_KEEPALIVE_CANCEL"
    0x2e NO_CREDENTIALS "CTAP2_ERR_NO_CREDENTIALS"
    0x2f USER_ACTION_TIMEOUT "CTAP2_ERR_USER_ACTION_TIMEOUT"
    0x30 NOT_ALLOWED "CTAP2_ERR_NOT_ALLOWED"
    0x31 PIN_INVALID "CTAP2_ERR_PIN_INVALID"
    0x32 PIN_BLOCKED "CTAP2_ERR_PIN_BLOCKED"
    0x33 PIN_AUTH_INVALID "CTAP2_ERR_PIN_AUTH_INVALID"
    0x34 PIN_AUTH_BLOCKED "CTAP2_ERR_PIN_AUTH_BLOCKED"
    0x35 PIN_NOT_SET "CTAP2_ERR_PIN_NOT_SET"
    0x36 PUAT_REQUIRED "CTAP2_ERR_PUAT_REQUIRED"
    0x37 PIN_POLICY_VIOLATION "CTAP2_ERR_PIN_POLICY_VIOLATION"
    0x39 REQUEST_TOO_LARGE "CTAP2_ERR_REQUEST_TOO_LARGE"
    0x3a ACTION_TIMEOUT "CTAP2_ERR_ACTION_TIMEOUT"
    0x3b UP_REQUIRED "CTAP2_ERR_UP_REQUIRED"
    0x3c UV_BLOCKED "CTAP2_ERR_UV_BLOCKED"
    0x3d INTEGRITY_FAILURE "CTAP2_ERR_INTEGRITY_FAILURE"
    0x3e INVALID_SUBCOMMAND "CTAP2_ERR_INVALID_SUBCOMMAND"
    0x3f UV_INVALID "CTAP2_ERR_UV_INVALID"
    0x40 UNAUTHORIZED_PERMISSION "CTAP2_ERR_UNAUTHORIZED_PERMISSION"
    0x7f OTHER "CTAP1_ERR_OTHER"
}

impl CtapStatus {
    /// What it says beyond its cause in the catalogue, where several share one: the end of a
    /// sentence.
    pub const fn detail(self) -> Option<&'static str> {
        match self.0 {
            0x31 | 0x33 | 0x3f => Some("the phone could not verify its user"),
            0x32 | 0x34 | 0x3c => Some("the phone has locked verification after failed attempts"),
            0x35 | 0x36 => Some("no verification method is set up on the phone"),
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
