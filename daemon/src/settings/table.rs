//! The table of keys: what each is called in the file, the environment and the command line, what
//! its value looks like, and how it is set. A further key is a further row.

use crate::log;
use crate::qr::Show;
use crate::settings::source::SettingSource;
use crate::settings::values::{PolicyPlace, ProxyText, SettingValues};
use hybrid_dial::proxy_without_login;
use hybrid_radio::{AdapterChoice, AdapterName};
use std::fmt;
use std::time::Duration;
use zeroize::Zeroizing;

/// One key.
pub struct Setting {
    /// Its name in the file.
    pub name: &'static str,
    /// What the file may hold.
    pub kind: SettingKind,
    /// What its value looks like.
    pub value: &'static str,
    /// Values that have a name, or the beginning of one; others may be valid, too.
    pub words: &'static [&'static str],
    /// What it means; a sentence.
    pub what: &'static str,
    /// Its value when nobody sets it, for a person.
    pub default: &'static str,
    /// A value as the file has it: the default, where that can be written.
    pub example: &'static str,
    /// Variables that set it; the first that is not empty does.
    pub variables: &'static [&'static str],
    /// The option that sets it, without its dashes: of `register` and `sign-in`, or of `agent`.
    pub flag: Option<&'static str>,
    /// The option is one of `agent`.
    pub of_agent: bool,
    /// Sets it from a text.
    pub(super) set: fn(&mut SettingValues, &str, &SettingSource) -> Result<(), Wanted>,
    /// What may be shown of its value.
    pub(super) shown: fn(&SettingValues) -> String,
}

/// What the file may hold for a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SettingKind {
    /// `true` or `false`.
    Switch,
    /// A whole number.
    Number,
    /// A text.
    Text,
    /// A list of texts, or one text with commas.
    List,
}

/// What a switch may be.
const SWITCH: &[&str] = &["true", "false"];

/// All keys.
pub const SETTINGS: &[Setting] = &[
    Setting {
        name: "preconnect",
        kind: SettingKind::Switch,
        value: "true|false",
        words: SWITCH,
        what: "Connects to the two relays that today's phones use while the code is shown. Without it, a relay learns of this computer \
               only after a phone has chosen that relay, and network problems are found later",
        default: "true",
        example: "true",
        variables: &["HYBRIDD_PRECONNECT"],
        flag: Some("preconnect"),
        of_agent: false,
        set: |values, text, _| switch(text).map(|on| values.preconnect = on),
        shown: |values| values.preconnect.to_string(),
    },
    Setting {
        name: "keep_timeline",
        kind: SettingKind::Switch,
        value: "true|false",
        words: SWITCH,
        what: "Keeps the timeline of the last sign-in, without secrets, in the state folder, for doctor --bundle",
        default: "true",
        example: "true",
        variables: &["HYBRIDD_KEEP_TIMELINE"],
        flag: Some("keep-timeline"),
        of_agent: false,
        set: |values, text, _| switch(text).map(|on| values.keep_timeline = on),
        shown: |values| values.keep_timeline.to_string(),
    },
    Setting {
        name: "history",
        kind: SettingKind::Text,
        value: "HOW",
        words: &["names", "hashes", "off"],
        what: "Keeps a line about each registration and sign-in, of commands and of the agent, for hybridd history: names (with the site's name), hashes (with a hash of it) or off",
        default: "names",
        example: "\"names\"",
        variables: &["HYBRIDD_HISTORY"],
        flag: Some("history"),
        of_agent: false,
        set: |values, text, _| {
            let keeping = text.parse().map(|keeping| values.history = keeping);
            keeping.map_err(|_| Wanted("expected names, hashes or off"))
        },
        shown: |values| values.history.to_string(),
    },
    Setting {
        name: "adapters",
        kind: SettingKind::List,
        value: "NAME",
        words: &[],
        what: "The Bluetooth adapters to use, such as hci0; several with commas, or by several options",
        default: "all that are switched on",
        example: "[\"hci0\"]",
        variables: &["HYBRIDD_ADAPTERS"],
        flag: Some("adapter"),
        of_agent: false,
        set: adapters,
        shown: |values| match &values.adapters {
            AdapterChoice::Any => "all that are switched on".to_owned(),
            only @ AdapterChoice::Only(_) => only.to_string(),
        },
    },
    Setting {
        name: "qr",
        kind: SettingKind::Text,
        value: "HOW",
        words: &["terminal", "svg:", "png:", "text", "none"],
        what: "How the code is shown: terminal, svg:PATH, png:PATH, text or none",
        default: "terminal if there is one, else text",
        example: "\"terminal\"",
        variables: &["HYBRIDD_QR"],
        flag: Some("qr"),
        of_agent: false,
        set: qr,
        shown: |values| {
            let default = || "terminal if there is one, else text".to_owned();
            values.qr.as_ref().map_or_else(default, ToString::to_string)
        },
    },
    Setting {
        name: "seconds",
        kind: SettingKind::Number,
        value: "N",
        words: &[],
        what: "Gives up after this many seconds; without a terminal, after 15 s at most when Bluetooth does not work",
        default: "no limit",
        example: "300",
        variables: &["HYBRIDD_SECONDS"],
        flag: Some("seconds"),
        of_agent: false,
        set: seconds,
        shown: |values| {
            let limit = values.seconds.map(|limit| limit.as_secs().to_string());
            limit.unwrap_or_else(|| "no limit".to_owned())
        },
    },
    Setting {
        name: "proxy",
        kind: SettingKind::Text,
        value: "URL",
        words: &[],
        what: "The proxy for connections to relays: http://, https:// or socks5://, with user name and password if it requires them. A password \
               belongs in your own file, with mode 0600: every user can read /etc/hybridd/config.toml",
        default: "the desktop's",
        example: "\"http://proxy.example:3128\"",
        variables: &["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"],
        flag: None,
        of_agent: false,
        set: proxy,
        shown: |values| match &values.proxy {
            None => "the desktop's".to_owned(),
            Some(proxy) => proxy_without_login(&proxy.0)
                .unwrap_or_else(|_| "not a valid proxy address; not shown".to_owned()),
        },
    },
    Setting {
        name: "no_proxy",
        kind: SettingKind::List,
        value: "NAMES",
        words: &[],
        what: "Hosts to reach without a proxy: names, which include their subdomains, or * for all",
        default: "none",
        example: "[\"relay.example\"]",
        variables: &["no_proxy", "NO_PROXY"],
        flag: None,
        of_agent: false,
        set: no_proxy,
        shown: |values| match values.no_proxy.as_slice() {
            [] => "none".to_owned(),
            names => names.join(", "),
        },
    },
    Setting {
        name: "policies",
        kind: SettingKind::List,
        value: "SITE=PATH",
        words: &[],
        what: "Exports of an organisation's policy, which register, sign-in and the agent ask before they show a code for the site, such as login.microsoft.com; the path is absolute, a folder stands for its .json files, and commas separate several",
        default: "none",
        example: "[\"login.microsoft.com=/etc/hybridd/policy\"]",
        variables: &["HYBRIDD_POLICIES"],
        flag: None,
        of_agent: false,
        set: policies,
        shown: |values| match values.policies.as_slice() {
            [] => "none".to_owned(),
            places => places
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(", "),
        },
    },
    Setting {
        name: "plain_attestation",
        kind: SettingKind::Switch,
        value: "true|false",
        words: SWITCH,
        what: "Makes the agent pass a phone's empty attestation to ssh and PAM, too, instead of generating a statement. Older versions of them then accept no new key",
        default: "false",
        example: "false",
        variables: &["HYBRIDD_PLAIN_ATTESTATION"],
        flag: Some("plain-attestation"),
        of_agent: true,
        set: |values, text, _| switch(text).map(|on| values.plain_attestation = on),
        shown: |values| values.plain_attestation.to_string(),
    },
    Setting {
        name: "log",
        kind: SettingKind::Text,
        value: "LEVEL",
        words: &["error", "warn", "info", "debug", "trace"],
        what: "What to log to standard error: error, warn, info, debug or trace, also for a single module (warn,hybrid_dial=debug). If \
               nothing is set, the agent also logs info",
        default: "warn",
        example: "\"warn\"",
        variables: &["RUST_LOG"],
        flag: None,
        of_agent: false,
        set: log_filter,
        shown: |values| {
            let usual = || "warn".to_owned();
            values.log.clone().unwrap_or_else(usual)
        },
    },
];

/// The key of this name.
pub fn find(name: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|setting| setting.name == name)
}

impl Setting {
    /// Whether a text on the command line is a value.
    ///
    /// # Errors
    /// [`Wanted`] says what was expected.
    pub fn check(&self, text: &str) -> Result<(), Wanted> {
        let from = SettingSource::Flag(self.flag.unwrap_or(self.name));
        (self.set)(&mut SettingValues::default(), text, &from)
    }
}

/// What was expected in place of a value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Wanted(pub(super) &'static str);

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Wanted {}

fn switch(text: &str) -> Result<bool, Wanted> {
    text.parse().map_err(|_| Wanted("expected true or false"))
}

fn adapters(values: &mut SettingValues, text: &str, _: &SettingSource) -> Result<(), Wanted> {
    let names = text.split([',', ' ']).map(str::trim);
    let names: Result<AdapterChoice, _> = names
        .filter(|name| !name.is_empty())
        .map(str::parse::<AdapterName>)
        .collect();
    values.adapters =
        names.map_err(|_| Wanted("expected names of Bluetooth adapters, such as hci0"))?;
    Ok(())
}

/// In a file a path means the same wherever the program runs.
fn qr(values: &mut SettingValues, text: &str, from: &SettingSource) -> Result<(), Wanted> {
    let show = text
        .parse()
        .map_err(|_| Wanted("expected terminal, svg:PATH, png:PATH, text or none"))?;
    if let (Show::Svg(path) | Show::Png(path), SettingSource::File { .. }) = (&show, from)
        && !path.is_absolute()
    {
        return Err(Wanted(
            "expected an absolute path, because this is a settings file",
        ));
    }
    values.qr = Some(show);
    Ok(())
}

fn seconds(values: &mut SettingValues, text: &str, _: &SettingSource) -> Result<(), Wanted> {
    match text.parse() {
        Ok(seconds @ 1..=86_400) => {
            values.seconds = Some(Duration::from_secs(seconds));
            Ok(())
        }
        Ok(_) | Err(_) => Err(Wanted("expected a number of seconds from 1 to 86400")),
    }
}

/// The variables are every program's, and not refused for what only the network step can judge: it
/// has a code for them.
fn proxy(values: &mut SettingValues, text: &str, from: &SettingSource) -> Result<(), Wanted> {
    let shared = matches!(from, SettingSource::Variable(_));
    if !shared && proxy_without_login(text).is_err() {
        return Err(Wanted(
            "expected a proxy such as http://proxy.example:3128 or socks5://proxy.example:1080",
        ));
    }
    values.proxy = Some(ProxyText(Zeroizing::new(text.to_owned())));
    Ok(())
}

fn no_proxy(values: &mut SettingValues, text: &str, _: &SettingSource) -> Result<(), Wanted> {
    let names = text.split([',', ' ']).map(str::trim);
    values.no_proxy = names
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect();
    Ok(())
}

/// A path may hold spaces, and no comma.
fn policies(values: &mut SettingValues, text: &str, _: &SettingSource) -> Result<(), Wanted> {
    let places = text.split(',').filter(|place| !place.trim().is_empty());
    let places: Option<Vec<PolicyPlace>> = places.map(PolicyPlace::read).collect();
    values.policies = places.ok_or(Wanted(
        "expected SITE=PATH, with a site of Microsoft Entra and an absolute path, such as login.microsoft.com=/etc/hybridd/policy",
    ))?;
    Ok(())
}

fn log_filter(values: &mut SettingValues, text: &str, _: &SettingSource) -> Result<(), Wanted> {
    if !log::is_filter(text) {
        return Err(Wanted(
            "expected error, warn, info, debug or trace, or a list such as warn,hybrid_dial=debug",
        ));
    }
    values.log = Some(text.to_owned());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_key_is_there_once_and_says_its_default_as_it_is() {
        let names: BTreeSet<_> = SETTINGS.iter().map(|setting| setting.name).collect();
        assert_eq!(names.len(), SETTINGS.len());
        for setting in SETTINGS {
            let shown = (setting.shown)(&SettingValues::default());
            assert_eq!(shown, setting.default, "{}", setting.name);
            assert!(!setting.what.ends_with('.'), "{}", setting.name);
            for word in setting.words {
                let value = word.replace("g:", "g:/a/file");
                assert_eq!(setting.check(&value), Ok(()), "{}: {value}", setting.name);
            }
        }
    }

    proptest! {
        #[test]
        fn setting_a_key_to_any_text_never_panics_and_shows_no_password(text in ".*", secret in "[a-z0-9]{8,12}") {
            for setting in SETTINGS {
                let mut values = SettingValues::default();
                let _ = (setting.set)(&mut values, &text, &SettingSource::Variable("x"));
                let _ = (setting.shown)(&values);
            }
            let mut values = SettingValues::default();
            let with_login = format!("{text}http://me:{secret}@proxy.example");
            proxy(&mut values, &with_login, &SettingSource::Variable("x")).unwrap();
            let shown = (find("proxy").unwrap().shown)(&values);
            prop_assert!(!shown.contains(&secret), "{}", shown);
            let debug = format!("{values:?}");
            prop_assert!(!debug.contains(&secret), "{}", debug);
        }
    }
}
