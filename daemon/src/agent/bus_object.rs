//! `org.hybridd.Agent1`, as it is served: for the owner of the service's name, and for nobody else.

use super::responder::{KeyRequest, Responder};
use hybrid_diagnosis::catalogue::Entry;
use hybrid_key_bus::{Code, Ended, KeyProxy};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use zbus::message::{Header, Message};
use zbus::names::ErrorName;
use zbus::{fdo, interface};

/// Who has the service's name: it is asked of the bus once, and followed.
#[derive(Clone, Default)]
pub(super) struct ServiceOwner(Arc<Mutex<Option<String>>>);

impl ServiceOwner {
    pub(super) fn set(&self, name: Option<String>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = name;
    }

    fn is(&self, header: &Header<'_>) -> bool {
        let owner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let sender = header.sender().map(|sender| sender.as_str());
        owner.is_some() && owner.as_deref() == sender
    }
}

/// The object.
pub(super) struct AgentObject {
    pub(super) responder: Arc<Responder>,
    pub(super) owner: ServiceOwner,
    pub(super) key: KeyProxy<'static>,
}

#[interface(name = "org.hybridd.Agent1")]
impl AgentObject {
    async fn request(
        &self,
        #[zbus(header)] header: Header<'_>,
        command: Vec<u8>,
        rp_id: String,
        _parent: String,
        deadline_ms: u32,
        number: u64,
    ) -> Result<Vec<u8>, NoAnswer> {
        if !self.owner.is(&header) {
            return Err(NoAnswer::Foreign(foreign()));
        }
        let request = KeyRequest {
            command,
            rp_id,
            limit: Duration::from_millis(deadline_ms.into()),
            number,
        };
        let answer = self.responder.request(&self.key, request).await;
        answer.map_err(NoAnswer::of)
    }

    fn known(
        &self,
        #[zbus(header)] header: Header<'_>,
        rp_id: &str,
        ids: Vec<Vec<u8>>,
    ) -> fdo::Result<Vec<u32>> {
        if !self.owner.is(&header) {
            return Err(foreign());
        }
        Ok(self.responder.known(rp_id, &ids))
    }

    fn cancel(&self, #[zbus(header)] header: Header<'_>, number: u64) {
        if self.owner.is(&header) {
            self.responder.cancel(number);
        }
    }
}

fn foreign() -> fdo::Error {
    fdo::Error::AccessDenied("the agent answers only the security key's service".to_owned())
}

/// Why there is no answer.
#[derive(Debug)]
enum NoAnswer {
    Ended(Ended),
    Foreign(fdo::Error),
}

impl NoAnswer {
    fn of(entry: &'static Entry) -> Self {
        match Code::new(entry.code) {
            Some(code) => Self::Ended(Ended::new(code)),
            None => Self::Foreign(fdo::Error::Failed("a bug in hybridd".to_owned())),
        }
    }
}

impl zbus::DBusError for NoAnswer {
    fn create_reply(&self, call: &Header<'_>) -> zbus::Result<Message> {
        match self {
            Self::Ended(ended) => ended.create_reply(call),
            Self::Foreign(error) => error.create_reply(call),
        }
    }

    fn name(&self) -> ErrorName<'_> {
        match self {
            Self::Ended(ended) => ended.name(),
            Self::Foreign(error) => error.name(),
        }
    }

    fn description(&self) -> Option<&str> {
        match self {
            Self::Ended(ended) => ended.description(),
            Self::Foreign(error) => error.description(),
        }
    }
}
