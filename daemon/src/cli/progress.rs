//! What a person sees of a session, and what scripts read.

use super::say::say;
use super::screen::Screen;
use super::stdout;
use super::wrap::wrap;
use crate::output::{self, Output};
use crate::private_file::{NotPrivate, Place, write_private};
use crate::qr::{self, Colours, Show, Symbol, TerminalSize};
use crate::session::Ui;
use hybrid_diagnosis::timeline::{EventKind, TimelineEntry};
use hybrid_diagnosis::wording;
use hybrid_process::within;
use hybrid_protocol::QrText;
use hybrid_protocol::Stage;
use hybrid_webauthn::ReplyError;
use serde_json::{Value, json};
use std::fmt;
use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;
use zeroize::Zeroizing;

/// The time stands before what happens.
const INDENT: usize = "  12.3 s  ".len();

/// A session does not wait longer for the picture of a code to be written.
const PICTURE: Duration = Duration::from_millis(500);

/// What stands below a code.
pub(super) const fn caption(colours: Colours) -> &'static str {
    match colours {
        Colours::Ansi => {
            "Scan this code with your phone's camera. Enter shows a new one, Ctrl-C stops."
        }
        // On a light terminal it is white on black, which a few cameras do not read.
        Colours::Plain => {
            "Scan this code with your phone's camera (if it is not recognised: --qr png:FILE). Enter shows a new one, Ctrl-C stops."
        }
    }
}

/// What the command line shows of a session: to a person, and to those who read JSON Lines.
pub(super) struct CliUi {
    show: Show,
    colours: Colours,
    events: Option<Sink>,
    timeline: Option<Sink>,
    screen: Screen<&'static Output>,
    codes: u32,
    /// Where the first picture goes, which was tried before the session began.
    place: Option<Place>,
    pub(super) result: Option<Result<(), ReplyError>>,
    /// The response on its way to standard output.
    pub(super) delivery: Option<oneshot::Receiver<io::Result<()>>>,
    /// The success, which is none before the response is written.
    done: Option<TimelineEntry>,
}

/// Where JSON Lines go.
pub(super) enum Sink {
    Stderr,
    /// A file or pipe, with what a person is told about it.
    Lines(Output, &'static str),
}

impl Sink {
    /// Opens a file that only its owner may read, or a pipe or device of one's own; `-` is standard
    /// error.
    pub(super) fn open(path: &Path, name: &'static str) -> Result<Self, NotPrivate> {
        if path == Path::new("-") {
            return Ok(Self::Stderr);
        }
        let file = Place::find(path)?.stream()?;
        let gap = |lost| format!("{}\n", json!({"ev": "lost", "lines": lost}));
        Ok(Self::Lines(Output::start(file, gap)?, name))
    }

    /// Neither a full disk nor a reader that sleeps ends a sign-in.
    pub(super) fn write(&mut self, line: &Value) {
        match self {
            Self::Stderr => say(&line.to_string()),
            Self::Lines(output, _) => drop(output.tell(&format!("{line}\n"))),
        }
    }

    fn finish(&self, by: Instant) {
        if let Self::Lines(output, name) = self
            && let Err(lost) = output.finish(by)
            && !name.is_empty()
        {
            say(&format!("hybridd: of the {name} {lost}"));
        }
    }
}

impl CliUi {
    /// # Errors
    /// [`CodeUnwritten`], when the code cannot be written to where it is to go.
    pub(super) fn new(
        show: Option<Show>,
        events: Option<Sink>,
        timeline: Option<Sink>,
    ) -> Result<Self, CodeUnwritten> {
        let terminal = io::stderr().is_terminal();
        let show = show.unwrap_or(if terminal { Show::Terminal } else { Show::Text });
        let place = match &show {
            Show::Svg(path) | Show::Png(path) => {
                Some(try_out(path).map_err(|error| CodeUnwritten::new(path, error))?)
            }
            Show::Terminal | Show::Text | Show::None => None,
        };
        Ok(Self {
            show,
            colours: Colours::from_environment(),
            events,
            timeline,
            screen: Screen::new(output::stderr()),
            codes: 0,
            place,
            result: None,
            delivery: None,
            done: None,
        })
    }

    /// The end: whether the response was written is known now, and the last lines get a moment.
    pub(super) fn finish(&mut self, written: bool) {
        if let Some(mut done) = self.done.take() {
            done.what = EventKind::Done { ok: written };
            self.entry(&done);
        }
        let by = Instant::now() + output::LAST_LINES;
        for sink in [&self.events, &self.timeline].into_iter().flatten() {
            sink.finish(by);
        }
    }

    /// Lines that others write to the same terminal would be taken away with the code.
    fn erase_code(&mut self, typed: usize) {
        let shared = [&self.events, &self.timeline]
            .into_iter()
            .flatten()
            .any(|sink| matches!(sink, Sink::Stderr));
        if self.colours == Colours::Ansi && !shared && io::stderr().is_terminal() {
            self.screen.erase(terminal_size(), typed);
        }
    }

    fn draw(&mut self, text: &QrText) -> Result<(), NotDrawn> {
        let symbol = || Symbol::new(text).map_err(NotDrawn::TooLong);
        let first = self.place.take();
        let file = |path: &Path, content: Zeroizing<Vec<u8>>| {
            let owned = path.to_owned();
            let written = within(PICTURE, move || match first {
                Some(place) => Ok(place.write(&content)?),
                None => write_private(&owned, &content),
            });
            match written {
                Ok(Ok(())) => Ok(()),
                Ok(Err(error)) => Err(NotDrawn::Unwritten(CodeUnwritten::new(path, error))),
                Err(error) => Err(NotDrawn::Unread {
                    path: path.to_owned(),
                    error,
                }),
            }
        };
        match &self.show {
            Show::Terminal => match qr::terminal(&symbol()?, self.colours, terminal_size()) {
                Ok(drawing) => self.screen.draw(drawing, caption(self.colours)),
                Err(too_small) => {
                    say(&format!(
                        "hybridd: {too_small}; Enter draws it again. Its text:"
                    ));
                    say(text.expose());
                }
            },
            Show::Svg(path) => {
                let svg = qr::svg(&symbol()?);
                file(path, Zeroizing::new(svg.as_bytes().to_vec()))?;
            }
            Show::Png(path) => file(path, qr::png(&symbol()?).map_err(NotDrawn::Png)?)?,
            Show::Text => say(text.expose()),
            Show::None => {}
        }
        Ok(())
    }
}

impl Ui for CliUi {
    type Response = Value;

    fn code(&mut self, text: &QrText) {
        self.codes += 1;
        if self.codes > 1 {
            // The person pressed Enter, which the terminal shows as a line.
            self.erase_code(1);
            self.screen
                .say("A new code; the one before is no longer valid.");
        }
        if let Err(why) = self.draw(text) {
            say(&format!("hybridd: {why}"));
        }
        let for_scripts = matches!(self.show, Show::Text | Show::None);
        if let Some(events) = self.events.as_mut().filter(|_| for_scripts) {
            events.write(&json!({"ev": "qr", "url": text.expose()}));
        }
    }

    fn entry(&mut self, entry: &TimelineEntry) {
        if matches!(entry.what, EventKind::Done { ok: true }) && self.delivery.is_some() {
            self.done = Some(entry.clone());
            return;
        }
        for sink in [&mut self.events, &mut self.timeline].into_iter().flatten() {
            sink.write(&entry.to_json());
        }
        if ends_code(&entry.what) {
            self.erase_code(0);
        }
        if let Some(text) = worded(entry) {
            self.screen.say(&text);
        }
    }

    fn offer_new_code(&mut self) {
        self.screen.say("Enter shows a new code, Ctrl-C ends.");
    }

    fn replied(&mut self, response: Result<Value, ReplyError>) {
        self.result = Some(response.map(|response| {
            self.delivery = Some(stdout::deliver(&response));
        }));
    }
}

/// What happened, in words and with its time; `None` for what is not worth a line.
pub(super) fn worded(entry: &TimelineEntry) -> Option<String> {
    let text = wording::line(&entry.what)?;
    let columns = terminal_size().columns;
    let lines: Vec<_> = text
        .lines()
        .map(|line| wrap(line.trim_end(), INDENT, columns))
        .collect();
    let text = lines.join(&format!("\n{:INDENT$}", ""));
    Some(format!("{:6.1} s  {text}", entry.at.as_secs_f64()))
}

/// The code is used once the phone was heard, and worth nothing once the session is over.
pub(super) const fn ends_code(what: &EventKind) -> bool {
    matches!(
        what,
        EventKind::Stage(Stage::Tunnel) | EventKind::Failed(_) | EventKind::Done { .. }
    )
}

/// What will not work is told before anybody is asked for anything.
fn try_out(path: &Path) -> Result<Place, NotPrivate> {
    let place = Place::find(path)?;
    place.try_out()?;
    Ok(place)
}

/// The code cannot be written to where it is to go.
#[derive(Debug)]
pub(super) struct CodeUnwritten {
    path: PathBuf,
    error: NotPrivate,
}

impl CodeUnwritten {
    fn new(path: &Path, error: NotPrivate) -> Self {
        Self {
            path: path.to_owned(),
            error,
        }
    }
}

impl fmt::Display for CodeUnwritten {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "cannot write the code to {}: {}",
            self.path.display(),
            self.error
        )
    }
}

impl std::error::Error for CodeUnwritten {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.error)
    }
}

/// Why a code is not shown.
#[derive(Debug)]
enum NotDrawn {
    TooLong(qr::TooLong),
    Png(png::EncodingError),
    Unwritten(CodeUnwritten),
    /// The pipe's reader sleeps.
    Unread {
        path: PathBuf,
        error: io::Error,
    },
}

impl fmt::Display for NotDrawn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong(error) => error.fmt(f),
            Self::Png(error) => error.fmt(f),
            Self::Unwritten(error) => error.fmt(f),
            Self::Unread { path, .. } => {
                write!(f, "nobody has read the code from {} yet", path.display())
            }
        }
    }
}

impl std::error::Error for NotDrawn {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::TooLong(error) => Some(error),
            Self::Png(error) => Some(error),
            Self::Unwritten(error) => Some(error),
            Self::Unread { error, .. } => Some(error),
        }
    }
}

pub(super) fn terminal_size() -> TerminalSize {
    let size = rustix::termios::tcgetwinsize(io::stderr()).ok();
    let known = |length: u16| Some(usize::from(length)).filter(|length| *length > 0);
    TerminalSize {
        columns: size.and_then(|size| known(size.ws_col)),
        rows: size.and_then(|size| known(size.ws_row)),
    }
}
