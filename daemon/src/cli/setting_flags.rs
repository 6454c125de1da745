//! The options of the command line that are settings, made from the table of settings.

use crate::settings::SettingKind;
use crate::settings::{SETTINGS, Setting};
use clap::{Arg, ArgAction, ArgMatches, Args, Command, Error, FromArgMatches};
use hybrid_pages::offering;
use hybrid_radio::AdapterName;

/// The settings that were given as options.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(super) struct SettingFlags(Vec<(&'static str, String)>);

impl SettingFlags {
    /// These adapters; all when none is named.
    pub(super) fn adapters(names: &[AdapterName]) -> Self {
        let names: Vec<_> = names.iter().map(ToString::to_string).collect();
        let given = (!names.is_empty()).then(|| ("adapters", names.join(",")));
        Self(given.into_iter().collect())
    }

    /// The attestation as the phone gives it, when that is wanted.
    pub(super) fn plain_attestation(wanted: bool) -> Self {
        let given = wanted.then(|| ("plain_attestation", true.to_string()));
        Self(given.into_iter().collect())
    }

    /// Keys with their values.
    pub(super) fn given(&self) -> &[(&'static str, String)] {
        &self.0
    }
}

impl Args for SettingFlags {
    fn augment_args(command: Command) -> Command {
        flags().fold(command, |command, (setting, flag)| {
            let read = |text: &str| setting.check(text).map(|()| text.to_owned());
            let action = match setting.kind {
                SettingKind::List => ArgAction::Append,
                SettingKind::Switch | SettingKind::Number | SettingKind::Text => ArgAction::Set,
            };
            command.arg(
                Arg::new(setting.name)
                    .long(flag)
                    .action(action)
                    .value_name(setting.value)
                    .help(format!("{} [default: {}]", setting.what, setting.default))
                    .value_parser(offering(read, setting.words.iter().copied()))
                    .hide_possible_values(true),
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
            let texts: Vec<_> = matches.get_many::<String>(setting.name)?.cloned().collect();
            Some((setting.name, texts.join(",")))
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
        .filter(|setting| !setting.of_agent)
        .filter_map(|setting| Some((setting, setting.flag?)))
}
