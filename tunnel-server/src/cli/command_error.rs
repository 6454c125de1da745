//! Why a command does nothing, or no more.

use core::error::Error;
use core::fmt;

/// Why a command does nothing, or no more: a whole sentence for a person, and what caused it.
#[derive(Debug)]
pub(crate) struct CommandError {
    sentence: String,
    cause: Option<Box<dyn Error + Send + Sync>>,
}

impl CommandError {
    /// Something that nothing else caused.
    pub(crate) fn new(sentence: impl Into<String>) -> Self {
        Self {
            sentence: sentence.into(),
            cause: None,
        }
    }

    /// An error that says enough by itself.
    pub(crate) fn of(cause: impl Error + Send + Sync + 'static) -> Self {
        Self::caused(cause.to_string(), cause)
    }

    /// A sentence of ours, and the error that it tells of.
    pub(crate) fn caused(
        sentence: impl Into<String>,
        cause: impl Error + Send + Sync + 'static,
    ) -> Self {
        Self {
            sentence: sentence.into(),
            cause: Some(Box::new(cause)),
        }
    }
}

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}

impl Error for CommandError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        let cause = self.cause.as_ref()?;
        Some(cause.as_ref())
    }
}
