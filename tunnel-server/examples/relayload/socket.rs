//! A client's WebSocket, as lean as it can be, so that what is measured is the relay.

use std::io;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

pub trait Bytes: AsyncRead + AsyncWrite + Unpin {}
impl<T: AsyncRead + AsyncWrite + Unpin> Bytes for T {}

pub struct Socket {
    stream: Box<dyn Bytes>,
    read: Vec<u8>,
    taken: usize,
    written: Vec<u8>,
}

/// A frame that was read: its opcode, and its length.
pub type Frame = (u8, usize);

impl Socket {
    pub fn new(stream: Box<dyn Bytes>) -> Self {
        Self {
            stream,
            read: Vec::with_capacity(1024),
            taken: 0,
            written: Vec::new(),
        }
    }

    /// Asks for a path; the head of the answer, which has to be 101.
    pub async fn upgrade(&mut self, path: &str) -> io::Result<String> {
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
             Origin: wss://localhost\r\nSec-WebSocket-Protocol: fido.cable\r\n\r\n"
        );
        self.stream.write_all(request.as_bytes()).await?;
        self.stream.flush().await?;
        loop {
            let end = self.read.windows(4).position(|four| four == b"\r\n\r\n");
            if let Some(end) = end {
                let head = String::from_utf8_lossy(&self.read[..end]).into_owned();
                self.taken = end + 4;
                return if head.starts_with("HTTP/1.1 101 ") {
                    Ok(head)
                } else {
                    Err(io::Error::other(head))
                };
            }
            self.fill().await?;
        }
    }

    /// Sends a frame, masked with zeros: a mask is a mask.
    pub async fn send(&mut self, first: u8, payload: &[u8]) -> io::Result<()> {
        self.written.clear();
        self.written.push(first);
        match payload.len() {
            short @ 0..=125 => self.written.push(0x80 | short as u8),
            length => {
                self.written.push(0x80 | 126);
                let length = u16::try_from(length).map_err(io::Error::other)?;
                self.written.extend(length.to_be_bytes());
            }
        }
        self.written.extend([0; 4]);
        self.written.extend_from_slice(payload);
        self.stream.write_all(&self.written).await?;
        self.stream.flush().await
    }

    /// The next frame; an error at the end.
    pub async fn frame(&mut self) -> io::Result<Frame> {
        loop {
            if let Some((head, length)) = whole(&self.read[self.taken..]) {
                let opcode = self.read[self.taken] & 15;
                self.taken += head + length;
                return Ok((opcode, length));
            }
            self.fill().await?;
        }
    }

    /// Reads frames up to a message of this length.
    pub async fn message(&mut self, expected: usize) -> io::Result<()> {
        loop {
            match self.frame().await? {
                (2, length) if length == expected => return Ok(()),
                (9 | 10, _) => {}
                (opcode, length) => {
                    let got = format!("opcode {opcode} of {length} bytes");
                    return Err(io::Error::other(got));
                }
            }
        }
    }

    /// Gives back what is not needed while nothing is sent.
    pub fn rest(&mut self) {
        self.read.drain(..self.taken);
        self.taken = 0;
        self.read.shrink_to_fit();
        self.written = Vec::new();
    }

    async fn fill(&mut self) -> io::Result<()> {
        if self.taken > 0 {
            self.read.drain(..self.taken);
            self.taken = 0;
        }
        if self.stream.read_buf(&mut self.read).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(())
    }
}

/// Lengths of head and payload of the first frame, once it is whole.
fn whole(bytes: &[u8]) -> Option<(usize, usize)> {
    let (head, length) = match *bytes.get(1)? & 0x7f {
        126 => (
            4,
            u16::from_be_bytes(*bytes.get(2..)?.first_chunk()?).into(),
        ),
        127 => return None,
        short => (2, short.into()),
    };
    (bytes.len() >= head + length).then_some((head, length))
}
