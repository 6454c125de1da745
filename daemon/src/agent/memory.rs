//! Which credentials a phone was seen to have, so that programs whose ids are no domains (ssh, PAM)
//! are told the truth when they ask whether one of theirs is here.
//!
//! Kept are salted hashes, and nothing that tells of a person or a site. It is read anew each time:
//! who takes the file away has erased it.
//!
//! ```text
//! {"version":1,"salt":"…32 hexadecimal digits…"}
//! …32 hexadecimal digits of SHA-256(salt ‖ length of the rp id, 4 bytes ‖ rp id ‖ credential id)…
//! ```

use crate::private_file::{NotPrivate, write_private};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::PathBuf;

const VERSION: u64 = 1;
/// The oldest is forgotten for the newest.
const MOST: usize = 1024;
/// A full file, and then some.
const LONGEST: u64 = 256 << 10;

/// The memory, of which one agent at a time is the writer.
#[derive(Clone, Debug)]
pub struct Memory {
    path: PathBuf,
}

/// Why something is not remembered.
#[derive(Debug)]
pub enum NotRemembered {
    /// A newer version of hybridd wrote the file, which is left as it is.
    Newer(u64),
    /// It cannot be read.
    Unreadable(io::Error),
    /// It cannot be written.
    Unwritten(NotPrivate),
}

/// What is in the file.
#[derive(PartialEq, Eq, Debug)]
pub(crate) struct Hashes {
    salt: [u8; 16],
    seen: Vec<[u8; 16]>,
}

impl Memory {
    /// In this file.
    pub const fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// Which of these credentials were seen: their places, counted from zero.
    pub fn known<'i>(&self, rp_id: &str, ids: impl Iterator<Item = &'i [u8]>) -> Vec<u32> {
        let Ok(Some(hashes)) = self.read() else {
            return Vec::new();
        };
        let known = |id: &[u8]| hashes.seen.contains(&hashes.hash(rp_id, id));
        ids.zip(0..)
            .filter_map(|(id, place)| known(id).then_some(place))
            .collect()
    }

    /// A phone answered with this one. `salt` is for a file that is not there yet.
    ///
    /// # Errors
    /// Why it is not remembered.
    pub fn remember(&self, rp_id: &str, id: &[u8], salt: [u8; 16]) -> Result<(), NotRemembered> {
        let read = self.read()?;
        let mut hashes = read.unwrap_or(Hashes {
            salt,
            seen: Vec::new(),
        });
        let hash = hashes.hash(rp_id, id);
        if hashes.seen.last() == Some(&hash) {
            return Ok(());
        }
        hashes.seen.retain(|seen| *seen != hash);
        hashes.seen.push(hash);
        let surplus = hashes.seen.len().saturating_sub(MOST);
        hashes.seen.drain(..surplus);
        write_private(&self.path, hashes.to_text().as_bytes()).map_err(NotRemembered::Unwritten)
    }

    /// `None` when there is none, or what is there is none.
    fn read(&self) -> Result<Option<Hashes>, NotRemembered> {
        let mut text = String::new();
        let read =
            File::open(&self.path).and_then(|file| file.take(LONGEST).read_to_string(&mut text));
        match read {
            Ok(_) => Hashes::from_text(&text).map_err(NotRemembered::Newer),
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::NotFound | io::ErrorKind::InvalidData
                ) =>
            {
                Ok(None)
            }
            Err(error) => Err(NotRemembered::Unreadable(error)),
        }
    }
}

impl Hashes {
    fn hash(&self, rp_id: &str, id: &[u8]) -> [u8; 16] {
        let mut hash = Sha256::new();
        hash.update(self.salt);
        // An rp id of 2³² bytes fits no message.
        let length = u32::try_from(rp_id.len()).unwrap_or(u32::MAX);
        hash.update(length.to_be_bytes());
        hash.update(rp_id);
        hash.update(id);
        let mut short = [0; 16];
        for (to, from) in short.iter_mut().zip(hash.finalize()) {
            *to = from;
        }
        short
    }

    pub(crate) fn to_text(&self) -> String {
        let head = json!({"version": VERSION, "salt": hex::encode(self.salt)});
        let mut text = format!("{head}\n");
        for hash in &self.seen {
            let _ = writeln!(text, "{}", hex::encode(hash));
        }
        text
    }

    /// `None` for what is none; lines that are damaged are left out. The error is a version of the
    /// future.
    pub(crate) fn from_text(text: &str) -> Result<Option<Self>, u64> {
        let mut lines = text.lines();
        let head: Value = lines
            .next()
            .and_then(|line| serde_json::from_str(line).ok())
            .unwrap_or_default();
        match head.get("version").and_then(Value::as_u64) {
            Some(VERSION) => {}
            Some(newer) if newer > VERSION => return Err(newer),
            Some(_) | None => return Ok(None),
        }
        let hash = |text: &str| {
            let mut bytes = [0; 16];
            hex::decode_to_slice(text, &mut bytes).ok()?;
            Some(bytes)
        };
        let salt = head.get("salt").and_then(Value::as_str).and_then(hash);
        Ok(salt.map(|salt| Self {
            salt,
            seen: lines.filter_map(hash).take(MOST).collect(),
        }))
    }
}

impl std::fmt::Display for NotRemembered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Newer(version) => {
                write!(
                    f,
                    "a newer version of hybridd wrote it (version {version}); it is left unchanged"
                )
            }
            Self::Unreadable(error) => write!(f, "it cannot be read: {error}"),
            Self::Unwritten(error) => write!(f, "it cannot be written: {error}"),
        }
    }
}

impl std::error::Error for NotRemembered {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Newer(_) => None,
            Self::Unreadable(error) => Some(error),
            Self::Unwritten(error) => Some(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::fs;
    use std::os::unix::fs::MetadataExt as _;

    fn memory() -> (tempfile::TempDir, Memory) {
        let folder = tempfile::tempdir().unwrap();
        let memory = Memory::new(folder.path().join("credentials.jsonl"));
        (folder, memory)
    }

    fn known(memory: &Memory, rp_id: &str, ids: &[&[u8]]) -> Vec<u32> {
        memory.known(rp_id, ids.iter().copied())
    }

    #[test]
    fn what_was_seen_is_known_again_for_the_same_party_alone() {
        let (_folder, memory) = memory();
        assert_eq!(known(&memory, "ssh:", &[b"a"]), [0_u32; 0]);
        memory.remember("ssh:", b"a", [1; 16]).unwrap();
        memory.remember("ssh:", b"c", [2; 16]).unwrap();
        assert_eq!(known(&memory, "ssh:", &[b"b", b"a", b"c"]), [1, 2]);
        assert_eq!(known(&memory, "ssh:x", &[b"a"]), [0_u32; 0]);
        assert_eq!(known(&memory, "ssh", &[b":a"]), [0_u32; 0]);
    }

    #[test]
    fn the_file_is_its_owners_alone_and_tells_neither_ids_nor_parties() {
        let (_folder, memory) = memory();
        memory
            .remember("ssh:secret-party", b"secret-id", [1; 16])
            .unwrap();
        assert_eq!(fs::metadata(&memory.path).unwrap().mode() & 0o777, 0o600);
        let text = fs::read_to_string(&memory.path).unwrap();
        for secret in ["secret", &hex::encode("secret-id")] {
            assert!(!text.contains(secret), "{text}");
        }
        assert!(text.starts_with("{\"salt\":") || text.starts_with("{\"version\":"));
    }

    #[test]
    fn who_takes_the_file_away_has_erased_it() {
        let (_folder, memory) = memory();
        memory.remember("ssh:", b"a", [1; 16]).unwrap();
        fs::remove_file(&memory.path).unwrap();
        assert_eq!(known(&memory, "ssh:", &[b"a"]), [0_u32; 0]);
        memory.remember("ssh:", b"b", [1; 16]).unwrap();
        assert_eq!(known(&memory, "ssh:", &[b"a", b"b"]), [1]);
    }

    #[test]
    fn a_newer_version_is_left_untouched() {
        let (_folder, memory) = memory();
        let newer = "{\"version\":2,\"salt\":\"?\"}\nsomething\n";
        fs::write(&memory.path, newer).unwrap();
        assert!(matches!(
            memory.remember("ssh:", b"a", [1; 16]),
            Err(NotRemembered::Newer(2))
        ));
        assert_eq!(fs::read_to_string(&memory.path).unwrap(), newer);
        assert_eq!(known(&memory, "ssh:", &[b"a"]), [0_u32; 0]);
    }

    #[test]
    fn the_oldest_is_forgotten_for_the_newest() {
        let mut hashes = Hashes {
            salt: [7; 16],
            seen: (0..MOST as u128).map(u128::to_be_bytes).collect(),
        };
        let (_folder, memory) = memory();
        write_private(&memory.path, hashes.to_text().as_bytes()).unwrap();
        memory.remember("ssh:", b"new", [1; 16]).unwrap();
        let read = memory.read().unwrap().unwrap();
        hashes.seen.remove(0);
        hashes.seen.push(hashes.hash("ssh:", b"new"));
        assert_eq!(read, hashes);
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(text in ".{0,200}") {
            let _ = Hashes::from_text(&text);
        }

        #[test]
        fn what_is_written_is_read_back(salt: [u8; 16], seen in proptest::collection::vec(any::<[u8; 16]>(), 0..20)) {
            let hashes = Hashes { salt, seen };
            prop_assert_eq!(Hashes::from_text(&hashes.to_text()), Ok(Some(hashes)));
        }
    }
}
