//! Misbehaviour with the phone's own tunnel.

use super::Kind;
use super::action::Action;
use super::entry::{Entry, harmless, plain};
use hybrid_protocol::Route;

#[derive(Clone, Copy)]
pub(crate) enum Tunnel {
    /// Never opens one, and so never advertises.
    Silent,
    /// Loses it and opens another one, as between Wi-Fi and mobile data.
    Reconnect,
    /// Closes it before it advertises.
    Leave,
}

/// The code that is scanned, and the phone's own tunnel.
pub(super) static TABLE: &[Entry] = &[
    plain(
        "stale-qr",
        Kind::StaleCode,
        "AD03",
        "keeps a code until another one is shown, and answers the one it kept",
    ),
    plain(
        "silent",
        Kind::Tunnel(Tunnel::Silent),
        "AD01",
        "scans the code and does nothing",
    ),
    harmless(
        "reconnect",
        Kind::Tunnel(Tunnel::Reconnect),
        "loses its tunnel without a goodbye and opens another one before it advertises (Wi-Fi to mobile data)",
    ),
    plain(
        "leave",
        Kind::Tunnel(Tunnel::Leave),
        "NW15",
        "closes its tunnel and advertises it all the same",
    ),
];

impl Tunnel {
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
