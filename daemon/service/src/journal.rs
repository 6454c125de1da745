//! What the journal is told: one line for each request that a person saw, and what an administrator
//! should know. Nothing here can hold a relying party's name, an id or a text from outside.

use core::fmt;
use hybrid_ctaphid::{AnswerNote, Note, Outcome, ReportError, Wait, WorkKind};
use hybrid_key_bus::{Code, Refusal};
use std::time::{Duration, Instant};

/// A line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Line {
    /// A request ended.
    Request {
        /// What was asked.
        kind: WorkKind,
        /// How it ended.
        outcome: Outcome,
        /// The agent's reason, when it ended it.
        code: Option<Code>,
        /// From the program's last frame to its reply.
        took: Duration,
        /// From the program's last frame until the prompt was on the screen.
        shown: Option<Duration>,
    },
    /// The device is there.
    Present {
        /// For whom.
        uid: u32,
    },
    /// The device is gone.
    Absent,
    /// Nobody answers any more.
    Left(Leave),
    /// Somebody may not answer.
    Refused {
        /// Whose agent.
        uid: u32,
        /// Why not.
        refusal: Refusal,
    },
    /// Somebody is in front, or nobody.
    Front(Option<u32>),
    /// A program, or a phone, did something that somebody should know.
    Note(Note),
    /// The kernel told more than could be kept.
    Dropped(u64),
    /// The kernel told something that this program does not know.
    UnknownEvent(u32),
    /// The kernel did not take a report.
    NotWritten(String),
    /// Others than the service can open /dev/uhid: its permissions.
    OpenToOthers(u32),
    /// So many lines of others' making were left out.
    LeftOut(u64),
}

/// Why an agent is registered no more.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Leave {
    /// It said so.
    Unregistered,
    /// It left the bus.
    Gone,
    /// The administrator's rules do not allow it any more.
    Forbidden,
    /// Another session came to the front.
    Switched,
    /// The service ends.
    Stopped,
}

impl Line {
    /// syslog's number: 4 for a warning, 6 for what happens, 7 for what only a developer reads.
    pub const fn priority(&self) -> u8 {
        match self {
            Self::Request {
                kind: WorkKind::Memory,
                ..
            }
            | Self::UnknownEvent(_)
            | Self::Note(Note::Report(_)) => 7,
            Self::Request { .. }
            | Self::Present { .. }
            | Self::Absent
            | Self::Left(_)
            | Self::Refused { .. }
            | Self::Front(_)
            | Self::Note(Note::LegacyMessage | Note::Answer(_))
            | Self::LeftOut(_) => 6,
            Self::Dropped(_) | Self::NotWritten(_) | Self::OpenToOthers(_) => 4,
        }
    }

    /// Whether somebody else can have it written as often as they like.
    const fn is_of_others_making(&self) -> bool {
        matches!(
            self,
            Self::Refused { .. } | Self::Note(_) | Self::Dropped(_) | Self::UnknownEvent(_)
        )
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request {
                kind,
                outcome,
                code,
                took,
                shown,
            } => {
                write!(f, "request ended operation={} ", operation(*kind))?;
                write_outcome(f, *outcome)?;
                if let Some(code) = code {
                    write!(f, " code={code}")?;
                }
                write!(f, " took_ms={}", took.as_millis())?;
                match shown {
                    Some(shown) => write!(f, " shown_ms={}", shown.as_millis()),
                    None => Ok(()),
                }
            }
            Self::Present { uid } => write!(f, "the key is there uid={uid}"),
            Self::Absent => f.write_str("the key is gone"),
            Self::Left(leave) => write!(f, "the agent is no longer registered why={}", why(*leave)),
            Self::Refused { uid, refusal } => {
                let (code, saw) = (refusal.code(), refusal.saw());
                write!(f, "refused an agent uid={uid} code={code}: {saw}")
            }
            Self::Front(Some(uid)) => write!(f, "a session is active uid={uid}"),
            Self::Front(None) => f.write_str("no session is active"),
            Self::Note(note) => write_note(f, note),
            Self::Dropped(count) => {
                write!(
                    f,
                    "reports arrived faster than they could be read count={count}"
                )
            }
            Self::UnknownEvent(kind) => write!(f, "unknown event from the kernel kind={kind}"),
            Self::NotWritten(error) => write!(f, "the kernel rejected a report: {error}"),
            Self::OpenToOthers(mode) => {
                write!(
                    f,
                    "users other than the service can open /dev/uhid code=UH23 mode={mode:o}"
                )
            }
            Self::LeftOut(count) => write!(f, "log lines were dropped count={count}"),
        }
    }
}

const fn operation(kind: WorkKind) -> &'static str {
    match kind {
        WorkKind::Create => "create",
        WorkKind::Get => "get",
        WorkKind::Choice => "choose",
        WorkKind::Memory => "probe",
    }
}

fn write_outcome(f: &mut fmt::Formatter<'_>, outcome: Outcome) -> fmt::Result {
    let wait = |wait: Wait| match wait {
        Wait::Fragment => "fragment",
        Wait::Memory => "memory",
        Wait::Choice => "choice",
        Wait::Answer => "answer",
        Wait::Pause => "pause",
        Wait::Keepalive => "keepalive",
    };
    match outcome {
        Outcome::Answered(status) => write!(f, "outcome=answered status={status:02x}"),
        Outcome::CancelledByProgram => f.write_str("outcome=cancelled-by-program"),
        Outcome::Closed => f.write_str("outcome=closed-by-program"),
        Outcome::TimedOut(on) => write!(f, "outcome=timed-out wait={} status=2d", wait(on)),
        Outcome::EndedByAgent => f.write_str("outcome=ended-by-agent status=2d"),
        Outcome::AgentLost => f.write_str("outcome=agent-lost status=2d"),
    }
}

const fn why(leave: Leave) -> &'static str {
    match leave {
        Leave::Unregistered => "it-said-so",
        Leave::Gone => "it-left-the-bus",
        Leave::Forbidden => "polkit",
        Leave::Switched => "session-switch",
        Leave::Stopped => "the-service-ends",
    }
}

fn write_note(f: &mut fmt::Formatter<'_>, note: &Note) -> fmt::Result {
    match note {
        Note::Report(ReportError::Size(size)) => {
            write!(f, "a program wrote a report of the wrong size bytes={size}")
        }
        Note::Report(ReportError::Numbered(id)) => {
            write!(f, "a program wrote a numbered report id={id}")
        }
        Note::LegacyMessage => {
            f.write_str("a program used U2F, which the key does not support code=UH20")
        }
        Note::Answer(AnswerNote::UnaskedExtension(_)) => {
            f.write_str("a phone answered with an extension that was not requested code=UH21")
        }
        Note::Answer(AnswerNote::Refused(error)) => write!(f, "rejected a phone's answer: {error}"),
        Note::Answer(AnswerNote::FurtherAssertionsLeftOut) => {
            f.write_str("a phone answered with several passkeys; using the first")
        }
    }
}

/// Lets so many lines of others' making through in [`Self::TIME`], and counts the rest.
#[derive(Default)]
pub struct Sparing {
    began: Option<Instant>,
    written: u32,
    requests: u32,
    left_out: u64,
}

impl Sparing {
    /// Lines within [`Self::TIME`].
    pub const MOST: u32 = 30;
    /// Requests within it, each a line: more than a person sees.
    pub const MOST_REQUESTS: u32 = 120;
    /// How long they are counted.
    pub const TIME: Duration = Duration::from_secs(60);

    /// What of this line, and of those that were left out before, is to be written.
    pub fn admit(&mut self, line: Line, now: Instant) -> [Option<Line>; 2] {
        let over = |began: Instant| now.saturating_duration_since(began) >= Self::TIME;
        let mut before = None;
        if self.began.is_none_or(over) {
            before = (self.left_out > 0).then_some(Line::LeftOut(self.left_out));
            *self = Self {
                began: Some(now),
                ..Self::default()
            };
        }
        let (written, most) = if matches!(line, Line::Request { .. }) {
            (&mut self.requests, Self::MOST_REQUESTS)
        } else if line.is_of_others_making() {
            (&mut self.written, Self::MOST)
        } else {
            return [before, Some(line)];
        };
        if *written >= most {
            self.left_out += 1;
            return [before, None];
        }
        *written += 1;
        [before, Some(line)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_one_line_with_its_operation_its_outcome_and_its_times() {
        let line = Line::Request {
            kind: WorkKind::Get,
            outcome: Outcome::EndedByAgent,
            code: Code::new("BT03"),
            took: Duration::from_millis(12_345),
            shown: Some(Duration::from_millis(52)),
        };
        assert_eq!(line.priority(), 6);
        assert_eq!(
            line.to_string(),
            "request ended operation=get outcome=ended-by-agent status=2d code=BT03 took_ms=12345 shown_ms=52"
        );
    }

    #[test]
    fn a_flood_writes_few_lines_and_says_how_many_it_left_out() {
        let (mut sparing, start) = (Sparing::default(), Instant::now());
        let line = || Line::Refused {
            uid: 1002,
            refusal: Refusal::FromElsewhere,
        };
        let mut written = 0;
        for _ in 0..1000 {
            written += sparing.admit(line(), start).into_iter().flatten().count();
        }
        assert_eq!(written, 30);
        let ours = sparing.admit(Line::Absent, start);
        assert_eq!(
            ours,
            [None, Some(Line::Absent)],
            "what is of our own making is written"
        );
        let later = sparing.admit(line(), start + Sparing::TIME);
        assert_eq!(later, [Some(Line::LeftOut(970)), Some(line())]);
    }
}
