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
    /// A web page, as a failed download or copied HTML leaves it, or XML.
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
    /// One document after another; where the second begins.
    SeveralDocuments {
        /// Counted from 1.
        line: usize,
    },
    /// The JSON is nested as no export is.
    TooDeep {
        /// Where it becomes too deep.
        line: usize,
    },
    /// PowerShell wrote the name of a type in the place of an object.
    CutOff,
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
    /// Two files are of different users; the other one.
    OtherUser(Pointer),
    /// The question lists other groups than the file.
    OtherGroups,
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
            Self::TooManyFiles => f.write_str("too many files for one question"),
            Self::TooLarge => f.write_str("this file is larger than any policy export"),
            Self::Empty => f.write_str("this file is empty; export it again"),
            Self::NotText(byte) => write!(
                f,
                "this file is not valid text from byte {byte}; save Graph's response as UTF-8"
            ),
            Self::Utf16 => f.write_str(
                "this file is UTF-16 without a byte order mark or is truncated; save it as UTF-8",
            ),
            Self::Csv => f.write_str(
                "this file is comma-separated values; export Graph's own response, which is JSON",
            ),
            Self::PowerShellText => f.write_str(
                "this file is a table or list from PowerShell's display; use Invoke-MgGraphRequest with -OutputType Json",
            ),
            Self::WebPage => {
                f.write_str("this file is HTML or XML, not the JSON of Graph's response; export it again, or copy the response as text")
            }
            Self::Truncated { line } => write!(
                f,
                "the JSON is truncated at line {line}; export it again"
            ),
            Self::NotJson { line, column } => {
                write!(f, "this is not valid JSON at line {line}, column {column}; save Graph's response as it is")
            }
            Self::SeveralDocuments { line } => write!(
                f,
                "a second JSON document begins at line {line}; save each response in its own file"
            ),
            Self::TooDeep { line } => {
                write!(f, "the JSON is nested deeper than any export at line {line}")
            }
            Self::CutOff => f.write_str(
                "PowerShell wrote a type's name here in place of its content; use Invoke-MgGraphRequest with -OutputType Json, or ConvertTo-Json -Depth 20",
            ),
            Self::NamedTwice { line } => write!(
                f,
                "an object has the same member twice before line {line}, so its meaning is ambiguous"
            ),
            Self::Secret => f.write_str(
                "this contains the value of a pass or password; remove and revoke it, because anybody with this file can use it",
            ),
            Self::GraphError(code) => write!(
                f,
                "Graph returned the error {}; check permissions and export again",
                printable(code)
            ),
            Self::BatchStatus(status) => write!(
                f,
                "this response of the batch has status {status}; export it again"
            ),
            Self::NotObjects => f.write_str("expected an object or a list of objects here"),
            Self::EmptyList => f.write_str(
                "this list is empty and does not state its type; export it with its @odata.context",
            ),
            Self::Unrecognised => f.write_str("this is not a known export"),
            Self::MixedKinds => f.write_str("this list contains objects of more than one kind"),
            Self::OtherTenant(other) => write!(
                f,
                "this is from a different cloud or tenant than {other}; export all files from one tenant"
            ),
            Self::OtherUser(other) => write!(
                f,
                "this is of a different user than {other}; give the files of one user"
            ),
            Self::OtherGroups => f.write_str(
                "this lists other groups than the question does; give the groups once",
            ),
            Self::Contradicts(other) => write!(
                f,
                "this contradicts {other} about the same object; keep only the newer one"
            ),
        }
    }
}

impl std::error::Error for ImportError {}
