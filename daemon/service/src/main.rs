//! `/usr/libexec/hybridd/key`: the service, started by systemd as its own user.

use hybrid_key_service::journal::Line;
use hybrid_key_service::run::{ServiceError, World, run};
use rustix::fd::OwnedFd;
use rustix::fs::{Mode, OFlags};
use rustix::process::{DumpableBehavior, set_dumpable_behavior};
use std::io::{self, Write as _};
use std::process::ExitCode;
use tokio::signal::unix::{SignalKind, signal};
use zbus::connection;

const UHID: &str = "/dev/uhid";

/// What users other than the owner and the group may do with it: nothing.
const OTHERS: u32 = 0o007;

fn main() -> ExitCode {
    match serve() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(3, &error);
            ExitCode::FAILURE
        }
    }
}

fn serve() -> Result<(), ServiceError> {
    // What passes through can be a key: it is not to be found in a core file.
    set_dumpable_behavior(DumpableBehavior::NotDumpable)
        .map_err(|error| ServiceError::Start(error.into()))?;
    // The loop runs here, and what the bus brings beside it: a flood of calls delays no keepalive.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .map_err(ServiceError::Start)?;
    runtime.block_on(async {
        let mut terminate = signal(SignalKind::terminate()).map_err(ServiceError::Start)?;
        let world = World {
            connection: connection::Builder::system().build().await?,
            open: open_uhid,
            journal: |line: &Line| say(line.priority(), line),
            host: rustix::system::uname()
                .nodename()
                .to_string_lossy()
                .into_owned(),
        };
        let stop = async {
            terminate.recv().await;
        };
        run(world, stop).await
    })
}

fn open_uhid() -> io::Result<OwnedFd> {
    let file = rustix::fs::open(UHID, OFlags::RDWR | OFlags::CLOEXEC, Mode::empty())?;
    let mode = rustix::fs::fstat(&file)?.st_mode;
    if mode & OTHERS != 0 {
        let line = Line::OpenToOthers(mode & 0o777);
        say(line.priority(), &line);
    }
    Ok(file)
}

/// Writes a line to standard error with syslog's priority before it, which the journal takes off.
fn say(priority: u8, line: &impl std::fmt::Display) {
    // There is nobody else to tell.
    let _ = writeln!(io::stderr(), "<{priority}>{line}");
}
