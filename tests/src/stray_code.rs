//! A code whose desktop never comes.

use hybrid_protocol::{BadScalar, Desktop, Hint, Linking, QrEntropy, Secret};
use std::time::Instant;

/// When it was made, in seconds since 1970: some time of the year 2026.
const UNIX_TIME: u64 = 1_790_000_000;

/// Its text; another one for each `fill`.
///
/// # Errors
/// Never with these keys.
pub fn stray_code(fill: u8) -> Result<String, BadScalar> {
    let entropy = QrEntropy {
        static_key: Secret::new([7; 32]),
        secret: Secret::new([fill; 16]),
        ephemeral: Secret::new([9; 32]),
    };
    let (hint, linking, now) = (Hint::SignIn, Linking::NotOffered, Instant::now());
    let (_, code) = Desktop::by_qr(&entropy, UNIX_TIME, hint, linking, now)?;
    Ok(code.to_text().expose().to_owned())
}
