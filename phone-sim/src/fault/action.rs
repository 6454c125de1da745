//! What is done in a session, by a phone that keeps the rules or by one that does not.

use hybrid_protocol::{Failure, Route, Stage, Wiped};
use std::time::Duration;

/// What is done, in order.
pub(crate) enum Action {
    /// A stage began.
    Entered(Stage),
    /// Do nothing for so long, but for reading.
    Wait(Duration),
    /// Open the tunnel and tell the phone.
    Open(Route),
    /// Open a tunnel, tell nobody, and leave it as a phone does whose network is gone.
    OpenAndLose(Route),
    /// Broadcast this service data.
    Advertise(Vec<u8>),
    StopAdvertising,
    /// Send a binary message.
    Send(Vec<u8>),
    SendText(String),
    /// Send so many WebSocket pings.
    Ping(u32),
    /// Ask the user about a command, and have it answered.
    Ask(Wiped),
    /// Close the tunnel with a goodbye.
    Close,
    /// Close the tunnel without one, as a network that fails.
    Cut,
    /// Tell the phone that its user gave up.
    GiveUp,
    Failed(Failure),
    Ended,
}
