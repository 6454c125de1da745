//! The certificate authorities that this system trusts, and where they were read.
//!
//! `SSL_CERT_FILE` and `SSL_CERT_DIR` name others, in place of the system's. Libraries pass over what
//! they cannot read there, and every certificate is a stranger's afterwards: so what is wrong with
//! the store is kept, for whoever has to say why a certificate is not trusted.

use crate::told::told;
use rustls::RootCertStore;
use rustls_native_certs::{load_certs_from_paths, load_native_certs};
use std::env;
use std::error::Error;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

const FILE: &str = "SSL_CERT_FILE";
const FOLDERS: &str = "SSL_CERT_DIR";
/// Where the systems of this world keep theirs: Debian, Fedora, openSUSE, Alpine.
const SYSTEM: [&str; 4] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];
/// A file with all public authorities has a quarter of a megabyte.
const LONGEST: u64 = 32 * 1024 * 1024;
/// DER: a sequence whose length takes two bytes (X.690 section 8.1.3.5).
const DER: [u8; 2] = [0x30, 0x82];
/// What editors put before a text: UTF-8's and UTF-16's byte order marks. The first line is not
/// `-----BEGIN` then, and other programs pass over its certificate without a word.
const MARKS: [&[u8]; 3] = [&[0xef, 0xbb, 0xbf], &[0xfe, 0xff], &[0xff, 0xfe]];

/// Those who are trusted.
#[derive(Debug)]
pub struct TrustStore {
    /// Their certificates.
    pub roots: RootCertStore,
    places: Vec<String>,
    doubts: Vec<StoreDoubt>,
    named: bool,
}

/// Nobody can be trusted: no certificate of an authority was found.
#[derive(Clone, Debug)]
pub struct NoTrustStore(Vec<StoreDoubt>);

/// What is wrong with one place.
#[derive(Clone, Debug)]
struct StoreDoubt {
    /// The variable that names it.
    variable: &'static str,
    path: PathBuf,
    what: Wrong,
}

#[derive(Clone, Debug)]
enum Wrong {
    Missing,
    Unreadable(Arc<io::Error>),
    Folder,
    NoFolder,
    NoFile,
    Empty,
    TooLarge,
    Der,
    Marked,
    NoPem,
    NoCertificates,
    Damaged(usize),
}

impl TrustStore {
    /// Reads those that the variables name, or else the system's.
    ///
    /// # Errors
    /// [`NoTrustStore`] says where none were found.
    pub fn of_system() -> Result<Self, NoTrustStore> {
        let named = |name| env::var_os(name).filter(|value| !value.is_empty());
        let file = named(FILE).map(PathBuf::from);
        let folders = named(FOLDERS).map(|list| env::split_paths(&list).collect::<Vec<_>>());
        let folders = folders.unwrap_or_default().into_iter();
        let folders = folders
            .filter(|path| !path.as_os_str().is_empty())
            .collect();
        Self::read(file, folders)
    }

    fn read(file: Option<PathBuf>, folders: Vec<PathBuf>) -> Result<Self, NoTrustStore> {
        let mut store = Self {
            roots: RootCertStore::empty(),
            places: Vec::new(),
            doubts: Vec::new(),
            named: file.is_some() || !folders.is_empty(),
        };
        if !store.named {
            store.add_system();
        }
        if let Some(file) = file {
            let read = of_file(&file);
            store.add(FILE, file, read);
        }
        for folder in folders {
            let read = of_folder(&folder);
            store.add(FOLDERS, folder, read);
        }
        if store.roots.is_empty() {
            return Err(NoTrustStore(store.doubts));
        }
        Ok(store)
    }

    /// The system's own, as other programs find them.
    fn add_system(&mut self) {
        // The library takes a variable that is empty for the name of a file.
        let found = if env::var_os(FILE).is_some() {
            let mut places = SYSTEM.iter().map(Path::new);
            load_certs_from_paths(places.find(|path| path.exists()), None)
        } else {
            load_native_certs()
        };
        let (added, _) = self.roots.add_parsable_certificates(found.certs);
        if added > 0 {
            self.places.push("the system's store".to_owned());
        }
    }

    fn add(&mut self, variable: &'static str, path: PathBuf, read: Result<Found, Wrong>) {
        let shown = shown(&path);
        let what = match read {
            Err(wrong) => Some(wrong),
            Ok(Found { certs, damaged }) => {
                let (added, unfit) = self.roots.add_parsable_certificates(certs);
                if added > 0 {
                    self.places.push(format!("{variable} ({shown})"));
                }
                let damaged = damaged + unfit;
                (damaged > 0).then_some(Wrong::Damaged(damaged))
            }
        };
        self.doubts.extend(what.map(|what| StoreDoubt {
            variable,
            path,
            what,
        }));
    }

    /// Somebody named them: they may be others than a person who reads of them believes.
    pub const fn is_named(&self) -> bool {
        self.named
    }

    /// What could not be read of them, in words, if anything.
    pub fn doubts(&self) -> Option<String> {
        (!self.doubts.is_empty()).then(|| words(&self.doubts))
    }
}

/// What one place holds.
struct Found {
    certs: Vec<rustls::pki_types::CertificateDer<'static>>,
    damaged: usize,
}

/// A pipe would be waited for without end, and of a device all would be kept, by libraries that know
/// no limit.
fn of_file(path: &Path) -> Result<Found, Wrong> {
    let there = fs::metadata(path).map_err(unreadable)?;
    if there.is_dir() {
        return Err(Wrong::Folder);
    }
    if !there.is_file() {
        return Err(Wrong::NoFile);
    }
    if there.len() == 0 {
        return Err(Wrong::Empty);
    }
    if there.len() > LONGEST {
        return Err(Wrong::TooLarge);
    }
    let mut begin = [0; 3];
    let read = File::open(path).and_then(|mut file| file.read(&mut begin));
    read.map_err(unreadable)?;
    if MARKS.iter().any(|mark| begin.starts_with(mark)) {
        return Err(Wrong::Marked);
    }
    let found = load_certs_from_paths(Some(path), None);
    if found.certs.is_empty() && found.errors.is_empty() {
        return Err(if begin.starts_with(&DER) {
            Wrong::Der
        } else {
            Wrong::NoPem
        });
    }
    Ok(Found {
        certs: found.certs,
        damaged: found.errors.len(),
    })
}

fn of_folder(path: &Path) -> Result<Found, Wrong> {
    let there = fs::metadata(path).map_err(unreadable)?;
    if !there.is_dir() {
        return Err(Wrong::NoFolder);
    }
    fs::read_dir(path).map_err(unreadable)?;
    let found = load_certs_from_paths(None, Some(path));
    if found.certs.is_empty() && found.errors.is_empty() {
        return Err(Wrong::NoCertificates);
    }
    Ok(Found {
        certs: found.certs,
        damaged: found.errors.len(),
    })
}

fn unreadable(error: io::Error) -> Wrong {
    if error.kind() == io::ErrorKind::NotFound {
        Wrong::Missing
    } else {
        Wrong::Unreadable(Arc::new(error))
    }
}

/// A path as it may be shown: what was set in its place by mistake may be a key.
fn shown(path: &Path) -> String {
    const LONGEST_PATH: usize = 255;
    let text = told(path, env::var_os("HOME").as_deref());
    let text = text.display().to_string();
    if text.len() > LONGEST_PATH || text.contains(['\n', '\r']) {
        return "not shown".to_owned();
    }
    text.escape_debug().to_string()
}

fn words(doubts: &[StoreDoubt]) -> String {
    let doubts: Vec<_> = doubts.iter().map(ToString::to_string).collect();
    doubts.join("; ")
}

impl fmt::Display for StoreDoubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} names ", self.variable)?;
        match &self.what {
            Wrong::Missing => f.write_str("a path that does not exist")?,
            Wrong::Unreadable(error) => write!(f, "a path that cannot be read ({error})")?,
            Wrong::Folder => write!(f, "a folder; {FOLDERS} is for folders")?,
            Wrong::NoFolder => write!(f, "a path that is not a folder; {FILE} is for files")?,
            Wrong::NoFile => f.write_str("a path that is not a file")?,
            Wrong::Empty => f.write_str("an empty file")?,
            Wrong::TooLarge => write!(f, "a file of more than {LONGEST} bytes")?,
            Wrong::Der => f.write_str(
                "a certificate in DER form (openssl x509 -inform der -in FILE turns it into PEM)",
            )?,
            Wrong::Marked => f.write_str(
                "a text that begins with a byte order mark (save it as UTF-8 without one)",
            )?,
            Wrong::NoPem => f.write_str("a file without a certificate in PEM form")?,
            Wrong::NoCertificates => f.write_str("a folder without certificates in PEM form")?,
            Wrong::Damaged(1) => f.write_str("one certificate that cannot be read or used")?,
            Wrong::Damaged(count) => write!(f, "{count} certificates that cannot be read or used")?,
        }
        write!(f, ": {}", shown(&self.path))
    }
}

impl fmt::Display for TrustStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.roots.len() {
            1 => f.write_str("1 authority")?,
            count => write!(f, "{count} authorities")?,
        }
        write!(f, " from {}", self.places.join(" and "))
    }
}

impl fmt::Display for NoTrustStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("this system has none (Debian package ca-certificates)");
        }
        f.write_str(&words(&self.0))
    }
}

impl Error for NoTrustStore {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.iter().find_map(|doubt| match &doubt.what {
            Wrong::Unreadable(error) => Some(error.as_ref() as &(dyn Error + 'static)),
            Wrong::Missing
            | Wrong::Folder
            | Wrong::NoFolder
            | Wrong::NoFile
            | Wrong::Empty
            | Wrong::TooLarge
            | Wrong::Der
            | Wrong::Marked
            | Wrong::NoPem
            | Wrong::NoCertificates
            | Wrong::Damaged(_) => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn authority() -> rcgen::Certificate {
        let key = rcgen::KeyPair::generate().unwrap();
        let mut params = rcgen::CertificateParams::default();
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        params.self_signed(&key).unwrap()
    }

    #[test]
    fn whatever_is_named_in_place_of_authorities_is_told_as_what_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let made = authority();
        let pem = made.pem();
        let file = |name: &str, content: &[u8]| {
            let path = folder.path().join(name);
            fs::write(&path, content).unwrap();
            path
        };
        let cut = pem.lines().take(3).collect::<Vec<_>>().join("\n");
        for (path, words) in [
            (folder.path().join("gone"), "does not exist"),
            (file("empty", b""), "an empty file"),
            (file("text", b"hello\n"), "without a certificate in PEM"),
            (file("der", made.der()), "in DER form"),
            (
                file("mark", format!("\u{feff}{pem}").as_bytes()),
                "begins with a byte order mark",
            ),
            (file("utf16", b"\xff\xfe-\0-\0"), "a byte order mark"),
            (file("cut", cut.as_bytes()), "cannot be read or used"),
            (
                folder.path().to_owned(),
                "a folder; SSL_CERT_DIR is for folders",
            ),
            (PathBuf::from("/dev/null"), "a path that is not a file"),
            (file("x", b"").join("y"), "cannot be read (Not a directory"),
        ] {
            let told = TrustStore::read(Some(path.clone()), Vec::new())
                .unwrap_err()
                .to_string();
            assert!(
                told.starts_with("SSL_CERT_FILE names ")
                    && told.contains(words)
                    && told.ends_with(path.to_str().unwrap()),
                "{told}"
            );
        }
        let empty = folder.path().join("empty folder");
        fs::create_dir(&empty).unwrap();
        for (path, words) in [
            (folder.path().join("gone"), "does not exist"),
            (empty, "a folder without certificates"),
            (file("file", pem.as_bytes()), "SSL_CERT_FILE is for files"),
        ] {
            let told = TrustStore::read(None, vec![path]).unwrap_err().to_string();
            assert!(
                told.starts_with("SSL_CERT_DIR names ") && told.contains(words),
                "{told}"
            );
        }
    }

    #[test]
    fn what_is_wrong_beside_what_is_right_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let (good, gone) = (folder.path().join("good.pem"), folder.path().join("gone"));
        fs::write(&good, authority().pem() + &authority().pem()).unwrap();
        let store = TrustStore::read(Some(good.clone()), Vec::new()).unwrap();
        assert_eq!(
            store.to_string(),
            format!("2 authorities from SSL_CERT_FILE ({})", good.display())
        );
        assert!(store.doubts().is_none() && store.is_named());
        let store = TrustStore::read(Some(good), vec![gone]).unwrap();
        let doubts = store.doubts().unwrap();
        assert!(
            doubts.starts_with("SSL_CERT_DIR names a path that does not exist"),
            "{doubts}"
        );
    }

    #[test]
    fn a_key_in_place_of_a_path_is_not_shown() {
        let key = "-----BEGIN PRIVATE KEY-----\nsecret\n";
        let told = TrustStore::read(Some(PathBuf::from(key)), Vec::new()).unwrap_err();
        assert!(!told.to_string().contains("secret"), "{told}");
    }
}
