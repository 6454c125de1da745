//! The exports that the setting `policies` names: whether they can be read, as the agent reads them,
//! and whether anything would come of asking them.

use crate::agent::POLICY_READING;
use crate::export_files::{SiteExports, read_for_site};
use crate::settings::PolicyPlace;
use hybrid_diagnosis::catalogue::{POLICY_OF_LITTLE_USE, POLICY_UNREAD};
use hybrid_diagnosis::check::{Check, Verdict};
use hybrid_diagnosis::finding::Finding;
use hybrid_policy::limits::FRESH_DAYS;
use hybrid_policy::{Doubt, ENTRA_SITE, ExportKind};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Instant;

/// A check for each site that has an entry.
pub fn checks(places: &[PolicyPlace]) -> Vec<Check> {
    let sites: BTreeSet<&str> = places.iter().map(|place| place.rp_id.as_str()).collect();
    sites.iter().map(|site| check(places, site)).collect()
}

fn check(places: &[PolicyPlace], site: &str) -> Check {
    let paths = PolicyPlace::of(places, site);
    let began = Instant::now();
    let read = read_for_site(&paths);
    let took = began.elapsed();
    let (evidence, verdict) = match read {
        Err(why) => unread(&why.to_string()),
        Ok(_) if took > POLICY_READING => unread(&format!(
            "reading took longer than the {} ms that the agent waits",
            POLICY_READING.as_millis()
        )),
        Ok(read) => judged(&read, site, &paths, places),
    };
    Check::new(&format!("policies: {site}"), took, &evidence, verdict)
}

fn unread(why: &str) -> (String, Verdict) {
    let finding = Finding::certain(&POLICY_UNREAD, why);
    (why.to_owned(), Verdict::of(finding))
}

fn judged(
    read: &SiteExports,
    site: &str,
    paths: &[PathBuf],
    places: &[PolicyPlace],
) -> (String, Verdict) {
    let doubts = { read.exports.doubts().iter() }.filter(|doubt| doubt.cap().is_some());
    let mut odd: Vec<String> = doubts.map(Doubt::to_string).collect();
    if read.exports.fido2().is_none() {
        odd.push(format!("no file has {}", ExportKind::Fido2));
    }
    if !read.ignored.is_empty() {
        let kinds: Vec<String> = read.ignored.iter().map(ExportKind::to_string).collect();
        odd.push(format!(
            "ignored, because it is of one user: {}",
            kinds.join(", ")
        ));
    }
    if site == OTHER_PUBLIC_NAME && PolicyPlace::of(places, ENTRA_SITE).is_empty() {
        odd.push(format!(
            "there is no entry for {ENTRA_SITE}, whose passkeys Microsoft Entra's pages ask for"
        ));
    }
    if odd.is_empty() {
        let paths: Vec<String> = { paths.iter() }
            .map(|path| path.display().to_string())
            .collect();
        let paths = paths.join(", ");
        return (
            format!("{paths}: read, and no file is older than {FRESH_DAYS} days"),
            Verdict::Ok,
        );
    }
    let odd = odd.join("; ");
    let finding = Finding::certain(&POLICY_OF_LITTLE_USE, &odd);
    (odd, Verdict::Warn(finding))
}

/// The public cloud's other host; sovereign clouds have their own.
const OTHER_PUBLIC_NAME: &str = "login.microsoftonline.com";

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{self, File};
    use std::path::Path;
    use std::time::{Duration, SystemTime};

    const FIDO2: &str = r#"{"id": "Fido2", "state": "enabled", "isSelfServiceRegistrationAllowed": true,
        "excludeTargets": [], "includeTargets": [], "passkeyProfiles": []}"#;
    const GROUPS: &str = r##"{"value": [{"@odata.type": "#microsoft.graph.group",
        "id": "11111111-1111-1111-1111-111111111111"}]}"##;

    fn place(site: &str, path: &Path) -> PolicyPlace {
        PolicyPlace {
            rp_id: site.to_owned(),
            path: path.to_owned(),
        }
    }

    fn only(site: &str, path: &Path) -> Check {
        let mut checks = checks(&[place(site, path)]);
        assert_eq!(checks.len(), 1);
        checks.pop().unwrap()
    }

    fn code(check: &Check) -> &str {
        check.finding().map_or("", |finding| finding.code)
    }

    #[test]
    fn what_the_agent_cannot_read_fails_with_the_reason() {
        let folder = tempfile::tempdir().unwrap();
        let nowhere = only(ENTRA_SITE, &folder.path().join("nowhere"));
        assert!(matches!(nowhere.verdict, Verdict::Fail(_)), "{nowhere:?}");
        assert_eq!(code(&nowhere), "UH27");
        let empty = only(ENTRA_SITE, folder.path());
        assert!(
            empty.evidence.contains("no file in this folder"),
            "{empty:?}"
        );
        fs::write(folder.path().join("methods.json"), "{\"id\": [").unwrap();
        let broken = only(ENTRA_SITE, folder.path());
        assert_eq!(code(&broken), "UH27");
        assert!(
            broken.evidence.contains("methods.json: the JSON is"),
            "{broken:?}"
        );
    }

    #[test]
    fn exports_that_refuse_nothing_are_told_with_their_age() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("methods.json");
        fs::write(&path, FIDO2).unwrap();
        let fresh = only(ENTRA_SITE, folder.path());
        assert_eq!(fresh.verdict, Verdict::Ok, "{fresh:?}");
        let days = Duration::from_secs(19 * 86_400);
        let file = File::options().write(true).open(&path).unwrap();
        file.set_modified(SystemTime::now() - days).unwrap();
        let old = only(ENTRA_SITE, folder.path());
        assert!(matches!(old.verdict, Verdict::Warn(_)), "{old:?}");
        assert_eq!(code(&old), "UH28");
        assert_eq!(old.evidence, "methods.json was written 19 days ago");
    }

    #[test]
    fn files_of_one_user_are_not_everybodys() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("groups.json"), GROUPS).unwrap();
        let alone = only(ENTRA_SITE, folder.path());
        assert!(alone.evidence.contains("no file has the passkey"));
        fs::write(folder.path().join("methods.json"), FIDO2).unwrap();
        let both = only(ENTRA_SITE, folder.path());
        assert_eq!(code(&both), "UH28");
        assert_eq!(
            both.evidence,
            "ignored, because it is of one user: the user's groups"
        );
        let read = read_for_site(&[folder.path().to_owned()]).unwrap();
        assert!(read.exports.personal().is_empty());
    }

    #[test]
    fn a_name_that_is_hardly_ever_asked_is_told_unless_the_other_one_is_there() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("methods.json"), FIDO2).unwrap();
        let alone = only(OTHER_PUBLIC_NAME, folder.path());
        assert_eq!(code(&alone), "UH28");
        let places = [OTHER_PUBLIC_NAME, ENTRA_SITE].map(|site| place(site, folder.path()));
        let both = checks(&places);
        assert_eq!(both.len(), 2);
        assert!(both.iter().all(|check| check.verdict == Verdict::Ok));
    }
}
