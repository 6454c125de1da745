//! Why a file cannot be used: named by file and place, and never with its content.

use crate::pointer::Pointer;
use hybrid_protocol::printable;
use std::fmt;

/// A file that cannot be used.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct ImportError {
    /// The file, and the place in it.
    pub place: Pointer,
    /// What is wrong there.
    pub fault: ImportFault,
}

/// What is wrong with a file.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum ImportFault {
    /// More than [`MAX_FILES`](crate::limits::MAX_FILES).
    TooManyFiles,
    /// More than [`MAX_FILE`](crate::limits::MAX_FILE).
    TooLarge,
    /// Nothing in it.
    Empty,
    /// Neither UTF-8 nor UTF-16 with its mark; the byte where it stops being text.
    NotText(usize),
    /// UTF-16 without the mark that says so, or cut in the middle of a character.
    Utf16,
    /// Comma-separated values.
    Csv,
    /// A table or list as PowerShell shows it, or Microsoft365DSC's text.
    PowerShellText,
    /// A web page, as a failed download leaves it.
    WebPage,
    /// The JSON ends in the middle.
    Truncated {
        /// Of the end.
        line: usize,
    },
    /// Not JSON from here on.
    NotJson {
        /// Counted from 1.
        line: usize,
        /// Counted from 1.
        column: usize,
    },
    /// A member stands twice in one object.
    NamedTwice {
        /// Counted from 1.
        line: usize,
    },
    /// The value of a Temporary Access Pass or a password.
    Secret,
    /// Graph's answer is an error; its code.
    GraphError(String),
    /// An answer of a batch with another status than 200.
    BatchStatus(i64),
    /// Neither an object nor a list of objects.
    NotObjects,
    /// An empty list that does not say of what.
    EmptyList,
    /// No export that is known here.
    Unrecognised,
    /// Entries of more than one kind in one list.
    MixedKinds,
    /// Two files of different clouds or tenants; the other one.
    OtherTenant(Pointer),
    /// Two files say different things of the same object; the other one.
    Contradicts(Pointer),
}

impl ImportError {
    pub(crate) const fn new(place: Pointer, fault: ImportFault) -> Self {
        Self { place, fault }
    }
}

impl fmt::Display for ImportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.fault)
    }
}

impl fmt::Display for ImportFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooManyFiles => f.write_str("these are more files than one question needs"),
            Self::TooLarge => f.write_str("this is larger than any export of a policy"),
            Self::Empty => f.write_str("this file is empty; export it again"),
            Self::NotText(byte) => write!(
                f,
                "this is no text from byte {byte} on; save the answer of Graph as UTF-8"
            ),
            Self::Utf16 => f.write_str(
                "this is UTF-16 without its mark or cut within a character; save it as UTF-8",
            ),
            Self::Csv => f.write_str(
                "these are comma-separated values; export the answer of Graph itself, which is JSON",
            ),
            Self::PowerShellText => f.write_str(
                "this is a table or list as PowerShell shows it; use Invoke-MgGraphRequest with -OutputType Json",
            ),
            Self::WebPage => {
                f.write_str("this is a web page and no answer of Graph; sign in and export again")
            }
            Self::Truncated { line } => write!(
                f,
                "the JSON ends in the middle, at line {line}; export it again, whole"
            ),
            Self::NotJson { line, column } => {
                write!(f, "this is not JSON from line {line}, column {column} on")
            }
            Self::NamedTwice { line } => write!(
                f,
                "an object names the same member twice, before line {line}, so what it says is not clear"
            ),
            Self::Secret => f.write_str(
                "there is the value of a pass or password here; remove it and revoke it, for whoever has this file can use it",
            ),
            Self::GraphError(code) => write!(
                f,
                "Graph answered with the error {}; check permissions and export again",
                printable(code)
            ),
            Self::BatchStatus(status) => write!(
                f,
                "this answer of the batch has status {status}; export it again"
            ),
            Self::NotObjects => f.write_str("an object or a list of objects is expected here"),
            Self::EmptyList => f.write_str(
                "this list is empty and does not say of what; export it with its @odata.context",
            ),
            Self::Unrecognised => f.write_str("this is no export that is known here"),
            Self::MixedKinds => f.write_str("this list holds things of more than one kind"),
            Self::OtherTenant(other) => write!(
                f,
                "this is of another cloud or tenant than {other}; export all files from one tenant"
            ),
            Self::Contradicts(other) => write!(
                f,
                "this says something else of the same object than {other}; keep the newer file alone"
            ),
        }
    }
}

impl std::error::Error for ImportError {}
