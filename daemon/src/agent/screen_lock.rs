//! Whether the person's screen is locked, as logind knows: nobody can see a code then.

use futures_util::StreamExt as _;
use std::time::Duration;
use zbus::proxy::CacheProperties;
use zbus::{Connection, OwnedObjectPath, fdo};

const LOGIND: &str = "org.freedesktop.login1";
/// A logind that does not say so in this time does not keep a code from the screen.
const QUESTION: Duration = Duration::from_millis(500);

#[zbus::proxy(
    interface = "org.freedesktop.login1.User",
    default_service = "org.freedesktop.login1",
    default_path = "/org/freedesktop/login1/user/self"
)]
trait OwnUser {
    #[zbus(property(emits_changed_signal = "false"))]
    fn display(&self) -> zbus::Result<(String, OwnedObjectPath)>;
}

#[zbus::proxy(
    interface = "org.freedesktop.login1.Session",
    default_service = "org.freedesktop.login1"
)]
trait OwnSession {
    #[zbus(property(emits_changed_signal = "false"))]
    fn locked_hint(&self) -> zbus::Result<bool>;
}

/// Whether it is.
pub(super) async fn is_locked(connection: &Connection) -> bool {
    let asked = async {
        let session = session(connection).await?;
        session.locked_hint().await
    };
    matches!(tokio::time::timeout(QUESTION, asked).await, Ok(Ok(true)))
}

/// Waits until it is not; `None` when that is not to be learned.
pub(super) async fn unlocked(connection: &Connection) -> Option<()> {
    let session = session(connection).await.ok()?;
    // Under the name that nobody else can send from: everybody's signals would fill the queue that
    // logind's answers have to pass.
    let bus = fdo::DBusProxy::new(connection).await.ok()?;
    let logind = bus.get_name_owner(LOGIND.try_into().ok()?).await.ok()?;
    let properties = fdo::PropertiesProxy::builder(connection)
        .destination(logind)
        .path(session.inner().path().to_owned())
        .build()
        .await
        .ok()?;
    let mut changes = properties.receive_properties_changed().await.ok()?;
    while session.locked_hint().await.ok()? {
        changes.next().await?;
    }
    Some(())
}

async fn session(connection: &Connection) -> zbus::Result<OwnSessionProxy<'static>> {
    let user = OwnUserProxy::builder(connection)
        .cache_properties(CacheProperties::No)
        .build()
        .await?;
    let (_, path) = user.display().await?;
    OwnSessionProxy::builder(connection)
        .path(path)
        .cache_properties(CacheProperties::No)
        .build()
        .await
}
