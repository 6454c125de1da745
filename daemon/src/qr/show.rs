//! How a code is shown, as a person says it.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// How the code is shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Show {
    /// Drawn in the terminal.
    Terminal,
    /// A picture at this path.
    Svg(PathBuf),
    /// A picture at this path.
    Png(PathBuf),
    /// Its text alone.
    Text,
    /// Not at all.
    None,
}

impl FromStr for Show {
    type Err = NotAWayToShow;

    fn from_str(text: &str) -> Result<Self, NotAWayToShow> {
        match text.split_once(':') {
            // Elsewhere it is a stream; here it would be a file of this name.
            Some((_, "-")) => Err(NotAWayToShow),
            Some(("svg", path)) if !path.is_empty() => Ok(Self::Svg(path.into())),
            Some(("png", path)) if !path.is_empty() => Ok(Self::Png(path.into())),
            None if text == "terminal" => Ok(Self::Terminal),
            None if text == "text" => Ok(Self::Text),
            None if text == "none" => Ok(Self::None),
            _ => Err(NotAWayToShow),
        }
    }
}

impl fmt::Display for Show {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Terminal => f.write_str("terminal"),
            Self::Svg(path) => write!(f, "svg:{}", path.display()),
            Self::Png(path) => write!(f, "png:{}", path.display()),
            Self::Text => f.write_str("text"),
            Self::None => f.write_str("none"),
        }
    }
}

/// The text names no way to show a code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NotAWayToShow;

impl fmt::Display for NotAWayToShow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected terminal, svg:PATH, png:PATH, text or none")
    }
}

impl std::error::Error for NotAWayToShow {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_way_to_show_is_read_back() {
        for text in ["terminal", "svg:/tmp/c.svg", "png:c.png", "text", "none"] {
            assert_eq!(text.parse::<Show>().unwrap().to_string(), text);
        }
        for wrong in ["", "svg", "svg:", "terminal:x", "Text", "pdf:/x", "png:-"] {
            assert_eq!(wrong.parse::<Show>(), Err(NotAWayToShow), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn reading_any_text_never_panics(text in ".*") {
            let _ = text.parse::<Show>();
        }
    }
}
