//! Files and variables of a scenario, and the programs that are started with them.

use super::desktop::Desktop;
use super::{Ended, PATIENCE, end, give, program};
use crate::pki::Authority;
use crate::relying_party::ORIGIN;
use rustix::fs::{CWD, FileType, Mode, mknodat};
use std::env;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::process::Stdio;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// Files and variables that every program of a scenario gets.
pub struct World {
    folder: TempDir,
    bus: String,
}

/// How a ceremony went.
pub struct Ceremony {
    /// The text of the code.
    pub qr: String,
    /// How `hybridd` ended.
    pub desktop: Ended,
    /// How the phone ended.
    pub phone: Ended,
}

impl World {
    /// A folder with a certificate for the relays' names, and the bus to use.
    ///
    /// # Errors
    /// A sentence.
    pub fn new(bus: &str, names: &[&str]) -> Result<Self, String> {
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let authority = Authority::new().map_err(|error| error.to_string())?;
        let pair = authority.sign(names).map_err(|error| error.to_string())?;
        for (name, content) in [
            ("ca.pem", authority.pem()),
            ("chain.pem", pair.chain),
            ("key.pem", pair.key),
        ] {
            fs::write(folder.path().join(name), content).map_err(|error| error.to_string())?;
        }
        Ok(Self {
            folder,
            bus: bus.to_owned(),
        })
    }

    /// The same where no bus is: for what needs no radio.
    ///
    /// # Errors
    /// A sentence.
    pub fn without_bus(names: &[&str]) -> Result<Self, String> {
        Self::new("unix:path=/nowhere", names)
    }

    /// A file of the world.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Makes a named pipe of the world.
    ///
    /// # Errors
    /// What the system says.
    pub fn pipe(&self, name: &str) -> io::Result<PathBuf> {
        let path = self.path(name);
        let mode = Mode::RUSR | Mode::WUSR;
        mknodat(CWD, &path, FileType::Fifo, mode, 0)?;
        Ok(path)
    }

    /// All files of the world.
    pub fn files(&self) -> Vec<PathBuf> {
        let mut files = Vec::new();
        let mut folders = vec![self.folder.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
                let path = entry.path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    files.push(path);
                }
            }
        }
        files
    }

    /// What programs need to know of this world.
    pub fn variables(&self) -> [(&'static str, OsString); 3] {
        [
            ("HOME", self.folder.path().into()),
            ("DBUS_SYSTEM_BUS_ADDRESS", self.bus.clone().into()),
            ("SSL_CERT_FILE", self.path("ca.pem").into()),
        ]
    }

    /// A program with the world's variables and piped standard streams; killed when dropped.
    pub fn command(&self, name: &str) -> Command {
        let mut command = Command::new(program(name));
        command
            .env_clear()
            .env("PATH", env::var_os("PATH").unwrap_or_default())
            .envs(self.variables())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }

    /// A relay on port 443 with the world's certificate.
    ///
    /// # Errors
    /// What it said instead of being ready.
    pub async fn relay(&self) -> Result<Child, String> {
        self.relay_logging("info", Stdio::inherit()).await
    }

    /// The same, logging at a level to somewhere.
    ///
    /// # Errors
    /// What it said instead of being ready.
    pub async fn relay_logging(&self, level: &str, stderr: Stdio) -> Result<Child, String> {
        let mut command = self.command("tunnel-server");
        command
            .args(["serve", "--listen", "127.0.0.1:443"])
            .arg("--tls-cert")
            .arg(self.path("chain.pem"))
            .arg("--tls-key")
            .arg(self.path("key.pem"))
            .env("RUST_LOG", level)
            .stderr(stderr);
        ready(command).await
    }

    /// A relay without TLS at this address.
    ///
    /// # Errors
    /// What it said instead of being ready.
    pub async fn plain_relay(&self, listen: &str) -> Result<Child, String> {
        let mut command = self.command("tunnel-server");
        command
            .args(["serve", "--listen", listen])
            .stderr(Stdio::null());
        ready(command).await
    }

    /// Starts a ceremony with `--qr none` and gives its options on standard input; events come on
    /// standard error.
    ///
    /// # Errors
    /// What the system says.
    pub async fn desktop(&self, verb: &str, options: &str, more: &[&str]) -> io::Result<Desktop> {
        let mut command = self.command("hybridd");
        command
            .args([verb, "--origin", ORIGIN, "--qr", "none", "--events", "-"])
            .args(more);
        Desktop::start(&mut command, options).await
    }

    /// A ceremony from these options, with these arguments, which a phone with others answers.
    ///
    /// # Errors
    /// What the system says, or which program does not come on.
    pub async fn ceremony(
        &self,
        verb: &str,
        options: &str,
        more: &[&str],
        phone: &[&str],
    ) -> Result<Ceremony, String> {
        let started = self.desktop(verb, options, more).await;
        let mut desktop = started.map_err(|error| error.to_string())?;
        let qr = desktop.code().await?;
        let phone = self.phone(&qr, phone).await;
        let phone = phone.map_err(|error| error.to_string())?;
        Ok(Ceremony {
            qr,
            desktop: desktop.end().await?,
            phone: end(phone).await?,
        })
    }

    /// A sign-in that no phone answers, and that gives up after two seconds.
    ///
    /// # Errors
    /// What the system says, or that it does not end.
    pub async fn unanswered_sign_in(&self, more: &[&str]) -> Result<Ended, String> {
        const OPTIONS: &str = r#"{"challenge":"AAAAAAAAAAAAAAAAAAAAAA","rpId":"example.com"}"#;
        let file = self.path("options.json");
        fs::write(&file, OPTIONS).map_err(|error| error.to_string())?;
        let mut command = self.command("hybridd");
        command
            .args(["sign-in", "--origin", ORIGIN, "--qr", "none"])
            .args(["--seconds", "2", "--options"])
            .arg(file)
            .args(more);
        end(command.spawn().map_err(|error| error.to_string())?).await
    }

    /// Runs the phone for a code given on standard input.
    ///
    /// # Errors
    /// What the system says.
    pub async fn phone(&self, code: &str, more: &[&str]) -> io::Result<Child> {
        let mut command = self.command("phone-sim");
        command
            .args(["answer", "-", "--adapter", "hci1", "--store"])
            .arg(self.path("phone.json"))
            .args(more);
        let mut child = command.spawn()?;
        give(&mut child, &format!("{code}\n")).await?;
        Ok(child)
    }
}

/// Starts a relay and waits until it listens.
async fn ready(mut command: Command) -> Result<Child, String> {
    let mut relay = command.spawn().map_err(|error| error.to_string())?;
    let stdout = relay.stdout.as_mut().ok_or("no output")?;
    let mut line = String::new();
    let read = timeout(PATIENCE, BufReader::new(stdout).read_line(&mut line)).await;
    if line.contains("\"listening\"") {
        Ok(relay)
    } else {
        Err(format!("the relay is not ready: {read:?} {line}"))
    }
}
