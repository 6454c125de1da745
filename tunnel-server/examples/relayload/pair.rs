//! A relay, and the two sides of a tunnel through it.

use crate::socket::Socket;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpSocket;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

/// How long a side waits for the other's goodbye.
const GOODBYE: Duration = Duration::from_secs(2);

pub struct Relay {
    address: SocketAddr,
    tls: Option<TlsConnector>,
}

impl Relay {
    pub fn new(address: SocketAddr, ca: Option<&str>) -> Self {
        let tls = ca.map(|ca| {
            let mut roots = RootCertStore::empty();
            roots
                .add(CertificateDer::from_pem_file(ca).unwrap())
                .unwrap();
            let provider = Arc::new(rustls::crypto::ring::default_provider());
            let mut config = ClientConfig::builder_with_provider(provider)
                .with_safe_default_protocol_versions()
                .unwrap()
                .with_root_certificates(roots)
                .with_no_client_auth();
            config.resumption = rustls::client::Resumption::disabled();
            Arc::new(config).into()
        });
        Self { address, tls }
    }

    pub fn speaks_tls(&self) -> bool {
        self.tls.is_some()
    }

    async fn connect(&self) -> io::Result<Socket> {
        let socket = TcpSocket::new_v4()?;
        // From many addresses, so that no port is needed again before it can be.
        let [high, low] = random::<2>();
        socket.bind(([127, 1, high % 200 + 1, low % 250 + 1], 0).into())?;
        let stream = socket.connect(self.address).await?;
        stream.set_nodelay(true)?;
        Ok(match &self.tls {
            None => Socket::new(Box::new(stream)),
            Some(tls) => {
                let name = ServerName::try_from("localhost").map_err(io::Error::other)?;
                Socket::new(Box::new(tls.connect(name, stream).await?))
            }
        })
    }

    /// A phone that waits: its connection, and where a desktop joins it.
    pub async fn phone(&self) -> io::Result<(Socket, String)> {
        let tunnel = hex::encode(random::<16>());
        let mut phone = self.connect().await?;
        let head = phone.upgrade(&format!("/cable/new/{tunnel}")).await?;
        let routing = head.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("X-caBLE-Routing-ID")
                .then_some(value)
        });
        let routing = routing.ok_or(io::ErrorKind::InvalidData)?;
        Ok((phone, format!("/cable/connect/{routing}/{tunnel}")))
    }

    pub async fn pair(&self) -> io::Result<Pair> {
        let (phone, path) = self.phone().await?;
        let mut desktop = self.connect().await?;
        desktop.upgrade(&path).await?;
        Ok(Pair { phone, desktop })
    }
}

pub struct Pair {
    phone: Socket,
    desktop: Socket,
}

impl Pair {
    /// A message each way.
    pub async fn round(&mut self, message: &[u8]) -> io::Result<()> {
        self.phone.send(0x82, message).await?;
        self.desktop.message(message.len()).await?;
        self.desktop.send(0x82, message).await?;
        self.phone.message(message.len()).await
    }

    pub fn rest(&mut self) {
        self.phone.rest();
        self.desktop.rest();
    }

    pub async fn close(mut self) {
        const NORMAL: [u8; 2] = [0x03, 0xe8];
        let goodbye = async {
            self.phone.send(0x88, &NORMAL).await?;
            while self.desktop.frame().await?.0 != 8 {}
            self.desktop.send(0x88, &NORMAL).await?;
            while self.phone.frame().await?.0 != 8 {}
            Ok::<_, io::Error>(())
        };
        // The yardstick just ends the connection.
        let _ = timeout(GOODBYE, goodbye).await;
    }
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).unwrap();
    bytes
}
