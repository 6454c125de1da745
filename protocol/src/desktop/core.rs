//! What every phase of a desktop's session needs: its clock, its outputs, and the ways to end.

use super::event::DesktopOutput;
use super::phase::DesktopPhase;
use crate::advert::EidKey;
use crate::failure::{Cause, Failure};
use crate::secret::Wiped;
use crate::stage::Stage;
use std::collections::VecDeque;
use std::time::Instant;

/// The session apart from its phase. The transitions are its methods: they take the old phase and
/// return the new one.
pub(super) struct DesktopCore {
    pub(super) stage: Stage,
    pub(super) deadline: Instant,
    pub(super) eid_key: EidKey,
    pub(super) tunnel_open: bool,
    /// A command that came before the channel was up.
    pub(super) request: Option<Wiped>,
    pub(super) outputs: VecDeque<DesktopOutput>,
}

impl DesktopCore {
    pub(super) fn new(eid_key: EidKey, stage: Stage, now: Instant) -> Self {
        Self {
            stage,
            deadline: now + stage.budget(),
            eid_key,
            tunnel_open: false,
            request: None,
            outputs: VecDeque::from([DesktopOutput::Entered(stage)]),
        }
    }

    pub(super) fn enter(&mut self, stage: Stage, now: Instant) {
        self.stage = stage;
        self.deadline = now + stage.budget();
        self.outputs.push_back(DesktopOutput::Entered(stage));
    }

    pub(super) fn fail(&mut self, cause: Cause) -> DesktopPhase {
        self.close();
        self.outputs.push_back(DesktopOutput::Failed(Failure {
            at: self.stage,
            cause,
        }));
        DesktopPhase::Done
    }

    pub(super) fn end(&mut self, now: Instant) -> DesktopPhase {
        self.close();
        self.enter(Stage::Done, now);
        self.outputs.push_back(DesktopOutput::Ended);
        DesktopPhase::Done
    }

    pub(super) fn close(&mut self) {
        if std::mem::take(&mut self.tunnel_open) {
            self.outputs.push_back(DesktopOutput::CloseTunnel);
        }
    }
}
