//! A client's first TLS message, the ClientHello: it stays in the kernel's buffer until it is
//! whole, so that a client that is slow with it, or never ends it, costs no more than one that says
//! nothing.
//!
//! ```text
//! record:  type (22: handshake), version (2 bytes), length (2), a fragment of the message   RFC 8446 section 5.1
//! message: type (1: ClientHello), length (3), body                                          RFC 8446 section 4
//! ```

use crate::websocket::read_buffer::{self, READ};
use rustix::net::{RecvFlags, recv};
use std::io;
use tokio::io::Interest;
use tokio::net::TcpStream;

const HANDSHAKE: u8 = 22;
/// The longest fragment in a record.
const MAX_FRAGMENT: usize = 1 << 14;
/// Type and length of the message.
const HEAD: usize = 4;

/// Waits until the message is whole, or is none at all: what it says is for TLS to judge. Nothing
/// is taken from the connection.
///
/// # Errors
/// The connection's error, `UnexpectedEof` when it ended before, `InvalidData` when the message is
/// longer than anybody's.
pub(crate) async fn arrive(stream: &TcpStream) -> io::Result<()> {
    loop {
        let ready = stream.ready(Interest::READABLE).await?;
        match stream.try_io(Interest::READABLE, || peek(stream)) {
            // Not whole, and no more will come.
            Err(error) if error.kind() == io::ErrorKind::WouldBlock && ready.is_read_closed() => {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            other => return other,
        }
    }
}

/// Looks at what has come so far; `WouldBlock` when there is to be more.
fn peek(stream: &TcpStream) -> io::Result<()> {
    read_buffer::lend(|buffer| {
        let buffer = buffer.get_mut(..READ).unwrap_or_default();
        let (_, seen) = recv(stream, &mut *buffer, RecvFlags::PEEK)?;
        match buffer.get(..seen).unwrap_or_default() {
            [] => Err(io::ErrorKind::UnexpectedEof.into()),
            bytes if is_whole(bytes) => Ok(()),
            bytes if bytes.len() >= READ => Err(io::ErrorKind::InvalidData.into()),
            _ => Err(io::ErrorKind::WouldBlock.into()),
        }
    })
}

/// Whether the message, in however many records, is whole, or the bytes can be none.
pub(crate) fn is_whole(mut bytes: &[u8]) -> bool {
    let (mut head, mut seen) = (0_u32, 0_usize);
    while let Some((&[kind, _, _, high, low], rest)) = bytes.split_first_chunk() {
        let length = usize::from(u16::from_be_bytes([high, low]));
        if kind != HANDSHAKE || length == 0 || length > MAX_FRAGMENT {
            return true;
        }
        let fragment = rest.get(..length).unwrap_or(rest);
        for byte in fragment.iter().take(HEAD.saturating_sub(seen)) {
            head = head << 8 | u32::from(*byte);
        }
        seen += fragment.len();
        let body = usize::try_from(head & 0x00ff_ffff).unwrap_or(usize::MAX);
        if seen >= HEAD && seen - HEAD >= body {
            return true;
        }
        bytes = rest.get(length..).unwrap_or_default();
    }
    bytes.first().is_some_and(|kind| *kind != HANDSHAKE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::sync::Arc;
    use tokio::io::AsyncWriteExt as _;
    use tokio::net::TcpListener;

    /// A real client's.
    fn hello() -> Vec<u8> {
        let config = rustls::ClientConfig::builder_with_provider(Arc::new(
            rustls::crypto::ring::default_provider(),
        ))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
        let name = "relay.test".try_into().unwrap();
        let mut bytes = Vec::new();
        let mut client = rustls::ClientConnection::new(Arc::new(config), name).unwrap();
        client.write_tls(&mut bytes).unwrap();
        bytes
    }

    /// The same message in records that hold so many bytes of it.
    fn fragmented(hello: &[u8], size: usize) -> Vec<u8> {
        let records = hello[5..].chunks(size).map(|fragment| {
            let length = (fragment.len() as u16).to_be_bytes();
            [&hello[..3], &length, fragment].concat()
        });
        records.collect::<Vec<_>>().concat()
    }

    #[test]
    fn a_message_is_whole_with_its_last_byte_and_not_before() {
        for size in [1, 2, 3, 5, 100, 4096] {
            let bytes = fragmented(&hello(), size);
            assert!(is_whole(&bytes), "{size}");
            for cut in 0..bytes.len() {
                assert!(!is_whole(&bytes[..cut]), "{size}, cut at {cut}");
            }
        }
    }

    #[test]
    fn what_can_be_no_message_is_not_waited_for() {
        for bytes in [
            &b"GET / HTTP/1.1\r\n"[..],
            &[0x80],
            &[22, 3, 1, 0, 0],
            &[22, 3, 1, 0x40, 1],
        ] {
            assert!(is_whole(bytes), "{bytes:?}");
        }
    }

    /// What `arrive` says when these bytes have come, and after them the end of the connection.
    async fn arrived(bytes: &[u8]) -> io::Result<()> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let mut client = TcpStream::connect(listener.local_addr()?).await?;
        let (server, _) = listener.accept().await?;
        let waiting = tokio::spawn(async move { arrive(&server).await });
        // Who has heard enough has ended the connection.
        let _ = client.write_all(bytes).await;
        let _ = client.shutdown().await;
        tokio::time::timeout(core::time::Duration::from_secs(30), waiting).await??
    }

    #[tokio::test]
    async fn the_end_of_the_connection_and_a_message_without_end_are_not_waited_for() {
        let hello = hello();
        assert!(arrived(&hello).await.is_ok());
        for cut in [0, 1, hello.len() - 1] {
            let error = arrived(&hello[..cut]).await.unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof, "{cut}");
        }
        let endless = [22, 3, 1, 0x40, 0, 1, 0xff, 0xff, 0xff]
            .into_iter()
            .chain([0; 0x3ffc]);
        let endless: Vec<u8> = endless
            .chain([22, 3, 1, 0x40, 0])
            .chain([0; 0x4000])
            .collect();
        assert_eq!(
            arrived(&endless).await.unwrap_err().kind(),
            io::ErrorKind::InvalidData
        );
    }

    proptest! {
        #[test]
        fn looking_at_any_bytes_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = is_whole(&bytes);
            let _ = is_whole(&[&[22, 3, 1, 0, 9][..], &bytes].concat());
        }
    }
}
