//! Linking, in memory: in a first session a phone offers to be remembered; in a second one the
//! desktop reaches it through its relay, without a code.
//!
//! Run it with `cargo run -p hybrid-protocol --example linking`.

#![allow(
    clippy::print_stdout,
    clippy::wildcard_enum_match_arm,
    reason = "an example that talks, and looks at few outputs"
)]

use hybrid_protocol::contact::Contact;
use hybrid_protocol::{
    ContactId, Desktop, DesktopInput, DesktopOutput, DomainId, Hint, LinkEntropy, LinkId,
    LinkOffer, Linking, Phone, PhoneEntropy, PhoneInput, PhoneLink, PhoneOutput, PrivateKey,
    QrEntropy, Route, RoutingId, Secret, StoredLink, TunnelId, Wiped,
};
use std::error::Error;
use std::time::Instant;

const DOMAIN: DomainId = DomainId(0);

fn main() -> Result<(), Box<dyn Error>> {
    // The phone's side of the link, which it keeps.
    let identity = PrivateKey::new(&Secret::new([10; 32]))?;
    let link_secret = Secret::new([11; 32]);
    let offer = LinkOffer {
        contact_id: ContactId::new(vec![12; 33])?,
        link_id: LinkId::new([13; 8]),
        link_secret: link_secret.clone(),
        identity: identity.clone(),
        name: "Pixel 9".to_owned(),
    };
    let stored = link(offer)?.ok_or("the phone did not offer itself")?;
    println!(
        "linked with {}, whose relay has the id {}",
        stored.name, stored.domain.0
    );
    let reply = sign_in(
        &stored,
        PhoneLink {
            secret: link_secret,
            identity,
        },
    )?;
    let status = reply.expose().first().copied();
    println!("signed in without a code: status {status:?}");
    Ok(())
}

/// The first session, by a code that offers linking.
fn link(offer: LinkOffer) -> Result<Option<StoredLink>, Box<dyn Error>> {
    let now = Instant::now();
    let entropy = QrEntropy {
        static_key: Secret::new([1; 32]),
        secret: Secret::new([2; 16]),
        ephemeral: Secret::new([3; 32]),
    };
    let (mut desktop, code) = Desktop::by_qr(
        &entropy,
        1_790_000_000,
        Hint::Register,
        Linking::Offered,
        now,
    )?;
    let mut phone = Phone::by_qr(&code, &phone_entropy(5), DOMAIN, vec![0xa0], now)?;
    // Its user agreed to be remembered; the offer is sent when the channel is up.
    phone.handle_input(PhoneInput::OfferLink(offer), now);
    let routing = RoutingId::new([0, 0, 7]);
    phone.handle_input(PhoneInput::Opened { routing }, now);
    let ended = carry(&mut desktop, &mut phone, now);
    // Verified: the phone's identity key took part in this very handshake. Keep it where only the
    // user can read it; whoever has it can make the phone ring.
    Ok(ended.link)
}

/// The second session: the relay wakes the phone.
fn sign_in(stored: &StoredLink, link: PhoneLink) -> Result<Wiped, Box<dyn Error>> {
    let now = Instant::now();
    let entropy = LinkEntropy {
        nonce: [20; 16],
        ephemeral: Secret::new([21; 32]),
    };
    let mut desktop = Desktop::by_link(stored, &entropy, Hint::SignIn, now)?;
    let mut route: Option<Route> = None;
    while let Some(output) = desktop.poll_output() {
        if let DesktopOutput::OpenTunnel(wanted) = output {
            route = Some(wanted);
        }
    }
    // The relay makes up a tunnel and tells the phone, with what the desktop sent in a header. That
    // names the link, by which the phone finds its secret.
    let payload = route.and_then(|route| route.payload);
    let contact = Contact {
        tunnel: TunnelId::new([22; 16]),
        routing: RoutingId::new([0, 0, 8]),
        payload: payload.ok_or("a contact carries a payload")?,
    };
    desktop.handle_input(DesktopInput::TunnelOpened { signal: false }, now);
    let entropy = phone_entropy(23);
    let mut phone = Phone::by_contact(&contact, &link, &entropy, DOMAIN, vec![0xa0], now)?;
    let routing = contact.routing;
    phone.handle_input(PhoneInput::Opened { routing }, now);
    let ended = carry(&mut desktop, &mut phone, now);
    Ok(ended.reply.ok_or("the phone did not reply")?)
}

fn phone_entropy(n: u8) -> PhoneEntropy {
    PhoneEntropy {
        nonce: [n; 15],
        ephemeral: Secret::new([n; 32]),
    }
}

/// What came of a session.
#[derive(Default)]
struct Ended {
    reply: Option<Wiped>,
    link: Option<StoredLink>,
}

/// Carries everything from one to the other until both are silent.
fn carry(desktop: &mut Desktop, phone: &mut Phone, now: Instant) -> Ended {
    let mut ended = Ended::default();
    desktop.handle_input(DesktopInput::Request(vec![2, 0xa0]), now);
    loop {
        if let Some(output) = phone.poll_output() {
            match output {
                PhoneOutput::Advertise(data) => {
                    desktop.handle_advert(&data, now);
                }
                PhoneOutput::Send(frame) => {
                    desktop.handle_input(DesktopInput::Frame(&frame), now);
                }
                PhoneOutput::Request(_) => {
                    phone.handle_input(PhoneInput::Respond(vec![0x2e]), now);
                }
                _ => {}
            }
        } else if let Some(output) = desktop.poll_output() {
            match output {
                DesktopOutput::OpenTunnel(_) => {
                    desktop.handle_input(DesktopInput::TunnelOpened { signal: false }, now);
                }
                DesktopOutput::Send(frame) => {
                    phone.handle_input(PhoneInput::Frame(&frame), now);
                }
                DesktopOutput::Reply(bytes) => ended.reply = Some(bytes),
                DesktopOutput::Linked(link) => ended.link = Some(link.into_stored()),
                _ => {}
            }
        } else {
            return ended;
        }
    }
}
