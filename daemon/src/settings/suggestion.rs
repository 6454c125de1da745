//! What was probably meant by a name that is none.

use strsim::osa_distance;

/// Half as long again as the longest name; what is longer was no attempt at one.
const LONGEST: usize = 32;

/// The name that is at most a few slips of the keyboard away.
pub(super) fn nearest(
    wrong: &str,
    names: impl Iterator<Item = &'static str>,
) -> Option<&'static str> {
    if wrong.len() > LONGEST {
        return None;
    }
    let (slips, name) = names
        .map(|name| (osa_distance(wrong, name), name))
        .min_by_key(|(slips, _)| *slips)?;
    (slips <= (name.len() / 3).clamp(1, 3)).then_some(name)
}

/// That a name is none, with what was probably meant. What no setting could be called is not
/// repeated: it may be what belongs into a value.
pub(super) fn unknown(wrong: &str, names: impl Iterator<Item = &'static str>) -> String {
    let plausible = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if wrong.is_empty() || wrong.len() > LONGEST || !wrong.bytes().all(plausible) {
        return "this is not a setting".to_owned();
    }
    match nearest(&wrong.to_ascii_lowercase().replace('-', "_"), names) {
        Some(name) => format!("{wrong} is not a setting; did you mean {name}?"),
        None => format!("{wrong} is not a setting"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_probably_meant_is_said_and_nothing_is_guessed() {
        let said = |wrong| unknown(wrong, ["preconnect", "qr", "no_proxy"].into_iter());
        for (wrong, meant) in [
            ("preconect", "preconnect"),
            ("perconnect", "preconnect"),
            ("Preconnect", "preconnect"),
            ("no-proxy", "no_proxy"),
            ("rq", "qr"),
        ] {
            let expected = format!("{wrong} is not a setting; did you mean {meant}?");
            assert_eq!(said(wrong), expected);
        }
        assert_eq!(said("hostname"), "hostname is not a setting");
        for secret in ["", "http://me:secret@proxy", &"k".repeat(40), "a\u{1b}[2J"] {
            assert_eq!(said(secret), "this is not a setting");
        }
    }
}
