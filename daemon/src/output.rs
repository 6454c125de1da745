//! An output that may be slow, full or gone: what is told goes through a bounded queue to a thread
//! of its own, so that nobody waits for a reader. What does not fit, or cannot be written, is lost
//! and counted; nothing else is.

use std::fmt;
use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;
use std::time::{Duration, Instant};
use zeroize::Zeroizing;

/// At the end nobody waits longer for the last lines to be taken.
pub const LAST_LINES: Duration = Duration::from_secs(1);

/// What may wait for a reader. A whole session tells less, unless everything is logged.
const MOST: usize = 256 << 10;
/// The thread writes, and nothing else.
const STACK: usize = 128 << 10;

/// One output.
pub struct Output {
    shared: Arc<SharedQueue>,
}

struct SharedQueue {
    queue: Mutex<Queue>,
    changed: Condvar,
    /// What is written in the place of so many lines that were lost.
    gap: fn(u64) -> String,
}

/// It may hold a code, and is wiped.
struct Queue {
    waiting: Zeroizing<Vec<u8>>,
    /// Since the last line that found room.
    gap: u64,
    lost: u64,
    why: Option<Arc<io::Error>>,
    /// Lines that the thread has taken and not yet written.
    writing: u64,
    /// How many want nothing to be written at the moment.
    held: usize,
    closed: bool,
}

/// While this is there, nothing is written: what is told waits for as long as there is room.
pub struct Held<'o>(&'o Output);

impl Output {
    /// Starts to write to something. `gap` makes the line that tells of so many that are missing.
    ///
    /// # Errors
    /// When the system has no thread left.
    pub fn start(to: impl Write + Send + 'static, gap: fn(u64) -> String) -> io::Result<Self> {
        let output = Self::idle(gap);
        let shared = Arc::clone(&output.shared);
        thread::Builder::new()
            .name("output".to_owned())
            .stack_size(STACK)
            .spawn(move || shared.write_to(to))?;
        Ok(output)
    }

    /// The same; without a thread all is lost, and nothing else.
    pub fn start_or_lose(to: impl Write + Send + 'static, gap: fn(u64) -> String) -> Self {
        Self::start(to, gap).unwrap_or_else(|_| Self::idle(gap))
    }

    fn idle(gap: fn(u64) -> String) -> Self {
        let queue = Queue {
            // Never longer, so that nothing of it is ever left behind elsewhere.
            waiting: Zeroizing::new(Vec::with_capacity(MOST)),
            gap: 0,
            lost: 0,
            why: None,
            writing: 0,
            held: 0,
            closed: false,
        };
        let shared = SharedQueue {
            queue: Mutex::new(queue),
            changed: Condvar::new(),
            gap,
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// Tells something, whole lines, and does not wait. Says whether there was room.
    pub fn tell(&self, text: &str) -> bool {
        self.tell_bytes(text.as_bytes())
    }

    fn tell_bytes(&self, bytes: &[u8]) -> bool {
        let mut queue = self.shared.lock();
        let gap = match queue.gap {
            0 => String::new(),
            lost => (self.shared.gap)(lost),
        };
        let room = queue.waiting.len() + gap.len() + bytes.len() <= MOST;
        if room {
            queue.gap = 0;
            queue.waiting.extend_from_slice(gap.as_bytes());
            queue.waiting.extend_from_slice(bytes);
        } else {
            let lines = lines(bytes);
            queue.gap += lines;
            queue.lost += lines;
        }
        drop(queue);
        self.shared.changed.notify_all();
        room
    }

    /// Writes nothing until the end of this, as another program has the terminal.
    pub fn hold(&self) -> Held<'_> {
        self.shared.lock().held += 1;
        Held(self)
    }

    /// Waits until all of it is written, at most until `by`, whoever holds it.
    ///
    /// # Errors
    /// [`Lost`] says what was not written, from the start.
    pub fn finish(&self, by: Instant) -> Result<(), Lost> {
        let mut queue = self.shared.lock();
        queue.held = 0;
        self.shared.changed.notify_all();
        while queue.writing > 0 || !queue.waiting.is_empty() {
            let Some(left) = by
                .checked_duration_since(Instant::now())
                .filter(|left| !left.is_zero())
            else {
                let lines = queue.lost + queue.writing + lines(&queue.waiting);
                return Err(Lost {
                    lines,
                    why: LostWhy::NobodyReads,
                });
            };
            let waited = self.shared.changed.wait_timeout(queue, left);
            queue = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        match queue.lost {
            0 => Ok(()),
            lines => Err(Lost {
                lines,
                why: queue
                    .why
                    .clone()
                    .map_or(LostWhy::ReadTooLate, LostWhy::System),
            }),
        }
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        self.shared.lock().closed = true;
        self.shared.changed.notify_all();
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        let mut queue = self.0.shared.lock();
        queue.held = queue.held.saturating_sub(1);
        drop(queue);
        self.0.shared.changed.notify_all();
    }
}

/// What is written at once is told at once; what was lost is an error.
impl Write for &Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.tell_bytes(bytes) {
            Ok(bytes.len())
        } else {
            Err(io::ErrorKind::StorageFull.into())
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl SharedQueue {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The writer's thread. Each byte that found room is in one of three places: it waits, it is in
    /// `taken` (its lines are counted in `writing`), or it was written or counted as lost. So the
    /// queue is empty and `writing` is zero only when nothing is on its way, which is what
    /// [`Output::finish`] waits for.
    ///
    /// The lock is held while the buffers are exchanged and never while it writes: a reader that
    /// sleeps stops this thread and nobody else. A write cannot be interrupted; the process ends
    /// with it. An output that is dropped is written to its end first.
    fn write_to(&self, mut to: impl Write) {
        let mut taken = Zeroizing::new(Vec::with_capacity(MOST));
        // Half a line stands at the end: the next must not be glued to it.
        let mut torn = false;
        loop {
            let mut queue = self.lock();
            queue.writing = 0;
            self.changed.notify_all();
            while queue.waiting.is_empty() || (queue.held > 0 && !queue.closed) {
                if queue.closed {
                    return;
                }
                queue = self
                    .changed
                    .wait(queue)
                    .unwrap_or_else(PoisonError::into_inner);
            }
            std::mem::swap(&mut queue.waiting, &mut taken);
            queue.writing = lines(&taken);
            drop(queue);
            if let Err((rest, error)) = write(&mut to, &taken, &mut torn) {
                let mut queue = self.lock();
                let lines = lines(rest);
                queue.lost += lines;
                queue.gap += lines;
                queue.why = Some(Arc::new(error));
            }
            taken.fill(0);
            taken.clear();
        }
    }
}

/// Writes all of it, or says what is left and why.
fn write<'t>(
    to: &mut impl Write,
    text: &'t [u8],
    torn: &mut bool,
) -> Result<(), (&'t [u8], io::Error)> {
    let mut rest = text;
    if *torn {
        to.write_all(b"\n").map_err(|error| (text, error))?;
        *torn = false;
    }
    while !rest.is_empty() {
        match to.write(rest) {
            Ok(0) => return Err((rest, io::ErrorKind::WriteZero.into())),
            Ok(written) => {
                *torn = rest.get(written.wrapping_sub(1)) != Some(&b'\n');
                rest = rest.get(written..).unwrap_or_default();
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err((rest, error)),
        }
    }
    *torn = false;
    to.flush().map_err(|error| (rest, error))
}

fn lines(text: &[u8]) -> u64 {
    let ends = text.iter().filter(|byte| **byte == b'\n').count() as u64;
    ends + u64::from(text.last().is_some_and(|last| *last != b'\n'))
}

/// What was not written.
#[derive(Clone, Debug)]
pub struct Lost {
    /// How many lines of text.
    pub lines: u64,
    why: LostWhy,
}

#[derive(Clone, Debug)]
enum LostWhy {
    /// Still waiting when there was no time left.
    NobodyReads,
    /// The queue was full.
    ReadTooLate,
    /// What the system said of the last write that failed.
    System(Arc<io::Error>),
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = if self.lines == 1 {
            "line was"
        } else {
            "lines were"
        };
        write!(f, "{} {lines} not written: ", self.lines)?;
        match &self.why {
            LostWhy::NobodyReads => f.write_str("no process reads it"),
            LostWhy::ReadTooLate => f.write_str("no process read it in time"),
            LostWhy::System(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Lost {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.why {
            LostWhy::NobodyReads | LostWhy::ReadTooLate => None,
            LostWhy::System(error) => Some(error),
        }
    }
}

/// Standard error, which everything that is for people goes through.
pub fn stderr() -> &'static Output {
    static STDERR: OnceLock<Output> = OnceLock::new();
    let gap =
        |lost| format!("({lost} lines were dropped here, because no process read them in time)\n");
    STDERR.get_or_init(|| Output::start_or_lose(io::stderr(), gap))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    fn gap(lost: u64) -> String {
        format!("{lost} lost\n")
    }

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(20)
    }

    /// Takes a write for each permission, and keeps what it took.
    struct Slow {
        asked: mpsc::Sender<()>,
        may: mpsc::Receiver<io::Result<usize>>,
        took: Arc<Mutex<Vec<u8>>>,
    }

    impl Write for Slow {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let _ = self.asked.send(());
            let most = self.may.recv().unwrap_or(Ok(usize::MAX))?;
            let taken = &bytes[..most.min(bytes.len())];
            self.took.lock().unwrap().extend_from_slice(taken);
            Ok(taken.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    type Permit = mpsc::Sender<io::Result<usize>>;
    type Took = Arc<Mutex<Vec<u8>>>;
    type Asked = mpsc::Receiver<()>;

    fn slow() -> (Output, Permit, Took) {
        let (output, permit, took, _) = slow_that_says_when();
        (output, permit, took)
    }

    fn slow_that_says_when() -> (Output, Permit, Took, Asked) {
        let (permit, may) = mpsc::channel();
        let (asked, asks) = mpsc::channel();
        let took = Took::default();
        let to = Slow {
            asked,
            may,
            took: Arc::clone(&took),
        };
        (Output::start(to, gap).unwrap(), permit, took, asks)
    }

    fn text(took: &Mutex<Vec<u8>>) -> String {
        String::from_utf8(took.lock().unwrap().clone()).unwrap()
    }

    #[test]
    fn what_is_told_is_written_in_order_before_the_end() {
        let (output, permit, took) = slow();
        drop(permit);
        for line in ["one\n", "two\n", "three\n"] {
            assert!(output.tell(line));
        }
        assert!(output.finish(soon()).is_ok());
        assert_eq!(text(&took), "one\ntwo\nthree\n");
    }

    #[test]
    fn a_reader_that_sleeps_stops_nobody_and_is_told_what_it_missed() {
        let (output, permit, took, asks) = slow_that_says_when();
        output.tell("first\n");
        asks.recv().unwrap();
        let line = format!("{}\n", "x".repeat(1023));
        let room = (0..1000).filter(|_| output.tell(&line)).count();
        assert_eq!(room, 256);
        let lost = output.finish(Instant::now()).unwrap_err();
        assert_eq!(
            lost.to_string(),
            "1001 lines were not written: no process reads it"
        );
        drop(permit);
        let _ = output.finish(soon());
        assert!(output.tell("last\n"));
        assert_eq!(
            output.finish(soon()).unwrap_err().lines,
            (1000 - room) as u64
        );
        assert!(text(&took).ends_with(&format!("x\n{} lost\nlast\n", 1000 - room)));
    }

    #[test]
    fn what_a_full_disk_refuses_is_counted_and_no_line_is_glued_to_half_a_line() {
        let (output, permit, took) = slow();
        permit.send(Ok(2)).unwrap();
        permit.send(Err(io::ErrorKind::StorageFull.into())).unwrap();
        output.tell("first\n");
        let lost = output.finish(soon()).unwrap_err();
        assert_eq!(lost.lines, 1);
        drop(permit);
        output.tell("second\n");
        let _ = output.finish(soon());
        assert_eq!(text(&took), "fi\n1 lost\nsecond\n");
    }

    #[test]
    fn what_is_told_while_another_program_has_the_terminal_is_written_afterwards() {
        let (output, permit, took, asks) = slow_that_says_when();
        drop(permit);
        let (first, second) = (output.hold(), output.hold());
        output.tell("one\n");
        drop(first);
        output.tell("two\n");
        assert!(asks.try_recv().is_err(), "nothing was written");
        drop(second);
        assert!(output.finish(soon()).is_ok());
        assert_eq!(text(&took), "one\ntwo\n");
        // The last words are not held back.
        let _held = output.hold();
        output.tell("end\n");
        assert!(output.finish(soon()).is_ok());
        assert_eq!(text(&took), "one\ntwo\nend\n");
    }

    #[test]
    fn an_output_that_nobody_holds_any_more_is_still_written() {
        let (output, permit, took) = slow();
        output.tell("last\n");
        drop(output);
        drop(permit);
        let by = soon();
        while text(&took) != "last\n" && Instant::now() < by {
            thread::yield_now();
        }
        assert_eq!(text(&took), "last\n");
    }
}
