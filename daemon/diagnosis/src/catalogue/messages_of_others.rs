//! What other programs and phones show, as people type it into a search, and the causes behind it.

use super::adverts::AD01;
use super::entry::Entry;
use super::network::NW03;
use super::phone::{PH01, PH06, PH07, PH12};
use super::radio::BT01;
use super::session::{CT2D, CT2E, CT2F};

struct Text {
    /// Lower case.
    shown: &'static str,
    causes: &'static [&'static Entry],
}

static TEXTS: [Text; 13] = [
    text("no passkeys available", &[&PH07, &CT2E]),
    text("iphone, ipad, or android device", &[&BT01]),
    text("we couldn't sign you in", &[&PH06]),
    text("we couldn't use your device to verify your identity", &[&CT2E]),
    text("this passkey can no longer be used", &[&CT2E]),
    text("devices cannot connect", &[&PH01, &NW03]),
    text("check your network and bluetooth", &[&AD01, &PH01]),
    text("0x800704c7", &[&CT2D]),
    text("0x800705b4", &[&CT2F, &NW03]),
    text("0x80090011", &[&CT2E]),
    text("0x80090029", &[&PH12]),
    text("0x80090030", &[&BT01]),
    text("0x80090035", &[&BT01]),
];

const fn text(shown: &'static str, causes: &'static [&'static Entry]) -> Text {
    Text { shown, causes }
}

/// The causes behind a text that another program showed; none when it is not known. Any known part of it counts.
pub fn behind(shown: &str) -> Vec<&'static Entry> {
    let shown = shown.trim().to_lowercase().replace('\u{2019}', "'");
    let found = TEXTS.iter().find(|text| shown.contains(text.shown));
    found.map(|text| text.causes.to_vec()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shown_text_is_found_in_any_case_and_inside_others() {
        let codes = |shown| behind(shown).iter().map(|entry| entry.code).collect::<Vec<_>>();
        assert_eq!(codes("Error: No Passkeys Available."), ["PH07", "CT2E"]);
        assert_eq!(codes("We couldn\u{2019}t sign you in"), ["PH06"]);
        assert_eq!(codes("0x80090035"), ["BT01"]);
        assert_eq!(codes("hello"), [""; 0]);
        assert_eq!(codes(""), [""; 0]);
    }

    #[test]
    fn every_text_is_lower_case_because_it_is_compared_so() {
        for text in &TEXTS {
            assert_eq!(text.shown, text.shown.to_lowercase());
        }
    }
}
