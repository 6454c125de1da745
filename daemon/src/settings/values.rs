//! Everything that can be set, with its defaults.

use crate::history::HistoryKeeping;
use crate::qr::Show;
use hybrid_policy::ENTRA_HOSTS;
use hybrid_radio::AdapterChoice;
use std::fmt;
use std::path::{Path, PathBuf};
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
    /// Exports of the policies of organisations, by site.
    pub policies: Vec<PolicyPlace>,
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
            policies: Vec::new(),
            plain_attestation: false,
            log: None,
        }
    }
}

impl SettingValues {
    /// Where the exports are that speak of this site.
    pub fn policies_of(&self, rp_id: &str) -> Vec<PathBuf> {
        PolicyPlace::of(&self.policies, rp_id)
    }
}

/// `RP_ID=PATH`: a site, and where an export of its organisation's policy is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PolicyPlace {
    /// The relying party.
    pub rp_id: String,
    /// A file, or a folder with several.
    pub path: PathBuf,
}

impl PolicyPlace {
    /// The paths among these that are of this site.
    pub fn of(places: &[Self], rp_id: &str) -> Vec<PathBuf> {
        let of_site = |place: &&Self| place.rp_id.eq_ignore_ascii_case(rp_id);
        let paths = places.iter().filter(of_site);
        paths.map(|place| place.path.clone()).collect()
    }

    /// Reads one. Exports speak of Microsoft Entra alone, and a path means the same wherever the
    /// program runs.
    pub fn read(text: &str) -> Option<Self> {
        let (rp_id, path) = text.split_once('=')?;
        let (rp_id, path) = (rp_id.trim().to_ascii_lowercase(), Path::new(path.trim()));
        let known = ENTRA_HOSTS.contains(&rp_id.as_str()) && path.is_absolute();
        known.then(|| Self {
            rp_id,
            path: path.to_owned(),
        })
    }
}

impl fmt::Display for PolicyPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.rp_id, self.path.display())
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
