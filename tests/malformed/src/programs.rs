//! The parsers of hybridd, its radio and policy, and of phone-sim.

use hybrid_policy::{
    ExportFile, Guid, Inquiry, Moment, Occasion, Way, check, diff, lint, parse_aaguid, read,
};
use hybrid_prompt_line::{AgentLine, PromptLine, read_lines};
use hybrid_radio::{AdapterName, DeviceAddress};
use hybridd::agent::attestation;
use hybridd::agent::switch::Written;
use hybridd::doctor::net::Host;
use hybridd::qr::Show;
use hybridd::{hazmat, log};
use phone_sim::authenticator::Consent;
use phone_sim::script::Delay;
use phone_sim::{Authenticator, Fault, Model, PasskeyStore};
use std::str;

/// A settings file, an administrator's and a person's.
pub fn settings(data: &[u8]) {
    for may_lock in [true, false] {
        match hazmat::settings(data, may_lock) {
            Some(Ok(settings)) => {
                for held in settings.held() {
                    assert!(may_lock || held.locked.is_none());
                }
            }
            Some(Err(error)) => {
                let told = error.to_string();
                assert!(told.starts_with("config.toml:"), "{told}");
                assert!(!told.chars().any(char::is_control), "{told:?}");
            }
            None => {}
        }
    }
}

/// The files of the agent: its switch and its memory, which are written as they are read.
pub fn agent_files(data: &[u8]) {
    if let Written::Switch(switch) = hazmat::switch(data) {
        let again = hazmat::switch(switch.to_text().as_bytes());
        assert_eq!(again, Written::Switch(switch));
    }
    if let Ok(text) = str::from_utf8(data)
        && let Some(written) = hazmat::memory(text)
    {
        assert_eq!(hazmat::memory(&written), Some(written));
    }
}

/// What the agent and its prompt say to each other.
pub fn agent_line(data: &[u8]) {
    if let Some(AgentLine::Ask(ask)) = AgentLine::read(data) {
        let again = AgentLine::read(ask.to_json().to_string().as_bytes());
        assert!(matches!(again, Some(AgentLine::Ask(again)) if again == ask));
    }
    if let Some(line) = PromptLine::read(data) {
        let again = PromptLine::read(line.to_json().to_string().as_bytes());
        assert_eq!(again, Some(line));
    }
    read_lines(data, |_| true);
}

/// A program's command and a phone's reply to it, as the attestation is made up for them.
pub fn attestation(data: &[u8]) {
    let Some((length, data)) = data.split_first() else {
        return;
    };
    let (command, reply) = data.split_at(usize::from(*length).min(data.len()));
    if let Some(vouched) = attestation::vouch(command, reply) {
        assert_eq!(vouched[0], 0);
        assert!(hybrid_protocol::cbor::read_lenient(&vouched[1..]).is_ok());
        assert!(attestation::vouch(command, &vouched).is_none());
    }
}

/// What a person types to hybridd.
pub fn arguments(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    if let Ok(host) = Host::parse(text) {
        assert_eq!(Host::parse(host.as_str()).unwrap().as_str(), host.as_str());
    }
    if let Ok(show) = text.parse::<Show>() {
        assert_eq!(show.to_string().parse(), Ok(show));
    }
    let _ = log::is_filter(text);
}

/// What bluetoothd calls adapters and devices.
pub fn radio_names(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    if let Ok(name) = text.parse::<AdapterName>() {
        assert_eq!(name.to_string(), text);
    }
    if let Some(address) = DeviceAddress::parse(&text, "random") {
        assert!(address.to_string().eq_ignore_ascii_case(&text));
    }
}

/// The history: a line that was read is read again as it was.
pub fn history(data: &[u8]) {
    let Some(lines) = hazmat::history(data) else {
        return;
    };
    let text = format!(
        "{{\"ev\":\"history\",\"version\":1}}\n{}\n",
        lines.join("\n")
    );
    assert_eq!(hazmat::history(text.as_bytes()), Some(lines));
}

/// Now, to a policy.
const NOW: Moment = Moment(1_795_800_000);

/// An export of an organisation's policy: what can be read of it can be asked, and does not differ
/// from itself.
pub fn policy(data: &[u8]) {
    let file = ExportFile {
        name: "export.json",
        bytes: data,
        written: None,
    };
    let exports = match read(&[file], NOW) {
        Ok(exports) => exports,
        Err(errors) => return assert!(!errors.is_empty()),
    };
    lint(&exports, NOW);
    for (occasion, way) in [
        (Occasion::BeforeRegistration, Way::Qr),
        (Occasion::SignIn, Way::VirtualKey),
    ] {
        let inquiry = Inquiry::new(occasion, way, NOW);
        let _ = check(&exports, &inquiry).to_string();
        let people = [("somebody", inquiry.holder)];
        assert!(diff(&exports, &exports, &people, NOW).is_empty());
    }
}

/// Ids and times in such an export.
pub fn policy_words(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    if let Some(guid) = Guid::parse(text) {
        assert_eq!(Guid::parse(&guid.to_string()), Some(guid));
    }
    let _ = (parse_aaguid(text), Moment::parse(text));
}

/// A phone's faults and pauses, as they are typed.
pub fn phone_arguments(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    if let Ok(fault) = text.parse::<Fault>() {
        assert!(
            fault
                .to_string()
                .parse::<Fault>()
                .is_ok_and(|again| again == fault)
        );
    }
    if let Ok(delay) = text.parse::<Delay>() {
        assert_eq!(delay.to_string().parse(), Ok(delay));
    }
}

/// Commands to a phone's authenticator, one after the other: it answers each.
pub fn authenticator(data: &[u8]) {
    let mut phone = Authenticator::new(PasskeyStore::in_memory(), Model::default());
    let mut rest = data;
    while let Some((length, more)) = rest.split_first_chunk::<2>() {
        let length = usize::from(u16::from_be_bytes(*length)).min(more.len());
        let (command, more) = more.split_at(length);
        rest = more;
        let _ = Authenticator::prompt(command);
        let reply = phone.answer(command, Consent::Approved, &mut |bytes| bytes.fill(7));
        let reply = reply.unwrap();
        assert!(!reply.expose().is_empty());
        assert!(
            reply.expose()[0] != 0 || hybrid_protocol::cbor::read(&reply.expose()[1..]).is_ok()
        );
    }
}
