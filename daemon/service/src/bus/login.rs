//! logind: who is in front.

use super::listener::{Heard, Listener, Place};
use super::{Call, answer};
use crate::registry::{Person, SEAT};
use tokio::sync::mpsc;
use zbus::proxy::CacheProperties;
use zbus::{Connection, Message, OwnedObjectPath, fdo};

/// Where logind tells that another session is active.
const SEAT_CHANGES: Place = Place {
    service: "org.freedesktop.login1",
    path: "/org/freedesktop/login1/seat/seat0",
    interface: "org.freedesktop.DBus.Properties",
    signal: "PropertiesChanged",
};

/// id, uid, user name, seat, path
type Session = (String, u32, String, String, OwnedObjectPath);

#[zbus::proxy(
    interface = "org.freedesktop.login1.Manager",
    default_service = "org.freedesktop.login1",
    default_path = "/org/freedesktop/login1"
)]
trait Sessions {
    fn list_sessions(&self) -> zbus::Result<Vec<Session>>;
}

#[zbus::proxy(
    interface = "org.freedesktop.login1.Seat",
    default_service = "org.freedesktop.login1",
    default_path = "/org/freedesktop/login1/seat/seat0"
)]
trait Seat {
    #[zbus(property(emits_changed_signal = "false"))]
    fn active_session(&self) -> zbus::Result<(String, OwnedObjectPath)>;
}

/// The seats of this user's sessions; of one without a seat, an empty name.
pub(super) async fn seats(connection: &Connection, uid: u32) -> Option<Vec<String>> {
    let sessions = sessions(connection).await?;
    let own = sessions.into_iter().filter(|session| session.1 == uid);
    Some(own.map(|session| session.3).collect())
}

/// Says who is in front, now and whenever that may have changed. Ends when the bus does.
pub(crate) async fn follow(connection: Connection, calls: mpsc::Sender<Call>) -> zbus::Result<()> {
    // Before anything is read, so that nothing falls between.
    let mut logind = Listener::start(&connection, SEAT_CHANGES).await?;
    loop {
        let person = in_front(&connection).await;
        if calls.send(Call::Front(person)).await.is_err() {
            return Ok(());
        }
        loop {
            match logind.next().await? {
                Some(Heard::Signal(change)) if !is_of_active_session(&change) => {}
                Some(Heard::Signal(_) | Heard::Another | Heard::Gone) => break,
                None => return Ok(()),
            }
        }
    }
}

fn is_of_active_session(change: &Message) -> bool {
    let Some(change) = fdo::PropertiesChanged::from_message(change.clone()) else {
        return false;
    };
    let Ok(change) = change.args() else {
        return false;
    };
    let changed = change.changed_properties.keys().map(|name| &**name);
    let invalidated = change.invalidated_properties.iter().map(|name| &**name);
    let mut names = changed.chain(invalidated);
    names.any(|name| name == "ActiveSession")
}

/// The person of the active session; nobody when logind does not say.
async fn in_front(connection: &Connection) -> Option<Person> {
    let seat = SeatProxy::builder(connection).cache_properties(CacheProperties::No);
    let seat = answer(seat.build()).await?;
    let (id, _) = answer(seat.active_session()).await?;
    let sessions = sessions(connection).await?;
    let session = sessions
        .into_iter()
        .find(|session| session.0 == id && session.3 == SEAT)?;
    Some(Person {
        uid: session.1,
        name: session.2,
        session: id,
    })
}

async fn sessions(connection: &Connection) -> Option<Vec<Session>> {
    let manager = SessionsProxy::builder(connection).cache_properties(CacheProperties::No);
    let manager = answer(manager.build()).await?;
    answer(manager.list_sessions()).await
}
