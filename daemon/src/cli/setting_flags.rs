//! The options of the command line that are settings, made from the table of settings.

use crate::settings::{SETTINGS, Setting};
use clap::{Arg, ArgMatches, Args, Command, Error, FromArgMatches};

/// The settings that were given as options.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(super) struct SettingFlags(Vec<(&'static str, String)>);

impl SettingFlags {
    /// Keys with their values.
    pub(super) fn given(&self) -> &[(&'static str, String)] {
        &self.0
    }
}

impl Args for SettingFlags {
    fn augment_args(command: Command) -> Command {
        flags().fold(command, |command, (setting, flag)| {
            let read = |text: &str| setting.check(text).map(|()| text.to_owned());
            command.arg(
                Arg::new(setting.name)
                    .long(flag)
                    .value_name(setting.value)
                    .help(format!("{} [default: {}]", setting.what, setting.default))
                    .value_parser(read),
            )
        })
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for SettingFlags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let given = flags().filter_map(|(setting, _)| {
            let text = matches.get_one::<String>(setting.name)?;
            Some((setting.name, text.clone()))
        });
        Ok(Self(given.collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

fn flags() -> impl Iterator<Item = (&'static Setting, &'static str)> {
    SETTINGS
        .iter()
        .filter_map(|setting| Some((setting, setting.flag?)))
}
