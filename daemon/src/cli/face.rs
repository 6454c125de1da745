//! What a person sees of a session, and what scripts read.

use super::canvas::Canvas;
use super::options::Show;
use super::say;
use super::wrap::wrap;
use crate::session::Face;
use crate::show::{self, Colours, Screen, Symbol};
use crate::timeline::{Entry, What};
use crate::webauthn::ReplyError;
use crate::words;
use hybrid_protocol::Stage;
use hybrid_protocol::QrText;
use serde_json::{Value, json};
use std::fs::{File, OpenOptions};
use std::io::{self, IsTerminal as _, Stderr, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

/// The time stands before what happens.
const INDENT: usize = "  12.3 s  ".len();

/// What stands below a code.
const fn caption(colours: Colours) -> &'static str {
    match colours {
        Colours::Ansi => "Scan this code with your phone's camera. Enter shows a new one, Ctrl-C stops.",
        // On a light terminal it is white on black, which a few cameras do not read.
        Colours::Plain => {
            "Scan this code with your phone's camera (if it is not recognised: --qr png:FILE). Enter shows a new one, Ctrl-C stops."
        }
    }
}

/// The command line's face.
pub(super) struct CliFace {
    show: Show,
    colours: Colours,
    events: Option<Sink>,
    timeline: Option<Sink>,
    canvas: Canvas<Stderr>,
    codes: u32,
    pub(super) result: Option<Result<(), ReplyError>>,
}

/// Where JSON Lines go.
pub(super) enum Sink {
    Stderr,
    File(File),
}

impl Sink {
    /// Opens a file that only its owner may read; `-` is standard error.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        if path == Path::new("-") {
            return Ok(Self::Stderr);
        }
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(path)?;
        if file.metadata()?.is_file() {
            file.set_permissions(std::fs::Permissions::from_mode(0o600))?;
        }
        Ok(Self::File(file))
    }

    fn write(&mut self, line: &Value) {
        match self {
            Self::Stderr => say(&line.to_string()),
            // A full disk must not end a sign-in.
            Self::File(file) => drop(writeln!(file, "{line}")),
        }
    }
}

impl CliFace {
    pub(super) fn new(show: Option<Show>, events: Option<Sink>, timeline: Option<Sink>) -> Self {
        let terminal = io::stderr().is_terminal();
        Self {
            show: show.unwrap_or(if terminal { Show::Terminal } else { Show::Text }),
            colours: Colours::from_environment(),
            events,
            timeline,
            canvas: Canvas::new(io::stderr()),
            codes: 0,
            result: None,
        }
    }

    /// Lines that others write to the same terminal would be taken away with the code.
    fn erase_code(&mut self, typed: usize) {
        let shared = [&self.events, &self.timeline]
            .into_iter()
            .flatten()
            .any(|sink| matches!(sink, Sink::Stderr));
        if self.colours == Colours::Ansi && !shared && io::stderr().is_terminal() {
            self.canvas.erase(screen(), typed);
        }
    }

    fn draw(&mut self, text: &QrText) -> Result<(), String> {
        let symbol = || Symbol::new(text).map_err(|error| error.to_string());
        let file = |path: &Path, content: &[u8]| {
            show::write_private(path, content)
                .map_err(|error| format!("cannot write the code to {}: {error}", path.display()))
        };
        match &self.show {
            Show::Terminal => match show::terminal(&symbol()?, self.colours, screen()) {
                Ok(drawing) => self.canvas.draw(drawing, caption(self.colours)),
                Err(too_small) => {
                    say(&format!("hybridd: {too_small}; Enter draws it again. Its text:"));
                    say(text.expose());
                }
            },
            Show::Svg(path) => file(path, show::svg(&symbol()?).as_bytes())?,
            Show::Png(path) => file(path, &show::png(&symbol()?).map_err(|error| error.to_string())?)?,
            Show::Text => say(text.expose()),
            Show::None => {}
        }
        Ok(())
    }
}

impl Face for CliFace {
    fn code(&mut self, text: &QrText) {
        self.codes += 1;
        if self.codes > 1 {
            // The person pressed Enter, which the terminal shows as a line.
            self.erase_code(1);
            self.canvas.say("A new code; the one before is no longer valid.");
        }
        if let Err(why) = self.draw(text) {
            say(&format!("hybridd: {why}"));
        }
        let for_scripts = matches!(self.show, Show::Text | Show::None);
        if let Some(events) = self.events.as_mut().filter(|_| for_scripts) {
            events.write(&json!({"ev": "qr", "url": text.expose()}));
        }
    }

    fn entry(&mut self, entry: &Entry) {
        for sink in [&mut self.events, &mut self.timeline].into_iter().flatten() {
            sink.write(&entry.to_json());
        }
        // The code is used once the phone was heard, and worth nothing once the session is over.
        if matches!(
            entry.what,
            What::Stage(Stage::Tunnel) | What::Failed(_) | What::Done { .. }
        ) {
            self.erase_code(0);
        }
        if let Some(text) = words::line(&entry.what) {
            let columns = screen().columns;
            let lines: Vec<_> = text
                .lines()
                .map(|line| wrap(line.trim_end(), INDENT, columns))
                .collect();
            let text = lines.join(&format!("\n{:INDENT$}", ""));
            self.canvas.say(&format!("{:6.1} s  {text}", entry.at.as_secs_f64()));
        }
    }

    fn offer_new_code(&mut self) {
        self.canvas.say("Enter shows a new code, Ctrl-C ends.");
    }

    fn replied(&mut self, response: Result<Value, ReplyError>) {
        self.result = Some(response.map(|response| {
            let mut stdout = io::stdout();
            let _ = writeln!(stdout, "{response}").and_then(|()| stdout.flush());
        }));
    }
}

fn screen() -> Screen {
    let size = rustix::termios::tcgetwinsize(io::stderr()).ok();
    let known = |length: u16| Some(usize::from(length)).filter(|length| *length > 0);
    Screen {
        columns: size.and_then(|size| known(size.ws_col)),
        rows: size.and_then(|size| known(size.ws_row)),
    }
}
