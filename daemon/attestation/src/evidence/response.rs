//! A response: flags, model and attestation.

use super::error::NoEvidence;
use super::site;
use crate::material::{ResponseParts, member};
use crate::metadata::{Metadata, RootVerdict};
use crate::object::AttestationObject;
use crate::statement::{self, Claim, Proof};
use hybrid_policy::{AttestationFacts, ChainFacts, MetadataFacts, PasskeyFacts, Site, Transport};
use hybrid_protocol::printable;
use hybrid_webauthn::authenticator_data::AuthenticatorData;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// Registered names of formats have at most 32 characters.
const LONGEST_FORMAT: usize = 40;

pub(super) fn registration(
    parts: &ResponseParts,
    metadata: Option<&Metadata>,
) -> Result<(Site, PasskeyFacts), NoEvidence> {
    let broken = |why: String| NoEvidence::Broken(why);
    let bytes = parts.attestation_object.as_ref().ok_or_else(|| {
        broken("expected base64url in attestationObject, got something else".to_owned())
    })?;
    let object = AttestationObject::read(bytes)
        .map_err(|error| broken(format!("the attestation object cannot be read: {error}")))?;
    let data = authenticator_data(&object.auth_data)?;
    let credential = data.credential.as_ref().ok_or_else(|| {
        broken("expected a new credential in the authenticator data, got none (flag AT)".to_owned())
    })?;
    let client_data = parts.client_data.as_deref();
    let claim = Claim {
        object: &object,
        data: &data,
        credential,
        client_data_hash: client_data.map(|bytes| Sha256::digest(bytes).into()),
    };
    let passkey = PasskeyFacts {
        aaguid: Some(credential.aaguid),
        // A response is what the site gets.
        aaguid_at_site: Some(credential.aaguid),
        attestation: Some(attestation(&object, &claim, metadata)),
        discoverable: discoverable(parts),
        transports: transports(parts),
        ..flags(&data)
    };
    Ok((site::of_response(client_data, data.rp_id_hash), passkey))
}

pub(super) fn sign_in(parts: &ResponseParts) -> Result<(Site, PasskeyFacts), NoEvidence> {
    let bytes = parts.authenticator_data.as_ref().ok_or_else(|| {
        NoEvidence::Broken("expected base64url in authenticatorData, got something else".to_owned())
    })?;
    let data = authenticator_data(bytes)?;
    let made = data.credential.as_ref();
    let passkey = PasskeyFacts {
        aaguid: made.map(|made| made.aaguid),
        ..flags(&data)
    };
    let site = site::of_response(parts.client_data.as_deref(), data.rp_id_hash);
    Ok((site, passkey))
}

fn authenticator_data(bytes: &[u8]) -> Result<AuthenticatorData<'_>, NoEvidence> {
    AuthenticatorData::read(bytes).map_err(|error| {
        NoEvidence::Broken(format!("the authenticator data cannot be read: {error}"))
    })
}

fn flags(data: &AuthenticatorData<'_>) -> PasskeyFacts {
    PasskeyFacts {
        synced: Some(data.backup_eligible()),
        user_verified: Some(data.user_verified()),
        ..PasskeyFacts::default()
    }
}

/// What vouches for it. Microsoft asks for `packed`, so the others are told by name alone.
fn attestation(
    object: &AttestationObject,
    claim: &Claim<'_>,
    metadata: Option<&Metadata>,
) -> AttestationFacts {
    match object.format.as_str() {
        "none" => AttestationFacts::Missing,
        "packed" => match statement::verify(&object.format, claim) {
            Ok(Proof::Nothing) => AttestationFacts::Missing,
            Ok(Proof::OwnKey) => AttestationFacts::SelfSigned,
            Ok(Proof::Certified(chain) | Proof::Keystore(chain, _)) => {
                let Some(metadata) = metadata else {
                    return AttestationFacts::Packed(ChainFacts::Unchecked);
                };
                let number = u32::try_from(metadata.number()).unwrap_or(u32::MAX);
                let verdict = metadata.judge(claim.credential.aaguid, &chain);
                AttestationFacts::Packed(match verdict {
                    // Several models have this root, and the certificate names none of them.
                    RootVerdict::Trusted(entry, root)
                        if !chain.first().names_model() && metadata.is_shared(&root, entry) =>
                    {
                        ChainFacts::UnknownRoot(number)
                    }
                    RootVerdict::Broken(_) => ChainFacts::Bad,
                    RootVerdict::Trusted(entry, _) => ChainFacts::Trusted(MetadataFacts {
                        number,
                        compromised: entry.compromise().is_some(),
                        eligible: entry.eligible(),
                        changed: entry.changed(),
                    }),
                    RootVerdict::UnknownModel | RootVerdict::UnknownRoot => {
                        ChainFacts::UnknownRoot(number)
                    }
                })
            }
            Err(flaw) if flaw.is_wrong() => AttestationFacts::Packed(ChainFacts::Bad),
            Err(_) => AttestationFacts::Packed(ChainFacts::Unchecked),
        },
        other => {
            AttestationFacts::OtherFormat(printable(other).chars().take(LONGEST_FORMAT).collect())
        }
    }
}

/// `credProps.rk`, which the client says.
fn discoverable(parts: &ResponseParts) -> Option<bool> {
    let results = member(&parts.outer, "clientExtensionResults")?;
    results.get("credProps")?.get("rk")?.as_bool()
}

fn transports(parts: &ResponseParts) -> Vec<Transport> {
    let list = member(&parts.inner, "transports").and_then(Value::as_array);
    let names = list.into_iter().flatten().filter_map(Value::as_str);
    names
        .map(|name| match name {
            "usb" => Transport::Usb,
            "nfc" => Transport::Nfc,
            "ble" => Transport::Ble,
            "hybrid" => Transport::Hybrid,
            "internal" => Transport::Internal,
            _ => Transport::Other,
        })
        .collect()
}
