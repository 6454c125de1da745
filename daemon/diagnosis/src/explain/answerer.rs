//! Whose an answer over an encrypted connection is.

/// Who can have given an answer over an encrypted connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Answerer {
    /// The relay alone: a public authority vouches for whoever holds the certificate's key.
    Relay,
    /// The relay, or what inspects the traffic on the way to it.
    Anyone,
}
