//! `tunnel-server serve`: from the settings to the last tunnel's end.

use super::output::Output;
use super::systemd::{self, Systemd};
use super::{WRONG, flags, log, wrong};
use clap::ArgMatches;
use core::time::Duration;
use hybrid_tunnel_server::{BindError, Config, LogFormat, Running, Server, Settings, listen};
use serde_json::json;
use std::fs::File;
use std::io;
use std::os::fd::AsFd as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::SystemTime;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::{interval, timeout};
use tracing::{error, info, warn};

/// How often the files of certificate and revocations are looked at for a change, and systemd is told that we live.
const WATCH: Duration = Duration::from_secs(5);

pub(crate) fn run(matches: &ArgMatches) -> ExitCode {
    let source = Source {
        file: matches.get_one::<String>("config").map(PathBuf::from),
        flags: flags(matches),
    };
    let read = source.settings();
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
type Read = (Settings, Files, Config);

/// Where the settings come from, to be read again at every reload.
struct Source {
    file: Option<PathBuf>,
    flags: Vec<(String, String)>,
}

impl Source {
    fn run(&self, read: Read) -> Result<(), String> {
        // One thread: a pair's two sockets and its room are then never shared, and one core carries thousands of tunnels.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| format!("cannot start: {error}"))?;
        runtime.block_on(self.serve(read))
    }

    /// Reads everything. The times of the files are taken before the files, so that no change falls between.
    fn settings(&self) -> Result<Read, String> {
        let settings =
            Settings::load(self.file.as_deref(), std::env::vars_os(), self.flags.clone()).map_err(|e| e.to_string())?;
        let files = Files::of(&settings);
        let config = settings.config().map_err(|e| e.to_string())?;
        Ok((settings, files, config))
    }

    async fn serve(&self, (settings, files, config): Read) -> Result<(), String> {
        raise_file_limit();
        let tls = config.tls.is_some();
        let relay = match systemd::socket()? {
            Some(listener) => Server::serve(config, listener),
            None => Server::bind(config).await,
        };
        let relay = relay.map_err(|e| e.to_string())?;
        let mut admin_at = None;
        if let Some(address) = settings.admin {
            let refused = |e| format!("--admin: {}", BindError::Listen(address, e));
            let listener = listen(address).map_err(refused)?;
            admin_at = Some(listener.local_addr().map_err(refused)?.to_string());
            relay.admin(listener);
        }
        let (stdout, systemd) = outputs().map_err(|e| format!("cannot start: {e}"))?;
        let mut signals = Signals::new().map_err(|e| format!("cannot wait for signals: {e}"))?;
        if !tls {
            warn!("speaking plain HTTP: phones and desktops use TLS only, so a TLS proxy must stand in front");
        }
        let ready = json!({ "ev": "listening", "addr": relay.local_addr().to_string(), "tls": tls, "admin": admin_at });
        stdout.push(format!("{ready}\n").as_bytes());
        systemd.ready();
        self.work(&relay, &settings, files, &mut signals, &systemd).await;
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
        settings: &Settings,
        mut files: Files,
        signals: &mut Signals,
        systemd: &Systemd,
    ) {
        let mut watch = interval(WATCH);
        loop {
            tokio::select! {
                () = signals.stop.asked() => break,
                _ = signals.hangup.recv() => files.look(|| self.reload(relay, settings, systemd)),
                _ = watch.tick() => {
                    systemd.alive();
                    if files.changed() {
                        files.look(|| self.reload(relay, settings, systemd));
                    }
                    match relay.refresh() {
                        Ok(0) => {}
                        Ok(new) => info!(new, "read revocations again"),
                        Err(cause) => error!(%cause, "cannot read revocations; those known before stay in force"),
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

    /// Reads everything again; returns the files to watch, unless the old settings stay in force.
    fn reload(&self, relay: &Running, started: &Settings, systemd: &Systemd) -> Option<Files> {
        systemd.reloading();
        let settings = self.settings().inspect_err(|_| relay.reload_failed());
        let reloaded = settings.and_then(|(settings, files, config)| {
            relay.reload(&config).map_err(|e| e.to_string())?;
            Ok((settings, files))
        });
        systemd.ready();
        match reloaded {
            Ok((settings, files)) => {
                info!("reloaded certificate, limits and revocations");
                let ignored = started.needing_restart(&settings).join(", ");
                if !ignored.is_empty() {
                    warn!(settings = ignored, "changed, and read again only at a restart");
                }
                Some(files)
            }
            Err(cause) => {
                error!(
                    cause,
                    "cannot reload; the old certificate, limits and revocations stay in force"
                );
                None
            }
        }
    }
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

/// The certificate files, and when they were last written.
struct Files {
    paths: [Option<PathBuf>; 2],
    written: [Option<SystemTime>; 2],
}

impl Files {
    fn of(settings: &Settings) -> Self {
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

    /// Reloads, and remembers what was there before: what is written meanwhile is a change for the next time.
    fn look(&mut self, reload: impl FnOnce() -> Option<Self>) {
        self.written = self.now();
        if let Some(files) = reload() {
            *self = files;
        }
    }
}

/// Standard output and systemd: who does not read them stops nothing here.
fn outputs() -> io::Result<(Output, Systemd)> {
    let stdout = File::from(io::stdout().as_fd().try_clone_to_owned()?);
    Ok((Output::start("stdout", stdout, |_| Vec::new())?, Systemd::start()?))
}

/// Every connection is a file descriptor; the soft limit of most systems (1024) is a limit of select(2), not ours.
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
