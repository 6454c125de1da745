//! What a help desk gets: the history of a computer, and a report of one page and one bundle.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "scenarios"
)]

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use hybrid_tests::bluez::Air;
use hybrid_tests::namespace::inside;
use hybrid_tests::programs::{self, Ended, World};
use hybrid_tests::relying_party::RelyingParty;
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;

const NAMES: [&str; 2] = ["cable.ua5v.com", "cable.auth.com"];

async fn hybridd(world: &World, args: &[&str]) -> Ended {
    let mut command = world.command("hybridd");
    command.args(args).env("RUST_LOG", "trace");
    programs::end(command.spawn().unwrap()).await.unwrap()
}

/// A ceremony with a phone that does this; the code, and how it ended.
async fn ceremony(
    world: &World,
    verb: &str,
    options: &str,
    more: &[&str],
    phone: &[&str],
) -> (String, Ended) {
    let ceremony = world.ceremony(verb, options, more, phone).await.unwrap();
    (ceremony.qr, ceremony.desktop)
}

#[tokio::test]
async fn every_ceremony_is_a_line_of_the_history_unless_it_is_switched_off() {
    if !inside(
        "every_ceremony_is_a_line_of_the_history_unless_it_is_switched_off",
        &NAMES,
    ) {
        return;
    }
    let air = Air::with_adapters(&["hci0", "hci1"]).await.unwrap();
    let world = World::new(air.bus_address(), &NAMES).unwrap();
    let _relay = world.relay().await.unwrap();
    let site = RelyingParty::new().unwrap();
    let options = || site.begin_registration().unwrap().options;
    let none = hybridd(&world, &["history"]).await;
    assert_eq!(none.code, Some(0));
    assert!(
        none.stdout
            .starts_with("No registration or sign-in has been recorded yet (~/.local/state/hybridd/history.jsonl)"),
        "{}",
        none.stdout
    );

    let (code, done) = ceremony(&world, "register", &options(), &[], &[]).await;
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    let (_, declined) = ceremony(&world, "register", &options(), &[], &["--user", "deny"]).await;
    assert_eq!(declined.code, Some(1), "{}", declined.stderr);
    let (_, hashed) = ceremony(
        &world,
        "register",
        &options(),
        &["--history", "hashes"],
        &[],
    )
    .await;
    assert_eq!(hashed.code, Some(0), "{}", hashed.stderr);
    let (_, off) = ceremony(&world, "register", &options(), &["--history", "off"], &[]).await;
    assert_eq!(off.code, Some(0), "{}", off.stderr);

    let told = hybridd(&world, &["history", "--json"]).await;
    let json: Value = serde_json::from_str(&told.stdout).unwrap();
    let entries = json["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 3, "{json}");
    let [first, second, third] = entries.as_slice() else {
        panic!("three")
    };
    for entry in entries {
        assert_eq!(
            (&entry["by"], &entry["operation"]),
            (&json!("command"), &json!("register"))
        );
        assert_eq!(entry["codes"], 1);
        assert!(
            entry["stages"]["advert"].is_u64() && entry["stages"]["reply"].is_u64(),
            "{entry}"
        );
    }
    assert_eq!(
        (&first["result"], &first["site"]),
        (&json!("ok"), &json!("example.com"))
    );
    assert_eq!(second["result"], "CT27", "{second}");
    assert_eq!(third["site"], "sha256:a379a6f6eeafb9a5");
    assert_eq!(
        (
            &json["weeks"][0]["done"],
            &json["weeks"][0]["causes"]["CT27"]
        ),
        (&json!(2), &json!(1))
    );

    let file = world.path(".local/state/hybridd/history.jsonl");
    assert_eq!(
        fs::metadata(&file).unwrap().permissions().mode() & 0o777,
        0o600
    );
    assert!(!fs::read_to_string(&file).unwrap().contains(&code));
    let csv = hybridd(&world, &["history", "--csv", "--since", "2020-01-01"]).await;
    assert_eq!(csv.stdout.matches("\r\n").count(), 4, "{}", csv.stdout);
    let later = hybridd(&world, &["history", "--csv", "--since", "2999-01-01"]).await;
    assert_eq!(later.stdout.matches("\r\n").count(), 1);
    let people = hybridd(&world, &["history"]).await;
    assert!(
        people.stdout.contains("2 of 3 done; not done: CT27 1"),
        "{}",
        people.stdout
    );
    for wrong in [
        &["history", "--since", "soon"][..],
        &["history", "--csv", "--json"],
    ] {
        assert_eq!(hybridd(&world, wrong).await.code, Some(2), "{wrong:?}");
    }
    fs::write(&file, "{\"ev\":\"history\",\"version\":9}\n").unwrap();
    let newer = hybridd(&world, &["history"]).await;
    assert_eq!(newer.code, Some(2));
    assert!(
        newer.stderr.contains("written by a newer hybridd"),
        "{}",
        newer.stderr
    );
    let (_, kept) = ceremony(&world, "register", &options(), &[], &[]).await;
    assert_eq!(
        kept.code,
        Some(0),
        "a history that cannot be written stops no ceremony"
    );
    assert!(
        kept.stderr
            .contains("the history does not include this one"),
        "{}",
        kept.stderr
    );
}

#[tokio::test]
async fn history_that_is_switched_off_is_said_to_be_and_a_wrong_value_is_named() {
    let world = World::without_bus(&NAMES).unwrap();
    programs::build();
    let folder = world.path(".config/hybridd");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("config.toml"), "history = \"off\"\n").unwrap();
    let told = hybridd(&world, &["history"]).await;
    assert!(
        told.stderr.contains("Nothing is kept any more"),
        "{}",
        told.stderr
    );
    fs::write(folder.join("config.toml"), "history = \"some\"\n").unwrap();
    let doctor = hybridd(&world, &["doctor", "--seconds", "1", "--json"]).await;
    assert!(
        doctor.stdout.contains("expected names, hashes or off"),
        "{}",
        doctor.stdout
    );
}

#[tokio::test]
async fn a_report_says_which_stage_failed_first_and_holds_no_secret() {
    if !inside(
        "a_report_says_which_stage_failed_first_and_holds_no_secret",
        &NAMES,
    ) {
        return;
    }
    let air = Air::with_adapters(&["hci0", "hci1"]).await.unwrap();
    let world = World::new(air.bus_address(), &NAMES).unwrap();
    let _relay = world.relay().await.unwrap();
    let site = RelyingParty::new().unwrap();
    let options = site.begin_registration().unwrap().options;
    let (first_code, done) = ceremony(&world, "register", &options, &[], &[]).await;
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    let response: Value = serde_json::from_str(&done.stdout).unwrap();
    fs::write(world.path("register.json"), &done.stdout).unwrap();
    let prf = json!({"prf": {"eval": {"first": "AAAA"}}});
    let options = json!({"challenge": "AAAAAAAAAAAAAAAAAAAAAA", "rpId": "example.com", "extensions": prf,
        "allowCredentials": [{"type": "public-key", "id": response["id"]}]});
    let (second_code, signed) = ceremony(&world, "sign-in", &options.to_string(), &[], &[]).await;
    assert_eq!(signed.code, Some(0), "{}", signed.stderr);
    let signed_response: Value = serde_json::from_str(&signed.stdout).unwrap();
    let (third_code, declined) = ceremony(
        &world,
        "sign-in",
        &options.to_string(),
        &[],
        &["--user", "deny"],
    )
    .await;
    assert_eq!(declined.code, Some(1), "{}", declined.stderr);
    let both = json!([response, signed_response]);
    fs::write(world.path("both.json"), both.to_string()).unwrap();

    let (page, bundle, both) = (
        world.path("report.html"),
        world.path("report.json"),
        world.path("both.json"),
    );
    let paths = [&page, &bundle, &both].map(|path| path.to_str().unwrap());
    let report = hybridd(
        &world,
        &[
            "report",
            "--seconds",
            "1",
            "--html",
            paths[0],
            "--bundle",
            paths[1],
            "--inspect",
            paths[2],
        ],
    )
    .await;
    let told = report.stdout.lines().next().unwrap();
    assert!(
        told.starts_with("The last sign-in failed in the stage reply"),
        "{}",
        report.stdout
    );
    assert!(told.contains("CT27"), "{told}");
    for path in [&page, &bundle] {
        assert_eq!(
            fs::metadata(path).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }
    let page = fs::read_to_string(page).unwrap();
    let bundle = fs::read_to_string(bundle).unwrap();
    let json: Value = serde_json::from_str(&bundle).unwrap();
    assert_eq!(
        (&json["first_stage"]["stage"], &json["first_stage"]["code"]),
        (&json!("reply"), &json!("CT27"))
    );
    for member in [
        "time",
        "time_zone",
        "kernel",
        "adapters",
        "hybridd",
        "checks",
        "timeline",
        "weeks",
    ] {
        assert!(!json[member].is_null(), "{member}");
    }
    assert_eq!(json["inspection"]["inspected"][0]["kind"], "registration");
    assert_eq!(
        json["inspection"]["inspected"][1]["signature"], "verified",
        "{}",
        json["inspection"]
    );
    let (top, rest) = (
        page.find("The first stage that fails").unwrap(),
        page.find("When and where").unwrap(),
    );
    assert!(
        top < rest && page.contains("Results by week") && page.contains("The passkey"),
        "{page}"
    );

    let secret = |value: &Value| URL_SAFE_NO_PAD.decode(value.as_str().unwrap()).unwrap();
    let secrets = [
        first_code.into_bytes(),
        second_code.into_bytes(),
        third_code.into_bytes(),
        secret(&signed_response["clientExtensionResults"]["prf"]["results"]["first"]),
        secret(&signed_response["response"]["userHandle"]),
        secret(&response["rawId"]),
        secret(&signed_response["response"]["signature"]),
    ];
    for secret in &secrets {
        for form in [
            String::from_utf8_lossy(secret).into_owned(),
            hex::encode(secret),
            STANDARD_NO_PAD.encode(secret),
            URL_SAFE_NO_PAD.encode(secret),
        ] {
            for output in [&page, &bundle, &report.stdout, &report.stderr] {
                assert!(form.len() < 8 || !output.contains(&form), "{form}");
            }
        }
    }
}

#[tokio::test]
async fn a_report_says_when_the_history_cannot_be_read_and_names_no_person() {
    if !inside(
        "a_report_says_when_the_history_cannot_be_read_and_names_no_person",
        &NAMES,
    ) {
        return;
    }
    let world = World::without_bus(&NAMES).unwrap();
    let folder = world.path(".local/state/hybridd");
    fs::create_dir_all(&folder).unwrap();
    let (page, bundle) = (world.path("report.html"), world.path("report.json"));
    let names = [&page, &bundle].map(|path| path.to_str().unwrap());
    for (file, content, why) in [
        (
            "history.jsonl",
            "precious",
            "it is no history that this hybridd understands",
        ),
        (
            "history.older.jsonl",
            "{\"ev\":\"history\",\"version\":9}\n",
            "it was written by a newer hybridd",
        ),
    ] {
        fs::write(folder.join(file), content).unwrap();
        let mut command = world.command("hybridd");
        command.env("SSL_CERT_FILE", "/home/alice/ca.pem");
        command.args(["report", "--seconds", "1", "--html", names[0]]);
        command.args(["--bundle", names[1]]);
        let report = programs::end(command.spawn().unwrap()).await.unwrap();
        let told = format!("~/.local/state/hybridd/{file}: {why}");
        let page = fs::read_to_string(&page).unwrap();
        let bundle = fs::read_to_string(&bundle).unwrap();
        let json: Value = serde_json::from_str(&bundle).unwrap();
        assert!(
            json["history_unread"].as_str().unwrap().starts_with(&told),
            "{json}"
        );
        for output in [&page, &report.stdout] {
            assert!(output.contains(&told), "expected {told} in {output}");
        }
        for output in [&page, &bundle, &report.stdout] {
            assert!(output.contains("/home/…/ca.pem"), "{output}");
            assert!(!output.contains("alice"), "{output}");
        }
        fs::remove_file(folder.join(file)).unwrap();
        for path in [names[0], names[1]] {
            fs::remove_file(path).unwrap();
        }
    }
}

#[tokio::test]
async fn a_report_without_anything_kept_is_a_doctors_and_wrong_input_ends_it_before_it_begins() {
    if !inside(
        "a_report_without_anything_kept_is_a_doctors_and_wrong_input_ends_it_before_it_begins",
        &NAMES,
    ) {
        return;
    }
    let world = World::without_bus(&NAMES).unwrap();
    let bundle = world.path("with-policy.json");
    let policy = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../docs/samples/policy/methods.json"
    );
    let bundle_name = bundle.to_str().unwrap();
    let args = ["--policy", policy, "--bundle", bundle_name];
    let report = hybridd(&world, &[&["report", "--seconds", "1"][..], &args].concat()).await;
    assert!(
        report.stdout.contains("\nThe organisation's policy\n") && report.stdout.contains("PK003"),
        "{}",
        report.stdout
    );
    let bundle = fs::read_to_string(bundle).unwrap();
    let json: Value = serde_json::from_str(&bundle).unwrap();
    assert_eq!(json["policy"]["capability"], "undetermined");
    let places = json["policy"]["rulings"].to_string();
    assert!(
        places.contains("\"methods.json#/") && !places.contains("samples"),
        "{places}"
    );
    assert_eq!(report.code, Some(3), "{}", report.stderr);
    assert!(
        report
            .stdout
            .starts_with("A sign-in would fail in the stage advert"),
        "{}",
        report.stdout
    );
    // Its question is that of policy check, and a certain refusal stands above the stages.
    let page = world.path("refused.html");
    let question = ["--groups", "none", "--html", page.to_str().unwrap()];
    let report = hybridd(
        &world,
        &[
            &["report", "--seconds", "1", "--policy", policy][..],
            &question,
        ]
        .concat(),
    )
    .await;
    let refusal =
        "The organisation's policy refuses it for certain, even if every stage works: PK012, ";
    assert!(
        report.stdout.starts_with(refusal) && report.stdout.contains("\nA sign-in would fail"),
        "{}",
        report.stdout
    );
    let shown = fs::read_to_string(&page).unwrap();
    assert!(shown.contains("refuses it for certain"), "{shown}");
    let alone = hybridd(&world, &["report", "--seconds", "1", "--groups", "none"]).await;
    assert_eq!(alone.code, Some(2));
    assert!(
        alone.stderr.contains("give --policy FILE, too"),
        "{}",
        alone.stderr
    );
    let page = world.path("report.html");
    let wrong = hybridd(
        &world,
        &[
            "report",
            "--html",
            page.to_str().unwrap(),
            "--inspect",
            "/missing",
        ],
    )
    .await;
    assert_eq!(wrong.code, Some(2));
    assert!(
        wrong.stderr.contains("cannot read /missing") && !page.exists(),
        "{}",
        wrong.stderr
    );
}
