//! How far a request is, in three steps that a person can follow.

use crate::texts::WindowText;
use hybrid_protocol::Stage;

/// What stands before a step. The words differ, too, so that nothing depends on a sign or a colour.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StepMark {
    /// It comes later.
    Todo,
    /// It is what is waited for.
    Active,
    /// It is done.
    Done,
    /// It ended here.
    Stopped,
}

/// How far it is: the number of steps that are done.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct WindowSteps {
    done: usize,
    stopped: bool,
}

/// Each step before, while and after it happens.
const STEPS: [[WindowText; 3]; 3] = [
    [
        // The first one is never to come.
        WindowText::StepScanActive,
        WindowText::StepScanActive,
        WindowText::StepScanDone,
    ],
    [
        WindowText::StepConnectTodo,
        WindowText::StepConnectActive,
        WindowText::StepConnectDone,
    ],
    [
        WindowText::StepConfirmTodo,
        WindowText::StepConfirmActive,
        WindowText::StepConfirmDone,
    ],
];

impl WindowSteps {
    /// A stage began.
    pub(crate) fn enter(&mut self, stage: Stage) {
        self.done = match stage {
            Stage::Contact | Stage::Advert => 0,
            Stage::Tunnel | Stage::Handshake | Stage::Greeting => 1,
            Stage::Request | Stage::Reply => 2,
            Stage::Linger | Stage::Done => 3,
            // One of the future: it stays where it is.
            _ => self.done,
        };
        self.stopped = false;
    }

    /// It goes no further.
    pub(crate) const fn stop(&mut self) {
        self.stopped = true;
    }

    /// Nobody has scanned the code yet.
    pub(crate) const fn awaits_scan(&self) -> bool {
        self.done == 0
    }

    /// What is waited for; nothing when all is done, or it stopped.
    pub(crate) fn active(&self) -> Option<WindowText> {
        let [_, active, _] = STEPS.get(self.done)?;
        (!self.stopped).then_some(*active)
    }

    /// Every step as it stands.
    pub(crate) fn lines(&self) -> [(StepMark, WindowText); 3] {
        let mut number = 0;
        STEPS.map(|[todo, active, done]| {
            let place = number;
            number += 1;
            if place < self.done {
                (StepMark::Done, done)
            } else if place > self.done {
                (StepMark::Todo, todo)
            } else if self.stopped {
                (StepMark::Stopped, todo)
            } else {
                (StepMark::Active, active)
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_done_one_after_the_other_and_each_says_so_in_words() {
        let mut steps = WindowSteps::default();
        let mut told = Vec::new();
        for stage in [Stage::Advert, Stage::Tunnel, Stage::Reply, Stage::Linger] {
            steps.enter(stage);
            let lines = steps.lines();
            assert_eq!(steps.active().is_some(), stage != Stage::Linger);
            told.push(lines.map(|(mark, _)| mark));
            for (mark, text) in lines {
                assert_eq!(mark == StepMark::Done, text.key().ends_with("-done"));
            }
        }
        let expected = [
            [StepMark::Active, StepMark::Todo, StepMark::Todo],
            [StepMark::Done, StepMark::Active, StepMark::Todo],
            [StepMark::Done, StepMark::Done, StepMark::Active],
            [StepMark::Done; 3],
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn what_stopped_is_marked_and_nothing_is_waited_for() {
        let mut steps = WindowSteps::default();
        steps.enter(Stage::Handshake);
        steps.stop();
        let lines = steps.lines();
        assert_eq!(lines[1], (StepMark::Stopped, WindowText::StepConnectTodo));
        assert_eq!(steps.active(), None);
        steps.enter(Stage::Advert);
        assert_eq!(steps.active(), Some(WindowText::StepScanActive));
    }
}
