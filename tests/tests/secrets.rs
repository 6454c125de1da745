//! No secret in any output of any program, however much they are asked to log.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "scenarios"
)]

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use hybrid_protocol::Opened;
use hybrid_protocol::QrCode;
use hybrid_protocol::hazmat;
use hybrid_protocol::{EidKey, Psk, tunnel_id};
use hybrid_tests::bluez::Air;
use hybrid_tests::namespace::inside;
use hybrid_tests::programs::{self, Desktop, World};
use hybrid_tests::relying_party::RelyingParty;
use serde_json::{Value, json};
use std::process::Stdio;
use tokio::io::{AsyncReadExt as _, BufReader};

const NAMES: [&str; 1] = ["cable.ua5v.com"];

/// One run with everything logged: what was printed, and what must not be in it.
async fn run(
    world: &World,
    verb: &str,
    options: &str,
) -> (Vec<String>, Vec<(&'static str, Vec<u8>)>, String, Value) {
    let picture = world.path("qr.png");
    let mut command = world.command("hybridd");
    command
        .args([
            verb,
            "--origin",
            "https://example.com",
            "--events",
            "-",
            "--qr",
        ])
        .arg(format!("png:{}", picture.display()));
    command
        .arg("--timeline")
        .arg(world.path("timeline.jsonl"))
        .env("RUST_LOG", "trace");
    let mut desktop = Desktop::start(&mut command, options).await.unwrap();
    desktop.event("stage").await.unwrap();
    let text = phone_sim::scan::image(&picture).unwrap();
    let code = QrCode::parse(&text).unwrap();

    let mut phone = world.command("phone-sim");
    phone
        .args(["answer", "--adapter", "hci1", "--image"])
        .arg(&picture)
        .arg("--store")
        .arg(world.path("phone.json"));
    let phone = programs::end(phone.env("RUST_LOG", "trace").spawn().unwrap())
        .await
        .unwrap();
    let ended = desktop.end().await.unwrap();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);

    let advert = phone.stdout.lines().find_map(|line| {
        let event: Value = serde_json::from_str(line).unwrap();
        event["hex"].as_str().map(|text| hex::decode(text).unwrap())
    });
    let Opened::Ours(advert) = EidKey::from_qr(&code.secret).open_qr(&advert.unwrap()) else {
        panic!("ours")
    };
    let response: Value = serde_json::from_str(&ended.stdout).unwrap();
    let mut secrets = vec![
        ("QR text", text.as_bytes().to_vec()),
        ("QR digits", text.as_bytes()[6..40].to_vec()),
        ("QR secret", code.secret.expose().to_vec()),
        ("tunnel id", tunnel_id(&code.secret).as_bytes().to_vec()),
        (
            "advert key",
            hazmat::derive(code.secret.expose(), &[], 1, 64)[..32].to_vec(),
        ),
        (
            "PSK",
            hazmat::psk_bytes(&Psk::from_qr(&code.secret, &advert.plaintext)).to_vec(),
        ),
        ("advert plaintext", advert.plaintext.as_bytes().to_vec()),
    ];
    if let Some(output) = response["clientExtensionResults"]["prf"]["results"]["first"].as_str() {
        secrets.push(("prf output", URL_SAFE_NO_PAD.decode(output).unwrap()));
    }
    let timeline = std::fs::read_to_string(world.path("timeline.jsonl")).unwrap();
    (
        vec![ended.stderr, phone.stdout, phone.stderr, timeline],
        secrets,
        ended.stdout,
        response,
    )
}

fn forms(secret: &[u8]) -> Vec<Vec<u8>> {
    let debug = format!("{secret:?}");
    vec![
        secret.to_vec(),
        hex::encode(secret).into_bytes(),
        hex::encode_upper(secret).into_bytes(),
        STANDARD_NO_PAD.encode(secret).into_bytes(),
        URL_SAFE_NO_PAD.encode(secret).into_bytes(),
        // The middle of a list of numbers, as derived Debug prints bytes.
        debug.trim_matches(['[', ']']).as_bytes().to_vec(),
    ]
}

#[tokio::test]
async fn no_program_prints_a_secret_at_trace_level() {
    if !inside("no_program_prints_a_secret_at_trace_level", &NAMES) {
        return;
    }
    let air = Air::with_adapters(&["hci0", "hci1"]).await.unwrap();
    let world = World::new(air.bus_address(), &NAMES).unwrap();
    let mut relay = world.relay_logging("trace", Stdio::piped()).await.unwrap();
    let mut relay_said = BufReader::new(relay.stderr.take().unwrap());

    let site = RelyingParty::new().unwrap();
    let options = site.begin_registration().unwrap().options;
    let (mut outputs, mut secrets, _, response) = run(&world, "register", &options).await;
    let prf = json!({"prf": {"eval": {"first": "AAAA"}}});
    let options = json!({"challenge": "AAAAAAAAAAAAAAAAAAAAAA", "rpId": "example.com", "extensions": prf,
        "allowCredentials": [{"type": "public-key", "id": response["id"]}]});
    let (more, further, _, response) = run(&world, "sign-in", &options.to_string()).await;
    assert!(
        response["clientExtensionResults"]["prf"]["results"]["first"].is_string(),
        "the secret output is there: {response}"
    );
    outputs.extend(more);
    secrets.extend(further);
    let store: Value =
        serde_json::from_str(&std::fs::read_to_string(world.path("phone.json")).unwrap()).unwrap();
    let key = URL_SAFE_NO_PAD
        .decode(store["passkeys"][0]["private_key"].as_str().unwrap())
        .unwrap();
    secrets.push(("passkey", key));

    relay.kill().await.unwrap();
    let mut log = String::new();
    relay_said.read_to_string(&mut log).await.unwrap();
    assert!(!log.is_empty(), "the relay logs something at trace level");
    outputs.push(log);

    assert!(
        outputs.iter().map(String::len).sum::<usize>() > 2000,
        "there is something to look through"
    );
    for (name, secret) in &secrets {
        for form in forms(secret) {
            for output in &outputs {
                let found = output
                    .as_bytes()
                    .windows(form.len())
                    .any(|window| window == form);
                assert!(!found, "{name} was printed:\n{output}");
            }
        }
    }
}
