//! What a relay can do wrong to a desktop that asks for the phone's tunnel, simply enough for the
//! demo to play.

use crate::lab::{Relay, read_head};
use std::error::Error;
use tokio::io::AsyncReadExt as _;

/// One misbehaviour of a relay.
pub struct RelayFault {
    /// As it is typed.
    pub name: &'static str,
    /// What it does, in the third person.
    pub does: &'static str,
    /// The code that the desktop is to show.
    pub code: &'static str,
    kind: Kind,
}

#[derive(Clone, Copy)]
enum Kind {
    Answers(&'static str),
    HangsUp,
    IsSilent,
}

/// All of them.
pub static RELAY_FAULTS: [RelayFault; 6] = [
    RelayFault {
        name: "relay-404",
        does: "the relay does not know the phone's tunnel",
        code: "NW15",
        kind: Kind::Answers("404 Not Found"),
    },
    RelayFault {
        name: "relay-410",
        does: "the relay reports that the phone's tunnel no longer exists",
        code: "NW15",
        kind: Kind::Answers("410 Gone"),
    },
    RelayFault {
        name: "relay-429",
        does: "the relay limits requests",
        code: "NW17",
        kind: Kind::Answers("429 Too Many Requests\r\nRetry-After: 30"),
    },
    RelayFault {
        name: "relay-503",
        does: "the relay is overloaded",
        code: "NW17",
        kind: Kind::Answers("503 Service Unavailable"),
    },
    RelayFault {
        name: "relay-cuts",
        does: "the relay closes the connection without an answer",
        code: "NW21",
        kind: Kind::HangsUp,
    },
    RelayFault {
        name: "relay-silent",
        does: "the relay never answers",
        code: "NW12",
        kind: Kind::IsSilent,
    },
];

impl RelayFault {
    /// Looks a name up.
    pub fn find(name: &str) -> Option<&'static Self> {
        RELAY_FAULTS.iter().find(|fault| fault.name == name)
    }

    /// Starts a relay that does it.
    ///
    /// # Errors
    /// What the system says.
    pub async fn start(&self) -> Result<Relay, Box<dyn Error>> {
        match self.kind {
            Kind::Answers(status) => {
                let answer =
                    format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
                Relay::answering(answer).await
            }
            Kind::HangsUp => Relay::answering("").await,
            Kind::IsSilent => {
                Relay::behaving(|mut io| async move {
                    read_head(&mut io).await;
                    // Until the desktop has had enough.
                    let _ = io.read_u8().await;
                })
                .await
            }
        }
    }
}
