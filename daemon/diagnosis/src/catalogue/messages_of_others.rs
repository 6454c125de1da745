//! What other programs and phones show in a cross-device sign-in, as people type it into a search,
//! and the causes behind it. The texts are English: Chromium's as its sources have them, the others as
//! public reports and help pages tell them.

mod browsers;
mod firefox;
mod message;
mod numbers;
mod pages;
mod phones;
mod sites;
mod windows;
mod words;

pub use message::Message;
pub use words::about;

use crate::plain_text::squeezed;
use message::comparable;

/// The texts of one kind of program.
pub struct MessageSource {
    /// Who shows them.
    pub name: &'static str,
    /// What says more than any of the causes, where there is such a thing: a sentence.
    pub ask_first: Option<&'static str>,
    /// The texts.
    pub messages: &'static [Message],
}

impl MessageSource {
    const fn new(name: &'static str, messages: &'static [Message]) -> Self {
        Self {
            name,
            ask_first: None,
            messages,
        }
    }
}

/// Everything that is known, by who shows it.
pub static SOURCES: [MessageSource; 7] = [
    MessageSource::new(
        "Chromium, Chrome and Edge, and the errors that they report to the site",
        browsers::MESSAGES,
    ),
    MessageSource {
        name: "Firefox",
        ask_first: Some(
            "hybridd key status says whether programs see the phone as a security key, and why not.",
        ),
        messages: firefox::MESSAGES,
    },
    MessageSource::new(
        "other errors that browsers and libraries report to the site",
        pages::MESSAGES,
    ),
    MessageSource::new("Windows", windows::MESSAGES),
    MessageSource::new("Android and iOS", phones::MESSAGES),
    MessageSource::new("sites", sites::MESSAGES),
    MessageSource::new(
        "error numbers of Windows, Apple and Chromium, and names of CTAP errors",
        numbers::MESSAGES,
    ),
];

/// Shorter parts of a text could be of any.
const FEWEST_WORDS: usize = 3;
const SHORTEST_PART: usize = 16;

/// The message that a text holds, or is a part of, or is but for its spaces; of several the most
/// specific.
pub fn message(text: &str) -> Option<(&'static MessageSource, &'static Message)> {
    let text = comparable(text);
    let all = || {
        SOURCES.iter().flat_map(|source| {
            let messages = source.messages.iter();
            messages.map(move |message| (source, message))
        })
    };
    let whole = all().filter(|(_, message)| text.contains(&comparable(message.shown)));
    let length = |found: &(&MessageSource, &Message)| found.1.shown.len();
    let part = || {
        let words = text.split_whitespace().count();
        let long = words >= FEWEST_WORDS && text.chars().count() >= SHORTEST_PART;
        let of_it =
            || all().filter(|(_, message)| long && comparable(message.shown).contains(&text));
        let found = of_it().min_by_key(length)?;
        // A part of several texts that differ in meaning says nothing.
        let first = |message: &Message| message.causes.first().map(|entry| entry.code);
        of_it()
            .all(|(_, message)| first(message) == first(found.1))
            .then_some(found)
    };
    // Nothing but the whole: a part without its spaces can be that of any word.
    let spaced =
        || all().find(|(_, message)| squeezed(&comparable(message.shown)) == squeezed(&text));
    whole.max_by_key(length).or_else(part).or_else(spaced)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn codes(shown: &str) -> Vec<&'static str> {
        let causes = message(shown).map_or(&[][..], |(_, message)| message.causes);
        causes.iter().map(|entry| entry.code).collect()
    }

    #[test]
    fn a_shown_text_is_found_in_any_case_and_inside_others() {
        assert_eq!(codes("Error: No Passkeys Available."), ["CT2E", "PH07"]);
        assert_eq!(codes("We couldn\u{2019}t sign you in")[0], "PH06");
        assert_eq!(codes("0x80090035")[0], "BT01");
        assert_eq!(codes("HRESULT 80090035")[0], "BT01");
        assert_eq!(codes("hello"), [""; 0]);
        assert_eq!(codes(""), [""; 0]);
    }

    #[test]
    fn every_text_leads_to_its_own_causes() {
        for source in &SOURCES {
            for known in source.messages {
                let shown = known.shown;
                let (_, found) = message(shown).unwrap();
                assert_eq!(found.shown, shown);
                assert!(
                    !known.causes.is_empty() && known.causes.len() <= 6,
                    "{shown}"
                );
                for (place, entry) in known.causes.iter().enumerate() {
                    assert!(!known.causes[..place].contains(entry), "{shown}");
                }
            }
        }
    }

    #[test]
    fn the_sentence_that_people_know_best_is_explained() {
        for text in [
            "Connecting to your device",
            "connecting to your device…",
            "\u{201c}Connecting to your  device...\u{201d}",
        ] {
            assert_eq!(codes(text)[0], "NW03", "{text}");
        }
    }

    #[test]
    fn a_part_of_a_text_is_enough_when_it_is_long() {
        assert_eq!(
            codes("check your internet connection"),
            codes(
                "On both devices, check your internet connection and turn on Bluetooth. Then, try again."
            )
        );
        assert_eq!(codes("Connectin"), [""; 0]);
    }

    #[test]
    fn what_a_help_desk_asks_first_is_reached_from_what_people_see() {
        for code in ["PH05", "PH06", "PH10"] {
            assert!(codes("Something went wrong").contains(&code), "{code}");
        }
        assert!(codes("No usable data found").contains(&"PH05"));
        assert!(codes("We couldn't sign you in").contains(&"PH06"));
    }

    proptest! {
        #[test]
        fn looking_up_any_text_never_panics(text in ".{0,200}") {
            let _ = message(&text);
            let _ = about(&text);
        }
    }
}
