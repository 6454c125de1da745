//! A network namespace of a test's own, and the programs in it: the shipped configurations run as
//! they are, port 443 and all.

use crate::process::{Started, until};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;
use tempfile::TempDir;

/// The name that the shipped configurations use.
pub const HOST: &str = "cable.example.org";

/// Runs the calling test again with a loopback of its own that also has these addresses, and
/// returns true there; outside it returns false after the inner run has passed.
pub fn inside(test: &str, addresses: &[&str]) -> bool {
    if is_inside() {
        return true;
    }
    let output = rerun(test, addresses);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    assert!(
        output.status.success() && stdout.contains("1 passed"),
        "{test} failed in its namespace:\n{stdout}\n{stderr}"
    );
    print!("{stdout}{stderr}");
    false
}

/// Whether this process runs in a namespace that [`rerun`] made.
pub fn is_inside() -> bool {
    std::env::var_os(INSIDE).is_some()
}

const INSIDE: &str = "TUNNEL_TEST_INSIDE";

/// Runs a test again in namespaces of its own. It is the first process there, so that the kernel
/// ends with it whatever it started and whatever those started, however it ends; and it ends with
/// the test that waits for it.
pub fn rerun(test: &str, addresses: &[&str]) -> Output {
    let script = "set -e; ip link set lo up; for a in $ADDRESSES; do ip addr add $a/32 dev lo; done; exec \"$@\"";
    Command::new("setpriv")
        .args(["--pdeathsig", "KILL", "--", "unshare"])
        .args(["-Urnpf", "--kill-child", "sh", "-c", script, "sh"])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env(INSIDE, "1")
        .env("ADDRESSES", addresses.join(" "))
        .output()
        .expect("setpriv and unshare (Debian package util-linux)")
}

/// Certificate and configurations of one test, and its programs.
pub struct Place {
    folder: TempDir,
    pub trust: Arc<ClientConfig>,
    programs: Vec<Started>,
}

impl Place {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed([HOST.to_owned()]).unwrap();
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

    /// A shipped configuration with these words replaced; each must be there, so that the test runs
    /// what is shipped.
    pub fn shipped(&self, name: &str, replacements: &[(&str, &str)]) -> PathBuf {
        let shipped = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
            .join("dist")
            .join(name);
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
        self.programs.push(Started::start(command));
    }

    fn output(&self, program: usize) -> PathBuf {
        self.path(&format!("output-{program}"))
    }

    /// HAProxy with a shipped configuration.
    pub fn haproxy(&mut self, name: &str, more: &[(&str, &str)]) {
        let pem = self.path("both.pem").display().to_string();
        // The namespace has one user, so there is no second one to become, and its limit of open
        // files stays as it is.
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

/// `PATH` with the folders of programs for administrators.
pub fn path() -> String {
    format!(
        "{}:/usr/sbin:/sbin",
        std::env::var("PATH").unwrap_or_default()
    )
}
