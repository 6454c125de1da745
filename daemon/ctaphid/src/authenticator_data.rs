//! Authenticator data (WebAuthn §6.1), as far as an answer is checked.
//!
//! ```text
//! 32B SHA-256 of the rp id  1B flags  4B counter
//! flag 0x40: 16B AAGUID  2B length  credential id  CBOR credential key
//! flag 0x80: CBOR map of extension outputs
//! ```

use hybrid_protocol::cbor;

/// Somebody was there.
const USER_PRESENT: u8 = 0x01;
/// A credential follows.
const ATTESTED_CREDENTIAL: u8 = 0x40;
/// Extension outputs follow.
const EXTENSIONS: u8 = 0x80;

/// What is read of it.
pub struct AuthenticatorData {
    /// For whom.
    pub rp_id_hash: [u8; 32],
    /// Whether somebody was there.
    pub present: bool,
    /// The id of the credential that was made.
    pub credential: Option<Vec<u8>>,
    /// The names of the extensions that were answered.
    pub extensions: Vec<String>,
}

impl AuthenticatorData {
    /// Reads it. `None` when it is shorter than it says, or what follows is no CBOR.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let (rp_id_hash, rest) = bytes.split_first_chunk::<32>()?;
        let ([flags, ..], mut rest) = rest.split_first_chunk::<5>()?;
        let mut credential = None;
        if flags & ATTESTED_CREDENTIAL != 0 {
            let (_aaguid, after) = rest.split_first_chunk::<16>()?;
            let (length, after) = after.split_first_chunk::<2>()?;
            let (id, after) = after.split_at_checked(u16::from_be_bytes(*length).into())?;
            credential = Some(id.to_vec());
            (_, rest) = cbor::read_prefix(after).ok()?;
        }
        let mut extensions = Vec::new();
        if flags & EXTENSIONS != 0 {
            let map = cbor::read_lenient(rest).ok()?.into_map().ok()?;
            let names = map.into_iter().map(|(key, _)| key.into_text().ok());
            extensions = names.collect::<Option<_>>()?;
        }
        let (rp_id_hash, present) = (*rp_id_hash, flags & USER_PRESENT != 0);
        Some(Self {
            rp_id_hash,
            present,
            credential,
            extensions,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_credential_is_followed_by_extensions() {
        let credential = [&[9; 16][..], &[0, 2, 7, 8], b"\xa1\x01\x02"].concat();
        let data = [
            &[1; 32][..],
            &[0xc1, 0, 0, 0, 0],
            &credential,
            b"\xa1\x63prf\xa0",
        ]
        .concat();
        let read = AuthenticatorData::parse(&data).unwrap();
        assert_eq!((read.rp_id_hash, read.present), ([1; 32], true));
        assert_eq!(
            (read.credential, read.extensions),
            (Some(vec![7, 8]), vec!["prf".to_owned()])
        );
        for cut in 0..data.len() {
            assert!(AuthenticatorData::parse(&data[..cut]).is_none(), "{cut}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = AuthenticatorData::parse(&bytes);
        }
    }
}
