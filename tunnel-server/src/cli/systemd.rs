//! What systemd gives us and is told: the listening socket, readiness, reload, drain, and a sign of
//! life.
//!
//! Without systemd there is no socket, and nobody is told.

use core::time::Duration;
use hybrid_tunnel_server::adopt;
use listenfd::ListenFd;
use sd_notify::NotifyState;
use tokio::net::TcpListener;
use tracing::debug;

/// The socket of a socket unit (`LISTEN_FDS`), if we were given one.
///
/// # Errors
/// A sentence when it is not one listening TCP socket.
pub(crate) fn socket() -> Result<Option<TcpListener>, String> {
    let mut given = ListenFd::from_env();
    match given.len() {
        0 => Ok(None),
        1 => {
            let wrong = |error| {
                format!("systemd passed a socket that is not a listening TCP socket: {error}")
            };
            let listener = given.take_tcp_listener(0).map_err(wrong)?;
            listener.map(adopt).transpose().map_err(wrong)
        }
        many => Err(format!(
            "systemd passed {many} sockets, expected one: ListenStream=443 alone takes IPv4 and IPv6"
        )),
    }
}

/// The start is over.
pub(crate) fn ready() {
    tell(&[NotifyState::Ready, NotifyState::Status("serving")]);
}

/// A reload begins; [`ready`] ends it.
pub(crate) fn reloading() {
    // systemd from 253 on wants to know when, older ones do not mind.
    match NotifyState::monotonic_usec_now() {
        Ok(now) => tell(&[NotifyState::Reloading, now]),
        Err(_) => tell(&[NotifyState::Reloading]),
    }
}

/// The end begins and takes at most this long, whatever `TimeoutStopSec` says.
pub(crate) fn stopping(at_most: Duration) {
    let extend = format!("EXTEND_TIMEOUT_USEC={}", at_most.as_micros());
    tell(&[
        NotifyState::Stopping,
        NotifyState::Status("draining: no new tunnels, running ones finish"),
        NotifyState::Custom(&extend),
    ]);
}

/// The loop that serves every connection still runs (`WatchdogSec`).
pub(crate) fn alive() {
    tell(&[NotifyState::Watchdog]);
}

fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        debug!(%error, "cannot tell systemd");
    }
}
