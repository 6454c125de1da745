//! The real programs, built once and run as a person would run them.

mod desktop;
mod world;

pub use desktop::Desktop;
pub use rustix::process::Signal;
pub use world::{Ceremony, World};

use rustix::process::{Pid, kill_process};
use std::env;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Child;
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
        let mut command = Command::new(cargo);
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

/// How a program ended.
pub struct Ended {
    /// Exit code.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error, from the start.
    pub stderr: String,
}

/// All that it said.
impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.stdout, self.stderr)
    }
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self {
            code: output.status.code(),
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
        }
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
    output.map(Ended::from).map_err(|error| error.to_string())
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

/// Sends a signal to a running program.
///
/// # Errors
/// What the system says, or that it has ended.
pub fn signal(process: Option<u32>, signal: Signal) -> io::Result<()> {
    let id = process.and_then(|id| Pid::from_raw(id.try_into().ok()?));
    let id = id.ok_or(io::ErrorKind::NotFound)?;
    Ok(kill_process(id, signal)?)
}
