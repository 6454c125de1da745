//! A yardstick for the relay: one thread on bare epoll that speaks just enough of the protocol,
//! checks nothing and limits nothing. It is the least that a relay can cost, and no server.
//!
//!     floor ADDR [CERTIFICATE KEY]
//!
//! With certificate and key (PEM) it speaks TLS. `tests/relay-bench` compares the relay with it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    missing_docs,
    reason = "a yardstick"
)]

mod line;
mod switchboard;

use line::Line;
use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection};
use std::mem::MaybeUninit;
use std::net::TcpListener;
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::sync::Arc;
use switchboard::Switchboard;

/// Bytes that are read at once.
const READ: usize = 128 * 1024;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (address, tls) = match args.as_slice() {
        [address] => (address, None),
        [address, chain, key] => (address, Some(tls(chain, key))),
        _ => panic!("expected ADDR [CERTIFICATE KEY]"),
    };
    let listener = TcpListener::bind(address).unwrap();
    rustix::net::listen(&listener, 4096).unwrap();
    listener.set_nonblocking(true).unwrap();
    serve(&listener, tls);
}

fn tls(chain: &str, key: &str) -> Arc<ServerConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![CertificateDer::from_pem_file(chain).unwrap()],
            PrivateKeyDer::from_pem_file(key).unwrap(),
        )
        .unwrap();
    // As the relay: no session is resumed.
    config.send_tls13_tickets = 0;
    config.session_storage = Arc::new(rustls::server::NoServerSessionStorage {});
    Arc::new(config)
}

fn serve(listener: &TcpListener, tls: Option<Arc<ServerConfig>>) -> ! {
    let poll = epoll::create(CreateFlags::CLOEXEC).unwrap();
    let door = listener.as_raw_fd() as u64;
    epoll::add(&poll, listener, EventData::new_u64(door), EventFlags::IN).unwrap();
    let mut switchboard = Switchboard::default();
    let mut buffer = vec![0; READ];
    let mut events = [MaybeUninit::<Event>::uninit(); 256];
    loop {
        let (ready, _) = epoll::wait(&poll, &mut events, None).unwrap();
        for event in ready {
            if event.data.u64() == door {
                accept(listener, &poll, tls.as_ref(), &mut switchboard);
            } else {
                switchboard.read(event.data.u64() as usize, &mut buffer);
            }
        }
    }
}

fn accept(
    listener: &TcpListener,
    poll: &OwnedFd,
    tls: Option<&Arc<ServerConfig>>,
    switchboard: &mut Switchboard,
) {
    while let Ok((stream, _)) = listener.accept() {
        stream.set_nonblocking(true).unwrap();
        stream.set_nodelay(true).unwrap();
        let number = stream.as_raw_fd() as u64;
        let flags = EventFlags::IN | EventFlags::RDHUP | EventFlags::ET;
        epoll::add(poll, &stream, EventData::new_u64(number), flags).unwrap();
        let tls = tls.map(|config| Box::new(ServerConnection::new(Arc::clone(config)).unwrap()));
        switchboard.enter(number as usize, Line::new(stream, tls));
    }
}
