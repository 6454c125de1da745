//! What a finished step has to tell: a short fact, an address, what is odd.

use std::net::IpAddr;

/// What a finished step has to tell.
pub(crate) trait Fact {
    fn fact(&self) -> String;

    fn addr(&self) -> Option<IpAddr> {
        None
    }

    /// The code of what is odd about it.
    fn oddity(&self) -> Option<&'static str> {
        None
    }
}
