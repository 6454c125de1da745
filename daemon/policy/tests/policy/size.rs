//! A large tenant: 500 policies of Conditional Access are judged and linted, and each of the
//! counts is right. What it costs is measured by `cargo bench -p hybrid-policy`.

use crate::scene::{GPM, access, modern, strength};
use hybrid_policy::{Admission, Occasion};
use serde_json::Value;

#[test]
fn five_hundred_policies_are_judged_one_by_one() {
    let policies: Vec<Value> = (0..500_u16)
        .map(|number| {
            let strength = strength(1, "Passkeys", &["fido2"], Some(&[GPM]));
            let mut policy = access(0, &[], &strength);
            policy["id"] = Value::from(format!("policy {number}"));
            policy["displayName"] = Value::from(format!("Policy {number}"));
            policy
        })
        .collect();
    let scene = modern()
        .policies(&policies)
        .asked(|inquiry| inquiry.occasion = Occasion::SignIn);
    assert!(scene.files["access.json"].to_string().len() > 200_000);
    let judgement = scene.judgement();
    assert_eq!(judgement.enforcement, Some(Admission::Accepted));
    let ruling = judgement.find("PK201").unwrap();
    let places = ruling
        .rests
        .iter()
        .filter(|place| place.path().matches('/').count() == 2);
    assert_eq!(places.count(), 500, "each is named");
    let loops = scene.linted().rulings();
    let loops = loops.iter().filter(|ruling| ruling.code() == "PK210");
    assert_eq!(loops.count(), 500);
}
