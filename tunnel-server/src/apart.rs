//! Work that blocks, apart from the one thread that serves all connections.

use std::io;
use std::thread;
use tokio::sync::oneshot;

/// Has work done on a thread of its own. Who ceases to wait does not end it: a file may be long,
/// and a disk may not answer. Whoever asks for more than one at a time bounds them.
///
/// # Errors
/// That of the system when there is no thread to be had, or that the work ended without a result.
pub async fn apart<T: Send + 'static>(
    name: &str,
    work: impl FnOnce() -> T + Send + 'static,
) -> io::Result<T> {
    let (done, result) = oneshot::channel();
    let thread = thread::Builder::new().name(name.to_owned());
    thread.spawn(move || drop(done.send(work())))?;
    result
        .await
        .map_err(|_| io::Error::other("the work ended without a result"))
}
