//! What is set so far, and by whom; and the keys that an administrator has locked.
//!
//! A locked key that a later source sets to something else is an error that names the lock. It could
//! be passed over instead; but who sets a key expects it to hold, and a sign-in that goes another
//! way than its person believes is what locks are to prevent.

use crate::settings::document::{self, FileEntry, FileValue};
use crate::settings::source::{SettingSource, SettingsProblem};
use crate::settings::suggestion::unknown;
use crate::settings::table::{SETTINGS, Setting, find};
use crate::settings::values::SettingValues;
use hybrid_dial::{Network, ProxySettings};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The list of keys that no later source may change; in the administrator's file alone.
const LOCKED: &str = "locked";

/// What is set, by whom, and what is locked.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Settings {
    /// The values.
    pub values: SettingValues,
    /// The files that were read, as they are told.
    pub files: Vec<PathBuf>,
    sources: BTreeMap<&'static str, SettingSource>,
    locks: BTreeMap<&'static str, SettingSource>,
    /// This variable names a proxy by which no relay is reached.
    pub(super) plain_proxy: Option<&'static str>,
}

/// One key with what holds, for a person.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HeldSetting {
    /// The key.
    pub name: &'static str,
    /// Its value, without what is secret.
    pub value: String,
    /// Who set it.
    pub source: SettingSource,
    /// Where it is locked, if it is.
    pub locked: Option<SettingSource>,
}

impl Settings {
    /// How relays are reached under these settings.
    pub fn network(&self) -> Network {
        let mut proxies = ProxySettings::default();
        if let Some(proxy) = &self.values.proxy {
            proxies = proxies.through(proxy.expose(), &self.source("proxy").to_string());
        }
        if !self.values.no_proxy.is_empty() {
            let names = self.values.no_proxy.join(",");
            proxies = proxies.except(&names, &self.source("no_proxy").to_string());
        }
        if let Some(variable) = self.plain_proxy {
            proxies = proxies.plain_only(variable);
        }
        let network = Network::system(proxies);
        if self.values.preconnect {
            network
        } else {
            network.with_preconnections_to(&[])
        }
    }

    /// Every key with what holds.
    pub fn held(&self) -> impl Iterator<Item = HeldSetting> {
        SETTINGS.iter().map(|setting| HeldSetting {
            name: setting.name,
            value: (setting.shown)(&self.values),
            source: self.source(setting.name),
            locked: self.locks.get(setting.name).cloned(),
        })
    }

    fn source(&self, name: &str) -> SettingSource {
        let source = self.sources.get(name);
        source.cloned().unwrap_or(SettingSource::Default)
    }

    /// Takes what a file says; from a file that may lock keys its locks, too.
    pub(crate) fn file(
        &mut self,
        path: &Path,
        text: &str,
        may_lock: bool,
    ) -> Result<(), SettingsProblem> {
        let at = |line| SettingSource::File {
            path: path.to_owned(),
            line,
        };
        let entries = document::read(text)
            .map_err(|error| SettingsProblem::new(at(error.line), error.to_string()))?;
        let mut locks = Vec::new();
        for FileEntry { line, key, value } in entries {
            let wrong = |why: String| Err(SettingsProblem::new(at(line), why));
            if let Some(setting) = find(&key) {
                match value.text(setting.kind) {
                    Ok(text) => self.set(setting, &text, at(line))?,
                    Err(expected) => return wrong(format!("{key}: {expected}")),
                }
            } else if key != LOCKED {
                let locked = may_lock.then_some(LOCKED);
                return wrong(unknown(&key, names().chain(locked)));
            } else if !may_lock {
                return wrong("only /etc/hybridd/config.toml can lock settings".to_owned());
            } else if let FileValue::List(names) = value {
                locks.extend(names.into_iter().map(|name| (line, name)));
            } else {
                return wrong(format!("{LOCKED}: expected a list such as [\"qr\"]"));
            }
        }
        // Last, so that the file itself may set what it locks, in whichever order.
        for (line, name) in locks {
            let Some(setting) = find(&name) else {
                let why = format!("{LOCKED}: {}", unknown(&name, names()));
                return Err(SettingsProblem::new(at(line), why));
            };
            self.locks.insert(setting.name, at(line));
        }
        self.files.push(path.to_owned());
        Ok(())
    }

    /// Takes one key from one source, unless an earlier one has locked it.
    pub(super) fn set(
        &mut self,
        setting: &'static Setting,
        text: &str,
        source: SettingSource,
    ) -> Result<(), SettingsProblem> {
        let mut changed = self.values.clone();
        (setting.set)(&mut changed, text, &source).map_err(|wanted| {
            let why = match source {
                SettingSource::File { .. } => format!("{}: {wanted}", setting.name),
                SettingSource::Default | SettingSource::Variable(_) | SettingSource::Flag(_) => {
                    wanted.to_string()
                }
            };
            SettingsProblem::new(&source, why)
        })?;
        match self.locks.get(setting.name) {
            Some(lock) if changed != self.values => {
                let held = (setting.shown)(&self.values);
                let why = format!(
                    "{} is locked by {lock} (value: {held}): remove it here, or ask the administrator",
                    setting.name
                );
                Err(SettingsProblem::new(source, why))
            }
            // Who said it first is who must be asked.
            Some(_) => Ok(()),
            None => {
                self.values = changed;
                self.sources.insert(setting.name, source);
                Ok(())
            }
        }
    }
}

fn names() -> impl Iterator<Item = &'static str> {
    SETTINGS.iter().map(|setting| setting.name)
}
