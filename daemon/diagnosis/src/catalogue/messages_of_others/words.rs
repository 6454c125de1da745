//! What a text is about that is not known as a whole: sites word things their own way.

use super::super::{
    ALREADY_REGISTERED, ANOTHER_PHONE_PROFILE, ATTESTATION_ENFORCED, BLUETOOTH_OFF,
    CANCELLED_ON_PHONE, DECLINED_ON_PHONE, Entry, NO_ADAPTER, NO_ANSWER_ON_PHONE,
    NO_PASSKEY_FOR_SITE, NO_PHONE_HEARD, NO_SCREEN_LOCK, NOBODY_ANSWERED_IN_TIME, PHONE_BLUETOOTH,
    PHONE_OFFLINE, PROXY_REQUIRED, RELAY_UNREACHABLE, SCANNED_WITH_WRONG_APP, TLS_INSPECTED,
    USER_NOT_VERIFIED,
};
use super::message::{Message, comparable, says};

/// Each stands for the words that begin with it.
static WORDS: &[Message] = &[
    says(
        "bluetooth",
        &[&BLUETOOTH_OFF, &NO_ADAPTER, &PHONE_BLUETOOTH],
    ),
    says("attestation", &[&ATTESTATION_ENFORCED]),
    says("work profile", &[&ANOTHER_PHONE_PROFILE]),
    says(
        "authenticator",
        &[
            &SCANNED_WITH_WRONG_APP,
            &ANOTHER_PHONE_PROFILE,
            &ATTESTATION_ENFORCED,
        ],
    ),
    says(
        "qr code",
        &[&NO_PHONE_HEARD, &SCANNED_WITH_WRONG_APP, &PHONE_OFFLINE],
    ),
    says("scan", &[&NO_PHONE_HEARD, &SCANNED_WITH_WRONG_APP]),
    says("screen lock", &[&NO_SCREEN_LOCK]),
    says(
        "timed out",
        &[
            &NO_PHONE_HEARD,
            &NOBODY_ANSWERED_IN_TIME,
            &NO_ANSWER_ON_PHONE,
        ],
    ),
    says(
        "timeout",
        &[
            &NO_PHONE_HEARD,
            &NOBODY_ANSWERED_IN_TIME,
            &NO_ANSWER_ON_PHONE,
        ],
    ),
    says("cancel", &[&CANCELLED_ON_PHONE]),
    says("denied", &[&DECLINED_ON_PHONE]),
    says("declined", &[&DECLINED_ON_PHONE]),
    says("already", &[&ALREADY_REGISTERED]),
    says("certificate", &[&TLS_INSPECTED]),
    says("proxy", &[&PROXY_REQUIRED]),
    says("internet", &[&PHONE_OFFLINE, &RELAY_UNREACHABLE]),
    says("network", &[&PHONE_OFFLINE, &RELAY_UNREACHABLE]),
    says(
        "connect",
        &[&RELAY_UNREACHABLE, &PHONE_OFFLINE, &PHONE_BLUETOOTH],
    ),
    says("verif", &[&USER_NOT_VERIFIED, &NO_PASSKEY_FOR_SITE]),
    says(
        "passkey",
        &[&NO_PASSKEY_FOR_SITE, &NO_ANSWER_ON_PHONE, &NO_PHONE_HEARD],
    ),
];
/// More causes help nobody.
const MOST: usize = 5;
/// A single word is no sentence that a program shows.
const FEWEST_WORDS: usize = 2;

/// The first word that is known in a text, and the causes that have to do with all of them.
pub fn about(text: &str) -> Option<(&'static str, Vec<&'static Entry>)> {
    let text = format!(" {}", comparable(text));
    if text.split_whitespace().count() < FEWEST_WORDS {
        return None;
    }
    let mut found = WORDS
        .iter()
        .filter(|word| text.contains(&format!(" {}", word.shown)));
    let first = found.next()?;
    let mut causes: Vec<&Entry> = first.causes.to_vec();
    for cause in found.flat_map(|word| word.causes) {
        if causes.len() < MOST && !causes.contains(cause) {
            causes.push(cause);
        }
    }
    Some((first.shown, causes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_nobody_knows_is_told_what_it_is_about() {
        let codes = |text| {
            let causes = about(text).map(|(_, causes)| causes).unwrap_or_default();
            causes.iter().map(|entry| entry.code).collect::<Vec<_>>()
        };
        assert_eq!(
            codes("Please enable your BLUETOOTH now"),
            ["BT03", "BT01", "PH03"]
        );
        assert!(codes("Your passkey in the work profile is not there").contains(&"PH06"));
        assert_eq!(codes("hello world"), [""; 0]);
        assert_eq!(codes("passkey"), [""; 0]);
    }
}
