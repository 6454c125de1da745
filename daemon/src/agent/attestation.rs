//! A statement for programs that take no key without one.
//!
//! Phones attest nothing (`none`), which is right: and OpenSSH before 10.0 and every pamu2fcfg then
//! refuse to enrol ("invalid format"). So for `ssh:` and `pam:` alone the empty statement is
//! replaced by a `packed` one (WebAuthn §8.2), signed by a key that is made on the spot and thrown
//! away, with a certificate that says so. It vouches for nothing; what signs later, and all that is
//! signed, is the phone's. A site never gets one.

use hybrid_protocol::cbor::{self, Value};
use hybrid_protocol::ctap::CtapCommand;
use rcgen::{
    CertificateParams, DistinguishedName, DnType, IsCa, KeyPair, PKCS_ECDSA_P256_SHA256, SigningKey,
};

/// ECDSA with P-256 and SHA-256 (RFC 9053).
const ES256: i64 = -7;
const WHO: &str = "made up by hybridd, vouches for nothing";

/// The reply with a statement, when it is to have one.
pub fn vouch(command: &[u8], reply: &[u8]) -> Option<Vec<u8>> {
    let client_data_hash = hash_of_unattested(command)?;
    let body = cbor::read_lenient(reply.strip_prefix(&[0])?).ok()?;
    let Value::Map(mut entries) = body else {
        return None;
    };
    let is_none = cbor::entry(&entries, 1)?.as_text()? == "none";
    let is_empty =
        cbor::entry(&entries, 3).is_none_or(|said| said.as_map().is_some_and(Vec::is_empty));
    if !is_none || !is_empty {
        return None;
    }
    let data = cbor::entry(&entries, 2)?.as_bytes()?;
    let statement = statement(&[data.as_slice(), &client_data_hash].concat()).ok()?;
    entries.retain(|(key, _)| !matches!(cbor::as_uint(key), Some(1 | 3)));
    entries.push((1.into(), "packed".into()));
    entries.push((3.into(), statement));
    entries.sort_by_key(|(key, _)| cbor::as_uint(key));
    Some([vec![0], cbor::write(&Value::Map(entries))].concat())
}

/// What is signed along, when this is a registration of a program that takes no key without.
fn hash_of_unattested(command: &[u8]) -> Option<Vec<u8>> {
    let (byte, parameters) = command.split_first()?;
    if *byte != CtapCommand::MakeCredential.byte() {
        return None;
    }
    let parameters = cbor::read_lenient(parameters).ok()?;
    let parameters = parameters.as_map()?;
    let rp = cbor::entry(parameters, 2)?.as_map()?;
    let id = cbor::text_entry(rp, "id")?.as_text()?;
    let is_program = id.starts_with("ssh:") || id.starts_with("pam:");
    let hash = is_program.then(|| cbor::entry(parameters, 1))??;
    hash.as_bytes().cloned()
}

fn statement(signed: &[u8]) -> Result<Value, rcgen::Error> {
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    let mut params = CertificateParams::default();
    // WebAuthn §8.2.1; ZZ is nobody's country.
    let mut name = DistinguishedName::new();
    name.push(DnType::CountryName, "ZZ");
    name.push(DnType::OrganizationName, "hybridd");
    name.push(DnType::OrganizationalUnitName, "Authenticator Attestation");
    name.push(DnType::CommonName, WHO);
    params.distinguished_name = name;
    params.is_ca = IsCa::ExplicitNoCa;
    let certificate = params.self_signed(&key)?;
    Ok(Value::Map(vec![
        ("alg".into(), ES256.into()),
        ("sig".into(), Value::Bytes(key.sign(signed)?)),
        (
            "x5c".into(),
            Value::Array(vec![Value::Bytes(certificate.der().to_vec())]),
        ),
    ]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use p256::ecdsa::signature::Verifier as _;
    use p256::ecdsa::{Signature, VerifyingKey};
    use proptest::prelude::*;

    fn command(rp_id: &str) -> Vec<u8> {
        let rp = Value::Map(vec![("id".into(), rp_id.into())]);
        let parameters = Value::Map(vec![(1.into(), Value::Bytes(vec![7; 32])), (2.into(), rp)]);
        [vec![1], cbor::write(&parameters)].concat()
    }

    fn reply(fmt: &str, statement: Vec<(Value, Value)>) -> Vec<u8> {
        let body = Value::Map(vec![
            (1.into(), fmt.into()),
            (2.into(), Value::Bytes(b"authenticator data".to_vec())),
            (3.into(), Value::Map(statement)),
        ]);
        [vec![0], cbor::write(&body)].concat()
    }

    #[test]
    fn ssh_and_pam_get_a_statement_whose_signature_verifies() {
        for rp_id in ["ssh:", "ssh:work", "pam://desk"] {
            let vouched = vouch(&command(rp_id), &reply("none", Vec::new())).unwrap();
            // Canonical, as programs want it.
            let body = cbor::read(&vouched[1..]).unwrap();
            let body = body.as_map().unwrap();
            assert_eq!(cbor::entry(body, 1).unwrap().as_text(), Some("packed"));
            let data = cbor::entry(body, 2).unwrap().as_bytes().unwrap();
            assert_eq!(data, b"authenticator data");
            let statement = cbor::entry(body, 3).unwrap().as_map().unwrap().clone();
            let signature = cbor::text_entry(&statement, "sig").unwrap();
            let chain = cbor::text_entry(&statement, "x5c").unwrap();
            let chain = chain.as_array().unwrap();
            let certificate = chain[0].as_bytes().unwrap().clone();
            let text = String::from_utf8_lossy(&certificate).into_owned();
            assert!(text.contains(WHO) && certificate.len() < 800);
            let (_, point) = certificate
                .windows(2)
                .enumerate()
                // BIT STRING of 66 bytes, none unused, an uncompressed point.
                .find_map(|(at, pair)| {
                    (pair == [0x03, 0x42]).then(|| (at, &certificate[at + 3..at + 68]))
                })
                .unwrap();
            let signed = [&b"authenticator data"[..], &[7; 32]].concat();
            let signature = Signature::from_der(signature.as_bytes().unwrap()).unwrap();
            let key = VerifyingKey::from_sec1_bytes(point).unwrap();
            key.verify(&signed, &signature).unwrap();
        }
    }

    #[test]
    fn what_a_phone_does_attest_stays_as_it_is() {
        let said = reply("packed", vec![("alg".into(), (-7).into())]);
        assert_eq!(vouch(&command("ssh:"), &said), None);
        let odd = reply("none", vec![("alg".into(), (-7).into())]);
        assert_eq!(vouch(&command("ssh:"), &odd), None);
        assert_eq!(vouch(&command("ssh:"), &[0x27]), None);
        let mut get = command("ssh:");
        get[0] = 2;
        assert_eq!(vouch(&get, &reply("none", Vec::new())), None);
    }

    proptest! {
        #[test]
        fn a_site_never_gets_one(rp_id in "[a-z0-9.-]{1,30}") {
            prop_assert_eq!(vouch(&command(&rp_id), &reply("none", Vec::new())), None);
        }

        #[test]
        fn any_bytes_are_read_without_a_panic(command in proptest::collection::vec(any::<u8>(), 0..100), reply in proptest::collection::vec(any::<u8>(), 0..100)) {
            let _ = vouch(&command, &reply);
        }
    }
}
