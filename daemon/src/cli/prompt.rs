//! The prompt of an agent that was started in a terminal: JSON Lines in, a person's answers out.

use super::exit::Exit;
use super::keyboard::Keyboard;
use super::progress::{ends_code, worded};
use super::say::say;
use super::stdout;
use crate::screen::{self, Panel, Typed, Ways};
use hybrid_diagnosis::timeline::TimelineEntry;
use hybrid_prompt_line::{AgentLine, AskKind, PromptAsk, PromptLine, PromptNote, read_lines};
use hybrid_protocol::QrCode;
use std::io;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

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
    std::thread::spawn(move || {
        let input = io::stdin().lock();
        read_lines(input, |line| to_screen.blocking_send(line).is_ok());
    });
    // Standard input is the agent's.
    let (pressed, mut keys) = mpsc::channel(WAITING);
    let keyboard = Keyboard::find();
    let mut shown = TerminalPrompt {
        kind: AskKind::Get,
        codes: 0,
        keys: keyboard.is_some(),
    };
    if let Some(keyboard) = keyboard {
        let pressed = pressed.clone();
        keyboard.listen(move |line| match screen::stderr().typed(line) {
            Typed::Enter => pressed.blocking_send(()).is_ok(),
            Typed::Done => true,
        });
    }
    screen::stderr().follow();
    loop {
        tokio::select! {
            line = lines.recv() => match line {
                Some(AgentLine::Close) | None => break,
                Some(line) => shown.take(line),
            },
            // `pressed` is held: without a terminal nobody presses anything.
            Some(()) = keys.recv() => shown.enter(),
            _ = interrupt.recv() => answer(PromptLine::Cancel),
            _ = end.recv() => {
                answer(PromptLine::Cancel);
                break;
            }
        }
    }
    screen::stderr().end();
    Exit::Done
}

/// What stands in the terminal.
struct TerminalPrompt {
    kind: AskKind,
    codes: u32,
    /// Somebody reads what the person types.
    keys: bool,
}

impl TerminalPrompt {
    fn take(&mut self, line: AgentLine) {
        match line {
            AgentLine::Ask(ask) => self.ask(&ask),
            AgentLine::Code(text) => self.code(&text),
            AgentLine::MayRenew => {
                screen::stderr().tell_unseen();
                say("Press Enter for a new code, Ctrl-C to stop.");
            }
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
        if let Some(program) = &ask.program {
            say(&format!("The program seems to be {program}."));
        }
        say(&match ask.kind {
            AskKind::Create => format!("A program requests a new passkey for {rp_id}."),
            AskKind::Get => format!("A program requests a sign-in to {rp_id}."),
            AskKind::Select => "A program asks which security key to use. Press Enter to use the phone, Ctrl-C to decline."
                .to_owned(),
        });
        for note in &ask.notes {
            match note {
                PromptNote::UsbTransport => say(
                    "Firefox tells the site that the passkey is on a USB key. Some sites then do \
                     not offer it on the phone itself.",
                ),
                PromptNote::AaguidErased => say(
                    "Chromium does not tell the site which model made the passkey. Organisations that \
                     allow only some models then refuse it.",
                ),
                PromptNote::OtherCode => {
                    say("The browser may show a code as well; either will do.");
                }
                // The finding that follows says why.
                PromptNote::PolicyMayRefuse => {}
            }
        }
        if ask.kind == AskKind::Select {
            answer(PromptLine::Shown);
        }
    }

    fn code(&mut self, text: &str) {
        self.codes += 1;
        if self.codes > 1 {
            say("New code; the previous one is no longer valid.");
        }
        // Read and made again, so that nothing else can be drawn.
        let Ok(code) = QrCode::parse(text) else {
            return say("hybridd: cannot read the agent's code");
        };
        let text = code.to_text();
        let ways = Ways {
            keys: self.keys,
            option: None,
        };
        match Panel::new(&text, ways) {
            Ok(panel) if screen::stderr().is_terminal() => screen::stderr().show(panel),
            Ok(_) | Err(_) => say(text.expose()),
        }
        answer(PromptLine::Shown);
    }

    fn entry(&self, entry: &TimelineEntry) {
        if ends_code(&entry.what) {
            screen::stderr().end();
        }
        if let Some(told) = worded(entry) {
            screen::stderr().tell(&told);
        }
    }

    fn enter(&self) {
        answer(match self.kind {
            AskKind::Create | AskKind::Get => PromptLine::NewCode,
            AskKind::Select => PromptLine::Use,
        });
    }
}

/// An agent that is gone is seen by its lines' end.
fn answer(line: PromptLine) {
    let _ = stdout::write(&format!("{}\n", line.to_json()));
}
