//! What the agent and its prompt say to each other: JSON Lines on the prompt's standard input and
//! output, so that any toolkit can be a prompt.
//!
//! ```text
//! agent                                      prompt
//!   ask, code, stage, net, finding … ──────>   what is on the screen
//!   may-renew ─────────────────────────────>   it failed, and another code is to be had
//!   done, close ───────────────────────────>   it is over
//!   <───────────────────────────────  shown    the person can see it
//!   <───── new-code, use, cancel, not-now      what the person wants
//! ```
//!
//! docs/security-key.md has every line. Lines and members that are not known are ignored.
//!
//! ```
//! use hybrid_prompt_line::{AgentLine, PromptLine, read_lines};
//!
//! let input = "{\"ev\":\"of the future\"}\n{\"ev\":\"close\"}\n";
//! let mut closed = false;
//! read_lines(input.as_bytes(), |line| {
//!     closed = matches!(line, AgentLine::Close);
//!     true
//! });
//! assert!(closed);
//! assert_eq!(PromptLine::Shown.to_json().to_string(), r#"{"ev":"shown"}"#);
//! ```

mod line;
mod reader;

pub use line::{
    AgentLine, AskKind, LONGEST_LINE, PromptAsk, PromptLine, PromptNote, close_line, code_line,
    is_of_web, may_renew_line,
};
pub use reader::read_lines;
