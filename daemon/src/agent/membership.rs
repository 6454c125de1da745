//! When the agent answers for the security key, without IO: while it is wanted, an adapter exists,
//! and the service lets it.

use hybrid_key_bus::Refusal;
use hybrid_radio::bluez::AdapterPresence;
use std::time::{Duration, Instant};

/// Who registered too often comes again after this long, and then after twice as long.
const FIRST_PAUSE: Duration = Duration::from_secs(15);
const LONGEST_PAUSE: Duration = Duration::from_secs(15 * 60);

/// What is to be done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MembershipOrder {
    /// Call `Register`, and bring what it said.
    Register,
    /// Call `Unregister`.
    Unregister,
}

/// How the agent stands with the service.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// It answers; programs see the key.
    Registered,
    /// It asked, and has not heard.
    Asking,
    /// Somebody switched the key off.
    SwitchedOff,
    /// There is no Bluetooth adapter.
    NoAdapter,
    /// bluetoothd is not there, which would tell of adapters.
    NoBluetoothd,
    /// The system bus is not there.
    NoBus,
    /// The service is not on the bus.
    NoService,
    /// The service does not let it.
    Refused(Refusal),
    /// The service did not answer as one does.
    Unanswered,
}

/// The service's word on this agent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Word {
    None,
    Asked,
    Yes,
    No(Refusal),
    Nothing,
}

/// The agent's place at the service.
#[derive(Debug)]
pub struct Membership {
    wanted: bool,
    adapter: AdapterPresence,
    service: bool,
    word: Word,
    again: Option<Instant>,
    pause: Duration,
}

impl Default for Membership {
    fn default() -> Self {
        Self {
            wanted: false,
            adapter: AdapterPresence::Missing,
            service: false,
            word: Word::None,
            again: None,
            pause: FIRST_PAUSE,
        }
    }
}

impl Membership {
    /// Whether the person wants the key.
    pub fn wanted(&mut self, wanted: bool) -> Option<MembershipOrder> {
        self.wanted = wanted;
        self.settle()
    }

    /// Whether an adapter exists.
    pub fn adapter(&mut self, presence: AdapterPresence) -> Option<MembershipOrder> {
        self.adapter = presence;
        self.settle()
    }

    /// The service came to the bus, or left it.
    pub fn service(&mut self, present: bool) -> Option<MembershipOrder> {
        self.service = present;
        self.forget_word();
        self.settle()
    }

    /// Who was registered is registered no more, and who was refused may be welcome.
    pub fn invited(&mut self) -> Option<MembershipOrder> {
        self.forget_word();
        self.settle()
    }

    /// What the service said to `Register`; `None` when that was nothing that is understood.
    pub fn answered(&mut self, said: Result<(), Option<Refusal>>, now: Instant) {
        if self.word != Word::Asked {
            return;
        }
        self.word = match said {
            Ok(()) => Word::Yes,
            Err(Some(refusal)) => Word::No(refusal),
            Err(None) => Word::Nothing,
        };
        match said {
            Ok(()) => self.pause = FIRST_PAUSE,
            Err(Some(Refusal::TooOften) | None) => {
                self.again = Some(now + self.pause);
                self.pause = (self.pause * 2).min(LONGEST_PAUSE);
            }
            Err(Some(_)) => {}
        }
    }

    /// Time passed.
    pub fn handle_timeout(&mut self, now: Instant) -> Option<MembershipOrder> {
        if self.again.is_some_and(|at| at <= now) {
            self.forget_word();
        }
        self.settle()
    }

    /// When [`Self::handle_timeout`] is to be called. Mostly never: all else comes as an event.
    pub const fn poll_timeout(&self) -> Option<Instant> {
        self.again
    }

    /// How it stands.
    pub const fn standing(&self) -> Standing {
        if !self.wanted {
            return Standing::SwitchedOff;
        }
        match self.adapter {
            AdapterPresence::Exists => {}
            AdapterPresence::Missing => return Standing::NoAdapter,
            AdapterPresence::NoBluetoothd => return Standing::NoBluetoothd,
        }
        if !self.service {
            return Standing::NoService;
        }
        match self.word {
            Word::None | Word::Asked => Standing::Asking,
            Word::Yes => Standing::Registered,
            Word::No(refusal) => Standing::Refused(refusal),
            Word::Nothing => Standing::Unanswered,
        }
    }

    fn forget_word(&mut self) {
        self.word = Word::None;
        self.again = None;
    }

    fn settle(&mut self) -> Option<MembershipOrder> {
        let adapter = self.adapter == AdapterPresence::Exists;
        let answers = self.wanted && adapter && self.service;
        match self.word {
            Word::None if answers => {
                self.word = Word::Asked;
                Some(MembershipOrder::Register)
            }
            Word::Asked | Word::Yes if !answers && self.service => {
                self.forget_word();
                Some(MembershipOrder::Unregister)
            }
            Word::No(_) | Word::Nothing if !answers => {
                self.forget_word();
                None
            }
            Word::None | Word::Asked | Word::Yes | Word::No(_) | Word::Nothing => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use AdapterPresence::{Exists, Missing, NoBluetoothd};
    use MembershipOrder::{Register, Unregister};
    use proptest::prelude::*;

    fn registered(now: Instant) -> Membership {
        let mut membership = Membership::default();
        assert_eq!(membership.wanted(true), None);
        assert_eq!(membership.adapter(Exists), None);
        assert_eq!(membership.standing(), Standing::NoService);
        assert_eq!(membership.service(true), Some(Register));
        membership.answered(Ok(()), now);
        assert_eq!(membership.standing(), Standing::Registered);
        membership
    }

    #[test]
    fn it_registers_once_all_is_there_and_leaves_when_something_is_not() {
        let now = Instant::now();
        let adapter = |membership: &mut Membership, exists| {
            membership.adapter(if exists { Exists } else { Missing })
        };
        for take_away in [Membership::wanted, adapter] {
            let mut membership = registered(now);
            assert_eq!(take_away(&mut membership, true), None);
            assert_eq!(take_away(&mut membership, false), Some(Unregister));
            assert_eq!(take_away(&mut membership, false), None);
            assert_eq!(take_away(&mut membership, true), Some(Register));
        }
        let mut membership = registered(now);
        assert_eq!(membership.service(false), None, "nobody is there to tell");
        assert_eq!(membership.standing(), Standing::NoService);
        assert_eq!(membership.service(true), Some(Register));
    }

    #[test]
    fn a_refusal_holds_until_the_service_invites_or_is_another() {
        let now = Instant::now();
        let mut membership = registered(now);
        assert_eq!(membership.invited(), Some(Register));
        membership.answered(Err(Some(Refusal::InBackground)), now);
        assert_eq!(
            membership.standing(),
            Standing::Refused(Refusal::InBackground)
        );
        assert_eq!(
            membership.poll_timeout(),
            None,
            "nothing is tried in a loop"
        );
        assert_eq!(membership.adapter(Exists), None);
        assert_eq!(membership.invited(), Some(Register));
    }

    #[test]
    fn who_registered_too_often_comes_again_later_and_later() {
        let mut now = Instant::now();
        let mut membership = registered(now);
        membership.invited();
        for seconds in [15, 30, 60, 120, 240, 480, 900, 900] {
            membership.answered(Err(Some(Refusal::TooOften)), now);
            let at = membership.poll_timeout().unwrap();
            assert_eq!(at - now, Duration::from_secs(seconds));
            assert_eq!(membership.handle_timeout(now), None);
            now = at;
            assert_eq!(membership.handle_timeout(now), Some(Register));
        }
    }

    #[test]
    fn an_answer_that_comes_late_changes_nothing() {
        let now = Instant::now();
        let mut membership = registered(now);
        membership.invited();
        assert_eq!(membership.wanted(false), Some(Unregister));
        membership.answered(Ok(()), now);
        assert_eq!(membership.standing(), Standing::SwitchedOff);
        assert_eq!(membership.wanted(true), Some(Register));
    }

    proptest! {
        #[test]
        fn it_is_registered_only_while_all_is_there(steps in proptest::collection::vec((0_u8..6, any::<bool>()), 0..40)) {
            let (mut membership, now) = (Membership::default(), Instant::now());
            let (mut wanted, mut adapter, mut service, mut told) = (false, false, false, false);
            for (step, on) in steps {
                let order = match step {
                    0 => { wanted = on; membership.wanted(on) }
                    1 => { adapter = on; membership.adapter(if on { Exists } else { NoBluetoothd }) }
                    2 => { service = on; told = false; membership.service(on) }
                    3 => { told = false; membership.invited() }
                    4 => { membership.answered(Ok(()), now); None }
                    _ => membership.handle_timeout(now),
                };
                match order {
                    Some(Register) => told = true,
                    Some(Unregister) => told = false,
                    None => {}
                }
                prop_assert_eq!(told, wanted && adapter && service);
            }
        }
    }
}
