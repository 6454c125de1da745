//! What happened here, one line a ceremony: kept on this computer alone, for the person and for whoever
//! reviews a pilot.
//!
//! | file | what |
//! | --- | --- |
//! | `record` | one ceremony: its line, and back |
//! | `trace` | a session's stages while it runs, and which phone it is |
//! | `store` | the two files: lines are added, the older file is dropped |
//! | `stored`, `header` | what the files hold |
//! | `not_kept` | why a ceremony is not kept, or cannot be read |
//! | `summary` | results by week |
//! | `keeping` | whether, and how sites are named |

mod header;
mod keeping;
mod not_kept;
mod record;
mod store;
mod stored;
mod summary;
mod trace;

pub use keeping::HistoryKeeping;
pub use not_kept::NotKept;
pub use record::CeremonyRecord;
pub use store::HistoryStore;
pub use stored::StoredHistory;
pub use summary::{WeekSummary, weeks};
pub use trace::CeremonyTrace;
