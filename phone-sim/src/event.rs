//! What the phone does, as JSON Lines (interface contract).

use crate::fault::Fault;
use hybrid_protocol::RoutingId;
use serde_json::{Value, json};

/// Something that happened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Event {
    /// This fault will be played.
    Fault(Fault),
    /// The relay gave this routing id.
    Tunnel(RoutingId),
    /// These bytes are on the air.
    Advert(Vec<u8>),
    /// A command came.
    Ctap {
        /// Its name.
        command: &'static str,
        /// The relying party, when it names one.
        rp_id: Option<String>,
    },
    /// The session ended.
    Done {
        /// Whether a command was served with success.
        ok: bool,
        /// Why not, when it was not.
        why: Option<String>,
    },
}

impl Event {
    /// One line.
    pub fn to_json(&self) -> Value {
        match self {
            Self::Fault(fault) => json!({"ev": "fault", "fault": fault.to_string()}),
            Self::Tunnel(routing) => {
                json!({"ev": "tunnel", "routing_id": hex::encode(routing.as_bytes())})
            }
            Self::Advert(data) => json!({"ev": "advert", "hex": hex::encode(data)}),
            Self::Ctap { command, rp_id } => {
                json!({"ev": "ctap", "command": command, "rp_id": rp_id})
            }
            Self::Done { ok, why: None } => json!({"ev": "done", "ok": ok}),
            Self::Done { ok, why: Some(why) } => json!({"ev": "done", "ok": ok, "why": why}),
        }
    }
}
