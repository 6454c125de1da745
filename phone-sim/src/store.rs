//! The phone's passkeys: in memory, or in a JSON file that is written whole or not at all.

mod damage;

pub use damage::StoreDamage;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hybrid_protocol::Secret;
use hybrid_protocol::{BadScalar, PrivateKey};
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{DerSignature, SigningKey};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

/// One passkey. It holds a private key, so there is no `Debug`.
pub struct Passkey {
    /// Credential id.
    pub id: Vec<u8>,
    /// Whose it is.
    pub rp_id: String,
    /// The relying party's name for people.
    pub rp_name: String,
    /// The account, as the relying party knows it.
    pub user_id: Vec<u8>,
    /// The account, as its user knows it.
    pub user_name: String,
    /// The user's name.
    pub user_display_name: String,
    /// Found without a credential id.
    pub discoverable: bool,
    /// P-256 scalar.
    pub private_key: Secret<32>,
    /// Key of the prf extension.
    pub prf_seed: Secret<32>,
}

impl Passkey {
    /// The signing key.
    ///
    /// # Errors
    /// [`StoreError::BadKey`] when the stored bytes are no key.
    pub fn key(&self) -> Result<PrivateKey, StoreError> {
        PrivateKey::new(&self.private_key).map_err(|BadScalar| StoreError::BadKey)
    }

    /// Its signature (ES256, DER) of a message.
    ///
    /// # Errors
    /// [`StoreError::BadKey`] when the stored bytes are no key.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, StoreError> {
        let key =
            SigningKey::from_slice(self.private_key.expose()).map_err(|_| StoreError::BadKey)?;
        let signature: DerSignature = key.sign(message);
        Ok(signature.as_bytes().to_vec())
    }
}

/// All passkeys of one phone, oldest first.
pub struct PasskeyStore {
    passkeys: Vec<Passkey>,
    file: Option<PathBuf>,
}

impl PasskeyStore {
    /// A store that is gone with the process.
    pub const fn in_memory() -> Self {
        Self {
            passkeys: Vec::new(),
            file: None,
        }
    }

    /// Opens a file, or starts empty when there is none yet. A file that is damaged, or that
    /// somebody else owns or may read, is refused and left as it is.
    ///
    /// # Errors
    /// [`StoreError`] says what was expected and what came.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        // A pipe would be waited for.
        if fs::metadata(path).is_ok_and(|there| !there.is_file()) {
            return Err(StoreError::NoFile(path.to_owned()));
        }
        let mut file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(Self {
                    passkeys: Vec::new(),
                    file: Some(path.to_owned()),
                });
            }
            Err(error) => return Err(StoreError::Io(path.to_owned(), error)),
        };
        let io = |error| StoreError::Io(path.to_owned(), error);
        let metadata = file.metadata().map_err(io)?;
        if metadata.permissions().mode() & 0o077 != 0 {
            return Err(StoreError::OpenToOthers(path.to_owned()));
        }
        if metadata.uid() != own_uid().map_err(io)? {
            return Err(StoreError::SomebodyElses(path.to_owned(), metadata.uid()));
        }
        let mut text = String::new();
        file.read_to_string(&mut text).map_err(io)?;
        let damaged = |why| StoreError::Damaged(path.to_owned(), why);
        let stored: StoreFile =
            serde_json::from_str(&text).map_err(|error| damaged(json_damage(&error)))?;
        let passkeys = stored
            .passkeys
            .into_iter()
            .map(Passkey::try_from)
            .collect::<Result<_, _>>()
            .map_err(damaged)?;
        Ok(Self {
            passkeys,
            file: Some(path.to_owned()),
        })
    }

    /// Adds a passkey and writes the file. A discoverable one replaces its account's previous one,
    /// as the specification wants.
    ///
    /// # Errors
    /// [`StoreError`] when the file cannot be written; the passkey is not kept then.
    pub fn add(&mut self, passkey: Passkey) -> Result<(), StoreError> {
        let replaced = |old: &Passkey| {
            passkey.discoverable
                && old.discoverable
                && old.rp_id == passkey.rp_id
                && old.user_id == passkey.user_id
        };
        let mut passkeys: Vec<StoredPasskey> = self
            .passkeys
            .iter()
            .filter(|old| !replaced(old))
            .map(StoredPasskey::from)
            .collect();
        passkeys.push(StoredPasskey::from(&passkey));
        if let Some(path) = &self.file {
            write(
                path,
                &StoreFile {
                    version: 1,
                    passkeys,
                },
            )
            .map_err(|error| StoreError::Io(path.clone(), error))?;
        }
        self.passkeys.retain(|old| !replaced(old));
        self.passkeys.push(passkey);
        Ok(())
    }

    /// The passkey with this id, if it belongs to that relying party.
    pub fn find(&self, rp_id: &str, id: &[u8]) -> Option<&Passkey> {
        self.passkeys
            .iter()
            .find(|passkey| passkey.rp_id == rp_id && passkey.id == id)
    }

    /// The discoverable passkeys of a relying party, oldest first.
    pub fn discoverable(&self, rp_id: &str) -> impl Iterator<Item = &Passkey> {
        self.passkeys
            .iter()
            .filter(move |passkey| passkey.rp_id == rp_id && passkey.discoverable)
    }
}

/// Why the store cannot be used.
#[derive(Debug)]
pub enum StoreError {
    /// Reading or writing failed.
    Io(PathBuf, io::Error),
    /// The file is not a store.
    Damaged(PathBuf, StoreDamage),
    /// Others may read the file, which holds private keys.
    OpenToOthers(PathBuf),
    /// The file belongs to this user id.
    SomebodyElses(PathBuf, u32),
    /// A folder, a pipe or a device.
    NoFile(PathBuf),
    /// A stored key is not a P-256 key.
    BadKey,
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(path, error) => write!(
                f,
                "cannot read or write the passkey store {}: {error}",
                path.display()
            ),
            Self::Damaged(path, why) => write!(
                f,
                "expected passkeys as JSON in {}, got something else ({why}); the file is unchanged: repair it or move it away",
                path.display()
            ),
            Self::OpenToOthers(path) => write!(
                f,
                "the passkey store {} holds private keys, and other users can read it: run chmod 600 on it first",
                path.display()
            ),
            Self::SomebodyElses(path, uid) => write!(
                f,
                "the passkey store {} belongs to another user (id {uid})",
                path.display()
            ),
            Self::NoFile(path) => write!(
                f,
                "expected a file as the passkey store, got a folder, a pipe or a device: {}",
                path.display()
            ),
            Self::BadKey => f.write_str("a stored private key is not a P-256 key"),
        }
    }
}

/// Where, and not what: the file holds private keys.
fn json_damage(error: &serde_json::Error) -> StoreDamage {
    StoreDamage::Json {
        line: error.line(),
        column: error.column(),
    }
}

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(_, error) => Some(error),
            Self::Damaged(_, why) => Some(why),
            Self::OpenToOthers(_) | Self::SomebodyElses(..) | Self::NoFile(_) | Self::BadKey => {
                None
            }
        }
    }
}

#[derive(Serialize, Deserialize)]
struct StoreFile {
    version: u32,
    passkeys: Vec<StoredPasskey>,
}

/// A passkey as version 1 of the file has it; bytes are base64url.
#[derive(Serialize, Deserialize)]
struct StoredPasskey {
    id: String,
    rp_id: String,
    rp_name: String,
    user_id: String,
    user_name: String,
    user_display_name: String,
    discoverable: bool,
    private_key: String,
    prf_seed: String,
}

impl From<&Passkey> for StoredPasskey {
    fn from(passkey: &Passkey) -> Self {
        Self {
            id: URL_SAFE_NO_PAD.encode(&passkey.id),
            rp_id: passkey.rp_id.clone(),
            rp_name: passkey.rp_name.clone(),
            user_id: URL_SAFE_NO_PAD.encode(&passkey.user_id),
            user_name: passkey.user_name.clone(),
            user_display_name: passkey.user_display_name.clone(),
            discoverable: passkey.discoverable,
            private_key: URL_SAFE_NO_PAD.encode(passkey.private_key.expose()),
            prf_seed: URL_SAFE_NO_PAD.encode(passkey.prf_seed.expose()),
        }
    }
}

impl TryFrom<StoredPasskey> for Passkey {
    type Error = StoreDamage;

    fn try_from(stored: StoredPasskey) -> Result<Self, StoreDamage> {
        let bytes = |text: &str, what| {
            URL_SAFE_NO_PAD
                .decode(text)
                .map_err(|_| StoreDamage::Base64(what))
        };
        let secret =
            |text, what| Secret::from_slice(&bytes(text, what)?).ok_or(StoreDamage::Length(what));
        let passkey = Self {
            id: bytes(&stored.id, "id")?,
            user_id: bytes(&stored.user_id, "user_id")?,
            private_key: secret(&stored.private_key, "private_key")?,
            prf_seed: secret(&stored.prf_seed, "prf_seed")?,
            rp_id: stored.rp_id,
            rp_name: stored.rp_name,
            user_name: stored.user_name,
            user_display_name: stored.user_display_name,
            discoverable: stored.discoverable,
        };
        PrivateKey::new(&passkey.private_key).map_err(StoreDamage::Key)?;
        Ok(passkey)
    }
}

/// Writes beside the file and renames, so that a crash leaves the old file or the new one.
fn write(path: &Path, stored: &StoreFile) -> io::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let beside = PathBuf::from(beside);
    // What a crash left behind is ours to remove; nobody else's file is ever followed or truncated.
    match fs::remove_file(&beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&beside)?;
    let written = serde_json::to_vec_pretty(stored)
        .map_err(io::Error::from)
        .and_then(|text| file.write_all(&text))
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        // It holds keys, and is of no use to anybody.
        let _ = fs::remove_file(&beside);
    }
    written
}

fn own_uid() -> io::Result<u32> {
    fs::metadata("/proc/self").map(|metadata| metadata.uid())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passkey(id: u8, user: u8) -> Passkey {
        Passkey {
            id: vec![id],
            rp_id: "example.com".to_owned(),
            rp_name: "Example".to_owned(),
            user_id: vec![user],
            user_name: "alice".to_owned(),
            user_display_name: "Alice".to_owned(),
            discoverable: true,
            private_key: Secret::new([7; 32]),
            prf_seed: Secret::new([8; 32]),
        }
    }

    #[test]
    fn a_passkey_survives_the_file_which_only_its_owner_may_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("phone.json");
        PasskeyStore::open(&path)
            .unwrap()
            .add(passkey(1, 1))
            .unwrap();
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        let again = PasskeyStore::open(&path).unwrap();
        assert!(again.find("example.com", &[1]).unwrap().private_key == Secret::new([7; 32]));
        assert!(again.find("other.org", &[1]).is_none());
    }

    #[test]
    fn a_damaged_file_is_refused_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("phone.json");
        for damage in ["", "{", "[]", r#"{"version":1,"passkeys":[{"id":"!"}]}"#] {
            fs::write(&path, damage).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
            assert!(
                matches!(PasskeyStore::open(&path), Err(StoreError::Damaged(..))),
                "{damage}"
            );
            assert_eq!(fs::read_to_string(&path).unwrap(), damage);
        }
    }

    #[test]
    fn a_file_that_others_may_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("phone.json");
        PasskeyStore::open(&path)
            .unwrap()
            .add(passkey(1, 1))
            .unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(
            PasskeyStore::open(&path),
            Err(StoreError::OpenToOthers(_))
        ));
    }

    #[test]
    fn a_pipe_or_a_folder_is_no_store_and_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap();
        assert!(made.success());
        for path in [pipe.as_path(), folder.path()] {
            assert!(matches!(
                PasskeyStore::open(path),
                Err(StoreError::NoFile(_))
            ));
        }
    }

    #[test]
    fn a_store_whose_place_is_taken_leaves_no_keys_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("phone.json");
        let mut store = PasskeyStore::open(&path).unwrap();
        fs::create_dir(&path).unwrap();
        assert!(store.add(passkey(1, 1)).is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_new_passkey_of_the_same_account_replaces_the_old_one() {
        let mut store = PasskeyStore::in_memory();
        store.add(passkey(1, 1)).unwrap();
        store.add(passkey(2, 1)).unwrap();
        store.add(passkey(3, 2)).unwrap();
        assert_eq!(
            store
                .discoverable("example.com")
                .map(|p| p.id.clone())
                .collect::<Vec<_>>(),
            [vec![2], vec![3]]
        );
    }

    #[test]
    fn a_store_that_cannot_be_written_keeps_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = PasskeyStore::open(&folder.path().join("missing/phone.json")).unwrap();
        assert!(store.add(passkey(1, 1)).is_err());
        assert!(store.find("example.com", &[1]).is_none());
    }

    #[test]
    fn what_stands_in_a_damaged_store_is_never_repeated() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.json");
        let key = "c2VjcmV0LWtleS1tYXRlcmlhbA";
        for text in [
            format!(r#"{{"version":1,"passkeys":["{key}"]}}"#),
            format!(r#"["{key}"]"#),
            format!(r#""{key}""#),
            format!(r#"{{"version":"{key}","passkeys":[]}}"#),
            format!(r#"{{"version":1,"passkeys":"{key}"}}"#),
            format!(r#"{{"{key}":1}}"#),
            format!(r#"{{"version":1,"passkeys":[{{"id":"{key}="}}]}}"#),
            key.to_owned(),
        ] {
            fs::write(&path, &text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
            let Err(error) = PasskeyStore::open(&path) else {
                panic!("{text} is a store");
            };
            let mut said = format!("{error} {error:?}");
            let mut cause = std::error::Error::source(&error);
            while let Some(inner) = cause {
                said += &format!(" {inner} {inner:?}");
                cause = inner.source();
            }
            assert!(!said.contains(&key[..8]), "{said}");
        }
    }
}
