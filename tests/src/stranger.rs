//! Another program on the bus, of any user's: it may call nobody, and send signals to everybody,
//! in anybody's place. The system bus allows that.

use serde::Serialize;
use std::collections::HashMap;
use zbus::{Connection, Message, OwnedObjectPath, Type, Variant, connection, fdo};

/// It, until it is dropped.
pub struct Stranger {
    connection: Connection,
    /// By its unique name, and not by what it listens to: such a signal passes the bus's filters.
    others: Vec<String>,
}

impl Stranger {
    /// Comes to the bus and looks who is there.
    ///
    /// # Errors
    /// What D-Bus says.
    pub async fn start(address: &str) -> zbus::Result<Self> {
        let connection = connection::Builder::address(address).build().await?;
        let names = fdo::DBusProxy::new(&connection).await?.list_names().await?;
        let own = connection.unique_name().map(|name| name.as_str());
        let others = names
            .iter()
            .map(|name| name.as_str())
            .filter(|name| name.starts_with(':') && Some(*name) != own)
            .map(str::to_owned);
        Ok(Self {
            others: others.collect(),
            connection,
        })
    }

    /// Says this to each of the others, so many times.
    ///
    /// # Errors
    /// What D-Bus says.
    pub async fn says<B: Serialize + Type>(
        &self,
        (path, interface, signal): (&str, &str, &str),
        body: &B,
        times: usize,
    ) -> zbus::Result<()> {
        for name in &self.others {
            for _ in 0..times {
                let message = Message::signal(path, interface, signal);
                let message = message.destination(name.as_str()).build(body)?;
                self.connection.send(&message).await?;
            }
        }
        // Who has an answer of the bus knows that all of it was passed on.
        fdo::DBusProxy::new(&self.connection)
            .await?
            .get_id()
            .await
            .map(drop)?;
        Ok(())
    }

    /// Says in bluetoothd's place that this advert was heard.
    ///
    /// # Errors
    /// What D-Bus says.
    pub async fn pretends_an_advert(&self, uuid: &str, data: &[u8]) -> zbus::Result<()> {
        let path = "/org/bluez/hci0/dev_66_66_66_66_66_66";
        let data = HashMap::from([(uuid.to_owned(), Variant::from(data.to_vec()))]);
        let device = HashMap::from([
            ("Address", Variant::from("66:66:66:66:66:66")),
            ("AddressType", Variant::from("random")),
            ("RSSI", Variant::from(-40_i16)),
            ("ServiceData", Variant::from(data)),
        ]);
        let interfaces = HashMap::from([("org.bluez.Device1", device)]);
        let body = (OwnedObjectPath::try_from(path)?, interfaces);
        self.says(added("InterfacesAdded"), &body, 1).await
    }

    /// Says in bluetoothd's place that these adapters are gone.
    ///
    /// # Errors
    /// What D-Bus says.
    pub async fn pretends_that_adapters_go(&self, names: &[&str]) -> zbus::Result<()> {
        for name in names {
            let path = OwnedObjectPath::try_from(format!("/org/bluez/{name}"))?;
            let body = (path, ["org.bluez.Adapter1"].as_slice());
            self.says(added("InterfacesRemoved"), &body, 1).await?;
        }
        Ok(())
    }
}

const fn added(signal: &str) -> (&str, &str, &str) {
    ("/", "org.freedesktop.DBus.ObjectManager", signal)
}
