//! Faults that are produced for real: what is broken as data, and the real `hybridd` under it, in a
//! network of its own.
//!
//! [`all`] lists them; `play.rs` breaks one thing, runs a sign-in and `doctor` side by side, and
//! says what each of them named.

mod dns;
pub mod play;
mod proxy;
mod rows;
pub mod scene;
mod server;
mod session;
mod stage;
mod watch;

pub use rows::all;
pub use scene::Scene;

use hybrid_diagnosis::finding::Certainty;

/// One thing that is broken, and what is to be said about it.
pub struct Fault {
    /// In a few words; stands in the published matrix.
    pub name: &'static str,
    /// What is broken.
    pub scene: Scene,
    /// What a sign-in has to say.
    pub sign_in: Option<Expected>,
    /// What `doctor` has to say.
    pub doctor: Option<Expected>,
    /// What has to stand in the words of both: the cause as it was seen.
    pub words: &'static str,
}

/// What is to be said.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Expected {
    /// Nothing: it works.
    Works,
    /// This code first, this surely, this soon.
    Code(&'static str, Certainty, When),
}

/// How soon, counted from the moment at which the fault can be seen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum When {
    /// Under a second, on a machine that has nothing else to do.
    AtOnce,
    /// Within so many seconds: a wait is over.
    Within(u64),
}

impl When {
    /// As the published matrix has it.
    pub fn words(self) -> String {
        match self {
            Self::AtOnce => "at once".to_owned(),
            Self::Within(seconds) => format!("within {seconds} s"),
        }
    }

    /// When a test fails: later than on a machine that is busy with other tests.
    pub const fn latest(self) -> u64 {
        match self {
            Self::AtOnce => 5,
            Self::Within(seconds) => seconds + 5,
        }
    }
}

impl Fault {
    fn new(name: &'static str, scene: Scene) -> Self {
        Self {
            name,
            scene,
            sign_in: None,
            doctor: None,
            words: "",
        }
    }

    fn sign_in(self, code: &'static str, certainty: Certainty, when: When) -> Self {
        Self {
            sign_in: Some(Expected::Code(code, certainty, when)),
            ..self
        }
    }

    fn doctor(self, code: &'static str, certainty: Certainty, when: When) -> Self {
        Self {
            doctor: Some(Expected::Code(code, certainty, when)),
            ..self
        }
    }

    /// Both say the same.
    fn both(self, code: &'static str, certainty: Certainty, when: When) -> Self {
        self.sign_in(code, certainty, when)
            .doctor(code, certainty, when)
    }

    /// The cause is told in these words, too.
    fn in_words(self, words: &'static str) -> Self {
        Self { words, ..self }
    }

    fn sign_in_works(self) -> Self {
        Self {
            sign_in: Some(Expected::Works),
            ..self
        }
    }

    fn doctor_works(self) -> Self {
        Self {
            doctor: Some(Expected::Works),
            ..self
        }
    }
}
