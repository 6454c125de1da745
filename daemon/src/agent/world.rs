//! What an agent needs of the world.

use super::folders::Folders;
use super::prompt::PromptProgram;
use crate::history::HistoryKeeping;
use crate::settings::PolicyPlace;
use hybrid_dial::Network;
use hybrid_radio::AdapterChoice;
use hybrid_radio::bluez::Bus;

/// What an agent needs of the world.
pub struct AgentWorld {
    /// The system bus, with the service and bluetoothd on it.
    pub bus: Bus,
    /// The ways to relays.
    pub network: Network,
    /// The Bluetooth adapters that are used.
    pub adapters: AdapterChoice,
    /// How the person is asked, if at all.
    pub prompt: Option<PromptProgram>,
    /// Where it keeps things.
    pub folders: Folders,
    /// Whether ssh and PAM get a statement of attestation in place of an empty one.
    pub vouches: bool,
    /// Exports of the policies of organisations, which are asked before a code.
    pub policies: Vec<PolicyPlace>,
    /// Whether requests are kept in the history, and how their sites are named there.
    pub history: HistoryKeeping,
}
