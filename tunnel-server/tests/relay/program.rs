//! The real program, and certificates for it.

use crate::client::within;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustix::process::{Pid, Signal, kill_process};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::process::{Child, ChildStderr, ChildStdout, Command};

/// The program, told to log at info whatever the environment of the test says.
pub fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tunnel-server"));
    command
        .env_clear()
        .env("RUST_LOG", "info")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

/// Runs the program to its end.
pub async fn run(args: &[&str]) -> Output {
    within(command().args(args).output()).await.unwrap()
}

/// A relay that was started as a program.
pub struct Program {
    pub child: Child,
    pub addr: SocketAddr,
    pub tls: bool,
    /// Where health and metrics are served, if they are.
    pub admin: Option<SocketAddr>,
    stdout: BufReader<ChildStdout>,
    stderr: BufReader<ChildStderr>,
    log: String,
}

impl Program {
    /// Starts `serve` on a port of its own and waits until it listens.
    pub async fn serve(args: &[&str]) -> Self {
        let mut command = command();
        command
            .args(["serve", "--listen", "127.0.0.1:0"])
            .args(args);
        Self::start(command).await
    }

    pub async fn start(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        within(stdout.read_line(&mut line)).await.unwrap();
        let ready: serde_json::Value = match serde_json::from_str(&line) {
            Ok(ready) => ready,
            Err(_) => {
                let mut said = String::new();
                let _ = within(stderr.read_to_string(&mut said)).await;
                panic!("not ready: {line}{said}");
            }
        };
        assert_eq!(ready["ev"], "listening");
        Self {
            child,
            addr: ready["addr"].as_str().unwrap().parse().unwrap(),
            tls: ready["tls"].as_bool().unwrap(),
            admin: ready["admin"].as_str().map(|at| at.parse().unwrap()),
            stdout,
            stderr,
            log: String::new(),
        }
    }

    pub fn signal(&self, signal: Signal) {
        let pid = self.child.id().expect("it has ended");
        let pid = Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
    }

    /// Waits until it logs a line with this text; the line.
    pub async fn logs(&mut self, text: &str) -> String {
        loop {
            let mut line = String::new();
            let n = within(self.stderr.read_line(&mut line)).await.unwrap();
            assert!(n > 0, "it ended without saying {text}: {}", self.log);
            self.log.push_str(&line);
            if line.contains(text) {
                return line;
            }
        }
    }

    /// The value of a metric, as its admin listener tells it.
    pub async fn metric(&self, name: &str) -> u64 {
        let text = crate::client::Client::sending(
            self.admin.unwrap(),
            "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n",
        )
        .await
        .refusal()
        .await;
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix(&format!("tunnel_{name} ")));
        line.unwrap_or_else(|| panic!("no metric {name}"))
            .parse()
            .unwrap()
    }

    /// Waits for the end; exit code and what it logged.
    pub async fn end(mut self) -> (Option<i32>, String) {
        let mut said = std::mem::take(&mut self.log);
        within(self.stderr.read_to_string(&mut said)).await.unwrap();
        let status = within(self.child.wait()).await.unwrap();
        let mut rest = String::new();
        within(self.stdout.read_to_string(&mut rest)).await.unwrap();
        assert_eq!(rest, "", "only the first line goes to standard output");
        (status.code(), said)
    }
}

/// An authority, and files with what it signed.
pub struct Pki {
    pub folder: TempDir,
    ca: rcgen::Certificate,
    issuer: Issuer<'static, KeyPair>,
}

impl Pki {
    /// Writes `ca.pem`, and `chain.pem` and `key.pem` for localhost.
    pub fn new() -> Self {
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let ca = params.self_signed(&key).unwrap();
        let pki = Self {
            folder: tempfile::tempdir().unwrap(),
            ca,
            issuer: Issuer::new(params, key),
        };
        std::fs::write(pki.path("ca.pem"), pki.ca.pem()).unwrap();
        pki.issue();
        pki
    }

    /// Writes a new `chain.pem` and `key.pem`; returns the certificate's bytes.
    pub fn issue(&self) -> Vec<u8> {
        self.issue_until(2099)
    }

    /// The same, valid until the beginning of this year.
    pub fn issue_until(&self, year: i32) -> Vec<u8> {
        self.issue_with(&["localhost", "127.0.0.1"], year)
    }

    /// The same for another name.
    pub fn issue_for(&self, name: &str) -> Vec<u8> {
        self.issue_with(&[name], 2099)
    }

    fn issue_with(&self, names: &[&str], year: i32) -> Vec<u8> {
        let key = KeyPair::generate().unwrap();
        let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).unwrap();
        params
            .distinguished_name
            .push(DnType::CommonName, "a relay of the tests");
        params.not_after = rcgen::date_time_ymd(year, 1, 1);
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        std::fs::write(self.path("chain.pem"), certificate.pem()).unwrap();
        std::fs::write(self.path("key.pem"), key.serialize_pem()).unwrap();
        certificate.der().to_vec()
    }

    /// Writes a new `chain.pem` and `key.pem` as `openssl req -x509` makes them: an authority that
    /// signed itself.
    pub fn issue_authority(&self) -> Vec<u8> {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&key).unwrap();
        std::fs::write(self.path("chain.pem"), certificate.pem()).unwrap();
        std::fs::write(self.path("key.pem"), key.serialize_pem()).unwrap();
        certificate.der().to_vec()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn text(&self, name: &str) -> String {
        text(&self.path(name))
    }
}

pub fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}
