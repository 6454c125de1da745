//! Why the service does not let an agent answer.

use zbus::message::{Header, Message};
use zbus::names::ErrorName;

/// The reason. Each has a name on the bus and a code of the diagnosis.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refusal {
    /// The agent speaks another [`CONTRACT`](crate::CONTRACT).
    AnotherVersion,
    /// The agent's user has a session at this computer's own seat, and another one is in front.
    InBackground,
    /// The agent's user sits at another seat than the first.
    AnotherSeat,
    /// The agent's user is logged in from elsewhere alone.
    FromElsewhere,
    /// The agent's user has no session at all.
    NoSession,
    /// The administrator's rules do not allow it, or polkit could not be asked.
    NotAllowed,
    /// Another agent of the same person is registered.
    AnotherAgent,
    /// Too many registrations in a short time.
    TooOften,
    /// There is no /dev/uhid.
    NoUhid,
    /// /dev/uhid does not let the service in.
    UhidForbidden,
    /// The kernel does not make the device.
    UhidFails,
}

impl Refusal {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::AnotherVersion,
        Self::InBackground,
        Self::AnotherSeat,
        Self::FromElsewhere,
        Self::NoSession,
        Self::NotAllowed,
        Self::AnotherAgent,
        Self::TooOften,
        Self::NoUhid,
        Self::UhidForbidden,
        Self::UhidFails,
    ];

    /// The code that says more.
    pub const fn code(self) -> &'static str {
        self.row().0
    }

    /// What was seen, in a sentence.
    pub const fn saw(self) -> &'static str {
        self.row().2
    }

    /// The reason in an error that came back, when it is one of these.
    pub fn of(error: &zbus::Error) -> Option<Self> {
        let zbus::Error::MethodError(name, ..) = error else {
            return None;
        };
        let is_named = |refusal: &Self| refusal.row().1 == name.as_str();
        Self::ALL.into_iter().find(is_named)
    }

    const fn row(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::NoUhid => (
                "UH01",
                "org.hybridd.Key1.Error.NoUhid",
                "there is no /dev/uhid",
            ),
            Self::UhidForbidden => (
                "UH02",
                "org.hybridd.Key1.Error.UhidForbidden",
                "the service is not permitted to open /dev/uhid",
            ),
            Self::UhidFails => (
                "UH03",
                "org.hybridd.Key1.Error.UhidFails",
                "the kernel did not create the device",
            ),
            Self::AnotherVersion => (
                "UH06",
                "org.hybridd.Key1.Error.AnotherVersion",
                "the agent and the service have different versions",
            ),
            Self::InBackground => (
                "UH07",
                "org.hybridd.Key1.Error.InBackground",
                "another session is active on this computer",
            ),
            Self::AnotherSeat => (
                "UH08",
                "org.hybridd.Key1.Error.AnotherSeat",
                "the agent's user is at a seat other than seat0",
            ),
            Self::FromElsewhere => (
                "UH09",
                "org.hybridd.Key1.Error.FromElsewhere",
                "the agent's user is logged in remotely",
            ),
            Self::NoSession => (
                "UH10",
                "org.hybridd.Key1.Error.NoSession",
                "the agent's user has no session on this computer",
            ),
            Self::NotAllowed => (
                "UH11",
                "org.hybridd.Key1.Error.NotAllowed",
                "polkit does not allow org.hybridd.key.answer",
            ),
            Self::AnotherAgent => (
                "UH12",
                "org.hybridd.Key1.Error.AnotherAgent",
                "another agent of the same user is registered",
            ),
            Self::TooOften => (
                "UH13",
                "org.hybridd.Key1.Error.TooOften",
                "agents keep re-registering",
            ),
        }
    }
}

impl zbus::DBusError for Refusal {
    fn create_reply(&self, call: &Header<'_>) -> zbus::Result<Message> {
        Message::error(call, self.name()).build(&self.saw())
    }

    fn name(&self) -> ErrorName<'_> {
        ErrorName::from_static_str_unchecked(self.row().1)
    }

    fn description(&self) -> Option<&str> {
        Some(self.saw())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hybrid_diagnosis::catalogue;
    use std::collections::BTreeSet;

    #[test]
    fn every_refusal_has_a_code_that_the_catalogue_explains() {
        let names: BTreeSet<_> = Refusal::ALL.iter().map(|refusal| refusal.row().1).collect();
        assert_eq!(names.len(), Refusal::ALL.len());
        for refusal in Refusal::ALL {
            assert!(catalogue::find(refusal.code()).is_some(), "{refusal:?}");
            assert!(ErrorName::try_from(refusal.row().1).is_ok(), "{refusal:?}");
        }
    }
}
