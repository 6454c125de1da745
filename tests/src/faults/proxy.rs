//! What listens where a proxy is configured.

use super::scene::{PROXY, Proxy};
use super::server::BACK_DOOR;
use crate::lab::read_head;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

const HTTP: u16 = 3128;
const SOCKS: u16 = 1080;

/// Listens from now on.
pub(super) async fn serve(proxy: Proxy) -> Result<(), String> {
    let port = match proxy {
        Proxy::None => return Ok(()),
        Proxy::Connects(_) | Proxy::Answers(_) | Proxy::Silent | Proxy::HangsUp => HTTP,
        Proxy::Socks(_) | Proxy::SocksWithPassword => SOCKS,
    };
    let listener = TcpListener::bind((PROXY, port))
        .await
        .map_err(|error| format!("no place for the proxy: {error}"))?;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(connection(proxy, stream));
        }
    });
    Ok(())
}

async fn connection(proxy: Proxy, mut stream: TcpStream) -> Option<()> {
    match proxy {
        Proxy::None => None,
        Proxy::Silent => std::future::pending().await,
        Proxy::HangsUp => {
            stream.read_u8().await.ok()?;
            stream.set_zero_linger().ok()
        }
        Proxy::Answers(text) => {
            read_head(&mut stream).await;
            refuse(stream, text).await
        }
        Proxy::Connects(credentials) => {
            let head = read_head(&mut stream).await;
            if !head.starts_with("CONNECT ") {
                return refuse(
                    stream,
                    "HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n",
                )
                .await;
            }
            if !credentials.is_none_or(|(name, password)| knows(&head, name, password)) {
                let challenge = "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"office\"\r\nContent-Length: 0\r\n\r\n";
                return refuse(stream, challenge).await;
            }
            stream
                .write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")
                .await
                .ok()?;
            lead_on(stream).await
        }
        Proxy::Socks(reply) => {
            let methods = greeting(&mut stream).await?;
            if !methods.contains(&NO_CREDENTIALS) {
                return None;
            }
            stream.write_all(&[VERSION, NO_CREDENTIALS]).await.ok()?;
            socks_request(&mut stream).await?;
            stream
                .write_all(&[VERSION, reply, 0, 1, 0, 0, 0, 0, 0, 0])
                .await
                .ok()?;
            if reply == 0 {
                lead_on(stream).await
            } else {
                stream.shutdown().await.ok()
            }
        }
        Proxy::SocksWithPassword => {
            greeting(&mut stream).await?;
            stream.write_all(&[VERSION, NONE_ACCEPTABLE]).await.ok()?;
            stream.shutdown().await.ok()
        }
    }
}

async fn refuse(mut stream: TcpStream, text: &str) -> Option<()> {
    stream.write_all(text.as_bytes()).await.ok()?;
    stream.shutdown().await.ok()?;
    stream.read_to_end(&mut Vec::new()).await.ok().map(drop)
}

/// RFC 7617.
fn knows(head: &str, name: &str, password: &str) -> bool {
    let wanted = format!(
        "basic {}",
        BASE64_STANDARD.encode(format!("{name}:{password}"))
    );
    head.lines().any(|line| {
        line.split_once(':').is_some_and(|(header, value)| {
            header.eq_ignore_ascii_case("proxy-authorization")
                && value.trim().eq_ignore_ascii_case(&wanted)
        })
    })
}

async fn lead_on(mut stream: TcpStream) -> Option<()> {
    let mut relay = TcpStream::connect(BACK_DOOR).await.ok()?;
    tokio::io::copy_bidirectional(&mut stream, &mut relay)
        .await
        .ok()
        .map(drop)
}

// RFC 1928.
const VERSION: u8 = 5;
const NO_CREDENTIALS: u8 = 0;
const NONE_ACCEPTABLE: u8 = 0xff;

/// The methods that are offered.
async fn greeting(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let (version, count) = (stream.read_u8().await.ok()?, stream.read_u8().await.ok()?);
    let mut methods = vec![0; count.into()];
    stream.read_exact(&mut methods).await.ok()?;
    (version == VERSION).then_some(methods)
}

async fn socks_request(stream: &mut TcpStream) -> Option<()> {
    const IPV4: u8 = 1;
    const NAME: u8 = 3;
    const IPV6: u8 = 4;
    let mut head = [0; 4];
    stream.read_exact(&mut head).await.ok()?;
    let [_, _, _, kind] = head;
    let length: usize = match kind {
        IPV4 => 4,
        NAME => stream.read_u8().await.ok()?.into(),
        IPV6 => 16,
        _ => return None,
    };
    let mut address_and_port = vec![0; length + 2];
    stream
        .read_exact(&mut address_and_port)
        .await
        .ok()
        .map(drop)
}
