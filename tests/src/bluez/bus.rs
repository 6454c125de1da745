//! A private message bus.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// A `dbus-daemon` of our own; ends with this value.
pub struct Bus {
    daemon: Child,
    address: String,
    _folder: TempDir,
}

impl Bus {
    /// Starts it and waits for its address.
    ///
    /// # Errors
    /// A sentence.
    pub fn start() -> Result<Self, String> {
        Self::start_with("")
    }

    /// The same, with further rules of policy (XML).
    pub(crate) fn start_with(policy: &str) -> Result<Self, String> {
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let config = folder.path().join("bus.conf");
        let text = format!(
            "<busconfig><type>custom</type><listen>unix:path={}</listen><auth>EXTERNAL</auth>\
             <policy context=\"default\"><allow send_destination=\"*\" eavesdrop=\"true\"/><allow eavesdrop=\"true\"/><allow own=\"*\"/></policy>{policy}\
             </busconfig>",
            folder.path().join("bus.sock").display()
        );
        std::fs::File::create(&config)
            .and_then(|mut file| file.write_all(text.as_bytes()))
            .map_err(|error| error.to_string())?;
        let mut daemon = Command::new("dbus-daemon")
            .arg(format!("--config-file={}", config.display()))
            .args(["--nofork", "--print-address"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| {
                format!("dbus-daemon does not start (Debian package dbus): {error}")
            })?;
        let mut address = String::new();
        let stdout = daemon.stdout.take().ok_or("dbus-daemon has no output")?;
        BufReader::new(stdout)
            .read_line(&mut address)
            .map_err(|error| error.to_string())?;
        Ok(Self {
            daemon,
            address: address.trim().to_owned(),
            _folder: folder,
        })
    }

    /// Where programs find it.
    pub fn address(&self) -> &str {
        &self.address
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}
