//! The table of contacts against the plainest possible model.

use super::*;
use core::net::IpAddr;
use proptest::prelude::*;

fn contacts() -> Contacts<&'static str> {
    Contacts::new([])
}

fn id(n: u8) -> ContactId {
    ContactId::new(vec![n; 33]).unwrap()
}

fn block(at: u8) -> Block {
    Block::of(IpAddr::from([192, 0, 2, at]))
}

fn message(n: usize) -> ContactMessage {
    Arc::from(n.to_be_bytes())
}

fn ring<'a>(
    contacts: &'a mut Contacts<&'static str>,
    now: Instant,
) -> Result<(Call, &'a &'static str), Refusal> {
    let rung = contacts.ring(&id(1), now, &Limits::default(), || Ok(((), message(1))))?;
    Ok((rung.0, rung.3))
}

#[test]
fn the_end_of_an_old_listening_never_removes_the_one_that_took_over() {
    let mut contacts = contacts();
    let limits = Limits::default();
    let (old, ..) = contacts.listen(id(1), block(1), "Wi-Fi", &limits).unwrap();
    let (new, before, _) = contacts.listen(id(1), block(2), "mobile", &limits).unwrap();
    assert_eq!(before, Some("Wi-Fi"));
    contacts.leave(&old);
    assert_eq!(*ring(&mut contacts, Instant::now()).unwrap().1, "mobile");
    contacts.leave(&new);
    assert_eq!(
        ring(&mut contacts, Instant::now()).unwrap_err(),
        Refusal::NoRoom
    );
    assert_eq!(contacts.listeners(), 0);
}

#[test]
fn a_call_that_went_to_a_dead_connection_is_told_to_the_next_one() {
    let mut contacts = contacts();
    let limits = Limits::default();
    let (dead, ..) = contacts.listen(id(1), block(1), "dead", &limits).unwrap();
    let (call, _) = ring(&mut contacts, Instant::now()).unwrap();
    contacts.leave(&dead);
    let (_, _, missed) = contacts.listen(id(1), block(1), "alive", &limits).unwrap();
    assert_eq!(missed, [message(1)]);
    contacts.hang_up(&call);
    let (_, _, missed) = contacts.listen(id(1), block(1), "again", &limits).unwrap();
    assert!(missed.is_empty());
}

#[test]
fn what_was_revoked_elsewhere_is_dead_here_and_its_listener_is_reached() {
    let mut contacts = contacts();
    let limits = Limits::default();
    let (_dead, ..) = contacts.listen(id(1), block(1), "dead", &limits).unwrap();
    let (_alive, ..) = contacts.listen(id(2), block(1), "alive", &limits).unwrap();
    assert_eq!(
        contacts.learn([Mark::of(&id(1)), Mark::of(&id(3))]),
        (2, vec!["dead"])
    );
    assert_eq!(contacts.learn([Mark::of(&id(1))]), (0, vec![]));
    assert_eq!(
        contacts.admit(&id(1), block(1), &limits),
        Err(Refusal::Revoked)
    );
    assert_eq!(contacts.listeners(), 1);
    assert_eq!(
        contacts.may_revoke(block(1), &limits),
        Ok(()),
        "they count for nobody here"
    );
}

#[test]
fn a_phone_rings_at_most_so_often_in_any_minute() {
    let mut contacts = contacts();
    let limits = Limits {
        contact_rate: 6,
        ..Limits::default()
    };
    let _watch = contacts.listen(id(1), block(1), "", &limits).unwrap();
    let start = Instant::now();
    let mut rung = Vec::new();
    for second in 0..180 {
        let now = start + Duration::from_secs(second);
        if let Ok((call, _)) = ring(&mut contacts, now) {
            contacts.hang_up(&call);
            rung.push(second);
        }
    }
    assert_eq!(rung[..7], [0, 1, 2, 3, 4, 5, 10]);
    // A burst of six, then one in ten seconds: the burst and a minute's share together are the
    // most.
    for from in 0..120 {
        assert!(
            rung.iter()
                .filter(|at| (from..from + 60).contains(*at))
                .count()
                <= 12
        );
    }
    assert_eq!(rung.len(), 6 + 17);
}

#[test]
fn a_phone_that_does_not_answer_is_not_rung_for_ever() {
    let mut contacts = contacts();
    let limits = Limits::default();
    let _watch = contacts.listen(id(1), block(1), "", &limits).unwrap();
    let now = Instant::now();
    let first = ring(&mut contacts, now).unwrap().0;
    for _ in 1..limits.contacts_pending {
        ring(&mut contacts, now).unwrap();
    }
    assert_eq!(
        ring(&mut contacts, now).unwrap_err(),
        Refusal::ContactsPending
    );
    contacts.hang_up(&first);
    assert!(ring(&mut contacts, now).is_ok());
}

#[test]
fn a_room_that_could_not_be_opened_is_no_call() {
    let mut contacts = contacts();
    let limits = Limits::default();
    let _watch = contacts.listen(id(1), block(1), "", &limits).unwrap();
    for _ in 0..20 {
        let full = contacts.ring::<()>(&id(1), Instant::now(), &limits, || Err(Refusal::Rooms));
        assert_eq!(full.unwrap_err(), Refusal::Rooms);
    }
    assert!(ring(&mut contacts, Instant::now()).is_ok());
}

#[test]
fn a_revoked_contact_id_is_dead_for_desktops_and_phones() {
    let mut contacts = contacts();
    let limits = Limits::default();
    let (watch, ..) = contacts.listen(id(1), block(1), "thief", &limits).unwrap();
    assert_eq!(contacts.revoke(&id(1), block(2)), Some("thief"));
    contacts.leave(&watch);
    assert_eq!(
        ring(&mut contacts, Instant::now()).unwrap_err(),
        Refusal::Revoked
    );
    assert_eq!(
        contacts
            .listen(id(1), block(1), "thief", &limits)
            .unwrap_err(),
        Refusal::Revoked
    );
    assert!(contacts.listen(id(2), block(1), "other", &limits).is_ok());
    let mut again = Contacts::<()>::new([Mark::of(&id(1))]);
    assert_eq!(
        again.admit(&id(1), block(1), &limits),
        Err(Refusal::Revoked)
    );
    assert!(again.listen(id(2), block(1), (), &limits).is_ok());
}

#[test]
fn nobody_can_fill_the_memory_with_revocations() {
    let mut contacts = contacts();
    let mut limits = Limits::default();
    (limits.revocations, limits.revocations_per_address) = (3, 2);
    for (n, at, expected) in [
        (1, 1, Ok(())),
        (2, 1, Ok(())),
        (3, 1, Err(Refusal::Revocations)),
        (3, 2, Ok(())),
        (4, 3, Err(Refusal::Revocations)),
    ] {
        assert_eq!(
            contacts.may_revoke(block(at), &limits),
            expected,
            "{n} by {at}"
        );
        if expected.is_ok() {
            contacts.revoke(&id(n), block(at));
        }
    }
}

#[test]
fn a_full_table_still_lets_a_phone_take_over_from_itself() {
    let mut contacts = contacts();
    let mut limits = Limits::default();
    (limits.listeners, limits.listeners_per_address) = (2, 1);
    let _first = contacts.listen(id(1), block(1), "", &limits).unwrap();
    assert_eq!(
        contacts.admit(&id(2), block(1), &limits),
        Err(Refusal::ListenersAddress)
    );
    let _second = contacts.listen(id(2), block(2), "", &limits).unwrap();
    assert_eq!(
        contacts.admit(&id(3), block(3), &limits),
        Err(Refusal::Listeners)
    );
    assert!(contacts.listen(id(1), block(1), "", &limits).is_ok());
    assert!(contacts.listen(id(1), block(3), "", &limits).is_ok());
    assert_eq!(contacts.listeners(), 2);
}

#[derive(Clone, Debug)]
enum Step {
    Listen { phone: u8, at: u8 },
    Leave(usize),
    Ring { phone: u8, seconds: u64 },
    HangUp(usize),
    Revoke { phone: u8, at: u8 },
}

/// Everything that was ever handed out and not given back, as lists.
#[derive(Default)]
struct Model {
    /// Ticket, phone, block, name, whether it is the one that is reached.
    watches: Vec<(Watch, u8, u8, usize, bool)>,
    calls: Vec<(Call, u8, ContactMessage)>,
    /// When each phone was rung since it last became unknown, for the rate.
    quiet: HashMap<u8, Instant>,
    revoked: HashSet<u8>,
}

impl Model {
    fn listening(&self) -> impl Iterator<Item = &(Watch, u8, u8, usize, bool)> {
        self.watches.iter().filter(|watch| watch.4)
    }

    fn settle(&mut self) {
        let known: HashSet<u8> = { self.listening().map(|watch| watch.1) }
            .chain(self.calls.iter().map(|call| call.1))
            .collect();
        self.quiet.retain(|phone, _| known.contains(phone));
    }
}

fn limits() -> Limits {
    let mut limits = Limits::default();
    (limits.listeners, limits.listeners_per_address) = (3, 2);
    (limits.contact_rate, limits.contacts_pending) = (3, 2);
    limits
}

proptest! {
    #[test]
    fn any_history_reaches_the_newest_listener_and_forgets_nothing(steps in proptest::collection::vec(step(), 0..80)) {
        let (mut contacts, mut model, limits) = (Contacts::new([]), Model::default(), limits());
        let mut now = Instant::now();
        for (name, step) in steps.into_iter().enumerate() {
            match step {
                Step::Listen { phone, at } => {
                    let before = model.listening().find(|watch| watch.1 == phone).map(|watch| (watch.2, watch.3));
                    let expected = if model.revoked.contains(&phone) { Err(Refusal::Revoked) }
                        else if before.is_none() && model.listening().count() >= 3 { Err(Refusal::Listeners) }
                        else if before.map(|b| b.0) != Some(at) && model.listening().filter(|w| w.2 == at).count() >= 2 { Err(Refusal::ListenersAddress) }
                        else { Ok(()) };
                    let listened = contacts.listen(id(phone), block(at), name, &limits);
                    prop_assert_eq!(listened.as_ref().map(|_| ()).map_err(|refusal| *refusal), expected);
                    if let Ok((watch, replaced, missed)) = listened {
                        prop_assert_eq!(replaced, before.map(|b| b.1));
                        let expected: Vec<_> = model.calls.iter().filter(|c| c.1 == phone).map(|c| Arc::clone(&c.2)).collect();
                        prop_assert_eq!(missed, expected);
                        model.watches.iter_mut().filter(|w| w.1 == phone).for_each(|w| w.4 = false);
                        model.watches.push((watch, phone, at, name, true));
                    }
                }
                Step::Leave(at) if !model.watches.is_empty() => {
                    let (watch, ..) = model.watches.remove(at % model.watches.len());
                    contacts.leave(&watch);
                }
                Step::Ring { phone, seconds } => {
                    now += Duration::from_secs(seconds);
                    let reached = model.listening().find(|watch| watch.1 == phone).map(|watch| watch.3);
                    let quiet = model.quiet.get(&phone).copied().unwrap_or(now).max(now) + Duration::from_secs(20);
                    let expected = if model.revoked.contains(&phone) { Err(Refusal::Revoked) }
                        else if reached.is_none() { Err(Refusal::NoRoom) }
                        else if model.calls.iter().filter(|call| call.1 == phone).count() >= 2 { Err(Refusal::ContactsPending) }
                        else if quiet > now + MINUTE { Err(Refusal::ContactRate) }
                        else { Ok(()) };
                    let rung = contacts.ring(&id(phone), now, &limits, || Ok(((), message(name))));
                    prop_assert_eq!(rung.as_ref().map(|_| ()).map_err(|refusal| *refusal), expected);
                    if let Ok((call, (), told, listener)) = rung {
                        prop_assert_eq!(Some(*listener), reached);
                        model.calls.push((call, phone, told));
                        model.quiet.insert(phone, quiet);
                    }
                }
                Step::HangUp(at) if !model.calls.is_empty() => {
                    let (call, ..) = model.calls.remove(at % model.calls.len());
                    contacts.hang_up(&call);
                }
                Step::Revoke { phone, at } => {
                    let reached = model.listening().find(|watch| watch.1 == phone).map(|watch| watch.3);
                    prop_assert_eq!(contacts.revoke(&id(phone), block(at)), reached);
                    model.watches.iter_mut().filter(|w| w.1 == phone).for_each(|w| w.4 = false);
                    model.revoked.insert(phone);
                }
                Step::Leave(_) | Step::HangUp(_) => {}
            }
            model.settle();
            prop_assert_eq!(contacts.listeners() as usize, model.listening().count());
        }
        for (watch, ..) in &model.watches {
            contacts.leave(watch);
        }
        for (call, ..) in &model.calls {
            contacts.hang_up(call);
        }
        prop_assert!(contacts.phones.is_empty() && contacts.listeners.per_block.is_empty() && contacts.listeners.all == 0);
    }
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..4u8, 0..3u8).prop_map(|(phone, at)| Step::Listen { phone, at }),
        2 => (0..8usize).prop_map(Step::Leave),
        6 => (0..4u8, 0..15u64).prop_map(|(phone, seconds)| Step::Ring { phone, seconds }),
        3 => (0..8usize).prop_map(Step::HangUp),
        1 => (3..5u8, 0..3u8).prop_map(|(phone, at)| Step::Revoke { phone, at }),
    ]
}
