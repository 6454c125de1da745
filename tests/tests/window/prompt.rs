//! The window as a process, told lines as the agent tells them.

use crate::screen::{PATIENCE, Screen};
use hybrid_diagnosis::timeline::{EventKind, TimelineEntry};
use hybrid_tests::stray_code::stray_code;
use serde_json::Value;
use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

/// How a session looks and speaks.
#[derive(Clone, Copy)]
pub struct Manner {
    pub locale: &'static str,
    pub theme: &'static str,
    /// Of a hundred.
    pub text_size: u32,
}

pub const PLAIN: Manner = Manner {
    locale: "en_GB.UTF-8",
    theme: "Adwaita",
    text_size: 100,
};

/// A window, and the pipes to it.
pub struct Prompt {
    child: Child,
    input: Option<ChildStdin>,
    said: Lines<BufReader<ChildStdout>>,
}

/// The program, which `tests/run` builds before: its toolkit is nothing that everybody has.
pub fn program() -> PathBuf {
    let own = env::current_exe().unwrap();
    let program = own.parent().unwrap().parent().unwrap().join("prompt-gtk");
    assert!(
        program.exists(),
        "{} is not built: cargo build -p hybrid-prompt --features window",
        program.display()
    );
    program
}

/// What a session of this manner gives to programs. The size of texts is a property of the screen.
pub async fn variables(
    screen: &Screen,
    manner: Manner,
    bus: Option<&str>,
) -> Vec<(&'static str, String)> {
    screen.set_text_size(manner.text_size).await;
    let config = screen.folder().join("config");
    let settings = config.join("gtk-4.0");
    fs::create_dir_all(&settings).unwrap();
    let text = "[Settings]\ngtk-enable-animations=false\n";
    fs::write(settings.join("settings.ini"), text).unwrap();
    let home = screen.folder().display().to_string();
    let mut variables = vec![
        ("DISPLAY", screen.display().to_owned()),
        ("PATH", env::var("PATH").unwrap_or_default()),
        ("GDK_BACKEND", "x11".to_owned()),
        ("GSK_RENDERER", "cairo".to_owned()),
        ("GTK_THEME", manner.theme.to_owned()),
        ("LANG", manner.locale.to_owned()),
        ("XDG_CONFIG_HOME", config.display().to_string()),
        ("XDG_RUNTIME_DIR", home.clone()),
        ("HOME", home),
    ];
    match bus {
        Some(bus) => variables.push(("DBUS_SESSION_BUS_ADDRESS", bus.to_owned())),
        None => {
            variables.push(("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere".to_owned()));
            variables.push(("GTK_A11Y", "none".to_owned()));
        }
    }
    variables
}

impl Prompt {
    pub fn start(variables: &[(&'static str, String)]) -> Self {
        let mut child = Command::new(program())
            .env_clear()
            .envs(variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let said = BufReader::new(child.stdout.take().unwrap()).lines();
        Self {
            input: child.stdin.take(),
            child,
            said,
        }
    }

    pub async fn tell(&mut self, line: Value) {
        let line = format!("{line}\n");
        let input = self.input.as_mut().unwrap();
        input.write_all(line.as_bytes()).await.unwrap();
    }

    pub async fn event(&mut self, what: EventKind) {
        let at = Duration::from_secs(7);
        self.tell(TimelineEntry { at, what }.to_json()).await;
    }

    /// The agent says no more.
    pub fn end_of_lines(&mut self) {
        self.input = None;
    }

    /// What it says next: the word of a line; nothing when it has ended.
    pub async fn word(&mut self) -> Option<String> {
        let line = timeout(PATIENCE, self.said.next_line()).await;
        let line = line.expect("the prompt says nothing").unwrap()?;
        let line: Value = serde_json::from_str(&line).unwrap();
        Some(line["ev"].as_str().unwrap().to_owned())
    }

    /// Says that it is shown, and when.
    pub async fn shown(&mut self, since: Instant) -> Duration {
        assert_eq!(self.word().await.as_deref(), Some("shown"));
        since.elapsed()
    }

    pub fn id(&self) -> u32 {
        self.child.id().unwrap()
    }

    /// Waits for its end, and says what it wrote for the journal.
    pub async fn ended(mut self) -> (ExitStatus, String) {
        // Standard input stays open: whoever closes it ends it, too.
        let _held = self.input.take();
        let ended = timeout(PATIENCE, self.child.wait_with_output()).await;
        let output = ended.expect("the prompt does not end").unwrap();
        let journal = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status, journal)
    }
}

/// The text of a code; another one for each `fill`.
pub fn code(fill: u8) -> String {
    stray_code(fill).unwrap()
}
