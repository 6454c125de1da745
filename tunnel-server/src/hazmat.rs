//! What strangers send to the relay, and what an operator writes, read without a connection or a
//! file; for fuzz targets.
//!
//! A [`Server`](crate::Server) reads the same as it comes and within its limits. Each function takes
//! any input and is expected to return.

use crate::admission::limits::Limits;
use crate::admission::refusal::Refusal;
use crate::http::chain::Chain;
use crate::http::client_hello;
use crate::http::pem::{self, BadPem};
use crate::http::proxy_protocol::{self, ProxyHeader};
use crate::http::upgrade::{self, UpgradeRequest};
use crate::phones::contacts::Mark;
use crate::phones::revocations::append::{Disk, append};
use crate::phones::revocations::lines::lines;
use crate::settings::{RelaySettings, SettingError};
use crate::websocket::close::CloseReason;
use crate::websocket::reader::{FrameReader, MARGIN};
use core::net::{IpAddr, SocketAddr};
use hybrid_protocol::Path;
use std::io::{self, BufReader, Cursor, Read, Seek, SeekFrom, Write};

/// Whether a client's first TLS message is whole, or the bytes can be none.
pub fn hello_is_whole(bytes: &[u8]) -> bool {
    client_hello::is_whole(bytes)
}

/// What the bytes at the beginning of a connection are, where a PROXY header is expected.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Beginning {
    /// A header of this length, which names this client.
    Header(usize, Option<SocketAddr>),
    /// A part of one.
    Part,
    /// None.
    Other,
}

/// Reads a PROXY header.
pub fn beginning(bytes: &[u8]) -> Beginning {
    match proxy_protocol::read(bytes) {
        Ok(Some(ProxyHeader { length, client })) => Beginning::Header(length, client),
        Ok(None) => Beginning::Part,
        Err(_) => Beginning::Other,
    }
}

/// Where the head of a request ends; nothing before `seen` is looked at again.
pub fn head_end(bytes: &[u8], seen: usize) -> Option<usize> {
    upgrade::end(bytes, seen)
}

/// What a request for a tunnel says.
#[derive(Debug)]
pub struct Upgrade {
    /// What is wanted.
    pub path: Path,
    /// What a linked phone is to be told.
    pub payload: Option<Vec<u8>>,
    /// Whether the phone's arrival is to be signalled.
    pub signal: bool,
    /// Whom proxies say that they speak for.
    pub forwarded: Vec<Option<IpAddr>>,
    /// The answer that opens it.
    pub answer: Vec<u8>,
}

/// Reads a whole head.
///
/// # Errors
/// [`Refusal`] names the first thing that is not as it must be.
pub fn upgrade(bytes: &[u8]) -> Result<Upgrade, Refusal> {
    let UpgradeRequest {
        path,
        accept,
        payload,
        signal,
        forwarded,
    } = UpgradeRequest::read(bytes)?;
    let answer = accept.switching();
    Ok(Upgrade {
        path,
        payload,
        signal,
        forwarded,
        answer,
    })
}

/// What becomes of the frames of one side.
#[derive(Default, Debug)]
pub struct Carried {
    /// For the other side.
    pub forward: Vec<u8>,
    /// Payloads of pings that are to be answered.
    pub pings: Vec<Vec<u8>>,
    /// Why nothing more is read.
    pub end: Option<CloseReason>,
}

/// Reads frames that come in pieces.
pub fn carried<'b>(pieces: impl IntoIterator<Item = &'b [u8]>, limits: &Limits) -> Carried {
    let (mut reader, mut carried) = (FrameReader::default(), Carried::default());
    for piece in pieces {
        let mut buffer = vec![0xee; MARGIN];
        buffer.extend_from_slice(piece);
        let end = buffer.len();
        let taken = reader.take(&mut buffer, end, limits);
        let forward = buffer.get(taken.forward).unwrap_or_default();
        carried.forward.extend_from_slice(forward);
        carried.pings.extend(taken.ping);
        carried.end = taken.end;
        if carried.end.is_some() {
            break;
        }
    }
    carried
}

/// The settings of a file's text.
///
/// # Errors
/// [`SettingError`] names the first setting that cannot be used, and its line.
pub fn settings(text: &str) -> Result<RelaySettings, SettingError> {
    let mut settings = RelaySettings::default();
    settings.read_file("config.toml", text)?;
    Ok(settings)
}

/// A chain in the order in which it is sent, when the `ours`th certificate of the file belongs to
/// the key, and what its operator is told of it.
///
/// # Errors
/// [`BadPem`] when the file holds no certificate.
pub fn chain(file: &[u8], ours: usize) -> Result<(Vec<Vec<u8>>, Vec<String>), BadPem> {
    let key = pem::certificates(file)?.into_iter().nth(ours);
    let chain = Chain::read(file, |certificate| Some(certificate) == key.as_ref())?;
    let _ = chain.expires();
    let certificates = { chain.certificates.iter() }.map(|der| der.to_vec());
    let remarks = { chain.remarks.iter() }.map(ToString::to_string);
    Ok((certificates.collect(), remarks.collect()))
}

/// Whether a file holds a private key.
///
/// # Errors
/// [`BadPem`] when it holds none.
pub fn key(file: &[u8]) -> Result<(), BadPem> {
    pem::key(file).map(drop)
}

/// The revocations that a file holds, and how many of its lines are none.
///
/// # Errors
/// Those of reading, which cannot fail here.
pub fn revocations(file: &[u8]) -> io::Result<(Vec<[u8; 32]>, u64)> {
    let mut marks = Vec::new();
    // As it is read from a disk, not all at once.
    let mut input = BufReader::with_capacity(64, file);
    let bad = lines(&mut input, |more| {
        marks.extend(more.into_iter().map(|mark| mark.0))
    })?;
    Ok((marks, bad.lines))
}

/// The file with one revocation more.
///
/// # Errors
/// Those of writing, which cannot fail here.
pub fn with_revocation(file: Vec<u8>, mark: [u8; 32]) -> io::Result<Vec<u8>> {
    let mut disk = Memory(Cursor::new(file));
    append(&mut disk, Mark(mark))?;
    Ok(disk.0.into_inner())
}

/// A file that is none.
struct Memory(Cursor<Vec<u8>>);

impl Read for Memory {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Write for Memory {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for Memory {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.seek(to)
    }
}

impl Disk for Memory {
    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.0
            .get_mut()
            .truncate(usize::try_from(length).unwrap_or(usize::MAX));
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }
}
