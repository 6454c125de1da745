//! A connection of bytes, whatever is layered upon its TCP.

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;
use tokio_socks::tcp::Socks5Stream;

/// A connection, whatever is layered upon its TCP.
pub trait ByteStream: AsyncRead + AsyncWrite + Unpin + Send {
    /// The TCP connection beneath; none when a test carries the bytes itself.
    fn tcp(&self) -> Option<&TcpStream>;
}

impl ByteStream for TlsStream<Box<dyn ByteStream>> {
    fn tcp(&self) -> Option<&TcpStream> {
        self.get_ref().0.tcp()
    }
}

impl ByteStream for Socks5Stream<Box<dyn ByteStream>> {
    fn tcp(&self) -> Option<&TcpStream> {
        (**self).tcp()
    }
}
