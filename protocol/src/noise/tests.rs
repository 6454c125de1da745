//! Handshakes of our primitives against each other and against snow's own.

use super::*;
use snow::resolvers::DefaultResolver;

fn key(byte: u8) -> PrivateKey {
    PrivateKey::new(&Secret::new([byte; 32])).unwrap()
}

fn psk() -> Psk {
    Psk(Secret::new([9; 32]))
}

#[test]
fn both_halves_agree_in_the_qr_flow() {
    let (desktop, message1) = Initiator::by_qr(&key(7), key(1), &psk()).unwrap();
    let (phone, message2) = Responder::by_qr(&key(7).public(), key(2), &psk(), &message1).unwrap();
    let desktop = desktop.finish(&message2).unwrap();
    assert!(desktop.hash == phone.hash);
    assert!(desktop.send == phone.receive && desktop.receive == phone.send);
    let hash =
        hex::decode("4a284aa5aba843851b822f23d7c4c6ab41782bcf135fd20554299d900d1ee896").unwrap();
    assert!(desktop.hash == Secret::from_slice(&hash).unwrap());
}

#[test]
fn both_halves_agree_in_the_linked_flow() {
    let (desktop, message1) = Initiator::by_link(&key(7).public(), key(1), &psk()).unwrap();
    let (phone, message2) = Responder::by_link(&key(7), key(2), &psk(), &message1).unwrap();
    let desktop = desktop.finish(&message2).unwrap();
    assert!(desktop.hash == phone.hash);
    let hash =
        hex::decode("ff8feeb569324dbd9ae3f6eeef3477110792c5dcfa9356e4fb86ce7dda62ffa2").unwrap();
    assert!(desktop.hash == Secret::from_slice(&hash).unwrap());
}

/// The second opinion: snow with the primitives that it brings along, in the other role.
#[test]
fn snows_own_primitives_give_the_same_transcript() {
    let psk_bytes = [9; 32];
    let theirs = |name: &str, prologue: &'static [u8]| {
        Builder::with_resolver(name.parse().unwrap(), Box::new(DefaultResolver))
            .prologue(prologue)
            .unwrap()
    };
    let remote = key(7).public().uncompressed();
    let mut phone = theirs("Noise_KNpsk0_P256_AESGCM_SHA256", &[1])
        .psk(0, &psk_bytes)
        .unwrap()
        .remote_public_key(&remote)
        .unwrap()
        .build_responder()
        .unwrap();
    let (desktop, message1) = Initiator::by_qr(&key(7), key(1), &psk()).unwrap();
    phone.read_message(&message1, &mut []).unwrap();
    let mut message2 = [0; HANDSHAKE_LEN];
    phone.write_message(&[], &mut message2).unwrap();
    let desktop = desktop.finish(&message2).unwrap();
    assert_eq!(desktop.hash.expose(), phone.get_handshake_hash());
    let (receive, send) = phone.dangerously_get_raw_split();
    assert!(desktop.send.expose() == &receive && desktop.receive.expose() == &send);

    let mut desktop = theirs("Noise_NKpsk0_P256_AESGCM_SHA256", &[0])
        .psk(0, &psk_bytes)
        .unwrap()
        .remote_public_key(&remote)
        .unwrap()
        .build_initiator()
        .unwrap();
    let mut message1 = [0; HANDSHAKE_LEN];
    desktop.write_message(&[], &mut message1).unwrap();
    let (phone, message2) = Responder::by_link(&key(7), key(2), &psk(), &message1).unwrap();
    desktop.read_message(&message2, &mut []).unwrap();
    assert_eq!(phone.hash.expose(), desktop.get_handshake_hash());
}

#[test]
fn a_wrong_length_point_or_tag_is_told_apart() {
    let (_, message1) = Initiator::by_qr(&key(7), key(1), &psk()).unwrap();
    let refuse = |message: &[u8]| Responder::by_qr(&key(7).public(), key(2), &psk(), message).err();
    assert_eq!(refuse(&message1[..80]), Some(HandshakeError::Length(80)));
    let mut off_curve = message1;
    off_curve[40] ^= 1;
    assert_eq!(refuse(&off_curve), Some(HandshakeError::Point));
    let mut altered = message1;
    altered[80] ^= 1;
    assert_eq!(refuse(&altered), Some(HandshakeError::Tag));
    let other = Psk(Secret::new([8; 32]));
    assert_eq!(
        Responder::by_qr(&key(7).public(), key(2), &other, &message1).err(),
        Some(HandshakeError::Tag)
    );
}

proptest::proptest! {
    #[test]
    fn reading_any_message_never_panics(message in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..100)) {
        let _ = Responder::by_qr(&key(7).public(), key(2), &psk(), &message);
        let _ = Initiator::by_qr(&key(7), key(1), &psk()).unwrap().0.finish(&message);
    }
}
