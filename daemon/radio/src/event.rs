//! What a radio hands over: adverts, and whether it hears at all.

use crate::device_address::DeviceAddress;
use hybrid_diagnosis::observation::radio::Trouble;
use std::future::Future;
use std::time::Instant;

/// Something the radio has to say.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum RadioEvent {
    /// Service data under a FIDO UUID.
    Advert(Advert),
    /// Some Bluetooth LE device was heard; told once for each. Proof that the radio hears at all.
    Neighbour,
    /// It listens on these adapters.
    Listening(Vec<String>),
    /// It cannot listen, or cannot any more. It goes on trying.
    Trouble(Trouble),
}

/// One advert.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Advert {
    /// 16-bit service UUID.
    pub uuid: u16,
    /// The service data.
    pub data: Vec<u8>,
    /// Signal strength in dBm, if the adapter told.
    pub rssi: Option<i16>,
    /// Of the device that sent it, if bluetoothd told. Shown in the log at its level "debug" alone.
    pub address: Option<DeviceAddress>,
    /// Which adapter, such as `hci0`.
    pub adapter: String,
    /// From the system's memory of devices, not heard in this scan. It may still be ours (what
    /// opens under a fresh key cannot be old), but it does not count as heard.
    pub cached: bool,
    /// When its signal was read.
    pub at: Instant,
}

/// Hands over what is heard. Two implementations: BlueZ, and the pretend radio of the tests.
pub trait Radio {
    /// Waits for the next event. Cancel-safe.
    fn next(&mut self) -> impl Future<Output = RadioEvent> + Send;
}
