//! Who may answer: the agent of the person in front, and nobody else.

use hybrid_key_bus::{CONTRACT, Refusal};
use std::time::{Duration, Instant};

/// The one seat whose person is served. A virtual device always belongs to it.
pub const SEAT: &str = "seat0";

/// So many registrations within [`SHORT_TIME`]; each makes a device.
const MOST_REGISTRATIONS: usize = 10;
const SHORT_TIME: Duration = Duration::from_secs(10);

/// The user of the active session of [`SEAT`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Person {
    /// Who.
    pub uid: u32,
    /// Their name, to tell passkeys for ssh apart on a phone.
    pub name: String,
    /// Which of their sessions.
    pub session: String,
}

/// The name of one connection to the bus. Never used again, so that it names one process.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct AgentName(String);

impl AgentName {
    /// Takes the unique name that the bus gave.
    pub fn new(unique: &str) -> Self {
        Self(unique.to_owned())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Who wants to answer, and what others say of them. Nothing of it but the number comes from the
/// agent itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Candidate {
    /// As the bus knows it.
    pub name: AgentName,
    /// What it says it speaks.
    pub contract: u32,
    /// Its user, as the bus knows it.
    pub uid: u32,
    /// Whether polkit allows it.
    pub allowed: bool,
    /// The seats of its user's sessions, as logind knows them; of one without a seat, an empty
    /// name.
    pub seats: Vec<String>,
}

/// What a registration changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Registered {
    /// It answers from now on.
    Anew,
    /// It did before.
    Already,
}

/// The person in front, and their agent.
#[derive(Default)]
pub struct Registry {
    person: Option<Person>,
    agent: Option<AgentName>,
    registrations: Vec<Instant>,
}

impl Registry {
    /// Who is in front.
    pub const fn person(&self) -> Option<&Person> {
        self.person.as_ref()
    }

    /// Who answers.
    pub const fn agent(&self) -> Option<&AgentName> {
        self.agent.as_ref()
    }

    /// Whether this is who answers.
    pub fn is_agent(&self, name: &AgentName) -> bool {
        self.agent.as_ref() == Some(name)
    }

    /// Somebody else, or nobody, is in front. Nobody answers any more, not even for the same person
    /// in another session: programs of the old one may still hold the device. Says whether anything
    /// changed.
    pub fn comes_to_front(&mut self, person: Option<Person>) -> bool {
        if self.person == person {
            return false;
        }
        self.person = person;
        self.agent = None;
        true
    }

    /// The candidate answers from now on.
    ///
    /// # Errors
    /// Why not. Who answered before goes on.
    pub fn register(&mut self, candidate: &Candidate, now: Instant) -> Result<Registered, Refusal> {
        if candidate.contract != CONTRACT {
            return Err(Refusal::AnotherVersion);
        }
        if self.person.as_ref().map(|person| person.uid) != Some(candidate.uid) {
            return Err(not_in_front(&candidate.seats));
        }
        if !candidate.allowed {
            return Err(Refusal::NotAllowed);
        }
        if self
            .agent
            .as_ref()
            .is_some_and(|agent| *agent != candidate.name)
        {
            return Err(Refusal::AnotherAgent);
        }
        if self.is_agent(&candidate.name) {
            return Ok(Registered::Already);
        }
        self.registrations
            .retain(|at| now.saturating_duration_since(*at) < SHORT_TIME);
        if self.registrations.len() >= MOST_REGISTRATIONS {
            return Err(Refusal::TooOften);
        }
        self.registrations.push(now);
        self.agent = Some(candidate.name.clone());
        Ok(Registered::Anew)
    }

    /// Nobody answers any more.
    pub fn clear(&mut self) {
        self.agent = None;
    }
}

/// Why somebody is not in front, by the seats of their sessions.
fn not_in_front(seats: &[String]) -> Refusal {
    if seats.iter().any(|seat| seat == SEAT) {
        Refusal::InBackground
    } else if seats.iter().any(|seat| !seat.is_empty()) {
        Refusal::AnotherSeat
    } else if seats.is_empty() {
        Refusal::NoSession
    } else {
        Refusal::FromElsewhere
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alice() -> Person {
        Person {
            uid: 1001,
            name: "alice".to_owned(),
            session: "1".to_owned(),
        }
    }

    fn candidate(name: &str, uid: u32, seats: &[&str]) -> Candidate {
        Candidate {
            name: AgentName::new(name),
            contract: CONTRACT,
            uid,
            allowed: true,
            seats: seats.iter().map(|seat| (*seat).to_owned()).collect(),
        }
    }

    fn registry() -> Registry {
        let mut registry = Registry::default();
        assert!(registry.comes_to_front(Some(alice())));
        registry
    }

    #[test]
    fn the_agent_of_the_person_in_front_answers() {
        let mut registry = registry();
        let candidate = candidate(":1.7", 1001, &["seat0"]);
        assert_eq!(
            registry.register(&candidate, Instant::now()),
            Ok(Registered::Anew)
        );
        assert!(registry.is_agent(&candidate.name));
    }

    #[test]
    fn everybody_else_is_told_why_not() {
        let now = Instant::now();
        for (seats, refusal) in [
            (&["seat0"][..], Refusal::InBackground),
            (&["", "seat0"], Refusal::InBackground),
            (&["", "seat1"], Refusal::AnotherSeat),
            (&["", ""], Refusal::FromElsewhere),
            (&[], Refusal::NoSession),
        ] {
            let bob = candidate(":1.8", 1002, seats);
            assert_eq!(registry().register(&bob, now), Err(refusal), "{seats:?}");
        }
        let nobody = Registry::default().register(&candidate(":1.7", 1001, &["seat0"]), now);
        assert_eq!(nobody, Err(Refusal::InBackground), "nobody is in front");
    }

    #[test]
    fn polkit_says_no_to_the_person_in_front_too() {
        let mut forbidden = candidate(":1.7", 1001, &["seat0"]);
        forbidden.allowed = false;
        let refused = registry().register(&forbidden, Instant::now());
        assert_eq!(refused, Err(Refusal::NotAllowed));
    }

    #[test]
    fn polkit_alone_opens_nothing_to_who_is_not_in_front() {
        // As polkit 122 does when a user of the background has an ssh session beside.
        let bob = candidate(":1.8", 1002, &["seat0", ""]);
        assert!(bob.allowed);
        let refused = registry().register(&bob, Instant::now());
        assert_eq!(refused, Err(Refusal::InBackground));
    }

    #[test]
    fn another_version_is_told_before_anything_else() {
        let mut newer = candidate(":1.8", 1002, &[]);
        newer.contract = CONTRACT + 1;
        newer.allowed = false;
        let refused = registry().register(&newer, Instant::now());
        assert_eq!(refused, Err(Refusal::AnotherVersion));
    }

    #[test]
    fn a_second_agent_is_refused_and_the_first_goes_on_and_may_register_again() {
        let (mut registry, now) = (registry(), Instant::now());
        let first = candidate(":1.7", 1001, &["seat0"]);
        let second = candidate(":1.9", 1001, &["seat0"]);
        registry.register(&first, now).unwrap();
        assert_eq!(registry.register(&second, now), Err(Refusal::AnotherAgent));
        assert!(registry.is_agent(&first.name));
        assert_eq!(registry.register(&first, now), Ok(Registered::Already));
        registry.clear();
        assert_eq!(registry.register(&second, now), Ok(Registered::Anew));
    }

    #[test]
    fn a_switch_ends_every_registration_even_to_another_session_of_the_same_person() {
        let (mut registry, now) = (registry(), Instant::now());
        let agent = candidate(":1.7", 1001, &["seat0"]);
        registry.register(&agent, now).unwrap();
        assert!(!registry.comes_to_front(Some(alice())), "nothing changed");
        assert!(registry.is_agent(&agent.name));
        let elsewhere = Person {
            session: "2".to_owned(),
            ..alice()
        };
        assert!(registry.comes_to_front(Some(elsewhere)));
        assert_eq!(registry.agent(), None);
        assert_eq!(registry.register(&agent, now), Ok(Registered::Anew));
        assert!(registry.comes_to_front(None));
        assert_eq!(registry.register(&agent, now), Err(Refusal::InBackground));
    }

    #[test]
    fn a_flood_of_registrations_waits() {
        let (mut registry, start) = (registry(), Instant::now());
        let agent = candidate(":1.7", 1001, &["seat0"]);
        for _ in 0..MOST_REGISTRATIONS {
            registry.register(&agent, start).unwrap();
            registry.clear();
        }
        assert_eq!(registry.register(&agent, start), Err(Refusal::TooOften));
        assert_eq!(
            registry.register(&agent, start + SHORT_TIME),
            Ok(Registered::Anew)
        );
        assert!(registry.registrations.len() <= MOST_REGISTRATIONS);
    }
}
