//! Locks that are taken however the last holder ended.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Nothing panics while it holds one of our locks, and if it did, every table would still be whole.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
