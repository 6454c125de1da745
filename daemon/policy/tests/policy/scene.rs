//! A tenant, a person and a passkey that fit together; tests change one thing of them at a time.

use hybrid_policy::{
    Aaguid, AttestationFacts, ExportFile, Exports, Groups, Guid, Inquiry, Judgement, Moment,
    Occasion, Ruling, Way, check_files, diff, lint, read,
};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

pub const NOW: Moment = Moment(1_795_800_000);
pub const GPM: &str = "ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4";
pub const AUTHENTICATOR: &str = "de1e552d-db1d-4423-a619-566b625cdc84";
pub const KEY: &str = "2fc0579f-8113-47ea-b116-bb5a8db9202a";
pub const DEFAULT: &str = "00000000-0000-0000-0000-000000000001";
pub const STRICT: &str = "00000000-0000-0000-0000-000000000002";
pub const PILOT: &str = "11111111-1111-1111-1111-111111111111";
/// Where the passkey configuration stands in the export.
pub const F: &str = "/authenticationMethodConfigurations/0";
pub const T: &str = "/authenticationMethodConfigurations/1";

#[derive(Clone, Debug)]
pub struct Scene {
    pub files: BTreeMap<String, Value>,
    pub inquiry: Inquiry,
    pub asks: Asks,
}

/// What a scene asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Asks {
    Check,
    Lint,
    /// What it would do to take the place of [`modern`].
    Diff,
}

pub fn aaguid(text: &str) -> Aaguid {
    hybrid_policy::parse_aaguid(text).unwrap()
}

pub fn guid(text: &str) -> Guid {
    Guid::parse(text).unwrap()
}

pub fn groups(ids: &[&str]) -> BTreeSet<Guid> {
    ids.iter().map(|id| guid(id)).collect()
}

/// A tenant with profiles whose default profile takes everything; a registration by QR code.
pub fn modern() -> Scene {
    let mut inquiry = Inquiry::new(Occasion::Registration, Way::Qr, NOW);
    inquiry.passkey.aaguid = Some(aaguid(GPM));
    inquiry.passkey.synced = Some(true);
    inquiry.passkey.attestation = Some(AttestationFacts::Missing);
    inquiry.passkey.user_verified = Some(true);
    inquiry.passkey.discoverable = Some(true);
    inquiry.holder.groups = Groups::Exactly(BTreeSet::new());
    inquiry.holder.id = Some(guid("99999999-9999-9999-9999-999999999999"));
    inquiry.holder.guest = Some(false);
    inquiry.holder.mfa_capable = Some(true);
    inquiry.holder.last_mfa = Some(NOW);
    Scene {
        files: BTreeMap::from([("methods.json".to_owned(), methods())]),
        inquiry,
        asks: Asks::Check,
    }
}

pub fn profile(id: &str, kinds: &str, attestation: &str, keys: &Value) -> Value {
    json!({"id": id, "name": format!("Profile {}", &id[35..]), "passkeyTypes": kinds,
        "attestationEnforcement": attestation, "keyRestrictions": keys})
}

pub fn keys(enforced: bool, kind: &str, aaguids: &[&str]) -> Value {
    json!({"isEnforced": enforced, "enforcementType": kind, "aaGuids": aaguids})
}

pub fn target(id: &str, profiles: &[&str]) -> Value {
    json!({"targetType": "group", "id": id, "isRegistrationRequired": false,
        "allowedPasskeyProfiles": profiles})
}

fn methods() -> Value {
    json!({
        "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#authenticationMethodsPolicy",
        "id": "authenticationMethodsPolicy",
        "policyVersion": "1.5",
        "registrationEnforcement": {"authenticationMethodsRegistrationCampaign": {
            "state": "disabled", "snoozeDurationInDays": 1, "excludeTargets": [],
            "includeTargets": [{"id": "all_users", "targetType": "group",
                "targetedAuthenticationMethod": "fido2"}]}},
        "authenticationMethodConfigurations": [
            {"@odata.type": "#microsoft.graph.fido2AuthenticationMethodConfiguration",
             "id": "Fido2", "state": "enabled", "isSelfServiceRegistrationAllowed": true,
             "isAttestationEnforced": false, "keyRestrictions": keys(false, "allow", &[]),
             "defaultPasskeyProfile": DEFAULT,
             "includeTargets": [target("all_users", &[DEFAULT])], "excludeTargets": [],
             "passkeyProfiles": [
                profile(DEFAULT, "deviceBound,synced", "disabled", &keys(false, "allow", &[]))]},
            {"@odata.type": "#microsoft.graph.temporaryAccessPassAuthenticationMethodConfiguration",
             "id": "TemporaryAccessPass", "state": "enabled", "isUsableOnce": false,
             "defaultLifetimeInMinutes": 60, "excludeTargets": [],
             "includeTargets": [{"id": "all_users", "targetType": "group"}]},
            {"id": "Sms", "state": "disabled", "includeTargets": []},
        ],
    })
}

pub fn strength(id: u8, name: &str, combinations: &[&str], aaguids: Option<&[&str]>) -> Value {
    let configurations = aaguids.map_or(json!([]), |aaguids| {
        json!([{"@odata.type": "#microsoft.graph.fido2CombinationConfiguration", "id": "c",
            "appliesToCombinations": ["fido2"], "allowedAAGUIDs": aaguids}])
    });
    json!({"id": format!("dd055c42-0000-0000-0000-0000000000{id:02x}"), "displayName": name,
        "policyType": "custom", "requirementsSatisfied": "mfa",
        "allowedCombinations": combinations, "combinationConfigurations": configurations})
}

/// An enabled policy for everyone and everything, with one emergency account left out.
pub fn access(id: u8, controls: &[&str], strength: &Value) -> Value {
    json!({"id": format!("aaaaaaaa-0000-0000-0000-0000000000{id:02x}"),
        "displayName": format!("Policy {id}"), "state": "enabled",
        "conditions": {"clientAppTypes": ["all"], "signInRiskLevels": [], "userRiskLevels": [],
            "platforms": null, "locations": null, "devices": null,
            "users": {"includeUsers": ["All"], "includeGroups": [], "includeRoles": [],
                "excludeUsers": ["eeeeeeee-eeee-eeee-eeee-eeeeeeeeeeee"], "excludeGroups": [],
                "excludeRoles": [], "includeGuestsOrExternalUsers": null,
                "excludeGuestsOrExternalUsers": null},
            "applications": {"includeApplications": ["All"], "excludeApplications": [],
                "includeUserActions": [], "includeAuthenticationContextClassReferences": [],
                "applicationFilter": null}},
        "grantControls": {"operator": "OR", "builtInControls": controls,
            "customAuthenticationFactors": [], "termsOfUse": [],
            "authenticationStrength": strength},
        "sessionControls": null})
}

impl Scene {
    pub fn set(&mut self, file: &str, pointer: &str, value: Value) {
        let file = self.files.get_mut(file).unwrap();
        let (parent, last) = pointer.rsplit_once('/').unwrap();
        match file.pointer_mut(parent).unwrap() {
            Value::Object(members) => drop(members.insert(last.to_owned(), value)),
            Value::Array(items) => items[last.parse::<usize>().unwrap()] = value,
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                panic!("{parent} holds nothing")
            }
        }
    }

    /// Of the passkey configuration.
    pub fn fido2(mut self, pointer: &str, value: Value) -> Self {
        self.set("methods.json", &format!("{F}{pointer}"), value);
        self
    }

    pub fn with(mut self, file: &str, value: Value) -> Self {
        self.files.insert(file.to_owned(), value);
        self
    }

    pub fn policies(self, policies: &[Value]) -> Self {
        let context =
            "https://graph.microsoft.com/v1.0/$metadata#identity/conditionalAccess/policies";
        self.with(
            "access.json",
            json!({"@odata.context": context, "value": policies}),
        )
    }

    pub fn strengths(self, strengths: &[Value]) -> Self {
        let context =
            "https://graph.microsoft.com/v1.0/$metadata#policies/authenticationStrengthPolicies";
        self.with(
            "strengths.json",
            json!({"@odata.context": context, "value": strengths}),
        )
    }

    pub fn user(self, methods: &[Value]) -> Self {
        let context =
            "https://graph.microsoft.com/v1.0/$metadata#users('u')/authentication/methods";
        self.with(
            "user.json",
            json!({"@odata.context": context, "value": methods}),
        )
    }

    pub fn asked(mut self, change: impl FnOnce(&mut Inquiry)) -> Self {
        change(&mut self.inquiry);
        self
    }

    pub fn linted(mut self) -> Self {
        self.asks = Asks::Lint;
        self
    }

    pub fn compared(mut self) -> Self {
        self.asks = Asks::Diff;
        self
    }

    pub fn remove(&mut self, file: &str, pointer: &str) -> bool {
        let (parent, last) = pointer.rsplit_once('/').unwrap();
        let parent = self
            .files
            .get_mut(file)
            .unwrap()
            .pointer_mut(parent)
            .unwrap();
        parent
            .as_object_mut()
            .is_some_and(|members| members.remove(last).is_some())
    }

    pub fn exports(&self) -> Exports {
        self.reading(|files| read(files, NOW)).unwrap()
    }

    pub fn judgement(&self) -> Judgement {
        self.reading(|files| check_files(files, &self.inquiry))
    }

    pub fn rulings(&self) -> Vec<Ruling> {
        match self.asks {
            Asks::Check => {
                let judgement = self.judgement();
                assert!(judgement.errors.is_empty(), "{judgement}");
                judgement.rulings
            }
            Asks::Lint => lint(&self.exports(), NOW),
            Asks::Diff => diff(&modern().exports(), &self.exports(), &[], NOW).rulings,
        }
    }

    fn reading<T>(&self, ask: impl FnOnce(&[ExportFile<'_>]) -> T) -> T {
        let texts: Vec<(&str, String)> = self
            .files
            .iter()
            .map(|(name, value)| (name.as_str(), value.to_string()))
            .collect();
        let files: Vec<ExportFile<'_>> = texts
            .iter()
            .map(|(name, text)| ExportFile {
                name,
                bytes: text.as_bytes(),
                written: Some(NOW),
            })
            .collect();
        ask(&files)
    }
}
