//! What a person or an administrator sets: one table of keys, read from
//! `/etc/hybridd/config.toml`, the person's own file, the environment and the flags, each of which
//! wins over the ones before it.
//!
//! | file | what |
//! | --- | --- |
//! | `table` | every key: its name, kind, default, and how it is set |
//! | `values` | what is set, as types |
//! | `gathered` | all sources, read in their order |
//! | `layers` | what is set so far, by whom, and what an administrator has locked |
//! | `document` | the lines of one settings file |
//! | `file` | how such a file is found and read |
//! | `suggestion` | what was probably meant |
//! | `source` | where a setting comes from; what is wrong there |

mod document;
pub(crate) mod file;
mod gathered;
mod layers;
mod source;
mod suggestion;
mod table;
mod values;

pub use file::{SettingsFile, SettingsFiles};
pub use gathered::GatheredSettings;
pub use layers::{HeldSetting, Settings};
pub use source::{SettingSource, SettingsProblem};
pub use table::{SETTINGS, Setting, SettingKind, Wanted, find};
pub use values::{PolicyPlace, ProxyText, SettingValues};
