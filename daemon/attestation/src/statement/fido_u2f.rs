//! Format `fido-u2f` (WebAuthn Level 3 section 8.6): keys from before passkeys.

use super::claim::{Claim, Proof};
use crate::flaw::Flaw;
use crate::key::KeyKind;
use crate::scheme::{HashKind, Scheme};

/// The one algorithm of these keys.
const ES256: i64 = -7;

pub(super) fn verify(claim: &Claim<'_>) -> Result<Proof, Flaw> {
    let chain = claim.chain()?;
    if chain.len() != 1 {
        return Err(Flaw::Certificate(
            "the statement has more than the one certificate of this format",
        ));
    }
    let key = chain.first().key()?;
    let credential = claim.key()?;
    if key.kind != KeyKind::P256 || credential.kind != KeyKind::P256 {
        return Err(Flaw::Certificate("a key is not on the curve P-256"));
    }
    if claim.credential.alg != ES256 {
        return Err(Flaw::Differs(
            "the credential's key names another algorithm than the format has",
        ));
    }
    let signed = [
        &[0][..],
        claim.data.rp_id_hash,
        &claim.client_data_hash()?,
        claim.credential.id,
        &credential.bytes,
    ]
    .concat();
    let scheme = Scheme::Ecdsa(HashKind::Sha256);
    key.verify(scheme, &signed, claim.signature()?, "the certificate's key")?;
    Ok(Proof::Certified(Box::new(chain)))
}
