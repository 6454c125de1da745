//! How long a session waits, and what its person may ask meanwhile.

use std::time::Duration;

/// What the person asks for while it runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ask {
    /// Stop.
    Cancel,
    /// Show a new code.
    NewCode,
}

/// How patient a session is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Patience {
    /// For the whole session, codes renewed included.
    pub overall: Option<Duration>,
    /// For a radio that cannot listen. `None` waits as long as for an advert: a person may switch
    /// it on.
    pub radio: Option<Duration>,
    /// A session that failed is not over: somebody is there who may ask for a new code.
    pub renews: bool,
}
