//! The service in virtual time: programs are frames, an agent is a name, and the clock is a number.

mod model;

use super::*;
use crate::uhid::FromKernel;
use hybrid_ctaphid::{Ask, Outcome, Wait};
use hybrid_key_bus::{CONTRACT, Code};

const ALICE: u32 = 1001;
const BOB: u32 = 1002;
const SELECTION: u8 = 0x0b;
/// A registration at example.org, as a program over libfido2 sends it.
const CREATE: &str = "01a5015820000000000000000000000000000000000000000000000000000000000000000\
                      002a16269646b6578616d706c652e6f726703a26269644101646e616d65616104\
                      81a263616c672664747970656a7075626c69632d6b657907a162726bf5";

struct Scene {
    desk: Desk,
    now: Instant,
    start: Instant,
    reports: Vec<(Duration, [u8; 64])>,
    asks: Vec<(AgentName, Number, Ask)>,
    cancels: Vec<(AgentName, Number)>,
    lines: Vec<Line>,
    closed: u32,
    anew: u32,
}

fn person(uid: u32, session: &str) -> Person {
    Person {
        uid,
        name: "alice".to_owned(),
        session: session.to_owned(),
    }
}

fn candidate(name: &str, uid: u32) -> Candidate {
    Candidate {
        name: AgentName::new(name),
        contract: CONTRACT,
        uid,
        allowed: true,
        seats: vec!["seat0".to_owned()],
    }
}

impl Scene {
    fn new() -> Self {
        let start = Instant::now();
        let mut scene = Self {
            desk: Desk::new("desk"),
            now: start,
            start,
            reports: Vec::new(),
            asks: Vec::new(),
            cancels: Vec::new(),
            lines: Vec::new(),
            closed: 0,
            anew: 0,
        };
        scene.desk.comes_to_front(Some(person(ALICE, "1")), start);
        scene.obey();
        scene
    }

    /// Alice's agent is registered, and a program has a channel.
    fn with_channel() -> (Self, [u8; 4]) {
        let mut scene = Self::new();
        scene.register(":1.7", ALICE).unwrap();
        let channel = scene.open();
        (scene, channel)
    }

    fn register(&mut self, name: &str, uid: u32) -> Result<(), Refusal> {
        let admission = self.desk.register(&candidate(name, uid), self.now);
        if let Some(admission) = admission? {
            self.desk.admit(admission, [7; 32], self.now);
        }
        self.obey();
        Ok(())
    }

    fn open(&mut self) -> [u8; 4] {
        self.desk.hear(FromKernel::Open, self.now);
        self.write(&[0xff; 4], 0x86, b"8 bytes!");
        let (_, answer) = self.reports.pop().unwrap();
        answer[15..19].try_into().unwrap()
    }

    fn write(&mut self, channel: &[u8; 4], command: u8, data: &[u8]) {
        let (first, rest) = data.split_at(data.len().min(57));
        let size = u16::try_from(data.len()).unwrap().to_be_bytes();
        let mut reports = vec![[&channel[..], &[command], &size, first].concat()];
        for (sequence, chunk) in (0..).zip(rest.chunks(59)) {
            reports.push([&channel[..], &[sequence], chunk].concat());
        }
        for mut report in reports {
            report.resize(64, 0);
            self.desk.hear(FromKernel::Output(report), self.now);
            self.obey();
        }
    }

    /// A registration at a phone is under way.
    fn create(&mut self, channel: &[u8; 4]) -> Number {
        let command = hex::decode(CREATE).unwrap();
        self.write(channel, 0x90, &command);
        let (agent, number, ask) = self.asks.pop().unwrap();
        assert_eq!(agent, AgentName::new(":1.7"));
        assert!(matches!(ask, Ask::Relay(_)), "{ask:?}");
        number
    }

    fn advance(&mut self, by: Duration) {
        let end = self.now + by;
        while let Some((at, _)) = self.desk.poll_timeout().filter(|(at, _)| *at <= end) {
            self.now = self.now.max(at);
            self.desk.handle_timeout(self.now);
            self.obey();
        }
        self.now = end;
    }

    fn obey(&mut self) {
        while let Some(order) = self.desk.poll_order() {
            match order {
                Order::Tell(ToKernel::Input(report)) => {
                    assert!(self.desk.is_present() || self.closed == 0);
                    self.reports.push((self.now - self.start, *report.bytes()));
                }
                Order::Tell(other) => panic!("{other:?}"),
                Order::Close => self.closed += 1,
                Order::Ask(agent, number, ask) => self.asks.push((agent, number, ask)),
                Order::Cancel(agent, number) => self.cancels.push((agent, number)),
                Order::RegisterAnew => self.anew += 1,
                Order::Journal(line) => self.lines.push(line),
            }
        }
    }

    /// The status of the one CTAP reply that came, keepalives apart.
    fn status(&mut self) -> u8 {
        let reports = core::mem::take(&mut self.reports);
        let mut replies = reports.iter().filter(|(_, report)| report[4] == 0x90);
        let status = replies.next().expect("a reply").1[7];
        assert!(replies.next().is_none(), "one reply");
        status
    }

    fn outcome(&self) -> Outcome {
        let outcome = |line: &Line| {
            if let Line::Request { outcome, .. } = line {
                Some(*outcome)
            } else {
                None
            }
        };
        self.lines.iter().rev().find_map(outcome).unwrap()
    }
}

#[test]
fn the_device_is_there_while_an_agent_of_the_person_in_front_is() {
    let mut scene = Scene::new();
    assert!(!scene.desk.is_present());
    scene.register(":1.7", ALICE).unwrap();
    assert!(scene.desk.is_present());
    scene
        .desk
        .leave(&AgentName::new(":1.7"), Leave::Unregistered, scene.now);
    scene.obey();
    assert!(!scene.desk.is_present() && scene.closed == 1);
    assert_eq!(
        scene.desk.poll_timeout(),
        None,
        "an idle service needs no clock"
    );
}

#[test]
fn an_agent_that_is_lost_ends_the_request_at_once_and_the_device_a_moment_later() {
    let (mut scene, channel) = Scene::with_channel();
    scene.create(&channel);
    scene.advance(Duration::from_secs(1));
    scene.reports.clear();
    scene
        .desk
        .leave(&AgentName::new(":1.7"), Leave::Gone, scene.now);
    scene.obey();
    assert_eq!(scene.status(), 0x2d);
    assert_eq!((scene.outcome(), scene.closed), (Outcome::AgentLost, 0));
    assert_eq!(scene.desk.poll_timeout().unwrap().1, DeskWait::Farewell);
    scene.advance(FAREWELL);
    assert_eq!(scene.closed, 1);
    assert!(scene.anew >= 2, "another agent may take its place");
}

#[test]
fn a_session_switch_ends_the_request_and_the_device_and_who_comes_back_gets_a_new_one() {
    let (mut scene, channel) = Scene::with_channel();
    let number = scene.create(&channel);
    scene.desk.comes_to_front(Some(person(BOB, "2")), scene.now);
    scene.obey();
    assert_eq!(scene.status(), 0x2d);
    assert_eq!(scene.cancels, [(AgentName::new(":1.7"), number)]);
    assert_eq!(scene.register(":1.7", ALICE), Err(Refusal::InBackground));
    // Bob's agent is faster than the farewell.
    assert_eq!(scene.register(":1.9", BOB), Ok(()));
    scene.advance(FAREWELL * 2);
    assert!(
        scene.desk.is_present(),
        "the old farewell does not end the new device"
    );
    scene
        .desk
        .comes_to_front(Some(person(ALICE, "1")), scene.now);
    scene.obey();
    assert!(!scene.desk.is_present(), "nothing was under way");
    assert_eq!(scene.register(":1.9", BOB), Err(Refusal::InBackground));
    assert_eq!(scene.register(":1.7", ALICE), Ok(()));
}

#[test]
fn a_request_on_the_way_out_is_ended_and_nobody_is_asked() {
    let (mut scene, channel) = Scene::with_channel();
    scene.create(&channel);
    scene
        .desk
        .leave(&AgentName::new(":1.7"), Leave::Gone, scene.now);
    scene.obey();
    assert_eq!(scene.status(), 0x2d);
    scene.write(&channel, 0x90, &[SELECTION]);
    assert_eq!(scene.status(), 0x2d);
    assert!(scene.asks.is_empty());
}

#[test]
fn an_answer_to_the_request_of_an_earlier_device_finds_nothing() {
    let (mut scene, channel) = Scene::with_channel();
    let old = scene.create(&channel);
    scene
        .desk
        .leave(&AgentName::new(":1.7"), Leave::Unregistered, scene.now);
    scene.obey();
    scene.register(":1.7", ALICE).unwrap();
    let channel = scene.open();
    scene.reports.clear();
    let new = scene.create(&channel);
    assert!(new.0 > old.0);
    scene
        .desk
        .answered(old, AgentAnswer::Ended(None), scene.now);
    scene
        .desk
        .answered(Number(0), AgentAnswer::Chosen, scene.now);
    scene
        .desk
        .answered(Number(u64::MAX), AgentAnswer::Chosen, scene.now);
    scene.obey();
    assert!(scene.reports.is_empty());
    scene
        .desk
        .answered(new, AgentAnswer::Ended(None), scene.now);
    scene.obey();
    assert_eq!(scene.status(), 0x2d);
}

#[test]
fn a_choice_is_one_line_in_the_journal_with_when_the_prompt_was_there() {
    let (mut scene, channel) = Scene::with_channel();
    scene.write(&channel, 0x90, &[SELECTION]);
    let (agent, number, ask) = scene.asks.pop().unwrap();
    assert_eq!(ask, Ask::Choose);
    scene.advance(Duration::from_millis(50));
    scene.desk.shown(&AgentName::new(":1.8"), number, scene.now);
    scene.advance(Duration::from_millis(10));
    scene.desk.shown(&agent, number, scene.now);
    scene.advance(Duration::from_millis(500));
    let keepalives = scene.reports.iter().filter(|(_, report)| report[4] == 0xbb);
    assert!(
        keepalives.clone().count() == 5 && keepalives.clone().all(|(_, report)| report[7] == 2)
    );
    scene.desk.answered(number, AgentAnswer::Chosen, scene.now);
    scene.obey();
    assert_eq!(scene.status(), 0);
    let line = scene.lines.pop().unwrap().to_string();
    let expected =
        "request ended operation=choose outcome=answered status=00 took_ms=560 shown_ms=60";
    assert_eq!(line, expected);
}

#[test]
fn the_agents_reason_is_in_the_journal() {
    let (mut scene, channel) = Scene::with_channel();
    let number = scene.create(&channel);
    let code = Code::new("BT03");
    scene
        .desk
        .answered(number, AgentAnswer::Ended(code), scene.now);
    scene.obey();
    assert_eq!(scene.status(), 0x2d);
    let line = scene.lines.pop().unwrap().to_string();
    assert!(
        line.contains("operation=create outcome=ended-by-agent status=2d code=BT03"),
        "{line}"
    );
}

#[test]
fn a_request_ends_after_five_minutes_with_keepalives_until_then() {
    let (mut scene, channel) = Scene::with_channel();
    let number = scene.create(&channel);
    scene.reports.clear();
    scene.advance(Duration::from_secs(300));
    assert_eq!(scene.cancels, [(AgentName::new(":1.7"), number)]);
    assert_eq!(scene.outcome(), Outcome::TimedOut(Wait::Answer));
    let mut before = Duration::ZERO;
    for (at, report) in scene.reports.iter().filter(|(_, report)| report[4] == 0xbb) {
        assert!(*at - before <= Duration::from_millis(300), "{report:02x?}");
        before = *at;
    }
    assert_eq!(scene.status(), 0x2d);
}

#[test]
fn a_program_that_closes_the_device_withdraws_its_request() {
    let (mut scene, channel) = Scene::with_channel();
    let number = scene.create(&channel);
    scene.desk.hear(FromKernel::Close, scene.now);
    scene.obey();
    assert_eq!(scene.cancels, [(AgentName::new(":1.7"), number)]);
    assert_eq!(scene.outcome(), Outcome::Closed);
}

#[test]
fn another_agent_neither_ends_nor_shows_anything() {
    let (mut scene, channel) = Scene::with_channel();
    scene.create(&channel);
    let other = AgentName::new(":1.66");
    scene.desk.leave(&other, Leave::Unregistered, scene.now);
    scene.desk.leave(&other, Leave::Gone, scene.now);
    scene.obey();
    assert!(scene.desk.is_present() && scene.cancels.is_empty());
}

#[test]
fn reports_outside_the_stream_are_refused_at_once_and_unknown_events_only_noted() {
    let (mut scene, _) = Scene::with_channel();
    scene.desk.hear(FromKernel::GetReport(3), scene.now);
    scene.desk.hear(FromKernel::SetReport(4), scene.now);
    scene.desk.hear(FromKernel::Unknown(99), scene.now);
    assert_eq!(
        scene.desk.poll_order(),
        Some(Order::Tell(ToKernel::NoReport(3)))
    );
    assert_eq!(
        scene.desk.poll_order(),
        Some(Order::Tell(ToKernel::ReportNotTaken(4)))
    );
    assert_eq!(
        scene.desk.poll_order(),
        Some(Order::Journal(Line::UnknownEvent(99)))
    );
    assert_eq!(scene.desk.poll_order(), None);
}

#[test]
fn a_flood_of_wrong_reports_is_bounded_and_the_next_honest_request_is_served() {
    let (mut scene, channel) = Scene::with_channel();
    let before = scene.lines.len();
    for size in 0..2000 {
        let report = vec![0x55; size % 66];
        if ![64, 65].contains(&report.len()) {
            scene.desk.hear(FromKernel::Output(report), scene.now);
            scene.obey();
        }
    }
    let lines = scene.lines.len() - before;
    assert!((1..=30).contains(&lines), "{lines}");
    scene.create(&channel);
}

#[test]
fn the_service_says_goodbye_before_it_ends() {
    let (mut scene, channel) = Scene::with_channel();
    scene.create(&channel);
    scene.desk.stop(scene.now);
    scene.obey();
    assert_eq!(scene.status(), 0x2d);
    scene.advance(FAREWELL);
    assert_eq!((scene.closed, scene.desk.is_present()), (1, false));
    let anew = scene.anew;
    assert_eq!(anew, 1, "nobody is invited to a service that ends");
}

#[test]
fn a_device_that_cannot_be_made_leaves_nobody_registered() {
    let mut scene = Scene::new();
    let admission = scene
        .desk
        .register(&candidate(":1.7", ALICE), scene.now)
        .unwrap()
        .unwrap();
    scene.desk.fail(admission, Refusal::NoUhid, scene.now);
    scene.obey();
    assert_eq!(scene.desk.agent(), None);
    assert!(!scene.desk.is_present());
    assert_eq!(scene.register(":1.7", ALICE), Ok(()));
}

#[test]
fn a_program_that_asks_and_withdraws_on_and_on_fills_no_journal() {
    let (mut scene, channel) = Scene::with_channel();
    let asked = |scene: &mut Scene| {
        scene.write(&channel, 0x90, &[SELECTION]);
        scene.write(&channel, 0x91, &[]);
    };
    (0..2000).for_each(|_| asked(&mut scene));
    let lines = |scene: &Scene| {
        let lines = scene.lines.iter();
        lines
            .filter(|line| matches!(line, Line::Request { .. }))
            .count()
    };
    assert_eq!(lines(&scene), 120);
    scene.now += Duration::from_secs(60);
    asked(&mut scene);
    assert_eq!(lines(&scene), 121);
    assert!(scene.lines.contains(&Line::LeftOut(1880)));
}
