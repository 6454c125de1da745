//! What a client sent that RFC 6455 forbids.

/// How a client broke RFC 6455. The text is the reason that its close frame gives.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Malformed(pub(crate) &'static str);
