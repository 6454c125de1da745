//! Whether connections are accepted: what `/readyz` has to know, and the task that accepts cannot say once it has ended.

use crate::shared::Shared;
use core::sync::atomic::{AtomicU8, Ordering};
use std::sync::Arc;

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

/// Kept by the task that accepts: however it ends, the sign says so.
pub(crate) struct Porter(pub(crate) Arc<Shared>);

impl Drop for Porter {
    fn drop(&mut self) {
        self.0.door.set(Door::Gone);
    }
}
