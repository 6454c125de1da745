//! Words of the command line and what they stand for.

use hybrid_policy::{Aaguid, Client, Guid, Moment, PhoneSystem, Way, parse_aaguid};
use std::collections::BTreeSet;

/// How the passkey comes to the computer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub(super) enum PathWord {
    /// By the QR code of a browser or of hybridd.
    Qr,
    /// By the virtual USB key, with a phone behind it.
    Key,
    /// It is on the computer itself, or on a security key that is plugged in.
    SameDevice,
}

/// The browser in front of the virtual key.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub(super) enum BrowserWord {
    Chromium,
    /// Firefox from version 153 on.
    Firefox,
    /// Firefox before version 153.
    OldFirefox,
}

/// The type of a passkey.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub(super) enum TypeWord {
    Synced,
    DeviceBound,
}

/// The point at which the policy is asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub(super) enum OccasionWord {
    Register,
    SignIn,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub(super) enum YesNo {
    Yes,
    No,
}

impl PathWord {
    pub(super) const fn way(self) -> Way {
        match self {
            Self::Qr => Way::Qr,
            Self::Key => Way::VirtualKey,
            Self::SameDevice => Way::SameDevice,
        }
    }
}

impl BrowserWord {
    pub(super) const fn client(self) -> Client {
        match self {
            Self::Chromium => Client::Chromium,
            Self::Firefox => Client::Firefox,
            Self::OldFirefox => Client::OldFirefox,
        }
    }
}

/// All groups and roles of a person; `none` for somebody in no group.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct GroupList(pub(super) BTreeSet<Guid>);

pub(super) fn groups(text: &str) -> Result<GroupList, String> {
    if text == "none" {
        return Ok(GroupList(BTreeSet::new()));
    }
    let ids = text.split(',').map(id);
    ids.collect::<Result<_, _>>().map(GroupList)
}

pub(super) fn id(text: &str) -> Result<Guid, String> {
    Guid::parse(text).ok_or_else(|| expected("an id of the directory", text))
}

pub(super) fn aaguid(text: &str) -> Result<Aaguid, String> {
    parse_aaguid(text).ok_or_else(|| expected("a model's id (AAGUID)", text))
}

pub(super) fn moment(text: &str) -> Result<Moment, String> {
    Moment::parse(text)
        .ok_or_else(|| "expected a time such as 2026-11-28T09:30:00Z or …+01:00".to_owned())
}

fn expected(what: &str, text: &str) -> String {
    let why = match text.trim() {
        "" => ", got nothing",
        name if name.contains('@') => {
            ", got a principal name or an address; the admin center has the id as Object ID, on the overview of the user or group"
        }
        _ => "",
    };
    format!("expected {what}, such as de1e552d-db1d-4423-a619-566b625cdc84{why}")
}

/// `ios:17` or `android:14`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct PhoneWord(pub(super) PhoneSystem, pub(super) u16);

pub(super) fn phone(text: &str) -> Result<PhoneWord, String> {
    let read = || {
        let (system, version) = text.split_once(':')?;
        let system = match system {
            "ios" => PhoneSystem::Ios,
            "android" => PhoneSystem::Android,
            _ => return None,
        };
        Some(PhoneWord(system, version.parse().ok()?))
    };
    read().ok_or_else(|| "expected a system and its major version: ios:17 or android:14".to_owned())
}

/// The version of Microsoft Authenticator.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct AppVersion(pub(super) (u32, u32, u32));

pub(super) fn version(text: &str) -> Result<AppVersion, String> {
    let read = || {
        let mut parts = text.split('.').map(|part| part.parse::<u32>().ok());
        let version = (parts.next()??, parts.next()??, parts.next()??);
        parts.next().is_none().then_some(AppVersion(version))
    };
    read().ok_or_else(|| "expected a version with three numbers, such as 6.8.37".to_owned())
}
