//! Outputs that cannot be written, or that nobody reads: nothing but what belongs there is lost.

use crate::process::{Client, PATIENCE, Relay, Started, until};
use rustix::process::Signal;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, PipeReader, PipeWriter, Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Output, Stdio};
use std::sync::mpsc;
use std::thread;

/// A standard error, or a standard output.
struct Bad {
    name: &'static str,
    to: Stdio,
    /// Kept open and not read.
    _asleep: Option<PipeReader>,
}

fn full() -> Stdio {
    OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap()
        .into()
}

fn closed() -> Stdio {
    let (_, writer) = io::pipe().unwrap();
    writer.into()
}

/// A pipe that nobody reads and that holds no more.
fn asleep() -> (PipeReader, Stdio) {
    let (reader, writer) = io::pipe().unwrap();
    fill(&writer);
    (reader, writer.into())
}

fn fill(mut writer: &PipeWriter) {
    rustix::io::ioctl_fionbio(writer, true).unwrap();
    while writer.write(b"x").is_ok() {}
    rustix::io::ioctl_fionbio(writer, false).unwrap();
}

fn bad() -> Vec<Bad> {
    let (reader, sleeping) = asleep();
    let kind = |name, to, asleep| Bad {
        name,
        to,
        _asleep: asleep,
    };
    vec![
        kind("full", full(), None),
        kind("closed", closed(), None),
        kind("asleep", sleeping, Some(reader)),
    ]
}

#[test]
fn a_relay_whose_log_cannot_be_written_serves_reloads_drains_and_ends_as_ever() {
    for Bad { name, to, _asleep } in bad() {
        let mut relay = Relay::start(|command| {
            command.stderr(to).env("RUST_LOG", "trace");
        });
        for id in 1..=20 {
            let (mut phone, routing) = Client::open(relay.addr, id);
            let mut desktop = Client::join(relay.addr, &routing, id);
            desktop.send(b"hello");
            assert_eq!(phone.frame().1, b"hello", "{name}");
        }
        relay.signal(Signal::HUP);
        let reloaded = "\ntunnel_reloads_total 1\n";
        until("the reload", || {
            relay.ask("/metrics").1.contains(reloaded).then_some(())
        });
        let (mut phone, routing) = Client::open(relay.addr, 100);
        let mut desktop = Client::join(relay.addr, &routing, 100);
        relay.signal(Signal::TERM);
        until("the drain", || {
            (relay.ask("/readyz").0 == 503).then_some(())
        });
        desktop.send(b"late");
        assert_eq!(phone.frame().1, b"late", "{name}");
        phone.close();
        desktop.frame();
        desktop.close();
        assert_eq!(relay.end().code(), Some(0), "{name}");
    }
}

#[test]
fn a_relay_whose_first_line_cannot_be_written_serves_and_ends_as_ever() {
    for Bad { name, to, _asleep } in bad() {
        let mut relay = Relay::silent(to);
        let (mut phone, routing) = Client::open(relay.addr, 1);
        let mut desktop = Client::join(relay.addr, &routing, 1);
        desktop.send(b"hello");
        assert_eq!(phone.frame().1, b"hello", "{name}");
        drop((phone, desktop));
        relay.signal(Signal::TERM);
        assert_eq!(relay.end().code(), Some(0), "{name}");
    }
}

#[test]
fn a_reason_not_to_serve_that_cannot_be_written_still_ends_with_2() {
    for Bad { name, to, _asleep } in bad() {
        let mut relay = program(&["serve", "--tls-cert", "x"]);
        let mut child = Started::start(relay.stderr(to));
        let ended = until("its end", || child.try_wait().unwrap());
        assert_eq!(ended.code(), Some(2), "{name}");
    }
}

#[test]
fn what_the_log_lost_while_nobody_read_is_said_when_somebody_reads_again() {
    let (reader, writer) = io::pipe().unwrap();
    fill(&writer);
    let mut relay = Relay::start(|command| {
        command.stderr(writer).env("RUST_LOG", "debug");
        command.args(["--accept-rate-per-address", "100000"]);
    });
    // Nobody reads yet, and the relay answers all the same.
    let ask = || {
        for _ in 0..300 {
            assert_eq!(Client::ask(relay.addr, "/cable/new/a4").err(), Some(400));
        }
    };
    ask();
    let (found, line) = mpsc::channel();
    let log = thread::spawn(move || {
        let dropped = BufReader::new(&reader)
            .lines()
            .map_while(Result::ok)
            .find(|line| line.contains("WARN log lines were dropped too_many="));
        let _ = found.send(dropped.is_some());
        // Until the relay has ended: its log stays open.
        let _ = io::copy(&mut &reader, &mut io::sink());
    });
    // On a busy machine one round may be slow enough for every line to be written.
    let told = until("the log to say what it lost", || {
        ask();
        line.try_recv().ok()
    });
    assert!(told, "nothing was said");
    relay.signal(Signal::TERM);
    assert_eq!(relay.end().code(), Some(0));
    log.join().unwrap();
}

#[test]
fn after_a_lack_of_descriptors_connections_are_accepted_again_and_readyz_told_the_truth() {
    let mut command = Command::new("sh");
    command.args([
        "-c",
        "ulimit -n 40; exec \"$@\"",
        "sh",
        env!("CARGO_BIN_EXE_tunnel-server"),
    ]);
    command.args(["serve", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"]);
    command.args(["--request-head", "1m"]);
    let mut relay = Relay::ready(command_with(command, full()));
    let mut monitors: Vec<_> = (0..8)
        .map(|_| TcpStream::connect(relay.admin).unwrap())
        .collect();
    assert_eq!(relay.ask("/readyz").0, 200);
    let many: Vec<_> = (0..60)
        .map(|_| TcpStream::connect(relay.addr).unwrap())
        .collect();
    // The monitors were let in before; each can ask once.
    let said = until("a monitor to be told", || {
        let mut monitor = monitors.pop().expect("no monitor was told");
        monitor.set_read_timeout(Some(PATIENCE)).unwrap();
        monitor.write_all(b"GET /readyz HTTP/1.1\r\n\r\n").unwrap();
        let mut answer = String::new();
        monitor.read_to_string(&mut answer).unwrap();
        answer.starts_with("HTTP/1.1 503 ").then_some(answer)
    });
    assert!(
        said.ends_with("\r\n\r\nconnections cannot be accepted\n"),
        "{said}"
    );
    drop((many, monitors));
    until("readyz to say yes", || {
        (relay.ask("/readyz").0 == 200).then_some(())
    });
    drop(Client::open(relay.addr, 1));
    relay.signal(Signal::TERM);
    assert_eq!(relay.end().code(), Some(0));
}

fn command_with(mut command: Command, stderr: Stdio) -> Command {
    command.stdin(Stdio::null()).stderr(stderr);
    command
}

fn program(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tunnel-server"));
    command.args(args).stdin(Stdio::null());
    command
}

fn into(args: &[&str], stdout: Stdio) -> Output {
    let mut command = program(args);
    command.stdout(stdout).stderr(Stdio::piped());
    command.output().unwrap()
}

#[test]
fn what_was_asked_for_and_cannot_be_written_is_exit_6_and_never_a_panic() {
    let relay = Relay::start(|_| {});
    let url = format!("http://{}", relay.addr);
    for args in [
        &["domain", "266"][..],
        &["domain", "--find", "a"],
        &["probe", &url],
        &["probe", "--json", &url],
        &["--help"],
        &["--version"],
        &["serve", "--help"],
    ] {
        for (kind, to, words) in [
            (
                "full",
                full(),
                "tunnel-server: cannot write to standard output: No space left on device",
            ),
            ("closed", closed(), ""),
            (
                "open for reading alone",
                File::open("/dev/zero").unwrap().into(),
                "tunnel-server: cannot write to standard output: Bad file descriptor",
            ),
        ] {
            let ended = into(args, to);
            let said = String::from_utf8(ended.stderr).unwrap();
            assert_eq!(ended.status.code(), Some(6), "{args:?} {kind}: {said}");
            assert!(
                said.starts_with(words) && said.lines().count() <= 1,
                "{args:?} {kind}: {said}"
            );
        }
    }
    // As a shell's `>&-` has it.
    for (args, code) in [
        (&["domain", "266"][..], 6),
        // Sound or not is in the exit status, which is all that some monitors look at.
        (&["probe", &url], 0),
        (&["--help"], 6),
        (&["--version"], 6),
    ] {
        let mut none = Command::new("sh");
        none.args(["-c", "exec \"$@\" >&-", "sh"]);
        none.arg(env!("CARGO_BIN_EXE_tunnel-server")).args(args);
        let ended = none.stdin(Stdio::null()).output().unwrap();
        let said = String::from_utf8(ended.stderr).unwrap();
        assert_eq!(ended.status.code(), Some(code), "{args:?}: {said}");
        assert!(
            said.starts_with("tunnel-server: cannot write to standard output: it is closed"),
            "{args:?}: {said}"
        );
        let nobody = into(args, Stdio::null());
        assert_eq!(nobody.status.code(), Some(0), "{args:?}");
    }
    let closed_port = "http://127.0.0.1:1";
    assert_eq!(into(&["probe", closed_port], full()).status.code(), Some(3));
}

#[test]
fn whoever_sleeps_at_standard_error_holds_up_no_last_word() {
    for (args, stdout, code) in [
        (&["domain", "266"][..], full(), 6),
        (&["domain", "no number"], Stdio::null(), 2),
        (&["probe", "no address"], Stdio::null(), 2),
    ] {
        let (_reader, stderr) = asleep();
        let mut child = Started::start(program(args).stdout(stdout).stderr(stderr));
        let ended = until("the end", || child.try_wait().unwrap());
        assert_eq!(ended.code(), Some(code), "{args:?}");
    }
}

#[test]
fn a_disk_that_fills_up_under_pages_leaves_no_half_page() {
    let folder = tempfile::tempdir().unwrap();
    let whole = tempfile::tempdir().unwrap();
    let pages = program(&["pages", whole.path().to_str().unwrap()])
        .status()
        .unwrap();
    assert!(pages.success());
    let script = "mount -t tmpfs -o size=64k tmpfs \"$1\" && cd \"$1\" && echo old >tunnel-server.bash && \
                  head -c 40000 /dev/zero >rest; \"$2\" pages \"$1\"; code=$?; ls -A; \
                  for page in *.1 *.toml; do cmp \"$page\" \"$3/$page\"; done; cat tunnel-server.bash; exit $code";
    let ended = Command::new("unshare")
        .args(["-rm", "sh", "-c", script, "sh"])
        .arg(folder.path())
        .arg(env!("CARGO_BIN_EXE_tunnel-server"))
        .arg(whole.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert_eq!(ended.status.code(), Some(2), "{said}");
    assert!(
        said.contains("cannot write into") && said.contains("No space left"),
        "{said}"
    );
    let left = String::from_utf8_lossy(&ended.stdout).into_owned();
    let halves = left.contains("differ") || said.contains("EOF on");
    assert!(
        left.ends_with("\nold\n") && !left.contains(".new") && !halves,
        "{left}{said}"
    );
}

#[test]
fn a_log_on_a_disk_that_is_full_goes_on_when_there_is_room_again() {
    let folder = tempfile::tempdir().unwrap();
    // There is room again once the thread that writes has tried, and sleeps.
    let script = "mount -t tmpfs -o size=16k tmpfs \"$1\" && cd \"$1\" && : >log && head -c 100000 /dev/zero >rest; \
                  tried() { for task in /proc/$1/task/*; do read name <$task/comm; \
                  [ \"$name\" = log ] && grep -q '^State:.S' $task/status && return; done; return 1; }; \
                  \"$2\" serve --listen 127.0.0.1:0 2>>log >&3 3>&- & read line; until tried $!; do :; done; \
                  rm rest; kill -HUP $!; read line; kill -TERM $!; wait $!; code=$?; cat log; exit $code";
    let (ready, stdout) = io::pipe().unwrap();
    let mut command = Command::new("sh");
    command.args([
        "-c",
        "exec 3>&1 1>&2 2>/dev/null; exec unshare -rm sh -c \"$0\" sh \"$@\"",
        script,
    ]);
    command
        .arg(folder.path())
        .arg(env!("CARGO_BIN_EXE_tunnel-server"));
    let (mut log, stderr) = io::pipe().unwrap();
    command.stdin(Stdio::piped()).stdout(stdout).stderr(stderr);
    let mut child = Started::start_with_others(&mut command);
    drop(command);
    let mut line = String::new();
    BufReader::new(ready).read_line(&mut line).unwrap();
    let ready: serde_json::Value = serde_json::from_str(&line).unwrap();
    let addr = ready["addr"].as_str().unwrap().parse().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    drop(Client::open(addr, 1));
    stdin.write_all(b"full\n").unwrap();
    drop(Client::open(addr, 2));
    stdin.write_all(b"room\n").unwrap();
    let mut text = String::new();
    log.read_to_string(&mut text).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0), "{text}");
    assert!(
        text.contains("stopped") && text.contains("WARN log lines were dropped"),
        "{text}"
    );
}

#[test]
fn a_relay_that_is_killed_leaves_no_core_with_its_key() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new("sh");
    command
        .args(["-c", "ulimit -c unlimited; cd \"$0\" && exec \"$@\""])
        .arg(folder.path());
    command.arg(env!("CARGO_BIN_EXE_tunnel-server"));
    command.args(["serve", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"]);
    let mut relay = Relay::ready(command_with(command, Stdio::null()));
    relay.signal(Signal::QUIT);
    let ended = relay.end();
    assert_eq!(ended.signal(), Some(Signal::QUIT.as_raw()));
    assert!(!ended.core_dumped());
    assert_eq!(folder.path().read_dir().unwrap().count(), 0);
}

#[test]
fn what_clients_can_have_written_is_bounded_whatever_they_send() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let stderr = File::create(&log).unwrap();
    let mut relay = Relay::start(|command| {
        command.stderr(stderr).args([
            "--accept-rate-per-address",
            "100000",
            "--accept-rate",
            "100000",
        ]);
    });
    for id in 0..=255 {
        for _ in 0..2 {
            drop(Client::open(relay.addr, id));
        }
    }
    relay.signal(Signal::TERM);
    let ended = relay.end();
    let text = std::fs::read_to_string(log).unwrap();
    assert_eq!(ended.code(), Some(0), "{text}");
    let told = text
        .lines()
        .filter(|line| line.contains("tunnel ended"))
        .count();
    let missing = text
        .lines()
        .filter_map(|line| line.split_once("too_many=")?.1.split(' ').next());
    let missing: usize = missing.map(|number| number.parse::<usize>().unwrap()).sum();
    assert_eq!(told + missing, 512, "{text}");
    assert!(told >= 200 && missing > 0, "{text}");
}
