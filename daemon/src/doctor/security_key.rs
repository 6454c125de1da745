//! The phone as a security key, step by step: what it stands on, and which programs cannot see it.

use super::browsers::{self, Packages};
use crate::agent::folders::Folders;
use crate::agent::key_state::{self, KeyService, KeyServiceError, KeyState};
use crate::agent::report_file;
use hybrid_diagnosis::catalogue::{
    ANOTHER_KEY_VERSION, KEY_FROM_ELSEWHERE, KEY_IN_BACKGROUND, KEY_SWITCHED_OFF,
    NO_BLUETOOTH_SERVICE, NO_KEY_SERVICE, NO_PROMPT, NO_UHID, UHID_FORBIDDEN, UHID_OPEN_TO_OTHERS,
};
use hybrid_diagnosis::check::{Check, Verdict};
use hybrid_diagnosis::finding::Finding;
use hybrid_radio::bluez::Bus;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::time::Instant;

const SERVICE: &str = "usr/libexec/hybridd/key";
const WINDOW: &str = "usr/libexec/hybridd/prompt-gtk";
/// This program's version, which the service and the agent should have.
const VERSION: &str = env!("CARGO_PKG_VERSION");
/// The service's user and group.
const GROUP: &str = "hybridd";

/// Looks at everything, and tells each step when it is done. Where the service is not installed,
/// nothing is looked at.
pub async fn security_key(
    bus: &Bus,
    root: &Path,
    folders: Option<&Folders>,
    tell: &mut impl FnMut(Check),
) {
    let mut since = Instant::now();
    let mut done = |name: &str, (evidence, verdict): (String, Verdict)| {
        let name = format!("security key: {name}");
        tell(Check::new(&name, since.elapsed(), &evidence, verdict));
        since = Instant::now();
    };
    let present = key_state::service(bus).await;
    if !root.join(SERVICE).exists() && !matches!(present, Ok(Some(_))) {
        let why = "the key's service is not installed".to_owned();
        return done("service", (String::new(), Verdict::NotChecked(why)));
    }
    done("device node", node(root));
    let has_bus = !matches!(present, Err(KeyServiceError::Bus(_)));
    done("service", service(present));
    if has_bus {
        let state = match folders {
            Some(folders) => Some(key_state::look(folders, bus).await),
            None => None,
        };
        let version = folders.and_then(report_file::program_version);
        done("agent", agent(state, version.as_deref()));
    } else {
        done("agent", without_bus());
    }
    done("prompt", prompt(root));
    let home = std::env::var_os("HOME").map(std::path::PathBuf::from);
    let packages = Packages::look(root, home.as_deref()).await;
    for (name, seen) in browsers::judge(&packages) {
        done(name, seen);
    }
}

fn node(root: &Path) -> (String, Verdict) {
    let stat = match fs::metadata(root.join("dev/uhid")) {
        Ok(stat) => stat,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let saw = "there is no /dev/uhid";
            return (
                saw.to_owned(),
                Verdict::Fail(Finding::certain(&NO_UHID, saw)),
            );
        }
        Err(error) => {
            let why = format!("cannot inspect /dev/uhid: {error}");
            return (String::new(), Verdict::NotChecked(why));
        }
    };
    let group = group(&fs::read_to_string(root.join("etc/group")).unwrap_or_default());
    judge_node(stat.mode() & 0o777, stat.gid(), group)
}

fn judge_node(mode: u32, gid: u32, ours: Option<u32>) -> (String, Verdict) {
    let evidence = format!("mode {mode:04o}, group {gid}");
    let foreign_group = gid != 0 && Some(gid) != ours && mode & 0o060 != 0;
    let verdict = if mode & 0o006 != 0 || foreign_group {
        Verdict::Warn(Finding::certain(&UHID_OPEN_TO_OTHERS, &evidence))
    } else if Some(gid) != ours || mode & 0o060 != 0o060 {
        let saw = format!("{evidence}, which is not the group {GROUP}");
        Verdict::Fail(Finding::certain(&UHID_FORBIDDEN, &saw))
    } else {
        Verdict::Ok
    };
    (evidence, verdict)
}

/// The number of the service's group.
fn group(groups: &str) -> Option<u32> {
    let fields = |line: &str| {
        let mut fields = line.split(':');
        let is_ours = fields.next() == Some(GROUP);
        fields.nth(1).filter(|_| is_ours)?.parse().ok()
    };
    groups.lines().find_map(fields)
}

fn service(present: Result<Option<KeyService>, KeyServiceError>) -> (String, Verdict) {
    let fail = |saw: &str| {
        let finding = Finding::certain(&NO_KEY_SERVICE, saw);
        (saw.to_owned(), Verdict::Fail(finding))
    };
    match present {
        Ok(Some(service)) if service.version != VERSION => {
            another_version("service", &service.version)
        }
        Ok(Some(service)) if service.has_device => ("programs see the key".to_owned(), Verdict::Ok),
        Ok(Some(_)) => ("it is running, but provides no key".to_owned(), Verdict::Ok),
        Ok(None) => fail("it is not on the system D-Bus"),
        Err(error @ KeyServiceError::Service(_)) => fail(&error.to_string()),
        Err(KeyServiceError::Bus(_)) => without_bus(),
    }
}

/// The bus is a step of the radio's, and its absence says nothing of who would be on it.
fn without_bus() -> (String, Verdict) {
    let why = format!("an earlier step failed ({})", NO_BLUETOOTH_SERVICE.code);
    (String::new(), Verdict::NotChecked(why))
}

fn agent(state: Option<KeyState>, version: Option<&str>) -> (String, Verdict) {
    match state {
        None => (
            String::new(),
            Verdict::NotChecked("there is no home folder".to_owned()),
        ),
        Some(KeyState::Present) if version != Some(VERSION) => {
            another_version("agent", version.unwrap_or("unknown"))
        }
        Some(KeyState::Present) => ("it is registered".to_owned(), Verdict::Ok),
        Some(KeyState::Asking) => ("it is registering".to_owned(), Verdict::Ok),
        Some(KeyState::Absent(finding)) => {
            // As it was wished, or as it must be here.
            let harmless = [&KEY_SWITCHED_OFF, &KEY_IN_BACKGROUND, &KEY_FROM_ELSEWHERE];
            let is_harmless = harmless.iter().any(|entry| entry.code == finding.code);
            let verdict = if is_harmless {
                Verdict::Warn
            } else {
                Verdict::Fail
            };
            (finding.saw.clone(), verdict(finding))
        }
    }
}

/// It may work all the same: otherwise the agent says that it was refused.
fn another_version(whose: &str, version: &str) -> (String, Verdict) {
    let saw = format!("the {whose} has version {version}, this program version {VERSION}");
    let finding = Finding::certain(&ANOTHER_KEY_VERSION, &saw);
    (saw, Verdict::Warn(finding))
}

fn prompt(root: &Path) -> (String, Verdict) {
    if root.join(WINDOW).exists() {
        return (format!("/{WINDOW}"), Verdict::Ok);
    }
    let saw = format!("/{WINDOW} is not installed");
    let finding = Finding::possible(&NO_PROMPT, &saw);
    (saw, Verdict::Warn(finding))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code((_, verdict): (String, Verdict)) -> Option<&'static str> {
        match verdict {
            Verdict::Warn(finding) | Verdict::Fail(finding) => Some(finding.code),
            Verdict::Ok | Verdict::NotChecked(_) => None,
        }
    }

    #[test]
    fn the_node_is_the_services_and_nobody_elses() {
        let ours = group("root:x:0:\nhybridd:x:987:\nuhid:x:5:someone\n");
        assert_eq!(ours, Some(987));
        for (mode, gid, expected) in [
            (0o660, 987, None),
            (0o600, 0, Some("UH02")),
            (0o600, 987, Some("UH02")),
            (0o660, 0, Some("UH02")),
            (0o666, 987, Some("UH23")),
            (0o660, 5, Some("UH23")),
        ] {
            assert_eq!(
                code(judge_node(mode, gid, ours)),
                expected,
                "{mode:o} {gid}"
            );
        }
        let empty = tempfile::tempdir().unwrap();
        assert_eq!(code(node(empty.path())), Some("UH01"));
    }

    #[test]
    fn a_service_that_is_not_there_and_a_prompt_that_is_not_installed_are_told() {
        assert_eq!(code(service(Ok(None))), Some("UH04"));
        let answers = |version: &str| {
            let version = version.to_owned();
            service(Ok(Some(KeyService {
                has_device: false,
                version,
            })))
        };
        assert_eq!(code(answers(VERSION)), None);
        assert_eq!(code(answers("0.0.9")), Some("UH06"));
        let unknown = zbus::Error::from(zbus::fdo::Error::ServiceUnknown("gone".to_owned()));
        let unknown = KeyServiceError::Service(unknown);
        assert_eq!(code(service(Err(unknown))), Some("UH04"));
        let refused = zbus::Error::from(io::Error::from(io::ErrorKind::ConnectionRefused));
        let (_, verdict) = service(Err(KeyServiceError::Bus(refused)));
        assert!(matches!(verdict, Verdict::NotChecked(_)), "{verdict:?}");
        let empty = tempfile::tempdir().unwrap();
        assert_eq!(code(prompt(empty.path())), Some("UH14"));
    }

    #[test]
    fn an_agent_of_another_version_is_told_also_when_it_works() {
        let registered = |version| code(agent(Some(KeyState::Present), version));
        assert_eq!(registered(Some(VERSION)), None);
        assert_eq!(registered(Some("0.0.9")), Some("UH06"));
        assert_eq!(registered(None), Some("UH06"), "of before it was written");
    }

    #[tokio::test]
    async fn without_the_system_d_bus_nothing_is_said_of_service_and_agent() {
        let root = tempfile::tempdir().unwrap();
        let program = root.path().join(SERVICE);
        fs::create_dir_all(program.parent().unwrap()).unwrap();
        fs::write(program, "").unwrap();
        let home = root.path().to_owned();
        let folders = Folders::of_person(|name| (name == "HOME").then(|| home.clone().into()));
        let nowhere = Bus::At(format!("unix:path={}/bus", root.path().display()));
        let mut told = Vec::new();
        let mut tell = |check: Check| told.push(check);
        security_key(&nowhere, root.path(), folders.as_ref(), &mut tell).await;
        for name in ["security key: service", "security key: agent"] {
            let check = told.iter().find(|check| check.name == name).unwrap();
            let not_checked = Verdict::NotChecked("an earlier step failed (BT02)".to_owned());
            assert_eq!(check.verdict, not_checked, "{name}");
        }
    }

    #[tokio::test]
    async fn where_the_service_is_not_installed_nothing_is_wrong() {
        let empty = tempfile::tempdir().unwrap();
        let nowhere = Bus::At(format!("unix:path={}/bus", empty.path().display()));
        let mut told = Vec::new();
        security_key(&nowhere, empty.path(), None, &mut |check| told.push(check)).await;
        assert!(matches!(
            &told[..],
            [Check {
                verdict: Verdict::NotChecked(_),
                ..
            }]
        ));
    }
}
