//! How many colours a terminal has, read from its compiled description (term(5)).

use std::ffi::OsString;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// Where descriptions are, after those that variables name.
const FOLDERS: [&str; 4] = [
    "/etc/terminfo",
    "/lib/terminfo",
    "/usr/share/terminfo",
    "/usr/lib/terminfo",
];
/// ncurses writes none that is larger.
const LARGEST: u64 = 32 << 10;
const HEADER: usize = 12;
/// Numbers of 16 bits, and of 32.
const MAGIC: [u16; 2] = [0o432, 0o1036];
/// `max_colors` among the numbers.
const COLOURS: usize = 13;

/// How many colours the terminal of this name has, 0 for none; `None` when nobody has described it.
pub(super) fn colours(name: &str, variable: impl Fn(&str) -> Option<OsString>) -> Option<usize> {
    let first = name.chars().next()?;
    if name.contains('/') || first == '.' {
        return None;
    }
    folders(variable).into_iter().find_map(|folder| {
        let letter = folder.join(first.to_string()).join(name);
        let number = folder.join(format!("{:x}", u32::from(first))).join(name);
        [letter, number].iter().find_map(|path| read(path))
    })
}

fn folders(variable: impl Fn(&str) -> Option<OsString>) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = variable("TERMINFO")
        .map(PathBuf::from)
        .into_iter()
        .collect();
    folders.extend(variable("HOME").map(|home| Path::new(&home).join(".terminfo")));
    if let Some(list) = variable("TERMINFO_DIRS") {
        folders.extend(std::env::split_paths(&list));
    }
    folders.extend(FOLDERS.map(PathBuf::from));
    folders.retain(|folder| folder.is_absolute());
    folders
}

fn read(path: &Path) -> Option<usize> {
    let file = hybrid_process::open(path).ok()?;
    let mut bytes = Vec::new();
    file.take(LARGEST).read_to_end(&mut bytes).ok()?;
    parse(&bytes)
}

/// `| magic | names' length | flags | numbers | strings | strings' length |`, each 16 bits, the
/// names, a byte for each flag, and the numbers from the next even place on. A number that is
/// negative or left out is one that the terminal does not have.
fn parse(bytes: &[u8]) -> Option<usize> {
    let short = |at: usize| {
        let two = bytes.get(at..at + 2)?.first_chunk::<2>()?;
        Some(u16::from_le_bytes(*two))
    };
    let magic = short(0)?;
    let width = match MAGIC.iter().position(|known| *known == magic)? {
        0 => 2,
        _ => 4,
    };
    let (names, flags) = (usize::from(short(2)?), usize::from(short(4)?));
    if usize::from(short(6)?) <= COLOURS {
        return Some(0);
    }
    let numbers = (HEADER + names + flags).next_multiple_of(2);
    let at = numbers + COLOURS * width;
    let number = if width == 2 {
        i32::from(short(at)?.cast_signed())
    } else {
        let four = bytes.get(at..at + 4)?.first_chunk::<4>()?;
        i32::from_le_bytes(*four)
    };
    Some(usize::try_from(number).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A description with this number of colours in it.
    fn described(magic: u16, numbers: usize, colours: i32) -> Vec<u8> {
        let mut bytes = Vec::new();
        for short in [magic, 5, 2, numbers as u16, 0, 0] {
            bytes.extend(short.to_le_bytes());
        }
        // The names and two flags end at an odd place.
        bytes.extend(b"name\0\x01\x01\0");
        for at in 0..numbers {
            let number = if at == COLOURS { colours } else { -1 };
            if magic == MAGIC[0] {
                bytes.extend((number as i16).to_le_bytes());
            } else {
                bytes.extend(number.to_le_bytes());
            }
        }
        bytes
    }

    #[test]
    fn the_number_of_colours_is_read_from_either_kind_of_description() {
        for magic in MAGIC {
            assert_eq!(parse(&described(magic, 15, 256)), Some(256));
            assert_eq!(parse(&described(magic, 15, -1)), Some(0), "none");
            assert_eq!(parse(&described(magic, 13, 0)), Some(0), "left out");
        }
        assert_eq!(parse(&described(MAGIC[1], 15, 1 << 24)), Some(1 << 24));
        assert_eq!(parse(&described(7, 15, 8)), None);
    }

    #[test]
    fn a_description_is_found_by_its_first_letter_or_that_ones_number() {
        let folder = tempfile::tempdir().unwrap();
        let found = |name: &str| {
            colours(name, |variable| {
                (variable == "TERMINFO").then(|| folder.path().into())
            })
        };
        for (below, name, number) in [("m", "mine", 8), ("79", "yours", 256)] {
            std::fs::create_dir(folder.path().join(below)).unwrap();
            let path = folder.path().join(below).join(name);
            std::fs::write(path, described(MAGIC[0], 15, number)).unwrap();
        }
        assert_eq!((found("mine"), found("yours")), (Some(8), Some(256)));
        for none in ["", "nobody-has-this", "../m/mine", "/etc/passwd"] {
            assert_eq!(found(none), None, "{none}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_a_panic(mut bytes in proptest::collection::vec(any::<u8>(), 0..200), known in any::<bool>()) {
            if known && bytes.len() > 1 {
                bytes[..2].copy_from_slice(&MAGIC[0].to_le_bytes());
            }
            let _ = parse(&bytes);
        }
    }
}
