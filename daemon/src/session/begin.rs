//! How a session begins: fresh randomness, and the protocol that waits for the phone.

use super::ui::Ui;
use hybrid_dial::clock::now;
use hybrid_protocol::{
    Desktop, Hint, LinkEntropy, LinkStartError, Linking, QrEntropy, Secret, StoredLink,
};
use std::time::{SystemTime, UNIX_EPOCH};

/// How the phone comes to know of a session.
pub enum Begin {
    /// It scans a code.
    Code,
    /// Its relay wakes it: it was linked before.
    Link(Box<StoredLink>),
}

impl Begin {
    /// Starts a session, and shows its code if there is one. Nothing that can block comes before
    /// this.
    ///
    /// # Errors
    /// [`LinkStartError`] when the link names a relay that this version does not know.
    pub(super) fn start(&self, hint: Hint, ui: &mut impl Ui) -> Result<Desktop, LinkStartError> {
        loop {
            // One draw in 2³² is not a key: draw again.
            match self {
                Self::Code => {
                    if let Ok((desktop, code)) =
                        Desktop::by_qr(&draw_code(), unix_time(), hint, Linking::NotOffered, now())
                    {
                        ui.code(&code.to_text());
                        return Ok(desktop);
                    }
                }
                Self::Link(link) => {
                    let started = Desktop::by_link(link, &draw_link(), hint, now());
                    if !matches!(started, Err(LinkStartError::Entropy(_))) {
                        return started;
                    }
                }
            }
        }
    }

    /// Whether the relay is not known before the phone is heard, so that connections to likely ones
    /// are worth opening.
    pub(super) const fn leaves_relay_open(&self) -> bool {
        matches!(self, Self::Code)
    }
}

fn unix_time() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |time| time.as_secs())
}

fn draw_code() -> QrEntropy {
    QrEntropy {
        static_key: draw(),
        secret: draw(),
        ephemeral: draw(),
    }
}

fn draw_link() -> LinkEntropy {
    LinkEntropy {
        nonce: *draw().expose(),
        ephemeral: draw(),
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
