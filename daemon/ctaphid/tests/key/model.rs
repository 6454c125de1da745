//! Channels, requests and cancels against a model of three variables.

use crate::host::{CANCEL, CBOR, ERROR, Heard, Host, INIT, PING};
use crate::requests::*;
use hybrid_ctaphid::{Input, Ticket, limits};
use proptest::prelude::*;
use std::time::{Duration, Instant};

#[derive(Clone, Copy, Debug)]
enum Step {
    Request(usize, bool),
    GetInfo(usize),
    Ping(usize),
    Cancel(usize),
    Resynchronise(usize),
    Close,
    AnswerCurrent,
    AnswerStale(usize),
    EndCurrent,
    LoseAgent,
    Wait(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..3usize, any::<bool>()).prop_map(|(place, choice)| Step::Request(place, choice)),
        1 => (0..3usize).prop_map(Step::GetInfo),
        1 => (0..3usize).prop_map(Step::Ping),
        3 => (0..3usize).prop_map(Step::Cancel),
        1 => (0..3usize).prop_map(Step::Resynchronise),
        1 => Just(Step::Close),
        2 => Just(Step::AnswerCurrent),
        2 => (0..8usize).prop_map(Step::AnswerStale),
        1 => Just(Step::EndCurrent),
        1 => Just(Step::LoseAgent),
        2 => (0..90_000u64).prop_map(Step::Wait),
    ]
}

/// What the key must be doing.
struct Model {
    waiting: Option<(u32, Ticket, bool, Instant)>,
    given: Vec<Ticket>,
}

impl Model {
    fn cancelled(&mut self) -> Vec<Heard> {
        let ended = self.waiting.take();
        ended
            .map(|(channel, ..)| (channel, CBOR, vec![0x2d]))
            .into_iter()
            .collect()
    }

    fn waits_on(&self, channel: u32) -> bool {
        self.waiting.is_some_and(|(waiting, ..)| waiting == channel)
    }
}

fn play(steps: &[Step]) {
    let mut host = Host::new();
    let channels = [host.open(), host.open(), host.open()];
    let info = host.ctap(channels[0], b"\x04").unwrap();
    let answer = signed("example.org", b"1");
    let mut model = Model {
        waiting: None,
        given: Vec::new(),
    };
    for step in steps {
        let busy = model.waiting.is_some();
        let mut expected: Vec<Heard> = match *step {
            Step::Request(place, choice) => {
                let channel = channels[place];
                let request = if choice {
                    vec![0x0b]
                } else {
                    discoverable("example.org")
                };
                host.send(channel, CBOR, &request);
                if busy {
                    vec![(channel, ERROR, vec![0x06])]
                } else {
                    let (ticket, _) = host.ask();
                    assert!(!model.given.contains(&ticket), "a ticket is used once");
                    model.given.push(ticket);
                    model.waiting = Some((channel, ticket, choice, host.now));
                    vec![]
                }
            }
            Step::GetInfo(place) => {
                let channel = channels[place];
                host.send(channel, CBOR, b"\x04");
                let blocked = model.waits_on(channel);
                vec![if blocked {
                    (channel, ERROR, vec![0x06])
                } else {
                    (channel, CBOR, info.clone())
                }]
            }
            Step::Ping(place) => {
                let channel = channels[place];
                host.send(channel, PING, b"ping");
                let blocked = model.waits_on(channel);
                vec![if blocked {
                    (channel, ERROR, vec![6])
                } else {
                    (channel, PING, b"ping".to_vec())
                }]
            }
            Step::Cancel(place) => {
                host.send(channels[place], CANCEL, &[]);
                if model.waits_on(channels[place]) {
                    model.cancelled()
                } else {
                    vec![]
                }
            }
            Step::Resynchronise(place) => {
                let channel = channels[place];
                host.send(channel, INIT, b"8 bytes!");
                if model.waits_on(channel) {
                    model.waiting = None;
                }
                let id = channel.to_be_bytes();
                vec![(
                    channel,
                    INIT,
                    [&b"8 bytes!"[..], &id, &[2, 0, 0, 1, 12]].concat(),
                )]
            }
            Step::Close => {
                host.input(Input::Closed);
                model.waiting = None;
                vec![]
            }
            Step::AnswerCurrent => match model.waiting.take() {
                Some((channel, ticket, true, _)) => {
                    host.input(Input::Chosen(ticket));
                    vec![(channel, CBOR, vec![0])]
                }
                Some((channel, ticket, false, _)) => {
                    host.input(Input::Answered(ticket, &answer));
                    vec![(channel, CBOR, answer.clone())]
                }
                None => vec![],
            },
            Step::AnswerStale(place) => {
                let current = model.waiting.map(|(_, ticket, ..)| ticket);
                let stale = model
                    .given
                    .iter()
                    .rev()
                    .filter(|ticket| Some(**ticket) != current);
                if let Some(ticket) = stale.copied().nth(place) {
                    host.input(Input::Answered(ticket, &answer));
                    host.input(Input::Chosen(ticket));
                    host.input(Input::Known(ticket, Some(0)));
                    host.input(Input::Ended(ticket));
                    host.input(Input::Shown(ticket));
                }
                vec![]
            }
            Step::EndCurrent => {
                if let Some((_, ticket, ..)) = model.waiting {
                    host.input(Input::Ended(ticket));
                }
                model.cancelled()
            }
            Step::LoseAgent => {
                host.input(Input::AgentLost);
                model.cancelled()
            }
            Step::Wait(ms) => {
                host.advance(Duration::from_millis(ms));
                vec![]
            }
        };
        host.settle();
        let over = model.waiting.is_some_and(|(_, _, choice, since)| {
            let budget = if choice {
                limits::CHOICE_WAIT
            } else {
                limits::ANSWER_WAIT
            };
            host.now - since >= budget
        });
        if over {
            expected.extend(model.cancelled());
        }
        assert_eq!(core::mem::take(&mut host.heard), expected, "{step:?}");
        let waiting = host.key.poll_timeout().is_some();
        assert_eq!(
            waiting,
            model.waiting.is_some(),
            "a deadline while something waits: {step:?}"
        );
    }
    let kept = host.keepalives.iter().map(|(_, channel, _)| channel);
    assert!(kept.into_iter().all(|channel| channels.contains(channel)));
    let withdrawn = &host.withdrawn;
    assert!(withdrawn.iter().all(|ticket| model.given.contains(ticket)));
}

proptest! {
    #[test]
    fn every_request_has_one_reply_or_an_end_that_nobody_waits_for(
        steps in proptest::collection::vec(step(), 1..60),
    ) {
        play(&steps);
    }
}
