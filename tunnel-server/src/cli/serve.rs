//! `tunnel-server serve`: from the settings to the last tunnel's end.

use super::answer::{WRONG, wrong};
use super::command::flags;
use super::command_error::CommandError;
use super::log;
use super::output::Output;
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
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::SystemTime;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::{interval, timeout};
use tracing::{error, info, warn};

/// How often the files of certificate and revocations are looked at for a change, and systemd is
/// told that we live.
const WATCH: Duration = Duration::from_secs(5);

pub(crate) fn run(matches: &ArgMatches) -> ExitCode {
    let source = SettingsSource {
        file: matches.get_one::<String>("config").map(PathBuf::from),
        flags: flags(matches),
    };
    let read = source.read();
    let format = { read.as_ref() }.map_or(LogFormat::Text, |(settings, ..)| settings.log);
    let log = match log::start(format) {
        Ok(log) => log,
        Err(error) => return wrong(&format_args!("cannot start the log: {error}")),
    };
    let ended = read.and_then(|read| source.run(read));
    if let Err(sentence) = &ended {
        log.push(format!("tunnel-server: {sentence}\n").as_bytes());
    }
    log.finish();
    ended.map_or(ExitCode::from(WRONG), |()| ExitCode::SUCCESS)
}

/// Everything that is set: the settings, the files that they name, and what is in them.
type Read = (RelaySettings, Files, Config);

/// Where the settings come from, to be read again at every reload.
struct SettingsSource {
    file: Option<PathBuf>,
    flags: Vec<(String, String)>,
}

impl SettingsSource {
    fn run(&self, read: Read) -> Result<(), CommandError> {
        // One thread: a pair's two sockets and its room are then never shared, and one core carries
        // thousands of tunnels.
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let runtime = runtime.map_err(cannot_start)?;
        let served = runtime.block_on(self.serve(read));
        // A disk that does not answer does not keep the relay from ending: whatever is not
        // confirmed may be lost.
        runtime.shutdown_background();
        served
    }

    /// Reads everything. The times of the files are taken before the files, so that no change falls
    /// between.
    fn read(&self) -> Result<Read, CommandError> {
        let settings = self.settings()?;
        let files = Files::of(&settings);
        let config = settings.config().map_err(CommandError::of)?;
        Ok((settings, files, config))
    }

    fn settings(&self) -> Result<RelaySettings, CommandError> {
        RelaySettings::load(
            self.file.as_deref(),
            std::env::vars_os(),
            self.flags.clone(),
        )
        .map_err(CommandError::of)
    }

    async fn serve(&self, (settings, files, config): Read) -> Result<(), CommandError> {
        raise_file_limit();
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
        let mut signals = Signals::new().map_err(|error| {
            CommandError::caused(format!("cannot wait for signals: {error}"), error)
        })?;
        if !tls {
            warn!(
                "speaking plain HTTP: phones and desktops use TLS only, so a TLS proxy must stand in front"
            );
        }
        let ready = json!({ "ev": "listening", "addr": relay.local_addr().to_string(), "tls": tls, "admin": admin_at });
        stdout.push(format!("{ready}\n").as_bytes());
        systemd.ready();
        let systemd = Arc::new(systemd);
        self.work(&relay, settings, files, &mut signals, &systemd)
            .await;
        relay.shutdown().await;
        info!("stopped");
        stdout.finish();
        systemd.finish();
        Ok(())
    }

    /// Reloads until it is told to stop, then waits for the tunnels that are open.
    async fn work(
        &self,
        relay: &Running,
        mut settings: RelaySettings,
        mut files: Files,
        signals: &mut Signals,
        systemd: &Arc<Systemd>,
    ) {
        let mut watch = interval(WATCH);
        let started = settings.clone();
        loop {
            tokio::select! {
                () = signals.stop.asked() => break,
                _ = signals.hangup.recv() => files = self.reload(relay, &started, &mut settings, systemd),
                _ = watch.tick() => {
                    systemd.alive();
                    if files.changed() {
                        files = self.reload(relay, &started, &mut settings, systemd);
                    } else {
                        tokio::spawn(refreshed(relay.refresh()));
                    }
                }
            }
        }
        relay.drain();
        info!("draining: no new tunnels; a second signal stops at once");
        systemd.stopping(settings.limits.drain + 2 * settings.limits.closing);
        let drained = timeout(settings.limits.drain, relay.drained());
        tokio::pin!(drained);
        loop {
            tokio::select! {
                () = signals.stop.asked() => return info!("stopping at once"),
                drained = &mut drained => {
                    if drained.is_err() {
                        warn!("the time for draining is over, tunnels that are still open are closed");
                    }
                    return;
                }
                _ = watch.tick() => systemd.alive(),
            }
        }
    }

    /// Reads everything again, each part by itself: what is bad stays as it was, and takes nothing
    /// else with it. Returns the files to watch, with their times from before they were read, so
    /// that no change falls between.
    fn reload(
        &self,
        relay: &Running,
        started: &RelaySettings,
        settings: &mut RelaySettings,
        systemd: &Arc<Systemd>,
    ) -> Files {
        systemd.reloading();
        let new = self.settings().map(|new| *settings = new);
        let files = Files::of(settings);
        let certificate = match settings.config() {
            Ok(config) => relay.reload(&config).map_err(CommandError::of),
            Err(unread) => {
                relay.limit(&settings.limits);
                Err(CommandError::of(unread))
            }
        };
        let rest = new.is_ok() && certificate.is_ok();
        let revocations = relay.reload_revocations(rest);
        if let Err(cause) = &certificate {
            error!(
                cause = cause.to_string(),
                "cannot reload the certificate; the old one stays in force"
            );
        }
        match new {
            Ok(()) => {
                let ignored = started.needing_restart(settings).join(", ");
                if !ignored.is_empty() {
                    warn!(
                        settings = ignored,
                        "changed, and read again only at a restart"
                    );
                }
            }
            Err(cause) => error!(
                cause = cause.to_string(),
                "cannot reload the settings; the old ones stay in force"
            ),
        }
        let told = Arc::clone(systemd);
        tokio::spawn(async move {
            let revocations = revocations.await;
            told.ready();
            match revocations {
                Ok(_) if rest => info!("reloaded certificate, limits and revocations"),
                Ok(_) => info!("reloaded the rest"),
                Err(cause) => {
                    error!(%cause, "cannot reload the revocations; those known before stay in force");
                }
            }
        });
        files
    }
}

/// Tells what a look at the revocations of others brought.
async fn refreshed(refresh: impl Future<Output = Result<usize, BadState>>) {
    match refresh.await {
        Ok(0) => {}
        Ok(new) => info!(new, "read revocations again"),
        Err(cause) => error!(%cause, "cannot read revocations; those known before stay in force"),
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
        // With a limit of file sizes a write is to fail, not to end the relay. The handler stays.
        let _ = signal(SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw()))?;
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

/// The certificate files, and when they were last written.
struct Files {
    paths: [Option<PathBuf>; 2],
    written: [Option<SystemTime>; 2],
}

impl Files {
    fn of(settings: &RelaySettings) -> Self {
        let mut files = Self {
            paths: [settings.tls_cert.clone(), settings.tls_key.clone()],
            written: [None; 2],
        };
        files.written = files.now();
        files
    }

    fn now(&self) -> [Option<SystemTime>; 2] {
        { self.paths.each_ref() }.map(|file| file.as_ref()?.metadata().ok()?.modified().ok())
    }

    fn changed(&self) -> bool {
        self.now() != self.written
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

/// Every connection is a file descriptor; the soft limit of most systems (1024) is a limit of
/// select(2), not ours.
fn raise_file_limit() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    if let Err(error) = setrlimit(
        Resource::Nofile,
        Rlimit {
            current: maximum,
            maximum,
        },
    ) {
        warn!(%error, "cannot raise the limit of open files");
    }
}
