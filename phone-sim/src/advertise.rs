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
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AdvertiseError(pub String);

impl fmt::Display for AdvertiseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the Bluetooth advert cannot be sent: {}", self.0)
    }
}

impl std::error::Error for AdvertiseError {}
