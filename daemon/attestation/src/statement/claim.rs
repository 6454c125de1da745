//! A statement with what it speaks of, and what it proves.

use crate::chain::Chain;
use crate::fitness;
use crate::flaw::Flaw;
use crate::key::AnyKey;
use crate::object::AttestationObject;
use hybrid_protocol::cbor::{self, Value};
use hybrid_protocol::ctap::Aaguid;
use hybrid_webauthn::authenticator_data::{AttestedCredential, AuthenticatorData};
use std::fmt;

/// What a statement proves.
pub(crate) enum Proof {
    /// Format `none`: nothing.
    Nothing,
    /// The credential's own key signed: that it exists, and nothing about its maker.
    OwnKey,
    /// The maker's key signed, and these certificates say whose it is.
    Certified(Box<Chain>),
    /// The same of a phone's keystore, which also says what keeps the key.
    Keystore(Box<Chain>, KeyPlace),
}

/// What keeps a key (Android's `SecurityLevel`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum KeyPlace {
    Software,
    TrustedEnvironment,
    StrongBox,
}

/// A statement and what it speaks of.
pub(crate) struct Claim<'a> {
    pub(crate) object: &'a AttestationObject,
    pub(crate) data: &'a AuthenticatorData<'a>,
    pub(crate) credential: &'a AttestedCredential<'a>,
    /// SHA-256 of the client data, where that is at hand.
    pub(crate) client_data_hash: Option<[u8; 32]>,
}

impl Claim<'_> {
    /// What has to be right whatever the format is.
    pub(super) fn check(&self) -> Result<(), Flaw> {
        self.object.check()?;
        fitness::check_extensions(self.data)?;
        fitness::check(self.credential)
    }

    /// The statement's entries.
    pub(super) fn statement(&self) -> &[(Value, Value)] {
        &self.object.statement
    }

    pub(super) fn client_data_hash(&self) -> Result<[u8; 32], Flaw> {
        self.client_data_hash.ok_or(Flaw::Missing(
            "the client data (clientDataJSON), whose hash the statement signs,",
        ))
    }

    /// What most formats sign: the authenticator data and the client data's hash.
    pub(super) fn signed(&self) -> Result<Vec<u8>, Flaw> {
        Ok([&self.object.auth_data[..], &self.client_data_hash()?].concat())
    }

    pub(super) fn bytes_of(&self, name: &str, part: &'static str) -> Result<&[u8], Flaw> {
        cbor::text_entry(self.statement(), name)
            .and_then(Value::as_bytes)
            .map(Vec::as_slice)
            .ok_or(Flaw::Malformed(part))
    }

    pub(super) fn signature(&self) -> Result<&[u8], Flaw> {
        self.bytes_of("sig", "the statement's signature (sig)")
    }

    pub(super) fn algorithm(&self) -> Result<i64, Flaw> {
        cbor::text_entry(self.statement(), "alg")
            .and_then(Value::as_integer)
            .and_then(|alg| alg.try_into().ok())
            .ok_or(Flaw::Malformed("the statement's algorithm (alg)"))
    }

    pub(super) fn key(&self) -> Result<AnyKey, Flaw> {
        AnyKey::of_cose(&self.credential.cose)
    }

    pub(super) const fn aaguid(&self) -> Aaguid {
        self.credential.aaguid
    }

    /// The certificates, which have to be there and to belong together.
    pub(super) fn chain(&self) -> Result<Chain, Flaw> {
        let chain = Chain::read(self.statement())?;
        let chain = chain.ok_or(Flaw::Malformed(
            "the statement's list of certificates (x5c)",
        ))?;
        chain.verify()?;
        Ok(chain)
    }

    /// That the first certificate is of the credential's own key.
    pub(super) fn check_same_key(&self, chain: &Chain) -> Result<(), Flaw> {
        if chain.first().key()? == self.key()? {
            Ok(())
        } else {
            Err(Flaw::Differs(
                "the certificate is of another key than the credential's",
            ))
        }
    }
}

impl fmt::Debug for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("Nothing"),
            Self::OwnKey => f.write_str("OwnKey"),
            Self::Keystore(chain, place) => write!(f, "Keystore({}, {place:?})", chain.len()),
            Self::Certified(chain) => write!(f, "Certified({})", chain.len()),
        }
    }
}
