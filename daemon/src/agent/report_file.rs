//! How the agent is, for `hybridd key status` and the doctor: a file that it keeps up to date, and a
//! lock that says whether it runs.

use super::folders::Folders;
use super::membership::Standing;
use crate::private_file::{NotPrivate, write_private};
use hybrid_diagnosis::catalogue::{
    self, Entry, KEY_SWITCHED_OFF, NO_ADAPTER, NO_BLUETOOTH_SERVICE, NO_KEY_AGENT, NO_KEY_SERVICE,
};
use serde_json::{Value, json};
use std::fs::{self, File, TryLockError};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::thread;
use std::time::Duration;

/// Whoever holds the place longer than this has it.
const TRIES: u32 = 5;
const MOMENT: Duration = Duration::from_millis(20);

/// One agent runs for a person.
#[derive(Debug)]
pub struct AgentPlace(#[expect(dead_code, reason = "held")] File);

/// Why an agent cannot have its place.
#[derive(Debug)]
pub enum NoPlace {
    /// Another one has it.
    Taken,
    /// What the file system says.
    Io(io::Error),
}

/// What is known of a person's agent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum AgentReport {
    /// None runs.
    NotRunning,
    /// Programs see the key.
    Present,
    /// It is about to ask the service.
    Asking,
    /// They do not, because of this.
    Absent(&'static Entry),
}

impl AgentPlace {
    /// Takes the place, if nobody has it.
    ///
    /// # Errors
    /// Why not.
    pub fn take(folders: &Folders) -> Result<Self, NoPlace> {
        folders.create().map_err(NoPlace::Io)?;
        let mut options = File::options();
        options.create(true).truncate(true).write(true).mode(0o600);
        let file = options.open(folders.lock()).map_err(NoPlace::Io)?;
        let mut tries = 0;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self(file)),
                // Who asks how the agent is holds it for a moment.
                Err(TryLockError::WouldBlock) if tries < TRIES => thread::sleep(MOMENT),
                Err(TryLockError::WouldBlock) => return Err(NoPlace::Taken),
                Err(TryLockError::Error(error)) => return Err(NoPlace::Io(error)),
            }
            tries += 1;
        }
    }
}

/// Says how the agent is.
///
/// # Errors
/// Why that cannot be written.
pub fn write(folders: &Folders, standing: Standing) -> Result<(), NotPrivate> {
    let code = cause(standing).map(|entry| entry.code);
    let word = match standing {
        Standing::Registered => "present",
        Standing::Asking => "asking",
        Standing::SwitchedOff
        | Standing::NoAdapter
        | Standing::NoBluetoothd
        | Standing::NoBus
        | Standing::NoService
        | Standing::Refused(_)
        | Standing::Unanswered => "absent",
    };
    let program = env!("CARGO_PKG_VERSION");
    let line = json!({"version": 1, "key": word, "code": code, "program": program});
    write_private(&folders.standing(), format!("{line}\n").as_bytes())
}

/// How it is.
pub fn read(folders: &Folders) -> AgentReport {
    // Nobody else holds the lock when no agent runs.
    let running = File::open(folders.lock())
        .is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)));
    if !running {
        return AgentReport::NotRunning;
    }
    let text = fs::read(folders.standing()).unwrap_or_default();
    understand(&text).unwrap_or(AgentReport::Asking)
}

/// The version of the agent's program, as it said when it last wrote how it is.
pub fn program_version(folders: &Folders) -> Option<String> {
    let text = fs::read(folders.standing()).ok()?;
    let line: Value = serde_json::from_slice(&text).ok()?;
    Some(line.get("program")?.as_str()?.to_owned())
}

fn understand(text: &[u8]) -> Option<AgentReport> {
    let line: Value = serde_json::from_slice(text).ok()?;
    Some(match line.get("key")?.as_str()? {
        "present" => AgentReport::Present,
        "absent" => AgentReport::Absent(catalogue::find(line.get("code")?.as_str()?)?),
        _ => AgentReport::Asking,
    })
}

/// Why programs do not see the key.
pub fn cause(standing: Standing) -> Option<&'static Entry> {
    match standing {
        Standing::Registered | Standing::Asking => None,
        Standing::SwitchedOff => Some(&KEY_SWITCHED_OFF),
        Standing::NoAdapter => Some(&NO_ADAPTER),
        Standing::NoBluetoothd | Standing::NoBus => Some(&NO_BLUETOOTH_SERVICE),
        Standing::NoService | Standing::Unanswered => Some(&NO_KEY_SERVICE),
        Standing::Refused(refusal) => {
            Some(catalogue::find(refusal.code()).unwrap_or(&NO_KEY_AGENT))
        }
    }
}

impl std::fmt::Display for NoPlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Taken => f.write_str("another agent of this user is running"),
            Self::Io(error) => write!(f, "the agent's folders cannot be used: {error}"),
        }
    }
}

impl std::error::Error for NoPlace {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Taken => None,
            Self::Io(error) => Some(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hybrid_diagnosis::catalogue::KEY_IN_BACKGROUND;
    use hybrid_key_bus::Refusal;

    #[test]
    fn one_agent_has_the_place_and_says_how_it_is() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().to_owned();
        let folders =
            Folders::of_person(|name| (name == "HOME").then(|| path.clone().into())).unwrap();
        assert_eq!(read(&folders), AgentReport::NotRunning);
        let place = AgentPlace::take(&folders).unwrap();
        assert!(matches!(AgentPlace::take(&folders), Err(NoPlace::Taken)));
        assert_eq!(read(&folders), AgentReport::Asking, "nothing is said yet");
        for (standing, told) in [
            (Standing::Registered, AgentReport::Present),
            (Standing::Asking, AgentReport::Asking),
            (
                Standing::Refused(Refusal::InBackground),
                AgentReport::Absent(&KEY_IN_BACKGROUND),
            ),
            (
                Standing::SwitchedOff,
                AgentReport::Absent(&KEY_SWITCHED_OFF),
            ),
        ] {
            write(&folders, standing).unwrap();
            assert_eq!(read(&folders), told);
            let version = program_version(&folders);
            assert_eq!(version.as_deref(), Some(env!("CARGO_PKG_VERSION")));
        }
        drop(place);
        assert_eq!(read(&folders), AgentReport::NotRunning);
    }
}
