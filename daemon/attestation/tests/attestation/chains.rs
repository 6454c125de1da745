//! Chains that a maker would not make: refused, or told.

use crate::data::{self, NOW};
use crate::issuer::{entry, metadata};
use hybrid_attestation::{Inspection, Metadata};
use hybrid_protocol::cbor::{self, Value};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, CustomExtension, DnType, IsCa, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair};
use sha2::{Digest as _, Sha256};

type Authority = CertifiedIssuer<'static, KeyPair>;
type Change<'c> = &'c dyn Fn(&mut CertificateParams);

const AAGUID: [u64; 9] = [1, 3, 6, 1, 4, 1, 45724, 1, 1];

fn params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    (params.not_before, params.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(2100, 1, 1));
    params
}

fn authority(name: &str, above: Option<&Authority>, change: Change<'_>) -> Authority {
    let mut params = params(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    change(&mut params);
    let key = KeyPair::generate().unwrap();
    match above {
        Some(above) => CertifiedIssuer::signed_by(params, key, above).unwrap(),
        None => CertifiedIssuer::self_signed(params, key).unwrap(),
    }
}

/// A registration whose packed statement the last of these authorities issued a certificate for.
fn registration(authorities: &[&Authority], named: bool, change: Change<'_>) -> String {
    let mut case = packed();
    let object = cbor::read_lenient(&case.object)
        .unwrap()
        .into_map()
        .unwrap();
    let auth_data = cbor::text_entry(&object, "authData").unwrap().clone();
    let signed = [
        auth_data.as_bytes().unwrap().as_slice(),
        &Sha256::digest(&case.client_data),
    ]
    .concat();
    let random = SystemRandom::new();
    let algorithm = &ECDSA_P256_SHA256_ASN1_SIGNING;
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
    let mut params = params("A key");
    let name = &mut params.distinguished_name;
    name.push(DnType::CountryName, "DE");
    name.push(DnType::OrganizationName, "Maker");
    name.push(DnType::OrganizationalUnitName, "Authenticator Attestation");
    params.is_ca = IsCa::ExplicitNoCa;
    if named {
        let aaguid = hex::decode(model().replace('-', "")).unwrap();
        let oid = [&AAGUID[..], &[4]].concat();
        let value = [&[4, 16], aaguid.as_slice()].concat();
        let extension = CustomExtension::from_oid_content(&oid, value);
        params.custom_extensions.push(extension);
    }
    change(&mut params);
    let key = KeyPair::try_from(pkcs8.as_ref()).unwrap();
    let first = params.signed_by(&key, authorities.last().unwrap()).unwrap();
    let signer = EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref(), &random).unwrap();
    let signature = signer.sign(&random, &signed).unwrap();
    let below_root = authorities.iter().skip(1).rev();
    let chain = std::iter::once(first.der()).chain(below_root.map(|authority| authority.der()));
    let chain = chain.map(|der| Value::Bytes(der.to_vec())).collect();
    let text = |name: &str, value: Value| (Value::from(name), value);
    let statement = Value::Map(vec![
        text("alg", Value::from(-7)),
        text("sig", Value::Bytes(signature.as_ref().to_vec())),
        text("x5c", Value::Array(chain)),
    ]);
    case.object = cbor::write(&Value::Map(vec![
        text("fmt", Value::from("packed")),
        text("attStmt", statement),
        text("authData", auth_data),
    ]));
    data::response(&case).to_string()
}

fn packed() -> data::Case {
    let mut all = data::vectors().into_iter();
    all.find(|case| case.name == "packed-es256").unwrap()
}

fn model() -> String {
    data::aaguid(&packed().object)
}

fn known(root: &Authority) -> Metadata {
    metadata(&[entry(&model(), "A key", &[root.der().to_vec()])])
}

fn judged(response: &str, known: &Metadata) -> serde_json::Value {
    let inspection = Inspection::of(response.as_bytes(), Some(known), NOW).unwrap();
    inspection.to_json()["inspected"][0].clone()
}

fn nothing(_: &mut CertificateParams) {}

fn critical(params: &mut CertificateParams) {
    let mut strange = CustomExtension::from_oid_content(&[1, 2, 3, 4, 5], vec![5, 0]);
    strange.set_criticality(true);
    params.custom_extensions.push(strange);
}

#[test]
fn a_chain_that_breaks_a_rule_of_certificates_is_wrong() {
    let shallow = |params: &mut CertificateParams| {
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    };
    let mute = |params: &mut CertificateParams| {
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    };
    let cases: [(Change<'_>, Change<'_>, Change<'_>, &str); 6] = [
        (
            &shallow,
            &nothing,
            &nothing,
            "more authorities stand below one",
        ),
        (&mute, &nothing, &nothing, "may not sign certificates"),
        (&critical, &nothing, &nothing, "critical extension"),
        (&nothing, &mute, &nothing, "may not sign certificates"),
        (&nothing, &critical, &nothing, "critical extension"),
        (&nothing, &nothing, &critical, "critical extension"),
    ];
    for (of_root, of_second, of_first, told) in cases {
        let root = authority("root", None, of_root);
        let second = authority("second", Some(&root), of_second);
        let response = registration(&[&root, &second], true, of_first);
        // The root stands in the metadata alone.
        let sheet = judged(&response, &known(&root));
        assert_eq!(sheet["attestation"]["result"], "wrong", "{told}: {sheet}");
        assert!(
            sheet["attestation"]["flaw"].to_string().contains(told),
            "{sheet}"
        );
        assert!(sheet["odd"].to_string().contains(told), "{sheet}");
        assert_eq!(sheet["model"]["standing"], "claimed");
    }
    let root = authority("root", None, &shallow);
    let response = registration(&[&root], true, &nothing);
    let sheet = judged(&response, &known(&root));
    assert_eq!(sheet["attestation"]["result"], "attested", "{sheet}");
}

#[test]
fn certificates_that_are_over_or_not_valid_yet_are_told() {
    let over = |params: &mut CertificateParams| params.not_after = date_time_ymd(2021, 1, 1);
    let early = |params: &mut CertificateParams| params.not_before = date_time_ymd(2099, 1, 1);
    let cases: [(Change<'_>, Change<'_>, Change<'_>, &str); 4] = [
        (&over, &nothing, &nothing, "over since 2021-01-01: CN=root"),
        (
            &nothing,
            &over,
            &nothing,
            "over since 2021-01-01: CN=second",
        ),
        (
            &nothing,
            &early,
            &nothing,
            "not valid before 2099-01-01: CN=second",
        ),
        (&nothing, &nothing, &early, "is not valid yet"),
    ];
    for (of_root, of_second, of_first, told) in cases {
        let root = authority("root", None, of_root);
        let second = authority("second", Some(&root), of_second);
        let response = registration(&[&root, &second], true, of_first);
        let sheet = judged(&response, &known(&root));
        assert_eq!(sheet["attestation"]["result"], "attested", "{sheet}");
        assert!(
            sheet["odd"].to_string().contains(told),
            "expected {told}: {sheet}"
        );
    }
}

#[test]
fn a_root_of_several_models_attests_only_the_one_that_the_certificate_names() {
    let root = authority("root", None, &nothing);
    let roots = [root.der().to_vec()];
    let other = entry(
        "11111111-2222-3333-4444-555555555555",
        "Another key",
        &roots,
    );
    let shared = metadata(&[entry(&model(), "A key", &roots), other]);
    for (named, known, result, standing) in [
        (true, &shared, "attested", "attested"),
        (false, &shared, "unsigned-model", "claimed"),
        (false, &known(&root), "attested", "attested"),
    ] {
        let response = registration(&[&root], named, &nothing);
        let sheet = judged(&response, known);
        assert_eq!(sheet["attestation"]["result"], result, "{sheet}");
        assert_eq!(sheet["model"]["standing"], standing, "{sheet}");
    }
}

#[test]
fn a_model_without_a_name_is_attested_under_its_id() {
    let root = authority("root", None, &nothing);
    let mut nameless = entry(&model(), "", &[root.der().to_vec()]);
    let statement = nameless["metadataStatement"].as_object_mut().unwrap();
    statement.remove("description");
    let response = registration(&[&root], true, &nothing);
    let inspection = Inspection::of(response.as_bytes(), Some(&metadata(&[nameless])), NOW);
    let text = inspection.unwrap().to_string();
    let expected = format!("{}, attested; the metadata have no name for it", model());
    assert!(text.contains(&expected), "{text}");
}

#[test]
fn a_model_that_one_of_two_entries_revokes_is_revoked() {
    let root = authority("root", None, &nothing);
    let good = entry(&model(), "A key", &[root.der().to_vec()]);
    let mut bad = good.clone();
    bad["statusReports"] = serde_json::json!([{"status": "REVOKED"}]);
    let response = registration(&[&root], true, &nothing);
    for both in [[good.clone(), bad.clone()], [bad, good]] {
        let odd = judged(&response, &metadata(&both))["odd"].to_string();
        assert!(odd.contains("The metadata report REVOKED"), "{odd}");
    }
}
