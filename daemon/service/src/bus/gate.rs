//! What is known of who wants to answer, and what may take that away again.

use super::listener::{Heard, Listener, Place};
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

/// Where polkit tells that rules or sessions changed.
const RULES: Place = Place {
    service: "org.freedesktop.PolicyKit1",
    path: "/org/freedesktop/PolicyKit1/Authority",
    interface: "org.freedesktop.PolicyKit1.Authority",
    signal: "Changed",
};

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
    let mut polkit = Listener::start(connection, RULES).await?;
    // Both may have come about before anybody listened.
    if !bus
        .name_has_owner(BusName::try_from(name.as_str())?)
        .await?
    {
        return Ok(Leave::Gone);
    }
    loop {
        if !allows(connection, name).await {
            return Ok(Leave::Forbidden);
        }
        tokio::select! {
            owner = owners.next() => {
                let gone = owner.is_none_or(|owner| owner.args().is_ok_and(|args| args.new_owner.is_none()));
                if gone {
                    return Ok(Leave::Gone);
                }
            }
            changed = changed(&mut polkit) => {
                if !changed? {
                    return Ok(Leave::Gone);
                }
            }
        }
    }
}

/// Says when this agent, which polkit did not allow to answer, is allowed to.
pub(crate) async fn pardon(connection: Connection, name: AgentName, calls: mpsc::Sender<Call>) {
    if let Ok(true) = pardoned(&connection, &name).await {
        let _ = calls.send(Call::Pardoned).await;
    }
}

async fn pardoned(connection: &Connection, name: &AgentName) -> zbus::Result<bool> {
    let mut polkit = Listener::start(connection, RULES).await?;
    // It may have come about before anybody listened.
    while !allows(connection, name).await {
        if !changed(&mut polkit).await? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Waits until polkit may think otherwise; says whether the bus is still there. Cancel-safe.
async fn changed(polkit: &mut Listener) -> zbus::Result<bool> {
    loop {
        match polkit.next().await? {
            Some(Heard::Signal(_) | Heard::Another) => return Ok(true),
            // It is started again by the next question.
            Some(Heard::Gone) => {}
            None => return Ok(false),
        }
    }
}

/// polkit's subject for a connection to the bus. The library makes one of a message alone.
fn subject(name: &AgentName) -> Option<Subject> {
    let from = zbus::Message::signal(KEY_PATH, SERVICE, "RegisterAnew");
    let message = from.sender(name.as_str()).build(&()).ok()?;
    Subject::new_for_message_header(&message.header()).ok()
}
