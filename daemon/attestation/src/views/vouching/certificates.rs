//! The certificates of a statement: whose, and from when until when.

use crate::certificate::Certified;
use crate::chain::Chain;
use crate::date::Date;
use crate::sheet::Sheet;
use serde_json::{Value, json};

/// Shows the first one, and those above it that are not valid now.
pub(super) fn show(sheet: &mut Sheet, chain: &Chain, now: u64) {
    show_first(sheet, chain.first(), now);
    let others = chain.all().skip(1);
    others.for_each(|authority| show_lapse(sheet, authority, now));
}

/// Whose certificate it is. Phones get some for a day alone, and nothing here tells when the passkey
/// was registered: so a certificate that is over is told and refused by nobody.
fn show_first(sheet: &mut Sheet, certificate: &Certified, now: u64) {
    let (from, until) = certificate.valid();
    let day = |seconds| Date::of_seconds(seconds).map(|day| day.to_string());
    let span = |day: Option<String>| day.unwrap_or_else(|| "?".to_owned());
    let state = if now < from {
        ", not valid yet"
    } else if now > until {
        ", over by now"
    } else {
        ""
    };
    if now < from {
        sheet.find_odd("The certificate of the attestation is not valid yet: the certificate is wrong, or this computer's clock.");
    }
    let subject = match certificate.subject() {
        empty if empty.is_empty() => "(no subject)".to_owned(),
        subject => subject,
    };
    let issuer = certificate.issuer();
    sheet.put(
        "certificate",
        "Its certificate",
        format_args!(
            "{subject}; issued by {issuer}; valid {} to {}{state}",
            span(day(from)),
            span(day(until))
        ),
        json!({
            "subject": subject,
            "issuer": issuer,
            "not_before": day(from).map_or(Value::Null, Value::from),
            "not_after": day(until).map_or(Value::Null, Value::from),
        }),
    );
}

/// An authority's certificate that is not valid at this time.
pub(super) fn show_lapse(sheet: &mut Sheet, authority: &Certified, now: u64) {
    let (from, until) = authority.valid();
    let subject = authority.subject();
    let day = |seconds| Date::of_seconds(seconds).map_or("?".to_owned(), |day| day.to_string());
    if now > until {
        let day = day(until);
        sheet.find_odd(format_args!(
            "The certificate of an authority in the chain is over since {day}: {subject}."
        ));
    } else if now < from {
        let day = day(from);
        sheet.find_odd(format_args!(
            "The certificate of an authority in the chain is not valid before {day}: {subject}."
        ));
    }
}
