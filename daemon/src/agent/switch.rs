//! Whether the person wants the key: a file that `hybridd key` writes and the agent follows.

use serde_json::{Value, json};
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;
use std::time::Duration;

const VERSION: u64 = 1;
const LONGEST: u64 = 4096;

/// The switch. On after installation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Switch {
    on: bool,
    until: Option<Until>,
}

/// The end of a state that is not for good; the opposite holds afterwards, or the same.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Until {
    moment: Moment,
    then: bool,
}

/// A point in time that no clock that is set can move: since which start of the computer, and how
/// long, suspensions included.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Moment {
    /// The kernel's name for this start.
    pub boot: String,
    /// Since then.
    pub since: Duration,
}

/// What the file says.
#[derive(PartialEq, Eq, Debug)]
pub enum Written {
    /// This, also when there is none or it is damaged.
    Switch(Switch),
    /// A newer version of hybridd wrote it.
    Newer(u64),
}

impl Default for Switch {
    fn default() -> Self {
        Self::set(true)
    }
}

impl Switch {
    /// For good.
    pub const fn set(on: bool) -> Self {
        Self { on, until: None }
    }

    /// For a while; what held before holds again afterwards.
    #[must_use]
    pub fn set_for(&self, on: bool, how_long: Duration, now: &Moment) -> Self {
        let then = match &self.until {
            Some(until) => until.then,
            None => self.on,
        };
        Self {
            on,
            until: Some(Until {
                moment: Moment {
                    boot: now.boot.clone(),
                    since: now.since.saturating_add(how_long),
                },
                then,
            }),
        }
    }

    /// Whether the key is wanted now.
    pub fn is_on(&self, now: &Moment) -> bool {
        match (&self.until, self.left(now)) {
            (Some(until), None) => until.then,
            (Some(_), Some(_)) | (None, _) => self.on,
        }
    }

    /// How long this holds before the former state returns; `None` for good.
    pub fn left(&self, now: &Moment) -> Option<Duration> {
        let until = &self.until.as_ref()?.moment;
        // After a restart of the computer a while is over.
        let left = (until.boot == now.boot).then(|| until.since.saturating_sub(now.since))?;
        (!left.is_zero()).then_some(left)
    }

    /// What the file says.
    ///
    /// # Errors
    /// What the file system says; that there is none is no error.
    pub fn read(path: &Path) -> io::Result<Written> {
        let mut text = Vec::new();
        match File::open(path).and_then(|file| file.take(LONGEST).read_to_end(&mut text)) {
            Ok(_) => Ok(Self::from_text(&text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Ok(Written::Switch(Self::default()))
            }
            Err(error) => Err(error),
        }
    }

    /// What the file is to say.
    pub fn to_text(&self) -> String {
        let mut value = json!({"version": VERSION, "on": self.on});
        if let (Some(until), Some(map)) = (&self.until, value.as_object_mut()) {
            let ms = u64::try_from(until.moment.since.as_millis()).unwrap_or(u64::MAX);
            let until = json!({"boot": until.moment.boot, "ms": ms, "then": until.then});
            map.insert("until".to_owned(), until);
        }
        format!("{value}\n")
    }

    pub(crate) fn from_text(text: &[u8]) -> Written {
        let value: Value = serde_json::from_slice(text).unwrap_or_default();
        match value.get("version").and_then(Value::as_u64) {
            Some(newer) if newer > VERSION => return Written::Newer(newer),
            Some(_) | None => {}
        }
        let until = value.get("until").and_then(|until| {
            Some(Until {
                moment: Moment {
                    boot: until.get("boot")?.as_str()?.to_owned(),
                    since: Duration::from_millis(until.get("ms")?.as_u64()?),
                },
                then: until.get("then")?.as_bool()?,
            })
        });
        let on = value.get("on").and_then(Value::as_bool).unwrap_or(true);
        Written::Switch(Self { on, until })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(boot: &str, seconds: u64) -> Moment {
        Moment {
            boot: boot.to_owned(),
            since: Duration::from_secs(seconds),
        }
    }

    const WHILE: Duration = Duration::from_secs(600);

    #[test]
    fn after_a_while_the_former_state_returns() {
        for former in [true, false] {
            let switch = Switch::set(former).set_for(!former, WHILE, &at("a", 100));
            assert_eq!(switch.is_on(&at("a", 100)), !former);
            assert_eq!(switch.left(&at("a", 160)), Some(Duration::from_secs(540)));
            assert_eq!(switch.is_on(&at("a", 699)), !former);
            assert_eq!(switch.is_on(&at("a", 700)), former);
            assert_eq!(
                switch.is_on(&at("b", 100)),
                former,
                "the computer restarted"
            );
            // Somebody says it once more, and it still ends where it began.
            let again = switch.set_for(!former, WHILE, &at("a", 200));
            assert_eq!(again.is_on(&at("a", 799)), !former);
            assert_eq!(again.is_on(&at("a", 800)), former);
        }
    }

    #[test]
    fn the_key_is_wanted_after_installation_and_what_is_damaged_is_as_new() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key.json");
        let on = Written::Switch(Switch::set(true));
        assert_eq!(Switch::read(&path).unwrap(), on);
        std::fs::write(&path, "damaged").unwrap();
        assert_eq!(Switch::read(&path).unwrap(), on);
        std::fs::write(&path, "{\"version\":2,\"on\":\"perhaps\"}").unwrap();
        assert_eq!(Switch::read(&path).unwrap(), Written::Newer(2));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_a_panic(text in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Switch::from_text(&text);
        }

        #[test]
        fn what_is_written_is_read_back(on: bool, then: bool, boot in "[0-9a-f-]{0,36}", ms in 0_u64..1 << 50) {
            let set = Switch::set(then).set_for(on, Duration::from_millis(ms), &Moment { boot, since: Duration::ZERO });
            for switch in [Switch::set(on), set] {
                prop_assert_eq!(Switch::from_text(switch.to_text().as_bytes()), Written::Switch(switch));
            }
        }
    }
}
