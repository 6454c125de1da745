//! What a prompt is told of a session, and what the agent has to know of it at once.

use super::line::{code_line, may_renew_line};
use super::prompt::LineSender;
use crate::session::Ui;
use hybrid_diagnosis::observation::radio::Trouble;
use hybrid_diagnosis::timeline::{EventKind, TimelineEntry};
use hybrid_protocol::{QrText, Stage, Wiped};
use hybrid_webauthn::ReplyError;
use tokio::sync::oneshot;

/// A session's way to a prompt.
pub(super) struct PromptUi {
    lines: LineSender,
    reply: Option<oneshot::Sender<Result<Wiped, ReplyError>>>,
    lost: Option<oneshot::Sender<()>>,
    /// The radio listens for the phone.
    listens: bool,
}

impl PromptUi {
    /// `reply` is for what the phone says. `lost` is for a bluetoothd that ends while it is needed:
    /// the person is told, and does not wait in vain.
    pub(super) const fn new(
        lines: LineSender,
        reply: oneshot::Sender<Result<Wiped, ReplyError>>,
        lost: oneshot::Sender<()>,
    ) -> Self {
        Self {
            lines,
            reply: Some(reply),
            lost: Some(lost),
            listens: false,
        }
    }
}

impl Ui for PromptUi {
    type Response = Wiped;

    fn code(&mut self, text: &QrText) {
        self.lines.text(code_line(text.expose()));
    }

    fn entry(&mut self, entry: &TimelineEntry) {
        self.lines.json(&entry.to_json());
        if let EventKind::Listening(_) = entry.what {
            self.listens = true;
        } else if entry.what == EventKind::Stage(Stage::Tunnel) {
            self.lost = None;
        } else if entry.what == EventKind::Radio(Trouble::BluetoothdGone)
            && self.listens
            && let Some(lost) = self.lost.take()
        {
            let _ = lost.send(());
        }
    }

    fn replied(&mut self, response: Result<Wiped, ReplyError>) {
        if let Some(reply) = self.reply.take() {
            // Who asked may be gone.
            let _ = reply.send(response);
        }
    }

    fn offer_new_code(&mut self) {
        self.lines.json(&may_renew_line());
    }
}
