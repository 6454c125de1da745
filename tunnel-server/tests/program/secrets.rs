//! A private key that is damaged, or given in place of something else: no output holds a piece of
//! it in any form.

use crate::process::{Relay, until};
use hybrid_tunnel_server::{Config, RelaySettings, Server};
use proptest::prelude::*;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustix::process::Signal;
use std::error::Error;
use std::fs::{self, File};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// A certificate, its key, and what would give the key away.
struct Secret {
    folder: TempDir,
    chain: String,
    key: String,
    der: Vec<u8>,
    pieces: Vec<String>,
}

impl Secret {
    /// A key like nearly every one: one in some hundred has a piece that is a word, or a host's
    /// name, as good as any.
    fn new() -> Self {
        let mixed = |piece: &[u8]| {
            piece.iter().any(u8::is_ascii_uppercase) && piece.iter().any(u8::is_ascii_lowercase)
        };
        loop {
            let secret = Self::generated();
            if secret.body().as_bytes().windows(16).all(mixed) {
                return secret;
            }
        }
    }

    fn generated() -> Self {
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(["relay.test".to_owned()]).unwrap();
        let (key, der) = (signing_key.serialize_pem(), signing_key.serialize_der());
        let body = body(&key);
        let mut pieces: Vec<String> = body
            .as_bytes()
            .windows(10)
            .map(|part| String::from_utf8_lossy(part).into())
            .collect();
        for bytes in [body.as_bytes(), &der] {
            pieces.extend(bytes.windows(6).map(|part| hex(part, "")));
            pieces.extend(bytes.windows(6).map(|part| hex(part, ", ")));
            for joint in [", ", ",", " ", ",\n        "] {
                pieces.extend(bytes.windows(6).map(|part| {
                    part.iter()
                        .map(u8::to_string)
                        .collect::<Vec<_>>()
                        .join(joint)
                }));
            }
        }
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("chain.pem"), cert.pem()).unwrap();
        fs::write(folder.path().join("key.pem"), &key).unwrap();
        let chain = cert.pem();
        Self {
            folder,
            chain,
            key,
            der,
            pieces,
        }
    }

    fn body(&self) -> String {
        body(&self.key)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn given_away(&self, said: &str) -> Option<&String> {
        let lower = said.to_lowercase();
        let has = |piece: &&String| said.contains(piece.as_str()) || lower.contains(piece.as_str());
        self.pieces.iter().find(has)
    }

    /// The key as it may be found in a file.
    fn damaged(&self) -> Vec<(&'static str, Vec<u8>)> {
        let key = &self.key;
        let joined = |joint: &str| key.lines().collect::<Vec<_>>().join(joint).into_bytes();
        let renamed = |name: &str| key.replace("PRIVATE KEY", name).into_bytes();
        let body = self.body();
        let cut = |end: usize| key.as_bytes()[..end].to_vec();
        let utf16: Vec<u8> = key.encode_utf16().flat_map(u16::to_le_bytes).collect();
        vec![
            ("line ends lost", joined("")),
            ("spaces for line ends", joined(" ")),
            ("the letters \\n for line ends", joined("\\n")),
            ("carriage returns alone", joined("\r")),
            ("CRLF", joined("\r\n")),
            (
                "a byte order mark",
                [b"\xef\xbb\xbf", key.as_bytes()].concat(),
            ),
            ("cut in the first line", cut(15)),
            ("cut in the body", cut(key.len() / 2)),
            (
                "cut before the end line",
                cut(key.find("-----END").unwrap()),
            ),
            ("cut in the end line", cut(key.len() - 8)),
            ("no first line", key.split_once('\n').unwrap().1.into()),
            (
                "no base64",
                key.replacen(&body[20..24], "!*?.", 1).into_bytes(),
            ),
            (
                "one letter short",
                key.replacen(&body[20..21], "", 1).into_bytes(),
            ),
            (
                "a wrong first line",
                key.replacen("PRIVATE KEY", "PUBLIC KEY", 1).into_bytes(),
            ),
            (
                "a damaged first line",
                key.replacen("-----\n", "---\n", 1).into_bytes(),
            ),
            ("a key called a certificate", renamed("CERTIFICATE")),
            ("a key called encrypted", renamed("ENCRYPTED PRIVATE KEY")),
            ("a key of another kind", renamed("RSA PRIVATE KEY")),
            ("a key called EC", renamed("EC PRIVATE KEY")),
            ("DER", self.der.clone()),
            ("hex", hex(&self.der, "").into_bytes()),
            ("base64 alone", body.clone().into_bytes()),
            (
                "base64 as a setting",
                format!("{body} = {body}\n").into_bytes(),
            ),
            ("base64 in quotes", format!("\"{body}\" = 1\n").into_bytes()),
            (
                "a setting that is the key",
                format!("tls_key = '''{key}'''\nx = 1\n").into_bytes(),
            ),
            (
                "a limit that is the key",
                format!("rooms = '{body}'\n").into_bytes(),
            ),
            ("UTF-16", utf16),
            ("twice", [key.as_bytes(), key.as_bytes()].concat()),
            ("twice without a line end", joined("\n").repeat(2)),
            (
                "behind a certificate without a line end",
                format!("{}{key}", self.chain.trim_end()).into_bytes(),
            ),
        ]
    }
}

/// The base64 of a key in PEM.
fn body(pem: &str) -> String {
    pem.lines().filter(|line| !line.starts_with('-')).collect()
}

fn hex(bytes: &[u8], joint: &str) -> String {
    bytes
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect::<Vec<_>>()
        .join(joint)
}

/// Runs the program at its most talkative; all that it says.
fn said(args: &[&str], environment: &[(&str, &str)]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tunnel-server"));
    command
        .args(args)
        .env("RUST_LOG", "trace")
        .env("RUST_BACKTRACE", "full")
        .stdin(Stdio::null());
    let ended = command.envs(environment.iter().copied()).output().unwrap();
    assert_eq!(ended.status.code(), Some(2), "{args:?} {environment:?}");
    let said = [ended.stdout, ended.stderr].concat();
    String::from_utf8_lossy(&said).into_owned()
}

fn serve<'a>(admin: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [
        &["serve", "--listen", "127.0.0.1:0", "--admin", admin],
        more,
    ]
    .concat()
}

#[test]
fn no_output_holds_a_piece_of_a_damaged_key_whatever_it_was_given_as() {
    let secret = Secret::new();
    // Every one of these ends, also with a key that can be used: its admin address is taken.
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    let (chain, file) = (secret.path("chain.pem"), secret.path("damaged"));
    let (chain, file) = (chain.to_str().unwrap(), file.to_str().unwrap());
    let state = secret.path("state");
    fs::create_dir(&state).unwrap();
    for (damage, bytes) in secret.damaged() {
        fs::write(file, &bytes).unwrap();
        fs::write(state.join("revoked"), [&bytes[..], b"\n"].concat()).unwrap();
        let mut runs = vec![
            (
                serve(&taken, &["--tls-cert", chain, "--tls-key", file]),
                vec![],
            ),
            (
                serve(&taken, &["--tls-cert", file, "--tls-key", file]),
                vec![],
            ),
            (
                serve(&taken, &["--tls-cert", file, "--tls-key", chain]),
                vec![],
            ),
            (serve(&taken, &["--config", file]), vec![]),
            (serve(&taken, &["--state", state.to_str().unwrap()]), vec![]),
            (vec!["probe", "--ca", file, &taken], vec![]),
        ];
        let url = format!("https://{taken}");
        runs.push((vec!["probe", "--ca", file, "--seconds", "x", &url], vec![]));
        // Given as text, as a container's secret may be.
        let text = String::from_utf8(bytes)
            .unwrap_or_default()
            .replace('\0', "");
        if !text.is_empty() {
            for variable in [
                "TUNNEL_TLS_KEY",
                "TUNNEL_TLS_CERT",
                "TUNNEL_CONFIG",
                "TUNNEL_STATE",
                "TUNNEL_LISTEN",
            ] {
                let other = if variable == "TUNNEL_TLS_CERT" {
                    "TUNNEL_TLS_KEY"
                } else {
                    "TUNNEL_TLS_CERT"
                };
                let mut environment = vec![(variable, text.as_str())];
                if variable.contains("TLS") {
                    environment.push((other, chain));
                }
                let args = if variable == "TUNNEL_LISTEN" {
                    vec!["serve"]
                } else {
                    serve(&taken, &[])
                };
                runs.push((args, environment));
            }
        }
        for (args, environment) in runs {
            let said = said(&args, &environment);
            let piece = secret.given_away(&said);
            assert_eq!(piece, None, "{damage}: {args:?}: {said}");
            assert!(!said.contains("panicked"), "{damage}: {said}");
        }
    }
}

#[test]
fn no_reload_logs_a_piece_of_a_damaged_key() {
    let secret = Secret::new();
    let (chain, key, log) = (
        secret.path("chain.pem"),
        secret.path("key.pem"),
        secret.path("log"),
    );
    let mut relay = Relay::start(|command| {
        command
            .arg("--tls-cert")
            .arg(chain)
            .arg("--tls-key")
            .arg(&key);
        command
            .stderr(File::create(&log).unwrap())
            .env("RUST_LOG", "trace");
    });
    let tried = |relay: &Relay| {
        let metrics = relay.ask("/metrics").1;
        let counts = metrics
            .lines()
            .filter(|line| line.starts_with("tunnel_reloads"));
        counts
            .map(|line| line.rsplit(' ').next().unwrap().parse::<u64>().unwrap())
            .sum::<u64>()
    };
    for (_, bytes) in secret.damaged() {
        fs::write(&key, bytes).unwrap();
        let before = tried(&relay);
        relay.signal(Signal::HUP);
        until("the reload", || (tried(&relay) > before).then_some(()));
    }
    relay.signal(Signal::TERM);
    assert_eq!(relay.end().code(), Some(0));
    let said = fs::read_to_string(&log).unwrap();
    assert!(said.contains("cannot reload"), "{said}");
    assert_eq!(secret.given_away(&said), None, "{said}");
}

/// All that can be got out of an error.
fn all(error: &(dyn Error + 'static)) -> String {
    let mut said = String::new();
    let mut next = Some(error);
    while let Some(error) = next {
        said += &format!("{error}\n{error:?}\n{error:#?}\n");
        next = error.source();
    }
    said
}

proptest! {
    #[test]
    fn no_error_holds_a_piece_of_a_key_however_it_is_damaged(
        edits in proptest::collection::vec((any::<prop::sample::Index>(), 0..5_u8, any::<u8>()), 1..8),
    ) {
        let secret = Secret::new();
        let mut bytes = secret.key.clone().into_bytes();
        for (at, edit, byte) in edits {
            let at = at.index(bytes.len().max(1)).min(bytes.len().saturating_sub(1));
            match edit {
                _ if bytes.is_empty() => {}
                0 => bytes.truncate(at),
                1 => { bytes.remove(at); }
                2 => bytes.insert(at, byte),
                3 => bytes[at] = byte,
                _ => bytes.retain(|other| *other != bytes_at(&secret.key, at)),
            }
        }
        let file = secret.path("damaged");
        fs::write(&file, &bytes).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let listen = "127.0.0.1:0".parse().unwrap();
        let mut said = String::new();
        for (chain, key) in [(secret.chain.as_bytes(), &bytes[..]), (&bytes, secret.key.as_bytes())] {
            match runtime.block_on(Server::bind(Config::tls(listen, chain, key))) {
                Ok(running) => drop(running),
                Err(error) => said += &all(&error),
            }
        }
        if let Err(error) = RelaySettings::load(Some(&file), [], []) {
            said += &all(&error);
        }
        prop_assert_eq!(secret.given_away(&said), None, "{}", said);
    }
}

fn bytes_at(text: &str, at: usize) -> u8 {
    text.as_bytes().get(at).copied().unwrap_or(b'\n')
}

#[test]
fn a_key_on_the_command_line_is_not_repeated() {
    let secret = Secret::new();
    let key = secret.key.as_str();
    for arguments in [
        vec!["serve", "--tls-key", key],
        vec!["serve", "--tls-cert", key],
        vec!["serve", "--config", key],
        vec!["serve", "--state", key],
        vec!["serve", "--node", key],
        vec!["serve", key],
        vec!["probe", "--ca", key, "https://relay.test"],
        vec!["domain", "--find", key],
        vec![key],
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_tunnel-server"))
            .args(&arguments)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let said =
            String::from_utf8_lossy(&output.stderr) + String::from_utf8_lossy(&output.stdout);
        let place = arguments[0];
        assert_eq!(output.status.code(), Some(2), "{place}");
        let piece = secret
            .pieces
            .iter()
            .find(|piece| said.contains(piece.as_str()));
        assert!(piece.is_none() && !said.is_empty(), "{place}: {said}");
    }
}

#[test]
fn a_piece_of_a_key_in_place_of_a_name_a_number_or_a_setting_is_not_repeated() {
    let secret = Secret::new();
    let body = secret.body();
    let config = secret.path("relay.toml");
    for length in [16, 40, 63, 100] {
        for from in [0, 61] {
            let piece = &body[from..from + length];
            let (url, option) = (format!("https://{piece}"), format!("--{piece}"));
            let mut runs: Vec<Vec<&str>> = vec![
                vec!["domain", piece],
                vec!["domain", "--find", piece],
                vec!["probe", piece],
                vec!["probe", &url],
                vec!["probe", "--ca", piece, "https://relay.test"],
                vec!["probe", "--seconds", piece, "https://relay.test"],
                vec!["pages", "/nowhere", piece],
                vec![piece],
                vec!["serve", piece],
                vec!["serve", &option],
            ];
            for setting in [
                "--listen",
                "--admin",
                "--tls-cert",
                "--node",
                "--log",
                "--forwarded-from",
                "--rooms",
                "--waiting",
                "--message-size",
                "--config",
            ] {
                runs.push(vec!["serve", setting, piece]);
            }
            for args in runs {
                let said = said(&args, &[]);
                assert_eq!(secret.given_away(&said), None, "{args:?}: {said}");
            }
            for text in [
                format!("rooms = \"{piece}\""),
                format!("listen = \"{piece}\""),
                format!("log = \"key:{piece}\""),
                format!("\"{piece}\" = 1"),
                format!("{piece} = 1"),
                piece.to_owned(),
            ] {
                fs::write(&config, &text).unwrap();
                let said = said(&["serve", "--config", config.to_str().unwrap()], &[]);
                assert_eq!(secret.given_away(&said), None, "{text}: {said}");
            }
        }
    }
}
