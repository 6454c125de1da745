//! logind: who is in front.

use super::{Call, answer};
use crate::registry::{Person, SEAT};
use futures_util::StreamExt as _;
use tokio::sync::mpsc;
use zbus::proxy::CacheProperties;
use zbus::{Connection, OwnedObjectPath, fdo};

const LOGIND: &str = "org.freedesktop.login1";
const SEAT_PATH: &str = "/org/freedesktop/login1/seat/seat0";

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
    // Subscribed before anything is read, so that nothing falls between.
    let seat = fdo::PropertiesProxy::builder(&connection)
        .destination(LOGIND)
        .path(SEAT_PATH)
        .build()
        .await?;
    let mut changes = seat.receive_properties_changed().await?;
    let bus = fdo::DBusProxy::new(&connection).await?;
    let logind = [(0, LOGIND)];
    let mut owners = bus.receive_name_owner_changed_with_args(&logind).await?;
    loop {
        let person = in_front(&connection).await;
        if calls.send(Call::Front(person)).await.is_err() {
            return Ok(());
        }
        loop {
            tokio::select! {
                change = changes.next() => {
                    let Some(change) = change else { return Ok(()) };
                    let Ok(change) = change.args() else { continue };
                    let changed = change.changed_properties.keys().map(|name| &**name);
                    let mut names = changed.chain(change.invalidated_properties.iter().map(|name| &**name));
                    if names.any(|name| name == "ActiveSession") {
                        break;
                    }
                }
                owner = owners.next() => {
                    if owner.is_none() {
                        return Ok(());
                    }
                    break;
                }
            }
        }
    }
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
