//! What happens to a request, by the agent's words.

use super::{Phase, PromptWindow};
use crate::code_square::CodeSquare;
use crate::steps::WindowSteps;
use crate::texts::WindowText;
use hybrid_diagnosis::catalogue::CANCELLED_HERE;
use hybrid_diagnosis::timeline::{AdvertOwner, EventKind, TimelineEntry};
use hybrid_prompt_line::AskKind;
use hybrid_protocol::Stage;

impl PromptWindow {
    pub(super) fn show_code(&mut self, text: &str) {
        let awaited = matches!(self.kind(), Some(AskKind::Create | AskKind::Get));
        let Some(code) = CodeSquare::read(text).filter(|_| awaited) else {
            return;
        };
        self.code = Some(code);
        self.code_painted = false;
        self.codes += 1;
        self.announcer.begin_again();
        self.phase = Phase::Live;
        self.steps = WindowSteps::default();
        self.news = (self.codes > 1).then_some(WindowText::NewCode);
    }

    pub(super) fn handle_event(&mut self, entry: &TimelineEntry) {
        self.report.add(entry);
        match &entry.what {
            EventKind::NewCode => self.await_code(),
            EventKind::Stage(stage) => {
                // The phone has answered by then: what was wrong with that stays.
                if !matches!(stage, Stage::Linger | Stage::Done) {
                    self.trouble.clear();
                }
                self.steps.enter(*stage);
                if *stage != Stage::Advert {
                    // It is used.
                    self.code = None;
                    self.news = None;
                }
            }
            EventKind::Listening(_) => self.trouble.radio_listens(),
            EventKind::Heard(heard) if heard.whose == AdvertOwner::Stale => {
                self.news = Some(WindowText::StaleCode);
            }
            EventKind::Paused(_) => self.news = Some(WindowText::Paused),
            EventKind::Finding(finding) if finding.code != CANCELLED_HERE.code => {
                self.trouble.add(finding.clone());
            }
            EventKind::Failed(_) => {
                self.code = None;
                self.steps.stop();
            }
            EventKind::Done { ok: true } => {
                self.steps.enter(Stage::Done);
                self.stop(Phase::Done);
            }
            EventKind::Done { ok: false } => self.stop(Phase::Failed),
            // The report has them, or nobody needs them.
            EventKind::Heard(_)
            | EventKind::Neighbours(_)
            | EventKind::Radio(_)
            | EventKind::Net(_)
            | EventKind::Ahead(_)
            | EventKind::Answered(_)
            | EventKind::Finding(_)
            | _ => {}
        }
    }

    pub(super) fn await_code(&mut self) {
        self.phase = Phase::Live;
        self.code = None;
        self.news = None;
        self.trouble.clear();
        self.steps = WindowSteps::default();
    }

    pub(super) fn stop(&mut self, phase: Phase) {
        self.phase = phase;
        self.code = None;
        self.news = None;
        self.steps.stop();
        if phase == Phase::Done {
            self.trouble.clear();
        }
    }
}
