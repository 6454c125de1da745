//! One function for each section of the file: a case passes when what we compute is what the file expects. Long, because each section is one
//! short function and all share the readers at the end.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm,
    reason = "a malformed case is caught and reported as failed"
)]

use hybrid_protocol::advert::{Opened, Plaintext, suffix_psm};
use hybrid_protocol::cbor::{self, Value as Cbor};
use hybrid_protocol::derive::{EidKey, Psk, tunnel_id};
use hybrid_protocol::frame::{Message, Revision, Update};
use hybrid_protocol::greeting::Greeting;
use hybrid_protocol::id::{DomainId, LinkId, RoutingId, TunnelId};
use hybrid_protocol::key::{PrivateKey, PublicKey};
use hybrid_protocol::link::{ClientPayload, Hint, LinkOffer, StoredLink, VerifiedLink};
use hybrid_protocol::noise::{Established, Initiator, Responder};
use hybrid_protocol::vectors::{self, TraceKey};
use hybrid_protocol::{ContactId, Path, QrCode, Route, Secret, Wiped, digits};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use std::panic::{AssertUnwindSafe, catch_unwind};

pub type Checked = Result<(), String>;

#[derive(Default)]
pub struct Report {
    pub sections: Vec<(String, usize, usize)>,
    pub failures: Vec<String>,
}

impl Report {
    pub fn passed(&self) -> usize {
        self.sections.iter().map(|(_, passed, _)| passed).sum()
    }

    pub fn failed(&self) -> usize {
        self.sections.iter().map(|(_, _, failed)| failed).sum()
    }

    fn list(&mut self, file: &Value, section: &str, check: impl Fn(&Value) -> Checked) {
        let list = pointer(file, section).as_array().unwrap().clone();
        self.cases(section, list.iter(), check);
    }

    fn cases<'a>(&mut self, section: &str, cases: impl Iterator<Item = &'a Value>, check: impl Fn(&Value) -> Checked) {
        let (mut passed, mut failed) = (0, 0);
        for (index, case) in cases.enumerate() {
            // A malformed case or a defect of ours must not hide the cases after it.
            let result = catch_unwind(AssertUnwindSafe(|| check(case)))
                .unwrap_or_else(|_| Err("expected a result, got a panic".to_owned()));
            match result {
                Ok(()) => passed += 1,
                Err(why) => {
                    failed += 1;
                    let name = case
                        .get("case")
                        .or(case.get("note"))
                        .and_then(Value::as_str)
                        .unwrap_or_default();
                    self.failures.push(format!("FAIL {section}[{index}] {name}: {why}"));
                }
            }
        }
        self.sections.push((section.to_owned(), passed, failed));
    }
}

/// Sections that [`run`] knows. Anything else in a file is a failure, never skipped.
const KNOWN: [(&str, &[&str]); 16] = [
    ("meta", &[]),
    ("digits", &["encode", "decode_errors"]),
    ("cbor", &["canonical", "strict_errors"]),
    ("qr", &["encode", "parse_ok", "parse_errors", "non_canonical"]),
    (
        "tunnel_domains",
        &["hosts", "unassigned", "sha256_over_all_hashed_hosts", "sha256_note"],
    ),
    ("derive", &[]),
    ("chromium_seed_to_scalar", &[]),
    ("urls", &[]),
    (
        "eid",
        &[
            "seal",
            "open_errors",
            "trial",
            "linked_open_without_domain_check",
            "suffix",
            "linked_open",
            "linked_open_errors",
        ],
    ),
    ("handshake", &["knpsk0", "nkpsk0", "errors"]),
    (
        "transport",
        &[
            "frames",
            "old_construction",
            "large",
            "limit",
            "accept_variants",
            "errors",
            "seal_errors",
        ],
    ),
    ("post_handshake", &["ok", "errors"]),
    ("linking", &["ok", "errors"]),
    ("client_payload", &[]),
    ("phone_local", &[]),
    ("messages", &["ok", "errors", "ignored"]),
];

pub fn run(file: &Value) -> Report {
    let mut report = Report::default();
    unknown_sections(file, &mut report);
    report.list(file, "/digits/encode", |c| {
        same(digits::encode(&bytes(&c["bytes"])).as_str(), text(&c["digits"]))?;
        same(
            digits::decode(text(&c["digits"])).ok().map(|b| b.to_vec()),
            Some(bytes(&c["bytes"])),
        )
    });
    report.list(file, "/digits/decode_errors", |c| {
        refused(digits::decode(text(&c["digits"])))
    });
    report.list(file, "/cbor/canonical", |c| {
        let canonical = bytes(c);
        same(
            cbor::read(&canonical)
                .ok()
                .map(|value| hex::encode(cbor::write(&value))),
            Some(hex::encode(&canonical)),
        )
    });
    report.list(file, "/cbor/strict_errors", |c| refused(cbor::read(&bytes(&c["cbor"]))));
    report.list(file, "/qr/encode", qr_encode);
    report.list(file, "/qr/parse_ok", |c| {
        same(
            QrCode::parse(text(&c["url"])).ok().map(|q| parsed_qr(&q)),
            Some(c["parsed"].clone()),
        )
    });
    report.list(file, "/qr/parse_errors", |c| {
        refused(QrCode::parse(text(&c["url"])).map(drop))
    });
    report.list(file, "/qr/non_canonical", |c| {
        refused(QrCode::parse(text(&c["url"])).map(drop))
    });
    report.list(file, "/tunnel_domains/hosts", |c| {
        same(
            DomainId(number(&c["id"]) as u16).host().map(|host| host.to_string()),
            Some(text(&c["host"]).to_owned()),
        )
    });
    report.list(file, "/tunnel_domains/unassigned", |c| {
        same(DomainId(number(c) as u16).host(), None)
    });
    report.cases(
        "/tunnel_domains/sha256_over_all_hashed_hosts",
        [pointer(file, "/tunnel_domains/sha256_over_all_hashed_hosts")].into_iter(),
        |c| {
            let hosts: Vec<String> = (256..=u16::MAX)
                .map(|id| DomainId(id).host().unwrap().to_string())
                .collect();
            same(hex::encode(Sha256::digest(hosts.join("\n"))), text(c).to_owned())
        },
    );
    report.list(file, "/derive", |c| {
        let out = vectors::derive(
            &bytes(&c["ikm"]),
            &bytes(&c["salt"]),
            number(&c["purpose"]) as u32,
            number(&c["length"]) as usize,
        );
        same(hex::encode(out), text(&c["out"]).to_owned())
    });
    report.list(file, "/chromium_seed_to_scalar", |c| {
        let scalar = vectors::chromium_seed_to_scalar(&bytes(&c["seed"]));
        same(hex::encode(scalar), text(&c["scalar"]).to_owned())?;
        let public = PrivateKey::new(&Secret::new(scalar)).unwrap().public();
        same(
            hex::encode(public.compressed()),
            text(&c["public_compressed"]).to_owned(),
        )
    });
    report.list(file, "/urls", urls);
    eid(file, &mut report);
    for pattern in ["knpsk0", "nkpsk0"] {
        report.list(file, &format!("/handshake/{pattern}"), |c| {
            handshake(c, pattern == "knpsk0")
        });
    }
    report.list(file, "/handshake/errors", |c| handshake_error(file, c));
    transport(file, &mut report);
    report.list(file, "/post_handshake/ok", |c| post_handshake_ok(file, c));
    report.list(file, "/post_handshake/errors", |c| refused(post_handshake(file, c)));
    report.list(file, "/messages/ok", |c| message(file, c, &c["parsed"]));
    report.list(file, "/messages/errors", |c| {
        refused(Message::read(Revision::One, &Wiped::new(bytes(&c["message"]))))
    });
    report.list(file, "/messages/ignored", |c| {
        message(file, c, &json!({"type": "update", "link": null}))
    });
    report.list(file, "/linking/ok", |c| linking_ok(file, c));
    report.list(file, "/linking/errors", |c| linking_error(file, c));
    report.list(file, "/client_payload", client_payload);
    let local = pointer(file, "/phone_local");
    report.cases(
        "/phone_local",
        [
            (4, "paired_secret"),
            (4, "paired_secret_without_contact_id"),
            (5, "identity_seed"),
        ]
        .map(|(p, n)| json!([p, n]))
        .iter(),
        |c| {
            let name = text(&c[1]);
            let root = bytes(&local["root_secret"]);
            let out = match name {
                "paired_secret" => vectors::derive(
                    &vectors::derive(&root, &bytes(&local["contact_id"]), 6, 32),
                    &bytes(&local["pairing_id"]),
                    4,
                    32,
                ),
                "identity_seed" => vectors::derive(&root, &[], 5, 32),
                _ => vectors::derive(&root, &bytes(&local["pairing_id"]), 4, 32),
            };
            same(hex::encode(out), text(&local[name]).to_owned())
        },
    );
    report.list(file, "/sessions", crate::sessions::check);
    report
}

fn unknown_sections(file: &Value, report: &mut Report) {
    let mut unknown = Vec::new();
    for (section, content) in file.as_object().unwrap() {
        if section == "sessions" {
            continue;
        }
        match KNOWN.iter().find(|(name, _)| name == section) {
            None => unknown.push(json!(section)),
            Some((_, [])) => {}
            Some((_, parts)) => {
                let strangers = content
                    .as_object()
                    .unwrap()
                    .keys()
                    .filter(|part| !parts.contains(&part.as_str()));
                unknown.extend(strangers.map(|part| json!(format!("{section}.{part}"))));
            }
        }
    }
    if !unknown.is_empty() {
        report.cases("unknown sections", unknown.iter(), |name| {
            Err(format!("expected a section of format 2, got {name}"))
        });
    }
}

fn qr_encode(c: &Value) -> Checked {
    let fields = &c["fields"];
    let key = private(&c["private_key"]).public();
    let mut code = QrCode::new(
        key,
        Secret::from_slice(&bytes(&c["secret"])).unwrap(),
        0,
        Hint::SignIn,
        false,
    );
    code.known_domains = fields["domains"].as_u64().unwrap_or_default();
    code.unix_time = fields["time"].as_u64();
    code.state_assisted = fields["state_assisted"].as_bool();
    code.hint = fields["hint"].as_str().map(str::to_owned);
    if let Some(transports) = fields["transports"].as_array() {
        code.channels = Some(transports.iter().map(number).collect());
    }
    for (key, value) in fields["extra"].as_object().unwrap_or(&Map::new()) {
        let key = key.parse::<u64>().unwrap();
        match value {
            Value::Bool(flag) if key == 6 => code.legacy_non_discoverable = Some(*flag),
            Value::Bool(flag) => code.unknown.push((key.into(), Cbor::Bool(*flag))),
            Value::String(_) => code.unknown.push((key.into(), Cbor::Bytes(bytes(value)))),
            _ => code.unknown.push((key.into(), Cbor::from(number(value)))),
        }
    }
    same(hex::encode(&*vectors::qr_cbor(&code)), text(&c["cbor"]).to_owned())?;
    let url = code.to_text();
    same(url.expose(), text(&c["url"]))?;
    same(url.expose().len() as u64, number(&c["url_length"]))?;
    same(
        QrCode::parse(url.expose()).ok().map(|code| parsed_qr(&code)),
        Some(c["parsed"].clone()),
    )
}

fn parsed_qr(code: &QrCode) -> Value {
    let mut unknown: Vec<u64> = code.unknown.iter().filter_map(|(key, _)| cbor::as_uint(key)).collect();
    unknown.sort_unstable();
    json!({
        "public_key_compressed": hex::encode(code.public_key.compressed()),
        "public_key_uncompressed": hex::encode(code.public_key.uncompressed()),
        "secret": hex::encode(code.secret.expose()),
        "known_domains": code.known_domains,
        "time": code.unix_time,
        "state_assisted": code.state_assisted,
        "hint": code.hint,
        "effective_hint": code.effective_hint().text(),
        "transports": code.effective_channels(),
        "legacy_non_discoverable_mc": code.legacy_non_discoverable,
        "unknown_keys": unknown,
    })
}

fn urls(c: &Value) -> Checked {
    let host = DomainId(number(&c["domain_id"]) as u16).host().unwrap();
    let routing = RoutingId::new(array(&c["routing_id"]));
    let tunnel = TunnelId::new(array(&c["tunnel_id"]));
    let contact = ContactId::new(bytes(&c["contact_id"])).unwrap();
    for (field, path) in [
        ("new", Path::New(tunnel)),
        ("connect", Path::Connect(routing, tunnel)),
        ("contact", Path::Contact(contact)),
    ] {
        same(Path::parse(&path.to_text()).ok(), Some(path.clone()))?;
        same(
            Route {
                host: host.clone(),
                path,
                payload: None,
            }
            .url(),
            text(&c[field]).to_owned(),
        )?;
    }
    Ok(())
}

fn eid(file: &Value, report: &mut Report) {
    report.list(file, "/eid/seal", |c| {
        let secret = Secret::from_slice(&bytes(&c["secret"])).unwrap();
        let plaintext = Plaintext::qr(
            array(&c["nonce"]),
            RoutingId::new(array(&c["routing_id"])),
            DomainId(number(&c["domain_id"]) as u16),
        );
        same(hex::encode(plaintext.as_bytes()), text(&c["plaintext"]).to_owned())?;
        same(
            hex::encode(vectors::derive(secret.expose(), &[], 1, 64)),
            text(&c["eid_key"]).to_owned(),
        )?;
        let key = EidKey::from_qr(&secret);
        same(hex::encode(key.seal(&plaintext)), text(&c["service_data"]).to_owned())?;
        same(
            hex::encode(tunnel_id(&secret).as_bytes()),
            text(&c["tunnel_id"]).to_owned(),
        )?;
        same(
            hex::encode(vectors::psk_bytes(&Psk::from_qr(&secret, &plaintext))),
            text(&c["psk"]).to_owned(),
        )?;
        let Opened::Ours(advert) = key.open_qr(&bytes(&c["service_data"])) else {
            return Err("expected our advert".into());
        };
        let path = Path::Connect(advert.plaintext.routing(), tunnel_id(&secret));
        same(
            Route {
                host: advert.host,
                path,
                payload: None,
            }
            .url(),
            text(&c["connect_url"]).to_owned(),
        )
    });
    report.list(file, "/eid/open_errors", |c| {
        match eid_key(&c["eid_key"]).open_qr(&bytes(&c["service_data"])) {
            Opened::Ours(_) => Err("expected it not to be ours".into()),
            Opened::Unknown(_) | Opened::Malformed | Opened::Foreign => Ok(()),
        }
    });
    let trial = pointer(file, "/eid/trial");
    let keys: Vec<EidKey> = trial["eid_keys"].as_array().unwrap().iter().map(eid_key).collect();
    let pairs: Vec<Value> = trial["adverts"]
        .as_array()
        .unwrap()
        .iter()
        .zip(trial["matching_key"].as_array().unwrap())
        .map(|(a, k)| json!([a, k]))
        .collect();
    report.cases("/eid/trial", pairs.iter(), |c| {
        let matching = keys
            .iter()
            .position(|key| matches!(key.open_qr(&bytes(&c[0])), Opened::Ours(_)));
        same(matching.map(|index| index as u64), c[1].as_u64())
    });
    report.cases(
        "/eid/linked_open_without_domain_check",
        [pointer(file, "/eid/linked_open_without_domain_check")].into_iter(),
        |c| same(open_linked(&eid_key(&c["eid_key"]), c), Some(bytes(&c["plaintext"]))),
    );
    report.list(file, "/eid/suffix", |c| {
        let data = bytes(&c["service_data"]);
        same(suffix_psm(&data).map(u64::from), c["psm"].as_u64())?;
        let key = eid_key(&pointer(file, "/eid/open_errors")[0]["eid_key"]);
        same(matches!(key.open_qr(&data), Opened::Ours(_)), true)
    });
    report.list(file, "/eid/linked_open", |c| {
        let secret = Secret::from_slice(&bytes(&c["link_secret"])).unwrap();
        let nonce = array(&c["client_nonce"]);
        same(
            hex::encode(vectors::derive(secret.expose(), &nonce, 1, 64)),
            text(&c["eid_key"]).to_owned(),
        )?;
        let key = EidKey::from_link(&secret, &nonce);
        same(open_linked(&key, c), Some(bytes(&c["plaintext"])))?;
        let Opened::Ours(plaintext) = key.open_linked(&bytes(&c["service_data"])) else {
            return Err("expected ours".into());
        };
        same(
            hex::encode(vectors::psk_bytes(&Psk::from_link(&secret, &plaintext))),
            text(&c["psk"]).to_owned(),
        )?;
        same(
            Some(matches!(key.open_qr(&bytes(&c["service_data"])), Opened::Ours(_))),
            c["qr_reader_accepts"].as_bool(),
        )
    });
    report.list(file, "/eid/linked_open_errors", |c| {
        same(open_linked(&eid_key(&c["eid_key"]), c), None)
    });
}

fn open_linked(key: &EidKey, c: &Value) -> Option<Vec<u8>> {
    match key.open_linked(&bytes(&c["service_data"])) {
        Opened::Ours(plaintext) => Some(plaintext.as_bytes().to_vec()),
        Opened::Unknown(_) | Opened::Malformed | Opened::Foreign => None,
    }
}

fn handshake(c: &Value, qr: bool) -> Checked {
    let psk = psk_of(c);
    let plaintext = plaintext(&c["eid_plaintext"]);
    let derived = if qr {
        Psk::from_qr(&Secret::from_slice(&bytes(&c["qr_secret"])).unwrap(), &plaintext)
    } else {
        let secret = Secret::from_slice(&bytes(&c["link_secret"])).unwrap();
        same(
            hex::encode(vectors::derive(secret.expose(), &bytes(&c["client_nonce"]), 1, 64)),
            text(&c["eid_key"]).to_owned(),
        )?;
        Psk::from_link(&secret, &plaintext)
    };
    same(hex::encode(vectors::psk_bytes(&derived)), text(&c["psk"]).to_owned())?;
    let (initiator, message1) = initiator(c, qr, &psk);
    same(hex::encode(message1), text(&c["message1"]).to_owned())?;
    let (phone, message2) = responder(c, qr, &psk, &message1).map_err(|error| error.to_string())?;
    same(hex::encode(message2), text(&c["message2"]).to_owned())?;
    let desktop = initiator.finish(&message2).map_err(|error| error.to_string())?;
    let established = |e: &Established| [e.hash.expose(), e.send.expose(), e.receive.expose()].map(hex::encode);
    let [hash, to_phone, to_desktop] = [
        "handshake_hash",
        "initiator_to_responder_key",
        "responder_to_initiator_key",
    ]
    .map(|field| text(&c[field]).to_owned());
    same(
        established(&desktop),
        [hash.clone(), to_phone.clone(), to_desktop.clone()],
    )?;
    same(established(&phone), [hash, to_desktop, to_phone])?;
    let desktop_public = c["initiator_static_public"]
        .as_str()
        .map(|_| public(&c["initiator_static_public"]));
    let phone_private = c["responder_static_private"]
        .as_str()
        .map(|_| private(&c["responder_static_private"]));
    let key = match (&desktop_public, &phone_private) {
        (Some(key), _) => TraceKey::Desktop(key),
        (None, Some(key)) => TraceKey::Phone(key),
        (None, None) => return Err("expected a static key".into()),
    };
    let steps = vectors::responder_trace(
        &key,
        vectors::psk_bytes(&psk),
        &message1,
        &private(&c["responder_ephemeral_private"]),
    )
    .unwrap();
    let steps: Vec<Value> = steps
        .iter()
        .map(|s| json!({"step": s.name, "h": hex::encode(s.h), "ck": hex::encode(s.ck)}))
        .collect();
    same(Value::Array(steps), c["responder_trace"].clone())
}

fn initiator(c: &Value, qr: bool, psk: &Psk) -> (Initiator, [u8; 81]) {
    let ephemeral = private(&c["initiator_ephemeral_private"]);
    let started = if qr {
        let key = private(&c["initiator_static_private"]);
        Initiator::by_qr(&key, ephemeral, psk)
    } else {
        Initiator::by_link(&public(&c["responder_static_public"]), ephemeral, psk)
    };
    started.unwrap()
}

fn responder(
    c: &Value,
    qr: bool,
    psk: &Psk,
    message1: &[u8],
) -> Result<(Established, [u8; 81]), hybrid_protocol::noise::HandshakeError> {
    let ephemeral = private(&c["responder_ephemeral_private"]);
    if qr {
        Responder::by_qr(&public(&c["initiator_static_public"]), ephemeral, psk, message1)
    } else {
        Responder::by_link(&private(&c["responder_static_private"]), ephemeral, psk, message1)
    }
}

fn handshake_error(file: &Value, c: &Value) -> Checked {
    let qr = text(&c["pattern"]) == "KNpsk0";
    let mut merged = from_handshake(file, &c["from"]).clone();
    for (field, value) in c.as_object().unwrap() {
        merged[field] = value.clone();
    }
    let psk = psk_of(&merged);
    match text(&c["side"]) {
        "initiator" => refused(initiator(&merged, qr, &psk).0.finish(&bytes(&c["message2"])).map(drop)),
        "responder" => refused(responder(&merged, qr, &psk, &bytes(&c["message1"])).map(drop)),
        side => Err(format!("expected initiator or responder, got {side}")),
    }
}

fn transport(file: &Value, report: &mut Report) {
    report.list(file, "/transport/frames", |c| {
        let (key, counter) = (array(&c["key"]), number(&c["counter"]) as u32);
        same(
            vectors::seal(&key, counter, &bytes(&c["plaintext"]))
                .ok()
                .map(hex::encode),
            Some(text(&c["frame"]).to_owned()),
        )?;
        same(
            vectors::open(&key, counter, &bytes(&c["frame"]))
                .ok()
                .map(|m| m.expose().to_vec()),
            Some(bytes(&c["plaintext"])),
        )
    });
    report.list(file, "/transport/old_construction", |c| {
        let frame = vectors::seal_old(&array(&c["key"]), number(&c["counter"]) as u32, &bytes(&c["plaintext"]));
        same(hex::encode(frame), text(&c["frame"]).to_owned())
    });
    report.list(file, "/transport/large", |c| {
        let (key, counter) = (array(&c["key"]), number(&c["counter"]) as u32);
        let message = vec![bytes(&c["plaintext_repeat"])[0]; number(&c["plaintext_length"]) as usize];
        let frame = vectors::seal(&key, counter, &message).map_err(|error| error.to_string())?;
        same(frame.len() as u64, number(&c["frame_length"]))?;
        same(hex::encode(Sha256::digest(&frame)), text(&c["frame_sha256"]).to_owned())?;
        let opened = vectors::open(&key, counter, &frame);
        if c["over_1MiB"].as_bool().unwrap() {
            refused(opened.map(drop))
        } else {
            same(opened.ok().map(|m| m.expose() == message), Some(true))
        }
    });
    report.list(file, "/transport/limit", |c| {
        let (key, counter) = (array(&c["key"]), number(&c["counter"]) as u32);
        let message = vec![bytes(&c["plaintext_repeat"])[0]; number(&c["plaintext_length"]) as usize];
        let zeros = number(&c["padding_zeros"]) as usize;
        let padded = [message.as_slice(), &vec![0; zeros], &[zeros as u8]].concat();
        let frame = vectors::seal_padded(&key, counter, padded).map_err(|error| error.to_string())?;
        same(frame.len() as u64, number(&c["frame_length"]))?;
        same(hex::encode(Sha256::digest(&frame)), text(&c["frame_sha256"]).to_owned())?;
        let opened = vectors::open(&key, counter, &frame);
        match text(&c["open"]) {
            "accept" => same(opened.ok().map(|m| m.expose() == message), Some(true)),
            _ => refused(opened.map(drop)),
        }
    });
    report.list(file, "/transport/accept_variants", |c| {
        let (key, counter) = (array(&c["key"]), number(&c["counter"]) as u32);
        same(
            vectors::seal_padded(&key, counter, bytes(&c["padded"]))
                .ok()
                .map(hex::encode),
            Some(text(&c["frame"]).to_owned()),
        )?;
        same(
            vectors::open(&key, counter, &bytes(&c["frame"]))
                .ok()
                .map(|m| m.expose().to_vec()),
            Some(bytes(&c["message"])),
        )
    });
    report.list(file, "/transport/errors", |c| {
        refused(vectors::open(&array(&c["key"]), number(&c["counter"]) as u32, &bytes(&c["frame"])).map(drop))
    });
    report.list(file, "/transport/seal_errors", |c| {
        refused(vectors::seal(&[0; 32], number(&c["counter"]) as u32, b"any"))
    });
}

/// Reads a greeting and, where the case names a handshake, its linking information as a session would.
fn post_handshake(file: &Value, c: &Value) -> Result<(Greeting, Option<VerifiedLink>), String> {
    let greeting = Greeting::read(&bytes(&c["plaintext"])).map_err(|error| error.to_string())?;
    let link = match (&greeting.linking, c["flow"].as_str()) {
        (Some(map), Some("qr")) => Some(verify(file, &c["from_handshake"], None, map)?),
        _ => None,
    };
    Ok((greeting, link))
}

fn post_handshake_ok(file: &Value, c: &Value) -> Checked {
    let (greeting, link) = post_handshake(file, c)?;
    let parsed = &c["parsed"];
    let revision = match greeting.revision {
        Revision::Zero => 0,
        Revision::One => 1,
    };
    let mut got = json!({
        "revision": revision,
        "features": greeting.features,
        "get_info": greeting.get_info.map(hex::encode),
        "has_linking": greeting.linking.is_some(),
    });
    if parsed.get("link").is_some() {
        got["link"] = link.map_or(Value::Null, |link| link_json(link.stored()));
    }
    same(got, parsed.clone())
}

fn message(file: &Value, c: &Value, expected: &Value) -> Checked {
    let message = Message::read(Revision::One, &Wiped::new(bytes(&c["message"]))).map_err(|error| error.to_string())?;
    let got = match message {
        Message::Shutdown => json!({"type": "shutdown"}),
        Message::Ctap(reply) => {
            json!({"type": "ctap", "status": reply.expose()[0], "body": hex::encode(&reply.expose()[1..])})
        }
        Message::Json(text) => json!({"type": "json", "text": text}),
        Message::Update(Update::Link(map)) => {
            let link = verify(file, &c["from_handshake"], None, &map).ok();
            json!({"type": "update", "link": link.map(|link| link_json(link.stored()))})
        }
        Message::Update(Update::Nothing | Update::Malformed) => json!({"type": "update", "link": null}),
    };
    same(got, expected.clone())
}

fn linking_ok(file: &Value, c: &Value) -> Checked {
    let from = from_handshake(file, &c["from_handshake"]);
    let offer = LinkOffer {
        contact_id: ContactId::new(bytes(&c["contact_id"])).unwrap(),
        link_id: LinkId::new(array(&c["link_id"])),
        link_secret: Secret::from_slice(&bytes(&c["link_secret"])).unwrap(),
        identity: private(&c["authenticator_private"]),
        name: text(&c["name"]).to_owned(),
    };
    same(
        hex::encode(offer.identity.public().uncompressed()),
        text(&c["authenticator_public"]).to_owned(),
    )?;
    let desktop = public(&from["initiator_static_public"]);
    same(
        hex::encode(offer.identity.shared_x(&desktop).expose()),
        text(&c["shared_secret"]).to_owned(),
    )?;
    let mut map = offer.sign(&desktop, &Secret::from_slice(&bytes(&from["handshake_hash"])).unwrap());
    // Android adds a key of its own, which the signature does not cover.
    let expected = cbor::read(&bytes(&c["linking_map_cbor"])).unwrap();
    let extra = expected
        .as_map()
        .unwrap()
        .iter()
        .filter(|(key, _)| cbor::as_uint(key).is_some_and(|key| key > 6))
        .cloned();
    map.as_map_mut().unwrap().extend(extra);
    same(hex::encode(cbor::write(&map)), text(&c["linking_map_cbor"]).to_owned())?;
    let link = verify(file, &c["from_handshake"], None, &map)?;
    same(
        hex::encode(link.stored().contact_id.as_bytes()),
        text(&c["contact_id"]).to_owned(),
    )?;
    let update = Message::read(Revision::One, &Wiped::new(bytes(&c["update_message"])));
    let Ok(Message::Update(Update::Link(map))) = update else {
        return Err("expected an update with a link".into());
    };
    verify(file, &c["from_handshake"], None, &map).map(drop)
}

fn linking_error(file: &Value, c: &Value) -> Checked {
    let Ok(map) = cbor::read(&bytes(&c["linking_map_cbor"])) else {
        return Ok(());
    };
    refused(verify(file, &c["from_handshake"], Some(&c["handshake_hash"]), &map).map(drop))
}

fn client_payload(c: &Value) -> Checked {
    let nonce = array(&c["client_nonce"]);
    let payload = ClientPayload {
        link_id: LinkId::new(array(&c["link_id"])),
        nonce,
        hint: Hint::from_text(text(&c["hint"])).unwrap(),
    };
    same(hex::encode(payload.write()), text(&c["cbor"]).to_owned())?;
    same(payload.header_value(), text(&c["header_value"]).to_owned())?;
    same(ClientPayload::read(&bytes(&c["cbor"])).ok(), Some(payload))?;
    same(
        hex::encode(vectors::derive(&bytes(&c["link_secret"]), &nonce, 1, 64)),
        text(&c["eid_key"]).to_owned(),
    )
}

fn verify(file: &Value, from: &Value, hash: Option<&Value>, map: &Cbor) -> Result<VerifiedLink, String> {
    let from = from_handshake(file, from);
    let hash = Secret::from_slice(&bytes(hash.unwrap_or(&from["handshake_hash"]))).unwrap();
    VerifiedLink::verify(map, &private(&from["initiator_static_private"]), &hash, DomainId(0))
        .map_err(|error| error.to_string())
}

pub fn link_json(link: &StoredLink) -> Value {
    json!({
        "contact_id": hex::encode(link.contact_id.as_bytes()),
        "link_id": hex::encode(link.link_id.as_bytes()),
        "link_secret": hex::encode(link.link_secret.expose()),
        "authenticator_public": hex::encode(link.phone_key.uncompressed()),
        "name": link.name,
    })
}

fn from_handshake<'a>(file: &'a Value, from: &Value) -> &'a Value {
    let (pattern, index) = text(from).trim_end_matches(']').split_once('[').unwrap();
    &file["handshake"][pattern][index.parse::<usize>().unwrap()]
}

pub fn pointer<'a>(file: &'a Value, path: &str) -> &'a Value {
    file.pointer(path).unwrap_or(&Value::Null)
}

pub fn bytes(value: &Value) -> Vec<u8> {
    hex::decode(value.as_str().unwrap()).unwrap()
}

pub fn array<const N: usize>(value: &Value) -> [u8; N] {
    bytes(value).try_into().unwrap()
}

pub fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

pub fn number(value: &Value) -> u64 {
    value.as_u64().unwrap()
}

pub fn private(value: &Value) -> PrivateKey {
    PrivateKey::new(&Secret::new(array(value))).unwrap()
}

pub fn public(value: &Value) -> PublicKey {
    PublicKey::from_uncompressed(&bytes(value)).unwrap()
}

pub fn plaintext(value: &Value) -> Plaintext {
    let bytes: [u8; 16] = array(value);
    let [_, random @ ..] = bytes;
    Plaintext::linked(random)
}

fn psk_of(c: &Value) -> Psk {
    vectors::psk(array(&c["psk"]))
}

fn eid_key(value: &Value) -> EidKey {
    vectors::eid_key(&array(value))
}

pub fn same<T: PartialEq + std::fmt::Debug>(got: T, expected: T) -> Checked {
    if got == expected {
        Ok(())
    } else {
        Err(format!("expected {expected:?}, got {got:?}"))
    }
}

fn refused<T, E>(result: Result<T, E>) -> Checked {
    match result {
        Ok(_) => Err("expected it to be refused, got it accepted".into()),
        Err(_) => Ok(()),
    }
}
