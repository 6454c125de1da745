//! What a person sees of a session, and what scripts read.

use super::say::{say, say_whole};
use super::stdout;
use crate::history::CeremonyTrace;
use crate::output::{self, Output};
use crate::picture::Picture;
use crate::private_file::{NotPrivate, Place};
use crate::qr::{self, Cells, Form, Ink, Show, Symbol};
use crate::screen::{self, Panel, Told, Ways};
use crate::session::{Ask, Ui};
use crate::terminal::Ability;
use hybrid_diagnosis::timeline::{EventKind, FailureKind, TimelineEntry};
use hybrid_diagnosis::wording;
use hybrid_protocol::QrText;
use hybrid_protocol::Stage;
use hybrid_webauthn::{GetInfo, ReplyError};
use serde_json::{Value, json};
use std::fmt;
use std::fs::File;
use std::io::{self, IsTerminal as _, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::Instant;
use tokio::sync::{mpsc, oneshot};
use zeroize::Zeroizing;

/// The way out when no camera reads the code.
const AS_PICTURE: &str = "--qr png:FILE";

/// What the command line shows of a session: to a person, and to those who read JSON Lines.
pub(super) struct CliUi {
    show: Show,
    /// Somebody reads what a person types.
    keys: bool,
    events: Option<Sink>,
    /// The one that was asked for, and the one that is kept.
    timelines: Vec<Sink>,
    codes: u32,
    /// Where a code that nobody can scan ends the session.
    stop: mpsc::Sender<Ask>,
    /// The code could not be written, which ended it.
    pub(super) unwritten: Option<CodeUnwritten>,
    /// Nobody said how the code is to be shown, and there is no terminal to draw it on.
    text_for_want_of_a_terminal: bool,
    /// For the history.
    pub(super) trace: CeremonyTrace,
    /// The person ended it, and knows why.
    stopped: bool,
    /// Where the first picture goes, which was tried before the session began.
    place: Option<Place>,
    /// The picture of the code that is wanted.
    picture: Option<Picture>,
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
        if is_the_screen(&file) {
            return Ok(Self::Stderr);
        }
        let gap = |lost| format!("{}\n", json!({"ev": "lost", "lines": lost}));
        Ok(Self::Lines(Output::start(file, gap)?, name))
    }

    /// Neither a full disk nor a reader that sleeps ends a sign-in.
    pub(super) fn write(&mut self, line: &Value) {
        match self {
            Self::Stderr => say_whole(&line.to_string()),
            Self::Lines(output, _) => drop(output.tell(&format!("{line}\n"))),
        }
    }

    fn finish(&self, by: Instant) {
        if let Self::Lines(output, name) = self
            && let Err(lost) = output.finish(by)
            && !name.is_empty()
        {
            say(&format!("hybridd: {name}: {lost}"));
        }
    }
}

impl CliUi {
    /// # Errors
    /// [`CodeUnwritten`], when the code cannot be written to where it is to go.
    pub(super) fn new(
        show: Option<Show>,
        keys: bool,
        events: Option<Sink>,
        timelines: Vec<Sink>,
        stop: mpsc::Sender<Ask>,
    ) -> Result<Self, CodeUnwritten> {
        let terminal = screen::stderr().is_terminal();
        let text_for_want_of_a_terminal = show.is_none() && !terminal;
        let show = show.unwrap_or(if terminal { Show::Terminal } else { Show::Text });
        let place = match &show {
            Show::Svg(path) | Show::Png(path) => {
                Some(try_out(path).map_err(|error| CodeUnwritten::new(path, error))?)
            }
            Show::Terminal | Show::Text | Show::None => None,
        };
        Ok(Self {
            show,
            keys,
            events,
            timelines,
            codes: 0,
            stop,
            unwritten: None,
            text_for_want_of_a_terminal,
            trace: CeremonyTrace::default(),
            stopped: false,
            place,
            picture: None,
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
        for sink in self.events.iter().chain(&self.timelines) {
            sink.finish(by);
        }
    }

    /// The code is worth nothing any more.
    fn end_code(&mut self) {
        screen::stderr().end();
        let Some(mut picture) = self.picture.take() else {
            return;
        };
        let path = picture.path().to_owned();
        match picture.remove() {
            Ok(true) => say(&format!(
                "Removed the picture of the code: {}",
                path.display()
            )),
            Ok(false) => {}
            Err(error) => say(&format!(
                "hybridd: cannot remove the picture of the code: {}: {error}",
                path.display()
            )),
        }
    }

    fn draw(&mut self, text: &QrText) -> Result<(), NotDrawn> {
        let symbol = || Symbol::new(text).map_err(NotDrawn::TooLong);
        match &self.show {
            Show::Terminal if screen::stderr().is_terminal() => {
                let ways = Ways {
                    keys: self.keys,
                    option: Some(AS_PICTURE),
                };
                screen::stderr().show(Panel::new(text, ways).map_err(NotDrawn::TooLong)?);
            }
            Show::Terminal => {
                screen::stderr().say(&drawn_in_a_file(&symbol()?));
            }
            Show::Svg(path) => {
                let svg = qr::svg(&symbol()?);
                let svg = Zeroizing::new(svg.as_bytes().to_vec());
                self.picture = Some(self.picture_at(&path.clone(), svg)?);
            }
            Show::Png(path) => {
                let png = qr::png(&symbol()?).map_err(NotDrawn::Png)?;
                self.picture = Some(self.picture_at(&path.clone(), png)?);
            }
            Show::Text => {
                say(text.expose());
                if self.text_for_want_of_a_terminal {
                    say(&format!(
                        "hybridd: standard error is not a terminal, so the code is not drawn: {AS_PICTURE} writes it as a picture."
                    ));
                }
            }
            Show::None => {}
        }
        Ok(())
    }

    /// In the place of the one before, which is not there any more when this is written.
    fn picture_at(
        &mut self,
        path: &Path,
        content: Zeroizing<Vec<u8>>,
    ) -> Result<Picture, NotDrawn> {
        let unwritten = |error| NotDrawn::Unwritten(CodeUnwritten::new(path, error));
        let place = match self.place.take() {
            Some(place) => place,
            None => Place::find(path).map_err(unwritten)?,
        };
        let picture = Picture::write(place, path, content);
        let picture = picture.map_err(|error| unwritten(error.into()))?;
        if picture.is_late() {
            say(&format!(
                "hybridd: no process has read the code from {} yet",
                path.display()
            ));
        }
        Ok(picture)
    }
}

/// A file or pipe that was asked to be drawn on is taken for a terminal like the one around.
fn drawn_in_a_file(symbol: &Symbol) -> Zeroizing<String> {
    const USUAL: Form = Form {
        cells: Cells::Halves,
        ink: Ink::Fixed,
    };
    let drawing = Form::of(Ability::from_environment())
        .unwrap_or(USUAL)
        .draw(symbol);
    Zeroizing::new(drawing.text().trim_end_matches('\n').to_owned())
}

/// Lines that are written beside the screen would break the code there.
fn is_the_screen(file: &File) -> bool {
    const CONTROLLING: (u32, u32) = (5, 0);
    let device = |file: &dyn Fn() -> io::Result<u64>| file().ok();
    if !file.is_terminal() || !screen::stderr().is_terminal() {
        return false;
    }
    let own = device(&|| {
        rustix::fs::fstat(io::stderr())
            .map(|stat| stat.st_rdev)
            .map_err(Into::into)
    });
    let other = device(&|| file.metadata().map(|data| data.rdev()));
    let controls =
        other.is_some_and(|rdev| (rustix::fs::major(rdev), rustix::fs::minor(rdev)) == CONTROLLING);
    controls || (own.is_some() && own == other)
}

impl Ui for CliUi {
    type Response = Value;

    fn code(&mut self, text: &QrText) {
        self.codes += 1;
        self.trace.code();
        if self.codes > 1 {
            say("New code; the previous one is no longer valid.");
        }
        match self.draw(text) {
            Ok(()) => {}
            Err(NotDrawn::Unwritten(why)) => {
                // Nobody can scan it. What is said of that is the command's last word.
                self.unwritten = Some(why);
                self.stopped = true;
                let _ = self.stop.try_send(Ask::Cancel);
                return;
            }
            Err(why) => say(&format!("hybridd: {why}")),
        }
        let for_scripts = matches!(self.show, Show::Text | Show::None);
        if let Some(events) = self.events.as_mut().filter(|_| for_scripts) {
            events.write(&json!({"ev": "qr", "url": text.expose()}));
        }
    }

    fn entry(&mut self, entry: &TimelineEntry) {
        self.trace.note(entry);
        if matches!(entry.what, EventKind::Done { ok: true }) && self.delivery.is_some() {
            self.done = Some(entry.clone());
            return;
        }
        for sink in self.events.iter_mut().chain(&mut self.timelines) {
            sink.write(&entry.to_json());
        }
        if ends_code(&entry.what) {
            self.end_code();
        }
        if let Some(told) = worded(entry).filter(|_| self.unwritten.is_none()) {
            screen::stderr().tell(&told);
        }
        if let EventKind::Failed(failed) = &entry.what {
            self.stopped = failed.why == FailureKind::Cancelled;
        } else if entry.what == (EventKind::Done { ok: false }) && !self.stopped {
            screen::stderr().tell_unseen();
        }
    }

    fn greeted(&mut self, phone: &GetInfo) {
        self.trace.greeted(phone);
    }

    fn offer_new_code(&mut self) {
        screen::stderr().tell_unseen();
        say("Press Enter for a new code, Ctrl-C to stop.");
    }

    fn replied(&mut self, response: Result<Value, ReplyError>) {
        self.result = Some(response.map(|response| {
            self.delivery = Some(stdout::deliver(&response));
        }));
    }
}

/// What happened, in words and with its time; `None` for what is not worth a line.
pub(super) fn worded(entry: &TimelineEntry) -> Option<Told> {
    Some(Told {
        at: Some(entry.at),
        text: wording::line(&entry.what)?,
        finding: if let EventKind::Finding(finding) = &entry.what {
            Some(finding.code)
        } else {
            None
        },
    })
}

/// The code is used once the phone was heard, and worth nothing once the session is over.
pub(super) const fn ends_code(what: &EventKind) -> bool {
    matches!(
        what,
        EventKind::Stage(Stage::Tunnel) | EventKind::Failed(_) | EventKind::Done { .. }
    )
}

/// What will not work is told before anybody is asked for anything, and what is not a picture of a
/// code is kept: this one's is removed in the end.
fn try_out(path: &Path) -> Result<Place, NotPrivate> {
    let place = Place::find(path)?;
    if let Place::File(file) = &place
        && is_something_else(file)?
    {
        return Err(io::Error::new(
            io::ErrorKind::AlreadyExists,
            "another file has this name: remove it, or choose another name",
        )
        .into());
    }
    place.try_out()?;
    Ok(place)
}

fn is_something_else(path: &Path) -> io::Result<bool> {
    const START: u64 = 1024;
    let file = match hybrid_process::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        file => file?,
    };
    let mut start = Vec::new();
    file.take(START).read_to_end(&mut start)?;
    Ok(!start.is_empty() && !qr::is_picture_of_a_code(&start))
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
}

impl fmt::Display for NotDrawn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong(error) => error.fmt(f),
            Self::Png(error) => error.fmt(f),
            Self::Unwritten(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for NotDrawn {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::TooLong(error) => Some(error),
            Self::Png(error) => Some(error),
            Self::Unwritten(error) => Some(error),
        }
    }
}
