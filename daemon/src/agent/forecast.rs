//! What the exports that the settings name for a site say of a request, before its code is shown.
//! Only a refusal that has no other reading ends the request; whatever is less sure is a hint.

use crate::export_files::{NoExports, SiteExports, now, read_for_site};
use crate::settings::PolicyPlace;
use hybrid_diagnosis::catalogue::{POLICY_MAY_REFUSE, POLICY_REFUSES, POLICY_UNREAD};
use hybrid_diagnosis::finding::Finding;
use hybrid_policy::{Client, Exports, Inquiry, Judgement, Occasion, Ruling, Way, check, outlook};
use hybrid_prompt_line::AskKind;
use std::time::Duration;
use tokio::task::JoinHandle;

/// Nobody waits longer for files before a prompt is shown.
pub(crate) const READING: Duration = Duration::from_millis(500);

/// What is known before a code.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Forecast {
    /// Nothing speaks against it, or nobody was asked.
    Fair,
    /// Something may speak against it.
    Doubtful(Finding),
    /// It is in vain.
    Refused(Finding),
}

/// Exports that are being read.
pub(super) struct ForecastRead(Option<JoinHandle<Result<SiteExports, NoExports>>>);

impl ForecastRead {
    /// Begins to read what the settings name for a site.
    pub(super) fn begin(places: &[PolicyPlace], rp_id: &str) -> Self {
        let paths = PolicyPlace::of(places, rp_id);
        let named = !paths.is_empty();
        Self(named.then(|| tokio::task::spawn_blocking(move || read_for_site(&paths))))
    }

    /// What they say of this request.
    pub(super) async fn finish(self, kind: AskKind, rp_id: &str, client: Client) -> Forecast {
        let (Some(read), Some(occasion)) = (self.0, occasion(kind)) else {
            return Forecast::Fair;
        };
        let rp_id = rp_id.to_owned();
        // Long lists take their time to judge, too, and nothing else of the agent waits for that.
        let asked = async move {
            let read = match read.await? {
                Ok(read) => read,
                Err(why) => return Ok(Err(why)),
            };
            let ask = move || told(&read.exports, occasion, &rp_id, client);
            tokio::task::spawn_blocking(ask).await.map(Ok)
        };
        let why = match tokio::time::timeout(READING, asked).await {
            Ok(Ok(Ok(forecast))) => return forecast,
            Ok(Ok(Err(why))) => why.to_string(),
            Ok(Err(_)) => "reading the exports failed because of a bug in hybridd".to_owned(),
            Err(_) => format!(
                "reading the exports took longer than {} ms",
                READING.as_millis()
            ),
        };
        tracing::warn!(%why, "the organisation's policy was not asked");
        Forecast::Doubtful(Finding::certain(&POLICY_UNREAD, &why))
    }
}

const fn occasion(kind: AskKind) -> Option<Occasion> {
    match kind {
        AskKind::Create => Some(Occasion::BeforeRegistration),
        AskKind::Get => Some(Occasion::SignIn),
        AskKind::Select => None,
    }
}

fn told(exports: &Exports, occasion: Occasion, rp_id: &str, client: Client) -> Forecast {
    let mut inquiry = Inquiry::new(occasion, Way::VirtualKey, now());
    inquiry.client = client;
    rp_id.clone_into(&mut inquiry.site.rp_id);
    let models = outlook(exports, &inquiry).map(|outlook| outlook.to_string());
    of(&check(exports, &inquiry), models)
}

fn of(judgement: &Judgement, models: Option<String>) -> Forecast {
    if !judgement.errors.is_empty() {
        let why: Vec<String> = judgement.errors.iter().map(ToString::to_string).collect();
        return Forecast::Doubtful(Finding::certain(&POLICY_UNREAD, &why.join("; ")));
    }
    let obstacles: Vec<String> = judgement.obstacles().map(seen).collect();
    if !obstacles.is_empty() {
        let finding = Finding::certain(&POLICY_REFUSES, &obstacles.join("; "));
        return Forecast::Refused(finding);
    }
    let hints: Vec<String> = models
        .into_iter()
        .chain(judgement.hints().map(seen))
        .collect();
    match hints.is_empty() {
        true => Forecast::Fair,
        false => Forecast::Doubtful(Finding::likely(&POLICY_MAY_REFUSE, &hints.join("; "))),
    }
}

/// A verdict in short, with the places that decided it.
fn seen(ruling: &Ruling) -> String {
    let places: Vec<String> = ruling.rests.iter().map(ToString::to_string).collect();
    let (code, name) = (ruling.code(), ruling.name());
    format!("{code} ({name}): {}, at {}", ruling.saw, places.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    const SITE: &str = "login.microsoft.com";

    /// One profile for everybody, with this in it, and one thing of the configuration changed.
    fn export(profile: &str, self_service: bool) -> String {
        format!(
            r#"{{"id": "Fido2", "state": "enabled", "isSelfServiceRegistrationAllowed": {self_service},
            "excludeTargets": [], "includeTargets": [{{"targetType": "group", "id": "all_users",
                "allowedPasskeyProfiles": ["00000000-0000-0000-0000-000000000001"]}}],
            "passkeyProfiles": [{{"id": "00000000-0000-0000-0000-000000000001", "name": "Default",
                "passkeyTypes": "deviceBound,synced", {profile}}}]}}"#
        )
    }

    const FREE: &str = r#""attestationEnforcement": "disabled",
        "keyRestrictions": {"isEnforced": false, "enforcementType": "allow", "aaGuids": []}"#;
    const ALLOWED: &str = r#""attestationEnforcement": "disabled", "keyRestrictions": {"isEnforced": true,
        "enforcementType": "allow", "aaGuids": ["ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4"]}"#;
    const BLOCKED: &str = r#""attestationEnforcement": "disabled", "keyRestrictions": {"isEnforced": true,
        "enforcementType": "block", "aaGuids": ["ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4"]}"#;
    const ATTESTED: &str = r#""attestationEnforcement": "registrationOnly",
        "keyRestrictions": {"isEnforced": false, "enforcementType": "allow", "aaGuids": []}"#;

    async fn forecast(text: &str, kind: AskKind, client: Client) -> Forecast {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("fido2.json");
        fs::write(&path, text).unwrap();
        let place = PolicyPlace {
            rp_id: SITE.to_owned(),
            path,
        };
        let read = ForecastRead::begin(&[place], SITE);
        read.finish(kind, SITE, client).await
    }

    fn code(forecast: &Forecast) -> &'static str {
        match forecast {
            Forecast::Fair => "",
            Forecast::Doubtful(finding) | Forecast::Refused(finding) => finding.code,
        }
    }

    #[tokio::test]
    async fn only_what_is_certain_refuses_and_what_may_be_is_a_hint() {
        for (profile, self_service, kind, client, expected, part) in [
            (FREE, true, AskKind::Create, Client::Chromium, "", ""),
            (
                FREE,
                false,
                AskKind::Create,
                Client::Chromium,
                "UH25",
                "PK020",
            ),
            (FREE, false, AskKind::Get, Client::Chromium, "", ""),
            (FREE, false, AskKind::Select, Client::Chromium, "", ""),
            (
                ALLOWED,
                true,
                AskKind::Create,
                Client::Chromium,
                "UH26",
                "PK118",
            ),
            (
                ALLOWED,
                true,
                AskKind::Create,
                Client::Unknown,
                "UH26",
                "PK118",
            ),
            // Firefox passes the model on, so that it depends on the phone.
            (
                ALLOWED,
                true,
                AskKind::Create,
                Client::Firefox,
                "UH26",
                "Only these models are accepted: Google Password Manager. A passkey in Apple Passwords",
            ),
            (
                ATTESTED,
                true,
                AskKind::Create,
                Client::Firefox,
                "UH26",
                "PK050",
            ),
            (ATTESTED, true, AskKind::Get, Client::Firefox, "", ""),
        ] {
            let told = forecast(&export(profile, self_service), kind, client).await;
            assert_eq!(code(&told), expected, "{profile} {kind:?} {told:?}");
            if let Forecast::Doubtful(finding) | Forecast::Refused(finding) = told {
                assert!(finding.saw.contains(part), "{}", finding.saw);
                let places = finding.saw.contains("fido2.json#/");
                assert!(places || part.starts_with("Only"), "{}", finding.saw);
            }
        }
    }

    #[tokio::test]
    async fn a_block_list_lets_a_passkey_without_a_model_pass() {
        let told = forecast(&export(BLOCKED, true), AskKind::Create, Client::Chromium).await;
        assert!(!matches!(told, Forecast::Refused(_)), "{told:?}");
    }

    #[tokio::test]
    async fn another_site_is_not_asked_and_a_file_that_cannot_be_used_is_told() {
        let nowhere = PolicyPlace {
            rp_id: SITE.to_owned(),
            path: "/nowhere/methods.json".into(),
        };
        let places = [nowhere];
        let other = ForecastRead::begin(&places, "example.org");
        let other = other
            .finish(AskKind::Create, "example.org", Client::Unknown)
            .await;
        assert_eq!(other, Forecast::Fair);
        let unread = ForecastRead::begin(&places, SITE);
        let unread = unread.finish(AskKind::Create, SITE, Client::Unknown).await;
        assert_eq!(code(&unread), "UH27");
        assert!(matches!(unread, Forecast::Doubtful(_)));
    }
}
