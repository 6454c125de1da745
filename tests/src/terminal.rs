//! A terminal that a program runs on, and that a camera looks at: an emulator's cells become a
//! picture, and the code in it is read by a QR reader that is not ours.

use crate::programs::{self, World};
use std::io;
use std::process::{Output, Stdio};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;
use vt100::{Color, Parser};

/// Nothing on a screen is waited for longer.
const PATIENCE: Duration = Duration::from_secs(40);
/// What a program that keeps its pictures whole writes around one.
const SYNCHRONISED: [&str; 2] = ["\x1b[?2026h", "\x1b[?2026l"];

/// What a theme makes of the default colours and of the first sixteen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Theme {
    /// Light text on dark.
    Dark,
    /// Dark text on light; what is called black is light, and what is called white is dark.
    Light,
}

/// A program on a terminal.
pub struct Terminal {
    child: Child,
    keys: ChildStdin,
    written: ChildStdout,
    parser: Parser,
    /// What was written and not yet looked at: a picture may be half there.
    pending: Vec<u8>,
    device: String,
    watched: Option<(String, Theme)>,
    blinks: Vec<String>,
}

impl Terminal {
    /// Runs a shell's line with the world's variables and these, on a terminal of this size.
    ///
    /// # Errors
    /// What the system says, or a sentence.
    pub async fn run(
        world: &World,
        line: &str,
        variables: &[(&str, &str)],
        (columns, rows): (u16, u16),
    ) -> Result<Self, String> {
        let line = format!("stty rows {rows} cols {columns}; tty; exec {line}");
        let mut command = Command::new("script");
        command
            .args(["-qefc", &line, "/dev/null"])
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("SHELL", "/bin/sh")
            .envs(world.variables())
            .envs(variables.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true);
        let mut child = command
            .spawn()
            .map_err(|error| format!("script does not start (Debian package bsdutils): {error}"))?;
        let (Some(keys), Some(written)) = (child.stdin.take(), child.stdout.take()) else {
            return Err("a pipe is missing".to_owned());
        };
        let mut terminal = Self {
            child,
            keys,
            written,
            parser: Parser::new(rows, columns, 1000),
            pending: Vec::new(),
            device: String::new(),
            watched: None,
            blinks: Vec::new(),
        };
        terminal
            .until("its name", |screen| screen.contents().contains("/dev/pts/"))
            .await?;
        let contents = terminal.parser.screen().contents();
        let name = contents
            .split_whitespace()
            .find(|word| word.starts_with("/dev/"));
        name.unwrap_or_default().clone_into(&mut terminal.device);
        Ok(terminal)
    }

    /// Runs a program of ours with these arguments.
    ///
    /// # Errors
    /// As [`Self::run`].
    pub async fn hybridd(
        world: &World,
        arguments: &str,
        variables: &[(&str, &str)],
        size: (u16, u16),
    ) -> Result<Self, String> {
        let line = format!("'{}' {arguments}", programs::program("hybridd").display());
        Self::run(world, &line, variables, size).await
    }

    /// Reads until the screen shows something.
    ///
    /// # Errors
    /// What it shows instead.
    pub async fn until(
        &mut self,
        what: &str,
        shows: impl Fn(&vt100::Screen) -> bool,
    ) -> Result<(), String> {
        let read = async {
            while !shows(self.parser.screen()) {
                if !self.read().await {
                    return shows(self.parser.screen());
                }
            }
            true
        };
        let shown = timeout(PATIENCE, read).await.unwrap_or_default();
        shown
            .then_some(())
            .ok_or_else(|| format!("{what} is not on the screen:\n{}", self.text()))
    }

    /// Reads until a code is on the screen that is not `but`, and says which.
    ///
    /// # Errors
    /// What is on the screen instead.
    pub async fn code(&mut self, theme: Theme, but: &str) -> Result<String, String> {
        let read = async {
            loop {
                if let Some(code) = read(self.parser.screen(), theme).filter(|code| code != but) {
                    return Some(code);
                }
                if !self.read().await {
                    return None;
                }
            }
        };
        let code = timeout(PATIENCE, read).await.unwrap_or_default();
        code.ok_or_else(|| format!("no code is on the screen:\n{}", self.text()))
    }

    /// From here on each picture has to hold this code.
    pub fn watch(&mut self, code: &str, theme: Theme) {
        self.watched = Some((code.to_owned(), theme));
    }

    /// The pictures since then that did not.
    pub fn blinks(&mut self) -> Vec<String> {
        self.watched = None;
        std::mem::take(&mut self.blinks)
    }

    /// What a camera sees of it.
    pub fn picture(&self, theme: Theme) -> image::RgbImage {
        picture(self.parser.screen(), theme)
    }

    /// All that stands on it.
    pub fn text(&self) -> String {
        self.parser.screen().contents()
    }

    /// Types.
    ///
    /// # Errors
    /// What the system says.
    pub async fn press(&mut self, keys: &str) -> io::Result<()> {
        self.keys.write_all(keys.as_bytes()).await?;
        self.keys.flush().await
    }

    /// Gives it another size, as a person does with a window.
    ///
    /// # Errors
    /// What `stty` says.
    pub async fn resize(&mut self, (columns, rows): (u16, u16)) -> io::Result<()> {
        self.parser.screen_mut().set_size(rows, columns);
        let size = [rows, columns].map(|length| length.to_string());
        let [rows, columns] = &size;
        let resized = Command::new("stty")
            .args(["-F", &self.device, "rows", rows, "cols", columns])
            .status()
            .await?;
        if resized.success() {
            Ok(())
        } else {
            Err(io::Error::other("stty failed"))
        }
    }

    /// Waits for the program's end.
    ///
    /// # Errors
    /// What is on the screen when it does not end.
    pub async fn end(mut self) -> Result<(Option<i32>, String), String> {
        let over = async { while self.read().await {} };
        if timeout(PATIENCE, over).await.is_err() {
            return Err(format!("it does not end:\n{}", self.text()));
        }
        let text = self.text();
        let ended: io::Result<Output> = self.child.wait_with_output().await;
        let ended = ended.map_err(|error| error.to_string())?;
        Ok((ended.status.code(), text))
    }

    /// Reads more; false at its end.
    async fn read(&mut self) -> bool {
        let mut bytes = [0; 4096];
        let Ok(length @ 1..) = self.written.read(&mut bytes).await else {
            return false;
        };
        self.pending.extend(bytes.iter().take(length));
        let [begin, end] = SYNCHRONISED.map(|mark| count(&self.pending, mark));
        // A picture that is being written is looked at when it is whole.
        if begin > end || is_cut(&self.pending) {
            return true;
        }
        self.parser.process(&std::mem::take(&mut self.pending));
        if let Some((code, theme)) = &self.watched
            && read(self.parser.screen(), *theme).as_ref() != Some(code)
        {
            self.blinks.push(self.parser.screen().contents());
        }
        true
    }
}

/// The mark that begins a picture may come in two pieces.
fn is_cut(bytes: &[u8]) -> bool {
    let [begin, _] = SYNCHRONISED;
    (1..begin.len()).any(|length| {
        begin
            .as_bytes()
            .get(..length)
            .is_some_and(|cut| bytes.ends_with(cut))
    })
}

fn count(bytes: &[u8], mark: &str) -> usize {
    { bytes.windows(mark.len()) }
        .filter(|window| *window == mark.as_bytes())
        .count()
}

/// The code on a screen.
pub fn read(screen: &vt100::Screen, theme: Theme) -> Option<String> {
    let grey = image::DynamicImage::ImageRgb8(picture(screen, theme)).to_luma8();
    let mut prepared = rqrr::PreparedImage::prepare(grey);
    let grids = prepared.detect_grids();
    let texts = grids.iter().find_map(|grid| grid.decode().ok());
    texts.map(|(_, text)| text)
}

/// A picture of a screen; half of a character is a square.
pub fn picture(screen: &vt100::Screen, theme: Theme) -> image::RgbImage {
    const SCALE: u32 = 4;
    let (rows, columns) = screen.size();
    let (width, height) = (u32::from(columns) * SCALE, u32::from(rows) * 2 * SCALE);
    image::RgbImage::from_fn(width, height, |x, y| {
        let place = [y / SCALE / 2, x / SCALE].map(|at| u16::try_from(at).unwrap_or_default());
        let [row, column] = place;
        let Some(cell) = screen.cell(row, column) else {
            return image::Rgb([0; 3]);
        };
        let mut ink = theme.colour(cell.fgcolor(), true);
        let mut paper = theme.colour(cell.bgcolor(), false);
        if cell.inverse() {
            std::mem::swap(&mut ink, &mut paper);
        }
        let upper = (y / SCALE).is_multiple_of(2);
        let inked = match cell.contents() {
            "█" => true,
            "▀" => upper,
            "▄" => !upper,
            "" | " " => false,
            // A letter is half ink.
            _ => x % SCALE == 1 || x % SCALE == 2 && y % 2 == 0,
        };
        image::Rgb(if inked { ink } else { paper })
    })
}

impl Theme {
    const fn colour(self, colour: Color, text: bool) -> [u8; 3] {
        let (dark, light) = match self {
            Self::Dark => ([0x1c, 0x1c, 0x1c], [0xd0, 0xd0, 0xd0]),
            Self::Light => ([0xfd, 0xf6, 0xe3], [0x07, 0x36, 0x42]),
        };
        match colour {
            Color::Default if text => light,
            Color::Default | Color::Idx(0 | 8) => dark,
            Color::Idx(7 | 15) => light,
            Color::Idx(1..=14) => [0x80; 3],
            Color::Idx(cube @ 16..=231) => {
                let cube = cube - 16;
                [level(cube / 36), level(cube / 6 % 6), level(cube % 6)]
            }
            Color::Idx(grey) => [8 + (grey - 232) * 10; 3],
            Color::Rgb(red, green, blue) => [red, green, blue],
        }
    }
}

/// Of the colour cube's six.
const fn level(step: u8) -> u8 {
    if step == 0 { 0 } else { 55 + step * 40 }
}
