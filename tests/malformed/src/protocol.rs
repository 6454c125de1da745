//! The parsers of hybrid-protocol, and what has to hold of what they read.

use hybrid_protocol::cbor::{self, Value};
use hybrid_protocol::contact::{self, Challenge, ContactKey, ContactRequest, Listener};
use hybrid_protocol::ctap::GetInfo;
use hybrid_protocol::{
    Channel, ClientPayload, ContactId, DomainId, Established, FrameError, Greeting, Hint,
    Initiator, LinkId, LinkOffer, Message, Opened, Path, PrivateKey, PublicKey, QrCode, Responder,
    Revision, RoutingId, Secret, TunnelId, Update, VerifiedLink, Wiped, digits, hazmat, printable,
    printable_lines, suffix_psm,
};
use std::str;

pub(crate) fn key(byte: u8) -> PrivateKey {
    PrivateKey::new(&Secret::new([byte; 32])).unwrap()
}

/// What a camera saw, and the bytes behind the digits of such a text.
pub fn qr(data: &[u8]) {
    let read_back = |text: &str| {
        let Ok(code) = QrCode::parse(text) else {
            return;
        };
        let written = code.to_text();
        let again = QrCode::parse(written.expose()).unwrap();
        assert_eq!(again.to_text().expose(), written.expose());
        assert_eq!(again.effective_hint(), code.effective_hint());
        assert_eq!(again.effective_channels(), code.effective_channels());
        assert!(again.public_key == code.public_key && again.secret == code.secret);
    };
    if let Ok(text) = str::from_utf8(data) {
        read_back(text);
    }
    read_back(&format!("FIDO:/{}", *digits::encode(data)));
}

/// Digits, and bytes as digits.
pub fn digits(data: &[u8]) {
    assert_eq!(*digits::decode(&digits::encode(data)).unwrap(), data);
    if let Ok(text) = str::from_utf8(data)
        && let Ok(bytes) = digits::decode(text)
    {
        assert_eq!(*digits::encode(&bytes), text);
    }
}

/// Service data as they are, and as the inside and the suffix of an advert of ours.
pub fn advert(data: &[u8]) {
    let key = hazmat::eid_key(&[7; 64]);
    let _ = (key.open_qr(data), key.open_linked(data), suffix_psm(data));
    let Some((inside, suffix)) = data.split_first_chunk::<16>() else {
        return;
    };
    let plaintext = hazmat::plaintext(*inside);
    let sealed = [&key.seal(&plaintext)[..], suffix].concat();
    match key.open_linked(&sealed) {
        Opened::Ours(opened) => assert_eq!((opened.as_bytes(), inside[0]), (inside, 0)),
        Opened::Unknown(_) => assert_ne!(inside[0], 0),
        Opened::Malformed | Opened::Foreign => panic!("it is ours"),
    }
    match key.open_qr(&sealed) {
        Opened::Ours(opened) => assert_eq!(plaintext.domain().host(), Some(opened.host)),
        Opened::Unknown(domain) => assert_eq!(plaintext.domain(), domain),
        Opened::Malformed | Opened::Foreign => panic!("it is ours"),
    }
    let _ = suffix_psm(&sealed);
}

/// A greeting of either revision: what revision 1 says, both paddings of revision 0 say, too.
pub fn greeting(data: &[u8]) {
    let Ok(greeting) = Greeting::read(data) else {
        return;
    };
    assert_eq!(
        greeting.get_info.is_some(),
        greeting.features.iter().any(|name| name == Greeting::CTAP)
    );
    if greeting.revision == Revision::One {
        for padding in [&[0, 0][..], &[0, 0, 0, 3, 0], &[0, 0, 0, 0, 4, 0]] {
            let padded = [data, padding].concat();
            let again = Greeting::read(&padded).unwrap();
            assert_eq!(again.revision, Revision::Zero);
            let revision = Revision::One;
            assert_eq!(Greeting { revision, ..again }, greeting);
        }
    }
    if let Some(info) = &greeting.get_info {
        let again = Greeting::read(&Greeting::write(info)).unwrap();
        assert_eq!(again.get_info.as_ref(), Some(info));
    }
}

/// CBOR by all four readers: the stricter one reads no other than the more lenient one.
pub fn cbor(data: &[u8]) {
    let (strict, unordered) = (cbor::read(data), cbor::read_unordered(data));
    let lenient = cbor::read_lenient(data);
    if let Ok(value) = &strict {
        assert_eq!(cbor::write(value), data);
        assert_eq!(unordered.as_ref(), Ok(value));
    }
    if let Ok(value) = &unordered {
        let sorted = cbor::write(value);
        assert_eq!(cbor::write(&cbor::read(&sorted).unwrap()), sorted);
        assert_eq!(lenient.as_ref(), Ok(value));
    }
    if let Ok(value) = &lenient {
        assert!(cbor::read_lenient(&cbor::write(value)).is_ok());
    }
    if let Ok((_, rest)) = cbor::read_prefix(data) {
        let item = &data[..data.len() - rest.len()];
        assert!(cbor::read_lenient(item).is_ok());
        assert_eq!(rest.is_empty(), lenient.is_ok());
    }
}

/// What a phone says of itself.
pub fn get_info(data: &[u8]) {
    let info = GetInfo::read(data);
    let written = info.write();
    let again = GetInfo::read(&written);
    assert_eq!(again.write(), written);
    assert_eq!(
        again.transports_for_response(),
        info.transports_for_response()
    );
    for name in &info.extensions {
        assert!(again.has_extension(name));
    }
}

/// What a frame holds, in both revisions.
pub fn message(data: &[u8]) {
    let bytes = Wiped::new(data.to_vec());
    for revision in [Revision::Zero, Revision::One] {
        match Message::read(revision, &bytes) {
            Ok(Message::Ctap(body)) => {
                let again = Message::ctap(revision, body.expose());
                assert_eq!(again.expose(), data);
            }
            Ok(Message::Update(Update::Link(map))) => {
                let again = Message::read(revision, &Message::update(map.clone())).unwrap();
                assert!(again == Message::Update(Update::Link(map)));
            }
            Ok(Message::Json(text)) => assert_eq!(text.as_bytes(), &data[1..]),
            Ok(Message::Shutdown | Message::Update(Update::Nothing | Update::Malformed))
            | Err(_) => {}
        }
    }
}

/// A linking map as it came, and a signed one with an entry that was exchanged.
pub fn link(data: &[u8]) {
    let (desktop, hash, domain) = (key(7), Secret::new([9; 32]), DomainId(0));
    let Ok((value, rest)) = cbor::read_prefix(data) else {
        return;
    };
    assert!(VerifiedLink::verify(&value, &desktop, &hash, domain).is_err());
    let place = usize::from(rest.first().copied().unwrap_or_default());
    let offer = LinkOffer {
        contact_id: ContactId::new(vec![1; 20]).unwrap(),
        link_id: LinkId::new([2; 8]),
        link_secret: Secret::new([3; 32]),
        identity: key(4),
        name: "Phone".to_owned(),
    };
    let Value::Map(mut map) = offer.sign(&desktop.public(), &hash) else {
        panic!("no map");
    };
    let count = map.len();
    map[place % count].1 = value;
    let verified = VerifiedLink::verify(&Value::Map(map), &desktop, &hash, domain);
    if let Ok(link) = verified {
        let stored = link.into_stored();
        assert_eq!(printable(&stored.name), stored.name);
        assert!(stored.phone_key == key(4).public());
    }
}

/// What a linked phone is told through the relay.
pub fn client_payload(data: &[u8]) {
    if let Ok(payload) = ClientPayload::read(data) {
        assert_eq!(ClientPayload::read(&payload.write()).as_ref(), Ok(&payload));
        assert!(matches!(payload.hint, Hint::SignIn | Hint::Register));
    }
}

/// Proofs, challenges and contacts at a relay. The first byte says how far the phone has come.
pub fn contact(data: &[u8]) {
    let Some((begun, data)) = data.split_first() else {
        return;
    };
    let phone = ContactKey::new(&Secret::new([1; 32])).unwrap();
    let (id, challenge) = (phone.contact_id(), Challenge::new([2; 32]));
    assert!(contact::verify(data, &id, &challenge).is_err(), "a forgery");
    let mut proof = phone.prove(&challenge, ContactRequest::Revoke);
    let honest = proof.clone();
    for (byte, other) in proof.iter_mut().rev().zip(data) {
        *byte ^= other;
    }
    let verified = contact::verify(&proof, &id, &challenge);
    assert_eq!(verified.is_ok(), proof == honest);
    let mut listener = Listener::new(phone, ContactRequest::Listen);
    for message in [challenge.write(), contact::accepted()]
        .iter()
        .take(usize::from(begun % 3))
    {
        assert!(listener.handle_message(message).is_ok());
    }
    let _ = listener.handle_message(data);
    let payload = contact::contact(TunnelId::new([3; 16]), RoutingId::new([4; 3]), data);
    let _ = listener.handle_message(&payload);
}

/// The path of a request.
pub fn route(data: &[u8]) {
    if let Ok(text) = str::from_utf8(data)
        && let Ok(path) = Path::parse(text)
    {
        assert_eq!(Path::parse(&path.to_text()), Ok(path));
    }
}

/// Handshake messages of either side and flow, as they came and as honest ones that were altered.
pub fn handshake(data: &[u8]) {
    let psk = hazmat::psk([5; 32]);
    let started = |linked: bool| {
        if linked {
            Initiator::by_link(&key(2).public(), key(3), &psk).unwrap()
        } else {
            Initiator::by_qr(&key(1), key(3), &psk).unwrap()
        }
    };
    let answered = |linked: bool, message: &[u8]| {
        if linked {
            Responder::by_link(&key(2), key(4), &psk, message)
        } else {
            Responder::by_qr(&key(1).public(), key(4), &psk, message)
        }
    };
    let linked = data.first().is_some_and(|byte| byte & 1 == 1);
    assert!(answered(linked, data).is_err() && started(linked).0.finish(data).is_err());
    let altered = |message: &[u8]| {
        let mut other = message.to_vec();
        for (byte, change) in other.iter_mut().zip(data.iter().skip(1)) {
            *byte ^= change;
        }
        other
    };
    let (initiator, first) = started(linked);
    let changed = altered(&first);
    assert_eq!(answered(linked, &changed).is_ok(), changed == first);
    let (theirs, second) = answered(linked, &first).unwrap();
    let changed = altered(&second);
    match initiator.finish(&changed) {
        Ok(ours) => assert!(changed == second && ours.hash == theirs.hash),
        Err(_) => assert_ne!(changed, second),
    }
}

/// Frames as they came, sealed with any padding, and altered on the way.
pub fn channel(data: &[u8]) {
    let (key, counter) = (
        [6; 32],
        u32::from(data.first().copied().unwrap_or_default()),
    );
    assert!(hazmat::open(&key, counter, data).is_err(), "a forgery");
    let padded = hazmat::seal_padded(&key, counter, data.to_vec()).unwrap();
    let whole = |zeros: &u8| data.len().checked_sub(usize::from(*zeros) + 1);
    match (
        hazmat::open(&key, counter, &padded),
        data.last().and_then(whole),
    ) {
        (Ok(message), Some(length)) => assert_eq!(message.expose(), &data[..length]),
        (Err(error), None) => assert_eq!(error, FrameError::Padding),
        (Ok(_), None) | (Err(_), Some(_)) => panic!("the last byte counts the padding"),
    }
    assert!(hazmat::open(&key, counter + 1, &padded).is_err());
    let keys = |send, receive| Established {
        hash: Secret::new([0; 32]),
        send: Secret::new([send; 32]),
        receive: Secret::new([receive; 32]),
    };
    let (mut one, mut other) = (Channel::new(&keys(1, 2)), Channel::new(&keys(2, 1)));
    for message in data.chunks(40) {
        let mut frame = one.seal(message).unwrap();
        assert_eq!(other.open(&frame).unwrap().expose(), message);
        frame[message.len() / 2] ^= 1;
        assert!(other.open(&frame).is_err());
    }
}

/// Ids as text.
pub fn id(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    if let Ok(id) = TunnelId::from_hex(text) {
        assert!(id.to_hex().eq_ignore_ascii_case(text));
    }
    if let Ok(id) = RoutingId::from_hex(text) {
        assert!(id.to_hex().eq_ignore_ascii_case(text));
    }
    if let Ok(id) = ContactId::from_base64url(text) {
        assert_eq!(id.to_base64url(), text);
        let _ = id.key();
    }
}

/// Public keys in both forms.
pub fn public_key(data: &[u8]) {
    if let Ok(key) = PublicKey::from_compressed(data) {
        assert_eq!(key.compressed(), data);
        assert_eq!(PublicKey::from_uncompressed(&key.uncompressed()), Ok(key));
    }
    if let Ok(key) = PublicKey::from_uncompressed(data) {
        assert_eq!(key.uncompressed(), data);
        assert_eq!(PublicKey::from_compressed(&key.compressed()), Ok(key));
    }
}

/// Text for a person: nothing is left in it that steers a terminal, however often it is filtered.
pub fn shown(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let shown = printable(&text);
    assert!(!shown.chars().any(char::is_control), "{shown:?}");
    assert_eq!(printable(&shown), shown);
    assert!(!printable_lines(&text).contains(|c: char| c.is_control() && c != '\n'));
}
