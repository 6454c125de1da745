//! Each section of the file with its check: a case passes when what we compute is what the file
//! expects.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm,
    reason = "a malformed case is caught and reported as failed"
)]

mod advert;
mod greeting;
mod handshake;
mod qr;
mod read;
mod sessions;
mod transport;

use hybrid_protocol::DomainId;
use hybrid_protocol::PrivateKey;
use hybrid_protocol::cbor;
use hybrid_protocol::{Message, Revision};
use hybrid_protocol::{QrCode, Secret, Wiped, digits, hazmat};
use read::{bytes, number, pointer, refused, same, text};
use serde_json::{Value, json};
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

    fn cases<'a>(
        &mut self,
        section: &str,
        cases: impl Iterator<Item = &'a Value>,
        check: impl Fn(&Value) -> Checked,
    ) {
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
                    self.failures
                        .push(format!("FAIL {section}[{index}] {name}: {why}"));
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
    (
        "qr",
        &["encode", "parse_ok", "parse_errors", "non_canonical"],
    ),
    (
        "tunnel_domains",
        &[
            "hosts",
            "unassigned",
            "sha256_over_all_hashed_hosts",
            "sha256_note",
        ],
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
        same(
            digits::encode(&bytes(&c["bytes"])).as_str(),
            text(&c["digits"]),
        )?;
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
    report.list(file, "/cbor/strict_errors", |c| {
        refused(cbor::read(&bytes(&c["cbor"])))
    });
    report.list(file, "/qr/encode", qr::qr_encode);
    report.list(file, "/qr/parse_ok", |c| {
        same(
            QrCode::parse(text(&c["url"]))
                .ok()
                .map(|q| qr::parsed_qr(&q)),
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
            DomainId(number(&c["id"]) as u16)
                .host()
                .map(|host| host.to_string()),
            Some(text(&c["host"]).to_owned()),
        )
    });
    report.list(file, "/tunnel_domains/unassigned", |c| {
        same(DomainId(number(c) as u16).host(), None)
    });
    report.cases(
        "/tunnel_domains/sha256_over_all_hashed_hosts",
        [pointer(
            file,
            "/tunnel_domains/sha256_over_all_hashed_hosts",
        )]
        .into_iter(),
        |c| {
            let hosts: Vec<String> = (256..=u16::MAX)
                .map(|id| DomainId(id).host().unwrap().to_string())
                .collect();
            same(
                hex::encode(Sha256::digest(hosts.join("\n"))),
                text(c).to_owned(),
            )
        },
    );
    report.list(file, "/derive", |c| {
        let out = hazmat::derive(
            &bytes(&c["ikm"]),
            &bytes(&c["salt"]),
            number(&c["purpose"]) as u32,
            number(&c["length"]) as usize,
        );
        same(hex::encode(out), text(&c["out"]).to_owned())
    });
    report.list(file, "/chromium_seed_to_scalar", |c| {
        let scalar = hazmat::chromium_seed_to_scalar(&bytes(&c["seed"]));
        same(hex::encode(scalar), text(&c["scalar"]).to_owned())?;
        let public = PrivateKey::new(&Secret::new(scalar)).unwrap().public();
        same(
            hex::encode(public.compressed()),
            text(&c["public_compressed"]).to_owned(),
        )
    });
    report.list(file, "/urls", qr::urls);
    advert::eid(file, &mut report);
    for pattern in ["knpsk0", "nkpsk0"] {
        report.list(file, &format!("/handshake/{pattern}"), |c| {
            handshake::handshake(c, pattern == "knpsk0")
        });
    }
    report.list(file, "/handshake/errors", |c| {
        handshake::handshake_error(file, c)
    });
    transport::transport(file, &mut report);
    report.list(file, "/post_handshake/ok", |c| {
        greeting::post_handshake_ok(file, c)
    });
    report.list(file, "/post_handshake/errors", |c| {
        refused(greeting::post_handshake(file, c))
    });
    report.list(file, "/messages/ok", |c| {
        greeting::message(file, c, &c["parsed"])
    });
    report.list(file, "/messages/errors", |c| {
        refused(Message::read(
            Revision::One,
            &Wiped::new(bytes(&c["message"])),
        ))
    });
    report.list(file, "/messages/ignored", |c| {
        greeting::message(file, c, &json!({"type": "update", "link": null}))
    });
    report.list(file, "/linking/ok", |c| greeting::linking_ok(file, c));
    report.list(file, "/linking/errors", |c| {
        greeting::linking_error(file, c)
    });
    report.list(file, "/client_payload", greeting::client_payload);
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
                "paired_secret" => hazmat::derive(
                    &hazmat::derive(&root, &bytes(&local["contact_id"]), 6, 32),
                    &bytes(&local["pairing_id"]),
                    4,
                    32,
                ),
                "identity_seed" => hazmat::derive(&root, &[], 5, 32),
                _ => hazmat::derive(&root, &bytes(&local["pairing_id"]), 4, 32),
            };
            same(hex::encode(out), text(&local[name]).to_owned())
        },
    );
    report.list(file, "/sessions", sessions::check);
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
