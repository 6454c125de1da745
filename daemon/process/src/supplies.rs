//! Files and threads, tried out before they are needed: libraries panic where there are none.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::fmt;
use std::io;
use std::os::fd::AsFd as _;
use std::sync::{Mutex, PoisonError};
use std::thread;

/// Files and connections that a sign-in or an examination has open at once, and some more.
const FILES: usize = 40;
/// What a program asks for where the system lets it choose; the usual limit.
const WISHED_FILES: u64 = 1024;
/// Bytes of the first thread's stack, several times what is used.
const STACK: u64 = 1 << 20;
/// The usual limit of it.
const WISHED_STACK: u64 = 8 << 20;
/// Threads that a program has at once: for each output, for names and files, for the keyboard.
const THREADS: usize = 8;

/// Makes sure that there are as many files and threads as a program needs.
///
/// # Errors
/// [`Shortage`] says what is missing.
pub(crate) fn try_out() -> Result<(), Shortage> {
    raise(Resource::Stack, WISHED_STACK);
    raise(Resource::Nofile, WISHED_FILES);
    stack()?;
    files()?;
    threads()
}

/// A limit that is only a default is no reason to fail.
fn raise(resource: Resource, wished: u64) {
    let limit = getrlimit(resource);
    let (Some(current), most) = (limit.current, limit.maximum) else {
        return;
    };
    let wished = most.map_or(wished, |most| most.min(wished));
    if current < wished {
        let raised = Rlimit {
            current: Some(wished),
            maximum: most,
        };
        // Then the one there is must do.
        let _ = setrlimit(resource, raised);
    }
}

fn stack() -> Result<(), Shortage> {
    match getrlimit(Resource::Stack).current {
        Some(limit) if limit < STACK => Err(Shortage::Stack { limit }),
        Some(_) | None => Ok(()),
    }
}

/// Who started us may have left files open, so it is tried and not computed.
fn files() -> Result<(), Shortage> {
    let mut held = Vec::with_capacity(FILES);
    for _ in 0..FILES {
        match io::stdin().as_fd().try_clone_to_owned() {
            Ok(file) => held.push(file),
            Err(error) => return Err(Shortage::Files(error)),
        }
    }
    Ok(())
}

fn threads() -> Result<(), Shortage> {
    let gate = Mutex::new(());
    thread::scope(|scope| {
        let held = gate.lock().unwrap_or_else(PoisonError::into_inner);
        let wait = || drop(gate.lock().unwrap_or_else(PoisonError::into_inner));
        let started = (0..THREADS).try_for_each(|_| {
            // With the stack that all later ones have.
            thread::Builder::new().spawn_scoped(scope, wait).map(drop)
        });
        drop(held);
        started
    })
    .map_err(Shortage::Threads)
}

/// What the system does not give a program that starts.
#[derive(Debug)]
pub enum Shortage {
    /// Not as much room for its stack as it needs.
    Stack {
        /// In bytes.
        limit: u64,
    },
    /// Not as many open files as it needs.
    Files(io::Error),
    /// Not as many threads as it needs.
    Threads(io::Error),
    /// No way to wait for sockets, timers and signals.
    Waiting(io::Error),
}

impl fmt::Display for Shortage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stack { limit } => write!(
                f,
                "this process cannot use {STACK} bytes of stack (the limit is {limit}). What to do: raise the limit (ulimit -s 8192, or \
                 LimitSTACK= of its unit)"
            ),
            Self::Files(error) => {
                write!(f, "this process cannot open {FILES} more files ({error}")?;
                limit(f, Resource::Nofile)?;
                f.write_str(
                    "). What to do: raise the limit (ulimit -n 1024, or LimitNOFILE= of its unit)",
                )
            }
            Self::Threads(error) => {
                write!(f, "this process cannot start {THREADS} threads ({error}")?;
                limit(f, Resource::Nproc)?;
                f.write_str(
                    "). What to do: end other programs of this user, or raise the limit (ulimit -u, or TasksMax= of its unit)",
                )
            }
            Self::Waiting(error) => write!(f, "this process cannot wait for events: {error}"),
        }
    }
}

fn limit(f: &mut fmt::Formatter<'_>, of: Resource) -> fmt::Result {
    match getrlimit(of).current {
        Some(limit) => write!(f, "; the limit is {limit}"),
        None => Ok(()),
    }
}

impl std::error::Error for Shortage {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Stack { .. } => None,
            Self::Files(error) | Self::Threads(error) | Self::Waiting(error) => Some(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_has_what_a_program_needs() {
        try_out().unwrap();
    }
}
