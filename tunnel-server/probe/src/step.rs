//! The steps of a probe, and what came of each.

use core::fmt;
use core::time::Duration;
use hybrid_protocol::printable;

/// What is probed, step by step.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ProbeStep {
    /// The name is resolved.
    Dns,
    /// A TCP connection is made.
    Tcp,
    /// TLS is set up and the certificate checked; only for `https` and `wss`.
    Tls,
    /// The phone's side opens a tunnel: upgrade, subprotocol, routing id.
    Open,
    /// A wrong routing id is refused, exactly like a tunnel that does not exist.
    Guess,
    /// The desktop's side joins, over a second connection.
    Pair,
    /// A short message each way.
    Small,
    /// A long message each way.
    Large,
    /// The desktop's side closes, and the phone's side is told.
    Close,
}

impl ProbeStep {
    /// All of them, in order.
    pub const ALL: [Self; 9] = [
        Self::Dns,
        Self::Tcp,
        Self::Tls,
        Self::Open,
        Self::Guess,
        Self::Pair,
        Self::Small,
        Self::Large,
        Self::Close,
    ];

    /// Its name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dns => "dns",
            Self::Tcp => "tcp",
            Self::Tls => "tls",
            Self::Open => "open",
            Self::Guess => "guess",
            Self::Pair => "pair",
            Self::Small => "small",
            Self::Large => "large",
            Self::Close => "close",
        }
    }
}

/// One step, done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StepReport {
    /// Which step it was.
    pub step: ProbeStep,
    /// How long it took.
    pub took: Duration,
    /// What was seen, or why it failed.
    pub outcome: Result<String, ProbeFault>,
}

/// Why a step failed: what was seen, and what to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProbeFault {
    /// What was seen.
    pub saw: String,
    /// What it means, and what to do about it.
    pub advice: String,
}

impl ProbeFault {
    pub(crate) fn new(saw: impl fmt::Display, advice: &str) -> Self {
        Self {
            // Certificates and close reasons hold what others wrote; a terminal must not obey it.
            saw: printable(&saw.to_string()),
            advice: advice.to_owned(),
        }
    }
}
