//! `tunnel-server serve`: from the settings to the last tunnel's end.

use super::answer::{WRONG, wrong};
use super::command_error::CommandError;
use super::log;
use super::output::Output;
use super::reload::{Reload, WatchedFiles};
use super::resources;
use super::settings_source::SettingsSource;
use super::systemd::{self, Systemd};
use clap::ArgMatches;
use core::future::Future;
use core::time::Duration;
use hybrid_tunnel_server::{
    BadState, BindError, Config, LogFormat, RelaySettings, Running, Server, listen,
};
use serde_json::json;
use std::fs::File;
use std::io;
use std::os::fd::AsFd as _;
use std::process::ExitCode;
use std::sync::Arc;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::{interval, timeout};
use tracing::{error, info, warn};

/// How often the files of certificate and revocations are looked at for a change, and systemd is
/// told that we live.
const WATCH: Duration = Duration::from_secs(5);

pub(crate) fn run(matches: &ArgMatches) -> ExitCode {
    if let Err(sentence) = resources::check(resources::SERVE) {
        return wrong(&sentence);
    }
    let source = SettingsSource::new(matches);
    let read = read(&source);
    let format = { read.as_ref() }.map_or(LogFormat::Text, |(settings, ..)| settings.log);
    let log = match log::start(format) {
        Ok(log) => log,
        Err(error) => return wrong(&format_args!("cannot start the log: {error}")),
    };
    let ended = read.and_then(|read| start(source, read));
    if let Err(sentence) = &ended {
        log.push(format!("tunnel-server: {sentence}\n").as_bytes());
    }
    log.finish();
    ended.map_or(ExitCode::from(WRONG), |()| ExitCode::SUCCESS)
}

/// Everything that is set: the settings, the files that they name, and what is in them.
type Read = (RelaySettings, WatchedFiles, Config);

/// Reads everything. The times of the files are taken before the files, so that no change falls
/// between.
fn read(source: &SettingsSource) -> Result<Read, CommandError> {
    let settings = source.settings()?;
    let files = WatchedFiles::of(&settings);
    let config = settings.config().map_err(CommandError::of)?;
    Ok((settings, files, config))
}

fn start(source: SettingsSource, read: Read) -> Result<(), CommandError> {
    // One thread: a pair's two sockets and its room are then never shared, and one core carries
    // thousands of tunnels.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.map_err(cannot_start)?;
    let served = runtime.block_on(serve(source, read));
    // A disk that does not answer does not keep the relay from ending: whatever is not confirmed
    // may be lost.
    runtime.shutdown_background();
    served
}

async fn serve(
    source: SettingsSource,
    (settings, files, config): Read,
) -> Result<(), CommandError> {
    let tls = config.tls.is_some();
    let relay = match systemd::socket()? {
        Some(listener) => Server::serve(config, listener),
        None => Server::bind(config).await,
    };
    let relay = relay.map_err(CommandError::of)?;
    let mut admin_at = None;
    if let Some(address) = settings.admin {
        let refused = |error| {
            let error = BindError::Listen(address, error);
            CommandError::caused(format!("--admin: {error}"), error)
        };
        let listener = listen(address).map_err(refused)?;
        admin_at = Some(listener.local_addr().map_err(refused)?.to_string());
        relay.admin(listener);
    }
    let (stdout, systemd) = outputs().map_err(cannot_start)?;
    let mut signals = Signals::new()
        .map_err(|error| CommandError::caused(format!("cannot handle signals: {error}"), error))?;
    if !tls {
        warn!("speaking plain HTTP: phones and desktops use TLS only, so put a TLS proxy in front");
    }
    let ready = json!({ "ev": "listening", "addr": relay.local_addr().to_string(), "tls": tls, "admin": admin_at });
    stdout.push(format!("{ready}\n").as_bytes());
    systemd.ready();
    let systemd = Arc::new(systemd);
    let reload = Reload::new(source, settings, files, Arc::clone(&systemd));
    work(&relay, reload, &mut signals, &systemd).await;
    relay.shutdown().await;
    info!("stopped");
    stdout.finish();
    systemd.finish();
    Ok(())
}

/// Reloads until it is told to stop, then waits for the tunnels that are open.
async fn work(relay: &Running, mut reload: Reload, signals: &mut Signals, systemd: &Arc<Systemd>) {
    let mut watch = interval(WATCH);
    loop {
        tokio::select! {
            () = signals.stop.asked() => break,
            _ = signals.hangup.recv() => reload.ask(),
            read = reload.read() => reload.apply(relay, read),
            _ = watch.tick() => {
                systemd.alive();
                if reload.is_due() {
                    reload.ask();
                } else {
                    tokio::spawn(refreshed(relay.refresh()));
                }
            }
        }
    }
    relay.drain();
    info!("draining: accepting no new tunnels; a second signal stops immediately");
    let limits = &reload.settings().limits;
    systemd.stopping(limits.drain + 2 * limits.closing);
    let drained = timeout(limits.drain, relay.drained());
    tokio::pin!(drained);
    loop {
        tokio::select! {
            () = signals.stop.asked() => return info!("stopping immediately"),
            drained = &mut drained => {
                if drained.is_err() {
                    warn!("drain time is over, closing the tunnels that are still open");
                }
                return;
            }
            _ = watch.tick() => systemd.alive(),
        }
    }
}

/// Tells what a look at the revocations of others brought.
async fn refreshed(refresh: impl Future<Output = Result<usize, BadState>>) {
    match refresh.await {
        Ok(0) => {}
        Ok(new) => info!(new, "reloaded revocations"),
        Err(cause) => error!(%cause, "cannot read revocations; the previous ones stay in force"),
    }
}

fn cannot_start(error: io::Error) -> CommandError {
    CommandError::caused(format!("cannot start: {error}"), error)
}

struct Signals {
    stop: Stop,
    hangup: Signal,
}

struct Stop {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self {
            stop: Stop {
                terminate: signal(SignalKind::terminate())?,
                interrupt: signal(SignalKind::interrupt())?,
            },
            hangup: signal(SignalKind::hangup())?,
        })
    }
}

impl Stop {
    /// SIGTERM or SIGINT.
    async fn asked(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// Standard output and systemd: who does not read them stops nothing here.
fn outputs() -> io::Result<(Output, Systemd)> {
    let stdout = File::from(io::stdout().as_fd().try_clone_to_owned()?);
    Ok((
        Output::start("stdout", stdout, |_| Vec::new())?,
        Systemd::start()?,
    ))
}
