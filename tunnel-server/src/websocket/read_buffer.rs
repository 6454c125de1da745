//! The buffer that every read of a thread goes through: a connection that is idle owns none.

use crate::websocket::reader::MARGIN;
use core::cell::RefCell;

/// The most that is read at once, and so the most that one direction keeps when its reader is slow.
pub(crate) const READ: usize = 32 * 1024;

thread_local! {
    static BUFFER: RefCell<Vec<u8>> = RefCell::new(vec![0; MARGIN + READ]);
}

/// Lends the buffer, [`MARGIN`] and [`READ`] bytes long; what is to be kept of it must be copied
/// out.
pub(crate) fn lend<T>(work: impl FnOnce(&mut [u8]) -> T) -> T {
    BUFFER.with_borrow_mut(|buffer| work(buffer))
}
