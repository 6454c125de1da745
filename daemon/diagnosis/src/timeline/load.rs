//! Reading a saved timeline, which may be cut short, huge or hostile.

use super::{AboutSignIn, Timeline, TimelineEntry};
use crate::bounded_lines::{BoundedLine, BoundedLines};
use std::error::Error;
use std::fmt;
use std::io::{self, BufRead};

/// Our longest lines are well below this.
const LONGEST_LINE: usize = 16 * 1024;
/// Ten thousand lines of a session, and then some.
const MOST_BYTES: u64 = 16 << 20;

/// A timeline that was read, and how much of the input was not understood.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Loaded {
    /// What was understood.
    pub timeline: Timeline,
    /// Lines that were not: cut short, of another version, or not ours.
    pub skipped: usize,
    /// The input is longer than is read.
    pub cut: bool,
    /// Which sign-in it is of, where that is kept beside it.
    pub about: Option<AboutSignIn>,
}

impl Timeline {
    /// Reads JSON Lines. Lines that are not understood are skipped and counted.
    ///
    /// # Errors
    /// [`LoadError`] when it cannot be read, or when no line is one of a timeline.
    pub fn load(from: impl BufRead) -> Result<Loaded, LoadError> {
        let mut lines = BoundedLines::new(from, LONGEST_LINE, MOST_BYTES);
        let mut timeline = Self::default();
        let (mut skipped, mut about) = (0, None);
        while let Some(line) = lines.next()? {
            let entry = match line {
                BoundedLine::Whole(line) if line.trim_ascii().is_empty() => continue,
                BoundedLine::Whole(line) if Timeline::is_header(line) => continue,
                BoundedLine::Whole(line) => {
                    let line = serde_json::from_slice(line).ok();
                    if let Some(found) = line.as_ref().and_then(AboutSignIn::from_json) {
                        about.get_or_insert(found);
                        continue;
                    }
                    line.as_ref().and_then(TimelineEntry::from_json)
                }
                BoundedLine::TooLong => None,
            };
            match entry {
                Some(entry) => timeline.push(entry),
                None => skipped += 1,
            }
        }
        if timeline.entries().is_empty() {
            return Err(LoadError::NotATimeline { lines: skipped });
        }
        Ok(Loaded {
            timeline,
            skipped,
            cut: lines.is_cut(),
            about,
        })
    }
}

/// Why there is no timeline.
#[derive(Debug)]
#[non_exhaustive]
pub enum LoadError {
    /// It cannot be read.
    Io(io::Error),
    /// No line is one of a timeline.
    NotATimeline {
        /// So many lines were read.
        lines: usize,
    },
}

impl From<io::Error> for LoadError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => write!(f, "the timeline cannot be read: {error}"),
            Self::NotATimeline { lines } => {
                f.write_str("expected a timeline as JSON Lines (as --timeline writes it), got ")?;
                match lines {
                    0 => f.write_str("nothing"),
                    1 => f.write_str("one line of other text"),
                    lines => write!(f, "{lines} lines of other text"),
                }
            }
        }
    }
}

impl Error for LoadError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Io(error) => Some(error),
            Self::NotATimeline { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::{self, BLUETOOTH_OFF};
    use crate::finding::Finding;
    use crate::observation::network::{NetStep, Step};
    use crate::observation::radio::Trouble;
    use crate::timeline::{
        AdvertOwner, AdvertSighting, EventKind, FailureKind, SessionFailure, VERSION,
    };
    use hybrid_protocol::{Stage, TunnelFault};
    use proptest::prelude::*;
    use std::time::Duration;

    #[test]
    fn what_is_saved_is_loaded_alike() {
        let mut timeline = Timeline::default();
        for (index, what) in one_of_each().into_iter().enumerate() {
            timeline.push(TimelineEntry {
                at: Duration::from_millis(index as u64 * 10),
                what,
            });
        }
        let mut saved = Vec::new();
        timeline.save(&mut saved).unwrap();
        let loaded = Timeline::load(saved.as_slice()).unwrap();
        assert_eq!((loaded.skipped, loaded.cut), (0, false));
        assert_eq!(loaded.timeline, timeline);
    }

    #[test]
    fn a_timeline_that_is_cut_short_loses_its_last_line_alone() {
        let saved = b"{\"ev\":\"stage\",\"stage\":\"advert\",\"ms\":0}\n{\"ev\":\"stage\",\"sta";
        let loaded = Timeline::load(saved.as_slice()).unwrap();
        assert_eq!((loaded.timeline.entries().len(), loaded.skipped), (1, 1));
    }

    #[test]
    fn the_version_of_a_timeline_is_told_by_its_first_line() {
        let header = Timeline::header().to_string();
        assert_eq!(Timeline::version(header.as_bytes()), Some(VERSION));
        let entry = r#"{"ev":"stage","stage":"advert","ms":0}"#;
        assert_eq!(Timeline::version(entry.as_bytes()), Some(0));
        let newer = r#"{"ev":"timeline","version":7,"more":[]}"#;
        assert_eq!(Timeline::version(newer.as_bytes()), Some(7));
        for other in [
            "",
            "{",
            "[1]",
            r#"{"ev":"timeline"}"#,
            r#"{"ev":"history"}"#,
        ] {
            assert_eq!(Timeline::version(other.as_bytes()), None, "{other}");
        }
        let loaded = Timeline::load(format!("{header}\n{entry}\n").as_bytes()).unwrap();
        assert_eq!((loaded.timeline.entries().len(), loaded.skipped), (1, 0));
    }

    #[test]
    fn an_endless_line_is_skipped_without_keeping_it() {
        let stage = b"{\"ev\":\"stage\",\"stage\":\"advert\",\"ms\":0}\n".as_slice();
        let saved = [&vec![b'['; 3_000_000], b"\n".as_slice(), stage].concat();
        let loaded = Timeline::load(saved.as_slice()).unwrap();
        assert_eq!((loaded.timeline.entries().len(), loaded.skipped), (1, 1));
    }

    #[test]
    fn an_endless_file_is_read_up_to_a_bound() {
        let line = b"{\"ev\":\"stage\",\"stage\":\"advert\",\"ms\":0}\n";
        let endless = io::BufReader::new(Repeat(line.as_slice(), 0));
        let loaded = Timeline::load(endless).unwrap();
        assert!(loaded.cut);
        assert!(loaded.timeline.entries().len() <= 40_000);
    }

    #[test]
    fn what_is_no_timeline_is_refused_with_what_was_expected() {
        for text in [
            "",
            "\n\n",
            "hello\n",
            "{\"ev\":\"unheard of\",\"ms\":1}\n",
            "\0\x1b[2J\n",
        ] {
            let error = Timeline::load(text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains("expected a timeline"), "{error}");
        }
    }

    #[test]
    fn texts_of_a_hostile_timeline_cannot_steer_a_terminal() {
        let line =
            r#"{"ev":"radio","kind":"busy","detail":"\u001b]8;;http://x\u0007\u202eevil","ms":1}"#;
        let loaded = Timeline::load(line.as_bytes()).unwrap();
        assert_eq!(
            loaded.timeline.entries()[0].what,
            EventKind::Radio(Trouble::Busy("]8;;http://xevil".to_owned()))
        );
    }

    #[test]
    fn what_bluetoothd_says_is_saved_without_what_steers_a_terminal() {
        let entry = TimelineEntry {
            at: Duration::ZERO,
            what: EventKind::Radio(Trouble::Busy(
                "org.bluez.Error.Failed: \u{1b}[2J\u{9b}\u{202e}".to_owned(),
            )),
        };
        let saved = entry.to_json().to_string();
        assert!(
            saved.contains("Failed") && !saved.contains("u001b"),
            "{saved}"
        );
        assert!(!saved.contains(['\u{9b}', '\u{202e}']), "{saved}");
    }

    proptest! {
        #[test]
        fn loading_any_bytes_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = Timeline::load(bytes.as_slice());
            let _ = Timeline::version(&bytes);
        }

        #[test]
        fn loading_any_change_of_a_timeline_never_panics(at in 0_usize..4000, byte in any::<u8>()) {
            let mut saved = Vec::new();
            for what in one_of_each() {
                let entry = TimelineEntry { at: Duration::from_millis(5), what };
                saved.extend(entry.to_json().to_string().into_bytes());
                saved.push(b'\n');
            }
            let place = at % saved.len();
            saved[place] = byte;
            let loaded = Timeline::load(saved.as_slice()).unwrap();
            prop_assert!(loaded.skipped <= 2);
        }
    }

    fn one_of_each() -> Vec<EventKind> {
        let heard = |whose| {
            EventKind::Heard(AdvertSighting {
                uuid: 0xfff9,
                whose,
                rssi: Some(-60),
                adapter: "hci0".to_owned(),
            })
        };
        let net = |outcome, code| {
            EventKind::Net(NetStep {
                step: Step::Tcp,
                host: "cable.ua5v.com".to_owned(),
                took: Duration::from_millis(12),
                outcome,
                addr: Some([192, 0, 2, 1].into()),
                code,
            })
        };
        let troubles = [
            Trouble::NoDbus("x".to_owned()),
            Trouble::NoBluetoothd,
            Trouble::NoController,
            Trouble::Hidden("this program runs in a Snap (x)".to_owned()),
            Trouble::NoAdapter,
            Trouble::Unlisted("hci0".to_owned()),
            Trouble::Silent("z".to_owned()),
            Trouble::NoSuchAdapter("hci7".to_owned()),
            Trouble::Off,
            Trouble::AdapterOff("hci1".to_owned()),
            Trouble::Blocked { hard: false },
            Trouble::Blocked { hard: true },
            Trouble::Denied("org.bluez.Error".to_owned()),
            Trouble::NoLowEnergy,
            Trouble::NoLowEnergy,
            Trouble::Busy("y".to_owned()),
            Trouble::BluetoothdGone,
            Trouble::AdapterGone("hci1".to_owned()),
        ];
        let faults = [
            TunnelFault::Dns,
            TunnelFault::Tcp,
            TunnelFault::Proxy,
            TunnelFault::Tls,
            TunnelFault::Upgrade,
            TunnelFault::Subprotocol,
            TunnelFault::Http(404),
        ];
        let whys = [
            FailureKind::TimedOut,
            FailureKind::Cancelled,
            FailureKind::Closed(None),
            FailureKind::Closed(Some(1006)),
            FailureKind::PeerShutdown,
            FailureKind::Handshake,
            FailureKind::Frame,
            FailureKind::NoPasskeys,
            FailureKind::Message,
            FailureKind::Rules,
            FailureKind::Defect,
        ];
        let failed = |why| {
            EventKind::Failed(SessionFailure {
                at: Stage::Reply,
                why,
                detail: "because".to_owned(),
            })
        };
        let mut each = vec![
            EventKind::NewCode,
            EventKind::Neighbours(3),
            EventKind::Listening(vec!["hci0".to_owned(), "hci1".to_owned()]),
            net(Ok("192.0.2.1".to_owned()), None),
            net(
                Err("refused".to_owned()),
                Some(catalogue::RELAY_UNREACHABLE.code),
            ),
            EventKind::Ahead(NetStep {
                step: Step::Dns,
                host: "cable.auth.com".to_owned(),
                took: Duration::from_millis(2),
                outcome: Err("no".to_owned()),
                addr: None,
                code: Some(catalogue::NAME_LOOKUP_FAILED.code),
            }),
            EventKind::Paused(Duration::from_secs(34)),
            EventKind::Answered(0x2e),
            EventKind::Finding(Finding::certain(&BLUETOOTH_OFF, "off")),
            EventKind::Done { ok: false },
        ];
        each.extend(Stage::ALL.map(EventKind::Stage));
        each.extend(AdvertOwner::ALL.map(heard));
        each.extend(troubles.map(EventKind::Radio));
        each.extend(faults.map(|fault| failed(FailureKind::Tunnel(fault))));
        each.extend(whys.map(failed));
        each
    }

    /// A file that never ends.
    struct Repeat<'l>(&'l [u8], usize);

    impl io::Read for Repeat<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            for byte in buffer.iter_mut() {
                *byte = self.0[self.1];
                self.1 = (self.1 + 1) % self.0.len();
            }
            Ok(buffer.len())
        }
    }
}
