//! A code and lines of an agent, for tests.

use hybrid_diagnosis::timeline::{EventKind, TimelineEntry};
use hybrid_prompt_line::{AgentLine, AskKind, PromptAsk};
use hybrid_protocol::{Desktop, Hint, Linking, QrEntropy, Secret};
use std::time::{Duration, Instant};
use zeroize::Zeroizing;

/// The text of a code; another one for each `fill`.
pub(crate) fn code_text(fill: u8) -> String {
    let entropy = QrEntropy {
        static_key: Secret::new([7; 32]),
        secret: Secret::new([fill; 16]),
        ephemeral: Secret::new([1; 32]),
    };
    let (hint, linking, now) = (Hint::SignIn, Linking::NotOffered, Instant::now());
    let started = Desktop::by_qr(&entropy, 1_790_000_000, hint, linking, now);
    started.unwrap().1.to_text().expose().to_owned()
}

pub(crate) fn code(fill: u8) -> AgentLine {
    AgentLine::Code(Zeroizing::new(code_text(fill)))
}

pub(crate) fn ask(kind: AskKind, rp_id: &str) -> PromptAsk {
    PromptAsk {
        id: 1,
        kind,
        rp_id: rp_id.to_owned(),
        program: None,
        notes: Vec::new(),
    }
}

pub(crate) fn event(what: EventKind) -> AgentLine {
    let at = Duration::from_millis(1500);
    AgentLine::Event(TimelineEntry { at, what }.to_json())
}
