//! What a command needs of the system before it begins: file descriptors and threads. Libraries
//! take a lack of either for a defect, and panic; so it is looked at once, and said in words.

use super::command_error::CommandError;
use core::fmt;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::io;
use std::sync::mpsc::{Sender, channel};
use std::thread::{self, JoinHandle};

/// Descriptors that a relay takes before it accepts anybody: runtime, signals, outputs, sockets,
/// one file that is read, and some to serve with.
pub(crate) const SERVE: usize = 24;
/// Descriptors that a probe takes: runtime, name servers, three connections.
pub(crate) const PROBE: usize = 16;
/// Threads at once: log, standard output, systemd, one that reads files.
const THREADS: usize = 4;

/// Bytes of the first thread's stack, several times what is used.
const STACK: u64 = 512 * 1024;
/// What is asked for where the system lets us choose: the usual limit.
const WISHED_STACK: u64 = 8 << 20;

/// Looks whether the system gives so many descriptors, and threads. The soft limit of descriptors
/// on most systems (1024) is one of select(2), not ours, and is raised first.
pub(crate) fn check(descriptors: usize) -> Result<(), CommandError> {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    let current = maximum;
    let _ = setrlimit(Resource::Nofile, Rlimit { current, maximum });
    stack()?;
    let mut pipes = Vec::new();
    while pipes.len() * 2 < descriptors {
        pipes.push(io::pipe().map_err(|error| too_few_descriptors(descriptors, error))?);
    }
    drop(pipes);
    threads().map_err(too_few_threads)
}

fn stack() -> Result<(), CommandError> {
    let Rlimit { current, maximum } = getrlimit(Resource::Stack);
    let wished = maximum.map_or(WISHED_STACK, |most| most.min(WISHED_STACK));
    if current.is_some_and(|current| current < wished) {
        let current = Some(wished);
        let _ = setrlimit(Resource::Stack, Rlimit { current, maximum });
    }
    match getrlimit(Resource::Stack).current {
        Some(limit) if limit < STACK => Err(CommandError::new(format!(
            "cannot start: {STACK} bytes of stack are required, but the limit of this process is {limit}: raise it (ulimit -s, or \
             LimitSTACK= in a unit)"
        ))),
        Some(_) | None => Ok(()),
    }
}

fn threads() -> io::Result<()> {
    let mut started: Vec<(Sender<()>, JoinHandle<()>)> = Vec::new();
    let mut spawned = Ok(());
    while spawned.is_ok() && started.len() < THREADS {
        let (end, ended) = channel();
        let thread = thread::Builder::new().stack_size(64 * 1024);
        spawned = thread
            .spawn(move || {
                let _ = ended.recv();
            })
            .map(|thread| started.push((end, thread)));
    }
    for (end, thread) in started {
        drop(end);
        let _ = thread.join();
    }
    spawned
}

fn too_few_descriptors(needed: usize, error: io::Error) -> CommandError {
    let limit = Limit(Resource::Nofile);
    let sentence = format!(
        "cannot start: {needed} more open files and sockets are required than the system allows ({error}); the limit \
         of this process is {limit}: raise it (ulimit -n, or LimitNOFILE= in a unit)"
    );
    CommandError::caused(sentence, error)
}

fn too_few_threads(error: io::Error) -> CommandError {
    let limit = Limit(Resource::Nproc);
    let sentence = format!(
        "cannot start: {THREADS} threads are required, but the system allows fewer ({error}); the limit of processes and threads \
         of this user is {limit}: raise it (ulimit -u, or LimitNPROC= and TasksMax= in a unit), or end other processes"
    );
    CommandError::caused(sentence, error)
}

/// The limit in force, for a person.
struct Limit(Resource);

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match getrlimit(self.0).current {
            Some(limit) => limit.fmt(f),
            None => f.write_str("unlimited"),
        }
    }
}
