//! Why there is nothing to inspect: what was expected, and what came. The input itself is not
//! repeated, as it may hold what is nobody else's.

use super::found::MOST_LAYERS;
use std::fmt;

/// Larger than any response, and than most tenants' lists of passkeys.
pub const LONGEST: usize = 4 << 20;

/// What every message begins with.
const EXPECTED: &str =
    "expected a WebAuthn response, options, a record of a passkey, or fields of them in base64";

/// Why there is nothing to inspect.
#[derive(Debug)]
#[non_exhaustive]
pub enum IntakeError {
    /// Nothing but white space.
    Empty,
    /// More bytes than are read.
    TooLong,
    /// Neither text in UTF-8 or UTF-16 nor bytes that are known.
    NoText,
    /// JSON that cannot be read.
    Json(serde_json::Error),
    /// A second document begins at this line.
    SecondDocument(usize),
    /// Other text follows the document, from this line on.
    Rest(usize),
    /// Nothing is known down to the layer where the search ends.
    Deep,
    /// An object as a browser's console shows it: without its bytes.
    Console,
    /// An object in the notation of a programming language.
    Literal,
    /// Objects as PowerShell shows them on a screen.
    PowerShell,
    /// What lay deep was replaced by a type's name.
    CutOff,
    /// A certificate or key.
    Pem,
    /// A page or XML.
    Markup,
    /// JSON without anything that is known; what it is instead.
    NothingKnown(&'static str),
    /// Text that is neither JSON nor base64.
    NoBase64,
    /// So many bytes that are nothing that is known.
    UnknownBytes(usize),
    /// Several fields of the same kind.
    Twice(&'static str),
}

impl fmt::Display for IntakeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "{EXPECTED}, got nothing"),
            Self::TooLong => write!(
                f,
                "{EXPECTED}, of at most {LONGEST} bytes; got more: copy the one response, the options or the record alone"
            ),
            Self::NoText => write!(
                f,
                "{EXPECTED}; got bytes that are no text in UTF-8 or UTF-16 and no such object"
            ),
            Self::Json(error) if error.is_eof() => write!(
                f,
                "{EXPECTED}; got JSON that ends too early, at line {} column {}: it was probably not copied to its end",
                error.line(),
                error.column()
            ),
            Self::Json(error) => write!(
                f,
                "{EXPECTED}; got what begins like JSON and is none at line {} column {}, or is nested too deeply there",
                error.line(),
                error.column()
            ),
            Self::SecondDocument(line) => write!(
                f,
                "{EXPECTED}, as one document; got a second one that begins at line {line}: put each into a file of its own"
            ),
            Self::Rest(line) => write!(
                f,
                "{EXPECTED}, as one document; got other text after it, at line {line}: copy the JSON alone"
            ),
            Self::Deep => write!(
                f,
                "{EXPECTED}; got JSON without any of their members down to layer {MOST_LAYERS}, and it is nested more deeply: copy the inner object alone"
            ),
            Self::Console => write!(
                f,
                "{EXPECTED}; got an object as a console shows it, without its bytes: enter copy(JSON.stringify(credential.toJSON())) in the browser's console, and paste"
            ),
            Self::Literal => write!(
                f,
                "{EXPECTED}; got an object in a programming language's notation, which is no JSON: have it written with JSON.stringify or json.dumps"
            ),
            Self::PowerShell => write!(
                f,
                "{EXPECTED}; got an object as PowerShell shows it (@{{…}}): have it written with ConvertTo-Json -Depth 10"
            ),
            Self::CutOff => write!(
                f,
                "{EXPECTED}; got JSON in which PowerShell replaced what lay deep by the name of its type: have it written with ConvertTo-Json -Depth 10"
            ),
            Self::Pem => write!(
                f,
                "{EXPECTED}; got a certificate or key in PEM, which says nothing about a passkey alone"
            ),
            Self::Markup => write!(
                f,
                "{EXPECTED}; got a page or XML: copy the JSON or the field alone"
            ),
            Self::NothingKnown(got) => write!(
                f,
                "{EXPECTED}; got {got} in JSON without any of their members"
            ),
            Self::NoBase64 => write!(
                f,
                "{EXPECTED}; got text that is neither JSON nor base64 nor a model's id"
            ),
            Self::UnknownBytes(bytes) => write!(
                f,
                "{EXPECTED}; got {bytes} bytes that are no attestation object, authenticator data or client data"
            ),
            Self::Twice(field) => write!(f, "{EXPECTED}, of one passkey; got {field} twice"),
        }
    }
}

impl std::error::Error for IntakeError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Json(error) => Some(error),
            Self::Empty
            | Self::TooLong
            | Self::Rest(_)
            | Self::Deep
            | Self::NoText
            | Self::SecondDocument(_)
            | Self::Console
            | Self::Literal
            | Self::PowerShell
            | Self::CutOff
            | Self::Pem
            | Self::Markup
            | Self::NothingKnown(_)
            | Self::NoBase64
            | Self::UnknownBytes(_)
            | Self::Twice(_) => None,
        }
    }
}
