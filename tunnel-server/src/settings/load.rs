//! How the settings of `tunnel-server serve` are read: one table of keys, read from the config
//! file, the environment and the flags.
//!
//! A key `message_size` is `message_size = "64KiB"` in the file, `TUNNEL_MESSAGE_SIZE` in the
//! environment and `--message-size` on the command line. Flags win over the environment, the
//! environment wins over the file.

use crate::file;
use crate::settings::config::{Config, Pem};
use crate::settings::key::{Form, misspelt, setter, unknown};
use crate::settings::values::RelaySettings;
use crate::shown::named;
use core::error::Error;
use core::fmt;
use hybrid_process::NotToml;
use std::ffi::OsString;
use std::path::Path;
use std::sync::Arc;
use toml::de::{DeTable, DeValue};

/// A setting that cannot be used: where it stands and what was expected.
#[derive(Clone, Debug)]
pub struct SettingError {
    place: String,
    why: String,
    cause: Option<Arc<dyn Error + Send + Sync>>,
}

impl SettingError {
    fn new(place: impl Into<String>, why: impl Into<String>) -> Self {
        Self {
            place: place.into(),
            why: why.into(),
            cause: None,
        }
    }

    fn caused(mut self, cause: impl Error + Send + Sync + 'static) -> Self {
        self.cause = Some(Arc::new(cause));
        self
    }
}

impl RelaySettings {
    /// Reads all layers.
    ///
    /// # Errors
    /// [`SettingError`] names the first setting that cannot be used and where it stands.
    pub fn load(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
        flags: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, SettingError> {
        let mut settings = Self::default();
        if let Some(file) = file {
            let text = String::from_utf8(read(file)?).map_err(|error| {
                let why = "cannot be read: it is not UTF-8 text";
                SettingError::new(named(file), why).caused(error.utf8_error())
            })?;
            settings.read_file(&named(file), &text)?;
        }
        for (variable, value) in environment {
            let Some(key) = variable
                .to_str()
                .and_then(|name| name.strip_prefix("TUNNEL_"))
            else {
                continue;
            };
            let place = || format!("environment variable TUNNEL_{key}");
            let name = key.to_ascii_lowercase();
            if let Some(set) = setter(&name) {
                let value = value
                    .to_str()
                    .ok_or_else(|| SettingError::new(place(), "is not UTF-8"))?;
                set(&mut settings, value)
                    .map_err(|bad| SettingError::new(place(), bad.to_string()).caused(bad))?;
            } else if let Some(meant) = misspelt(&name) {
                // Otherwise a limit that is believed to be in force is not.
                let meant = meant.to_ascii_uppercase();
                let why = format!(
                    "is not a setting; did you mean TUNNEL_{meant}? Unset it if it belongs to another program"
                );
                return Err(SettingError::new(place(), why));
            }
            // Another program's TUNNEL_ variables are none of our business.
        }
        for (key, value) in flags {
            let place = || format!("--{}", key.replace('_', "-"));
            let set = setter(&key).ok_or_else(|| SettingError::new(place(), "is not a setting"))?;
            set(&mut settings, &value)
                .map_err(|bad| SettingError::new(place(), bad.to_string()).caused(bad))?;
        }
        if settings.tls_cert.is_some() != settings.tls_key.is_some() {
            let (have, lack) = if settings.tls_cert.is_some() {
                ("tls_cert", "tls_key")
            } else {
                ("tls_key", "tls_cert")
            };
            return Err(SettingError::new(have, format!("requires {lack}, too")));
        }
        Ok(settings)
    }

    /// Reads the certificate files and makes the server's configuration.
    ///
    /// # Errors
    /// [`SettingError`] when a file cannot be read.
    pub fn config(&self) -> Result<Config, SettingError> {
        let tls = match (&self.tls_cert, &self.tls_key) {
            (Some(chain), Some(key)) => Some(Pem {
                chain: read(chain)?,
                key: read(key)?,
            }),
            (None, _) | (_, None) => None,
        };
        Ok(Config {
            tls,
            node: self.node,
            forwarded_from: self.forwarded_from.clone(),
            proxy_protocol_from: self.proxy_protocol_from.clone(),
            state: self.state.clone(),
            limits: self.limits.clone(),
            ..Config::plain(self.listen)
        })
    }

    pub(crate) fn read_file(&mut self, name: &str, text: &str) -> Result<(), SettingError> {
        let at = |offset: usize, why: String| {
            let line = text.get(..offset).unwrap_or(text).matches('\n').count() + 1;
            SettingError::new(format!("{name}, line {line}"), why)
        };
        let table = DeTable::parse(text).map_err(|error| {
            let not = NotToml::at(text, error.span().map_or(0, |span| span.start));
            let place = format!("{name}, line {}", not.line);
            SettingError::new(place, not.to_string()).caused(not)
        })?;
        for (key, value) in table.get_ref() {
            let (span, key) = (key.span(), key.get_ref());
            let set = setter(key).ok_or_else(|| at(span.start, unknown(key)))?;
            let form = Form::of(key);
            let value_text = plain(value.get_ref(), form)
                .ok_or_else(|| at(span.start, format!("{key}: {}", form.expected())))?;
            set(self, &value_text)
                .map_err(|bad| at(span.start, format!("{key}: {bad}")).caused(bad))?;
        }
        Ok(())
    }
}

impl fmt::Display for SettingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.why)
    }
}

impl Error for SettingError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        let cause = self.cause.as_ref()?;
        Some(cause.as_ref())
    }
}

fn read(file: &Path) -> Result<Vec<u8>, SettingError> {
    file::read(file).map_err(|error| {
        SettingError::new(named(file), format!("cannot be read: {error}")).caused(error)
    })
}

fn plain(value: &DeValue<'_>, form: Form) -> Option<String> {
    match (value, form) {
        (DeValue::String(text), _) => Some(text.to_string()),
        (DeValue::Integer(number), Form::TextOrNumber) if number.radix() == 10 => {
            Some(number.as_str().to_owned())
        }
        (DeValue::Array(items), Form::TextOrList) => items
            .iter()
            .map(|item| plain(item.get_ref(), Form::Text))
            .collect::<Option<Vec<_>>>()
            .map(|items| items.join(",")),
        (_, Form::Text | Form::TextOrList | Form::TextOrNumber) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::fs;

    fn file(text: &str) -> Result<RelaySettings, SettingError> {
        let mut settings = RelaySettings::default();
        settings.read_file("relay.toml", text).map(|()| settings)
    }

    #[test]
    fn a_wrong_key_is_named_with_its_line_and_the_key_that_was_probably_meant() {
        let error = file("listen = \"[::]:443\"\n\nmessage_siz = 5\n").unwrap_err();
        assert_eq!(
            error.to_string(),
            "relay.toml, line 3: message_siz is not a setting; did you mean message_size?"
        );
    }

    #[test]
    fn a_wrong_value_is_named_with_its_line_and_what_was_expected() {
        let error = file("# comment\nwaiting = \"soon\"\n").unwrap_err();
        assert_eq!(
            error.to_string(),
            "relay.toml, line 2: waiting: expected a time like 5s, 500ms or 3m, got soon"
        );
        for (text, expected) in [
            ("state = 5", "state: expected a string in quotes"),
            (
                "tls_cert = [\"a\", \"b\"]",
                "tls_cert: expected a string in quotes",
            ),
            (
                "forwarded_from = [1]",
                "forwarded_from: expected a string in quotes, or a list of strings",
            ),
            (
                "rooms = true",
                "rooms: expected a string in quotes, or a number",
            ),
        ] {
            let error = file(text).unwrap_err().to_string();
            assert_eq!(error, format!("relay.toml, line 1: {expected}"));
        }
        for (text, expected) in [
            ("listen = [\n", "line 1: expected a list such as"),
            (
                "\nlog = info",
                "line 2: expected a value: text in quotation",
            ),
            ("log = “info”", "line 1: expected straight quotation marks"),
            ("rooms = 5\nrooms = 5", "line 2: expected this setting once"),
        ] {
            let error = file(text).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn flags_win_over_the_environment_and_the_environment_over_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("relay.toml");
        fs::write(
            &path,
            "rooms = 1\nmessages = 1\nwaiting = \"1s\"\nforwarded_from = [\"10.0.0.0/8\", \"::1\"]\n",
        )
        .unwrap();
        let environment = [
            ("TUNNEL_ROOMS", "2"),
            ("TUNNEL_MESSAGES", "2"),
            ("TUNNEL_TOKEN", "another program's"),
        ];
        let environment = environment.map(|(key, value)| (key.into(), value.into()));
        let settings = RelaySettings::load(
            Some(&path),
            environment,
            [("rooms".to_owned(), "3".to_owned())],
        )
        .unwrap();
        assert_eq!((settings.limits.rooms, settings.limits.messages), (3, 2));
        assert_eq!(settings.limits.waiting.as_secs(), 1);
        assert_eq!(settings.forwarded_from.len(), 2);
    }

    #[test]
    fn a_variable_that_is_nearly_a_setting_is_refused_and_another_programs_is_not() {
        let load = |name: &str| {
            RelaySettings::load(None, [(name.into(), "1KiB".into())], [])
                .map_err(|error| error.to_string())
        };
        for (wrong, meant) in [
            ("TUNNEL_MESSAG_SIZE", "TUNNEL_MESSAGE_SIZE"),
            ("TUNNEL_ROMS", "TUNNEL_ROOMS"),
            ("TUNNEL_TLS_CRET", "TUNNEL_TLS_CERT"),
            ("TUNNEL_FORWARDED_FORM", "TUNNEL_FORWARDED_FROM"),
        ] {
            let expected = format!(
                "environment variable {wrong}: is not a setting; did you mean {meant}? Unset it if it belongs to another program"
            );
            assert_eq!(load(wrong), Err(expected));
        }
        // cloudflared's, and those that Kubernetes makes for a service called tunnel.
        for other in [
            "TUNNEL_TOKEN",
            "TUNNEL_METRICS",
            "TUNNEL_LOGLEVEL",
            "TUNNEL_ORIGIN_CERT",
            "TUNNEL_HOSTNAME",
            "TUNNEL_PORT",
            "TUNNEL_SERVICE_HOST",
            "TUNNEL_PORT_443_TCP_ADDR",
            "TUNNEL_NAME",
            "TUNNEL_RUN",
        ] {
            assert!(load(other).is_ok(), "{other}: {:?}", load(other));
        }
    }

    #[test]
    fn a_certificate_without_a_key_is_refused() {
        let error = RelaySettings::load(None, [], [("tls_cert".to_owned(), "x.pem".to_owned())])
            .unwrap_err();
        assert_eq!(error.to_string(), "tls_cert: requires tls_key, too");
    }

    #[test]
    fn every_key_takes_effect_at_a_reload_or_is_named_as_needing_a_restart() {
        let reloaded = ["tls_cert", "tls_key"];
        let other = [
            "[::1]:1",
            "[::1]:2",
            "a.pem",
            "b.pem",
            "1/2",
            "10.0.0.0/8",
            "10.0.0.0/8",
            "dir",
            "json",
        ];
        for (key, value) in RelaySettings::KEYS.iter().zip(other) {
            let mut new = RelaySettings::default();
            (key.set)(&mut new, value).unwrap();
            assert_ne!(new, RelaySettings::default(), "{}", key.name);
            let expected = if reloaded.contains(&key.name) {
                vec![]
            } else {
                vec![key.name]
            };
            assert_eq!(RelaySettings::default().needing_restart(&new), expected);
        }
    }

    proptest! {
        #[test]
        fn reading_any_file_never_panics(text in ".*") {
            let _ = file(&text);
        }
    }
}
