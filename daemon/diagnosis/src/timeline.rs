//! What happened in a session, as data without secrets: safe to keep, to show, and to attach to a
//! report.

mod about;
mod json;
mod load;

pub use about::AboutSignIn;
pub use load::{LoadError, Loaded};

use crate::finding::Finding;
use crate::observation::network::NetStep;
use crate::observation::radio::Trouble;
use hybrid_protocol::HandshakeError;
use hybrid_protocol::{Cause, Failure, Stage, TunnelFault};
use serde_json::{Value, json};
use std::io::{self, Write};
use std::time::Duration;

/// More happens in no session that a person waits for; what comes after is dropped, except how it
/// ends.
const MAX_ENTRIES: usize = 20_000;

/// The version of a timeline that is kept.
pub const VERSION: u64 = 1;
const HEADER: &str = "timeline";

/// A session from its first code on.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Timeline {
    entries: Vec<TimelineEntry>,
    now: Duration,
}

/// Something that happened, with the time since the session began.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TimelineEntry {
    /// Since the first code was shown.
    pub at: Duration,
    /// What happened.
    pub what: EventKind,
}

/// The kinds of things that happen.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum EventKind {
    /// Another code replaced the one before.
    NewCode,
    /// A stage began.
    Stage(Stage),
    /// An advert was heard.
    Heard(AdvertSighting),
    /// So many Bluetooth LE devices of any kind have been heard so far.
    Neighbours(u32),
    /// The radio listens on these adapters.
    Listening(Vec<String>),
    /// The radio does not listen.
    Radio(Trouble),
    /// A step of opening the tunnel.
    Net(NetStep),
    /// A step of opening a line before it is known which relay the phone chooses.
    Ahead(NetStep),
    /// This program did not run for so long: the computer was suspended, or the program stopped.
    Paused(Duration),
    /// The phone answered with this CTAP status.
    Answered(u8),
    /// The session failed.
    Failed(SessionFailure),
    /// The diagnosis has something to say.
    Finding(Finding),
    /// The session ended.
    Done {
        /// With a reply.
        ok: bool,
    },
}

/// An advert, without its bytes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AdvertSighting {
    /// 16-bit service UUID.
    pub uuid: u16,
    /// Whose advert it was.
    pub whose: AdvertOwner,
    /// Signal strength, dBm.
    pub rssi: Option<i16>,
    /// The adapter that heard it.
    pub adapter: String,
}

/// Whose an advert was.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum AdvertOwner {
    /// The phone that scanned the code on the screen.
    Ours,
    /// A phone that scanned an earlier code of this program.
    Stale,
    /// Somebody else's.
    Foreign,
    /// Too short to tell.
    Malformed,
    /// Ours, but with a domain id or reserved byte of the future.
    Unknown,
    /// Of no phone: the test advert of `hybridd beacon`.
    Beacon,
}

/// How a session failed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SessionFailure {
    /// In which stage.
    pub at: Stage,
    /// The kind of cause.
    pub why: FailureKind,
    /// The cause in words.
    pub detail: String,
}

/// The kinds of failure, as far as the diagnosis tells them apart.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum FailureKind {
    /// The stage's budget ran out.
    TimedOut,
    /// The person stopped it.
    Cancelled,
    /// No tunnel.
    Tunnel(TunnelFault),
    /// The tunnel was closed, with this WebSocket code.
    Closed(Option<u16>),
    /// The phone said goodbye.
    PeerShutdown,
    /// The handshake does not fit.
    Handshake,
    /// A frame does not open.
    Frame,
    /// The phone offers no passkeys over this channel.
    NoPasskeys,
    /// Greeting or message cannot be understood.
    Message,
    /// What arrived cannot come from a relay and a phone that follow the rules.
    Rules,
    /// Our own defect.
    Defect,
}

impl Timeline {
    /// Adds what happened. Time only advances.
    pub fn push(&mut self, entry: TimelineEntry) {
        self.now = self.now.max(entry.at);
        let ends = matches!(
            entry.what,
            EventKind::Failed(_)
                | EventKind::Done { .. }
                | EventKind::Answered(_)
                | EventKind::Stage(_)
        );
        if self.entries.len() < MAX_ENTRIES || (ends && self.entries.len() < 2 * MAX_ENTRIES) {
            self.entries.push(entry);
        }
    }

    /// Lets time pass without anything happening.
    pub fn advance(&mut self, now: Duration) {
        self.now = self.now.max(now);
    }

    /// The line that stands above the entries where a timeline is kept, so that a later version
    /// knows whose it is.
    pub fn header() -> Value {
        json!({"ev": HEADER, "version": VERSION})
    }

    /// The version of what begins with this line; 0 is from before there were versions. `None` when
    /// it is no timeline.
    pub fn version(line: &[u8]) -> Option<u64> {
        let line: Value = serde_json::from_slice(line).ok()?;
        let ev = line.get("ev")?.as_str()?;
        if ev == HEADER {
            return line.get("version")?.as_u64();
        }
        TimelineEntry::from_json(&line).map(|_| 0)
    }

    fn is_header(line: &[u8]) -> bool {
        let line = serde_json::from_slice::<Value>(line).ok();
        line.is_some_and(|line| line.get("ev").and_then(Value::as_str) == Some(HEADER))
    }

    /// What happened, in order.
    pub fn entries(&self) -> &[TimelineEntry] {
        &self.entries
    }

    /// Up to when it is known that nothing else happened.
    pub const fn now(&self) -> Duration {
        self.now
    }

    /// Writes JSON Lines.
    ///
    /// # Errors
    /// What the writer says.
    pub fn save(&self, mut to: impl Write) -> io::Result<()> {
        self.entries
            .iter()
            .try_for_each(|entry| writeln!(to, "{}", entry.to_json()))
    }
}

impl From<&Failure> for SessionFailure {
    fn from(failure: &Failure) -> Self {
        let why = match &failure.cause {
            Cause::TimedOut => FailureKind::TimedOut,
            Cause::Cancelled => FailureKind::Cancelled,
            Cause::Tunnel(fault) => FailureKind::Tunnel(*fault),
            Cause::TunnelClosed { code } => FailureKind::Closed(*code),
            Cause::PeerShutdown => FailureKind::PeerShutdown,
            Cause::Handshake(HandshakeError::Internal) | Cause::Misuse(_) => FailureKind::Defect,
            Cause::Handshake(_) => FailureKind::Handshake,
            Cause::Frame(_) => FailureKind::Frame,
            Cause::NoCtap => FailureKind::NoPasskeys,
            Cause::Greeting(_)
            | Cause::Link(_)
            | Cause::Message(_)
            | Cause::Unsolicited
            | Cause::TooManyUpdates => FailureKind::Message,
            Cause::TextFrame | Cause::UnexpectedFrame | Cause::BadSignal => FailureKind::Rules,
            _ => FailureKind::Rules,
        };
        Self {
            at: failure.at,
            why,
            detail: failure.cause.to_string(),
        }
    }
}
