//! The report as one page that a help desk can open: no script, nothing to load, readable on a
//! phone and in black and white.

mod markup;
mod passkey;
mod policy;
mod steps;

use super::dossier::Dossier;
use super::sign_in_account::SignInAccount;
use hybrid_diagnosis::catalogue;
use hybrid_diagnosis::check::title;
use hybrid_diagnosis::finding::Finding;
use markup::{STYLE, escape};
use std::fmt::Write as _;

/// More events of a sign-in are left to the bundle.
const MOST_EVENTS: usize = 200;

/// The page.
pub fn page(dossier: &Dossier<'_>) -> String {
    let mut body = String::new();
    if let Some(refusal) = dossier.refusal() {
        let _ = write!(
            body,
            "<h2>The organisation's policy refuses it</h2><p><b>✗ {}</b></p>",
            escape(&refusal)
        );
    }
    if let Some(first) = dossier.first_stage() {
        let _ = write!(
            body,
            "<h2>The first stage that fails</h2><p><b>✗ {}</b></p>",
            escape(&first.sentence())
        );
    }
    if let Some(why) = dossier.key_kept_away() {
        let _ = write!(
            body,
            "<h2>The security key</h2><p><b>✗ {}</b></p>",
            escape(&why)
        );
    }
    for (line, findings) in dossier.conclusion.sections() {
        let _ = write!(body, "<p><b>{line}</b></p>");
        findings
            .iter()
            .for_each(|finding| show_finding(&mut body, finding, 2));
    }
    body.push_str("<h2>When and where</h2><dl>");
    for (name, value) in dossier.surroundings.lines() {
        let _ = write!(
            body,
            "<dt>{}</dt><dd>{}</dd>",
            escape(&title(&name)),
            escape(&value)
        );
    }
    body.push_str(
        "</dl><p><small>This page does not contain the addresses of adapters, because they would reveal where this computer has been.",
    );
    if dossier.sign_in.is_none() {
        body.push_str(
            " It does not contain the timeline of a sign-in; hybridd report includes that of the last one, if it is kept.",
        );
    }
    body.push_str("</small></p>");
    if let Some(account) = dossier.sign_in {
        show_sign_in(&mut body, account);
    }
    if let Some(inspection) = dossier.inspection {
        passkey::show(&mut body, inspection);
    }
    if let Some(judgement) = dossier.policy {
        policy::show(&mut body, judgement);
    }
    if !dossier.weeks.is_empty() {
        body.push_str("<h2>Results by week</h2><ul>");
        for week in dossier.weeks {
            let _ = write!(body, "<li>{}</li>", escape(&week.to_string()));
        }
        body.push_str("</ul>");
    }
    if let Some(unread) = dossier.history_unread {
        let _ = write!(
            body,
            "<p><b>The history cannot be read:</b> {}</p>",
            escape(unread)
        );
    }
    steps::show(&mut body, dossier.checks);
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\
         <title>{title}</title><style>{STYLE}</style></head><body><header><h1>{title}</h1><p><small>version {}</small></p></header>\
         <main>{body}</main></body></html>\n",
        env!("CARGO_PKG_VERSION"),
        title = dossier.title
    )
}

/// A finding, with a heading of this level.
fn show_finding(body: &mut String, finding: &Finding, level: u8) {
    let _ = write!(
        body,
        "<section><h{level}>{}: {} <small>{}</small></h{level}><p><b>What was seen:</b> {}</p><p><b>What it means:</b> {}</p>\
         <p><b>What to do:</b> {}</p></section>",
        escape(finding.code),
        escape(catalogue::find(finding.code).map_or("", |entry| entry.name)),
        finding.certainty.name(),
        escape(&finding.saw),
        escape(finding.means),
        escape(finding.advice)
    );
}

fn show_sign_in(body: &mut String, account: &SignInAccount) {
    body.push_str("<h2>The last sign-in</h2>");
    if let Some(about) = &account.about {
        let _ = write!(body, "<p>{}</p>", escape(&about.to_string()));
    }
    body.push_str("<ol class=\"plain\" role=\"list\">");
    let mut left = 0_usize;
    for (count, (seconds, line)) in account.lines().enumerate() {
        if count < MOST_EVENTS {
            let _ = write!(
                body,
                "<li><small>{seconds:.1} s</small> {}</li>",
                escape(&line)
            );
        } else {
            left += 1;
        }
    }
    body.push_str("</ol>");
    if left > 0 {
        let _ = write!(body, "<p><small>{left} more are in the bundle.</small></p>");
    }
    if account.findings.is_empty() {
        body.push_str("<p>Nothing in it says that anything went wrong.</p>");
    }
    account
        .findings
        .iter()
        .for_each(|finding| show_finding(body, finding, 3));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::surroundings::Surroundings;
    use hybrid_attestation::Inspection;
    use hybrid_diagnosis::check::{Check, Conclusion, Verdict};
    use hybrid_diagnosis::timeline::{AboutSignIn, EventKind, Timeline, TimelineEntry};
    use hybrid_policy::{ExportFile, Inquiry, Judgement, Moment, Occasion, Way, check_files};
    use hybrid_protocol::Stage;
    use std::time::Duration;

    /// The page of a report that has everything.
    fn page_of(checks: &[Check], account: &SignInAccount, inspected: &[u8]) -> String {
        page(&Dossier {
            title: "hybridd report",
            checks,
            conclusion: &Conclusion::of(checks),
            surroundings: &Surroundings::nowhere(),
            sign_in: Some(account),
            last_of_key: None,
            inspection: Some(&Inspection::of(inspected, None, 0).unwrap()),
            policy: Some(&judgement()),
            weeks: &[],
            history_unread: Some("~/history.jsonl: <it> cannot be read"),
        })
    }

    /// Of an export with a name that would like to be markup.
    fn judgement() -> Judgement {
        let export = br#"{"id": "Fido2", "state": "disabled"}"#;
        let file = ExportFile {
            name: "<script>.json",
            bytes: export,
            written: None,
        };
        let now = Moment(1_795_800_000);
        let inquiry = Inquiry::new(Occasion::BeforeRegistration, Way::Qr, now);
        let judgement = check_files(&[file], &inquiry);
        assert!(judgement.find("PK010").is_some());
        judgement
    }

    #[test]
    fn what_comes_from_outside_cannot_become_markup() {
        let hostile = "<script>alert(1)</script>\u{1b}[2J\" onload=\"x".to_owned();
        let check = Check {
            name: "a & b".to_owned(),
            took: Duration::ZERO,
            evidence: hostile.clone(),
            verdict: Verdict::Ok,
        };
        let about = AboutSignIn {
            command: hostile.clone(),
            rp_id: hostile.clone(),
            time: hostile.clone(),
        };
        let account = SignInAccount::new(Some(about), Timeline::default());
        let record =
            serde_json::json!({"aaguid": hostile, "model": hostile, "displayName": "Alice"});
        let page = page_of(&[check], &account, record.to_string().as_bytes());
        assert!(
            !page.contains("<script>") && !page.contains('\u{1b}') && page.contains("a &amp; b")
        );
        assert!(!page.contains("://"), "nothing is loaded from anywhere");
        assert!(page.contains("The passkey") && !page.contains("Alice"));
    }

    #[test]
    fn a_reader_of_screens_finds_landmarks_headings_in_order_and_lists_that_are_closed() {
        let entry = catalogue::find("NW03").unwrap();
        let verdict = Verdict::Fail(Finding::certain(entry, "seen"));
        let entry = catalogue::find("UH01").unwrap();
        let hidden = Verdict::Fail(Finding::certain(entry, "seen"));
        let checks = [
            Check::new("network: routes", Duration::ZERO, "x", Verdict::Ok),
            Check::new("relay a: tcp", Duration::ZERO, "x", verdict),
            Check::new("security key: device node", Duration::ZERO, "x", hidden),
        ];
        let mut timeline = Timeline::default();
        timeline.push(TimelineEntry {
            at: Duration::ZERO,
            what: EventKind::Stage(Stage::Advert),
        });
        let account = SignInAccount::new(None, timeline);
        let page = page_of(&checks, &account, b"de1e552d-db1d-4423-a619-566b625cdc84");
        let headings = headings(&page);
        let mut outline = OUTLINE.iter().peekable();
        let mut level = 0_u8;
        for heading in &headings {
            let next = heading[..1].parse().unwrap();
            assert!(next <= level + 1, "h{next} follows h{level}: {headings:?}");
            level = next;
            outline.next_if(|expected| heading.starts_with(**expected));
        }
        assert_eq!(outline.next(), None, "in {headings:?}");
        for tag in [
            "dl", "ol", "ul", "section", "header", "main", "p", "dd", "dt", "li",
        ] {
            let opened = page.matches(&format!("<{tag}>")).count()
                + page.matches(&format!("<{tag} ")).count();
            assert_eq!(opened, page.matches(&format!("</{tag}>")).count(), "{tag}");
        }
        for once in [
            "<html lang=\"en\">",
            "<title>",
            "<header>",
            "<main>",
            "<h1>",
        ] {
            assert_eq!(page.matches(once).count(), 1, "{once}");
        }
        // A list without points is none for some readers of screens, unless it says so.
        assert!(page.contains("<ol class=\"plain\" role=\"list\">"));
        assert!(
            page.contains("✗ fail") && page.contains("✓ ok"),
            "words, and not colours alone"
        );
        assert!(
            page.contains("<b>The history cannot be read:</b> ~/history.jsonl: &lt;it&gt; cannot"),
            "{page}"
        );
    }

    /// What a reader of screens lists of the page, in this order.
    const OUTLINE: [&str; 14] = [
        "1 hybridd report",
        "2 The organisation's policy refuses it",
        "2 The first stage that fails",
        "2 The security key",
        "2 NW03: ",
        "2 When and where",
        "2 The last sign-in",
        "2 The passkey",
        "3 The id of a model (AAGUID)",
        "2 The organisation's policy",
        "3 PK010: ",
        "2 Every step",
        "3 Network",
        "3 Relay a",
    ];

    fn headings(page: &str) -> Vec<String> {
        let parts = page.split("<h").skip(1);
        let parts = parts.filter_map(|part| {
            let (level, rest) = part.split_at_checked(1)?;
            level.parse::<u8>().ok()?;
            let text = rest.strip_prefix('>')?.split("</h").next()?;
            Some(format!("{level} {}", text.split(" <small>").next()?))
        });
        parts.collect()
    }
}
