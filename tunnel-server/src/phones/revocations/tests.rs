use super::append::Disk;
use super::*;
use std::io::{Cursor, Read, Seek, SeekFrom, Write};
use std::thread;

/// What a disk does to a write after so many bytes.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Fault {
    /// It is full; what is there can be cut.
    Full,
    /// The program ends, or the disk is gone: nothing is done from then on.
    Gone,
    /// Everything is written, and does not come to the disk.
    Unsynced,
}

struct Faulty {
    bytes: Cursor<Vec<u8>>,
    left: usize,
    fault: Fault,
    failed: bool,
}

impl Faulty {
    fn new(bytes: &[u8], left: usize, fault: Fault) -> Self {
        let bytes = Cursor::new(bytes.to_vec());
        Self {
            bytes,
            left,
            fault,
            failed: false,
        }
    }

    fn check(&self) -> io::Result<()> {
        if self.failed && self.fault == Fault::Gone {
            Err(io::ErrorKind::BrokenPipe.into())
        } else {
            Ok(())
        }
    }

    /// What the next one finds.
    fn end(self) -> Vec<u8> {
        self.bytes.into_inner()
    }
}

impl Read for Faulty {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        self.bytes.read(to)
    }
}

impl Seek for Faulty {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.bytes.seek(to)
    }
}

impl Write for Faulty {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        self.check()?;
        let n = if self.fault == Fault::Unsynced {
            from.len()
        } else {
            from.len().min(self.left)
        };
        self.left -= n.min(self.left);
        if n == 0 {
            self.failed = true;
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.bytes.seek(SeekFrom::End(0))?;
        self.bytes.write(&from[..n])
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Disk for Faulty {
    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.check()?;
        self.bytes
            .get_mut()
            .truncate(usize::try_from(length).unwrap());
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        self.check()?;
        if self.fault == Fault::Unsynced && !std::mem::replace(&mut self.failed, true) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        Ok(())
    }
}

fn whole(bytes: &[u8]) -> (Vec<Mark>, BadLines) {
    let mut marks = Vec::new();
    let bad = lines(&mut &*bytes, |more| marks.extend(more)).unwrap();
    (marks, bad)
}

fn line(n: u8) -> String {
    format!("{}\n", hex::encode([n; 32]))
}

fn read(folder: &Path) -> (Vec<Mark>, BadLines) {
    let (_, marks, bad) = RevocationFile::open(Some(folder)).unwrap();
    (marks, bad)
}

#[test]
fn a_write_that_ends_at_any_byte_is_undone_or_mended_and_nothing_is_glued_to_it() {
    // Behind an empty file, a whole line, a half line, and two kinds of lines without an end.
    let before = [
        String::new(),
        line(1),
        line(1) + "abc",
        line(1) + line(2).trim_end(),
        line(1) + "someone",
    ];
    for before in before {
        let (known, bad) = whole(before.as_bytes());
        for fault in [Fault::Full, Fault::Gone, Fault::Unsynced] {
            for left in 0..=66 {
                let case = format!("{before:?} {fault:?} {left}");
                let mut disk = Faulty::new(before.as_bytes(), left, fault);
                let stored = append(&mut disk, Mark([3; 32]));
                let text = disk.end();
                let (marks, after) = whole(&text);
                let mut expected = known.clone();
                if stored.is_ok() {
                    expected.push(Mark([3; 32]));
                } else if fault != Fault::Gone {
                    assert!(before.as_bytes().starts_with(&text), "undone: {case}");
                } else if marks.len() > expected.len() {
                    // All but the line end was written: it is there, although nobody was told.
                    expected.push(Mark([3; 32]));
                }
                assert_eq!(marks, expected, "{case}");
                assert!(after.lines <= bad.lines, "{case}");

                let mut disk = Faulty::new(&text, 99, Fault::Full);
                append(&mut disk, Mark([4; 32])).unwrap();
                let (marks, after) = whole(&disk.end());
                expected.push(Mark([4; 32]));
                assert_eq!(marks, expected, "the next one: {case}");
                assert_eq!(after.lines, u64::from(before.contains("someone")), "{case}");
            }
        }
    }
}

#[test]
fn of_two_nodes_one_waits_until_the_other_has_ended_at_any_byte() {
    for left in 0..=65 {
        let folder = tempfile::tempdir().unwrap();
        let (store, ..) = RevocationFile::open(Some(folder.path())).unwrap();
        store.append(Mark([1; 32])).unwrap();
        let path = folder.path().join(NAME);
        let mut reason = locked(&path).unwrap();
        thread::scope(|nodes| {
            let other = nodes.spawn(|| store.append(Mark([3; 32])));
            reason.write_all(&line(2).as_bytes()[..left]).unwrap();
            // As at the end of a process: what was written stays, and the lock is gone.
            drop(reason);
            other.join().unwrap().unwrap();
        });
        let (marks, bad) = read(folder.path());
        assert_eq!(bad, BadLines::default(), "{left}");
        let expected: &[u8] = if left < 64 { &[1, 3] } else { &[1, 2, 3] };
        assert_eq!(
            marks,
            expected.iter().map(|n| Mark([*n; 32])).collect::<Vec<_>>(),
            "{left}"
        );
    }
}

#[test]
fn many_nodes_write_at_once_and_every_line_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    thread::scope(|nodes| {
        for node in 0..4 {
            let path = folder.path();
            nodes.spawn(move || {
                RevocationFile::open(Some(path)).unwrap();
                for n in 0..16 {
                    let mut file = locked(&path.join(NAME)).unwrap();
                    append(&mut file, Mark([node * 16 + n; 32])).unwrap();
                    // Somebody who is killed in the next line, at another byte each time, before
                    // the lock goes to another: so every half is mended by whoever comes next.
                    file.write_all(&line(200).as_bytes()[..usize::from(n) * 4])
                        .unwrap();
                }
            });
        }
    });
    let (mut marks, bad) = read(folder.path());
    marks.sort_by_key(|mark| mark.0);
    assert_eq!(bad, BadLines::default());
    assert_eq!(marks, (0..64).map(|n| Mark([n; 32])).collect::<Vec<_>>());
}

#[test]
fn a_bad_line_is_one_bad_line_counted_with_its_number_and_the_rest_is_used() {
    let long = "ab".repeat(1 << 20);
    for bad in [
        "hello",
        "\0\u{1}",
        "\u{feff}ab",
        &"ab".repeat(31),
        &"xy".repeat(32),
        &long,
        &"z".repeat(4096),
    ] {
        let text = format!("{}{bad}\n\n{}", line(1), line(2));
        let (marks, told) = whole(text.as_bytes());
        assert_eq!(
            (told.lines, told.to_string()),
            (1, "2".to_owned()),
            "{bad:.20}"
        );
        assert_eq!(marks, [Mark([1; 32]), Mark([2; 32])], "{bad:.20}");
    }
    let (marks, told) = whole("no\n".repeat(20).as_bytes());
    assert_eq!((marks.len(), told.lines), (0, 20));
    assert_eq!(told.to_string(), "1, 2, 3, 4, 5, 6, 7, 8 and more");
}

#[test]
fn a_confirmed_line_that_an_older_relay_glued_to_a_half_one_is_in_force_and_told() {
    for half in 1..64 {
        let text = format!("{}{}{}", &line(9)[..half], line(1), line(2));
        let (marks, bad) = whole(text.as_bytes());
        assert_eq!(marks, [Mark([1; 32]), Mark([2; 32])]);
        assert_eq!((bad.lines, bad.to_string()), (1, "1".to_owned()));
    }
}

#[test]
fn lines_that_an_editor_wrote_are_understood() {
    let text = format!(
        "{}\r\n  {}\t\n{}",
        "AB".repeat(32),
        "cd".repeat(32),
        "ef".repeat(32)
    );
    let (marks, bad) = whole(text.as_bytes());
    assert_eq!(
        marks,
        [Mark([0xab; 32]), Mark([0xcd; 32]), Mark([0xef; 32])]
    );
    assert_eq!(bad, BadLines::default());
}

#[test]
fn what_was_revoked_is_known_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    let (store, marks, _) = RevocationFile::open(Some(&state)).unwrap();
    assert!(marks.is_empty());
    store.append(Mark([1; 32])).unwrap();
    store.append(Mark([2; 32])).unwrap();
    assert_eq!(read(&state).0, [Mark([1; 32]), Mark([2; 32])]);
}

#[test]
fn what_others_write_is_read_again_and_a_line_that_is_being_written_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (store, ..) = RevocationFile::open(Some(folder.path())).unwrap();
    let before = store.stamp();
    let (other, ..) = RevocationFile::open(Some(folder.path())).unwrap();
    other.append(Mark([1; 32])).unwrap();
    assert_ne!(store.stamp(), before);
    let path = folder.path().join(NAME);
    let half = [fs::read(&path).unwrap(), b"abab".to_vec()].concat();
    fs::write(&path, &half).unwrap();
    assert_eq!(
        read(folder.path()),
        (vec![Mark([1; 32])], BadLines::default())
    );
    assert_eq!(fs::read(&path).unwrap(), half);
}

#[test]
fn a_file_that_was_put_back_is_written_to_even_while_its_lock_was_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let (store, ..) = RevocationFile::open(Some(folder.path())).unwrap();
    let path = folder.path().join(NAME);
    let held = locked(&path).unwrap();
    thread::scope(|nodes| {
        let node = nodes.spawn(|| store.append(Mark([1; 32])));
        let backup = folder.path().join("backup");
        fs::write(&backup, line(0xab)).unwrap();
        fs::rename(&backup, &path).unwrap();
        drop(held);
        node.join().unwrap().unwrap();
    });
    assert_eq!(read(folder.path()).0, [Mark([0xab; 32]), Mark([1; 32])]);
}

#[test]
fn what_is_no_regular_file_is_refused_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(NAME);
    let fifo = || {
        rustix::fs::mknodat(
            rustix::fs::CWD,
            &path,
            rustix::fs::FileType::Fifo,
            0o600.into(),
            0,
        )
        .unwrap()
    };
    let device = || std::os::unix::fs::symlink("/dev/zero", &path).unwrap();
    for make in [&fifo as &dyn Fn(), &device] {
        make();
        let error = RevocationFile::open(Some(folder.path()))
            .unwrap_err()
            .to_string();
        assert!(
            error.ends_with("revoked: cannot be used: it is not a regular file"),
            "{error}"
        );
        fs::remove_file(&path).unwrap();
    }
}

#[test]
fn many_lines_are_handed_on_in_pieces() {
    let line = line(7).repeat(64);
    let mut input = Cursor::new(line.repeat(1 << 10));
    let (mut all, mut most) = (0, 0);
    lines(&mut input, |marks| {
        all += marks.len();
        most = most.max(marks.len());
    })
    .unwrap();
    assert_eq!((all, most), (1 << 16, 4096));
}
