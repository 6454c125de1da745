//! One connection, over TLS or not.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustls::ServerConnection;
use std::io::{ErrorKind, Read as _, Write};
use std::net::TcpStream;

/// The connection is over.
pub struct Gone;

pub struct Line {
    socket: Socket,
    tls: Option<Box<ServerConnection>>,
}

impl Line {
    pub fn new(stream: TcpStream, tls: Option<Box<ServerConnection>>) -> Self {
        Self {
            socket: Socket(stream),
            tls,
        }
    }

    /// Reads once; how much was read from the socket, if anything was there, and what it says.
    pub fn read<'a>(
        &mut self,
        buffer: &'a mut [u8],
        plain: &'a mut Vec<u8>,
    ) -> Result<Option<(usize, &'a mut [u8])>, Gone> {
        let read = match self.socket.0.read(buffer) {
            Ok(0) => return Err(Gone),
            Ok(read) => read,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
            Err(_) => return Err(Gone),
        };
        let bytes = &mut buffer[..read];
        let Some(tls) = &mut self.tls else {
            return Ok(Some((read, bytes)));
        };
        plain.clear();
        let mut left = &*bytes;
        while !left.is_empty() {
            tls.read_tls(&mut left).map_err(|_| Gone)?;
            let state = tls.process_new_packets().map_err(|_| Gone)?;
            let at = plain.len();
            plain.resize(at + state.plaintext_bytes_to_read(), 0);
            let _ = tls.reader().read(&mut plain[at..]);
            flush(tls, &mut self.socket)?;
            if state.peer_has_closed() {
                return Err(Gone);
            }
        }
        Ok(Some((read, plain)))
    }

    pub fn write(&mut self, bytes: &[u8]) -> Result<(), Gone> {
        let Some(tls) = &mut self.tls else {
            return self.socket.write_all(bytes).map_err(|_| Gone);
        };
        tls.writer().write_all(bytes).map_err(|_| Gone)?;
        flush(tls, &mut self.socket)
    }
}

fn flush(tls: &mut ServerConnection, socket: &mut Socket) -> Result<(), Gone> {
    while tls.wants_write() {
        tls.write_tls(socket).map_err(|_| Gone)?;
    }
    Ok(())
}

/// Waits where a relay would go on with others.
struct Socket(TcpStream);

impl Write for Socket {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        loop {
            match self.0.write(bytes) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    let mut room = [PollFd::new(&self.0, PollFlags::OUT)];
                    let second = Timespec {
                        tv_sec: 1,
                        tv_nsec: 0,
                    };
                    poll(&mut room, Some(&second))?;
                }
                written => return written,
            }
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
