//! The security key's service on a bus of its own.

use hybrid_key_bus::SERVICE;
use std::time::Duration;
use tokio::time::timeout;
use zbus::connection;
use zbus::fdo::DBusProxy;
use zbus::names::BusName;

const PATIENCE: Duration = Duration::from_secs(20);

/// Waits until the service has its name on the bus at this address. It finds out who is in front
/// before it asks for the name, so that what it writes about that does not say that it is there.
///
/// # Errors
/// What D-Bus says; that it did not come.
pub async fn served(bus: &str) -> zbus::Result<()> {
    let connection = connection::Builder::address(bus).build().await?;
    let bus = DBusProxy::new(&connection).await?;
    let name = BusName::try_from(SERVICE)?;
    let has_come = async {
        while !bus.name_has_owner(name.clone()).await? {
            tokio::task::yield_now().await;
        }
        Ok(())
    };
    timeout(PATIENCE, has_come)
        .await
        .unwrap_or_else(|_| Err(zbus::Error::Failure(format!("{SERVICE} has no owner"))))
}
