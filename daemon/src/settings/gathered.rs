//! All sources of settings, read in their order: each wins over the ones before it.

use crate::settings::file::{self, SettingsFile, SettingsFiles, Trusted};
use crate::settings::layers::Settings;
use crate::settings::source::{SettingSource, SettingsProblem};
use crate::settings::suggestion::nearest;
use crate::settings::table::{SETTINGS, Setting, find};
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};

/// What our variables begin with.
const PREFIX: &str = "HYBRIDD_";

/// What is set, and the first thing that cannot be used.
#[derive(Debug)]
pub struct GatheredSettings {
    /// What all the other sources say: of a file with something wrong in it nothing is taken.
    pub settings: Settings,
    /// What is wrong.
    pub problem: Option<SettingsProblem>,
}

impl GatheredSettings {
    /// Reads all sources. Flags are keys with their values.
    pub fn of(
        files: &SettingsFiles,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
        flags: &[(&'static str, String)],
    ) -> Self {
        Self::under(Trusted::Root, files, environment, flags)
    }

    fn under(
        administrator: Trusted,
        files: &SettingsFiles,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
        flags: &[(&'static str, String)],
    ) -> Self {
        let mut gathered = Self {
            settings: Settings::default(),
            problem: None,
        };
        let environment = Environment(environment.into_iter().collect());
        let system = Some((&files.system, administrator, true));
        let own = files.own.as_ref().map(|file| (file, Trusted::own(), false));
        for (file, whose, may_lock) in system.into_iter().chain(own) {
            match with_file(&gathered.settings, file, whose, may_lock) {
                Ok(settings) => gathered.settings = settings,
                Err(problem) => gathered.note(Err(problem)),
            }
        }
        gathered.note(environment.misspelt());
        for setting in SETTINGS {
            let read = environment.read(setting, &mut gathered.settings);
            gathered.note(read);
        }
        gathered.settings.plain_proxy = environment.plain_proxy();
        for (name, text) in flags {
            if let Some(setting) = find(name) {
                let source = SettingSource::Flag(setting.flag.unwrap_or(setting.name));
                let read = gathered.settings.set(setting, text, source);
                gathered.note(read);
            }
        }
        gathered
    }

    fn note(&mut self, read: Result<(), SettingsProblem>) {
        if let (Err(problem), None) = (read, &self.problem) {
            self.problem = Some(problem);
        }
    }

    /// The settings, when all of them can be used.
    ///
    /// # Errors
    /// What is wrong.
    pub fn usable(self) -> Result<Settings, SettingsProblem> {
        match self.problem {
            Some(problem) => Err(problem),
            None => Ok(self.settings),
        }
    }
}

/// The settings with those of a file, if it is there.
fn with_file(
    settings: &Settings,
    file: &SettingsFile,
    whose: Trusted,
    may_lock: bool,
) -> Result<Settings, SettingsProblem> {
    let mut settings = settings.clone();
    if let Some(text) = file::read(file, whose)? {
        settings.file(&file.told, &text, may_lock)?;
    }
    Ok(settings)
}

/// The variables; one that is empty is none.
struct Environment(BTreeMap<OsString, OsString>);

impl Environment {
    fn get(&self, name: &str) -> Option<&OsStr> {
        let value = self.0.get(OsStr::new(name))?;
        (!value.as_encoded_bytes().trim_ascii().is_empty()).then_some(value)
    }

    /// The variable that names a proxy for unencrypted connections. A web server's script gets
    /// `HTTP_PROXY` from whoever sends it a header `Proxy`, and no word of its own.
    fn plain_proxy(&self) -> Option<&'static str> {
        let is_script = self.get("REQUEST_METHOD").is_some();
        let names = ["http_proxy", "HTTP_PROXY"].into_iter();
        let mut names = names.filter(|name| *name == "http_proxy" || !is_script);
        names.find(|name| self.get(name).is_some())
    }

    fn read(
        &self,
        setting: &'static Setting,
        settings: &mut Settings,
    ) -> Result<(), SettingsProblem> {
        let mut names = setting.variables.iter();
        let Some((name, value)) = names.find_map(|name| Some((*name, self.get(name)?))) else {
            return Ok(());
        };
        let text = value
            .to_str()
            .ok_or_else(|| SettingsProblem::new(name, "it is not UTF-8 text"))?;
        settings.set(setting, text, SettingSource::Variable(name))
    }

    fn misspelt(&self) -> Result<(), SettingsProblem> {
        let mut names = self.0.keys().filter_map(|name| name.to_str());
        names.try_for_each(misspelt)
    }
}

/// A variable of ours that is misspelt would do nothing, and nobody would know. Others that begin
/// alike may be those of whoever packages or wraps this program.
fn misspelt(name: &str) -> Result<(), SettingsProblem> {
    let ours = || {
        let variables = SETTINGS.iter().flat_map(|setting| setting.variables);
        variables.filter_map(|known| known.strip_prefix(PREFIX))
    };
    let Some(rest) = name.strip_prefix(PREFIX) else {
        return Ok(());
    };
    match nearest(rest, ours()) {
        Some(known) if known != rest => Err(SettingsProblem::new(
            name,
            format!("it is not a setting; did you mean {PREFIX}{known}?"),
        )),
        Some(_) | None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
