//! The device: made when this value is, gone when it is dropped.
//!
//! The kernel keeps 32 events for us and drops what comes on top, and a program's long message is
//! 129 of them. So a thread does nothing but take them out.

use super::event::{EVENT_SIZE, FromKernel, ToKernel};
use rustix::fd::OwnedFd;
use rustix::io::Errno;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use tokio::sync::mpsc::{self, error::TrySendError};

/// Events that may wait for us: seven of the longest messages. What comes on top is dropped, and
/// the key answers the gap.
const QUEUE: usize = 1024;

/// A device of the kernel.
pub struct Device {
    file: Arc<OwnedFd>,
    events: mpsc::Receiver<Result<FromKernel, DeviceEnd>>,
    dropped: Arc<AtomicU64>,
}

/// Why there are no more events.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DeviceEnd {
    /// The kernel stopped the device.
    Stopped,
    /// It cannot be read.
    Unreadable(Errno),
}

impl Device {
    /// Makes the device of an open `/dev/uhid`.
    ///
    /// # Errors
    /// What the kernel or the thread says.
    pub fn create(file: OwnedFd) -> io::Result<Self> {
        let file = Arc::new(file);
        let (sender, events) = mpsc::channel(QUEUE);
        let dropped = Arc::new(AtomicU64::new(0));
        let made = Self {
            file: Arc::clone(&file),
            events,
            dropped: Arc::clone(&dropped),
        };
        made.write(&ToKernel::Create)?;
        thread::Builder::new()
            .name("uhid".to_owned())
            .spawn(move || drain(&file, &sender, &dropped))?;
        Ok(made)
    }

    /// Tells the kernel something.
    ///
    /// # Errors
    /// What the kernel says.
    pub fn write(&self, event: &ToKernel) -> io::Result<()> {
        let bytes = event.bytes();
        let written = loop {
            match rustix::io::write(&*self.file, &bytes) {
                Err(Errno::INTR) => {}
                other => break other?,
            }
        };
        if written == bytes.len() {
            Ok(())
        } else {
            Err(io::ErrorKind::WriteZero.into())
        }
    }

    /// The next event of the kernel.
    pub async fn next(&mut self) -> Result<FromKernel, DeviceEnd> {
        let next = self.events.recv().await;
        next.unwrap_or(Err(DeviceEnd::Stopped))
    }

    /// How many events wait.
    pub fn count(&self) -> usize {
        self.events.len()
    }

    /// The next one, when it is there already.
    pub fn waiting(&mut self) -> Option<Result<FromKernel, DeviceEnd>> {
        self.events.try_recv().ok()
    }

    /// How many events were dropped since this was asked last.
    pub fn dropped(&self) -> u64 {
        self.dropped.swap(0, Ordering::Relaxed)
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        // First: whatever wakes the thread then ends it, and the last handle goes with it.
        self.events.close();
        // It fails when the kernel has taken the device away already.
        let _ = self.write(&ToKernel::Destroy);
    }
}

fn drain(
    file: &OwnedFd,
    events: &mpsc::Sender<Result<FromKernel, DeviceEnd>>,
    dropped: &AtomicU64,
) {
    let mut buffer = [0; EVENT_SIZE];
    loop {
        let next = match rustix::io::read(file, &mut buffer) {
            Ok(0) => Err(DeviceEnd::Stopped),
            Ok(size) => match buffer.get(..size).and_then(FromKernel::parse) {
                Some(FromKernel::Stop) => Err(DeviceEnd::Stopped),
                Some(event) => Ok(event),
                None => continue,
            },
            Err(Errno::INTR) => continue,
            Err(error) => Err(DeviceEnd::Unreadable(error)),
        };
        let end = next.is_err();
        match events.try_send(next) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => {
                dropped.fetch_add(1, Ordering::Relaxed);
            }
            Err(TrySendError::Closed(_)) => return,
        }
        if end {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair};

    /// The device and the kernel's end of it, which keeps the borders of what is written.
    fn pair() -> (OwnedFd, OwnedFd) {
        let flags = SocketFlags::CLOEXEC;
        socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, flags, None).unwrap()
    }

    fn read(kernel: &OwnedFd) -> Vec<u8> {
        let mut buffer = [0; EVENT_SIZE];
        let size = rustix::io::read(kernel, &mut buffer).unwrap();
        buffer[..size].to_vec()
    }

    fn output(kernel: &OwnedFd, byte: u8) {
        let mut bytes = 6u32.to_ne_bytes().to_vec();
        bytes.resize(4 + 64, byte);
        bytes.resize(4 + 4096, 0);
        bytes.extend(64u16.to_ne_bytes());
        rustix::io::write(kernel, &bytes).unwrap();
    }

    #[tokio::test]
    async fn the_device_is_made_first_and_destroyed_last_and_its_handle_is_closed() {
        let (ours, kernel) = pair();
        let mut device = Device::create(ours).unwrap();
        assert_eq!(read(&kernel), ToKernel::Create.bytes());
        rustix::io::write(&kernel, &2u32.to_ne_bytes()).unwrap();
        assert_eq!(device.next().await, Ok(FromKernel::Start));
        drop(device);
        assert_eq!(read(&kernel), ToKernel::Destroy.bytes());
        // The kernel's word for it, which wakes the thread.
        rustix::io::write(&kernel, &3u32.to_ne_bytes()).unwrap();
        assert_eq!(read(&kernel), [0; 0], "end of file");
    }

    #[tokio::test]
    async fn the_kernel_is_drained_while_nobody_takes_events_and_what_is_too_much_is_counted() {
        let (ours, kernel) = pair();
        let mut device = Device::create(ours).unwrap();
        read(&kernel);
        for _ in 0..QUEUE + 5 {
            output(&kernel, 1);
        }
        // Ends the thread when it has read all of this.
        drop(kernel);
        let mut taken = 0;
        let mut dropped = 0;
        while let Ok(event) = device.next().await {
            assert_eq!(event, FromKernel::Output(vec![1; 64]));
            taken += 1;
            dropped += device.dropped();
        }
        dropped += device.dropped();
        assert!(taken >= QUEUE, "{taken}");
        assert!(
            taken as u64 + dropped >= QUEUE as u64 + 5,
            "{taken} {dropped}"
        );
    }
}
