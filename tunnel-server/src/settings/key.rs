//! The keys of the settings: what each is called, what its value looks like, and how it is read.

use crate::admission::address::NetworkRange;
use crate::admission::limits::Limits;
use crate::bad_value::BadValue;
use crate::rooms::Node;
use crate::settings::values::{LogFormat, RelaySettings};
use crate::shown::{is_content, shown};
use core::cmp::Reverse;
use core::net::SocketAddr;
use std::path::{Path, PathBuf};
use strsim::osa_distance;

/// A key that is not a limit; those are in [`Limits::TABLE`].
pub struct SettingKey {
    /// Its name in the file.
    pub name: &'static str,
    /// What its value looks like.
    pub value: &'static str,
    /// What it means.
    pub what: &'static str,
    pub(super) set: fn(&mut RelaySettings, &str) -> Result<(), BadValue>,
}

impl RelaySettings {
    /// The keys that are not limits.
    pub const KEYS: &[SettingKey] = &[
        SettingKey {
            name: "listen",
            value: "ADDR",
            what: "the address on which clients connect",
            set: |s, t| address(t).map(|a| s.listen = a),
        },
        SettingKey {
            name: "admin",
            value: "ADDR",
            what: "the address that serves /healthz, /readyz and /metrics; keep it on loopback",
            set: |s, t| address(t).map(|a| s.admin = Some(a)),
        },
        SettingKey {
            name: "tls_cert",
            value: "PEM",
            what: "certificate chain",
            set: |s, t| path(t).map(|p| s.tls_cert = Some(p)),
        },
        SettingKey {
            name: "tls_key",
            value: "PEM",
            what: "private key",
            set: |s, t| path(t).map(|p| s.tls_key = Some(p)),
        },
        SettingKey {
            name: "node",
            value: "N/M",
            what: "the number of this node, counted from 0, and the number of nodes",
            set: |s, t| Node::read(t).map(|n| s.node = n),
        },
        SettingKey {
            name: "forwarded_from",
            value: "NETWORKS",
            what: "proxies whose X-Forwarded-For is trusted",
            set: |s, t| networks(t).map(|n| s.forwarded_from = n),
        },
        SettingKey {
            name: "proxy_protocol_from",
            value: "NETWORKS",
            what: "proxies that begin every connection with a PROXY header",
            set: |s, t| networks(t).map(|n| s.proxy_protocol_from = n),
        },
        SettingKey {
            name: "state",
            value: "DIR",
            what: "directory for data that must survive a restart (revoked contact ids)",
            set: |s, t| path(t).map(|p| s.state = Some(p)),
        },
        SettingKey {
            name: "log",
            value: "text|json",
            what: "format of log lines",
            set: |s, t| log(t).map(|l| s.log = l),
        },
    ];
}

/// How a limit is set from a text.
type Set = fn(&mut Limits, &str) -> Result<(), BadValue>;

enum Setter {
    SettingKey(fn(&mut RelaySettings, &str) -> Result<(), BadValue>),
    Limit(Set),
}

/// How the setting of this name is set.
pub(super) fn setter(
    name: &str,
) -> Option<impl Fn(&mut RelaySettings, &str) -> Result<(), BadValue> + use<>> {
    let key = RelaySettings::KEYS
        .iter()
        .find(|key| key.name == name)
        .map(|key| Setter::SettingKey(key.set));
    let limit = || {
        Limits::TABLE
            .iter()
            .find(|limit| limit.key == name)
            .map(|limit| Setter::Limit(limit.set))
    };
    let setter = key.or_else(limit)?;
    Some(
        move |settings: &mut RelaySettings, text: &str| match setter {
            Setter::SettingKey(set) => set(settings, text),
            Setter::Limit(set) => set(&mut settings.limits, text),
        },
    )
}

/// What the file may hold for a setting.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Form {
    Text,
    TextOrList,
    TextOrNumber,
}

impl Form {
    /// That of the setting of this name.
    pub(super) fn of(name: &str) -> Self {
        match RelaySettings::KEYS.iter().find(|key| key.name == name) {
            Some(key) if key.value == "NETWORKS" => Self::TextOrList,
            Some(_) => Self::Text,
            None => Self::TextOrNumber,
        }
    }

    /// What is expected, for a person.
    pub(super) fn expected(self) -> &'static str {
        match self {
            Self::Text => "expected a string in quotes",
            Self::TextOrList => "expected a string in quotes, or a list of strings",
            Self::TextOrNumber => "expected a string in quotes, or a number",
        }
    }
}

/// A name that is not a setting's, with a hint; what no setting could be called is not repeated.
pub(super) fn unknown(wrong: &str) -> String {
    let plausible = |byte: u8| byte.is_ascii_lowercase() || byte == b'_' || byte == b'-';
    if wrong.len() <= LONGEST && wrong.bytes().all(plausible) {
        format!("{wrong} is not a setting{}", nearest(wrong))
    } else {
        "this is not a setting".to_owned()
    }
}

/// Half as long again as the longest name of a setting.
const LONGEST: usize = 36;

/// A hint for a key that is not one: the known key that shares the longest beginning, and is about
/// as long.
fn nearest(wrong: &str) -> String {
    let names = RelaySettings::KEYS
        .iter()
        .map(|key| key.name)
        .chain(Limits::TABLE.iter().map(|limit| limit.key));
    let alike = |name: &&str| {
        name.chars()
            .zip(wrong.chars())
            .take_while(|(a, b)| a == b)
            .count()
    };
    let closest = |name: &&str| (alike(name), Reverse(name.len().abs_diff(wrong.len())));
    match names.max_by_key(closest) {
        Some(name) if alike(&name) >= 3 => format!("; did you mean {name}?"),
        Some(_) | None => String::new(),
    }
}

/// The setting that a name of a variable was probably meant to be: one slip of the keyboard away, of
/// a long name two.
pub(super) fn misspelt(wrong: &str) -> Option<&'static str> {
    let names = RelaySettings::KEYS.iter().map(|key| key.name);
    let mut names = names.chain(Limits::TABLE.iter().map(|limit| limit.key));
    names.find(|name| {
        let slips = if name.len() < 10 { 1 } else { 2 };
        name.len() > 4 && osa_distance(wrong, name) <= slips
    })
}

fn address(text: &str) -> Result<SocketAddr, BadValue> {
    text.trim().parse().map_err(|_| {
        BadValue::new(format!(
            "expected an address and port like 127.0.0.1:8443 or [::]:8443, got {}",
            shown(text)
        ))
    })
}

fn path(text: &str) -> Result<PathBuf, BadValue> {
    if text.is_empty() {
        Err(BadValue::new("expected a file name"))
    } else if is_content(text) && !Path::new(text).exists() {
        Err(BadValue::new(
            "expected a file name, got what looks like the content of a file",
        ))
    } else {
        Ok(PathBuf::from(text))
    }
}

fn networks(text: &str) -> Result<Vec<NetworkRange>, BadValue> {
    text.split(',')
        .filter(|part| !part.trim().is_empty())
        .map(NetworkRange::read)
        .collect()
}

fn log(text: &str) -> Result<LogFormat, BadValue> {
    match text {
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        _ => Err(BadValue::new(format!(
            "expected text or json, got {}",
            shown(text)
        ))),
    }
}
