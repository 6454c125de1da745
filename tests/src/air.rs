//! A pretend radio: what the pretend phone advertises, the pretend desktop hears. It exists in this
//! crate alone.

use hybrid_radio::{Advert, Radio, RadioEvent};
use phone_sim::Advertiser;
use phone_sim::advertise::AdvertiseError;
use std::time::Instant;
use tokio::sync::mpsc;

/// The desktop's ear.
pub struct Ear(mpsc::UnboundedReceiver<RadioEvent>);

/// The phone's voice.
#[derive(Clone)]
pub struct Voice(mpsc::UnboundedSender<RadioEvent>);

/// A voice and the ear that hears it.
pub fn air() -> (Voice, Ear) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let _ = sender.send(RadioEvent::Listening(vec!["pretend0".to_owned()]));
    (Voice(sender), Ear(receiver))
}

impl Radio for Ear {
    async fn next(&mut self) -> RadioEvent {
        match self.0.recv().await {
            Some(event) => event,
            None => std::future::pending().await,
        }
    }
}

impl Voice {
    /// Lets anything be heard.
    pub fn say(&self, event: RadioEvent) {
        let _ = self.0.send(event);
    }
}

impl Advertiser for Voice {
    async fn start(&mut self, uuid: u16, data: &[u8]) -> Result<(), AdvertiseError> {
        let advert = Advert {
            uuid,
            data: data.to_vec(),
            rssi: Some(-48),
            address: None,
            adapter: "pretend0".to_owned(),
            cached: false,
            at: Instant::now(),
        };
        self.say(RadioEvent::Advert(advert));
        Ok(())
    }

    async fn stop(&mut self) {}
}
