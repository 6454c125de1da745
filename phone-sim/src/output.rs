//! Standard output and standard error, whose readers may sleep, and which may be full or gone: what
//! is told goes through a bounded queue to a thread of its own. What does not fit, or cannot be
//! written, is lost and counted; nothing else is.

use std::io::{self, Write};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// At the end nobody waits longer for the last lines to be taken.
pub const LAST_LINES: Duration = Duration::from_secs(1);
/// Texts that wait for a reader.
const MOST: usize = 256;
/// A longer one is lost: a relying party's name may be as long as a command.
const LONGEST: usize = 4096;

/// One output.
pub struct Output {
    queue: SyncSender<Vec<u8>>,
    state: Arc<(Mutex<State>, Condvar)>,
}

#[derive(Default)]
struct State {
    waiting: usize,
    lost: usize,
    why: Option<io::Error>,
}

impl Output {
    /// Starts to write to something. Without a thread all is lost, and nothing else.
    pub fn start(to: impl Write + Send + 'static) -> Self {
        let (queue, told) = sync_channel(MOST);
        let state = Arc::<(Mutex<State>, Condvar)>::default();
        let of_thread = Arc::clone(&state);
        let _ = thread::Builder::new()
            .name("output".to_owned())
            .spawn(move || write_to(to, &told, &of_thread));
        Self { queue, state }
    }

    /// Tells a text, and does not wait.
    pub fn tell(&self, text: &str) {
        self.tell_bytes(text.as_bytes());
    }

    fn tell_bytes(&self, text: &[u8]) {
        let mut state = self.state.0.lock().unwrap_or_else(PoisonError::into_inner);
        if text.len() <= LONGEST && self.queue.try_send(text.to_vec()).is_ok() {
            state.waiting += 1;
        } else {
            state.lost += 1;
        }
    }

    /// Waits until all of it is written, at most until `by`.
    ///
    /// # Errors
    /// A sentence that says what was not written.
    pub fn finish(&self, by: Instant) -> Result<(), String> {
        let (state, changed) = &*self.state;
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        while state.waiting > 0 {
            let left = by.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(format!(
                    "{} lines were not written: timed out waiting for the reader",
                    state.waiting + state.lost
                ));
            }
            state = changed
                .wait_timeout(state, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
        match (state.lost, &state.why) {
            (0, _) => Ok(()),
            (lost, Some(error)) => Err(format!("{lost} lines were not written: {error}")),
            (lost, None) => Err(format!(
                "{lost} lines were not written: timed out waiting for the reader"
            )),
        }
    }
}

/// What is written at once is told at once. What is lost is counted and is no error of the
/// writer's.
impl Write for &Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.tell_bytes(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn write_to(
    mut to: impl Write,
    told: &Receiver<Vec<u8>>,
    (state, changed): &(Mutex<State>, Condvar),
) {
    for text in told {
        let written = to.write_all(&text).and_then(|()| to.flush());
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        state.waiting = state.waiting.saturating_sub(1);
        if let Err(error) = written {
            state.lost += 1;
            state.why = Some(error);
        }
        changed.notify_all();
    }
}

/// Standard output, for events.
pub fn stdout() -> &'static Output {
    static STDOUT: OnceLock<Output> = OnceLock::new();
    STDOUT.get_or_init(|| match hybrid_process::stdout() {
        Ok(stdout) => Output::start(stdout),
        Err(_) => Output::start(Closed),
    })
}

/// In place of a standard output that is closed: what is told is lost, and counted.
struct Closed;

impl Write for Closed {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::Error::other("it is closed"))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Standard error, for people.
pub fn stderr() -> &'static Output {
    static STDERR: OnceLock<Output> = OnceLock::new();
    STDERR.get_or_init(|| Output::start(io::stderr()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;

    /// Takes nothing before it may.
    struct Asleep(Receiver<()>);

    impl Write for Asleep {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let _ = self.0.recv();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_that_sleeps_stops_nobody_and_what_it_missed_is_counted() {
        let (wake, sleeps) = channel();
        let output = Output::start(Asleep(sleeps));
        for _ in 0..1000 {
            output.tell("a line\n");
        }
        assert_eq!(
            output.finish(Instant::now()).unwrap_err(),
            "1000 lines were not written: timed out waiting for the reader"
        );
        drop(wake);
        let lost = output
            .finish(Instant::now() + Duration::from_secs(20))
            .unwrap_err();
        assert!(lost.ends_with("timed out waiting for the reader"), "{lost}");
    }
}
