//! What time it is for a session: the runtime's clock, which tests can hold and turn by hand.

use std::time::Instant;

/// Now, as the runtime's timers count it; the computer's clock in every program.
pub fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}
