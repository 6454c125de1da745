//! The words around a code: what to do, which keys there are, and the way out when no camera
//! reads it. Each text comes in several lengths; the longest that fits is taken.

use super::told::{fold, rows as cut};
use super::wrap::{width, wrap};

/// What can be done about a code beside scanning it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ways {
    /// Somebody reads what a person types.
    pub keys: bool,
    /// The option of this program that writes a picture, if it has one.
    pub option: Option<&'static str>,
}

/// Below a code, in so many rows.
pub(super) fn caption(ways: Ways, narrow: bool, columns: usize, most: usize) -> Vec<String> {
    const ROOMY: usize = 3;
    let whole = whole(ways, narrow);
    let whole = cut(&wrap(&whole, 0, Some(columns)), columns);
    if most >= ROOMY && whole.len() <= most.min(ROOMY) {
        return whole;
    }
    if most == 0 {
        return Vec::new();
    }
    vec![longest(&short(ways), columns)]
}

fn whole(ways: Ways, narrow: bool) -> String {
    let mut text = "Scan this code with your phone's camera.".to_owned();
    text.push_str(match ways.keys {
        true => " Press Enter for a new one, Ctrl-C to stop.",
        false => " Press Ctrl-C to stop.",
    });
    if narrow {
        text.push_str(" Its margin is narrow: enlarge the terminal.");
    }
    text.push_str(&match (ways.keys, ways.option) {
        (true, Some(option)) => {
            format!(
                " If it is not recognised, press p and Enter to write a picture, as {option} does."
            )
        }
        (true, None) => {
            " If it is not recognised, press p and Enter to write a picture.".to_owned()
        }
        (false, Some(option)) => format!(" If it is not recognised, use {option}."),
        (false, None) => String::new(),
    });
    text
}

fn short(ways: Ways) -> Vec<String> {
    match (ways.keys, ways.option) {
        (true, option) => {
            let named = option
                .map(|option| format!(" ({option})"))
                .unwrap_or_default();
            vec![
                format!(
                    "Scan it with the phone. Enter: new code, p Enter: picture{named}, Ctrl-C: stop"
                ),
                format!("Scan it. Enter: new code, p Enter: picture{named}, Ctrl-C: stop"),
                format!("Enter: new, p Enter: picture{named}, Ctrl-C: stop"),
                "Enter: new code, p Enter: picture".to_owned(),
                "p Enter: picture".to_owned(),
            ]
        }
        (false, Some(option)) => vec![
            format!("Scan it with the phone; if it is not recognised, use {option}. Ctrl-C: stop"),
            format!("Scan it with the phone, or use {option}. Ctrl-C: stop"),
            format!("Or use {option}. Ctrl-C: stop"),
            option.to_owned(),
        ],
        (false, None) => vec!["Scan it with the phone. Ctrl-C: stop".to_owned()],
    }
}

/// The words for a code that needs so many columns and rows and does not have them. `blocks` offers
/// to draw it in characters that the locale does not promise.
pub(super) fn no_room(
    ways: Ways,
    needs: (usize, usize),
    has: (usize, usize),
    blocks: bool,
) -> Vec<String> {
    let (columns, rows) = has;
    let needs = format!("{}x{}", needs.0, needs.1);
    let (why, brief_why) = if blocks {
        (
            format!(
                "Without UTF-8, the code needs {needs} characters, but the terminal has {columns}x{rows}"
            ),
            "No room without UTF-8".to_owned(),
        )
    } else {
        (
            format!("The code needs {needs} characters, but the terminal has {columns}x{rows}"),
            format!("Too small for the code ({needs})"),
        )
    };
    let (out, brief_out) = out(ways, blocks);
    let texts = [
        format!("{why}: enlarge the terminal, or {out}"),
        format!("{brief_why}: enlarge it, or {out}"),
        format!("{brief_why}. {brief_out}"),
        brief_out,
    ];
    let row = columns.saturating_sub(1).max(1);
    if let Some(text) = texts.iter().find(|text| width(text) <= row) {
        return vec![text.clone()];
    }
    // On several rows it is still one sentence; the brief ones first, to leave room for the text.
    let [.., brief, briefest] = &texts;
    for text in [brief, briefest] {
        let wrapped = cut(&wrap(text, 0, Some(row)), row);
        if wrapped.len() < rows {
            return wrapped;
        }
    }
    let last = if ways.keys {
        "p Enter: picture"
    } else {
        ways.option.unwrap_or("too small")
    };
    vec![fold(last, row)]
}

/// What can be done, in whole words and in few.
fn out(ways: Ways, blocks: bool) -> (String, String) {
    let (option, brief_option) = match ways.option {
        Some(option) if ways.keys => (format!(", as {option} does"), format!(" ({option})")),
        Some(option) => (format!("use {option}"), option.to_owned()),
        None => (String::new(), String::new()),
    };
    let (draw, brief_draw) = if blocks && ways.keys {
        (
            "; press b and Enter to draw it in blocks anyway",
            ", b Enter: blocks anyway",
        )
    } else {
        ("", "")
    };
    let (write, brief_write) = if ways.keys {
        ("press p and Enter to write a picture", "p Enter: picture")
    } else if ways.option.is_none() {
        ("use another one", "Use another terminal")
    } else {
        ("", "")
    };
    (
        format!("{write}{option}{draw}"),
        format!("{brief_write}{brief_option}{brief_draw}"),
    )
}

/// The longest that fits.
pub(super) fn longest(texts: &[String], columns: usize) -> String {
    let fits = texts.iter().find(|text| width(text) <= columns);
    let last = fits.or(texts.last()).map_or("", String::as_str);
    fold(last, columns)
}
