//! What the protocol costs over its bare primitives, as ratios within one run: `cargo bench -p
//! hybrid-protocol`.
//!
//! `desktop_handshake` over `two_raw_ecdh`, and `reject_foreign_advert` over `bare_hmac`.

#![allow(clippy::unwrap_used, reason = "a benchmark")]

use divan::{AllocProfiler, Bencher, black_box};
use hmac::{Hmac, KeyInit, Mac};
use hybrid_protocol::EidKey;
use hybrid_protocol::PrivateKey;
use hybrid_protocol::Secret;
use hybrid_protocol::hazmat;
use hybrid_protocol::{Initiator, Responder};
use sha2::Sha256;

#[global_allocator]
static ALLOC: AllocProfiler = AllocProfiler::system();

fn main() {
    divan::main();
}

fn key(byte: u8) -> PrivateKey {
    PrivateKey::new(&Secret::new([byte; 32])).unwrap()
}

#[divan::bench(sample_count = 200)]
fn two_raw_ecdh(bencher: Bencher) {
    let (ours, theirs) = (key(1), key(2).public());
    bencher.bench_local(|| {
        (
            black_box(&ours).shared_x(black_box(&theirs)),
            black_box(&ours).shared_x(black_box(&theirs)),
        )
    });
}

/// From message 1 to the traffic keys, without the phone's work. The ephemeral key is fixed, so one
/// recorded message 2 fits.
#[divan::bench(sample_count = 200)]
fn desktop_handshake(bencher: Bencher) {
    let psk = hazmat::psk([9; 32]);
    let static_key = key(7);
    let (_, message1) = Initiator::by_qr(&static_key, key(1), &psk).unwrap();
    let (_, message2) = Responder::by_qr(&static_key.public(), key(2), &psk, &message1).unwrap();
    bencher.bench_local(|| {
        let (initiator, message) = Initiator::by_qr(black_box(&static_key), key(1), &psk).unwrap();
        black_box(message);
        initiator.finish(black_box(&message2)).unwrap()
    });
}

#[divan::bench(sample_count = 1000, sample_size = 100)]
fn bare_hmac(bencher: Bencher) {
    let prepared = Hmac::<Sha256>::new_from_slice(&[5; 32]).unwrap();
    let advert = [0x5a; 20];
    bencher.bench_local(|| {
        prepared
            .clone()
            .chain_update(&black_box(&advert)[..16])
            .finalize()
            .into_bytes()
    });
}

#[divan::bench(sample_count = 1000, sample_size = 100)]
fn reject_foreign_advert(bencher: Bencher) {
    let key = EidKey::from_qr(&Secret::new([5; 16]));
    let advert = [0x5a; 20];
    bencher.bench_local(|| black_box(&key).open_qr(black_box(&advert)));
}
