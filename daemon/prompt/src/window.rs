//! The window's state: the agent's lines, the person's buttons and time come in, and what is to be
//! drawn, said and announced comes out.

mod happened;
mod pressed;
mod shown;
#[cfg(test)]
mod tests;

use crate::announcer::Announcer;
use crate::code_square::CodeSquare;
use crate::kept_report::KeptReport;
use crate::steps::WindowSteps;
use crate::texts::{WindowText, WindowTexts};
use crate::trouble::Trouble;
use crate::view::WindowButton;
use hybrid_diagnosis::timeline::TimelineEntry;
use hybrid_prompt_line::{AgentLine, AskKind, PromptAsk, PromptLine};
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// A window that nobody expected may come under a finger that is already on its way down.
const ARMING: Duration = Duration::from_millis(500);
/// A success is seen for so long. The agent waits for a second before it ends its prompt.
const FAREWELL: Duration = Duration::from_millis(700);

/// A window.
pub struct PromptWindow {
    texts: WindowTexts,
    ask: Option<PromptAsk>,
    phase: Phase,
    code: Option<CodeSquare>,
    /// That code is on the screen.
    code_painted: bool,
    codes: u32,
    steps: WindowSteps,
    trouble: Trouble,
    report: KeptReport,
    /// What happened just now.
    news: Option<WindowText>,
    /// The report is on the screen.
    reading: bool,
    /// To a choice of keys the person said yes.
    chosen: bool,
    /// From then on buttons count; nothing before the agent was told that the window is seen.
    armed: Option<Instant>,
    announcer: Announcer,
    leaves: Option<Instant>,
    outputs: VecDeque<WindowOutput>,
}

/// What is to be done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum WindowOutput {
    /// The agent is to hear this.
    Say(PromptLine),
    /// Who does not see is to hear this.
    Announce(String),
    /// This is to be on the clipboard; never a code.
    Copy(String),
    /// The window goes, and its process ends.
    Leave,
}

/// Where a request is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Phase {
    Live,
    /// It failed, and the program does not know: another code is to be had.
    Renewable,
    /// It failed, and the program knows.
    Failed,
    /// Nobody is there any more to carry it.
    AgentGone,
    Done,
    Left,
}

impl PromptWindow {
    /// One that was asked nothing yet.
    pub fn new(texts: WindowTexts) -> Self {
        Self {
            texts,
            ask: None,
            phase: Phase::Live,
            code: None,
            code_painted: false,
            codes: 0,
            steps: WindowSteps::default(),
            trouble: Trouble::default(),
            report: KeptReport::default(),
            news: None,
            reading: false,
            chosen: false,
            armed: None,
            announcer: Announcer::default(),
            leaves: None,
            outputs: VecDeque::new(),
        }
    }

    /// The agent said something.
    pub fn handle_line(&mut self, line: AgentLine, now: Instant) {
        if self.phase == Phase::Left {
            return;
        }
        match line {
            AgentLine::Ask(ask) => {
                self.report.begin(ask.kind);
                self.code = None;
                self.ask = Some(ask);
            }
            AgentLine::Code(text) => self.show_code(&text),
            AgentLine::MayRenew => self.stop(Phase::Renewable),
            AgentLine::Event(event) => {
                if let Some(entry) = TimelineEntry::from_json(&event) {
                    self.handle_event(&entry);
                }
            }
            AgentLine::Close if self.phase == Phase::Done => self.leave_at(now + FAREWELL),
            AgentLine::Close => self.leave(),
        }
        self.wish(now);
    }

    /// The agent says no more.
    pub fn handle_end(&mut self, now: Instant) {
        match self.phase {
            // A choice of keys has no end of its own.
            Phase::Live | Phase::Renewable if self.kind() == Some(AskKind::Select) => self.leave(),
            Phase::Live | Phase::Renewable if self.ask.is_some() => self.stop(Phase::AgentGone),
            Phase::Live | Phase::Renewable => self.leave(),
            Phase::Done => self.leave_at(now + FAREWELL),
            // The person may read why for as long as they like.
            Phase::Failed | Phase::AgentGone | Phase::Left => {}
        }
        self.wish(now);
    }

    /// The code is on the screen when the next frame is.
    pub const fn handle_code_painted(&mut self) {
        self.code_painted = self.code.is_some();
    }

    /// What the view has is on the screen, but for a code that could not be painted.
    pub fn handle_painted(&mut self, now: Instant) {
        if self.phase == Phase::Left {
            return;
        }
        let has_code = self.code.is_some() && self.code_painted;
        let waits_for_code = self.phase == Phase::Live && !has_code;
        let is_whole = match self.kind() {
            Some(AskKind::Create | AskKind::Get) => !waits_for_code || !self.steps.awaits_scan(),
            Some(AskKind::Select) => true,
            None => false,
        };
        if is_whole && self.armed.is_none() {
            self.armed = Some(now + ARMING);
            self.say(PromptLine::Shown);
        }
    }

    /// The person pressed a button.
    pub fn handle_press(&mut self, button: WindowButton, now: Instant) {
        let is_armed = self.armed.is_some_and(|armed| armed <= now);
        let is_there = self.phase != Phase::Left;
        if is_there && is_armed && self.buttons().contains(&button) {
            self.press(button);
            self.wish(now);
        }
    }

    /// The person pressed Escape.
    pub fn handle_escape(&mut self, now: Instant) {
        if let Some(button) = self.buttons().last() {
            self.handle_press(*button, now);
        }
    }

    /// The person closed the window, which is done with a pointer at its frame.
    pub fn handle_close(&mut self) {
        match self.phase {
            Phase::Live | Phase::Renewable => self.press(WindowButton::Cancel),
            Phase::Failed | Phase::AgentGone | Phase::Done | Phase::Left => self.leave(),
        }
    }

    /// Time passed.
    pub fn handle_timeout(&mut self, now: Instant) {
        if self.leaves.is_some_and(|at| at <= now) {
            self.leave();
        }
        if let Some(text) = self.announcer.take(now) {
            self.outputs.push_back(WindowOutput::Announce(text));
        }
    }

    /// What is to be done next.
    pub fn poll_output(&mut self) -> Option<WindowOutput> {
        self.outputs.pop_front()
    }

    /// When [`Self::handle_timeout`] has something to do.
    pub fn poll_timeout(&self) -> Option<Instant> {
        let said = self.announcer.due();
        said.into_iter().chain(self.leaves).min()
    }

    /// The code, when the view has one.
    pub const fn code(&self) -> Option<&CodeSquare> {
        self.code.as_ref()
    }

    /// The words that it speaks.
    pub const fn texts(&self) -> &WindowTexts {
        &self.texts
    }

    fn kind(&self) -> Option<AskKind> {
        self.ask.as_ref().map(|ask| ask.kind)
    }

    fn say(&mut self, line: PromptLine) {
        self.outputs.push_back(WindowOutput::Say(line));
    }

    fn leave_at(&mut self, at: Instant) {
        self.leaves.get_or_insert(at);
    }

    fn leave(&mut self) {
        if self.phase != Phase::Left {
            self.phase = Phase::Left;
            self.code = None;
            self.leaves = None;
            self.announcer = Announcer::default();
            self.outputs.push_back(WindowOutput::Leave);
        }
    }

    fn wish(&mut self, now: Instant) {
        if self.phase == Phase::Left {
            return;
        }
        let spoken = self.spoken();
        self.announcer.wish(spoken, now);
    }
}
