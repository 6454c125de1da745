//! Relays behind a proxy, in a network namespace of their own: the shipped configurations run as they are, port 443 and all.

#![allow(dead_code, reason = "each test uses its part")]

use futures_util::{SinkExt as _, StreamExt as _};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tempfile::TempDir;
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::process::{PATIENCE, until};

/// The name that the shipped configurations use.
pub const HOST: &str = "cable.example.org";

/// Runs the calling test again with a loopback of its own that also has these addresses, and returns true there; outside it
/// returns false after the inner run has passed.
pub fn inside(test: &str, addresses: &[&str]) -> bool {
    const INSIDE: &str = "TUNNEL_TEST_INSIDE";
    if std::env::var_os(INSIDE).is_some() {
        return true;
    }
    let script = "set -e; ip link set lo up; for a in $ADDRESSES; do ip addr add $a/32 dev lo; done; exec \"$@\"";
    let output = Command::new("unshare")
        .args(["-Urn", "sh", "-c", script, "sh"])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env(INSIDE, "1")
        .env("ADDRESSES", addresses.join(" "))
        .output()
        .expect("unshare (Debian package util-linux)");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    assert!(
        output.status.success() && stdout.contains("1 passed"),
        "{test} failed in its namespace:\n{stdout}\n{stderr}"
    );
    print!("{stdout}{stderr}");
    false
}

/// Certificate and configurations of one test, and its programs.
pub struct Place {
    folder: TempDir,
    pub trust: Arc<ClientConfig>,
    programs: Vec<Child>,
}

impl Place {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let CertifiedKey { cert, signing_key } = generate_simple_self_signed([HOST.to_owned()]).unwrap();
        let (chain, key) = (cert.pem(), signing_key.serialize_pem());
        std::fs::write(folder.path().join("chain.pem"), &chain).unwrap();
        std::fs::write(folder.path().join("key.pem"), &key).unwrap();
        std::fs::write(folder.path().join("both.pem"), chain + &key).unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from(cert)).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let trust = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap();
        Self {
            folder,
            trust: Arc::new(trust.with_root_certificates(roots).with_no_client_auth()),
            programs: Vec::new(),
        }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A shipped configuration with these words replaced; each must be there, so that the test runs what is shipped.
    pub fn shipped(&self, name: &str, replacements: &[(&str, &str)]) -> PathBuf {
        let shipped = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("dist").join(name);
        let mut text = std::fs::read_to_string(shipped).unwrap();
        for (from, to) in replacements {
            assert!(text.contains(from), "{name} has no {from:?}");
            text = text.replace(from, to);
        }
        let path = self.path(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// Starts a program that lives as long as this place; what it says goes to a file of its own.
    pub fn run(&mut self, command: &mut Command) {
        let said = std::fs::File::create(self.output(self.programs.len())).unwrap();
        command.stdout(said.try_clone().unwrap()).stderr(said);
        let started = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        self.programs.push(started);
    }

    fn output(&self, program: usize) -> PathBuf {
        self.path(&format!("output-{program}"))
    }

    /// HAProxy with a shipped configuration.
    pub fn haproxy(&mut self, name: &str, more: &[(&str, &str)]) {
        let pem = self.path("both.pem").display().to_string();
        // The namespace has one user, so there is no second one to become, and its limit of open files stays as it is.
        let mut replacements = vec![
            (
                "    user haproxy\n    group haproxy\n    maxconn 100000\n",
                "    maxconn 2000\n",
            ),
            ("/etc/haproxy/relay.pem", pem.as_str()),
        ];
        replacements.extend(more);
        let config = self.shipped(name, &replacements);
        self.run(
            Command::new("haproxy")
                .env("PATH", path())
                .arg("-db")
                .arg("-f")
                .arg(config),
        );
    }

    /// Waits until a proxy answers, or says why it does not.
    pub fn await_port_443(&mut self) {
        until("a proxy on port 443", || {
            let ended = self
                .programs
                .iter_mut()
                .any(|program| program.try_wait().unwrap().is_some());
            assert!(!ended, "a program ended: {}", self.said().concat());
            std::net::TcpStream::connect((Ipv4Addr::LOCALHOST, 443)).ok()
        });
    }

    /// What each program said so far.
    pub fn said(&self) -> Vec<String> {
        (0..self.programs.len())
            .map(|program| self.read(&self.output(program)))
            .collect()
    }

    /// A file that may not be there yet.
    pub fn read(&self, path: &Path) -> String {
        std::fs::read_to_string(path).unwrap_or_default()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        for program in &mut self.programs {
            let _ = program.kill();
            let _ = program.wait();
        }
    }
}

/// `PATH` with the folders of programs for administrators.
pub fn path() -> String {
    format!("{}:/usr/sbin:/sbin", std::env::var("PATH").unwrap_or_default())
}

/// One side of a tunnel.
pub type Side = WebSocketStream<TlsStream<TcpStream>>;

/// A client at an address of its own.
#[derive(Clone)]
pub struct Client {
    pub trust: Arc<ClientConfig>,
    pub from: Ipv4Addr,
}

impl Client {
    /// Asks port 443 for a path; an error says which status came instead of 101.
    pub async fn ask(&self, path: &str) -> Result<(Side, Option<String>), String> {
        let asked = async {
            let socket = TcpSocket::new_v4().map_err(|e| e.to_string())?;
            socket
                .bind(SocketAddr::from((self.from, 0)))
                .map_err(|e| e.to_string())?;
            let tcp = socket
                .connect(SocketAddr::from(([127, 0, 0, 1], 443)))
                .await
                .map_err(|e| e.to_string())?;
            let name = ServerName::try_from(HOST).unwrap();
            let connector = TlsConnector::from(Arc::clone(&self.trust));
            let tls = connector.connect(name, tcp).await.map_err(|e| format!("TLS: {e}"))?;
            let mut request = format!("wss://{HOST}{path}").into_client_request().unwrap();
            request
                .headers_mut()
                .insert("Sec-WebSocket-Protocol", "fido.cable".parse().unwrap());
            // What a client claims about itself must not be believed.
            request
                .headers_mut()
                .insert("X-Forwarded-For", "192.0.2.1".parse().unwrap());
            match client_async(request, tls).await {
                Ok((side, answer)) => {
                    let routing = answer.headers().get("X-caBLE-Routing-ID");
                    Ok((side, routing.map(|value| value.to_str().unwrap().to_owned())))
                }
                Err(Error::Http(answer)) => {
                    let body = answer.body().clone().unwrap_or_default();
                    Err(format!(
                        "{} {}",
                        answer.status().as_u16(),
                        String::from_utf8_lossy(&body).trim_end()
                    ))
                }
                Err(error) => Err(error.to_string()),
            }
        };
        timeout(PATIENCE, asked)
            .await
            .unwrap_or_else(|_| Err("no answer".to_owned()))
    }

    /// Opens a tunnel under a fresh id.
    pub async fn open(&self) -> Result<Waiting, String> {
        static NEXT: AtomicU64 = AtomicU64::new(0xace0_0000_0000_0000);
        let tunnel = format!("{:032X}", NEXT.fetch_add(1, Ordering::Relaxed));
        let (phone, routing) = self
            .ask(&format!("/cable/new/{tunnel}"))
            .await
            .map_err(|e| format!("new: {e}"))?;
        let routing = routing.ok_or("new: no routing id")?;
        Ok(Waiting { phone, routing, tunnel })
    }

    /// Joins a tunnel.
    pub async fn join(&self, waiting: Waiting) -> Result<Pair, String> {
        let Waiting { phone, routing, tunnel } = waiting;
        // Chromium sends upper case, others lower.
        let spelled = if tunnel.ends_with(['0', '2', '4', '6', '8']) {
            routing.to_lowercase()
        } else {
            routing.clone()
        };
        let path = format!("/cable/connect/{spelled}/{tunnel}");
        let (desktop, _) = self.ask(&path).await.map_err(|e| format!("connect {spelled}: {e}"))?;
        Ok(Pair {
            phone,
            desktop,
            node: routing[..1].to_owned(),
        })
    }
}

/// A phone in a tunnel that nobody has joined.
pub struct Waiting {
    phone: Side,
    pub routing: String,
    tunnel: String,
}

/// Both sides of a tunnel, and the digit that names its node.
pub struct Pair {
    phone: Side,
    desktop: Side,
    pub node: String,
}

impl Pair {
    /// Sends messages both ways and checks that they arrive as they were.
    pub async fn exchange(&mut self, messages: u8) -> Result<(), String> {
        let exchanged = async {
            for n in 0..messages {
                pass(&mut self.phone, &mut self.desktop, n).await?;
                pass(&mut self.desktop, &mut self.phone, n).await?;
            }
            Ok(())
        };
        timeout(PATIENCE, exchanged)
            .await
            .unwrap_or_else(|_| Err("no message".to_owned()))
    }

    /// The phone says goodbye, and the desktop hears it.
    pub async fn close(mut self) -> Result<(), String> {
        let closed = async {
            self.phone.close(None).await.map_err(|e| format!("close: {e}"))?;
            match self.desktop.next().await {
                Some(Ok(Message::Close(Some(frame)))) if u16::from(frame.code) == 1000 => Ok(()),
                other => Err(format!("expected close 1000, got {other:?}")),
            }
        };
        timeout(PATIENCE, closed)
            .await
            .unwrap_or_else(|_| Err("no goodbye".to_owned()))
    }
}

async fn pass(from: &mut Side, to: &mut Side, n: u8) -> Result<(), String> {
    let message = vec![n; 32 + usize::from(n) * 100];
    from.send(Message::binary(message.clone()))
        .await
        .map_err(|e| format!("send: {e}"))?;
    match to.next().await {
        Some(Ok(Message::Binary(got))) if got == message => Ok(()),
        other => Err(format!("expected message {n}, got {other:?}")),
    }
}

/// An address of a client: thousands to choose from, all of them loopback.
pub fn address(n: u16) -> Ipv4Addr {
    let [high, low] = n.to_be_bytes();
    Ipv4Addr::from([127, 1, high, low])
}
