//! What systemd gives us and is told: the listening socket, readiness, reload, drain, and a sign of
//! life.
//!
//! Without systemd there is no socket, and nobody is told.

use super::command_error::CommandError;
use super::output::Output;
use core::time::Duration;
use hybrid_tunnel_server::adopt;
use listenfd::ListenFd;
use sd_notify::NotifyState;
use std::io::{self, Write};
use tokio::net::TcpListener;
use tracing::debug;

/// The socket of a socket unit (`LISTEN_FDS`), if we were given one.
///
/// # Errors
/// [`CommandError`] when it is not one listening TCP socket.
pub(crate) fn socket() -> Result<Option<TcpListener>, CommandError> {
    let mut given = ListenFd::from_env();
    match given.len() {
        0 => Ok(None),
        1 => {
            let wrong = |error: io::Error| {
                let what = "systemd passed a socket that is not a listening TCP socket";
                CommandError::caused(format!("{what}: {error}"), error)
            };
            let listener = given.take_tcp_listener(0).map_err(wrong)?;
            listener.map(adopt).transpose().map_err(wrong)
        }
        many => Err(CommandError::new(format!(
            "systemd passed {many} sockets, expected one: ListenStream=443 alone accepts IPv4 and IPv6"
        ))),
    }
}

/// Whom we tell.
pub(crate) struct Systemd(Option<Output>);

impl Systemd {
    /// Nobody, unless systemd (or somebody like it) wants to be told.
    pub(crate) fn start() -> io::Result<Self> {
        let wanted = std::env::var_os("NOTIFY_SOCKET").is_some();
        let output = wanted.then(|| Output::start("systemd", Manager, |_| Vec::new()));
        output.transpose().map(Self)
    }

    /// The start is over.
    pub(crate) fn ready(&self) {
        self.tell(&[NotifyState::Ready, NotifyState::Status("serving")]);
    }

    /// A reload begins; [`Self::ready`] ends it.
    pub(crate) fn reloading(&self) {
        // systemd from 253 on wants to know when, older ones do not mind.
        match NotifyState::monotonic_usec_now() {
            Ok(now) => self.tell(&[NotifyState::Reloading, now]),
            Err(_) => self.tell(&[NotifyState::Reloading]),
        }
    }

    /// The end begins and takes at most this long, whatever `TimeoutStopSec` says.
    pub(crate) fn stopping(&self, at_most: Duration) {
        let extend = format!("EXTEND_TIMEOUT_USEC={}", at_most.as_micros());
        self.tell(&[
            NotifyState::Stopping,
            NotifyState::Status("draining: accepting no new tunnels, finishing running ones"),
            NotifyState::Custom(&extend),
        ]);
    }

    /// The loop that serves every connection still runs (`WatchdogSec`).
    pub(crate) fn alive(&self) {
        self.tell(&[NotifyState::Watchdog]);
    }

    /// Waits until systemd has been told everything, or does not listen.
    pub(crate) fn finish(&self) {
        if let Some(output) = &self.0 {
            output.finish();
        }
    }

    fn tell(&self, states: &[NotifyState<'_>]) {
        if let Some(output) = &self.0 {
            let lines: Vec<String> = states.iter().map(ToString::to_string).collect();
            output.push(lines.join("\n").as_bytes());
        }
    }
}

/// Each write is one datagram.
struct Manager;

impl Write for Manager {
    fn write(&mut self, message: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(message);
        if let Err(error) = sd_notify::notify(&[NotifyState::Custom(&text)]) {
            debug!(%error, "cannot notify systemd");
        }
        // What was not heard once is said in another way the next time: nothing is to be made up
        // for.
        Ok(message.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
