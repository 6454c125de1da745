//! What is waited for.

/// The name of a deadline. Of two at the same instant the one that ends something is named.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Wait {
    /// A message is not whole yet.
    Fragment,
    /// The agent looks into its memory.
    Memory,
    /// A person chooses among keys.
    Choice,
    /// A phone is asked.
    Answer,
    /// The next reports may be handed out.
    Pause,
    /// The next keepalive is due.
    Keepalive,
}
