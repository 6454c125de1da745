//! How what a person gave is repeated to him: nothing that may be a key, whole or in part, given in
//! place of something else.

use std::path::Path;

/// A value that is wrong is repeated up to here: no setting needs more, and a key is longer.
const SHOWN: usize = 40;
/// From here on a name of nothing but base64 is taken for data.
const DATA: usize = 64;
/// The same of hexadecimal digits, with or without colons.
const HEX: usize = 32;
/// From here on letters and digits in a row may be a piece of a key: of less nobody makes one.
const PIECE: usize = 16;

/// A file's name for a person, unless it looks like what should have been in the file.
pub fn named(file: &Path) -> String {
    let name = file.display().to_string();
    // Where a folder of it is there, it is a path: then a slash is no digit of base64.
    let begins = |folder: &Path| folder.file_name().is_some() && folder.exists();
    let secret = if file.ancestors().any(begins) {
        !file.exists() && name.split('/').any(is_secret_part)
    } else {
        is_secret(&name)
    };
    if secret {
        "(not a file name, not shown)".to_owned()
    } else {
        name
    }
}

/// A wrong value as a person may read it: whole when it is short, and nothing that could be a key.
pub fn shown(text: &str) -> String {
    if text.trim().is_empty() {
        "nothing".to_owned()
    } else if text.len() <= SHOWN && !is_secret(text) && !has_login(text) {
        text.to_owned()
    } else {
        format!("{} bytes that are not shown", text.len())
    }
}

/// Whether it is an address with a user's name, and perhaps a password.
fn has_login(text: &str) -> bool {
    text.split_once("://")
        .is_some_and(|(_, rest)| rest.contains('@'))
}

/// Whether a text is not the name of a file but what should have been in it.
pub fn is_content(text: &str) -> bool {
    let base64 = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte);
    let data = text.len() >= DATA && text.bytes().all(base64);
    let hex = |byte: u8| byte.is_ascii_hexdigit() || byte == b':';
    let octets = text.len() >= HEX && text.bytes().all(hex);
    // A JSON Web Key, or a line of settings, in place of the file that holds it.
    let structured = text.contains(['{', '}', '"']);
    data || octets
        || structured
        || text.contains("-----")
        || text.contains("BEGIN ")
        || text.chars().any(char::is_control)
}

/// Whether a text may hold a key, or a piece of one. To be shown something less is no harm, so this
/// errs on the safe side; what is refused for it needs more.
pub fn is_secret(text: &str) -> bool {
    let digit = |c: char| c.is_ascii_alphanumeric() || "+/=-_".contains(c);
    // Names are words, mostly of small letters; keys are drawn from everything at once. Host names
    // have digits, too, but then a dot, which is in no key.
    let piece = |row: &str| {
        let Has(upper, lower, digits) = Has::of(row);
        let mixed = upper && lower || (upper || lower) && digits && !text.contains('.');
        row.len() >= PIECE && mixed
    };
    is_content(text) || text.split(|c| !digit(c)).any(piece)
}

/// The same of a part of a path: folders are named in large and small letters.
fn is_secret_part(part: &str) -> bool {
    is_secret(part) && (is_content(part) || matches!(Has::of(part), Has(true, true, true)))
}

/// Whether there are large letters, small ones, digits.
struct Has(bool, bool, bool);

impl Has {
    fn of(text: &str) -> Self {
        let any = |kind: fn(&u8) -> bool| text.bytes().any(|byte| kind(&byte));
        Self(
            any(u8::is_ascii_uppercase),
            any(u8::is_ascii_lowercase),
            any(u8::is_ascii_digit),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const KEY: &str = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg";

    #[test]
    fn an_address_with_a_login_is_not_repeated() {
        for address in ["https://me:hunter2@relay.test", "wss://hunter2@relay"] {
            assert!(!shown(address).contains("hunter2"), "{address}");
        }
        assert_eq!(shown("me@relay.test"), "me@relay.test");
    }

    #[test]
    fn a_key_in_place_of_a_name_is_not_repeated_and_a_name_is() {
        for name in [
            "/etc/letsencrypt/live/relay.example.org/privkey.pem",
            "/usr/Anna/Relay/Certificates/LetsEncryptPrivateKeys/relay.pem",
            "certificates/relay-2.example.org.pem",
            "key",
            "",
        ] {
            assert_eq!(named(Path::new(name)), name);
        }
        for key in [
            "-----BEGIN PRIVATE KEY-----MIGH",
            "MIGHAgEA\nMBMGByqG",
            &"MIGHAgEAMBMG".repeat(8),
            &"30819302".repeat(8),
            &"30:81:93:02:".repeat(3),
            r#"{"kty":"EC","d":"MIGHAgEAMBMG"}"#,
            r#"rooms = "MIGHAgEAMBMG""#,
        ] {
            assert!(!named(Path::new(key)).contains(&key[..8]), "{key}");
            assert!(!shown(key).contains(&key[..8]), "{key}");
        }
    }

    #[test]
    fn a_file_that_is_there_is_named_whatever_it_is_called() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(KEY);
        std::fs::write(&file, "").unwrap();
        assert!(named(&file).ends_with(KEY));
        assert!(!named(&folder.path().join("sub").join(KEY)).contains(KEY));
    }

    #[test]
    fn values_that_people_get_wrong_are_repeated() {
        for value in [
            "soon",
            "2 MiB",
            "relay.example.org:443",
            "relay-2-frankfurt.example.org:443",
            "[2001:db8:85a3:8d3:1319:8a2e:370:7348]",
            "internationalorganisation",
            "tunnel-server:8443",
            "10000000000000000",
            "10.0.0.0/33",
            "/var/run/tunnel/server",
        ] {
            assert_eq!(shown(value), value);
        }
    }

    #[test]
    fn an_empty_value_is_called_nothing() {
        for value in ["", " "] {
            assert_eq!(shown(value), "nothing");
        }
    }

    proptest! {
        #[test]
        fn no_piece_of_a_key_is_repeated(
            bytes in proptest::collection::vec(any::<u8>(), 48),
            from in 0..48_usize,
            length in PIECE..48,
            around in "[a-z]{0,5}[:= ]?",
        ) {
            use base64::Engine as _;
            let text = base64::engine::general_purpose::STANDARD.encode(bytes);
            let piece = &text[from.min(64 - length)..][..length];
            // One in a quarter of a million looks like a word.
            prop_assume!(piece.bytes().any(|byte| byte.is_ascii_digit()));
            for said in [shown(&format!("{around}{piece}")), named(Path::new(piece))] {
                prop_assert!(!said.contains(piece), "{}", said);
            }
        }
    }
}
