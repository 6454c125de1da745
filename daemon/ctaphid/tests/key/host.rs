//! Programs on one side, an agent on the other, a key between, and a clock that is only a number.

use hybrid_ctaphid::{Ask, Input, Note, Outcome, Output, SecurityKey, Ticket, Wait, WorkKind};
use std::time::{Duration, Instant};

pub const PING: u8 = 0x01;
pub const MSG: u8 = 0x03;
pub const INIT: u8 = 0x06;
pub const CBOR: u8 = 0x10;
pub const CANCEL: u8 = 0x11;
pub const KEEPALIVE: u8 = 0x3b;
pub const ERROR: u8 = 0x3f;
pub const BROADCAST: u32 = u32::MAX;

/// Channel, command and data.
pub type Heard = (u32, u8, Vec<u8>);

pub struct Host {
    pub key: SecurityKey,
    pub now: Instant,
    pub start: Instant,
    /// Messages that came, keepalives apart.
    pub heard: Vec<Heard>,
    /// When keepalives came, for whom, and what they said.
    pub keepalives: Vec<(Duration, u32, u8)>,
    pub asked: Vec<(Ticket, Ask)>,
    pub withdrawn: Vec<Ticket>,
    pub finished: Vec<(WorkKind, Outcome)>,
    pub notes: Vec<Note>,
    /// Which deadlines were waited for.
    pub waits: Vec<Wait>,
    partial: Option<(u32, u8, usize, u8, Vec<u8>)>,
}

impl Host {
    pub fn new() -> Self {
        let start = Instant::now();
        Self {
            key: SecurityKey::new([7; 32], "alice on desk"),
            now: start,
            start,
            heard: Vec::new(),
            keepalives: Vec::new(),
            asked: Vec::new(),
            withdrawn: Vec::new(),
            finished: Vec::new(),
            notes: Vec::new(),
            waits: Vec::new(),
            partial: None,
        }
    }

    /// A key, and a channel on it.
    pub fn with_channel() -> (Self, u32) {
        let mut host = Self::new();
        let channel = host.open();
        (host, channel)
    }

    pub fn open(&mut self) -> u32 {
        self.send(BROADCAST, INIT, b"8 bytes!");
        let (channel, command, data) = self.only();
        assert_eq!((channel, command, data.len()), (BROADCAST, INIT, 17));
        u32::from_be_bytes(data[8..12].try_into().unwrap())
    }

    pub fn input(&mut self, input: Input<'_>) {
        self.key.handle_input(input, self.now);
        self.drain();
    }

    pub fn report(&mut self, report: &[u8]) {
        self.input(Input::Report(report));
    }

    /// Sends a message as the kernel hands it over, reports of 65 bytes.
    pub fn send(&mut self, channel: u32, command: u8, data: &[u8]) {
        for report in reports(channel, command, data) {
            self.report(&[&[0], report.as_slice()].concat());
        }
    }

    /// Sends a CTAP command and returns what is answered at once.
    pub fn ctap(&mut self, channel: u32, command: &[u8]) -> Option<Vec<u8>> {
        self.send(channel, CBOR, command);
        self.reply(channel)
    }

    /// The one message that came, which is a CTAP reply on this channel.
    pub fn reply(&mut self, channel: u32) -> Option<Vec<u8>> {
        self.settle();
        let heard = core::mem::take(&mut self.heard);
        assert!(heard.len() <= 1, "{heard:02x?}");
        heard.into_iter().next().map(|(from, command, data)| {
            assert_eq!((from, command), (channel, CBOR), "{data:02x?}");
            data
        })
    }

    /// The one message that came.
    pub fn only(&mut self) -> Heard {
        self.settle();
        let mut heard = core::mem::take(&mut self.heard);
        assert_eq!(heard.len(), 1, "{heard:02x?}");
        heard.remove(0)
    }

    /// The one question that was asked.
    pub fn ask(&mut self) -> (Ticket, Ask) {
        assert_eq!(self.asked.len(), 1, "{:?}", self.asked);
        self.asked.remove(0)
    }

    pub fn advance(&mut self, by: Duration) {
        let end = self.now + by;
        while let Some((at, wait)) = self.key.poll_timeout().filter(|(at, _)| *at <= end) {
            self.waits.push(wait);
            self.now = self.now.max(at);
            self.key.handle_timeout(self.now);
            self.drain();
        }
        self.now = end;
    }

    /// Lets a reply that is sent in bursts come through.
    pub fn settle(&mut self) {
        while let Some((at, Wait::Pause)) = self.key.poll_timeout() {
            self.advance(at.saturating_duration_since(self.now));
        }
    }

    /// Takes all outputs and says how many there were.
    pub fn drain(&mut self) -> usize {
        let mut count = 0;
        while let Some(output) = self.key.poll_output() {
            count += 1;
            match output {
                Output::Report(report) => self.read(report.bytes()),
                Output::Ask(ticket, ask) => self.asked.push((ticket, ask)),
                Output::Withdraw(ticket) => self.withdrawn.push(ticket),
                Output::Finished { kind, outcome, .. } => self.finished.push((kind, outcome)),
                Output::Note(note) => self.notes.push(note),
            }
        }
        count
    }

    /// Reads a report as the strictest client does: nothing may come between the frames of a
    /// message.
    fn read(&mut self, report: &[u8; 64]) {
        let channel = u32::from_be_bytes(report[..4].try_into().unwrap());
        let (command, length, sequence, mut data) = match self.partial.take() {
            None => {
                assert!(report[4] & 0x80 != 0, "a message begins");
                let length = usize::from(u16::from_be_bytes([report[5], report[6]]));
                (report[4] & 0x7f, length, 0, report[7..].to_vec())
            }
            Some((of, command, length, sequence, mut data)) => {
                assert_eq!(
                    (channel, report[4]),
                    (of, sequence),
                    "nothing comes between"
                );
                data.extend_from_slice(&report[5..]);
                (command, length, sequence + 1, data)
            }
        };
        if data.len() < length {
            self.partial = Some((channel, command, length, sequence, data));
            return;
        }
        assert!(data[length..].iter().all(|byte| *byte == 0), "padding");
        data.truncate(length);
        if command == KEEPALIVE {
            self.keepalives
                .push((self.now - self.start, channel, data[0]));
        } else {
            self.heard.push((channel, command, data));
        }
    }
}

/// The reports of a message, written independently of the crate.
pub fn reports(channel: u32, command: u8, data: &[u8]) -> Vec<Vec<u8>> {
    let (first, rest) = data.split_at(data.len().min(57));
    let id = channel.to_be_bytes();
    let size = u16::try_from(data.len()).unwrap().to_be_bytes();
    let mut all = vec![[&id[..], &[command | 0x80], &size, first].concat()];
    for (sequence, chunk) in (0..).zip(rest.chunks(59)) {
        let sequence: u8 = sequence;
        all.push([&id[..], &[sequence], chunk].concat());
    }
    all.iter_mut().for_each(|report| report.resize(64, 0));
    all
}
