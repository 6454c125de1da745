//! Options of a relying party, through the desktop's half and a phone's authenticator, back to the
//! relying party: without any session.

#![expect(clippy::unwrap_used, reason = "tests")]

use hybrid_tests::relying_party::{ORIGIN, RelyingParty};
use hybrid_webauthn::{Ceremony, CtapStatus, GetInfo, Origin, ReplyError};
use phone_sim::authenticator::Consent;
use phone_sim::{Authenticator, Model, PasskeyStore};
use serde_json::{Value, json};

/// A phone and what it says of itself.
struct Phone(Authenticator);

impl Phone {
    fn new() -> Self {
        Self(Authenticator::new(
            PasskeyStore::in_memory(),
            Model::default(),
        ))
    }

    fn serve(&mut self, ceremony: &Ceremony, consent: Consent) -> Result<Value, ReplyError> {
        let info = GetInfo::read(&self.0.get_info());
        let command = ceremony.command(&info).unwrap();
        let mut random = |bytes: &mut [u8]| getrandom::fill(bytes).unwrap();
        let reply = self.0.answer(&command, consent, &mut random).unwrap();
        ceremony.finish(&info, &reply)
    }
}

fn register(options: &Value) -> Ceremony {
    Ceremony::register(Origin::parse(ORIGIN).unwrap(), &options.to_string()).unwrap()
}

fn sign_in(options: &Value) -> Ceremony {
    Ceremony::sign_in(Origin::parse(ORIGIN).unwrap(), &options.to_string()).unwrap()
}

fn options(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn an_independent_relying_party_accepts_registration_and_sign_in() {
    let (site, mut phone) = (RelyingParty::new().unwrap(), Phone::new());
    let begun = site.begin_registration().unwrap();
    let response = phone
        .serve(&register(&options(&begun.options)), Consent::Approved)
        .unwrap();
    let account = site
        .finish_registration(begun, &response.to_string())
        .unwrap();

    let begun = site.begin_sign_in().unwrap();
    let response = phone
        .serve(&sign_in(&options(&begun.options)), Consent::Approved)
        .unwrap();
    site.finish_sign_in(begun, &account, &response.to_string())
        .unwrap();
}

#[test]
fn a_response_for_another_origin_is_not_accepted() {
    let (site, mut phone) = (RelyingParty::new().unwrap(), Phone::new());
    let begun = site.begin_registration().unwrap();
    let elsewhere = Origin::parse("https://login.example.com").unwrap();
    let ceremony = Ceremony::register(elsewhere, &begun.options).unwrap();
    let response = phone.serve(&ceremony, Consent::Approved).unwrap();
    assert!(
        site.finish_registration(begun, &response.to_string())
            .is_err()
    );
}

#[test]
fn an_account_that_has_a_passkey_is_not_given_a_second_one() {
    let (site, mut phone) = (RelyingParty::new().unwrap(), Phone::new());
    let mut wanted = options(&site.begin_registration().unwrap().options);
    let first = phone.serve(&register(&wanted), Consent::Approved).unwrap();
    wanted["excludeCredentials"] = json!([{"type": "public-key", "id": first["id"]}]);
    let second = phone.serve(&register(&wanted), Consent::Approved);
    assert_eq!(second, Err(ReplyError::Declined(CtapStatus(0x19))));
}

#[test]
fn a_person_who_says_no_ends_it() {
    let (site, mut phone) = (RelyingParty::new().unwrap(), Phone::new());
    let ceremony = register(&options(&site.begin_registration().unwrap().options));
    assert_eq!(
        phone.serve(&ceremony, Consent::Denied),
        Err(ReplyError::Declined(CtapStatus(0x27)))
    );
}

#[test]
fn a_passkey_derives_the_same_secret_from_the_same_value_and_another_from_another() {
    let (site, mut phone) = (RelyingParty::new().unwrap(), Phone::new());
    let mut wanted = options(&site.begin_registration().unwrap().options);
    wanted["extensions"] = json!({"prf": {"eval": {"first": "c2FsdA"}}});
    let made = phone.serve(&register(&wanted), Consent::Approved).unwrap();
    assert_eq!(made["clientExtensionResults"]["prf"]["enabled"], true);

    let mut secrets_of = |prf: Value| {
        let request = json!({
            "challenge": "AAAA",
            "rpId": "example.com",
            "allowCredentials": [{"type": "public-key", "id": made["id"]}],
            "extensions": {"prf": prf},
        });
        let response = phone.serve(&sign_in(&request), Consent::Approved).unwrap();
        response["clientExtensionResults"]["prf"]["results"].clone()
    };
    let common = secrets_of(json!({"eval": {"first": "c2FsdA", "second": "b3RoZXI"}}));
    assert_ne!(common["first"], common["second"]);
    assert_eq!(common["first"].as_str().map(str::len), Some(43), "32 bytes");
    let id = made["id"].as_str().unwrap();
    let own = secrets_of(
        json!({"eval": {"first": "AAAA"}, "evalByCredential": {id: {"first": "c2FsdA"}}}),
    );
    assert_eq!(own["first"], common["first"]);
}

#[test]
fn a_passkey_of_another_account_of_the_phone_is_not_offered_for_a_given_one() {
    let (site, mut phone) = (RelyingParty::new().unwrap(), Phone::new());
    phone
        .serve(
            &register(&options(&site.begin_registration().unwrap().options)),
            Consent::Approved,
        )
        .unwrap();
    let request = json!({
        "challenge": "AAAA", "rpId": "example.com", "allowCredentials": [{"type": "public-key", "id": "AAAA"}],
    });
    let refused = phone.serve(&sign_in(&request), Consent::Approved);
    assert_eq!(refused, Err(ReplyError::Declined(CtapStatus(0x2e))));
}
