//! The kernel's end of `/dev/uhid`, and a program at the device: a pair of sockets in its place.

use rustix::fd::OwnedFd;
use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair};
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;
use tokio::sync::mpsc;

/// A device that says nothing for this long says nothing any more.
const PATIENCE: Duration = Duration::from_secs(10);

const DESTROY: u32 = 1;
const START: u32 = 2;
const STOP: u32 = 3;
const OPEN: u32 = 4;
const CLOSE: u32 = 5;
const OUTPUT: u32 = 6;
const CREATE2: u32 = 11;
const INPUT2: u32 = 12;

/// CTAPHID's numbers, with the bit of a first frame.
const INIT: u8 = 0x86;
const CBOR: u8 = 0x90;
const CANCEL: u8 = 0x91;
const KEEPALIVE: u8 = 0xbb;

/// The kernel.
pub struct Kernel {
    devices: mpsc::UnboundedReceiver<UhidDevice>,
    trouble: Arc<Mutex<Option<io::ErrorKind>>>,
}

impl Kernel {
    /// The kernel, and the way to open its `/dev/uhid`.
    pub fn new() -> (Self, impl Fn() -> io::Result<OwnedFd> + Send + 'static) {
        let (sender, devices) = mpsc::unbounded_channel();
        let trouble = Arc::<Mutex<_>>::default();
        let kernel = Self {
            devices,
            trouble: Arc::clone(&trouble),
        };
        let open = move || {
            if let Some(kind) = *trouble.lock().unwrap_or_else(PoisonError::into_inner) {
                return Err(kind.into());
            }
            let flags = SocketFlags::CLOEXEC;
            let (ours, theirs) =
                socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, flags, None)?;
            let (events, heard) = mpsc::unbounded_channel();
            let file = Arc::new(ours);
            let device = UhidDevice {
                writer: UhidWriter(Arc::clone(&file)),
                heard,
            };
            thread::spawn(move || serve(&file, &events));
            // Nobody may look at this device.
            let _ = sender.send(device);
            Ok(theirs)
        };
        (kernel, open)
    }

    /// Whoever opens `/dev/uhid` from now on gets this error, or none.
    pub fn fail(&self, kind: Option<io::ErrorKind>) {
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = kind;
    }

    /// The next device that somebody makes.
    ///
    /// # Errors
    /// A sentence.
    pub async fn device(&mut self) -> Result<UhidDevice, String> {
        let next = within(self.devices.recv(), "a device is made").await?;
        let mut device = next.ok_or("nobody makes devices any more")?;
        let made = device.event("it is created").await?;
        match made {
            Some((CREATE2, _)) => Ok(device),
            other => Err(format!("the device begins with {other:?}")),
        }
    }
}

/// What the kernel does with what is written.
fn serve(file: &OwnedFd, events: &mpsc::UnboundedSender<(u32, Vec<u8>)>) {
    let mut buffer = [0; 4400];
    while let Ok(size @ 1..) = rustix::io::read(file, &mut buffer) {
        let Some((kind, body)) = buffer.get(..size).and_then(<[u8]>::split_first_chunk) else {
            return;
        };
        let kind = u32::from_ne_bytes(*kind);
        let answer = match kind {
            CREATE2 => Some(START),
            DESTROY => Some(STOP),
            _ => None,
        };
        let _ = events.send((kind, body.to_vec()));
        if let Some(answer) = answer {
            let _ = rustix::io::write(file, &answer.to_ne_bytes());
        }
        if kind == DESTROY {
            return;
        }
    }
}

/// A way to write events.
#[derive(Clone)]
pub struct UhidWriter(Arc<OwnedFd>);

impl UhidWriter {
    /// Writes a report as it is, of any size up to 4096 bytes.
    ///
    /// # Errors
    /// A sentence.
    pub fn raw(&self, report: &[u8]) -> Result<(), String> {
        let mut body = report.to_vec();
        body.resize(4096, 0);
        body.extend(
            u16::try_from(report.len())
                .unwrap_or(u16::MAX)
                .to_ne_bytes(),
        );
        self.tell(OUTPUT, &body)
    }

    /// Writes an event as it is.
    ///
    /// # Errors
    /// A sentence.
    pub fn tell(&self, kind: u32, body: &[u8]) -> Result<(), String> {
        let bytes = [&kind.to_ne_bytes()[..], body].concat();
        let written = rustix::io::write(&*self.0, &bytes);
        written
            .map(drop)
            .map_err(|error| format!("the service does not read its device: {error}"))
    }
}

/// A device, and a program that has it open.
pub struct UhidDevice {
    writer: UhidWriter,
    heard: mpsc::UnboundedReceiver<(u32, Vec<u8>)>,
}

impl UhidDevice {
    /// The program opens it and asks for a channel.
    ///
    /// # Errors
    /// A sentence.
    pub async fn open(&mut self) -> Result<[u8; 4], String> {
        self.writer.tell(OPEN, &[])?;
        self.message(&[0xff; 4], INIT, b"8 bytes!")?;
        loop {
            let report = self.report().await?;
            if let [0xff, 0xff, 0xff, 0xff, INIT, _, _, answer @ ..] = &report[..]
                && let Some(([b'8', ..], rest)) = answer.split_first_chunk::<8>()
                && let Some(channel) = rest.first_chunk()
            {
                return Ok(*channel);
            }
        }
    }

    /// The program closes it.
    ///
    /// # Errors
    /// A sentence.
    pub fn close(&self) -> Result<(), String> {
        self.writer.tell(CLOSE, &[])
    }

    /// The program sends a CTAP command.
    ///
    /// # Errors
    /// A sentence.
    pub fn command(&self, channel: &[u8; 4], command: &[u8]) -> Result<(), String> {
        self.message(channel, CBOR, command)
    }

    /// The program wants no answer any more.
    ///
    /// # Errors
    /// A sentence.
    pub fn cancel(&self, channel: &[u8; 4]) -> Result<(), String> {
        self.message(channel, CANCEL, &[])
    }

    /// The status of the reply on this channel. Keepalives are passed over.
    ///
    /// # Errors
    /// A sentence, also for any other message.
    pub async fn status(&mut self, channel: &[u8; 4]) -> Result<u8, String> {
        loop {
            let report = self.report().await?;
            match &report[..] {
                [a, b, c, d, ..] if [*a, *b, *c, *d] != *channel => {}
                [_, _, _, _, KEEPALIVE, ..] => {}
                // The rest of a long reply.
                [_, _, _, _, 0..0x80, ..] => {}
                [_, _, _, _, CBOR, _, _, status, ..] => return Ok(*status),
                other => return Err(format!("a program was answered {other:02x?}")),
            }
        }
    }

    /// Waits until the service has taken the device away.
    ///
    /// # Errors
    /// A sentence.
    pub async fn gone(&mut self) -> Result<(), String> {
        while let Some((kind, _)) = self.event("the device goes").await? {
            if kind == DESTROY {
                return Ok(());
            }
        }
        Ok(())
    }

    /// For what is not a program's way to write.
    pub fn writer(&self) -> UhidWriter {
        self.writer.clone()
    }

    /// Waits for a keepalive on this channel.
    ///
    /// # Errors
    /// A sentence, also for any other message.
    pub async fn keepalive(&mut self, channel: &[u8; 4]) -> Result<(), String> {
        loop {
            let report = self.report().await?;
            match &report[..] {
                [a, b, c, d, ..] if [*a, *b, *c, *d] != *channel => {}
                [_, _, _, _, KEEPALIVE, ..] => return Ok(()),
                other => return Err(format!("a program was answered {other:02x?}")),
            }
        }
    }

    /// The next report for programs.
    async fn report(&mut self) -> Result<Vec<u8>, String> {
        loop {
            match self.event("a report comes").await? {
                // 2B size + data
                Some((INPUT2, body)) => return Ok(body.get(2..).unwrap_or_default().to_vec()),
                Some((DESTROY, _)) | None => return Err("the device is gone".to_owned()),
                Some(_) => {}
            }
        }
    }

    async fn event(&mut self, what: &str) -> Result<Option<(u32, Vec<u8>)>, String> {
        within(self.heard.recv(), what).await
    }

    fn message(&self, channel: &[u8; 4], command: u8, data: &[u8]) -> Result<(), String> {
        let (first, rest) = data.split_at(data.len().min(57));
        let size = u16::try_from(data.len()).unwrap_or(u16::MAX).to_be_bytes();
        let mut reports = vec![[&channel[..], &[command], &size, first].concat()];
        for (sequence, chunk) in (0..).zip(rest.chunks(59)) {
            reports.push([&channel[..], &[sequence], chunk].concat());
        }
        for mut report in reports {
            report.resize(64, 0);
            // A host writes a zero in place of the report's number.
            self.writer.raw(&[&[0], report.as_slice()].concat())?;
        }
        Ok(())
    }
}

async fn within<T>(wait: impl Future<Output = T>, what: &str) -> Result<T, String> {
    tokio::time::timeout(PATIENCE, wait)
        .await
        .map_err(|_| format!("not within {} s: {what}", PATIENCE.as_secs()))
}
