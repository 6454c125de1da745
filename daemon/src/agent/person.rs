//! The person, behind a prompt.

use super::prompt::{LineSender, PromptProcess};
use hybrid_diagnosis::catalogue::Entry;
use hybrid_key_bus::KeyProxy;
use hybrid_prompt_line::PromptLine;
use std::time::{Duration, Instant};
use zbus::Connection;

/// A prompt is on the screen by then, or it hangs.
const PROMPT_SHOWS: Duration = Duration::from_secs(15);

/// How a request ends.
pub(super) enum Ending {
    /// With this reply.
    Replied(Vec<u8>),
    /// With this reply, given with this credential of this party.
    Seen {
        reply: Vec<u8>,
        rp_id: String,
        id: Vec<u8>,
    },
    /// With this status of the phone's, which is no success.
    Declined(u8),
    /// Nobody waits for it any more.
    Withdrawn,
    /// By the person's will.
    ByPerson,
    /// Its prompt is gone.
    PromptGone,
    /// It failed, and the prompt was told.
    Failed(&'static Entry),
}

/// Who sees the prompt.
pub(super) struct Person {
    prompt: PromptProcess,
    key: KeyProxy<'static>,
    number: u64,
    began: Instant,
    shown: Option<u128>,
}

impl Person {
    pub(super) const fn new(
        prompt: PromptProcess,
        key: KeyProxy<'static>,
        number: u64,
        began: Instant,
    ) -> Self {
        Self {
            prompt,
            key,
            number,
            began,
            shown: None,
        }
    }

    /// After so many milliseconds the prompt was on the screen.
    pub(super) const fn shown(&self) -> Option<u128> {
        self.shown
    }

    pub(super) fn lines(&self) -> LineSender {
        self.prompt.lines()
    }

    /// The bus on which it was asked.
    pub(super) fn connection(&self) -> &Connection {
        self.key.inner().connection()
    }

    pub(super) fn close(self) {
        self.prompt.close();
    }

    /// What the person wants, or that the request is over. Cancel-safe.
    pub(super) async fn next(&mut self) -> Result<PromptLine, Ending> {
        loop {
            let said = match self.shown {
                Some(_) => self.prompt.next().await,
                None => {
                    let by = self.began + PROMPT_SHOWS;
                    let said = tokio::time::timeout_at(by.into(), self.prompt.next());
                    said.await.unwrap_or_default()
                }
            };
            match said {
                Some(PromptLine::Shown) => self.tell_shown(),
                Some(PromptLine::Cancel | PromptLine::NotNow) => return Err(Ending::ByPerson),
                Some(line @ (PromptLine::NewCode | PromptLine::Use)) => return Ok(line),
                None => return Err(Ending::PromptGone),
            }
        }
    }

    fn tell_shown(&mut self) {
        if self.shown.is_none() {
            self.shown = Some(self.began.elapsed().as_millis());
            let (key, number) = (self.key.clone(), self.number);
            // Nobody waits for the service to hear it.
            tokio::spawn(async move { key.shown(number).await });
        }
    }
}
