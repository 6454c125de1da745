//! The agent: a question of the key, and what it says.

use super::{Call, QUESTION};
use crate::desk::{AgentAnswer, Number};
use crate::registry::AgentName;
use hybrid_ctaphid::{Ask, limits};
use hybrid_key_bus::{AgentProxy, Ended};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use zbus::proxy::CacheProperties;
use zbus::{Connection, fdo};

/// authenticatorSelection: "shall it be you?"
const SELECTION: [u8; 1] = [0x0b];

/// Which window asks is not known to a key.
const NO_PARENT: &str = "";

/// Asks, and brings the answer. The key has deadlines of its own; the call ends a little later by
/// itself, or when it is aborted.
pub(crate) async fn ask(
    connection: Connection,
    agent: AgentName,
    number: Number,
    ask: Ask,
    now: Instant,
    calls: mpsc::Sender<Call>,
) {
    let budget = match &ask {
        Ask::Relay(relay) => relay.deadline.saturating_duration_since(now),
        Ask::Choose => limits::CHOICE_WAIT,
        Ask::Known { .. } => limits::MEMORY_WAIT,
    };
    let said = said(&connection, &agent, number, &ask, budget);
    let answer = match tokio::time::timeout(budget + QUESTION, said).await {
        Ok(Ok(answer)) => answer,
        // The agent left the bus, which `watch` sees as well and tells with all that follows.
        Ok(Err(zbus::Error::FDO(error))) if has_left(&error) => return,
        Ok(Err(error)) => AgentAnswer::Ended(Ended::code_of(&error)),
        Err(_) => AgentAnswer::Ended(None),
    };
    let _ = calls.send(Call::Answered(number, answer)).await;
}

/// What the bus answers in place of who is not there.
const fn has_left(error: &fdo::Error) -> bool {
    matches!(
        error,
        fdo::Error::NoReply(_) | fdo::Error::ServiceUnknown(_) | fdo::Error::NameHasNoOwner(_)
    )
}

async fn said(
    connection: &Connection,
    agent: &AgentName,
    number: Number,
    ask: &Ask,
    budget: Duration,
) -> zbus::Result<AgentAnswer> {
    let agent = AgentProxy::builder(connection)
        .destination(agent.as_str())
        .cache_properties(CacheProperties::No)
        .build()
        .await?;
    let deadline = u32::try_from(budget.as_millis()).unwrap_or(u32::MAX);
    match ask {
        Ask::Relay(relay) => {
            let (command, rp_id) = (&relay.command, relay.rp_id.as_str());
            let asked = agent.request(command, rp_id, NO_PARENT, deadline, number.0);
            Ok(AgentAnswer::Reply(asked.await?))
        }
        Ask::Choose => {
            let asked = agent.request(&SELECTION, "", NO_PARENT, deadline, number.0);
            Ok(match *asked.await? {
                [0] => AgentAnswer::Chosen,
                _ => AgentAnswer::Ended(None),
            })
        }
        Ask::Known { rp_id, ids } => {
            let ids: Vec<&[u8]> = ids.iter().map(|id| id.bytes()).collect();
            let known = agent.known(rp_id.as_str(), &ids).await?;
            let first = known.first().map(|place| *place as usize);
            Ok(AgentAnswer::Known(first))
        }
    }
}
