//! One entry as a line of JSON, and back.

use super::{AdvertOwner, AdvertSighting, EventKind, FailureKind, SessionFailure, TimelineEntry};
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

impl TimelineEntry {
    /// One line of the events and of a saved timeline.
    pub fn to_json(&self) -> Value {
        let ms = milliseconds(self.at);
        match &self.what {
            EventKind::NewCode => json!({"ev": "new-code", "ms": ms}),
            EventKind::Stage(stage) => json!({"ev": "stage", "stage": stage.name(), "ms": ms}),
            EventKind::Heard(heard) => json!({
                "ev": "heard",
                "uuid": format!("{:04x}", heard.uuid),
                "ours": heard.whose == AdvertOwner::Ours,
                "whose": heard.whose.name(),
                "rssi": heard.rssi,
                "adapter": heard.adapter,
                "ms": ms,
            }),
            EventKind::Neighbours(count) => json!({"ev": "neighbours", "count": count, "ms": ms}),
            EventKind::Listening(adapters) => {
                json!({"ev": "radio", "listening": adapters, "ms": ms})
            }
            EventKind::Radio(trouble) => {
                let (kind, detail) = trouble_words(trouble);
                let (detail, trouble) = (
                    detail.map(|detail| printable(detail)),
                    printable(&trouble.to_string()),
                );
                json!({"ev": "radio", "kind": kind, "detail": detail, "trouble": trouble, "ms": ms})
            }
            EventKind::Net(step) => net_step_to_json(step, false, ms),
            EventKind::Ahead(step) => net_step_to_json(step, true, ms),
            EventKind::Paused(paused) => {
                json!({"ev": "paused", "for_ms": milliseconds(*paused), "ms": ms})
            }
            EventKind::Answered(status) => json!({"ev": "answered", "status": status, "ms": ms}),
            EventKind::Failed(failed) => failed_to_json(failed, ms),
            EventKind::Finding(finding) => {
                let mut line = finding.to_json();
                if let Some(line) = line.as_object_mut() {
                    line.insert("ev".to_owned(), "finding".into());
                    line.insert("ms".to_owned(), ms.into());
                }
                line
            }
            EventKind::Done { ok } => json!({"ev": "done", "ok": ok, "ms": ms}),
        }
    }

    /// Reads a line back. `None` for what this version does not know or understand.
    pub fn from_json(line: &Value) -> Option<Self> {
        let number = |name| line.get(name).and_then(Value::as_u64);
        let what = match line.get("ev")?.as_str()? {
            "new-code" => EventKind::NewCode,
            "stage" => EventKind::Stage(stage(line)?),
            "heard" => EventKind::Heard(heard(line)?),
            "neighbours" => EventKind::Neighbours(number("count")?.try_into().ok()?),
            "radio" => match line.get("listening") {
                Some(adapters) => EventKind::Listening(texts(adapters)?),
                None => EventKind::Radio(trouble(line)?),
            },
            "net" if line.get("ahead").and_then(Value::as_bool) == Some(true) => {
                EventKind::Ahead(net_step(line)?)
            }
            "net" => EventKind::Net(net_step(line)?),
            "paused" => EventKind::Paused(Duration::from_millis(number("for_ms")?)),
            "answered" => EventKind::Answered(number("status")?.try_into().ok()?),
            "failed" => EventKind::Failed(failed(line)?),
            "finding" => EventKind::Finding(Finding::from_json(line)?),
            "done" => EventKind::Done {
                ok: line.get("ok")?.as_bool()?,
            },
            _ => return None,
        };
        // The time of a network step is when it ended; its "ms" is how long it took.
        let at = number(if matches!(what, EventKind::Net(_) | EventKind::Ahead(_)) {
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

impl AdvertOwner {
    pub(super) const ALL: [Self; 6] = [
        Self::Ours,
        Self::Stale,
        Self::Foreign,
        Self::Malformed,
        Self::Unknown,
        Self::Beacon,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::Stale => "stale",
            Self::Foreign => "foreign",
            Self::Malformed => "malformed",
            Self::Unknown => "unknown",
            Self::Beacon => "beacon",
        }
    }
}

fn heard(line: &Value) -> Option<AdvertSighting> {
    let whose = line.get("whose")?.as_str()?;
    Some(AdvertSighting {
        uuid: u16::from_str_radix(line.get("uuid")?.as_str()?, 16).ok()?,
        whose: AdvertOwner::ALL
            .into_iter()
            .find(|known| known.name() == whose)?,
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
        Trouble::NoController => ("no-controller", None),
        Trouble::Hidden(sandbox) => ("hidden", Some(sandbox)),
        Trouble::NoAdapter => ("no-adapter", None),
        Trouble::Unlisted(names) => ("unlisted", Some(names)),
        Trouble::Silent(why) => ("silent", Some(why)),
        Trouble::NoSuchAdapter(names) => ("no-such-adapter", Some(names)),
        Trouble::Off => ("off", None),
        Trouble::AdapterOff(names) => ("adapter-off", Some(names)),
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
        "no-controller" => Trouble::NoController,
        "hidden" => Trouble::Hidden(detail()),
        "no-adapter" => Trouble::NoAdapter,
        "unlisted" => Trouble::Unlisted(detail()),
        "silent" => Trouble::Silent(detail()),
        "no-such-adapter" => Trouble::NoSuchAdapter(detail()),
        "off" => Trouble::Off,
        "adapter-off" => Trouble::AdapterOff(detail()),
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
    let code = line
        .get("code")
        .and_then(Value::as_str)
        .and_then(catalogue::find);
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

fn failed_to_json(failed: &SessionFailure, ms: u64) -> Value {
    let (cause, number) = why_words(failed.why);
    json!({
        "ev": "failed", "stage": failed.at.name(), "cause": cause, "number": number, "detail": failed.detail, "ms": ms,
    })
}

fn why_words(why: FailureKind) -> (&'static str, Option<u16>) {
    match why {
        FailureKind::TimedOut => ("timed-out", None),
        FailureKind::Cancelled => ("cancelled", None),
        FailureKind::Tunnel(TunnelFault::Dns) => ("tunnel-dns", None),
        FailureKind::Tunnel(TunnelFault::Tcp) => ("tunnel-tcp", None),
        FailureKind::Tunnel(TunnelFault::Proxy) => ("tunnel-proxy", None),
        FailureKind::Tunnel(TunnelFault::Tls) => ("tunnel-tls", None),
        FailureKind::Tunnel(TunnelFault::Upgrade) => ("tunnel-upgrade", None),
        FailureKind::Tunnel(TunnelFault::Subprotocol) => ("tunnel-subprotocol", None),
        FailureKind::Tunnel(TunnelFault::Http(status)) => ("tunnel-http", Some(status)),
        FailureKind::Tunnel(_) => ("tunnel", None),
        FailureKind::Closed(code) => ("closed", code),
        FailureKind::PeerShutdown => ("shutdown", None),
        FailureKind::Handshake => ("handshake", None),
        FailureKind::Frame => ("frame", None),
        FailureKind::NoPasskeys => ("no-passkeys", None),
        FailureKind::Message => ("message", None),
        FailureKind::Rules => ("rules", None),
        FailureKind::Defect => ("defect", None),
    }
}

fn failed(line: &Value) -> Option<SessionFailure> {
    let number = line
        .get("number")
        .and_then(Value::as_u64)
        .and_then(|number| number.try_into().ok());
    let why = match line.get("cause")?.as_str()? {
        "timed-out" => FailureKind::TimedOut,
        "cancelled" => FailureKind::Cancelled,
        "tunnel-dns" => FailureKind::Tunnel(TunnelFault::Dns),
        "tunnel-tcp" => FailureKind::Tunnel(TunnelFault::Tcp),
        "tunnel-proxy" => FailureKind::Tunnel(TunnelFault::Proxy),
        "tunnel-tls" => FailureKind::Tunnel(TunnelFault::Tls),
        "tunnel-upgrade" => FailureKind::Tunnel(TunnelFault::Upgrade),
        "tunnel-subprotocol" => FailureKind::Tunnel(TunnelFault::Subprotocol),
        "tunnel-http" => FailureKind::Tunnel(TunnelFault::Http(number?)),
        "closed" => FailureKind::Closed(number),
        "shutdown" => FailureKind::PeerShutdown,
        "handshake" => FailureKind::Handshake,
        "frame" => FailureKind::Frame,
        "no-passkeys" => FailureKind::NoPasskeys,
        "message" => FailureKind::Message,
        "rules" => FailureKind::Rules,
        "defect" => FailureKind::Defect,
        _ => return None,
    };
    Some(SessionFailure {
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
