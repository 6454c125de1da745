//! What is known of who wants to answer, and what may take that away again.

use super::{Call, answer, login};
use crate::journal::Leave;
use crate::registry::{AgentName, Candidate};
use futures_util::StreamExt as _;
use hybrid_key_bus::{ACTION, KEY_PATH, SERVICE};
use std::collections::HashMap;
use tokio::sync::mpsc;
use zbus::names::BusName;
use zbus::{Connection, fdo};
use zbus_polkit::policykit1::{AuthorityProxy, CheckAuthorizationFlags, Subject};

/// The user of the caller, as the bus knows it.
pub(super) async fn user(connection: &Connection, name: &AgentName) -> Option<u32> {
    let bus = fdo::DBusProxy::new(connection).await.ok()?;
    let name = BusName::try_from(name.as_str()).ok()?;
    let asked = async { Ok(bus.get_connection_unix_user(name).await?) };
    answer(asked).await
}

/// What others say of the caller. Who cannot be asked does not allow it.
pub(super) async fn candidate(
    connection: &Connection,
    name: AgentName,
    uid: u32,
    contract: u32,
) -> Candidate {
    let (allowed, seats) = tokio::join!(allows(connection, &name), login::seats(connection, uid));
    Candidate {
        name,
        contract,
        uid,
        allowed,
        seats: seats.unwrap_or_default(),
    }
}

async fn allows(connection: &Connection, name: &AgentName) -> bool {
    let (Ok(polkit), Some(subject)) = (AuthorityProxy::new(connection).await, subject(name)) else {
        return false;
    };
    let details = HashMap::new();
    let flags = CheckAuthorizationFlags::empty();
    // Nobody is asked for a password: it is allowed, or it is not.
    let asked = polkit.check_authorization(&subject, ACTION, &details, flags, "");
    answer(asked)
        .await
        .is_some_and(|result| result.is_authorized)
}

/// Says when this agent leaves the bus, or is not allowed to answer any more.
pub(crate) async fn watch(connection: Connection, name: AgentName, calls: mpsc::Sender<Call>) {
    let leave = watched(&connection, &name).await.unwrap_or(Leave::Gone);
    let _ = calls.send(Call::Leave(name, leave)).await;
}

async fn watched(connection: &Connection, name: &AgentName) -> zbus::Result<Leave> {
    let bus = fdo::DBusProxy::new(connection).await?;
    let agent = [(0, name.as_str())];
    let mut owners = bus.receive_name_owner_changed_with_args(&agent).await?;
    let polkit = AuthorityProxy::new(connection).await?;
    let mut rules = polkit.receive_changed().await?;
    // Both may have come about before anybody listened.
    if !bus
        .name_has_owner(BusName::try_from(name.as_str())?)
        .await?
    {
        return Ok(Leave::Gone);
    }
    if !allows(connection, name).await {
        return Ok(Leave::Forbidden);
    }
    loop {
        tokio::select! {
            owner = owners.next() => {
                let gone = owner.is_none_or(|owner| owner.args().is_ok_and(|args| args.new_owner.is_none()));
                if gone {
                    return Ok(Leave::Gone);
                }
            }
            rule = rules.next() => {
                if rule.is_none() {
                    return Ok(Leave::Gone);
                }
                if !allows(connection, name).await {
                    return Ok(Leave::Forbidden);
                }
            }
        }
    }
}

/// polkit's subject for a connection to the bus. The library makes one of a message alone.
fn subject(name: &AgentName) -> Option<Subject> {
    let from = zbus::Message::signal(KEY_PATH, SERVICE, "RegisterAnew");
    let message = from.sender(name.as_str()).build(&()).ok()?;
    Subject::new_for_message_header(&message.header()).ok()
}
