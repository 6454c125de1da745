//! Work that may have to wait for others.

use std::io;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// Does something that may have to wait for others, and waits for it no longer than this; it goes
/// on without us.
///
/// # Errors
/// [`io::ErrorKind::TimedOut`], or what the system says when it has no thread left.
pub fn within<T: Send + 'static>(
    limit: Duration,
    work: impl FnOnce() -> T + Send + 'static,
) -> io::Result<T> {
    let (done, waits) = mpsc::sync_channel(1);
    thread::Builder::new()
        .name("limited".to_owned())
        .spawn(move || drop(done.send(work())))?;
    let late = |_| {
        io::Error::new(
            io::ErrorKind::TimedOut,
            format!("it took longer than {limit:?}"),
        )
    };
    waits.recv_timeout(limit).map_err(late)
}
