//! What Firefox shows (ESR 153.8, as our own rounds with it saw it): it has no code of its own, and
//! waits for a security key.

use super::super::{
    FIREJAIL_HIDES_KEYS, FLATPAK_HIDES_KEYS, KEY_SWITCHED_OFF, NO_KEY_AGENT, NO_PROMPT,
    SNAP_HIDES_KEYS,
};
use super::message::{Message, says};

pub(super) static MESSAGES: &[Message] = &[
    // The name of the site follows.
    says(
        "Touch your security key to continue with",
        &[
            &NO_KEY_AGENT,
            &KEY_SWITCHED_OFF,
            &NO_PROMPT,
            &SNAP_HIDES_KEYS,
            &FLATPAK_HIDES_KEYS,
            &FIREJAIL_HIDES_KEYS,
        ],
    ),
];
