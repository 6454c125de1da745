//! Where the settings of `serve` come from, to be read again at every reload.

use super::command::flags;
use super::command_error::CommandError;
use clap::ArgMatches;
use hybrid_tunnel_server::RelaySettings;
use std::path::PathBuf;

/// A configuration file, if there is one, the environment, and the flags.
#[derive(Clone)]
pub(crate) struct SettingsSource {
    file: Option<PathBuf>,
    flags: Vec<(String, String)>,
}

impl SettingsSource {
    pub(crate) fn new(matches: &ArgMatches) -> Self {
        Self {
            file: matches.get_one::<String>("config").map(PathBuf::from),
            flags: flags(matches),
        }
    }

    /// Blocks, as long as reading the file takes.
    pub(crate) fn settings(&self) -> Result<RelaySettings, CommandError> {
        RelaySettings::load(
            self.file.as_deref(),
            std::env::vars_os(),
            self.flags.clone(),
        )
        .map_err(CommandError::of)
    }
}
