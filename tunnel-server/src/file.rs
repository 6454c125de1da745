//! Files that the operator names, and how they are named to him: a file that is no file of ours is not read without end,
//! and a key that somebody gave in place of a file's name is not repeated.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

/// A file of settings, certificates or a key is a hundred times shorter.
const MOST: u64 = 1024 * 1024;
/// A value that is wrong is repeated up to here: no setting needs more, and a key is longer.
const SHOWN: usize = 40;
/// From here on a name of nothing but base64 is taken for data.
const DATA: usize = 64;

/// Reads a short file.
///
/// # Errors
/// That of the system, or that the file is too long to be what is looked for.
pub fn read(file: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(file)?.take(MOST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MOST {
        return Err(io::Error::other("it is longer than 1 MiB"));
    }
    Ok(bytes)
}

/// A file's name for a person, unless it looks like what should have been in the file.
pub fn named(file: &Path) -> String {
    let name = file.display().to_string();
    if is_content(&name) {
        "(a text that is no file's name, not shown)".to_owned()
    } else {
        name
    }
}

/// Whether a text is not the name of a file but what should have been in it.
pub(crate) fn is_content(text: &str) -> bool {
    let base64 = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte);
    let data = text.len() >= DATA && text.bytes().all(base64);
    data || text.contains("-----") || text.contains("BEGIN ") || text.chars().any(char::is_control)
}

/// A wrong value as a person may read it: whole when it is short, and nothing that could be a key.
pub(crate) fn shown(text: &str) -> String {
    if text.len() <= SHOWN && !is_content(text) {
        text.to_owned()
    } else {
        format!("{} bytes that are not shown", text.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_in_place_of_a_name_is_not_repeated_and_a_name_is() {
        for name in ["/etc/letsencrypt/live/relay.example.org/privkey.pem", "key", ""] {
            assert_eq!(named(Path::new(name)), name);
        }
        for key in [
            "-----BEGIN PRIVATE KEY-----MIGH",
            "MIGHAgEA\nMBMGByqG",
            &"MIGHAgEAMBMG".repeat(8),
            &"30819302".repeat(8),
        ] {
            assert!(!named(Path::new(key)).contains(&key[..8]), "{key}");
            assert!(!shown(key).contains(&key[..8]), "{key}");
        }
        assert_eq!(shown("soon"), "soon");
    }

    #[test]
    fn a_file_without_end_is_not_read_without_end() {
        let error = read(Path::new("/dev/zero")).unwrap_err();
        assert_eq!(error.to_string(), "it is longer than 1 MiB");
    }
}
