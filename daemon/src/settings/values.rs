//! Everything that can be set, with its defaults.

use crate::history::HistoryKeeping;
use crate::qr::Show;
use hybrid_radio::AdapterChoice;
use std::fmt;
use std::time::Duration;
use zeroize::Zeroizing;

/// Everything that can be set.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SettingValues {
    /// Lines to the well-known relays are opened while the code is shown.
    pub preconnect: bool,
    /// The timeline of the last sign-in is kept in the person's state folder.
    pub keep_timeline: bool,
    /// Whether ceremonies are kept in the history, and how their sites are named there.
    pub history: HistoryKeeping,
    /// The Bluetooth adapters that are used.
    pub adapters: AdapterChoice,
    /// How the code is shown; `None` leaves it to whether there is a terminal.
    pub qr: Option<Show>,
    /// How long a registration or sign-in may take in all.
    pub seconds: Option<Duration>,
    /// The proxy; without one the desktop's settings are asked.
    pub proxy: Option<ProxyText>,
    /// Hosts that are reached without a proxy.
    pub no_proxy: Vec<String>,
    /// ssh and PAM get a phone's empty attestation as it is.
    pub plain_attestation: bool,
    /// What is logged; `None` leaves it to the command.
    pub log: Option<String>,
}

impl Default for SettingValues {
    fn default() -> Self {
        Self {
            preconnect: true,
            keep_timeline: true,
            history: HistoryKeeping::default(),
            adapters: AdapterChoice::Any,
            qr: None,
            seconds: None,
            proxy: None,
            no_proxy: Vec::new(),
            plain_attestation: false,
            log: None,
        }
    }
}

/// A proxy's address as somebody wrote it, which may hold a password.
#[derive(Clone, PartialEq, Eq)]
pub struct ProxyText(pub(super) Zeroizing<String>);

impl ProxyText {
    /// For whoever connects.
    pub fn expose(&self) -> Zeroizing<String> {
        self.0.clone()
    }
}

impl fmt::Debug for ProxyText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProxyText(hidden)")
    }
}
