//! What a prompt is told of a session, and what the agent has to know of it at once.

use super::lifelines::Progress;
use super::prompt::LineSender;
use crate::history::CeremonyTrace;
use crate::session::Ui;
use hybrid_diagnosis::timeline::TimelineEntry;
use hybrid_prompt_line::{code_line, may_renew_line};
use hybrid_protocol::{QrText, Wiped};
use hybrid_webauthn::{GetInfo, ReplyError};
use std::sync::Arc;
use tokio::sync::oneshot;

/// A session's way to a prompt.
pub(super) struct PromptUi {
    lines: LineSender,
    reply: Option<oneshot::Sender<Result<Wiped, ReplyError>>>,
    progress: Arc<Progress>,
    trace: CeremonyTrace,
}

impl PromptUi {
    /// `reply` is for what the phone says, `progress` for how far it is,
    /// `trace` for the history.
    pub(super) const fn new(
        lines: LineSender,
        reply: oneshot::Sender<Result<Wiped, ReplyError>>,
        progress: Arc<Progress>,
        trace: CeremonyTrace,
    ) -> Self {
        Self {
            lines,
            reply: Some(reply),
            progress,
            trace,
        }
    }
}

impl Ui for PromptUi {
    type Response = Wiped;

    fn code(&mut self, text: &QrText) {
        self.trace.code();
        self.lines.text(code_line(text.expose()));
    }

    fn entry(&mut self, entry: &TimelineEntry) {
        self.trace.note(entry);
        self.lines.json(&entry.to_json());
        self.progress.note(&entry.what);
    }

    fn replied(&mut self, response: Result<Wiped, ReplyError>) {
        if let Some(reply) = self.reply.take() {
            // Who asked may be gone.
            let _ = reply.send(response);
        }
    }

    fn greeted(&mut self, phone: &GetInfo) {
        self.trace.greeted(phone);
    }

    fn offer_new_code(&mut self) {
        self.lines.json(&may_renew_line());
    }
}
