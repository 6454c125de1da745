//! Adverts through BlueZ: an object that describes the advert, registered with the adapter's
//! LEAdvertisingManager1.

use super::{AdvertiseError, Advertiser};
use std::collections::HashMap;
use std::time::Duration;
use zbus::{Connection, ObjectPath, Variant, connection, interface};

const PATH: &str = "/org/hybridd/phone_sim/advert";
/// bluetoothd answers in well under a second; a silent one must not hang the phone.
const CALL: Duration = Duration::from_secs(10);

/// Broadcasts on one adapter.
pub struct BluezAdvertiser {
    adapter: String,
    on_air: Option<Connection>,
}

impl BluezAdvertiser {
    /// Uses the adapter with this name, such as `hci0`.
    pub const fn new(adapter: String) -> Self {
        Self {
            adapter,
            on_air: None,
        }
    }
}

impl Advertiser for BluezAdvertiser {
    async fn start(&mut self, uuid: u16, data: &[u8]) -> Result<(), AdvertiseError> {
        let connection = connection::Builder::system()
            .method_timeout(CALL)
            .serve_at(
                PATH,
                Advertisement {
                    uuid: format!("{uuid:08x}-0000-1000-8000-00805f9b34fb"),
                    data: data.to_vec(),
                },
            )
            .build()
            .await
            .map_err(|error| AdvertiseError::new("cannot connect to the system D-Bus", error))?;
        let adapter = format!("/org/bluez/{}", self.adapter);
        let object = ObjectPath::try_from(PATH)
            .map_err(|error| AdvertiseError::new("the advert's path on D-Bus is invalid", error))?;
        let options: HashMap<&str, Variant<'_>> = HashMap::new();
        connection
            .call_method(
                Some("org.bluez"),
                adapter.as_str(),
                Some("org.bluez.LEAdvertisingManager1"),
                "RegisterAdvertisement",
                &(object, options),
            )
            .await
            .map_err(|error| {
                AdvertiseError::new(
                    format!("bluetoothd refused the advert on {}", self.adapter),
                    error,
                )
            })?;
        self.on_air = Some(connection);
        Ok(())
    }

    /// bluetoothd drops the advert with the connection that registered it.
    async fn stop(&mut self) {
        if let Some(connection) = self.on_air.take() {
            let _ = connection.close().await;
        }
    }
}

/// org.bluez.LEAdvertisement1: flags, UUID list and service data fill a legacy advert of 31 bytes
/// exactly.
struct Advertisement {
    uuid: String,
    data: Vec<u8>,
}

#[interface(name = "org.bluez.LEAdvertisement1")]
impl Advertisement {
    #[zbus(property, name = "Type")]
    fn kind(&self) -> String {
        "broadcast".to_owned()
    }

    #[zbus(property, name = "ServiceUUIDs")]
    fn service_uuids(&self) -> Vec<String> {
        vec![self.uuid.clone()]
    }

    #[zbus(property)]
    fn service_data(&self) -> HashMap<String, Variant<'static>> {
        HashMap::from([(self.uuid.clone(), Variant::from(self.data.clone()))])
    }

    /// bluetoothd took the advert off the air.
    fn release(&self) {
        tracing::debug!("bluetoothd released the advert");
    }
}
