//! One entry as a line of JSON, and back.

use super::{Entry, Failed, Heard, What, Whose, Why};
use crate::catalogue;
use crate::finding::Finding;
use crate::observation::network::{NetStep, Step};
use crate::observation::radio::Trouble;
use hybrid_protocol::printable;
use hybrid_protocol::{Stage, TunnelFault};
use serde_json::{Value, json};
use std::time::Duration;

/// A text in a saved timeline is cut here; ours are shorter.
const LONGEST_TEXT: usize = 1000;
const MOST_ADAPTERS: usize = 32;

impl Entry {
    /// One line of the events and of a saved timeline.
    pub fn to_json(&self) -> Value {
        let ms = milliseconds(self.at);
        match &self.what {
            What::NewCode => json!({"ev": "new-code", "ms": ms}),
            What::Stage(stage) => json!({"ev": "stage", "stage": stage.name(), "ms": ms}),
            What::Heard(heard) => json!({
                "ev": "heard",
                "uuid": format!("{:04x}", heard.uuid),
                "ours": heard.whose == Whose::Ours,
                "whose": heard.whose.name(),
                "rssi": heard.rssi,
                "adapter": heard.adapter,
                "ms": ms,
            }),
            What::Neighbours(count) => json!({"ev": "neighbours", "count": count, "ms": ms}),
            What::Listening(adapters) => json!({"ev": "radio", "listening": adapters, "ms": ms}),
            What::Radio(trouble) => {
                let (kind, detail) = trouble_words(trouble);
                let (detail, trouble) = (detail.map(|detail| printable(detail)), printable(&trouble.to_string()));
                json!({"ev": "radio", "kind": kind, "detail": detail, "trouble": trouble, "ms": ms})
            }
            What::Net(step) => net_step_to_json(step, false, ms),
            What::Ahead(step) => net_step_to_json(step, true, ms),
            What::Answered(status) => json!({"ev": "answered", "status": status, "ms": ms}),
            What::Failed(failed) => failed_to_json(failed, ms),
            What::Finding(finding) => {
                let mut line = finding.to_json();
                if let Some(line) = line.as_object_mut() {
                    line.insert("ev".to_owned(), "finding".into());
                    line.insert("ms".to_owned(), ms.into());
                }
                line
            }
            What::Done { ok } => json!({"ev": "done", "ok": ok, "ms": ms}),
        }
    }

    /// Reads a line back. `None` for what this version does not know or understand.
    pub fn from_json(line: &Value) -> Option<Self> {
        let number = |name| line.get(name).and_then(Value::as_u64);
        let what = match line.get("ev")?.as_str()? {
            "new-code" => What::NewCode,
            "stage" => What::Stage(stage(line)?),
            "heard" => What::Heard(heard(line)?),
            "neighbours" => What::Neighbours(number("count")?.try_into().ok()?),
            "radio" => match line.get("listening") {
                Some(adapters) => What::Listening(texts(adapters)?),
                None => What::Radio(trouble(line)?),
            },
            "net" if line.get("ahead").and_then(Value::as_bool) == Some(true) => What::Ahead(net_step(line)?),
            "net" => What::Net(net_step(line)?),
            "answered" => What::Answered(number("status")?.try_into().ok()?),
            "failed" => What::Failed(failed(line)?),
            "finding" => What::Finding(Finding::from_json(line)?),
            "done" => What::Done {
                ok: line.get("ok")?.as_bool()?,
            },
            _ => return None,
        };
        // The time of a network step is when it ended; its "ms" is how long it took.
        let at = number(if matches!(what, What::Net(_) | What::Ahead(_)) {
            "at_ms"
        } else {
            "ms"
        })?;
        Some(Self {
            at: Duration::from_millis(at),
            what,
        })
    }
}

impl Whose {
    pub(super) const ALL: [Self; 5] = [Self::Ours, Self::Stale, Self::Foreign, Self::Malformed, Self::Unknown];

    const fn name(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::Stale => "stale",
            Self::Foreign => "foreign",
            Self::Malformed => "malformed",
            Self::Unknown => "unknown",
        }
    }
}

fn heard(line: &Value) -> Option<Heard> {
    let whose = line.get("whose")?.as_str()?;
    Some(Heard {
        uuid: u16::from_str_radix(line.get("uuid")?.as_str()?, 16).ok()?,
        whose: Whose::ALL.into_iter().find(|known| known.name() == whose)?,
        rssi: line
            .get("rssi")
            .and_then(Value::as_i64)
            .and_then(|rssi| rssi.try_into().ok()),
        adapter: text(line, "adapter")?,
    })
}

const fn trouble_words(trouble: &Trouble) -> (&'static str, Option<&String>) {
    match trouble {
        Trouble::NoDbus(why) => ("no-dbus", Some(why)),
        Trouble::NoBluetoothd => ("no-bluetoothd", None),
        Trouble::Hidden(sandbox) => ("hidden", Some(sandbox)),
        Trouble::NoAdapter => ("no-adapter", None),
        Trouble::Off => ("off", None),
        Trouble::Blocked { hard: false } => ("blocked", None),
        Trouble::Blocked { hard: true } => ("blocked-hard", None),
        Trouble::Denied(name) => ("denied", Some(name)),
        Trouble::NoLowEnergy => ("no-low-energy", None),
        Trouble::Busy(why) => ("busy", Some(why)),
        Trouble::BluetoothdGone => ("bluetoothd-gone", None),
        Trouble::AdapterGone(name) => ("adapter-gone", Some(name)),
    }
}

fn trouble(line: &Value) -> Option<Trouble> {
    let detail = || text(line, "detail").unwrap_or_default();
    Some(match line.get("kind")?.as_str()? {
        "no-dbus" => Trouble::NoDbus(detail()),
        "no-bluetoothd" => Trouble::NoBluetoothd,
        "hidden" => Trouble::Hidden(detail()),
        "no-adapter" => Trouble::NoAdapter,
        "off" => Trouble::Off,
        "blocked" => Trouble::Blocked { hard: false },
        "blocked-hard" => Trouble::Blocked { hard: true },
        "denied" => Trouble::Denied(detail()),
        "no-low-energy" => Trouble::NoLowEnergy,
        "busy" => Trouble::Busy(detail()),
        "bluetoothd-gone" => Trouble::BluetoothdGone,
        "adapter-gone" => Trouble::AdapterGone(detail()),
        _ => return None,
    })
}

fn net_step_to_json(step: &NetStep, ahead: bool, ms: u64) -> Value {
    let (ok, detail) = match &step.outcome {
        Ok(fact) => (true, fact),
        Err(why) => (false, why),
    };
    let addr = step.addr.map(|addr| addr.to_string());
    json!({
        "ev": "net", "step": step.step.name(), "host": step.host, "ms": milliseconds(step.took), "ok": ok,
        "detail": printable(detail), "addr": addr, "code": step.code, "ahead": ahead, "at_ms": ms,
    })
}

fn net_step(line: &Value) -> Option<NetStep> {
    let step = line.get("step")?.as_str()?;
    let detail = text(line, "detail")?;
    let code = line.get("code").and_then(Value::as_str).and_then(catalogue::find);
    Some(NetStep {
        step: Step::from_name(step)?,
        host: text(line, "host")?,
        took: Duration::from_millis(line.get("ms")?.as_u64()?),
        outcome: if line.get("ok")?.as_bool()? {
            Ok(detail)
        } else {
            Err(detail)
        },
        addr: line
            .get("addr")
            .and_then(Value::as_str)
            .and_then(|addr| addr.parse().ok()),
        code: code.map(|entry| entry.code),
    })
}

fn failed_to_json(failed: &Failed, ms: u64) -> Value {
    let (cause, number) = why_words(failed.why);
    json!({
        "ev": "failed", "stage": failed.at.name(), "cause": cause, "number": number, "detail": failed.detail, "ms": ms,
    })
}

fn why_words(why: Why) -> (&'static str, Option<u16>) {
    match why {
        Why::TimedOut => ("timed-out", None),
        Why::Cancelled => ("cancelled", None),
        Why::Tunnel(TunnelFault::Dns) => ("tunnel-dns", None),
        Why::Tunnel(TunnelFault::Tcp) => ("tunnel-tcp", None),
        Why::Tunnel(TunnelFault::Proxy) => ("tunnel-proxy", None),
        Why::Tunnel(TunnelFault::Tls) => ("tunnel-tls", None),
        Why::Tunnel(TunnelFault::Upgrade) => ("tunnel-upgrade", None),
        Why::Tunnel(TunnelFault::Subprotocol) => ("tunnel-subprotocol", None),
        Why::Tunnel(TunnelFault::Http(status)) => ("tunnel-http", Some(status)),
        Why::Tunnel(_) => ("tunnel", None),
        Why::Closed(code) => ("closed", code),
        Why::PeerShutdown => ("shutdown", None),
        Why::Handshake => ("handshake", None),
        Why::Frame => ("frame", None),
        Why::NoPasskeys => ("no-passkeys", None),
        Why::Message => ("message", None),
        Why::Rules => ("rules", None),
        Why::Defect => ("defect", None),
    }
}

fn failed(line: &Value) -> Option<Failed> {
    let number = line
        .get("number")
        .and_then(Value::as_u64)
        .and_then(|number| number.try_into().ok());
    let why = match line.get("cause")?.as_str()? {
        "timed-out" => Why::TimedOut,
        "cancelled" => Why::Cancelled,
        "tunnel-dns" => Why::Tunnel(TunnelFault::Dns),
        "tunnel-tcp" => Why::Tunnel(TunnelFault::Tcp),
        "tunnel-proxy" => Why::Tunnel(TunnelFault::Proxy),
        "tunnel-tls" => Why::Tunnel(TunnelFault::Tls),
        "tunnel-upgrade" => Why::Tunnel(TunnelFault::Upgrade),
        "tunnel-subprotocol" => Why::Tunnel(TunnelFault::Subprotocol),
        "tunnel-http" => Why::Tunnel(TunnelFault::Http(number?)),
        "closed" => Why::Closed(number),
        "shutdown" => Why::PeerShutdown,
        "handshake" => Why::Handshake,
        "frame" => Why::Frame,
        "no-passkeys" => Why::NoPasskeys,
        "message" => Why::Message,
        "rules" => Why::Rules,
        "defect" => Why::Defect,
        _ => return None,
    };
    Some(Failed {
        at: stage(line)?,
        why,
        detail: text(line, "detail")?,
    })
}

fn stage(line: &Value) -> Option<Stage> {
    Stage::from_name(line.get("stage")?.as_str()?)
}

fn text(line: &Value, name: &str) -> Option<String> {
    line.get(name)?.as_str().map(cut)
}

fn texts(list: &Value) -> Option<Vec<String>> {
    let list = list.as_array()?.iter().take(MOST_ADAPTERS);
    list.map(|text| text.as_str().map(cut)).collect()
}

/// A saved timeline may come from anybody.
fn cut(text: &str) -> String {
    printable(text).chars().take(LONGEST_TEXT).collect()
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
