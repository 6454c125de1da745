//! One request on its way to a phone and back: a session beside a prompt, until one of them ends.

use super::attestation;
use super::floor::Turn;
use super::lifelines::{Lifelines, Progress};
use super::person::{Ending, Person};
use super::prompt::LineSender;
use super::prompt_ui::PromptUi;
use crate::history::CeremonyTrace;
use crate::session::{self, Ask, Begin, CtapRequest, Outcome, Patience, verdict};
use hybrid_ctaphid::credential_of;
use hybrid_diagnosis::catalogue::{self, DEFECT, Entry, PHONE_CANNOT_DO_WHAT_SITE_REQUIRES};
use hybrid_diagnosis::finding::Finding;
use hybrid_diagnosis::timeline::{EventKind, TimelineEntry};
use hybrid_dial::Network;
use hybrid_prompt_line::PromptLine;
use hybrid_protocol::Wiped;
use hybrid_radio::AdapterChoice;
use hybrid_radio::bluez::{Bluez, Bus};
use hybrid_webauthn::{CtapStatus, ReplyError};
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::{mpsc, oneshot};

/// What a session needs.
pub(super) struct Way<'w> {
    pub(super) bus: &'w Bus,
    pub(super) network: &'w Network,
    pub(super) adapters: &'w AdapterChoice,
    pub(super) deadline: Instant,
    /// ssh and PAM get a statement of attestation that the phone does not make.
    pub(super) vouches: bool,
    /// For the history.
    pub(super) trace: CeremonyTrace,
}

/// Asks a phone. Who asked need not wait until it was told goodbye: that happens in a task of its
/// own, which ends as sessions do.
pub(super) async fn relay(
    command: Wiped,
    way: Way<'_>,
    person: &mut Person,
    turn: &mut Turn<'_>,
) -> Ending {
    let Ok(request) = CtapRequest::new(command.clone()) else {
        return Ending::Failed(&PHONE_CANNOT_DO_WHAT_SITE_REQUIRES);
    };
    let began = Instant::now();
    let mut radio = Bluez::start_on(way.bus.clone(), way.adapters.clone());
    let network = way.network.reloaded();
    let lines = person.lines();
    let (reply, replied) = oneshot::channel();
    let progress = Arc::<Progress>::default();
    let mut ui = PromptUi::new(
        lines.clone(),
        reply,
        Arc::clone(&progress),
        way.trace.clone(),
    );
    let lifelines = Lifelines::new(person.connection().clone(), network.clone(), progress);
    let (ask, mut asks) = mpsc::channel(4);
    let patience = Patience {
        overall: Some(way.deadline.saturating_duration_since(began)),
        radio: None,
        renews: true,
    };
    let session = tokio::spawn(async move {
        let begin = Begin::Code;
        session::run(
            &request, &begin, &mut radio, &network, &mut ui, &mut asks, patience,
        )
        .await
    });
    let stop = session.abort_handle();
    tokio::select! {
        biased;
        () = turn.stopped() => Ending::Withdrawn,
        Ok(reply) = replied => answered(&command, reply, &lines, began, way.vouches),
        ending = until_over(person, &ask) => ending,
        finding = lifelines.broken() => {
            stop.abort();
            let entry = entry_of(&finding);
            tell(&lines, began, EventKind::Finding(finding));
            tell(&lines, began, EventKind::Done { ok: false });
            Ending::Failed(entry)
        }
        outcome = session => Ending::Failed(outcome.map_or(&DEFECT, |outcome| cause(&outcome))),
    }
    // The session learns by `ask`, which is dropped, that nobody waits for it.
}

/// Hears the person until they end it, or their prompt does.
async fn until_over(person: &mut Person, ask: &mpsc::Sender<Ask>) -> Ending {
    loop {
        match person.next().await {
            // One that waits already is as good.
            Ok(PromptLine::NewCode) => drop(ask.try_send(Ask::NewCode)),
            Ok(_) => {}
            Err(ending) => return ending,
        }
    }
}

fn answered(
    command: &Wiped,
    reply: Result<Wiped, ReplyError>,
    lines: &LineSender,
    began: Instant,
    vouches: bool,
) -> Ending {
    match reply {
        Ok(reply) => {
            tell(lines, began, EventKind::Done { ok: true });
            let seen = credential_of(command.expose(), reply.expose());
            let reply = match attestation::vouch(command.expose(), reply.expose()) {
                Some(vouched) if vouches => vouched,
                Some(_) | None => reply.expose().to_vec(),
            };
            match seen {
                Some((rp_id, id)) => Ending::Seen {
                    reply,
                    rp_id: rp_id.as_str().to_owned(),
                    id: id.bytes().to_vec(),
                },
                None => Ending::Replied(reply),
            }
        }
        // The program has words of its own for it, and the prompt was told ours.
        Err(ReplyError::Declined(CtapStatus(status))) => Ending::Declined(status),
        Err(error) => Ending::Failed(entry_of(&verdict::reply(&error))),
    }
}

fn cause(outcome: &Outcome) -> &'static Entry {
    match outcome {
        Outcome::Failed { findings, .. } => findings.first().map_or(&DEFECT, entry_of),
        Outcome::CannotAsk(reason) => entry_of(&verdict::cannot_ask(reason)),
        Outcome::CannotBegin(_) | Outcome::Replied => &DEFECT,
    }
}

fn entry_of(finding: &Finding) -> &'static Entry {
    catalogue::find(finding.code).unwrap_or(&DEFECT)
}

/// Tells a prompt what happened.
pub(super) fn tell(lines: &LineSender, began: Instant, what: EventKind) {
    let at = began.elapsed();
    lines.json(&TimelineEntry { at, what }.to_json());
}
