//! What a terminal can show, as far as its surroundings tell: variables, its description, its size.

mod terminfo;

use std::env;
use std::ffi::OsString;
use std::os::fd::AsFd;

/// What can be shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ability {
    /// The colours to be had.
    pub colours: Palette,
    /// Characters beyond ASCII arrive as what they are.
    pub unicode: bool,
    /// The cursor can be moved, and lines erased.
    pub moves: bool,
    /// Its background is light. Most do not say, and then it is taken for a dark one.
    pub light: bool,
}

/// Which colours a terminal has.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Palette {
    /// None, or none are wanted.
    None,
    /// Eight, which are what the person or a theme made of them.
    Eight,
    /// The same, and a bright one of each.
    Sixteen,
    /// At least 256: those beyond the first sixteen are the same with every theme.
    Fixed,
}

/// The size of a terminal, in characters; `None` when it does not say.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct TerminalSize {
    /// Characters in a line.
    pub columns: Option<usize>,
    /// Lines.
    pub rows: Option<usize>,
}

impl Ability {
    /// Of the terminal that this program was started in.
    pub fn from_environment() -> Self {
        Self::told_by(|name| env::var_os(name))
    }

    /// What these variables say.
    pub fn told_by(variable: impl Fn(&str) -> Option<OsString>) -> Self {
        let text = |name: &str| {
            let value = variable(name)?.into_string().ok()?;
            Some(value).filter(|value| !value.is_empty())
        };
        let term = text("TERM").filter(|term| !["dumb", "unknown"].contains(&term.as_str()));
        let colours = match &term {
            Some(term) if variable("NO_COLOR").is_none_or(|value| value.is_empty()) => {
                palette(term, text, || terminfo::colours(term, &variable))
            }
            Some(_) | None => Palette::None,
        };
        Self {
            colours,
            unicode: is_unicode(text)
                || term.as_deref().is_some_and(|term| speaks_utf8(term, text)),
            moves: term.is_some(),
            // rxvt and Konsole tell the number of their background's colour.
            light: text("COLORFGBG").is_some_and(|pair| {
                let ground = pair
                    .rsplit(';')
                    .next()
                    .and_then(|last| last.parse::<u8>().ok());
                ground.is_some_and(|ground| ground == 7 || (9..16).contains(&ground))
            }),
        }
    }
}

/// The colours of a terminal by its description, and by what is known of descriptions that say
/// less than there is.
fn palette(
    term: &str,
    text: impl Fn(&str) -> Option<String>,
    described: impl Fn() -> Option<usize>,
) -> Palette {
    // Variables are inherited by what runs inside; these do not have what the terminal around them
    // may have.
    let apart = ["screen", "linux", "vt"]
        .iter()
        .any(|name| term.starts_with(name));
    let inside_tmux =
        text("TMUX").is_some() && (term.starts_with("screen") || term.starts_with("tmux"));
    let told = text("COLORTERM").is_some_and(|said| said == "truecolor" || said == "24bit");
    // Whatever calls itself xterm has had them for twenty years; its plain description has eight.
    if inside_tmux || (told && !apart) || term == "xterm" || term.contains("256color") {
        return Palette::Fixed;
    }
    let by_name = || {
        let none = ["vt1", "vt2", "vt3", "vt4", "vt5"];
        if none.iter().any(|name| term.starts_with(name)) || term.ends_with("-mono") {
            0
        } else {
            8
        }
    };
    match described().unwrap_or_else(by_name) {
        256.. => Palette::Fixed,
        16.. => Palette::Sixteen,
        8.. => Palette::Eight,
        _ => Palette::None,
    }
}

/// By the locale, as POSIX has it: the first of these that is set. One that names no character set
/// has an old one.
fn is_unicode(text: impl Fn(&str) -> Option<String>) -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .find_map(|name| text(name));
    locale.is_some_and(|locale| {
        let set = locale.split_once('.').map_or("", |(_, set)| set);
        let set = set.split('@').next().unwrap_or_default();
        ["utf-8", "utf8"]
            .iter()
            .any(|name| set.eq_ignore_ascii_case(name))
    })
}

/// Terminals that show nothing but UTF-8, whatever the locale, when nothing stands between.
fn speaks_utf8(term: &str, text: impl Fn(&str) -> Option<String>) -> bool {
    let between = ["TMUX", "STY"].iter().any(|name| text(name).is_some());
    let always = [
        "xterm-kitty",
        "xterm-ghostty",
        "alacritty",
        "foot",
        "wezterm",
    ];
    let told = ["VTE_VERSION", "KONSOLE_VERSION"];
    let apart = term.starts_with("screen") || term.starts_with("tmux");
    !between
        && !apart
        && (always.iter().any(|name| term.starts_with(name))
            || told.iter().any(|name| text(name).is_some()))
}

/// What the terminal says; nothing where there is none. A serial line says nothing of its own: what
/// is set for it holds, and otherwise what every terminal has had since the VT100.
pub fn size(of: impl AsFd) -> TerminalSize {
    rustix::termios::tcgetwinsize(of).map_or_else(
        |_| TerminalSize::default(),
        |size| size_of((size.ws_col, size.ws_row), |name| env::var(name).ok()),
    )
}

fn size_of((columns, rows): (u16, u16), variable: impl Fn(&str) -> Option<String>) -> TerminalSize {
    const USUAL: (usize, usize) = (80, 24);
    // More than any terminal has is a mistake, and would be a large picture.
    const MOST: usize = 1000;
    let set = |name| {
        let number = variable(name)?.trim().parse().ok()?;
        (1..=MOST).contains(&number).then_some(number)
    };
    let length = |said: u16, name, usual| match said {
        0 => set(name).unwrap_or(usual),
        said => usize::from(said),
    };
    TerminalSize {
        columns: Some(length(columns, "COLUMNS", USUAL.0)),
        rows: Some(length(rows, "LINES", USUAL.1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(set: &[(&str, &str)]) -> Ability {
        Ability::told_by(|name| {
            let found = set.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).into())
        })
    }

    #[test]
    fn a_terminal_that_says_no_size_has_the_one_that_is_set_or_the_usual_one() {
        let of = |said, set: &[(&str, &str)]| {
            let size = size_of(said, |name| {
                let found = set.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| (*value).to_owned())
            });
            (size.columns.unwrap(), size.rows.unwrap())
        };
        let set = [("COLUMNS", "100"), ("LINES", "50")];
        assert_eq!(of((0, 0), &[]), (80, 24));
        assert_eq!(of((0, 0), &set), (100, 50));
        assert_eq!(of((60, 0), &set), (60, 50));
        assert_eq!(of((60, 20), &set), (60, 20));
        for wrong in ["0", "", "many", "-1", "99999999"] {
            assert_eq!(of((0, 24), &[("COLUMNS", wrong)]), (80, 24), "{wrong}");
        }
    }

    #[test]
    fn colours_are_those_that_no_theme_changes_where_there_are_any() {
        for (set, expected) in [
            (&[("TERM", "xterm-256color")] as &[_], Palette::Fixed),
            (&[("TERM", "xterm")], Palette::Fixed),
            (
                &[("TERM", "xterm-256color"), ("NO_COLOR", "")],
                Palette::Fixed,
            ),
            (
                &[("TERM", "xterm-256color"), ("NO_COLOR", "1")],
                Palette::None,
            ),
            (
                &[("TERM", "of-the-future"), ("COLORTERM", "truecolor")],
                Palette::Fixed,
            ),
            (
                &[("TERM", "screen"), ("TMUX", "/tmp/x,1,0")],
                Palette::Fixed,
            ),
            (
                &[("TERM", "screen"), ("COLORTERM", "truecolor")],
                Palette::Eight,
            ),
            (&[("TERM", "linux")], Palette::Eight),
            (&[("TERM", "of-the-future")], Palette::Eight),
            (&[("TERM", "vt100")], Palette::None),
            (&[("TERM", "vt220")], Palette::None),
            (&[("TERM", "vt100"), ("COLORTERM", "24bit")], Palette::None),
            (&[("TERM", "xterm-mono")], Palette::None),
            (
                &[("TERM", "dumb"), ("COLORTERM", "truecolor")],
                Palette::None,
            ),
            (&[], Palette::None),
        ] {
            assert_eq!(told(set).colours, expected, "{set:?}");
        }
    }

    #[test]
    fn a_dumb_terminal_is_only_written_to() {
        for set in [&[("TERM", "dumb")] as &[_], &[("TERM", "")], &[]] {
            assert!(!told(set).moves, "{set:?}");
        }
        assert!(told(&[("TERM", "vt100")]).moves);
    }

    #[test]
    fn the_first_locale_that_is_set_says_what_characters_there_are() {
        for (set, expected) in [
            (&[("LANG", "C.UTF-8")] as &[_], true),
            (&[("LANG", "de_DE.utf8@euro")], true),
            (&[("LANG", "C")], false),
            (&[("LANG", "de_DE")], false),
            (&[("LANG", "de_DE.ISO-8859-1")], false),
            (&[("LANG", "C.UTF-8"), ("LC_ALL", "POSIX")], false),
            (
                &[("LANG", "C.UTF-8"), ("LC_ALL", ""), ("LC_CTYPE", "C")],
                false,
            ),
            (&[("LANG", "C"), ("LC_CTYPE", "C.UTF-8")], true),
            (
                &[
                    ("LANG", "C"),
                    ("TERM", "xterm-256color"),
                    ("VTE_VERSION", "7600"),
                ],
                true,
            ),
            (
                &[("LANG", "C"), ("TERM", "screen"), ("VTE_VERSION", "7600")],
                false,
            ),
            (
                &[
                    ("LANG", "C"),
                    ("TERM", "xterm"),
                    ("VTE_VERSION", "7600"),
                    ("TMUX", "x"),
                ],
                false,
            ),
            (&[], false),
        ] {
            assert_eq!(told(set).unicode, expected, "{set:?}");
        }
    }

    #[test]
    fn a_light_background_is_known_where_it_is_told() {
        for (pair, light) in [
            ("0;15", true),
            ("15;0", false),
            ("0;default;7", true),
            ("x", false),
        ] {
            assert_eq!(told(&[("COLORFGBG", pair)]).light, light, "{pair}");
        }
        assert!(!told(&[]).light);
    }
}
