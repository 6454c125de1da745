//! Misbehaviour with the phone's own tunnel.

use super::action::Action;
use super::entry::{FaultEntry, harmless, plain};
use super::kind::{FaultKind, OpeningFault};
use hybrid_protocol::Route;

/// The code that is scanned, and the phone's own tunnel.
pub(super) static TABLE: &[FaultEntry] = &[
    plain(
        "stale-qr",
        FaultKind::StaleCode,
        "AD03",
        "keeps a code until another one is shown, and answers the one it kept",
    ),
    plain(
        "silent",
        FaultKind::Tunnel(OpeningFault::Silent),
        "AD01",
        "scans the code and does nothing",
    ),
    harmless(
        "reconnect",
        FaultKind::Tunnel(OpeningFault::Reconnect),
        "drops its tunnel without closing it and opens another before it advertises (Wi-Fi to mobile data)",
    ),
    plain(
        "leave",
        FaultKind::Tunnel(OpeningFault::Leave),
        "NW15",
        "closes its tunnel and advertises it anyway",
    ),
];

impl OpeningFault {
    /// In place of opening the tunnel.
    pub(crate) fn open(self, route: Route) -> Vec<Action> {
        match self {
            Self::Silent => Vec::new(),
            Self::Reconnect => vec![Action::OpenAndLose(route.clone()), Action::Open(route)],
            Self::Leave => vec![Action::Open(route)],
        }
    }

    /// Before the advert.
    pub(crate) fn before_advert(self) -> Vec<Action> {
        match self {
            Self::Silent | Self::Reconnect => Vec::new(),
            Self::Leave => vec![Action::Close],
        }
    }
}
