//! What happened here, one line a ceremony: kept on this computer alone, for the person and for whoever
//! reviews a pilot.
//!
//! | file | what |
//! | --- | --- |
//! | `record` | one ceremony: its line, and back |
//! | `trace` | a session's stages while it runs, and which phone it is |
//! | `store` | the two files: lines are added, the older file is dropped |
//! | `summary` | results by week |
//! | `keeping` | whether, and how sites are named |

mod keeping;
mod record;
mod store;
mod summary;
mod trace;

pub use keeping::HistoryKeeping;
pub use record::CeremonyRecord;
pub use store::{HistoryStore, NotKept, StoredHistory};
pub use summary::{WeekSummary, weeks};
pub use trace::CeremonyTrace;
