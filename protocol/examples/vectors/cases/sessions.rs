//! Whole transcripts, replayed through the session machines: the desktop always; the phone too, as
//! far as it writes that revision.

use super::Checked;
use super::read::{array, bytes, private, public, same, text};
use hybrid_protocol::{
    ContactId, Desktop, DesktopInput, DesktopOutput, Path, QrCode, Route, Secret,
};
use hybrid_protocol::{DomainId, LinkId, RoutingId};
use hybrid_protocol::{EidKey, tunnel_id};
use hybrid_protocol::{Hint, StoredLink};
use hybrid_protocol::{LinkEntropy, Linking, QrEntropy};
use serde_json::Value;
use std::time::Instant;

pub fn check(c: &Value) -> Checked {
    let now = Instant::now();
    let qr = text(&c["flow"]) == "qr";
    let domain = DomainId(
        c["domain_id"]
            .as_u64()
            .unwrap_or(if qr { advert_domain(c) } else { 0 }) as u16,
    );
    let hint = c["hint"]
        .as_str()
        .and_then(Hint::from_text)
        .unwrap_or(if qr { Hint::Register } else { Hint::SignIn });
    let mut desktop = if qr {
        by_qr(c, hint, domain, now)?
    } else {
        by_link(c, hint, domain, now)?
    };
    let route = open_route(&mut desktop);
    let signal = c["signal"].as_str();
    if qr {
        same(route, None)?;
        desktop.handle_advert(&bytes(&c["service_data"]), now);
        let route = open_route(&mut desktop).ok_or("expected a tunnel to be asked for")?;
        same(route.url(), text(&c["connect_url"]).to_owned())?;
    } else {
        let route = route.ok_or("expected the contact tunnel to be asked for")?;
        same(route.url(), text(&c["contact_url"]).to_owned())?;
        same(
            route.payload.map(|payload| payload.header_value()),
            Some(text(&c["client_payload_header"]).to_owned()),
        )?;
    }
    desktop.handle_input(
        DesktopInput::TunnelOpened {
            signal: signal.is_some(),
        },
        now,
    );
    if !qr && signal.is_none() {
        desktop.handle_advert(&bytes(&c["service_data"]), now);
    }
    replay(c, &mut desktop, qr, now)
}

fn replay(c: &Value, desktop: &mut Desktop, qr: bool, now: Instant) -> Checked {
    let revision = c["revision"].as_u64().unwrap_or(1);
    let mut sent: Vec<Vec<u8>> = Vec::new();
    let (mut reply, mut link, mut ended) = (None, None, false);
    let events = c["events"].as_array().ok_or("expected events")?;
    for (index, event) in events.iter().enumerate() {
        let frame = bytes(&event["frame"]);
        let kind = text(&event["kind"]);
        if text(&event["sender"]) == "client" {
            if kind == "ctap request" {
                let message = bytes(&event["message"]);
                let command = if revision == 0 {
                    message
                } else {
                    message.get(1..).unwrap_or_default().to_vec()
                };
                desktop.handle_input(DesktopInput::Request(command), now);
            }
            drain(desktop, &mut sent, &mut reply, &mut link, &mut ended)?;
            let got = if sent.is_empty() {
                None
            } else {
                Some(hex::encode(sent.remove(0)))
            };
            same(got, Some(hex::encode(frame)))
                .map_err(|why| format!("event {index} ({kind}): {why}"))?;
        } else {
            desktop.handle_input(DesktopInput::Frame(&frame), now);
            if kind == "signal" && !qr {
                desktop.handle_advert(&bytes(&c["service_data"]), now);
            }
            drain(desktop, &mut sent, &mut reply, &mut link, &mut ended)?;
        }
    }
    let expected = events
        .iter()
        .find(|event| text(&event["kind"]) == "ctap response")
        .map(|event| bytes(&event["message"]));
    let expected = expected.map(|message| {
        if revision == 0 {
            message
        } else {
            message.get(1..).unwrap_or_default().to_vec()
        }
    });
    same(reply, expected)?;
    same(sent.len(), 0)?;
    let has_link = qr && events.iter().any(|event| text(&event["kind"]) == "update");
    same(link.is_some(), has_link)?;
    if let (Some(link), Some(phone)) = (link, c.get("authenticator_private")) {
        same(link.phone_key, private(phone).public())?;
    }
    same(ended, true)
}

fn drain(
    desktop: &mut Desktop,
    sent: &mut Vec<Vec<u8>>,
    reply: &mut Option<Vec<u8>>,
    link: &mut Option<StoredLink>,
    ended: &mut bool,
) -> Checked {
    while let Some(output) = desktop.poll_output() {
        match output {
            DesktopOutput::Send(frame) => sent.push(frame),
            DesktopOutput::Reply(bytes) => *reply = Some(bytes.expose().to_vec()),
            DesktopOutput::Linked(verified) => *link = Some(verified.into_stored()),
            DesktopOutput::Ended => *ended = true,
            DesktopOutput::Failed(failure) => return Err(failure.to_string()),
            DesktopOutput::Entered(_)
            | DesktopOutput::OpenTunnel(_)
            | DesktopOutput::Greeted(_)
            | DesktopOutput::CloseTunnel => {}
            // What a later version tells besides.
            _ => {}
        }
    }
    Ok(())
}

fn open_route(desktop: &mut Desktop) -> Option<Route> {
    let mut route = None;
    while let Some(output) = desktop.poll_output() {
        if let DesktopOutput::OpenTunnel(wanted) = output {
            route = Some(wanted);
        }
    }
    route
}

fn by_qr(c: &Value, hint: Hint, domain: DomainId, now: Instant) -> Result<Desktop, String> {
    let code = QrCode::parse(text(&c["qr_url"])).map_err(|error| error.to_string())?;
    same(code.to_text().expose(), text(&c["qr_url"]))?;
    same(code.effective_hint(), hint)?;
    same(
        hex::encode(code.secret.expose()),
        text(&c["qr_secret"]).to_owned(),
    )?;
    let host = domain.host().ok_or("expected an assigned domain")?;
    same(
        Route {
            host,
            path: Path::New(tunnel_id(&code.secret)),
            payload: None,
        }
        .url(),
        text(&c["new_url"]).to_owned(),
    )?;
    check_advert(c, &EidKey::from_qr(&code.secret))?;
    same(
        plaintext_routing(c),
        RoutingId::from_hex(text(&c["routing_id_header"])).ok(),
    )?;
    let entropy = QrEntropy {
        static_key: Secret::new(array(&c["qr_private"])),
        secret: code.secret.clone(),
        ephemeral: Secret::new(array(&c["initiator_ephemeral_private"])),
    };
    let linking = if code.offers_linking() {
        Linking::Offered
    } else {
        Linking::NotOffered
    };
    Desktop::by_qr(&entropy, 0, hint, linking, now)
        .map(|(desktop, _)| desktop)
        .map_err(|error| error.to_string())
}

fn by_link(c: &Value, hint: Hint, domain: DomainId, now: Instant) -> Result<Desktop, String> {
    let phone_key = match c.get("phone_public") {
        Some(key) => public(key),
        None => private(&c["authenticator_private"]).public(),
    };
    let link = StoredLink {
        contact_id: ContactId::new(bytes(&c["contact_id"])).map_err(|error| error.to_string())?,
        link_id: LinkId::new(array(&c["link_id"])),
        link_secret: Secret::new(array(&c["link_secret"])),
        phone_key,
        name: String::new(),
        domain,
    };
    check_advert(
        c,
        &EidKey::from_link(&link.link_secret, &array(&c["client_nonce"])),
    )?;
    let entropy = LinkEntropy {
        nonce: array(&c["client_nonce"]),
        ephemeral: Secret::new(array(&c["initiator_ephemeral_private"])),
    };
    Desktop::by_link(&link, &entropy, hint, now).map_err(|error| error.to_string())
}

fn check_advert(c: &Value, key: &EidKey) -> Checked {
    let plaintext = super::read::plaintext(&c["eid_plaintext"]);
    same(
        hex::encode(key.seal(&plaintext)),
        text(&c["service_data"]).to_owned(),
    )
}

fn plaintext_routing(c: &Value) -> Option<RoutingId> {
    Some(super::read::plaintext(&c["eid_plaintext"]).routing())
}

fn advert_domain(c: &Value) -> u64 {
    u64::from(super::read::plaintext(&c["eid_plaintext"]).domain().0)
}
