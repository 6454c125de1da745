//! Putting an advert on the air.

pub mod bluez;

use std::fmt;
use std::future::Future;

/// Broadcasts service data until told to stop.
pub trait Advertiser {
    /// Starts broadcasting; returns once it is on the air.
    fn start(
        &mut self,
        uuid: u16,
        data: &[u8],
    ) -> impl Future<Output = Result<(), AdvertiseError>> + Send;

    /// Stops. Does nothing when nothing is on the air.
    fn stop(&mut self) -> impl Future<Output = ()> + Send;
}

/// Broadcasts nothing: whoever watches the events carries the bytes.
pub struct Print;

impl Advertiser for Print {
    async fn start(&mut self, _uuid: u16, _data: &[u8]) -> Result<(), AdvertiseError> {
        Ok(())
    }

    async fn stop(&mut self) {}
}

/// Why nothing is on the air.
#[derive(Debug)]
pub struct AdvertiseError {
    saw: String,
    cause: Box<dyn std::error::Error + Send + Sync>,
}

impl AdvertiseError {
    /// What was seen (a fragment such as "bluetoothd refused on hci0"), and why.
    pub fn new(
        saw: impl Into<String>,
        cause: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self {
            saw: saw.into(),
            cause: cause.into(),
        }
    }
}

impl fmt::Display for AdvertiseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { saw, cause } = self;
        write!(f, "cannot send the Bluetooth advert: {saw}: {cause}")
    }
}

impl std::error::Error for AdvertiseError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(self.cause.as_ref())
    }
}
