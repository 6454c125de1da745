//! Whatever happens in whatever order, the promises hold.

use super::*;
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Step {
    Front(Option<(u32, u8)>),
    Register(u8, u32),
    Leave(u8),
    Open,
    Close,
    Create,
    Select,
    Cancel,
    Junk(Vec<u8>),
    Answer(u64, bool),
    Shown(u8, u64),
    Pass(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let uid = ALICE..=BOB;
    prop_oneof![
        prop::option::of((uid.clone(), 0..2_u8)).prop_map(Step::Front),
        (0..3_u8, uid).prop_map(|(name, uid)| Step::Register(name, uid)),
        (0..3_u8).prop_map(Step::Leave),
        Just(Step::Open),
        Just(Step::Close),
        Just(Step::Create),
        Just(Step::Select),
        Just(Step::Cancel),
        prop::collection::vec(any::<u8>(), 60..70).prop_map(Step::Junk),
        (0..12_u64, any::<bool>()).prop_map(|(number, yes)| Step::Answer(number, yes)),
        (0..3_u8, 0..12_u64).prop_map(|(name, number)| Step::Shown(name, number)),
        (0..400_000_u64).prop_map(Step::Pass),
    ]
}

fn name(number: u8) -> String {
    format!(":1.{number}")
}

/// Without the scene's own expectations: here anything may be under way.
fn frame(scene: &mut Scene, channel: [u8; 4], command: u8, data: &[u8]) {
    if scene.desk.is_present() {
        scene.write(&channel, command, data);
    }
}

proptest! {
    #[test]
    fn only_who_is_registered_is_asked_and_no_request_outlives_its_agent(
        steps in prop::collection::vec(step(), 1..60),
    ) {
        let mut scene = Scene::new();
        let mut channel = [0; 4];
        for step in steps {
            let now = scene.now;
            match step {
                Step::Front(front) => {
                    let front = front.map(|(uid, session)| person(uid, &session.to_string()));
                    scene.desk.comes_to_front(front, now);
                }
                Step::Register(number, uid) => {
                    let _ = scene.register(&name(number), uid);
                }
                Step::Leave(number) => {
                    scene.desk.leave(&AgentName::new(&name(number)), Leave::Gone, now);
                }
                Step::Open if scene.desk.is_present() => {
                    scene.desk.hear(FromKernel::Open, now);
                    scene.write(&[0xff; 4], 0x86, b"8 bytes!");
                    if let Some((_, report)) = scene.reports.last() {
                        channel.copy_from_slice(&report[15..19]);
                    }
                }
                Step::Close if scene.desk.is_present() => scene.desk.hear(FromKernel::Close, now),
                Step::Open | Step::Close => {}
                Step::Create => frame(&mut scene, channel, 0x90, &hex::decode(CREATE).unwrap()),
                Step::Select => frame(&mut scene, channel, 0x90, &[SELECTION]),
                Step::Cancel => frame(&mut scene, channel, 0x91, &[]),
                Step::Junk(bytes) => scene.desk.hear(FromKernel::Output(bytes), now),
                Step::Answer(number, yes) => {
                    let answer = if yes {
                        AgentAnswer::Chosen
                    } else {
                        AgentAnswer::Ended(Code::new("US01"))
                    };
                    scene.desk.answered(Number(number), answer, now);
                }
                Step::Shown(number, request) => {
                    scene.desk.shown(&AgentName::new(&name(number)), Number(request), now);
                }
                Step::Pass(ms) => scene.advance(Duration::from_millis(ms)),
            }
            scene.obey();
            // Each is asked while it is the agent, and the numbers go upwards.
            for (agent, _, _) in scene.asks.drain(..) {
                prop_assert_eq!(Some(&agent), scene.desk.agent());
            }
            if scene.desk.agent().is_some() {
                prop_assert!(scene.desk.is_present());
                let person = scene.desk.registry.person().unwrap();
                prop_assert!([ALICE, BOB].contains(&person.uid));
            } else if let Some((at, _)) = scene.desk.poll_timeout() {
                prop_assert!(at <= scene.now + FAREWELL, "on its way out");
            }
            for (_, report) in scene.reports.drain(..) {
                let repeated = [0x27, 0x33, 0x36].contains(&report[7]);
                prop_assert!(report[4] != 0x90 || !repeated, "Firefox repeats on it");
            }
        }
        scene.advance(Duration::from_secs(600));
        prop_assert!(scene.desk.orders.is_empty());
    }
}
