//! A reload: settings, certificate and revocations are read again, each by itself, apart from the
//! loop that serves connections. What is bad stays as it was, and takes nothing else with it.

use super::command_error::CommandError;
use super::settings_source::SettingsSource;
use super::systemd::Systemd;
use core::future::{Future, pending};
use core::pin::Pin;
use core::time::Duration;
use hybrid_tunnel_server::{Config, RelaySettings, Running, SettingError, apart};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;
use tokio::time::timeout;
use tracing::{error, info, warn};

/// How long reading all files may take: three pipes whose writers do not end take six seconds.
const READING: Duration = Duration::from_secs(10);

/// The reloads of a relay, of which one at a time is under way.
pub(crate) struct Reload {
    source: SettingsSource,
    started: RelaySettings,
    settings: RelaySettings,
    files: WatchedFiles,
    systemd: Arc<Systemd>,
    reading: Option<Reading>,
    /// It was asked for once more while the files were being read.
    again: bool,
}

type Reading = Pin<Box<dyn Future<Output = io::Result<ReadAgain>>>>;

/// What was read.
pub(crate) struct ReadAgain {
    settings: Result<RelaySettings, CommandError>,
    files: WatchedFiles,
    config: Result<Config, SettingError>,
}

impl Reload {
    pub(crate) fn new(
        source: SettingsSource,
        settings: RelaySettings,
        files: WatchedFiles,
        systemd: Arc<Systemd>,
    ) -> Self {
        Self {
            source,
            started: settings.clone(),
            settings,
            files,
            systemd,
            reading: None,
            again: false,
        }
    }

    pub(crate) const fn settings(&self) -> &RelaySettings {
        &self.settings
    }

    /// Whether a certificate file was changed since it was last read.
    pub(crate) fn is_due(&self) -> bool {
        self.reading.is_none() && self.files.changed()
    }

    /// Begins to read everything again, or does so once what is being read is read.
    pub(crate) fn ask(&mut self) {
        if self.reading.is_some() {
            self.again = true;
            return;
        }
        self.systemd.reloading();
        let (source, old) = (self.source.clone(), self.settings.clone());
        let read = apart("reload", move || ReadAgain::of(&source, &old));
        self.reading = Some(Box::pin(async {
            let late = "timed out reading its files (10 s)";
            let late = |_| io::Error::new(io::ErrorKind::TimedOut, late);
            timeout(READING, read).await.map_err(late)?
        }));
    }

    /// What was read; nothing as long as nothing is being read. Who ceases to wait loses nothing.
    pub(crate) async fn read(&mut self) -> io::Result<ReadAgain> {
        let read = match &mut self.reading {
            Some(reading) => reading.await,
            None => pending().await,
        };
        self.reading = None;
        read
    }

    /// Puts into force what was read.
    pub(crate) fn apply(&mut self, relay: &Running, read: io::Result<ReadAgain>) {
        let whole = match read {
            Ok(read) => self.take(relay, read),
            Err(cause) => {
                error!(%cause, "cannot reload; the previous configuration stays in force");
                false
            }
        };
        self.finish(relay, whole);
        if core::mem::take(&mut self.again) {
            self.ask();
        }
    }

    /// Whether all of it was good.
    fn take(&mut self, relay: &Running, read: ReadAgain) -> bool {
        let new = read.settings.map(|new| self.settings = new);
        self.files = read.files;
        let certificate = match read.config {
            Ok(config) => relay.reload(&config).map_err(CommandError::of),
            Err(unread) => {
                relay.limit(&self.settings.limits);
                Err(CommandError::of(unread))
            }
        };
        if let Err(cause) = &certificate {
            error!(
                cause = cause.to_string(),
                "cannot reload the certificate; the previous one stays in force"
            );
        }
        match &new {
            Ok(()) => {
                let ignored = self.started.needing_restart(&self.settings).join(", ");
                if !ignored.is_empty() {
                    warn!(
                        settings = ignored,
                        "changed, but takes effect only after a restart"
                    );
                }
            }
            Err(cause) => error!(
                cause = cause.to_string(),
                "cannot reload the settings; the previous ones stay in force"
            ),
        }
        new.is_ok() && certificate.is_ok()
    }

    /// Reads the revocations again, and tells what came of all.
    fn finish(&self, relay: &Running, rest: bool) {
        let revocations = relay.reload_revocations(rest);
        let systemd = Arc::clone(&self.systemd);
        tokio::spawn(async move {
            let revocations = revocations.await;
            systemd.ready();
            match revocations {
                Ok(_) if rest => info!("reloaded certificate, limits and revocations"),
                Ok(_) => info!("reloaded the rest"),
                Err(cause) => {
                    error!(%cause, "cannot reload the revocations; the previous ones stay in force");
                }
            }
        });
    }
}

impl ReadAgain {
    /// Blocks. The times of the files are taken before the files, so that no change falls between.
    fn of(source: &SettingsSource, old: &RelaySettings) -> Self {
        // Also what a full disk, or a pipe that nobody writes to, leaves of the settings.
        let settings = source.settings().and_then(|new| {
            if old.tls_cert.is_some() && new.tls_cert.is_none() {
                let off = "TLS can be turned on or off only by a restart, and the new settings name no certificate";
                return Err(CommandError::new(off.to_owned()));
            }
            Ok(new)
        });
        let named = settings.as_ref().unwrap_or(old);
        let files = WatchedFiles::of(named);
        let config = named.config();
        Self {
            settings,
            files,
            config,
        }
    }
}

/// The certificate files, and when they were last written.
pub(crate) struct WatchedFiles {
    paths: [Option<PathBuf>; 2],
    written: [Option<SystemTime>; 2],
}

impl WatchedFiles {
    pub(crate) fn of(settings: &RelaySettings) -> Self {
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
