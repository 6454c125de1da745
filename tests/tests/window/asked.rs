//! What the window is asked and told in these scenarios.

use crate::prompt::{Manner, Prompt, code, variables};
use crate::screen::Screen;
use hybrid_diagnosis::catalogue::NO_PHONE_HEARD;
use hybrid_diagnosis::finding::Finding;
use hybrid_diagnosis::timeline::{EventKind, FailureKind, SessionFailure};
use hybrid_protocol::Stage;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Buttons count from half a second after they were seen; no sign tells of it.
pub const ARMED: Duration = Duration::from_millis(700);

pub fn create(rp_id: &str) -> Value {
    json!({
        "ev": "ask", "id": 1, "operation": "create", "rp_id": rp_id, "program": "chromium",
        "notes": ["usb-transport", "aaguid-erased", "other-code"],
    })
}

pub fn get() -> Value {
    json!({"ev": "ask", "id": 1, "operation": "get", "rp_id": "login.example.org"})
}

pub fn failed() -> EventKind {
    EventKind::Failed(SessionFailure {
        at: Stage::Advert,
        why: FailureKind::TimedOut,
        detail: "timed out".to_owned(),
    })
}

pub fn finding() -> EventKind {
    EventKind::Finding(Finding::likely(
        &NO_PHONE_HEARD,
        "no phone was heard for 30 s",
    ))
}

/// A window with a code on it.
pub async fn shown(screen: &Screen, manner: Manner, bus: Option<&str>, ask: Value) -> Prompt {
    let mut prompt = Prompt::start(&variables(screen, manner, bus).await);
    prompt.tell(ask).await;
    prompt.tell(json!({"ev": "code", "text": code(1)})).await;
    prompt.shown(Instant::now()).await;
    prompt
}

pub async fn read(screen: &Screen, expected: &str) {
    let seen = async || (screen.code()? == expected).then_some(());
    screen.until("the code", seen).await;
}
