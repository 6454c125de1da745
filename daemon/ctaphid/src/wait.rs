//! What is waited for.

/// The name of a deadline.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Wait {
    /// The next report may be handed out.
    Pause,
    /// The next keepalive is due.
    Keepalive,
    /// A message is not whole yet.
    Fragment,
    /// The agent looks into its memory.
    Memory,
    /// A person chooses among keys.
    Choice,
    /// A phone is asked.
    Answer,
}
