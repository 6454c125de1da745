//! The window that asks a person to scan a code with their phone: what is on it, in which words,
//! and what its buttons say to the agent. All of it without a toolkit; `prompt-gtk` draws it.
//!
//! ```text
//! agent's lines, buttons, time ──> PromptWindow ──> WindowView      what is to be drawn
//!                                              └──> WindowOutput    what is to be said, announced, copied
//! ```
//!
//! Time comes in as an argument, as in `hybrid-protocol`, so that a test can play a whole request
//! in an instant.
//!
//! ```
//! use hybrid_prompt::{PromptWindow, TextLanguage, WindowTexts};
//! use hybrid_prompt_line::{AgentLine, AskKind, PromptAsk};
//! use std::time::Instant;
//!
//! let mut window = PromptWindow::new(WindowTexts::new(TextLanguage::German));
//! let ask = PromptAsk {
//!     id: 1,
//!     kind: AskKind::Get,
//!     rp_id: "example.org".to_owned(),
//!     program: None,
//!     notes: Vec::new(),
//! };
//! window.handle_line(AgentLine::Ask(ask), Instant::now());
//! assert_eq!(window.view().headline, "Anmelden bei");
//! assert_eq!(window.view().party, "example.org");
//! ```

mod announcer;
#[cfg(test)]
mod catalogue_check;
mod code_square;
#[cfg(test)]
mod examples;
mod kept_report;
mod language;
mod steps;
mod texts;
mod trouble;
mod view;
mod window;

pub use code_square::CodeSquare;
pub use language::TextLanguage;
pub use steps::StepMark;
pub use texts::{WindowText, WindowTexts};
pub use view::{CodeView, StepView, TroubleView, WindowButton, WindowView};
pub use window::{PromptWindow, WindowOutput};
