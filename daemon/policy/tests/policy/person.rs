//! One person's groups and methods: whose they are, which kinds a list has, and what counts once.

use crate::scene::{DEFAULT, GPM, KEY, NOW, PILOT, Scene, T, access, modern, strength, target};
use hybrid_policy::{
    Admission, Confidence, ExportFile, Groups, ImportFault, Judgement, Moment, Occasion,
    check_files, lint,
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const OTHERS: &str = "22222222-2222-2222-2222-222222222222";

fn list(user: &str, kind: &str, methods: &[Value]) -> Value {
    let context =
        format!("https://graph.microsoft.com/v1.0/$metadata#users('{user}')/authentication/{kind}");
    json!({"@odata.context": context, "value": methods})
}

fn method(kind: &str) -> Value {
    json!({"@odata.type": format!("#microsoft.graph.{kind}AuthenticationMethod"), "id": kind})
}

fn pass(start: Moment) -> Value {
    json!({"@odata.type": "#microsoft.graph.temporaryAccessPassAuthenticationMethod", "id": "t",
        "isUsableOnce": true, "isUsable": true, "lifetimeInMinutes": 60,
        "startDateTime": start.to_string()})
}

fn passkey(id: &str, synced: bool) -> Value {
    json!({"@odata.type": "#microsoft.graph.fido2AuthenticationMethod", "id": id, "aaGuid": KEY,
        "passkeyType": if synced { "synced" } else { "deviceBound" }})
}

/// No pass is issued, and nothing is said of the person's other methods.
fn without_passes() -> Scene {
    let mut scene = modern().asked(|inquiry| inquiry.holder.mfa_capable = None);
    scene.set("methods.json", &format!("{T}/state"), json!("disabled"));
    scene
}

fn refused_to_begin(judgement: &Judgement) -> Option<Confidence> {
    let ruling = judgement.find("PK041")?;
    (judgement.outcome() == Admission::Refused).then_some(ruling.confidence)
}

#[test]
fn a_list_of_passkeys_or_passes_alone_does_not_say_that_there_is_no_other_method() {
    for kind in ["fido2Methods", "temporaryAccessPassMethods"] {
        let scene = without_passes().with("user.json", list("u", kind, &[]));
        let judgement = scene.judgement();
        assert_eq!(judgement.outcome(), Admission::Accepted, "{kind}");
        let ruling = judgement.find("PK041").unwrap();
        assert_eq!(ruling.confidence, Confidence::Possible);
    }
    let all = without_passes().with("user.json", list("u", "methods", &[method("password")]));
    assert_eq!(
        refused_to_begin(&all.judgement()),
        Some(Confidence::Certain)
    );
}

#[test]
fn a_page_of_methods_does_not_say_that_there_is_no_other() {
    let mut page = list("u", "methods", &[method("password")]);
    page["@odata.nextLink"] = json!("https://graph.microsoft.com/x");
    let scene = without_passes().with("user.json", page);
    assert_eq!(scene.judgement().outcome(), Admission::Accepted);
}

#[test]
fn old_methods_make_nothing_certain() {
    let methods = without_passes().files["methods.json"].to_string();
    let user = list("u", "methods", &[method("password")]).to_string();
    let file = |name, text: &'static str, written| ExportFile {
        name,
        bytes: text.as_bytes(),
        written: Some(written),
    };
    let files = [
        file("methods.json", methods.leak(), NOW),
        file("user.json", user.leak(), Moment(NOW.0 - 30 * 86_400)),
    ];
    let judgement = check_files(&files, &without_passes().inquiry);
    assert_eq!(refused_to_begin(&judgement), Some(Confidence::Likely));
}

#[test]
fn a_qr_code_with_a_pin_is_no_second_factor() {
    let methods = [method("password"), method("qrCodePin")];
    let scene = without_passes().with("user.json", list("u", "methods", &methods));
    assert!(refused_to_begin(&scene.judgement()).is_some());
    let methods = [method("password"), method("softwareOath")];
    let scene = without_passes().with("user.json", list("u", "methods", &methods));
    assert_eq!(scene.judgement().outcome(), Admission::Accepted);
}

#[test]
fn a_pass_that_is_over_keeps_out_whoever_has_nothing_else() {
    let over = pass(NOW.plus_minutes(-61));
    let scene = |methods: &[Value]| {
        modern()
            .asked(|inquiry| inquiry.holder.mfa_capable = None)
            .with("user.json", list("u", "methods", methods))
    };
    let nothing_else = scene(&[over.clone(), method("password")]).judgement();
    assert_eq!(nothing_else.outcome(), Admission::Refused);
    assert!(nothing_else.find("PK044").is_some());
    let with_phone = scene(&[over, method("phone")]).judgement();
    assert_eq!(with_phone.outcome(), Admission::Accepted);
}

#[test]
fn the_window_of_a_pass_closes_nothing_for_whoever_has_another_method() {
    let used = |capable: Option<bool>| {
        modern().asked(|inquiry| {
            inquiry.holder.one_time_pass_used = Some(NOW.plus_minutes(-11));
            inquiry.holder.mfa_capable = capable;
        })
    };
    assert_eq!(used(None).judgement().outcome(), Admission::Refused);
    let capable = used(Some(true)).judgement();
    assert_eq!(capable.outcome(), Admission::Accepted);
    assert!(capable.find("PK042").is_some());
}

#[test]
fn a_passkey_that_two_files_list_is_one() {
    let only = passkey("p", false);
    let scene = without_passes()
        .with(
            "user.json",
            list("u", "methods", std::slice::from_ref(&only)),
        )
        .with("passkeys.json", list("u", "fido2Methods", &[only]));
    let found = lint(&scene.exports(), NOW);
    assert!(found.iter().any(|ruling| ruling.code() == "PK220"));
    let two = [passkey("a", true), passkey("b", true)];
    let scene = modern()
        .with("user.json", list("u", "methods", &two))
        .with("passkeys.json", list("u", "fido2Methods", &two));
    let found = lint(&scene.exports(), NOW);
    assert!(found.iter().all(|ruling| ruling.code() != "PK131"));
}

#[test]
fn files_of_two_users_are_refused_together() {
    let alice = list("alice%40example.org", "methods", &[passkey("a", true)]).to_string();
    let one_name = list("Alice@example.org", "fido2Methods", &[passkey("a", true)]).to_string();
    let by_id = list(PILOT, "fido2Methods", &[passkey("a", true)]).to_string();
    let bob = list("bob%40example.org", "methods", &[passkey("b", true)]).to_string();
    let file = |name, text: &'static str| ExportFile {
        name,
        bytes: text.as_bytes(),
        written: Some(NOW),
    };
    let (alice, bob) = (&*alice.leak(), &*bob.leak());
    for same in [one_name, by_id] {
        let files = [file("a", alice), file("b", same.leak())];
        assert!(check_files(&files, &modern().inquiry).errors.is_empty());
    }
    let judgement = check_files(&[file("a", alice), file("b", bob)], &modern().inquiry);
    let errors = judgement.errors;
    let [error] = errors.as_slice() else {
        panic!("{errors:?}");
    };
    assert!(matches!(&error.fault, ImportFault::OtherUser(place) if place.file() == "a"));
    assert_eq!(error.place.file(), "b");
}

fn in_groups(members: &[Value]) -> Value {
    json!({"@odata.context": "https://graph.microsoft.com/v1.0/$metadata#directoryObjects",
        "value": members})
}

fn member(kind: &str, id: &str) -> Value {
    json!({"@odata.type": format!("#microsoft.graph.{kind}"), "id": id})
}

#[test]
fn groups_that_the_question_and_a_file_tell_differently_are_refused() {
    let file = in_groups(&[member("group", PILOT)]);
    let asked = |groups: Groups| {
        let scene = modern().with("groups.json", file.clone());
        scene
            .asked(|inquiry| inquiry.holder.groups = groups)
            .judgement()
    };
    let none = asked(Groups::Exactly(BTreeSet::new()));
    assert_eq!(none.outcome(), Admission::Input, "{none}");
    assert!(matches!(none.errors[0].fault, ImportFault::OtherGroups));
    assert_eq!(none.errors[0].place.file(), "groups.json");
    let more = asked(Groups::Exactly(crate::scene::groups(&[PILOT, OTHERS])));
    assert_eq!(more.outcome(), Admission::Input, "{more}");
    let same = asked(Groups::Exactly(crate::scene::groups(&[PILOT])));
    assert_eq!(same.outcome(), Admission::Accepted, "{same}");
}

#[test]
fn an_administrative_unit_or_a_role_without_template_hides_no_group() {
    let hidden = "77777777-7777-7777-7777-777777777777";
    for kind in ["administrativeUnit", "directoryRole"] {
        let members = [member("group", PILOT), member(kind, hidden)];
        let scene = modern()
            .fido2("/includeTargets", json!([target(PILOT, &[DEFAULT])]))
            .fido2(
                "/excludeTargets",
                json!([{"targetType": "group", "id": OTHERS}]),
            )
            .with("groups.json", in_groups(&members))
            .asked(|inquiry| inquiry.holder.groups = Groups::Unknown);
        assert_eq!(scene.judgement().outcome(), Admission::Accepted, "{kind}");
    }
}

#[test]
fn a_role_without_template_may_be_any_role() {
    let mut policy = access(1, &[], &strength(1, "Models", &["fido2"], Some(&[KEY])));
    policy["conditions"]["users"]["includeUsers"] = json!([]);
    policy["conditions"]["users"]["includeRoles"] = json!([OTHERS]);
    let members = [member("group", PILOT), member("directoryRole", GPM)];
    let scene = modern()
        .policies(&[policy])
        .with("groups.json", in_groups(&members))
        .asked(|inquiry| {
            inquiry.holder.groups = Groups::Unknown;
            inquiry.occasion = Occasion::SignIn;
        });
    assert_eq!(scene.judgement().enforcement, Some(Admission::Undetermined));
}
