//! Each misbehaviour of a phone is played for real, and the desktop says exactly what it is to say. The table goes to `phone_faults.md` in
//! the folder of this test's scratch files.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "scenarios")]

use futures_util::StreamExt as _;
use hybrid_tests::matrix::{self, NOTHING, Row};
use hybrid_tests::relying_party::{ORIGIN, RelyingParty};
use hybrid_tests::trio::{Person, Played, Trio};
use hybridd::finding::Certainty;
use hybridd::session::Outcome;
use hybridd::webauthn::{Ceremony, GetInfo, Origin};
use phone_sim::authenticator::Consent;
use phone_sim::fault;
use phone_sim::session::Settings;
use phone_sim::{Authenticator, Fault, Model, Store};
use std::time::Duration;
use tokio::time::timeout;

/// Sessions at the same time: those that wait cost nothing, the others are over soon.
const TOGETHER: usize = 24;
/// No fault takes as long; what does, hangs.
const HANGS: Duration = Duration::from_secs(60);
/// Codes that name nothing but what was seen. All others have causes that look alike.
const OBSERVED: [&str; 4] = ["AD03", "AD06", "PH09", "PH12"];

/// The statuses that have a code of their own, and one that has none.
const STATUSES: [u32; 19] = [
    0x00, 0x01, 0x05, 0x19, 0x26, 0x27, 0x28, 0x2b, 0x2c, 0x2d, 0x2e, 0x2f, 0x30, 0x31, 0x36, 0x3a, 0x3c, 0x3f, 0x7f,
];

fn faults() -> Vec<Fault> {
    let usual = fault::all().map(Fault::usual);
    let statuses = STATUSES
        .iter()
        .map(|status| format!("status={status}").parse().unwrap());
    // The long waits first, so that the others fit into their time.
    let mut faults: Vec<Fault> = usual.collect();
    faults.extend(
        statuses
            .filter(|status| !faults.contains(status))
            .collect::<Vec<Fault>>(),
    );
    faults.sort_by_key(|fault| !matches!(fault.code(), Some("AD01" | "AD02" | "AD04" | "PH07" | "HS01")));
    faults
}

fn register() -> Ceremony {
    let begun = RelyingParty::new().unwrap().begin_registration().unwrap();
    Ceremony::register(Origin::parse(ORIGIN).unwrap(), &begun.options).unwrap()
}

fn sign_in() -> Ceremony {
    let begun = RelyingParty::new().unwrap().begin_sign_in().unwrap();
    Ceremony::sign_in(Origin::parse(ORIGIN).unwrap(), &begun.options).unwrap()
}

/// A phone that has a passkey of the site already.
fn registered() -> Authenticator {
    let mut phone = Authenticator::new(Store::in_memory(), Model::default());
    let command = register().command(&GetInfo::read(&phone.get_info())).unwrap();
    let mut random = |bytes: &mut [u8]| getrandom::fill(bytes).unwrap();
    let reply = phone.answer(&command, Consent::Approved, &mut random).unwrap();
    assert_eq!(reply.expose()[0], 0);
    phone
}

async fn play(trio: &Trio, elsewhere: &Trio, fault: Fault) -> (Fault, Played) {
    let (ceremony, phone) = if fault.needs_a_sign_in() {
        (sign_in(), registered())
    } else {
        (register(), Authenticator::new(Store::in_memory(), Model::default()))
    };
    let mut settings = Settings::default();
    settings.script.faults = vec![fault];
    let network = if fault.names_another_relay() {
        elsewhere.network()
    } else {
        trio.network()
    };
    let person = Person {
        code: &mut |_| {},
        entry: &mut |_| {},
        says: Consent::Approved,
    };
    let session = trio.play(&ceremony, &network, phone, settings, person);
    let (played, _phone) = timeout(HANGS, session)
        .await
        .unwrap_or_else(|_| panic!("{fault} hangs"))
        .unwrap();
    (fault, played)
}

fn row(fault: Fault, played: &Played) -> Row {
    let explained = played.explained();
    let whole = played.entries.last().map(|entry| entry.at).unwrap_or_default();
    Row {
        fault: format!("phone: {fault}"),
        expected: fault.code().unwrap_or(NOTHING).to_owned(),
        got: explained
            .as_ref()
            .map_or(NOTHING, |(finding, _)| finding.code)
            .to_owned(),
        certainty: explained.as_ref().map(|(finding, _)| finding.certainty),
        seconds: explained.map_or(whole, |(_, since)| since),
    }
}

/// What is wrong with how a fault was explained, beside its code.
fn wrong(fault: Fault, played: &Played, row: &Row) -> Option<String> {
    let Some((finding, since)) = played.explained() else {
        let works = matches!((&played.outcome, &played.response), (Outcome::Replied, Some(Ok(_))));
        return (!works).then(|| format!("{fault}: it neither works nor is explained"));
    };
    let observed = OBSERVED.contains(&finding.code) || finding.code.starts_with("CT");
    if !row.holds() {
        return Some(format!("{fault}: expected {}, got {finding}", row.expected));
    }
    if (finding.certainty == Certainty::Certain) != observed {
        return Some(format!("{fault}: {} for {}", finding.certainty.name(), finding.code));
    }
    if finding.advice.is_empty() || finding.saw.is_empty() {
        return Some(format!("{fault}: {} without a word", finding.code));
    }
    (since > Duration::from_secs(20)).then(|| format!("{fault}: explained after {since:?}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_misbehaviour_of_a_phone_is_explained_by_exactly_its_code() {
    let (trio, elsewhere) = (Trio::start().await.unwrap(), Trio::start().await.unwrap());
    let sessions = faults().into_iter().map(|fault| play(&trio, &elsewhere, fault));
    let played: Vec<_> = futures_util::stream::iter(sessions)
        .buffer_unordered(TOGETHER)
        .collect()
        .await;
    let mut rows = Vec::new();
    let mut complaints = Vec::new();
    for (fault, played) in &played {
        let row = row(*fault, played);
        complaints.extend(wrong(*fault, played, &row));
        rows.push(row);
    }
    let order: Vec<_> = fault::all().map(|entry| entry.name).collect();
    rows.sort_by_key(|row| {
        let name = row.fault.trim_start_matches("phone: ").split('=').next().unwrap();
        (order.iter().position(|known| *known == name), row.fault.clone())
    });
    let table = matrix::table(&rows);
    std::fs::write(concat!(env!("CARGO_TARGET_TMPDIR"), "/phone_faults.md"), &table).unwrap();
    assert!(complaints.is_empty(), "{}\n{table}", complaints.join("\n"));
}
