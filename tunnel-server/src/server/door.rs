//! Whether connections are accepted: what `/readyz` has to know, and the task that accepts cannot
//! say once it has ended.

use core::sync::atomic::{AtomicU8, Ordering};

/// How accepting goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Door {
    /// As far as is known.
    Open,
    /// The last try failed; it is tried again.
    Stuck,
    /// Nobody tries any longer.
    Gone,
}

/// The same, for all to see.
#[derive(Default, Debug)]
pub(crate) struct Sign(AtomicU8);

impl Sign {
    /// Hangs up another one; what it said before.
    pub(crate) fn set(&self, door: Door) -> Door {
        Self::read(self.0.swap(door as u8, Ordering::Relaxed))
    }

    pub(crate) fn now(&self) -> Door {
        Self::read(self.0.load(Ordering::Relaxed))
    }

    const fn read(byte: u8) -> Door {
        match byte {
            0 => Door::Open,
            1 => Door::Stuck,
            _ => Door::Gone,
        }
    }
}
