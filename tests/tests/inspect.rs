//! `hybridd inspect` as a person runs it: files, pipes, metadata, and what is no input.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "scenarios"
)]

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hybrid_tests::programs::{self, Desktop, Ended, World};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

const MODEL: &str = "de1e552d-db1d-4423-a619-566b625cdc84";

fn world() -> World {
    programs::build();
    World::without_bus(&["mds.fidoalliance.org"]).unwrap()
}

async fn hybridd(world: &World, args: &[&str], input: &str) -> Ended {
    let mut command = world.command("hybridd");
    command.args(args);
    let desktop = Desktop::start(&mut command, input).await.unwrap();
    desktop.end().await.unwrap()
}

fn sample(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../docs/samples")
        .join(name);
    path.to_str().unwrap().to_owned()
}

/// Metadata as the FIDO Alliance signs them, by an authority that this world trusts.
fn signed(world: &World, payload: &Value) -> String {
    let pem = fs::read(world.path("key.pem")).unwrap();
    let key = PrivatePkcs8KeyDer::from_pem_slice(&pem).unwrap();
    let random = SystemRandom::new();
    let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
    let key = EcdsaKeyPair::from_pkcs8(algorithm, key.secret_pkcs8_der(), &random).unwrap();
    let pem = fs::read(world.path("chain.pem")).unwrap();
    let certificate = CertificateDer::from_pem_slice(&pem).unwrap();
    let header = json!({"alg": "ES256", "typ": "JWT", "x5c": [STANDARD.encode(certificate)]});
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let text = format!("{}.{}", part(&header), part(payload));
    let signature = key.sign(&random, text.as_bytes()).unwrap();
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
}

#[tokio::test]
async fn a_file_or_standard_input_is_told_for_people_and_for_programs() {
    let world = world();
    let told = hybridd(&world, &["inspect", "-"], MODEL).await;
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    let expected =
        "Microsoft Authenticator on Android (de1e552d-db1d-4423-a619-566b625cdc84), claimed";
    assert!(told.stdout.contains(expected), "{}", told.stdout);
    assert_eq!(told.stderr, "");
    let file = sample("creation-options.json");
    let told = hybridd(&world, &["inspect", &file, "--json"], "").await;
    let json: Value = serde_json::from_str(&told.stdout).unwrap();
    assert_eq!(json["inspected"][0]["kind"], "creation-options");
    assert_eq!(json["metadata"], Value::Null);
}

#[tokio::test]
async fn what_is_no_input_is_a_sentence_and_exit_code_2() {
    let world = world();
    for (args, input, told) in [
        (&["inspect", "-"][..], "", "standard input: expected"),
        (
            &["inspect", "-"],
            "{\"password\": \"hunter2\"",
            "ends too early",
        ),
        (&["inspect", "/missing"], "", "cannot read /missing"),
        (
            &["inspect", "/dev/zero"],
            "",
            "of at most 4194304 bytes; got more",
        ),
        (&["inspect"], "", "FILE"),
    ] {
        let ended = hybridd(&world, args, input).await;
        assert_eq!(ended.code, Some(2), "{}", ended.stderr);
        assert!(ended.stderr.contains(told), "{}", ended.stderr);
        assert!(!ended.stderr.contains("hunter2"));
        assert_eq!(ended.stdout, "");
    }
    let json = hybridd(&world, &["inspect", "-", "--json"], "nothing of use").await;
    let error: Value = serde_json::from_str(&json.stdout).unwrap();
    assert!(error["error"]["why"].as_str().unwrap().contains("expected"));
}

#[tokio::test]
async fn metadata_count_when_the_systems_authorities_vouch_for_their_signer() {
    let world = world();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("blob.jwt");
    let mds = file.to_str().unwrap().to_owned();
    let blob = signed(
        &world,
        &json!({"no": 41, "nextUpdate": "2099-01-01", "entries": [
            {"aaguid": MODEL, "metadataStatement": {"description": "Named by metadata"}},
        ]}),
    );
    fs::write(&file, &blob).unwrap();
    let told = hybridd(&world, &["inspect", "-", "--mds", &mds], MODEL).await;
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    assert!(told.stdout.contains("Named by metadata"), "{}", told.stdout);
    assert!(
        told.stdout.contains("claimed"),
        "a name is no attestation: {}",
        told.stdout
    );
    assert!(told.stdout.contains("number 41"), "{}", told.stdout);
    fs::write(&file, blob.replacen(".ey", ".eY", 1)).unwrap();
    let told = hybridd(&world, &["inspect", "-", "--mds", &mds], MODEL).await;
    assert_eq!(told.code, Some(2));
    assert!(
        told.stderr.contains("signature is wrong"),
        "{}",
        told.stderr
    );
    fs::write(&file, "{}").unwrap();
    let told = hybridd(&world, &["inspect", "-", "--mds", &mds], MODEL).await;
    assert!(
        told.stderr.contains("expected the signed file"),
        "{}",
        told.stderr
    );
}
