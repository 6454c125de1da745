//! Every parser of this project as one function over bytes, each with what has to hold of whatever
//! it reads: that it returns at all, that what it wrote it reads back, that two readers of the same
//! thing agree.
//!
//! `tests/fuzz` has a program for each, which libFuzzer drives; `tests/corpus.rs` replays what was
//! kept of that.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "what does not hold is to end the program"
)]

pub mod attestation;
pub mod diagnosis;
pub mod dial;
pub mod key;
pub mod programs;
pub mod protocol;
pub mod relay;
pub mod sessions;
pub mod webauthn;

/// One parser, or a few small ones that read the same thing.
pub struct Target {
    /// Its program in `tests/fuzz/fuzz_targets` and its folder in `tests/fuzz/corpus`.
    pub name: &'static str,
    /// Panics when something does not hold.
    pub run: fn(&[u8]),
    /// The files and folders that it is about; their lines are counted.
    pub files: &'static [&'static str],
}

const fn target(name: &'static str, run: fn(&[u8]), files: &'static [&'static str]) -> Target {
    Target { name, run, files }
}

/// All of them.
pub const TARGETS: &[Target] = &[
    target(
        "protocol_advert",
        protocol::advert,
        &["protocol/src/advert.rs"],
    ),
    target("protocol_cbor", protocol::cbor, &["protocol/src/cbor.rs"]),
    target(
        "protocol_channel",
        protocol::channel,
        &["protocol/src/channel.rs"],
    ),
    target(
        "protocol_client_payload",
        protocol::client_payload,
        &["protocol/src/link.rs"],
    ),
    target(
        "protocol_contact",
        protocol::contact,
        &["protocol/src/contact.rs"],
    ),
    target(
        "protocol_digits",
        protocol::digits,
        &["protocol/src/digits.rs"],
    ),
    target(
        "protocol_get_info",
        protocol::get_info,
        &["protocol/src/ctap/get_info.rs"],
    ),
    target(
        "protocol_greeting",
        protocol::greeting,
        &["protocol/src/greeting.rs"],
    ),
    target(
        "protocol_handshake",
        protocol::handshake,
        &["protocol/src/noise.rs", "protocol/src/noise/primitives.rs"],
    ),
    target("protocol_id", protocol::id, &["protocol/src/id.rs"]),
    target(
        "protocol_key",
        protocol::public_key,
        &["protocol/src/key.rs"],
    ),
    target("protocol_link", protocol::link, &["protocol/src/link.rs"]),
    target(
        "protocol_message",
        protocol::message,
        &["protocol/src/message.rs"],
    ),
    target(
        "protocol_printable",
        protocol::shown,
        &["protocol/src/printable.rs"],
    ),
    target("protocol_qr", protocol::qr, &["protocol/src/qr.rs"]),
    target(
        "protocol_route",
        protocol::route,
        &["protocol/src/route.rs"],
    ),
    target(
        "session_desktop",
        sessions::desktop,
        &["protocol/src/desktop.rs", "protocol/src/desktop/"],
    ),
    target(
        "session_phone",
        sessions::phone,
        &["protocol/src/phone.rs", "protocol/src/phone/"],
    ),
    target(
        "webauthn_authenticator_data",
        webauthn::authenticator_data,
        &["daemon/webauthn/src/authenticator_data.rs"],
    ),
    target(
        "webauthn_options",
        webauthn::options,
        &[
            "daemon/webauthn/src/options.rs",
            "daemon/webauthn/src/encoding.rs",
            "daemon/webauthn/src/descriptor.rs",
            "daemon/webauthn/src/command.rs",
            "daemon/webauthn/src/extensions",
        ],
    ),
    target(
        "webauthn_origin",
        webauthn::origins,
        &["daemon/webauthn/src/origin.rs"],
    ),
    target(
        "webauthn_reply",
        webauthn::reply,
        &["daemon/webauthn/src/reply.rs"],
    ),
    target(
        "webauthn_webidl",
        webauthn::webidl,
        &["daemon/webauthn/src/webidl.rs"],
    ),
    target(
        "webauthn_wrapping",
        webauthn::wrapping,
        &["daemon/webauthn/src/wrapping.rs"],
    ),
    target(
        "diagnosis_chromium_log",
        diagnosis::chromium_log,
        &[
            "daemon/diagnosis/src/chromium_log.rs",
            "daemon/diagnosis/src/chromium_log/",
        ],
    ),
    target(
        "diagnosis_explain",
        diagnosis::explanation,
        &[
            "daemon/diagnosis/src/explain.rs",
            "daemon/diagnosis/src/explain/",
        ],
    ),
    target(
        "diagnosis_message",
        diagnosis::message,
        &[
            "daemon/diagnosis/src/catalogue/messages_of_others.rs",
            "daemon/diagnosis/src/catalogue/messages_of_others/",
            "daemon/diagnosis/src/lookup.rs",
            "daemon/diagnosis/src/lookup/",
            "daemon/diagnosis/src/plain_text.rs",
        ],
    ),
    target(
        "diagnosis_timeline",
        diagnosis::timeline,
        &["daemon/diagnosis/src/timeline/"],
    ),
    target(
        "relay_certificates",
        relay::certificate_files,
        &[
            "tunnel-server/src/http/pem.rs",
            "tunnel-server/src/http/chain.rs",
        ],
    ),
    target(
        "relay_client_hello",
        relay::client_hello,
        &["tunnel-server/src/http/client_hello.rs"],
    ),
    target(
        "relay_probe_target",
        relay::target,
        &["tunnel-server/probe/src/target.rs"],
    ),
    target(
        "relay_proxy_protocol",
        relay::proxy_protocol,
        &["tunnel-server/src/http/proxy_protocol.rs"],
    ),
    target(
        "relay_revocations",
        relay::revocations,
        &["tunnel-server/src/phones/revocations/"],
    ),
    target(
        "relay_settings",
        relay::settings,
        &[
            "tunnel-server/src/settings/",
            "tunnel-server/src/admission/limits.rs",
        ],
    ),
    target(
        "relay_upgrade",
        relay::upgrade,
        &["tunnel-server/src/http/upgrade.rs"],
    ),
    target(
        "relay_values",
        relay::values,
        &[
            "tunnel-server/src/admission/address.rs",
            "tunnel-server/src/admission/limits.rs",
        ],
    ),
    target(
        "relay_websocket",
        relay::websocket,
        &[
            "tunnel-server/src/websocket/reader.rs",
            "tunnel-server/src/websocket/frame.rs",
            "tunnel-server/src/websocket/close.rs",
        ],
    ),
    target(
        "dial_certificate",
        dial::certificate,
        &["daemon/dial/src/tls/certificate.rs"],
    ),
    target(
        "dial_connect_answer",
        dial::connect_answer,
        &["daemon/dial/src/proxy/connect.rs"],
    ),
    target(
        "dial_name_servers",
        dial::name_servers,
        &["daemon/dial/src/name_servers.rs"],
    ),
    target(
        "dial_proxy",
        dial::proxy,
        &[
            "daemon/dial/src/proxy.rs",
            "daemon/dial/src/proxy/settings.rs",
        ],
    ),
    target(
        "dial_redirect",
        dial::redirect,
        &["daemon/dial/src/redirect.rs"],
    ),
    target(
        "dial_upgrade_answer",
        dial::upgrade_answer,
        &["daemon/dial/src/websocket.rs", "daemon/dial/src/error.rs"],
    ),
    target("key_bus_code", key::code, &["daemon/key-bus/src/ended.rs"]),
    target(
        "key_command",
        key::command,
        &[
            "daemon/ctaphid/src/command.rs",
            "daemon/ctaphid/src/command/",
            "daemon/ctaphid/src/answer.rs",
            "daemon/ctaphid/src/authenticator_data.rs",
            "daemon/ctaphid/src/descriptor.rs",
            "daemon/ctaphid/src/rp_id.rs",
        ],
    ),
    target(
        "key_encoded",
        key::encoded,
        &["daemon/ctaphid/src/encoded.rs"],
    ),
    target(
        "attestation_evidence",
        attestation::evidence,
        &[
            "daemon/attestation/src/evidence.rs",
            "daemon/attestation/src/evidence/",
        ],
    ),
    target(
        "attestation_inspection",
        attestation::inspection,
        &[
            "daemon/attestation/src/intake.rs",
            "daemon/attestation/src/intake/",
            "daemon/attestation/src/views/",
            "daemon/attestation/src/octets.rs",
            "daemon/attestation/src/sheet.rs",
        ],
    ),
    target(
        "attestation_metadata",
        attestation::metadata,
        &[
            "daemon/attestation/src/metadata.rs",
            "daemon/attestation/src/metadata/",
            "daemon/attestation/src/date.rs",
        ],
    ),
    target(
        "attestation_statement",
        attestation::statement,
        &[
            "daemon/attestation/src/statement.rs",
            "daemon/attestation/src/statement/",
            "daemon/attestation/src/certificate.rs",
            "daemon/attestation/src/chain.rs",
            "daemon/attestation/src/key.rs",
            "daemon/attestation/src/object.rs",
            "daemon/attestation/src/tlv.rs",
        ],
    ),
    target(
        "key_frames",
        key::frames,
        &[
            "daemon/ctaphid/src/frame.rs",
            "daemon/ctaphid/src/assembly.rs",
            "daemon/ctaphid/src/message.rs",
            "daemon/ctaphid/src/report.rs",
        ],
    ),
    target(
        "key_machine",
        key::key,
        &[
            "daemon/ctaphid/src/key.rs",
            "daemon/ctaphid/src/key/",
            "daemon/ctaphid/src/channel.rs",
            "daemon/ctaphid/src/outbox.rs",
            "daemon/ctaphid/src/transaction.rs",
            "daemon/ctaphid/src/silent.rs",
        ],
    ),
    target("key_uhid", key::uhid, &["daemon/service/src/uhid/event.rs"]),
    target("policy_exports", programs::policy, &["daemon/policy/src/"]),
    target(
        "policy_words",
        programs::policy_words,
        &["daemon/policy/src/guid.rs", "daemon/policy/src/moment.rs"],
    ),
    target(
        "hybridd_agent_files",
        programs::agent_files,
        &["daemon/src/agent/switch.rs", "daemon/src/agent/memory.rs"],
    ),
    target(
        "hybridd_agent_line",
        programs::agent_line,
        &["daemon/prompt-line/src/"],
    ),
    target(
        "hybridd_arguments",
        programs::arguments,
        &[
            "daemon/src/doctor/net.rs",
            "daemon/src/qr/show.rs",
            "daemon/src/log.rs",
        ],
    ),
    target(
        "hybridd_attestation",
        programs::attestation,
        &["daemon/src/agent/attestation.rs"],
    ),
    target(
        "hybridd_history",
        programs::history,
        &[
            "daemon/src/history/record.rs",
            "daemon/src/history/store.rs",
        ],
    ),
    target(
        "hybridd_settings",
        programs::settings,
        &[
            "daemon/src/settings/document.rs",
            "daemon/src/settings/layers.rs",
            "daemon/src/settings/table.rs",
            "daemon/src/settings/suggestion.rs",
        ],
    ),
    target(
        "radio_names",
        programs::radio_names,
        &[
            "daemon/radio/src/adapter_name.rs",
            "daemon/radio/src/device_address.rs",
        ],
    ),
    target(
        "phone_arguments",
        programs::phone_arguments,
        &["phone-sim/src/fault.rs", "phone-sim/src/script.rs"],
    ),
    target(
        "phone_authenticator",
        programs::authenticator,
        &[
            "phone-sim/src/authenticator.rs",
            "phone-sim/src/authenticator/",
        ],
    ),
];
