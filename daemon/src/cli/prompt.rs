//! The prompt of an agent that was started in a terminal: JSON Lines in, a person's answers out.

use super::exit::Exit;
use super::progress::{caption, ends_code, terminal_size, worded};
use super::say::say;
use super::screen::Screen;
use super::stdout;
use crate::agent::line::{AgentLine, AskKind, LONGEST_LINE, PromptAsk, PromptLine, PromptNote};
use crate::output::{self, Output};
use crate::qr::{self, Colours, Symbol};
use hybrid_diagnosis::timeline::TimelineEntry;
use hybrid_protocol::QrCode;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, IsTerminal as _, Read as _};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;
use zeroize::Zeroizing;

/// Lines that wait to be shown.
const WAITING: usize = 64;

pub(super) async fn run() -> Exit {
    let (Ok(mut interrupt), Ok(mut end)) = (
        signal(SignalKind::interrupt()),
        signal(SignalKind::terminate()),
    ) else {
        return Exit::Defect;
    };
    let (to_screen, mut lines) = mpsc::channel(WAITING);
    std::thread::spawn(move || read_agent(&to_screen));
    let mut keys = keyboard();
    let mut shown = TerminalPrompt {
        screen: Screen::new(output::stderr()),
        colours: Colours::from_environment(),
        kind: AskKind::Get,
        codes: 0,
        typed: 0,
    };
    loop {
        tokio::select! {
            line = lines.recv() => match line {
                Some(AgentLine::Close) | None => break,
                Some(line) => shown.take(line),
            },
            Some(()) = keys.recv() => shown.enter(),
            _ = interrupt.recv() => answer(PromptLine::Cancel),
            _ = end.recv() => {
                answer(PromptLine::Cancel);
                break;
            }
        }
    }
    shown.erase();
    Exit::Done
}

/// What stands in the terminal.
struct TerminalPrompt {
    screen: Screen<&'static Output>,
    colours: Colours,
    kind: AskKind,
    codes: u32,
    /// The lines that the person entered since the code was drawn.
    typed: usize,
}

impl TerminalPrompt {
    fn take(&mut self, line: AgentLine) {
        match line {
            AgentLine::Ask(ask) => self.ask(&ask),
            AgentLine::Code(text) => self.code(&text),
            AgentLine::MayRenew => self.screen.say("Enter shows a new code, Ctrl-C ends."),
            AgentLine::Event(event) => {
                if let Some(entry) = TimelineEntry::from_json(&event) {
                    self.entry(&entry);
                }
            }
            AgentLine::Close => {}
        }
    }

    fn ask(&mut self, ask: &PromptAsk) {
        self.kind = ask.kind;
        let rp_id = &ask.rp_id;
        self.screen.say(&match ask.kind {
            AskKind::Create => format!("A program asks for a new passkey for {rp_id}."),
            AskKind::Get => format!("A program asks to sign in to {rp_id}."),
            AskKind::Select => "A program asks which security key to use. Enter uses the phone, \
                                Ctrl-C does not."
                .to_owned(),
        });
        for note in &ask.notes {
            match note {
                PromptNote::UsbTransport => self.screen.say(
                    "With Firefox, the site will take it for one on a USB key. Some sites then do \
                     not offer it on the phone itself.",
                ),
            }
        }
        if ask.kind == AskKind::Select {
            answer(PromptLine::Shown);
        }
    }

    fn code(&mut self, text: &str) {
        self.erase();
        self.codes += 1;
        if self.codes > 1 {
            self.screen
                .say("A new code; the one before is no longer valid.");
        }
        // Read and made again, so that nothing else can be drawn.
        let Ok(code) = QrCode::parse(text) else {
            return say("hybridd: the agent's code is not understood");
        };
        let text = code.to_text();
        let drawn = Symbol::new(&text)
            .ok()
            .filter(|_| io::stderr().is_terminal());
        match drawn.map(|symbol| qr::terminal(&symbol, self.colours, terminal_size())) {
            Some(Ok(drawing)) => self.screen.draw(drawing, caption(self.colours)),
            Some(Err(too_small)) => {
                say(&format!(
                    "hybridd: {too_small}; Enter draws a new one. Its text:"
                ));
                say(text.expose());
            }
            None => say(text.expose()),
        }
        answer(PromptLine::Shown);
    }

    fn entry(&mut self, entry: &TimelineEntry) {
        if ends_code(&entry.what) {
            self.erase();
        }
        if let Some(text) = worded(entry) {
            self.screen.say(&text);
        }
    }

    fn enter(&mut self) {
        self.typed += 1;
        answer(match self.kind {
            AskKind::Create | AskKind::Get => PromptLine::NewCode,
            AskKind::Select => PromptLine::Use,
        });
    }

    fn erase(&mut self) {
        if self.colours == Colours::Ansi && io::stderr().is_terminal() {
            self.screen.erase(terminal_size(), self.typed);
        }
        self.typed = 0;
    }
}

/// An agent that is gone is seen by its lines' end.
fn answer(line: PromptLine) {
    let _ = stdout::write(&format!("{}\n", line.to_json()));
}

/// Hands over what the agent says, until it says no more.
fn read_agent(to_screen: &mpsc::Sender<AgentLine>) {
    let mut from = BufReader::new(io::stdin().lock());
    loop {
        // It may hold a code, and is wiped.
        let mut line = Zeroizing::new(Vec::with_capacity(LONGEST_LINE));
        let most = u64::try_from(LONGEST_LINE).unwrap_or(u64::MAX);
        match from.by_ref().take(most).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        if let Some(line) = AgentLine::read(&line)
            && to_screen.blocking_send(line).is_err()
        {
            return;
        }
    }
}

/// Each Enter, from the terminal itself: standard input is the agent's.
fn keyboard() -> mpsc::Receiver<()> {
    let (sender, keys) = mpsc::channel(4);
    // Reading a terminal cannot be cancelled; the thread ends with the process.
    std::thread::spawn(move || {
        if let Ok(terminal) = File::open("/dev/tty") {
            for _line in BufReader::new(terminal).lines().map_while(Result::ok) {
                if sender.blocking_send(()).is_err() {
                    return;
                }
            }
        }
        // Without a terminal nobody presses anything.
        std::thread::park();
    });
    keys
}
