//! CTAP bytes through a session, with the real relay and phone, over BlueZ on a private bus.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "scenarios"
)]

use hybrid_diagnosis::timeline::TimelineEntry;
use hybrid_dial::{Network, TrustAnchors};
use hybrid_protocol::cbor::{self, Value};
use hybrid_protocol::ctap::CtapCommand;
use hybrid_protocol::{QrText, Wiped};
use hybrid_radio::AdapterChoice;
use hybrid_radio::bluez::{Bluez, Bus};
use hybrid_tests::bluez::Air;
use hybrid_tests::namespace::inside;
use hybrid_tests::programs::{self, World};
use hybrid_webauthn::ReplyError;
use hybridd::session::{self, Ask, Begin, CtapRequest, Outcome, Patience, Ui};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use std::net::{Ipv4Addr, SocketAddr};
use tokio::sync::{mpsc, oneshot};

const NAME: &str = "cable.ua5v.com";
const RP_ID: &str = "example.com";

fn map(entries: Vec<(Value, Value)>) -> Value {
    Value::Map(entries)
}

fn command(command: CtapCommand, parameters: Vec<(u64, Value)>) -> Vec<u8> {
    let parameters = parameters
        .into_iter()
        .map(|(key, value)| (key.into(), value));
    let mut bytes = vec![command.byte()];
    bytes.extend(cbor::write(&map(parameters.collect())));
    bytes
}

fn make_credential() -> Vec<u8> {
    let rp = map(vec![
        ("id".into(), RP_ID.into()),
        ("name".into(), RP_ID.into()),
    ]);
    let user = map(vec![
        ("id".into(), Value::Bytes(vec![7; 32])),
        ("name".into(), "alice".into()),
        ("displayName".into(), "Alice".into()),
    ]);
    let es256 = map(vec![
        ("alg".into(), Value::from(-7)),
        ("type".into(), "public-key".into()),
    ]);
    let options = map(vec![("rk".into(), true.into()), ("uv".into(), true.into())]);
    let parameters = vec![
        (1, Value::Bytes(vec![1; 32])),
        (2, rp),
        (3, user),
        (4, Value::Array(vec![es256])),
        (7, options),
    ];
    command(CtapCommand::MakeCredential, parameters)
}

fn get_assertion(id: &[u8]) -> Vec<u8> {
    let credential = map(vec![
        ("id".into(), Value::Bytes(id.to_vec())),
        ("type".into(), "public-key".into()),
    ]);
    let parameters = vec![
        (1, RP_ID.into()),
        (2, Value::Bytes(vec![2; 32])),
        (3, Value::Array(vec![credential])),
        (5, map(vec![("uv".into(), true.into())])),
    ];
    command(CtapCommand::GetAssertion, parameters)
}

/// The screen that a phone scans.
struct Screen {
    code: Option<oneshot::Sender<String>>,
    reply: Option<Result<Wiped, ReplyError>>,
}

impl Ui for Screen {
    type Response = Wiped;

    fn code(&mut self, text: &QrText) {
        let _ = self.code.take().unwrap().send(text.expose().to_owned());
    }

    fn entry(&mut self, _entry: &TimelineEntry) {}

    fn replied(&mut self, response: Result<Wiped, ReplyError>) {
        self.reply = Some(response);
    }
}

/// Asks the phone, and gives its reply.
async fn ask(world: &World, air: &Air, command: Vec<u8>, phone: &[&str]) -> Vec<u8> {
    let root = CertificateDer::from_pem_file(world.path("ca.pem")).unwrap();
    let relay = SocketAddr::from((Ipv4Addr::LOCALHOST, 443));
    let network = Network::detour(relay, TrustAnchors::Roots(vec![root]));
    let mut radio = Bluez::start_on(Bus::At(air.bus_address().to_owned()), AdapterChoice::Any);
    let (code, shown) = oneshot::channel();
    let (_keyboard, mut asks) = mpsc::channel::<Ask>(1);
    let mut screen = Screen {
        code: Some(code),
        reply: None,
    };
    let request = CtapRequest::new(Wiped::new(command)).unwrap();
    let session = session::run(
        &request,
        &Begin::Code,
        &mut radio,
        &network,
        &mut screen,
        &mut asks,
        Patience::default(),
    );
    let scan = async {
        let phone = world.phone(&shown.await.unwrap(), phone).await.unwrap();
        assert_eq!(programs::end(phone).await.unwrap().code, Some(0));
    };
    let (outcome, ()) = tokio::join!(session, scan);
    assert!(matches!(outcome, Outcome::Replied), "{outcome}");
    screen.reply.unwrap().unwrap().expose().to_vec()
}

/// One member of a reply.
fn member(reply: &[u8], key: u64) -> Value {
    assert_eq!(reply[0], 0, "CTAP2_OK");
    let body = cbor::read(&reply[1..]).unwrap();
    cbor::entry(body.as_map().unwrap(), key).unwrap().clone()
}

#[tokio::test]
async fn a_credential_is_made_and_used_in_bytes_whether_the_phone_says_what_it_can_do_or_not() {
    if !inside(
        "a_credential_is_made_and_used_in_bytes_whether_the_phone_says_what_it_can_do_or_not",
        &[NAME],
    ) {
        return;
    }
    let air = Air::with_adapters(&["hci0", "hci1"]).await.unwrap();
    for more in [&[][..], &["--fault", "bad-getinfo"]] {
        let world = World::new(air.bus_address(), &[NAME]).unwrap();
        let _relay = world.relay().await.unwrap();
        let phone = [&["--domain-id", "0"], more].concat();

        let made = ask(&world, &air, make_credential(), &phone).await;
        let authenticator_data = member(&made, 2);
        let data = authenticator_data.as_bytes().unwrap();
        // rpIdHash, flags, counter, AAGUID, and then the id with its length (Web Authentication
        // section 6.5.1).
        let length = usize::from(u16::from_be_bytes([data[53], data[54]]));
        let id = &data[55..55 + length];

        let used = ask(&world, &air, get_assertion(id), &phone).await;
        let assertion = member(&used, 2);
        assert_eq!(assertion.as_bytes().unwrap()[..32], data[..32], "rpIdHash");
        let named = member(&used, 1);
        let named = cbor::text_entry(named.as_map().unwrap(), "id").unwrap();
        assert_eq!(named.as_bytes().unwrap(), id);
        assert!(
            !member(&used, 3).as_bytes().unwrap().is_empty(),
            "signature"
        );
    }
}
