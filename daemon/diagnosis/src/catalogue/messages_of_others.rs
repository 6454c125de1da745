//! What other programs and phones show, as people type it into a search, and the causes behind it.

use super::adverts::NO_PHONE_HEARD;
use super::entry::Entry;
use super::network::RELAY_UNREACHABLE;
use super::phone::{
    ANOTHER_PHONE_PROFILE, NO_ANSWER_ON_PHONE, PHONE_CANNOT_DO_WHAT_SITE_REQUIRES, PHONE_OFFLINE,
};
use super::radio::NO_ADAPTER;
use super::session::{CANCELLED_ON_PHONE, NO_PASSKEY_FOR_SITE, NOBODY_ANSWERED_IN_TIME};

struct Text {
    /// Lower case.
    shown: &'static str,
    causes: &'static [&'static Entry],
}

static TEXTS: [Text; 13] = [
    text(
        "no passkeys available",
        &[&NO_ANSWER_ON_PHONE, &NO_PASSKEY_FOR_SITE],
    ),
    text("iphone, ipad, or android device", &[&NO_ADAPTER]),
    text("we couldn't sign you in", &[&ANOTHER_PHONE_PROFILE]),
    text(
        "we couldn't use your device to verify your identity",
        &[&NO_PASSKEY_FOR_SITE],
    ),
    text(
        "this passkey can no longer be used",
        &[&NO_PASSKEY_FOR_SITE],
    ),
    text(
        "devices cannot connect",
        &[&PHONE_OFFLINE, &RELAY_UNREACHABLE],
    ),
    text(
        "check your network and bluetooth",
        &[&NO_PHONE_HEARD, &PHONE_OFFLINE],
    ),
    text("0x800704c7", &[&CANCELLED_ON_PHONE]),
    text(
        "0x800705b4",
        &[&NOBODY_ANSWERED_IN_TIME, &RELAY_UNREACHABLE],
    ),
    text("0x80090011", &[&NO_PASSKEY_FOR_SITE]),
    text("0x80090029", &[&PHONE_CANNOT_DO_WHAT_SITE_REQUIRES]),
    text("0x80090030", &[&NO_ADAPTER]),
    text("0x80090035", &[&NO_ADAPTER]),
];

const fn text(shown: &'static str, causes: &'static [&'static Entry]) -> Text {
    Text { shown, causes }
}

/// The causes behind a text that another program showed; none when it is not known. Any known part
/// of it counts.
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
        let codes = |shown| {
            behind(shown)
                .iter()
                .map(|entry| entry.code)
                .collect::<Vec<_>>()
        };
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
