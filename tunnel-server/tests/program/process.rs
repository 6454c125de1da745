//! The program as its operator runs it, and a client that speaks just enough WebSocket.

#![allow(dead_code, reason = "each test uses its part")]

use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::ops::{Deref, DerefMut};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Nothing in these tests waits longer; a loaded machine may take its time.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A program that a test has started; killed when dropped, also when the test fails.
pub struct Started {
    child: Child,
    /// It is the first of its process group, which ends with it.
    leads: bool,
}

impl Started {
    pub fn start(command: &mut Command) -> Self {
        Self {
            child: { command.spawn() }.unwrap_or_else(|error| panic!("{command:?}: {error}")),
            leads: false,
        }
    }

    /// Starts one that starts others: they end with it.
    pub fn start_with_others(command: &mut Command) -> Self {
        Self {
            child: command.process_group(0).spawn().unwrap(),
            leads: true,
        }
    }
}

impl Deref for Started {
    type Target = Child;

    fn deref(&self) -> &Child {
        &self.child
    }
}

impl DerefMut for Started {
    fn deref_mut(&mut self) -> &mut Child {
        &mut self.child
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        if self.leads {
            let _ = kill_process_group(Pid::from_child(&self.child), Signal::KILL);
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A running relay; killed when dropped.
pub struct Relay {
    child: Started,
    pub addr: SocketAddr,
    pub admin: SocketAddr,
}

impl Relay {
    /// Starts it on ports of the system's choice.
    pub fn start(prepare: impl FnOnce(&mut Command)) -> Self {
        Self::at("127.0.0.1:0", "127.0.0.1:0", prepare)
    }

    /// Starts it at these addresses.
    pub fn at(listen: &str, admin: &str, prepare: impl FnOnce(&mut Command)) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tunnel-server"));
        command.args(["serve", "--listen", listen, "--admin", admin]);
        command.stdin(Stdio::null());
        prepare(&mut command);
        Self::ready(command)
    }

    /// Starts it with a listening socket as systemd passes it: descriptor 3, `LISTEN_FDS`,
    /// `LISTEN_PID`.
    pub fn activated(listener: TcpListener) -> Self {
        let mut command = Command::new("sh");
        command.args([
            "-c",
            "exec 3<&0 0</dev/null; LISTEN_FDS=1 LISTEN_PID=$$ exec \"$@\"",
            "sh",
        ]);
        command.arg(env!("CARGO_BIN_EXE_tunnel-server"));
        command.args(["serve", "--admin", "127.0.0.1:0"]);
        command.stdin(std::os::fd::OwnedFd::from(listener));
        Self::ready(command)
    }

    /// Starts it with a standard output that says nothing, on a socket as systemd passes it;
    /// without an admin listener.
    pub fn silent(stdout: Stdio) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = listener.local_addr().unwrap();
        let mut command = Command::new("sh");
        let script = "exec 3<&0 0</dev/null; LISTEN_FDS=1 LISTEN_PID=$$ exec \"$@\"";
        command.args([
            "-c",
            script,
            "sh",
            env!("CARGO_BIN_EXE_tunnel-server"),
            "serve",
        ]);
        command
            .stdin(std::os::fd::OwnedFd::from(listener))
            .stdout(stdout);
        let child = Started::start(&mut command);
        Self {
            child,
            addr,
            admin: addr,
        }
    }

    /// Starts what is ready to be started.
    pub fn ready(mut command: Command) -> Self {
        for (variable, _) in std::env::vars_os() {
            if variable.to_string_lossy().starts_with("TUNNEL_") {
                command.env_remove(variable);
            }
        }
        let mut child = Started::start(command.stdout(Stdio::piped()));
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let ready: serde_json::Value =
            serde_json::from_str(&line).unwrap_or_else(|_| panic!("not ready: {line:?}"));
        let address = |key: &str| ready[key].as_str().unwrap().parse().unwrap();
        Self {
            addr: address("addr"),
            admin: address("admin"),
            child,
        }
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Whether it has this file open.
    pub fn holds(&self, file: &Path) -> bool {
        let open = std::fs::read_dir(format!("/proc/{}/fd", self.child.id())).unwrap();
        open.flatten()
            .any(|fd| std::fs::read_link(fd.path()).is_ok_and(|open| open == file))
    }

    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Waits for its end.
    pub fn end(&mut self) -> ExitStatus {
        until("the relay to end", || self.child.try_wait().unwrap())
    }

    /// What the admin listener answers: status and body.
    pub fn ask(&self, path: &str) -> (u16, String) {
        let answer = whole(
            self.admin,
            &format!("GET {path} HTTP/1.1\r\nHost: admin\r\n\r\n"),
        );
        let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        (status(&answer), body.to_owned())
    }
}

/// Asks again and again, as an operator's eyes do.
pub fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(start.elapsed() < PATIENCE, "waited in vain for {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

/// One side of a tunnel.
pub struct Client(TcpStream);

impl Client {
    /// Asks for a path; the status, and the connection when it was 101.
    pub fn ask(relay: SocketAddr, path: &str) -> Result<(Self, String), u16> {
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: relay\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: fido.cable\r\n\r\n"
        );
        let mut stream = connect(relay);
        stream.write_all(request.as_bytes()).unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            head.extend(byte);
        }
        let head = String::from_utf8(head).unwrap();
        match status(&head) {
            101 => Ok((Self(stream), head)),
            refused => Err(refused),
        }
    }

    /// Opens a tunnel; gives the routing id, too.
    pub fn open(relay: SocketAddr, tunnel: u8) -> (Self, String) {
        let (client, head) = Self::ask(relay, &format!("/cable/new/{tunnel:032x}")).unwrap();
        let routing = head
            .lines()
            .find_map(|line| line.strip_prefix("X-caBLE-Routing-ID: "));
        (client, routing.unwrap().to_owned())
    }

    /// Joins a tunnel.
    pub fn join(relay: SocketAddr, routing: &str, tunnel: u8) -> Self {
        Self::ask(relay, &format!("/cable/connect/{routing}/{tunnel:032x}"))
            .unwrap()
            .0
    }

    /// Sends a message of a few bytes.
    pub fn send(&mut self, message: &[u8]) {
        // A mask of zeros is a mask.
        let head = [
            0x82,
            0x80 | u8::try_from(message.len()).unwrap(),
            0,
            0,
            0,
            0,
        ];
        self.0.write_all(&[&head, message].concat()).unwrap();
    }

    /// Closes normally.
    pub fn close(&mut self) {
        self.0
            .write_all(&[0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe8])
            .unwrap();
    }

    /// The next frame: opcode and payload.
    pub fn frame(&mut self) -> (u8, Vec<u8>) {
        let mut head = [0; 2];
        self.0.read_exact(&mut head).unwrap();
        let mut payload = vec![0; head[1].into()];
        self.0.read_exact(&mut payload).unwrap();
        (head[0] & 15, payload)
    }
}

fn connect(to: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(to).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    stream
}

fn whole(to: SocketAddr, request: &str) -> String {
    let mut stream = connect(to);
    stream.write_all(request.as_bytes()).unwrap();
    io::read_to_string(stream).unwrap()
}

fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).unwrap().parse().unwrap()
}
