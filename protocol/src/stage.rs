//! The named stages of a session and how long each may take.

use core::fmt;
use core::time::Duration;

/// What a session is waiting for. Every stage has a budget, so that "it hangs" cannot be
/// represented.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum Stage {
    /// Linked flow: asking the relay to wake the phone.
    Contact,
    /// Waiting for the phone's Bluetooth advert: the person scans, the phone opens its tunnel, then
    /// advertises.
    Advert,
    /// Opening the desktop's side of the tunnel (on a phone: opening its own).
    Tunnel,
    /// Two Noise messages.
    Handshake,
    /// The phone's post-handshake message: what it can do.
    Greeting,
    /// The channel is up; the caller has not handed over its CTAP command yet (on a phone: the
    /// desktop has not).
    Request,
    /// The command is at the phone; its user decides.
    Reply,
    /// The reply is there; a late linking update may still come.
    Linger,
    /// Nothing more will happen.
    Done,
}

impl Stage {
    /// The longest time the stage may take before the session fails in it.
    pub const fn budget(self) -> Duration {
        Duration::from_secs(match self {
            Self::Contact | Self::Tunnel | Self::Handshake | Self::Greeting => 10,
            Self::Advert => 90,
            Self::Request => 30,
            // The user is reading, unlocking, choosing: WebAuthn callers commonly allow five
            // minutes.
            Self::Reply => 300,
            Self::Linger => 180,
            Self::Done => 0,
        })
    }

    /// The stable name used in events, timelines and findings.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Contact => "contact",
            Self::Advert => "advert",
            Self::Tunnel => "tunnel",
            Self::Handshake => "handshake",
            Self::Greeting => "greeting",
            Self::Request => "request",
            Self::Reply => "reply",
            Self::Linger => "linger",
            Self::Done => "done",
        }
    }

    /// Every stage, in the order of the QR flow (with `Contact` first).
    pub const ALL: [Self; 9] = [
        Self::Contact,
        Self::Advert,
        Self::Tunnel,
        Self::Handshake,
        Self::Greeting,
        Self::Request,
        Self::Reply,
        Self::Linger,
        Self::Done,
    ];

    /// Reads a name back, for saved timelines.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.name() == name)
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_stage_is_found_by_its_name() {
        for stage in Stage::ALL {
            assert_eq!(Stage::from_name(stage.name()), Some(stage));
        }
        assert_eq!(Stage::from_name("waiting"), None);
    }
}
