//! The runtime of a program, made when all that it will need is there.

use crate::supplies::{self, Shortage};
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{SignalKind, signal};

/// One thread for names and files stays: the runtime would panic when it could not start the first.
const FOR_EVER: Duration = Duration::from_secs(365 * 24 * 3600);

/// Makes the runtime that a program lives in. One thread suffices for waiting, and keeps the
/// process small.
///
/// # Errors
/// [`Shortage`] says what the system does not give.
pub fn runtime() -> Result<Runtime, Shortage> {
    supplies::try_out()?;
    let runtime = Builder::new_current_thread()
        .enable_all()
        .thread_keep_alive(FOR_EVER)
        .build()
        .map_err(Shortage::Waiting)?;
    runtime.block_on(async {
        let _ = tokio::task::spawn_blocking(|| {}).await;
        // With a limit of file sizes a write is to fail, not to end the program. The handler stays.
        let _ = signal(SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw()));
    });
    Ok(runtime)
}
