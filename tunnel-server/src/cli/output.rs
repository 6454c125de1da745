//! Something that is written to and may fail, or not be read, at any time: lines wait in a short
//! queue, and a thread writes them, so that nobody but that thread ever waits for whoever reads.
//! What could not be written is counted, and said once something can be written again.

use core::mem;
use core::time::Duration;
use std::collections::VecDeque;
use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Instant;

/// Bytes that wait to be written; when they are more, what comes is lost.
const MOST: usize = 256 * 1024;
/// How often at most it is said that lines were left out.
const SAY: Duration = Duration::from_secs(1);
/// How long an output that would have to be waited for is left alone.
const RETRY: Duration = Duration::from_millis(50);
/// How long at the end of the program the last lines are waited for.
const FAREWELL: Duration = Duration::from_secs(1);
/// The thread does nothing but write and, for a notice, format one line.
const STACK: usize = 256 * 1024;

/// A queue and the thread that empties it; a clone is the same output.
#[derive(Clone)]
pub(crate) struct Output(Arc<OutputQueue>);

/// What is not in the output although it belongs there.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) struct Missing {
    /// Lines that could not be written, or that came while nobody read.
    pub(crate) unwritten: u64,
    /// Lines that were too many.
    pub(crate) too_many: u64,
}

#[derive(Default)]
struct OutputQueue {
    state: Mutex<QueueState>,
    changed: Condvar,
}

#[derive(Default)]
struct QueueState {
    lines: VecDeque<Vec<u8>>,
    bytes: usize,
    missing: Missing,
    /// When [`Self::missing`] is to be said.
    due: Option<Instant>,
    /// Whether the thread is at a line.
    busy: bool,
    /// The last line could not be written: nothing is said until one can.
    failing: bool,
    /// What is left is written at once.
    ending: bool,
}

impl Output {
    /// Starts the thread. `notice` makes the line that says what is missing; an empty one is not
    /// written.
    pub(crate) fn start(
        name: &str,
        to: impl Write + Send + 'static,
        notice: impl Fn(Missing) -> Vec<u8> + Send + 'static,
    ) -> io::Result<Self> {
        let queue = Arc::new(OutputQueue::default());
        let output = Self(Arc::clone(&queue));
        let thread = thread::Builder::new()
            .name(name.to_owned())
            .stack_size(STACK);
        thread.spawn(move || queue.write_all(&mut Sheet { to, torn: false }, &notice))?;
        Ok(output)
    }

    /// Has a line written soon. Never waits.
    pub(crate) fn push(&self, line: &[u8]) {
        let mut state = self.0.lock();
        if state.bytes + line.len() > MOST {
            state.missing.unwritten += 1;
            state.say();
        } else {
            state.bytes += line.len();
            state.lines.push_back(line.to_vec());
        }
        drop(state);
        self.0.changed.notify_all();
    }

    /// Counts a line that is left out because there are too many.
    pub(crate) fn leave_out(&self) {
        let mut state = self.0.lock();
        state.missing.too_many += 1;
        state.say();
        drop(state);
        self.0.changed.notify_all();
    }

    /// Waits until everything is written, or nobody reads it.
    pub(crate) fn finish(&self) {
        let mut state = self.0.lock();
        state.ending = true;
        self.0.changed.notify_all();
        let _ = self
            .0
            .changed
            .wait_timeout_while(state, FAREWELL, |state| !state.is_done());
    }
}

impl OutputQueue {
    fn lock(&self) -> MutexGuard<'_, QueueState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write_all(&self, to: &mut Sheet<impl Write>, notice: &impl Fn(Missing) -> Vec<u8>) {
        loop {
            let (line, missing) = self.next();
            let line = line.unwrap_or_else(|| notice(missing));
            let written = line.is_empty() || to.line(&line).is_ok();
            let mut state = self.lock();
            state.busy = false;
            state.failing = !written;
            if !written {
                // A notice that is lost is no line that is lost.
                if missing == Missing::default() {
                    state.missing.unwritten += 1;
                }
                state.missing.unwritten += missing.unwritten;
                state.missing.too_many += missing.too_many;
                state.say();
            }
            drop(state);
            self.changed.notify_all();
        }
    }

    /// The next line, or what is missing when it is time to say so.
    fn next(&self) -> (Option<Vec<u8>>, Missing) {
        let mut state = self.lock();
        loop {
            let now = Instant::now();
            let due = { state.due }.filter(|_| !state.failing);
            let is_time =
                due.is_some_and(|due| due <= now || state.ending && state.lines.is_empty());
            if is_time {
                state.busy = true;
                state.due = None;
                return (None, mem::take(&mut state.missing));
            }
            if let Some(line) = state.lines.pop_front() {
                state.busy = true;
                state.bytes -= line.len();
                return (Some(line), Missing::default());
            }
            state = match due {
                Some(due) => {
                    let waited = self.changed.wait_timeout(state, due - now);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
                None => self
                    .changed
                    .wait(state)
                    .unwrap_or_else(PoisonError::into_inner),
            };
        }
    }
}

impl QueueState {
    fn say(&mut self) {
        self.due.get_or_insert_with(|| Instant::now() + SAY);
    }

    fn is_done(&self) -> bool {
        self.lines.is_empty() && !self.busy && (self.due.is_none() || self.failing)
    }
}

/// Where lines go, and whether the last one was broken off.
struct Sheet<W> {
    to: W,
    torn: bool,
}

impl<W: Write> Sheet<W> {
    fn line(&mut self, line: &[u8]) -> io::Result<()> {
        if self.torn {
            self.whole(b"\n")?;
            self.torn = false;
        }
        self.whole(line)
    }

    fn whole(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            match self.to.write(bytes) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => {
                    self.torn = true;
                    bytes = bytes.get(written..).unwrap_or_default();
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // Somebody who shares it made it non-blocking.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => thread::sleep(RETRY),
                Err(error) => return Err(error),
            }
        }
        self.torn = false;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::{Receiver, Sender, channel};

    /// Writes what it is given as long as it is told how many bytes it may.
    struct Disk {
        room: Receiver<usize>,
        left: usize,
        written: Arc<Mutex<Vec<u8>>>,
    }

    impl Write for Disk {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if self.left == 0 {
                // 0 is a full disk; until something is said, nobody reads.
                self.left = self.room.recv().map_err(|_| io::ErrorKind::BrokenPipe)?;
            }
            if self.left == 0 {
                return Err(io::ErrorKind::StorageFull.into());
            }
            let n = bytes.len().min(self.left);
            self.left -= n;
            self.written.lock().unwrap().extend_from_slice(&bytes[..n]);
            Ok(n)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn disk() -> (Output, Sender<usize>, Arc<Mutex<Vec<u8>>>) {
        let (say, room) = channel();
        let written = Arc::new(Mutex::new(Vec::new()));
        let disk = Disk {
            room,
            left: 0,
            written: Arc::clone(&written),
        };
        let notice = |missing: Missing| {
            format!("-{} -{}\n", missing.unwritten, missing.too_many).into_bytes()
        };
        (Output::start("test", disk, notice).unwrap(), say, written)
    }

    fn text(written: &Mutex<Vec<u8>>) -> String {
        String::from_utf8(written.lock().unwrap().clone()).unwrap()
    }

    #[test]
    fn what_a_full_disk_lost_is_said_when_there_is_room_and_a_broken_line_is_ended() {
        let (output, room, written) = disk();
        for line in [b"first\n", b"other\n", b"third\n"] {
            output.push(line);
        }
        for more in [3, 0, 0, 1000] {
            room.send(more).unwrap();
        }
        output.finish();
        assert_eq!(text(&written), "fir\nthird\n-2 -0\n");
    }

    #[test]
    fn nobody_waits_for_a_reader_that_sleeps_and_what_came_meanwhile_is_counted() {
        let (output, room, written) = disk();
        let line = [b'x'; 1023]
            .iter()
            .chain(b"\n")
            .copied()
            .collect::<Vec<_>>();
        for _ in 0..1000 {
            output.push(&line);
        }
        // One that the thread holds, and as many as there is room for: what else came is lost.
        room.send(usize::MAX).unwrap();
        output.finish();
        let text = text(&written);
        let (kept, said) = text.rsplit_once("x\n").unwrap();
        let kept = kept.lines().count();
        assert!(kept == 256 || kept == 257, "{kept}");
        assert_eq!(said, format!("-{} -0\n", 1000 - kept));
    }

    #[test]
    fn lines_that_are_too_many_are_said_at_the_end_if_not_before() {
        let (output, room, written) = disk();
        room.send(usize::MAX).unwrap();
        output.push(b"one\n");
        output.leave_out();
        output.leave_out();
        output.finish();
        assert_eq!(text(&written), "one\n-0 -2\n");
    }

    #[test]
    fn the_end_does_not_wait_for_a_reader_that_sleeps_nor_for_a_disk_that_stays_full() {
        let (asleep, _room, _) = disk();
        asleep.push(b"line\n");
        asleep.finish();
        let (full, room, written) = disk();
        room.send(0).unwrap();
        full.push(b"line\n");
        full.finish();
        assert_eq!(text(&written), "");
    }
}
