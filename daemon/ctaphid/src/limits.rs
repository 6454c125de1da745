//! What is bounded, and by how much.

use std::time::Duration;

/// The longest message that CTAPHID can carry: 57 bytes in the first report and 59 in each of 128
/// more (CTAP 2.2 §11.2.4).
pub const MAX_MESSAGE: usize = 57 + 128 * 59;

/// Channels that are remembered. A client opens one for each of its handles.
pub const MAX_CHANNELS: usize = 64;

/// Messages that may be incomplete at the same time, on as many channels.
pub const MAX_ASSEMBLIES: usize = 16;

/// A credential id above this is refused; WebAuthn stops at 1023.
pub const MAX_CREDENTIAL_ID: usize = 1024;

/// Reports that may wait for the host beyond which only CANCEL is heard.
///
/// Together with [`BURST`] it bounds how long a flood can hold back a keepalive.
pub const MAX_BACKLOG: usize = 160;

/// Outputs that may wait to be taken, beyond which no request is served. A loop that takes them
/// after each input never sees it.
pub const MAX_OUTPUTS: usize = 256;

/// Reports that are handed out without a pause. The kernel's ring for each open handle holds 64 and
/// drops what comes on top, so that two bursts fit a reader that has not run yet.
pub const BURST: usize = 24;

/// The pause after a burst: one report a millisecond, as a real full-speed key.
pub const BURST_PAUSE: Duration = Duration::from_millis(24);

/// The next fragment of a message must come within this time (CTAP 2.2 §11.2.5.1 leaves it to the
/// key).
pub const FRAGMENT_WAIT: Duration = Duration::from_secs(1);

/// A whole message must come within this time, so that a trickle of fragments holds no place for
/// ever.
pub const MESSAGE_WAIT: Duration = Duration::from_secs(10);

/// Clients are told this often that their request is still worked on (CTAP 2.2 §11.2.9.1.5).
pub const KEEPALIVE_INTERVAL: Duration = Duration::from_millis(100);

/// The longest that the agent may take for an answer to a relayed request. Its own stages end
/// earlier.
pub const ANSWER_WAIT: Duration = Duration::from_secs(5 * 60);

/// How long a person may think about which key to use.
pub const CHOICE_WAIT: Duration = Duration::from_secs(60);

/// How long the agent may take to look into its memory of credentials.
pub const MEMORY_WAIT: Duration = Duration::from_secs(1);

/// How long a choice of this key holds for the request that follows it.
pub const CHOICE_HOLDS: Duration = Duration::from_secs(60);

/// How long the rest of a silent answer can be fetched (CTAP 2.2 §6.3).
pub const NEXT_ASSERTION_HOLDS: Duration = Duration::from_secs(30);
