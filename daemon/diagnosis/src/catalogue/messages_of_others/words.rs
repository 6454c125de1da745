//! What a text is about that is not known as a whole: sites word things their own way.

use super::super::{
    ALREADY_REGISTERED, ANOTHER_PHONE_PROFILE, ATTESTATION_ENFORCED, BLUETOOTH_OFF, CANCELLED_HERE,
    CANCELLED_ON_PHONE, DECLINED_ON_PHONE, Entry, NO_ADAPTER, NO_ANSWER_ON_PHONE,
    NO_PASSKEY_FOR_SITE, NO_PHONE_HEARD, NO_SCREEN_LOCK, NOBODY_ANSWERED_IN_TIME, PHONE_BLUETOOTH,
    PHONE_OFFLINE, PROXY_REQUIRED, RELAY_UNREACHABLE, SCANNED_WITH_WRONG_APP, TLS_INSPECTED,
    USER_NOT_VERIFIED,
};
use super::message::comparable;

/// What a text can be about.
struct Subject {
    name: &'static str,
    /// One word of each group has to be there; each stands for the words that begin with it. A word
    /// that many texts have decides nothing alone.
    words: &'static [&'static [&'static str]],
    causes: &'static [&'static Entry],
}

const NOT: &[&str] = &[
    "not", "no", "cannot", "cant", "couldnt", "unable", "fail", "error", "lost", "wont", "doesnt",
    "didnt", "problem", "isnt", "wasnt",
];

static SUBJECTS: &[Subject] = &[
    Subject {
        name: "bluetooth",
        words: &[&["bluetooth"]],
        causes: &[&BLUETOOTH_OFF, &NO_ADAPTER, &PHONE_BLUETOOTH],
    },
    Subject {
        name: "attestation",
        words: &[&["attestation"]],
        causes: &[&ATTESTATION_ENFORCED],
    },
    Subject {
        name: "work profile",
        words: &[&["work profile"]],
        causes: &[&ANOTHER_PHONE_PROFILE],
    },
    Subject {
        name: "Microsoft Authenticator",
        words: &[&[
            "microsoft authenticator",
            "ms authenticator",
            "authenticator app",
        ]],
        causes: &[
            &SCANNED_WITH_WRONG_APP,
            &ANOTHER_PHONE_PROFILE,
            &ATTESTATION_ENFORCED,
        ],
    },
    Subject {
        name: "qr code",
        words: &[&["qr code", "qr codes"]],
        causes: &[&NO_PHONE_HEARD, &SCANNED_WITH_WRONG_APP, &PHONE_OFFLINE],
    },
    Subject {
        name: "scan",
        words: &[
            &["scan"],
            &[
                "code", "phone", "camera", "cant", "cannot", "couldnt", "not",
            ],
        ],
        causes: &[&NO_PHONE_HEARD, &SCANNED_WITH_WRONG_APP],
    },
    Subject {
        name: "screen lock",
        words: &[&["screen lock"]],
        causes: &[&NO_SCREEN_LOCK],
    },
    Subject {
        name: "timed out",
        words: &[&["timed out", "timeout", "time out"]],
        causes: &[
            &NO_PHONE_HEARD,
            &NOBODY_ANSWERED_IN_TIME,
            &NO_ANSWER_ON_PHONE,
        ],
    },
    Subject {
        name: "cancel",
        words: &[&["cancelled", "canceled", "cancellation"]],
        causes: &[&CANCELLED_ON_PHONE, &CANCELLED_HERE],
    },
    Subject {
        name: "declined",
        words: &[
            &["denied", "declined"],
            &["request", "user", "phone", "sign", "passkey"],
        ],
        causes: &[&DECLINED_ON_PHONE],
    },
    Subject {
        name: "already registered",
        words: &[
            &["already", "previously"],
            &[
                "registered",
                "enrolled",
                "exist",
                "have a passkey",
                "has a passkey",
                "set up",
            ],
        ],
        causes: &[&ALREADY_REGISTERED],
    },
    Subject {
        name: "certificate",
        words: &[&["certificate"]],
        causes: &[&TLS_INSPECTED],
    },
    Subject {
        name: "proxy",
        words: &[&["proxy"]],
        causes: &[&PROXY_REQUIRED],
    },
    Subject {
        name: "internet",
        words: &[
            &["internet", "network"],
            &[
                "check",
                "connect",
                "no",
                "not",
                "cant",
                "cannot",
                "lost",
                "without",
                "unavailable",
            ],
        ],
        causes: &[&PHONE_OFFLINE, &RELAY_UNREACHABLE],
    },
    Subject {
        name: "connect",
        words: &[&["connect"], NOT],
        causes: &[&RELAY_UNREACHABLE, &PHONE_OFFLINE, &PHONE_BLUETOOTH],
    },
    Subject {
        name: "verification",
        words: &[&["verif"], NOT],
        causes: &[&USER_NOT_VERIFIED, &NO_PASSKEY_FOR_SITE],
    },
    Subject {
        name: "passkey",
        words: &[&["passkey"], NOT],
        causes: &[&NO_PASSKEY_FOR_SITE, &NO_ANSWER_ON_PHONE, &NO_PHONE_HEARD],
    },
];
/// More causes help nobody.
const MOST: usize = 5;
/// A single word is no sentence that a program shows.
const FEWEST_WORDS: usize = 2;

/// The first subject that is known in a text, and the causes that have to do with all of them.
pub fn about(text: &str) -> Option<(&'static str, Vec<&'static Entry>)> {
    let text = comparable(text);
    if text.split_whitespace().count() < FEWEST_WORDS {
        return None;
    }
    let has = |word: &&str| text.contains(&format!(" {word}"));
    let is_about = |subject: &&Subject| subject.words.iter().all(|words| words.iter().any(has));
    let mut found = SUBJECTS.iter().filter(is_about);
    let first = found.next()?;
    let mut causes: Vec<&Entry> = first.causes.to_vec();
    for cause in found.flat_map(|subject| subject.causes) {
        if causes.len() < MOST && !causes.contains(cause) {
            causes.push(cause);
        }
    }
    Some((first.name, causes))
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
