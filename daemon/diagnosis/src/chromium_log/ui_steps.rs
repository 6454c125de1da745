//! The steps of Chromium's dialog, which it logs as `UI step: kName` (AuthenticatorRequestDialogModel,
//! several versions up to 2026).

use crate::catalogue::{
    ALREADY_REGISTERED, DECLINED_ON_PHONE, Entry, NO_ADAPTER, NO_PASSKEY_FOR_SITE,
    PHONE_CANNOT_DO_WHAT_SITE_REQUIRES, PHONE_FULL,
};
use crate::finding::{Certainty, Finding};
use crate::plain_text::squeezed;
use std::fmt;

/// What the dialog does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum UiStep {
    /// It shows the code.
    Code,
    /// It asked a linked phone.
    LinkedPhone,
    /// It asks for a security key.
    SecurityKey,
    /// It connects to the phone.
    Connecting,
    /// The phone is connected.
    Connected,
    /// The connection to the phone failed.
    Failed,
    /// Nobody did anything in the time that the site gave.
    TimedOut,
    /// How it ended.
    Last(&'static LastStep),
}

/// A step with which the dialog ends.
#[derive(PartialEq, Eq, Debug)]
pub(super) struct LastStep {
    name: &'static str,
    entry: &'static Entry,
    certainty: Certainty,
    saw: &'static str,
    pub(super) counts: Counts,
}

/// When a step tells the cause.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Counts {
    Always,
    /// It has other causes where no phone was heard.
    WhenPhoneWasHeard,
    /// It is about something else where Bluetooth is there.
    WithoutAdapter,
}

/// Lines of the phone's answer say more; these count where there are none.
static LAST_STEPS: [LastStep; 7] = [
    LastStep {
        name: "kKeyNotRegistered",
        entry: &NO_PASSKEY_FOR_SITE,
        certainty: Certainty::Likely,
        saw: "Chromium shows that the device holds none of the passkeys that the site asked for",
        counts: Counts::Always,
    },
    LastStep {
        name: "kErrorNoPasskeys",
        entry: &NO_PASSKEY_FOR_SITE,
        certainty: Certainty::Likely,
        saw: "Chromium shows that there are no passkeys for this site",
        counts: Counts::Always,
    },
    LastStep {
        name: "kKeyAlreadyRegistered",
        entry: &ALREADY_REGISTERED,
        certainty: Certainty::Likely,
        saw: "Chromium shows that the device is already registered",
        counts: Counts::Always,
    },
    LastStep {
        name: "kMissingCapability",
        entry: &PHONE_CANNOT_DO_WHAT_SITE_REQUIRES,
        certainty: Certainty::Likely,
        saw: "Chromium shows that the device cannot be used with this site",
        counts: Counts::Always,
    },
    LastStep {
        name: "kStorageFull",
        entry: &PHONE_FULL,
        certainty: Certainty::Likely,
        saw: "Chromium shows that the device has no room for another passkey",
        counts: Counts::Always,
    },
    LastStep {
        name: "kErrorInternalUnrecognized",
        entry: &DECLINED_ON_PHONE,
        certainty: Certainty::Possible,
        saw: "Chromium shows that something went wrong, as it does when a request is declined",
        counts: Counts::WhenPhoneWasHeard,
    },
    LastStep {
        name: "kErrorNoAvailableTransports",
        entry: &NO_ADAPTER,
        certainty: Certainty::Possible,
        saw: "Chromium shows that it has no way to reach a phone",
        counts: Counts::WithoutAdapter,
    },
];

impl UiStep {
    /// None for steps that have nothing to do with a phone.
    fn of_name(name: &str) -> Option<Self> {
        Some(match name {
            "kCableV2QRCode" => Self::Code,
            "kCableActivate" => Self::LinkedPhone,
            "kCableV2Connecting" => Self::Connecting,
            "kCableV2Connected" => Self::Connected,
            "kCableV2Error" => Self::Failed,
            "kTimedOut" => Self::TimedOut,
            "kUsbInsertAndActivate" => Self::SecurityKey,
            _ if name.starts_with("kClientPin") => Self::SecurityKey,
            _ => Self::Last(LAST_STEPS.iter().find(|step| step.name == name)?),
        })
    }

    pub(super) fn finding(self) -> Option<Finding> {
        match self {
            Self::Last(LastStep {
                entry,
                certainty,
                saw,
                ..
            }) => Some(Finding::new(entry, *certainty, saw)),
            Self::Code
            | Self::LinkedPhone
            | Self::SecurityKey
            | Self::Connecting
            | Self::Connected
            | Self::Failed
            | Self::TimedOut => None,
        }
    }

    /// When it comes in a sign-in, among the other lines; none for what can come at any time.
    pub(super) const fn rank(self) -> Option<u8> {
        Some(match self {
            Self::Code => 1,
            Self::Connecting => 2,
            Self::Connected => 5,
            Self::Failed | Self::TimedOut | Self::Last(_) => 10,
            Self::LinkedPhone | Self::SecurityKey => return None,
        })
    }

    /// Whether the dialog turned to a phone.
    pub(super) const fn is_of_phones_alone(self) -> bool {
        matches!(self, Self::Code | Self::LinkedPhone | Self::Connecting)
    }

    /// Whether it can be about a security key when the dialog asked for one.
    pub(super) const fn is_of_any_device(self) -> bool {
        matches!(self, Self::SecurityKey | Self::TimedOut | Self::Last(_))
    }
}

impl fmt::Display for UiStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Code => "Chromium shows the code",
            Self::LinkedPhone => "Chromium asked a linked phone",
            Self::SecurityKey => "Chromium asks for a security key",
            Self::Connecting => "Chromium shows that it connects to the phone",
            Self::Connected => "Chromium shows that the phone is connected",
            Self::Failed => "Chromium shows that the connection to the phone failed",
            Self::TimedOut => "Chromium's time for the request ran out",
            Self::Last(step) => step.saw,
        })
    }
}

/// The first step of a record that has to do with a phone.
pub(super) fn find(record: &str) -> Option<UiStep> {
    const STEP: &str = "UI step:";
    // It may be folded anywhere.
    let mut rest = record;
    while let Some(at) = rest.find('U') {
        rest = rest.get(at..).unwrap_or_default();
        if let Some(named) = after(rest, STEP) {
            let whole = squeezed(named);
            let first = named.split_whitespace().next().unwrap_or_default();
            let step = UiStep::of_name(name(&whole)).or_else(|| UiStep::of_name(name(first)));
            if step.is_some() {
                return step;
            }
        }
        rest = rest.get(1..).unwrap_or_default();
    }
    None
}

/// What stands after a text, wherever there are spaces in it.
fn after<'t>(text: &'t str, begins: &str) -> Option<&'t str> {
    let mut expected = begins.chars().filter(|char| !char.is_whitespace());
    let mut next = expected.next();
    for (at, char) in text.char_indices() {
        match next {
            None => return text.get(at..),
            Some(_) if char.is_whitespace() => {}
            Some(expects) if expects == char => next = expected.next(),
            Some(_) => return None,
        }
    }
    None
}

fn name(text: &str) -> &str {
    let end = text.find(|char: char| !char.is_ascii_alphanumeric());
    text.get(..end.unwrap_or(text.len())).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_found_wherever_its_line_is_folded() {
        let record = "FIDOEvent[10:00:00] UI step: kCableV2Connected";
        for at in 0..record.len() {
            let (before, after) = record.split_at(at);
            let folded = format!("{before}\n{after}");
            assert_eq!(find(&folded), Some(UiStep::Connected), "{folded}");
        }
        assert_eq!(
            find("UI step: kTimedOut\nThat is all"),
            Some(UiStep::TimedOut)
        );
        assert_eq!(
            find("UI step: kClosed UI step: kCableV2QRCode"),
            Some(UiStep::Code)
        );
        for other in ["UI step: kNotStarted", "UI step:", "UI", "", "USB"] {
            assert_eq!(find(other), None, "{other}");
        }
    }
}
