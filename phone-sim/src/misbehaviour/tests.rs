//! Scripts against the protocol's desktop, in memory and in virtual time.

use super::*;
use crate::fault;
use hybrid_protocol::Hint;
use hybrid_protocol::PhoneEntropy;
use hybrid_protocol::{
    Cause, Desktop, DesktopInput, DesktopOutput, DomainId, PhoneInput, RoutingId, Secret,
};
use hybrid_protocol::{Linking, QrEntropy};
use proptest::prelude::*;

/// How the desktop's session ended.
#[derive(PartialEq, Debug)]
enum End {
    Reply(Vec<u8>),
    Failed(Stage, Cause),
}

struct World {
    desktop: Desktop,
    phone: Phone,
    injector: FaultInjector,
    now: Instant,
    /// Frames that wait at the relay until the desktop is there.
    early: Vec<Vec<u8>>,
    joined: bool,
    over: bool,
    end: Option<End>,
}

fn world(script: Script) -> World {
    let now = Instant::now();
    let entropy = QrEntropy {
        static_key: Secret::new([1; 32]),
        secret: Secret::new([2; 16]),
        ephemeral: Secret::new([3; 32]),
    };
    let (mut desktop, code) =
        Desktop::by_qr(&entropy, 0, Hint::SignIn, Linking::NotOffered, now).unwrap();
    desktop.handle_input(DesktopInput::Request(vec![2, 0xa0]), now);
    let entropy = PhoneEntropy {
        nonce: [4; 15],
        ephemeral: Secret::new([5; 32]),
    };
    let own = PrivateKey::new(&entropy.ephemeral).unwrap();
    let phone = Phone::by_qr(&code, &entropy, DomainId(0), vec![0xa0], now).unwrap();
    World {
        desktop,
        phone,
        injector: FaultInjector::new(script, code, own, vec![0xa0]),
        now,
        early: Vec::new(),
        joined: false,
        over: false,
        end: None,
    }
}

impl World {
    /// Lets both do what they have to, and time pass when they have nothing to do.
    fn run(mut self) -> End {
        loop {
            if let Some(end) = self.end {
                return end;
            }
            if let Some(output) = self.desktop.poll_output() {
                self.desktop_does(output);
            } else if let Some(action) = (!self.over)
                .then(|| self.injector.next(&mut self.phone, self.now))
                .flatten()
            {
                self.phone_does(action);
            } else {
                self.wait();
            }
        }
    }

    fn wait(&mut self) {
        let phone = self
            .phone
            .poll_timeout()
            .filter(|_| !self.over)
            .map(|(deadline, _)| deadline);
        let desktop = self.desktop.poll_timeout().map(|(deadline, _)| deadline);
        let pause = self.injector.pause_ends().filter(|_| !self.over);
        let deadlines = [phone, desktop, pause].into_iter().flatten();
        self.now = self.now.max(deadlines.min().unwrap());
        self.phone.handle_timeout(self.now);
        self.desktop.handle_timeout(self.now);
    }

    fn desktop_does(&mut self, output: DesktopOutput) {
        match output {
            DesktopOutput::OpenTunnel(_) => {
                self.joined = true;
                self.desktop
                    .handle_input(DesktopInput::TunnelOpened { signal: false }, self.now);
                for frame in std::mem::take(&mut self.early) {
                    self.desktop
                        .handle_input(DesktopInput::Frame(&frame), self.now);
                }
            }
            DesktopOutput::Send(frame) => {
                self.injector.heard(&frame);
                self.phone.handle_input(PhoneInput::Frame(&frame), self.now);
            }
            DesktopOutput::Reply(reply) => self.end = Some(End::Reply(reply.expose().to_vec())),
            DesktopOutput::Failed(failure) => {
                self.end = Some(End::Failed(failure.at, failure.cause))
            }
            DesktopOutput::Entered(_)
            | DesktopOutput::Greeted(_)
            | DesktopOutput::Linked(_)
            | DesktopOutput::CloseTunnel
            | DesktopOutput::Ended => {}
            _ => {}
        }
    }

    fn phone_does(&mut self, action: Action) {
        let now = self.now;
        match action {
            Action::Wait(time) => self.injector.pause(now + time),
            Action::Open(_) => {
                let routing = RoutingId::new([1, 2, 3]);
                self.phone.handle_input(PhoneInput::Opened { routing }, now);
            }
            Action::Advertise(data) => drop(self.desktop.handle_advert(&data, now)),
            Action::Send(frame) if self.joined => {
                self.desktop.handle_input(DesktopInput::Frame(&frame), now)
            }
            Action::Send(frame) => self.early.push(frame),
            Action::SendText(_) => self.desktop.handle_input(DesktopInput::TextFrame, now),
            Action::Ask(_) => self
                .phone
                .handle_input(PhoneInput::Respond(vec![0, 0xa0]), now),
            Action::Close | Action::Cut => {
                let code = None;
                self.desktop
                    .handle_input(DesktopInput::TunnelClosed { code }, now);
            }
            Action::GiveUp => self.phone.handle_input(PhoneInput::Cancel, now),
            Action::Failed(_) | Action::Ended => self.over = true,
            Action::Entered(_)
            | Action::OpenAndLose(_)
            | Action::StopAdvertising
            | Action::Ping(_) => {}
        }
    }
}

fn script(faults: &[&str]) -> Script {
    let faults = faults.iter().map(|fault| fault.parse().unwrap()).collect();
    Script {
        faults,
        ..Script::default()
    }
}

#[test]
fn without_a_script_nothing_is_changed() {
    assert_eq!(world(Script::default()).run(), End::Reply(vec![0, 0xa0]));
}

#[test]
fn a_fault_that_does_no_harm_still_leads_to_the_reply() {
    for fault in [
        "reconnect",
        "suffix=7",
        "bad-update",
        "reply-twice",
        "slow-user=30",
        "late-advert=30",
    ] {
        assert_eq!(
            world(script(&[fault])).run(),
            End::Reply(vec![0, 0xa0]),
            "{fault}"
        );
    }
}

#[test]
fn faults_of_different_moments_are_played_together() {
    let end = world(script(&[
        "late-advert=30",
        "suffix",
        "slow-user=3",
        "status=0x2e",
    ]))
    .run();
    assert_eq!(end, End::Reply(vec![0x2e]));
}

#[test]
fn a_pause_ends_with_the_session_and_what_was_left_to_do_is_forgotten() {
    let mut world = world(script(&["slow-user=200"]));
    // The phone is asked and pauses; then the desktop goes away.
    while world.injector.pause_ends().is_none() {
        match world.desktop.poll_output() {
            Some(output) => world.desktop_does(output),
            None => {
                let action = world.injector.next(&mut world.phone, world.now).unwrap();
                world.phone_does(action);
            }
        }
    }
    world
        .phone
        .handle_input(PhoneInput::TunnelClosed { code: None }, world.now);
    let rest: Vec<_> =
        std::iter::from_fn(|| world.injector.next(&mut world.phone, world.now)).collect();
    assert!(!rest.iter().any(|action| matches!(action, Action::Ask(_))));
    assert!(matches!(rest.last(), Some(Action::Failed(_))));
}

fn any_fault() -> impl Strategy<Value = Fault> {
    (0..fault::all().count()).prop_map(|place| Fault::usual(fault::all().nth(place).unwrap()))
}

proptest! {
    #[test]
    fn the_desktop_comes_to_an_end_whatever_is_played_together(
        faults in proptest::collection::vec(any_fault(), 0..5),
        delay in proptest::sample::select(vec!["tunnel", "advert", "handshake", "greeting", "reply"]),
        ms in 0..60_000_u64,
    ) {
        let delays = vec![format!("{delay}={ms}").parse().unwrap()];
        let script = Script { faults, delays, ..Script::default() };
        let _ = world(script).run();
    }
}
