//! What is to be logged, in the words of `RUST_LOG`.

use tracing_subscriber::filter::{LevelFilter, Targets};

/// Reads a level (`debug`), a part (`hybrid_dial`, all of it) or a part's level
/// (`hybrid_dial=debug`), or several with commas between them. `None` where one of them is none of
/// these, or where there is none.
///
/// Stricter than `Targets`' own reader, which takes nothing at all for "log everything".
#[must_use]
pub fn log_filter(text: &str) -> Option<Targets> {
    let mut filter = None;
    for word in text
        .split(',')
        .map(str::trim)
        .filter(|word| !word.is_empty())
    {
        let so_far = filter.unwrap_or_else(Targets::new);
        filter = Some(match word.split_once('=') {
            Some((part, level)) => so_far.with_target(self::part(part)?, self::level(level)?),
            None => match level(word) {
                Some(level) => so_far.with_default(level),
                None => so_far.with_target(part(word)?, LevelFilter::TRACE),
            },
        });
    }
    filter
}

fn level(word: &str) -> Option<LevelFilter> {
    // An empty word would be the level "error".
    (!word.is_empty()).then(|| word.parse().ok())?
}

/// The path of a crate or module.
fn part(word: &str) -> Option<String> {
    let is_path = |char: char| char.is_ascii_alphanumeric() || "_:-".contains(char);
    (!word.is_empty() && word.chars().all(is_path)).then(|| word.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use tracing_subscriber::filter::LevelFilter as Level;

    #[test]
    fn a_filter_is_a_level_or_a_part_or_a_list_of_them() {
        let warn = Targets::new().with_default(Level::WARN);
        for (text, filter) in [
            ("warn", warn.clone()),
            ("WARN", warn.clone()),
            ("warn,", warn.clone()),
            ("off", Targets::new().with_default(Level::OFF)),
            (
                " warn , hybrid_dial=debug",
                warn.clone().with_target("hybrid_dial", Level::DEBUG),
            ),
            (
                "hybridd::agent=info,warn",
                warn.with_target("hybridd::agent", Level::INFO),
            ),
            (
                "hybridd",
                Targets::new().with_target("hybridd", Level::TRACE),
            ),
        ] {
            assert_eq!(log_filter(text), Some(filter), "{text}");
        }
    }

    #[test]
    fn what_is_no_filter_is_none() {
        for text in [
            "",
            " ",
            ",",
            "=",
            "a=",
            "=debug",
            "a=b=c",
            "hybridd=loud",
            "warn,hybridd[{a}]=debug",
            " a\u{a1}=",
            "\u{a1}",
            "a b",
        ] {
            assert_eq!(log_filter(text), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn reading_any_text_never_panics(text in ".*", ascii in "[a-z=,:\\[\\]{}\"\\\\./*+0-9 -]{0,40}") {
            let _ = log_filter(&text);
            let _ = log_filter(&ascii);
        }
    }
}
