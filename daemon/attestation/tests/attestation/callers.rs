//! Origins of pages and apps, and sites that fit them or do not.

use crate::data::{self, NOW};
use hybrid_attestation::Inspection;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// A sheet of a registration at a page of this origin, for this site.
fn sheet(origin: &str, rp_id: &str) -> (Value, String) {
    let mut case = { data::vectors().into_iter() }
        .find(|case| case.name == "none-es256")
        .unwrap();
    let client_data = json!({"type": "webauthn.create", "challenge": "AAAA", "origin": origin});
    case.client_data = client_data.to_string().into_bytes();
    let at = data::auth_data_at(&case.object);
    case.object[at..at + 32].copy_from_slice(&Sha256::digest(rp_id));
    let response = data::response(&case).to_string();
    let inspection = Inspection::of(response.as_bytes(), None, NOW).unwrap();
    let sheet = inspection.to_json()["inspected"][0].clone();
    (sheet, inspection.to_string())
}

#[test]
fn an_apps_origin_is_told_as_an_apps_and_names_no_site() {
    let hash = "android:apk-key-hash:47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU";
    for (origin, told) in [
        (hash, "(an Android app, by its signing key)"),
        (
            "ios:bundle-id:org.example.app",
            "(an iOS app, by its bundle)",
        ),
        ("chrome-extension://abcdef", "(an extension of a browser)"),
    ] {
        let (sheet, text) = sheet(origin, "example.org");
        assert_eq!(sheet["origin"], origin);
        assert_eq!(sheet["rp_id"], Value::Null);
        let line = { text.lines() }.find(|line| line.contains("App:")).unwrap();
        assert!(line.contains(origin) && line.ends_with(told), "{line}");
        assert!(
            text.contains("not told by an app's origin; SHA-256 "),
            "{text}"
        );
        let odd = sheet["odd"].to_string();
        assert!(
            !odd.contains("another site") && !odd.contains("origin"),
            "{odd}"
        );
    }
    for cut in [
        "android:apk-key-hash:",
        "android:apk-key-hash:47DEQpj8",
        "android:apk-key-hash:é",
    ] {
        let odd = sheet(cut, "example.org").0["odd"].to_string();
        assert!(odd.contains("no SHA-256 of a signing key"), "{cut}: {odd}");
    }
}

#[test]
fn an_origin_that_no_browser_gives_passkeys_is_odd_with_the_reason() {
    for (origin, rp_id, told) in [
        ("https://example.org", "example.org", ""),
        ("https://login.example.org:8443", "example.org", ""),
        ("http://localhost:3000", "localhost", ""),
        (
            "https://example.org/",
            "example.org",
            "as browsers write it (https://example.org)",
        ),
        (
            "https://Example.org",
            "example.org",
            "as browsers write it (https://example.org)",
        ),
        (
            "https://example.org:443",
            "example.org",
            "as browsers write it (https://example.org)",
        ),
        ("https://example.org/login", "example.org", "without path"),
        (
            "http://example.org",
            "example.org",
            "expected an https origin",
        ),
        (
            "https://192.0.2.1",
            "192.0.2.1",
            "do not work with IP addresses",
        ),
        (
            "https://a.github.io",
            "github.io",
            "Browsers refuse this site (rp id)",
        ),
        (
            "https://example.org",
            "example.com",
            "signed for another site than the page",
        ),
        (
            "https://example.org",
            "login.example.org",
            "signed for another site than the page",
        ),
        (
            "example.org",
            "example.org",
            "neither a page over https nor an app",
        ),
        (
            "null",
            "example.org",
            "neither a page over https nor an app",
        ),
        (
            "tauri://localhost",
            "localhost",
            "neither a page over https nor an app",
        ),
    ] {
        let odd = sheet(origin, rp_id).0["odd"].to_string();
        if told.is_empty() {
            assert!(
                !odd.contains("origin") && !odd.contains("site ("),
                "{origin}: {odd}"
            );
        }
        assert!(odd.contains(told), "{origin}: expected {told:?} in {odd}");
    }
}

#[test]
fn options_for_a_site_that_is_no_domain_are_odd() {
    for rp_id in [
        "https://example.org",
        "example.org:8443",
        "192.0.2.1",
        "example.org/x",
        "",
        "example.org.",
    ] {
        let options =
            json!({"challenge": "AAAAAAAAAAAAAAAAAAAAAA", "rpId": rp_id, "allowCredentials": []});
        let inspection = Inspection::of(options.to_string().as_bytes(), None, NOW).unwrap();
        let sheet = inspection.to_json()["inspected"][0].clone();
        assert_eq!(sheet["usable"], false, "{rp_id}: {sheet}");
        assert!(sheet["odd"].to_string().contains("rp"), "{rp_id}: {sheet}");
    }
}
