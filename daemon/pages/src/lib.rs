//! From a command line (clap) to its man pages and shell completions, for whoever packages or
//! installs a program.
//!
//! | file | what |
//! | --- | --- |
//! | `command_page` | what a command's page says beyond what its options say of themselves |
//! | `manual` | the pages of a program, written to a folder |
//! | `man` | one page, in roff |
//! | `synopsis` | how a command is called |
//! | `completions` | what a shell offers |
//! | `bash` | what bash's script does better than the library writes it |
//! | `fish` | what fish's script lacks |
//! | `file_words` | which words of a command are names of files |
//! | `offered` | values that a shell offers, where others are valid too |

mod bash;
mod command_page;
mod completions;
mod file_words;
mod fish;
mod man;
mod manual;
mod offered;
mod synopsis;

pub use command_page::CommandPage;
pub use manual::{Manual, made_at, put};
pub use offered::offering;
