//! Whether connections are accepted: what `/readyz` has to know, and the task that accepts cannot
//! say once it has ended.

use core::sync::atomic::{AtomicU8, Ordering};

/// How accepting goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Accepting {
    /// As far as is known.
    Open,
    /// The last try failed; it is tried again.
    Stuck,
    /// Nobody tries any longer.
    Gone,
}

/// The same, for all to see.
#[derive(Default, Debug)]
pub(crate) struct AcceptState(AtomicU8);

impl AcceptState {
    /// Hangs up another one; what it said before.
    pub(crate) fn set(&self, accepting: Accepting) -> Accepting {
        Self::read(self.0.swap(accepting as u8, Ordering::Relaxed))
    }

    pub(crate) fn now(&self) -> Accepting {
        Self::read(self.0.load(Ordering::Relaxed))
    }

    const fn read(byte: u8) -> Accepting {
        match byte {
            0 => Accepting::Open,
            1 => Accepting::Stuck,
            _ => Accepting::Gone,
        }
    }
}
