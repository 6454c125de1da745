//! Whether a credential's key is one that its algorithm can be used with (WebAuthn Level 3 sections
//! 5.8.5 and 6.5.1.1), and extensions are a map.

use crate::doubled;
use crate::flaw::Flaw;
use crate::key::{AnyKey, KeyKind};
use hybrid_protocol::cbor::Value;
use hybrid_webauthn::authenticator_data::{AttestedCredential, AuthenticatorData, label};

/// The one kind of key of each algorithm.
const KINDS: [(i64, KeyKind); 16] = [
    (-7, KeyKind::P256),
    (-8, KeyKind::Ed25519),
    (-9, KeyKind::P256),
    (-19, KeyKind::Ed25519),
    (-35, KeyKind::P384),
    (-36, KeyKind::P521),
    (-37, KeyKind::Rsa),
    (-38, KeyKind::Rsa),
    (-39, KeyKind::Rsa),
    (-51, KeyKind::P384),
    (-52, KeyKind::P521),
    (-53, KeyKind::Ed448),
    (-257, KeyKind::Rsa),
    (-258, KeyKind::Rsa),
    (-259, KeyKind::Rsa),
    (-65535, KeyKind::Rsa),
];
/// Elliptic curves (RFC 9053 section 7): the private key. RSA (RFC 8230 section 4): the rest of it.
const PRIVATE_OF_CURVES: [i64; 1] = [-4];
const PRIVATE_OF_RSA: [i64; 10] = [-3, -4, -5, -6, -7, -8, -9, -10, -11, -12];

/// Checks a new credential's key.
///
/// # Errors
/// [`Flaw`] says what every site has to refuse it for.
pub(crate) fn check(credential: &AttestedCredential<'_>) -> Result<(), Flaw> {
    let cose = &credential.cose;
    if doubled::is_in_map(cose) {
        return Err(Flaw::Doubled("the credential's key"));
    }
    let kind = label(cose, 1).and_then(Value::as_integer);
    let kind: Option<i64> = kind.and_then(|kind| kind.try_into().ok());
    let private: &[i64] = match kind {
        None => {
            return Err(Flaw::Key(
                "the credential's key does not name its kind (kty) by a number",
            ));
        }
        Some(3) => &PRIVATE_OF_RSA,
        Some(_) => &PRIVATE_OF_CURVES,
    };
    if private.iter().any(|part| label(cose, *part).is_some()) {
        return Err(Flaw::Key(
            "the credential's key contains its private part, which never leaves an authenticator",
        ));
    }
    let expected = KINDS.iter().find(|(alg, _)| *alg == credential.alg);
    let Some((_, expected)) = expected else {
        return Ok(());
    };
    let other = Flaw::Key("the credential's key is of another kind than its algorithm needs");
    match AnyKey::of_cose(cose) {
        Ok(key) if key.kind != *expected => Err(other),
        Ok(key) if key.is_on_curve() => Ok(()),
        Ok(_) => Err(Flaw::Key("the credential's key is no point of its curve")),
        Err(Flaw::Unsupported(_)) => Err(other),
        Err(flaw) => Err(flaw),
    }
}

/// Checks what an authenticator puts after the credential.
///
/// # Errors
/// [`Flaw`] when that is no map, or one that has a member twice.
pub(crate) fn check_extensions(data: &AuthenticatorData<'_>) -> Result<(), Flaw> {
    match &data.extensions {
        Some(extensions) if doubled::is_in(extensions) => {
            Err(Flaw::Doubled("the map of signed extensions"))
        }
        None if data.has_extensions() => Err(Flaw::Malformed(
            "what the authenticator data have in place of a map of extensions (flag ED)",
        )),
        Some(_) | None => Ok(()),
    }
}
