//! Why there is nothing to explain, and what to do instead.

use super::super::last_timeline;
use hybrid_diagnosis::chromium_log::LogError;
use hybrid_diagnosis::timeline::LoadError;
use hybrid_policy::TOPICS;
use hybrid_protocol::printable;
use std::fmt;
use std::io;
use std::path::PathBuf;

/// Why there is nothing to explain.
#[derive(Debug)]
pub(super) enum ExplainError {
    /// No code, and no text that the catalogue knows.
    UnknownText(String),
    /// A file, given as a text.
    FileAsText(String),
    /// A timeline that cannot be opened.
    NoTimeline(PathBuf, io::Error),
    /// A log that cannot be opened.
    NoChromiumLog(PathBuf, io::Error),
    /// A file that is no timeline.
    Timeline(LoadError),
    /// A file that is no log of a sign-in.
    ChromiumLog(LogError),
}

impl fmt::Display for ExplainError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownText(text) => {
                let pages: Vec<&str> = TOPICS.iter().map(|topic| topic.name).collect();
                let (shown, pages) = (shown(text), pages.join(", "));
                write!(
                    f,
                    "unknown code or text: {shown}\n  Expected a code such as NW15 (hybridd explain lists them all), a page ({pages}), a text that a browser, phone or \
                     site shows (in English), or an error number such as 0x80090035 or 0x2e.\n  What to do: run hybridd doctor. \
                     If a browser hangs, save its log from chrome://device-log and run: hybridd explain --chromium-log FILE"
                )
            }
            Self::FileAsText(text) => write!(
                f,
                "{} is a file, not a code or a text\n  What to do: say what is in it. Chromium's log: hybridd explain --chromium-log FILE. A timeline of hybridd: hybridd \
                 explain --timeline FILE. Options, a response or a record of a passkey: hybridd inspect FILE",
                shown(text)
            ),
            Self::NoTimeline(path, error) => write!(
                f,
                "cannot read {}: {error}\n  What to do: name a file that you can read, or - for standard input. The last sign-in's timeline {}",
                path.display(),
                last_timeline::place()
            ),
            Self::NoChromiumLog(path, error) => write!(
                f,
                "cannot read {}: {error}\n  What to do: name a file that you can read, or - for standard input, with what chrome://device-log (type FIDO, level \
                 Debug) shows",
                path.display()
            ),
            Self::Timeline(error) => write!(
                f,
                "{error}\n  What to do: explain a file that --timeline wrote. A log of Chromium is explained by: hybridd explain --chromium-log FILE. The last \
                 sign-in's timeline {}",
                last_timeline::place()
            ),
            Self::ChromiumLog(error) => write!(
                f,
                "{error}\n  What to do: open chrome://device-log (type FIDO, level Debug) before the sign-in, repeat it with the phone, save what \
                 the page shows, and explain that file. Why a tunnel failed is only in the log of a Chromium that was started with: \
                 --enable-logging=stderr --vmodule='device_event_log*=1,*/device/fido/*=3'"
            ),
        }
    }
}

impl std::error::Error for ExplainError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::UnknownText(_) | Self::FileAsText(_) => None,
            Self::NoTimeline(_, error) | Self::NoChromiumLog(_, error) => Some(error),
            Self::Timeline(error) => Some(error),
            Self::ChromiumLog(error) => Some(error),
        }
    }
}

/// As much of a text as a person needs to know it again.
fn shown(text: &str) -> String {
    const LONGEST: usize = 80;
    printable(text).chars().take(LONGEST).collect()
}
