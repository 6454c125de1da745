//! A sign-in over real channels: two threads, a desktop and a phone, each with the loop that
//! [`hybrid_protocol::Desktop`] describes. Deadlines come from `poll_timeout`, outputs are drained
//! after every input, and what fails is told to the session.
//!
//! Run it with `cargo run -p hybrid-protocol --example sign_in`.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "an example that talks"
)]

use hybrid_protocol::{
    Desktop, DesktopInput, DesktopOutput, DomainId, Failure, Hint, Linking, Phone, PhoneEntropy,
    PhoneInput, PhoneOutput, QrCode, QrEntropy, RoutingId, Secret, Wiped,
};
use std::error::Error;
use std::process::ExitCode;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// What goes from one side to the other: the radio and the tunnel of this example.
enum Signal {
    Advert(Vec<u8>),
    Frame(Vec<u8>),
}

fn main() -> ExitCode {
    match sign_in() {
        Ok(reply) => {
            let status = reply.expose().first().copied().unwrap_or_default();
            println!("the phone answered with status {status:#04x}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn sign_in() -> Result<Wiped, Box<dyn Error>> {
    // A real program draws all of this from the operating system, anew for every code.
    let entropy = QrEntropy {
        static_key: Secret::new([1; 32]),
        secret: Secret::new([2; 16]),
        ephemeral: Secret::new([3; 32]),
    };
    let unix_time = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let now = Instant::now();
    let (mut desktop, code) =
        Desktop::by_qr(&entropy, unix_time, Hint::SignIn, Linking::NotOffered, now)?;
    let (to_phone, from_desktop) = mpsc::channel();
    let (to_desktop, from_phone) = mpsc::channel();
    let shown = code.to_text();
    let phone = thread::spawn(move || {
        let scanned = QrCode::parse(shown.expose()).map_err(|error| error.to_string())?;
        run_phone(&scanned, &to_desktop, &from_desktop)
    });
    // The command may come at any time; here it is known from the beginning.
    desktop.handle_input(DesktopInput::Request(vec![2, 0xa0]), now);
    let ended = run_desktop(&mut desktop, &to_phone, &from_phone);
    // The phone sees the end of the tunnel, if nothing else ended it.
    drop(to_phone);
    match phone.join() {
        Ok(Ok(())) => {}
        Ok(Err(why)) => eprintln!("the phone: {why}"),
        Err(_) => eprintln!("the phone's thread is gone"),
    }
    Ok(ended?.ok_or("the session ended without a reply")?)
}

/// The desktop's loop: drain, wait no longer than the deadline, tell what happened.
fn run_desktop(
    desktop: &mut Desktop,
    to_phone: &Sender<Signal>,
    from_phone: &Receiver<Signal>,
) -> Result<Option<Wiped>, Failure> {
    let mut reply = None;
    loop {
        while let Some(output) = desktop.poll_output() {
            match output {
                DesktopOutput::Entered(stage) => println!("desktop: {stage}"),
                // A program opens a WebSocket here, beside the loop; this one's is always open.
                DesktopOutput::OpenTunnel(route) => {
                    println!("desktop: joins {} at {}", route.path, route.host);
                    let opened = DesktopInput::TunnelOpened { signal: false };
                    desktop.handle_input(opened, Instant::now());
                }
                // A tunnel that cannot be written is one that is closed.
                DesktopOutput::Send(frame) => {
                    if to_phone.send(Signal::Frame(frame)).is_err() {
                        let closed = DesktopInput::TunnelClosed { code: None };
                        desktop.handle_input(closed, Instant::now());
                    }
                }
                // Good from here on, whatever happens to the tunnel.
                DesktopOutput::Reply(bytes) => reply = Some(bytes),
                DesktopOutput::Failed(failure) => return Err(failure),
                DesktopOutput::Ended => return Ok(reply),
                // Nothing to do for the rest, nor for what later versions add.
                DesktopOutput::Greeted(_)
                | DesktopOutput::Linked(_)
                | DesktopOutput::CloseTunnel
                | _ => {}
            }
        }
        // `None` means that the session is over; its last output was handled above.
        let Some((deadline, _stage)) = desktop.poll_timeout() else {
            return Ok(reply);
        };
        match from_phone.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(Signal::Advert(data)) => {
                desktop.handle_advert(&data, Instant::now());
            }
            Ok(Signal::Frame(frame)) => {
                desktop.handle_input(DesktopInput::Frame(&frame), Instant::now());
            }
            Err(RecvTimeoutError::Timeout) => desktop.handle_timeout(Instant::now()),
            Err(RecvTimeoutError::Disconnected) => {
                // The end of the tunnel, if there was one; before that nobody is left to wait for.
                let closed = DesktopInput::TunnelClosed { code: None };
                desktop.handle_input(closed, Instant::now());
                desktop.handle_input(DesktopInput::Cancel, Instant::now());
            }
        }
    }
}

/// The phone's loop, by the same rules.
fn run_phone(
    code: &QrCode,
    to_desktop: &Sender<Signal>,
    from_desktop: &Receiver<Signal>,
) -> Result<(), String> {
    let entropy = PhoneEntropy {
        nonce: [4; 15],
        ephemeral: Secret::new([5; 32]),
    };
    let mut phone = Phone::by_qr(code, &entropy, DomainId(0), vec![0xa0], Instant::now())
        .map_err(|error| error.to_string())?;
    loop {
        while let Some(output) = phone.poll_output() {
            let sent = match output {
                PhoneOutput::OpenTunnel(_) => {
                    // The relay's answer to `/cable/new` names the routing id.
                    let routing = RoutingId::new([0, 0, 7]);
                    phone.handle_input(PhoneInput::Opened { routing }, Instant::now());
                    Ok(())
                }
                PhoneOutput::Advertise(data) => to_desktop.send(Signal::Advert(data.to_vec())),
                PhoneOutput::Send(frame) => to_desktop.send(Signal::Frame(frame)),
                PhoneOutput::Request(_) => {
                    // Here its user is asked. 2e: no passkey for that site.
                    phone.handle_input(PhoneInput::Respond(vec![0x2e]), Instant::now());
                    Ok(())
                }
                PhoneOutput::Failed(failure) => return Err(failure.to_string()),
                PhoneOutput::Ended => return Ok(()),
                PhoneOutput::Entered(_)
                | PhoneOutput::StopAdvertising
                | PhoneOutput::CloseTunnel
                | _ => Ok(()),
            };
            if sent.is_err() {
                let closed = PhoneInput::TunnelClosed { code: None };
                phone.handle_input(closed, Instant::now());
            }
        }
        let Some((deadline, _stage)) = phone.poll_timeout() else {
            return Ok(());
        };
        match from_desktop.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(Signal::Frame(frame)) => {
                phone.handle_input(PhoneInput::Frame(&frame), Instant::now());
            }
            // A phone hears no adverts.
            Ok(Signal::Advert(_)) => {}
            Err(RecvTimeoutError::Timeout) => phone.handle_timeout(Instant::now()),
            Err(RecvTimeoutError::Disconnected) => {
                let closed = PhoneInput::TunnelClosed { code: None };
                phone.handle_input(closed, Instant::now());
            }
        }
    }
}
