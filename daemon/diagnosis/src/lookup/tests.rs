//! What people type and paste.

use super::*;
use proptest::prelude::*;

fn codes(text: &str) -> Vec<&'static str> {
    let causes = look_up(text).map(|found| found.causes).unwrap_or_default();
    causes.iter().map(|entry| entry.code).collect()
}

fn first(text: &str) -> Option<&'static str> {
    codes(text).first().copied()
}

#[test]
fn a_code_is_found_in_whatever_is_around_it() {
    for (text, code) in [
        (
            "BT02 (certain): the Bluetooth service is not available",
            "BT02",
        ),
        (
            "   0.0 s  BT02 (certain): the Bluetooth service is not available",
            "BT02",
        ),
        ("[BT01]", "BT01"),
        ("code NW15", "NW15"),
        ("NW15?", "NW15"),
        ("nw15", "NW15"),
        ("you stopped it while waiting for the phone (US01)", "US01"),
        ("finding AD01: no phone was heard", "AD01"),
        ("NotAllowedError, and hybridd said CT2E", "CT2E"),
        ("\u{201c}NW06\u{201d}\u{200b}", "NW06"),
    ] {
        assert_eq!(codes(text), [code], "{text}");
    }
    assert_eq!(codes("NW15 or AD01, NW15"), ["NW15", "AD01"]);
    assert_eq!(codes("XNW15 NW155 NW99"), [""; 0]);
}

#[test]
fn numbers_are_read_as_every_program_writes_them() {
    for (text, code) in [
        ("0x2E", "CT2E"),
        ("CTAP2 error code 0x27", "CT27"),
        (
            "status 0x27 (kCtap2ErrOperationDenied) from tunnel-0011",
            "CT27",
        ),
        ("0x800704C7", "CT2D"),
        ("HRESULT: 800704c7.", "CT2D"),
        ("-2147023673", "CT2D"),
        ("error 2147943623", "CT2D"),
        ("(hr=-2146893771)", "BT01"),
    ] {
        assert_eq!(first(text), Some(code), "{text}");
    }
    for text in ["0x0", "12345678", "2147483647", "-5", "0x123"] {
        assert_eq!(codes(text), [""; 0], "{text}");
    }
}

#[test]
fn names_of_errors_have_the_causes_that_a_log_gives_them() {
    for (text, code) in [
        ("CTAP2_ERR_PIN_REQUIRED", "CT36"),
        ("UV_BLOCKED", "CT36"),
        ("CTAP1_ERR_OTHER", "CT01"),
        ("kCtap2ErrNoCredentials", "CT2E"),
        ("ERR_NO_CREDENTIALS", "CT2E"),
        ("net::ERR_SSL_VERSION_OR_CIPHER_MISMATCH", "NW07"),
        ("ERR_CERT_REVOKED", "NW07"),
        ("NET::ERR_CERT_AUTHORITY_INVALID", "NW06"),
        ("ERR_NETWORK_CHANGED", "NW21"),
        ("ERR_SOCKS_CONNECTION_FAILED", "NW11"),
        ("ERR_PAC_SCRIPT_FAILED", "NW24"),
        ("ERR_MANDATORY_PROXY_CONFIGURATION_FAILED", "NW24"),
        ("ERR_BLOCKED_BY_ADMINISTRATOR", "NW03"),
        ("err_proxy_auth_unsupported", "NW10"),
        (
            "This site can\u{2019}t be reached: ERR_PROXY_OF_THE_FUTURE",
            "NW24",
        ),
    ] {
        assert_eq!(first(text), Some(code), "{text}");
    }
    for (name, causes) in net_error_names() {
        assert_eq!(look_up(name).unwrap().causes, causes, "{name}");
    }
}

#[test]
fn a_sentence_is_found_whatever_its_marks_and_spaces_are() {
    for (text, code) in [
        (
            "No available authenticator recognized any of the allowed credentials",
            "CT2E",
        ),
        (
            "No credentials from the allowCredentials list is found in the authenticator.",
            "CT2E",
        ),
        (
            "At least one credential matches an entry of the excludeCredentials list in the platform attached authenticator.",
            "CT19",
        ),
        (
            "The provided RP ID is not a registrable domain suffix of the effective domain of the document.",
            "RP01",
        ),
        (
            "SecurityError: The relying party ID is not a registrable domain suffix of, nor equal to the current domain.",
            "RP01",
        ),
        ("The document is not focused.", "RP02"),
        (
            "NotAllowedError: The operation is not allowed at this time because the page does not have focus.",
            "RP02",
        ),
        (
            "The 'publickey-credentials-get' feature is not enabled in this document.",
            "RP02",
        ),
        (
            "The \u{2018}publickey-credentials-create\u{2019} feature is not enabled in this document",
            "RP02",
        ),
        ("Unknown internal error.", "CT01"),
        ("Use a phone, tablet or security key", "BT01"),
        ("use a phone tablet or SECURITY key", "BT01"),
        (
            "\u{201c}Connecting\u{a0}to your  device\u{2026}\u{201d}",
            "NW03",
        ),
        ("Connecting&nbsp;to your \u{200b}device", "NW03"),
        ("We couldnt sign you in", "PH06"),
        ("FIDO:/0123456789", "PH05"),
        ("An operation is already pending", "US01"),
    ] {
        assert_eq!(first(text), Some(code), "{text}");
    }
}

#[test]
fn a_whole_text_is_found_with_spaces_that_it_has_not_and_without_those_that_it_has() {
    for (text, same) in [
        ("Not Allowed Error", "NotAllowedError"),
        ("connectingtoyourdevice", "Connecting to your device"),
        ("No Passkeys\u{a0}Avail able", "No passkeys available"),
    ] {
        assert_eq!(look_up(text), look_up(same), "{text}");
        assert!(look_up(text).is_some(), "{text}");
    }
    for text in [
        "notallowed",
        "allowederror",
        "toyourdevice",
        "passkeysavailable",
    ] {
        assert_eq!(codes(text), [""; 0], "a part of one: {text}");
    }
}

#[test]
fn what_firefox_shows_while_it_waits_for_a_key_leads_to_what_hides_the_key() {
    for text in [
        "Touch your security key",
        "Touch your security key to continue with localhost.",
        "touch your security key to continue with login.example.com\n.",
    ] {
        assert_eq!(codes(text)[..3], ["UH05", "UH18", "UH14"], "{text}");
        let of = look_up(text).unwrap().of.unwrap();
        assert!(
            of.contains("Firefox") && of.contains("hybridd key status"),
            "{of}"
        );
    }
    assert_eq!(first("Insert your security key and touch it"), Some("BT01"));
}

#[test]
fn a_word_alone_decides_nothing() {
    for text in [
        "A device is already connected",
        "authenticator",
        "This needs an authenticator",
        "the authenticator is ready",
        "already done",
        "The operation",
        "FIDO alliance",
        "hello world",
        "Tap Cancel to go back",
    ] {
        assert_eq!(codes(text), [""; 0], "{text}");
    }
    assert_eq!(codes("Scan it in Microsoft Authenticator")[0], "PH05");
    assert!(codes("My bank says: enable the Bluetooth thing").contains(&"BT03"));
    assert!(codes("This passkey already exists here").contains(&"CT19"));
}

proptest! {
    #[test]
    fn looking_up_any_text_never_panics(text in ".{0,200}", parts in "(0x|-|ERR_|CTAP2_|k|[0-9a-fA-F]| |NW15|&nbsp;|’){0,20}") {
        let _ = look_up(&text);
        let _ = look_up(&parts);
    }
}
