//! A fresh code: its randomness, and the protocol that waits for the phone which scans it.

use super::ui::Ui;
use hybrid_dial::clock::now;
use hybrid_protocol::{Desktop, Linking, QrEntropy, Secret};
use hybrid_webauthn::Ceremony;
use std::time::{SystemTime, UNIX_EPOCH};

/// Starts a session and shows its code. Nothing that can block comes before this.
pub(super) fn show_code(ceremony: &Ceremony, ui: &mut impl Ui) -> Desktop {
    let unix_time = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |time| time.as_secs());
    loop {
        let entropy = QrEntropy {
            static_key: draw(),
            secret: draw(),
            ephemeral: draw(),
        };
        // One draw in 2³² is not a key: draw again.
        if let Ok((desktop, code)) = Desktop::by_qr(
            &entropy,
            unix_time,
            ceremony.hint(),
            Linking::NotOffered,
            now(),
        ) {
            ui.code(&code.to_text());
            return desktop;
        }
    }
}

/// The operating system's randomness. Without it no key can be made, so it is asked until it
/// answers.
fn draw<const N: usize>() -> Secret<N> {
    loop {
        if let Ok(secret) = Secret::fill_with(getrandom::fill) {
            return secret;
        }
        std::thread::yield_now();
    }
}
