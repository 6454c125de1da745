//! The real programs, built once and run as a person would run them.

use crate::pki::Authority;
use serde_json::Value;
use std::env;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::sync::OnceLock;
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// No program of a scenario runs longer.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Builds the programs beside this test; cargo does nothing when they are up to date.
///
/// # Panics
/// When they do not build.
#[expect(clippy::panic, reason = "it fails a test")]
pub fn build() {
    static BUILT: OnceLock<()> = OnceLock::new();
    BUILT.get_or_init(|| {
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = std::process::Command::new(cargo);
        // The whole workspace, as `tests/run` builds it: for a part of it cargo would choose other
        // features, and build all again.
        command.args(["build", "-q", "--locked", "--workspace", "--bins"]);
        command.current_dir(env!("CARGO_MANIFEST_DIR"));
        // Build scripts (ring's) run again when what cargo tells about this package is there.
        for (name, _) in env::vars_os() {
            let told = [
                "CARGO_PKG_",
                "CARGO_MANIFEST_",
                "CARGO_CRATE_NAME",
                "CARGO_BIN_",
                "CARGO_PRIMARY_",
            ];
            if name
                .to_str()
                .is_some_and(|name| told.iter().any(|prefix| name.starts_with(prefix)))
            {
                command.env_remove(&name);
            }
        }
        if let Some(target) = folder().parent() {
            command.env("CARGO_TARGET_DIR", target);
        }
        match command.status() {
            Ok(status) if status.success() => {}
            other => panic!("the programs do not build: {other:?}"),
        }
    });
}

/// The path of a program.
pub fn program(name: &str) -> PathBuf {
    folder().join(name)
}

/// `target/debug`, where this test's own folder `deps` lies.
fn folder() -> PathBuf {
    let own = env::current_exe().unwrap_or_default();
    own.parent()
        .and_then(Path::parent)
        .map(Path::to_owned)
        .unwrap_or_default()
}

/// Files and variables that every program of a scenario gets.
pub struct World {
    folder: TempDir,
    bus: String,
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
            std::fs::write(folder.path().join(name), content).map_err(|error| error.to_string())?;
        }
        Ok(Self {
            folder,
            bus: bus.to_owned(),
        })
    }

    /// A file of the world.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// All files of the world.
    pub fn files(&self) -> Vec<PathBuf> {
        let mut files = Vec::new();
        let mut folders = vec![self.folder.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
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
    pub fn variables(&self) -> [(&'static str, std::ffi::OsString); 3] {
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
        let mut child = self
            .command("hybridd")
            .args([
                verb,
                "--origin",
                crate::relying_party::ORIGIN,
                "--qr",
                "none",
                "--events",
                "-",
            ])
            .args(more)
            .spawn()?;
        give(&mut child, options).await?;
        let stderr = child
            .stderr
            .take()
            .ok_or_else(|| io::Error::other("no standard error"))?;
        Ok(Desktop {
            child,
            stderr: BufReader::new(stderr),
            said: String::new(),
        })
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

/// A running `hybridd`.
pub struct Desktop {
    child: Child,
    stderr: BufReader<tokio::process::ChildStderr>,
    said: String,
}

/// How a program ended.
pub struct Ended {
    /// Exit code.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error, from the start.
    pub stderr: String,
}

impl Desktop {
    /// Starts it and gives it its options.
    ///
    /// # Errors
    /// What the system says.
    pub async fn start(command: &mut Command, options: &str) -> io::Result<Self> {
        let mut child = command.spawn()?;
        give(&mut child, options).await?;
        let stderr = child
            .stderr
            .take()
            .ok_or_else(|| io::Error::other("no standard error"))?;
        Ok(Self {
            child,
            stderr: BufReader::new(stderr),
            said: String::new(),
        })
    }

    /// Reads until an event of this kind comes.
    ///
    /// # Errors
    /// Everything that was said, when it does not come.
    pub async fn event(&mut self, kind: &str) -> Result<Value, String> {
        self.event_where(|event| event.get("ev").is_some_and(|ev| ev == kind))
            .await
    }

    /// Reads until an event comes that fits.
    ///
    /// # Errors
    /// Everything that was said, when none comes.
    pub async fn event_where(&mut self, fits: impl Fn(&Value) -> bool) -> Result<Value, String> {
        let read = async {
            loop {
                let mut line = String::new();
                if self.stderr.read_line(&mut line).await.unwrap_or_default() == 0 {
                    return None;
                }
                self.said.push_str(&line);
                if let Ok(event) = serde_json::from_str::<Value>(&line)
                    && fits(&event)
                {
                    return Some(event);
                }
            }
        };
        let event = timeout(PATIENCE, read).await.unwrap_or_default();
        event.ok_or_else(|| format!("the event did not come; hybridd said:\n{}", self.said))
    }

    /// The text of the code that it shows.
    ///
    /// # Errors
    /// As [`Self::event`].
    pub async fn code(&mut self) -> Result<String, String> {
        let event = self.event("qr").await?;
        event
            .get("url")
            .and_then(Value::as_str)
            .map(str::to_owned)
            .ok_or_else(|| "a code without text".to_owned())
    }

    /// Waits for the first line on standard output, and says when it came.
    ///
    /// # Errors
    /// When none comes.
    pub async fn first_line(&mut self) -> Result<std::time::Instant, String> {
        let stdout = self
            .child
            .stdout
            .take()
            .ok_or("standard output was read already")?;
        let mut line = String::new();
        let read = timeout(PATIENCE, BufReader::new(stdout).read_line(&mut line)).await;
        match read {
            Ok(Ok(1..)) => Ok(std::time::Instant::now()),
            other => Err(format!("nothing was printed: {other:?}")),
        }
    }

    /// Its process id.
    pub fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// Waits for its end.
    ///
    /// # Errors
    /// Everything that was said, when it does not end.
    pub async fn end(mut self) -> Result<Ended, String> {
        let mut rest = Vec::new();
        let read = async {
            tokio::io::AsyncReadExt::read_to_end(&mut self.stderr, &mut rest).await?;
            self.child.wait_with_output().await
        };
        let output: Output = match timeout(PATIENCE, read).await {
            Ok(output) => output.map_err(|error| error.to_string())?,
            Err(_) => return Err(format!("hybridd does not end; it said:\n{}", self.said)),
        };
        self.said.push_str(&String::from_utf8_lossy(&rest));
        let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
        Ok(Ended {
            code: output.status.code(),
            stdout,
            stderr: self.said,
        })
    }
}

/// Waits for the end of any other program.
///
/// # Errors
/// When it does not end.
pub async fn end(child: Child) -> Result<Ended, String> {
    let output = timeout(PATIENCE, child.wait_with_output())
        .await
        .map_err(|_| "the program does not end".to_owned())?;
    let output = output.map_err(|error| error.to_string())?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ok(Ended {
        code: output.status.code(),
        stdout: text(&output.stdout),
        stderr: text(&output.stderr),
    })
}

/// Gives a program its input. One that has seen enough, or refuses its arguments, may end without
/// reading it.
///
/// # Errors
/// What the system says.
pub async fn give(child: &mut Child, text: &str) -> io::Result<()> {
    let Some(mut stdin) = child.stdin.take() else {
        return Ok(());
    };
    let given = async {
        stdin.write_all(text.as_bytes()).await?;
        stdin.shutdown().await
    };
    match given.await {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}
