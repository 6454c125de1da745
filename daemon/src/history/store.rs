//! The files: `history.jsonl`, and the one before it. Commands and the agent add lines to the same
//! one, each line in one write. What a newer hybridd has written, or what is no history, is left as it
//! is.

use super::header::{header, is_cut_header};
use super::not_kept::NotKept;
use super::record::CeremonyRecord;
use super::stored::{LARGEST, StoredHistory, is_ours};
use crate::private_log::PrivateLog;
use crate::xdg;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

/// Where the history is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HistoryStore {
    newest: PathBuf,
    older: PathBuf,
}

impl HistoryStore {
    /// In the state folder of the person, if there is one.
    pub fn of_person(variable: impl Fn(&str) -> Option<OsString>) -> Option<Self> {
        Some(Self::below(&xdg::own_state(variable)?))
    }

    /// In this folder.
    pub fn below(folder: &Path) -> Self {
        Self {
            newest: folder.join("history.jsonl"),
            older: folder.join("history.older.jsonl"),
        }
    }

    /// The file that lines are added to.
    pub fn path(&self) -> &Path {
        &self.newest
    }

    /// The file before it.
    pub fn older_path(&self) -> &Path {
        &self.older
    }

    /// Adds a line.
    ///
    /// # Errors
    /// [`NotKept`] says why it is not kept.
    pub fn add(&self, record: &CeremonyRecord) -> Result<(), NotKept> {
        let folder = self.newest.parent().unwrap_or(Path::new("/"));
        let failed = |error: io::Error| NotKept::Unwritten(error.into());
        xdg::make_private(folder).map_err(failed)?;
        let mut log = PrivateLog::open(&self.newest).map_err(NotKept::Unwritten)?;
        match log.first_line().map_err(failed)? {
            Some(line) if is_cut_header(line.as_bytes()) => log.empty().map_err(failed)?,
            Some(line) => is_ours(&line)?,
            None => {}
        }
        if log.size().map_err(failed)? > LARGEST {
            // What is there is looked at before it is replaced.
            StoredHistory::default().take_file(&self.older)?;
            log = log.set_aside(&self.older).map_err(NotKept::Unwritten)?;
        }
        let line = record.to_json().to_string();
        let line = match log.size().map_err(failed)? {
            0 => format!("{}\n{line}", header()),
            _ => line,
        };
        log.add(&line).map_err(NotKept::Unwritten)
    }

    /// Reads it. A file before the newest one that cannot be read costs itself alone.
    ///
    /// # Errors
    /// [`NotKept`] says why the newest file cannot be read.
    pub fn read(&self) -> Result<StoredHistory, NotKept> {
        let mut stored = StoredHistory::default();
        stored.older_unread = stored.take_file(&self.older).err();
        stored.take_file(&self.newest)?;
        Ok(stored)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hybrid_protocol::Stage;
    use proptest::prelude::*;
    use std::fs;
    use std::os::unix::fs::MetadataExt as _;

    fn record(site: &str) -> CeremonyRecord {
        CeremonyRecord {
            site: site.to_owned(),
            ..CeremonyRecord::sample()
        }
    }

    #[test]
    fn lines_are_added_and_read_back_and_are_their_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let store = HistoryStore::below(&folder.path().join("new/hybridd"));
        assert_eq!(store.read().unwrap().records, []);
        for site in ["a", "b"] {
            store.add(&record(site)).unwrap();
        }
        let stored = store.read().unwrap();
        assert_eq!(stored.records, [record("a"), record("b")]);
        assert_eq!(fs::metadata(store.path()).unwrap().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_first_line_that_was_cut_off_ends_no_history() {
        let folder = tempfile::tempdir().unwrap();
        let store = HistoryStore::below(folder.path());
        for length in 0..=header().len() {
            fs::write(store.path(), &header()[..length]).unwrap();
            assert_eq!(store.read().unwrap().records, [], "{length}");
            store.add(&record("a")).unwrap();
            let stored = store.read().unwrap();
            assert_eq!((stored.records, stored.skipped), (vec![record("a")], 0));
        }
    }

    #[test]
    fn an_older_file_that_is_no_history_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let store = HistoryStore::below(folder.path());
        store.add(&record("a")).unwrap();
        let mut text = fs::read_to_string(store.path()).unwrap();
        let line = text.lines().last().unwrap().to_owned();
        while text.len() as u64 <= LARGEST {
            text.push_str(&format!("{line}\n"));
        }
        fs::write(store.path(), text).unwrap();
        fs::write(store.older_path(), "precious").unwrap();
        assert!(matches!(store.add(&record("b")), Err(NotKept::Foreign)));
        assert_eq!(fs::read_to_string(store.older_path()).unwrap(), "precious");
        fs::remove_file(store.older_path()).unwrap();
        store.add(&record("b")).unwrap();
        assert_eq!(store.read().unwrap().records.last(), Some(&record("b")));
    }

    #[test]
    fn a_line_that_was_cut_off_costs_itself_alone() {
        let folder = tempfile::tempdir().unwrap();
        let store = HistoryStore::below(folder.path());
        store.add(&record("a")).unwrap();
        let mut text = fs::read_to_string(store.path()).unwrap();
        text.truncate(text.len() - 20);
        fs::write(store.path(), text).unwrap();
        store.add(&record("b")).unwrap();
        let stored = store.read().unwrap();
        assert_eq!((stored.records, stored.skipped), (vec![record("b")], 1));
    }

    #[test]
    fn a_full_file_is_set_aside_and_the_one_before_it_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let store = HistoryStore::below(folder.path());
        let long = "x".repeat(250);
        for round in 0..4_000 {
            store.add(&record(&format!("{round}.{long}"))).unwrap();
        }
        let newest = fs::metadata(&store.newest).unwrap();
        let older = fs::metadata(&store.older).unwrap();
        assert!(newest.size() <= LARGEST + 1024 && older.size() <= LARGEST + 1024);
        assert_eq!(older.mode() & 0o777, 0o600);
        let stored = store.read().unwrap();
        assert!(stored.records.len() > 1000 && stored.records.len() < 3000);
        assert!(stored.records.last().unwrap().site.starts_with("3999."));
        assert_eq!(stored.skipped, 0);
    }

    #[test]
    fn what_is_newer_or_no_history_is_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let store = HistoryStore::below(folder.path());
        for content in ["{\"ev\":\"history\",\"version\":2}\n{}\n", "my notes\n"] {
            fs::write(store.path(), content).unwrap();
            let refused = store.add(&record("a")).unwrap_err();
            assert!(
                matches!(refused, NotKept::Newer(2) | NotKept::Foreign),
                "{refused}"
            );
            assert!(store.read().is_err());
            assert_eq!(fs::read_to_string(store.path()).unwrap(), content);
        }
    }

    #[test]
    fn an_older_file_that_is_damaged_costs_itself_alone() {
        let folder = tempfile::tempdir().unwrap();
        let store = HistoryStore::below(folder.path());
        store.add(&record("a")).unwrap();
        fs::write(store.older_path(), "notes\n").unwrap();
        let stored = store.read().unwrap();
        assert_eq!(stored.records, [record("a")]);
        assert!(matches!(stored.older_unread, Some(NotKept::Foreign)));
    }

    #[test]
    fn commands_and_agent_that_write_at_once_lose_no_line() {
        let folder = tempfile::tempdir().unwrap();
        let store = HistoryStore::below(folder.path());
        std::thread::scope(|scope| {
            for writer in 0..4 {
                let store = &store;
                scope.spawn(move || {
                    for line in 0..50 {
                        store.add(&record(&format!("{writer}.{line}"))).unwrap();
                    }
                });
            }
        });
        let stored = store.read().unwrap();
        assert_eq!((stored.records.len(), stored.skipped), (200, 0));
    }

    proptest! {
        #[test]
        fn any_file_is_read_or_refused(content in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = StoredHistory::default().take(&content);
            let with_header = [header().as_bytes(), b"\n", &content].concat();
            let _ = StoredHistory::default().take(&with_header);
        }

        #[test]
        fn a_record_is_read_back(site in "[a-z.:]{1,60}", ms: u64, codes: u64, tunnel: u64, phone in proptest::option::of("[a-zA-Z ]{1,30}")) {
            let mut record = record(&site);
            (record.ms, record.codes, record.phone) = (ms, codes, phone);
            record.stages = vec![(Stage::Tunnel, tunnel)];
            prop_assert_eq!(CeremonyRecord::from_json(&record.to_json()), Some(record));
        }
    }
}
