//! The report as one page that a help desk can open: no script, nothing to load, readable on a
//! phone and in black and white.

use super::dossier::{Dossier, SignInAccount};
use hybrid_attestation::Inspection;
use hybrid_diagnosis::catalogue;
use hybrid_diagnosis::check::{Check, Verdict, title};
use hybrid_diagnosis::finding::Finding;
use hybrid_policy::Judgement;
use hybrid_protocol::printable;
use std::fmt::Write as _;

/// More events of a sign-in are left to the bundle.
const MOST_EVENTS: usize = 200;

/// The page.
pub fn page(dossier: &Dossier<'_>) -> String {
    let mut body = String::new();
    let _ = write!(
        body,
        "<h1>{}</h1><p><small>version {}</small></p>",
        dossier.title,
        env!("CARGO_PKG_VERSION")
    );
    if let Some(first) = dossier.first_stage() {
        let _ = write!(
            body,
            "<h2>The first stage that fails</h2><p><b>✗ {}</b></p>",
            escape(&first.sentence())
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
            " It does not contain the timeline of the last sign-in; hybridd doctor --bundle FILE includes that.",
        );
    }
    body.push_str("</small></p>");
    if let Some(account) = dossier.sign_in {
        show_sign_in(&mut body, account);
    }
    if let Some(inspection) = dossier.inspection {
        show_inspection(&mut body, inspection);
    }
    if let Some(judgement) = dossier.policy {
        show_policy(&mut body, judgement);
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
    show_steps(&mut body, dossier.checks);
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\
         <title>{}</title><style>{STYLE}</style></head><body><main>{body}</main></body></html>\n",
        dossier.title
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
    body.push_str("<ol class=\"plain\">");
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

/// Without what names a person or an account.
fn show_inspection(body: &mut String, inspection: &Inspection) {
    body.push_str("<h2>The passkey</h2>");
    for sheet in inspection.sheets() {
        let _ = write!(body, "<h3>{}</h3><dl>", escape(sheet.title()));
        for (label, text) in sheet.impersonal_lines() {
            let _ = write!(body, "<dt>{}</dt><dd>{}</dd>", escape(label), escape(text));
        }
        body.push_str("</dl>");
        if !sheet.odd().is_empty() {
            body.push_str("<p><b>! What is odd</b></p><ul>");
            for odd in sheet.odd() {
                let _ = write!(body, "<li>{}</li>", escape(odd));
            }
            body.push_str("</ul>");
        }
    }
    if !inspection.cut().is_empty() {
        let cut = inspection.cut().join("; ");
        let _ = write!(body, "<p><b>Not looked at:</b> {}</p>", escape(&cut));
    }
}

fn show_policy(body: &mut String, judgement: &Judgement) {
    body.push_str("<h2>The organisation's policy</h2>");
    for line in judgement.summary() {
        let _ = write!(body, "<p><b>{}</b></p>", escape(&line));
    }
    for ruling in &judgement.rulings {
        let _ = write!(
            body,
            "<section><h3>{}: {} <small>{}, {}</small></h3><p><b>What was seen:</b> {}</p>",
            ruling.code(),
            escape(ruling.name()),
            ruling.layer().name(),
            ruling.confidence.name(),
            escape(&ruling.saw)
        );
        let places: Vec<String> = ruling.rests.iter().map(ToString::to_string).collect();
        let missing: Vec<String> = ruling.lacks.iter().map(ToString::to_string).collect();
        for (label, text) in [
            ("Where", places.join("; ")),
            ("What is missing", missing.join("; ")),
            ("What it means", ruling.means().to_owned()),
            ("What to do", ruling.advice().to_owned()),
            ("What would change it", ruling.flip.clone()),
            ("Source", ruling.source().to_owned()),
        ] {
            if !text.is_empty() {
                let _ = write!(body, "<p><b>{label}:</b> {}</p>", escape(&text));
            }
        }
        body.push_str("</section>");
    }
}

fn show_steps(body: &mut String, checks: &[Check]) {
    body.push_str("<h2>Every step</h2>");
    let mut heading = "";
    for check in checks {
        let (place, name) = check.place();
        if place != heading {
            let close = if heading.is_empty() { "" } else { "</dl>" };
            let _ = write!(body, "{close}<h3>{}</h3><dl>", escape(&title(place)));
            heading = place;
        }
        let detail = match &check.verdict {
            Verdict::NotChecked(why) => why,
            Verdict::Ok | Verdict::Warn(_) | Verdict::Fail(_) => &check.evidence,
        };
        let _ = write!(
            body,
            "<dt class=\"{}\"><b>{}</b> {}</dt><dd>{} <small>{}</small></dd>",
            check.verdict.name().replace(' ', "-"),
            mark(&check.verdict),
            escape(name),
            escape(detail),
            took(check)
        );
    }
    if !heading.is_empty() {
        body.push_str("</dl>");
    }
}

/// Words and signs, so that nothing depends on colour.
const fn mark(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Ok => "✓ ok",
        Verdict::Warn(_) => "! warn",
        Verdict::Fail(_) => "✗ fail",
        Verdict::NotChecked(_) => "– not checked",
    }
}

/// A step that took no time to speak of says nothing about it.
fn took(check: &Check) -> String {
    match check.took.as_millis() {
        0 => String::new(),
        ms => format!("{ms} ms"),
    }
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in printable(text).chars() {
        match char {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            other => escaped.push(other),
        }
    }
    escaped
}

const STYLE: &str = "body{font:16px/1.45 system-ui,sans-serif;max-width:44rem;margin:1.5rem auto;padding:0 1rem;color:#111;background:#fff;\
    overflow-wrap:anywhere}section{border:2px solid #111;border-radius:.5rem;padding:0 1rem;margin:1rem 0}h1{font-size:1.6rem}h2{font-size:1.2rem}h3{font-size:1.05rem}\
    small{color:#444;font-weight:normal}dt{margin-top:.6rem}dd{margin:0 0 0 1.2rem;color:#222}.fail b{color:#a00}.warn b{color:#850}.ok b{color:#060}\
    .plain{list-style:none;padding-left:0}li{margin:.2rem 0}\
    section,dt,dd,li{break-inside:avoid}dt{break-after:avoid}";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::surroundings::Surroundings;
    use hybrid_diagnosis::check::Conclusion;
    use hybrid_diagnosis::timeline::{AboutSignIn, EventKind, Timeline, TimelineEntry};
    use hybrid_policy::{ExportFile, Inquiry, Moment, Occasion, Way, check_files};
    use hybrid_protocol::Stage;
    use hybrid_radio::bluez::Bus;
    use std::time::Duration;

    #[tokio::test]
    async fn what_comes_from_outside_cannot_become_markup() {
        let nowhere = Bus::At("unix:path=/nowhere".to_owned());
        let surroundings = Surroundings::look(&nowhere).await;
        let hostile = "<script>alert(1)</script>\u{1b}[2J\" onload=\"x".to_owned();
        let check = Check {
            name: "a & b".to_owned(),
            took: Duration::ZERO,
            evidence: hostile.clone(),
            verdict: Verdict::Ok,
        };
        let checks = [check];
        let about = AboutSignIn {
            command: hostile.clone(),
            rp_id: hostile.clone(),
            time: hostile.clone(),
        };
        let account = SignInAccount::new(Some(about), Timeline::default());
        let record =
            serde_json::json!({"aaguid": hostile, "model": hostile, "displayName": "Alice"});
        let inspection = Inspection::of(record.to_string().as_bytes(), None, 0).unwrap();
        let page = page(&Dossier {
            title: "hybridd report",
            checks: &checks,
            conclusion: &Conclusion::of(&checks),
            surroundings: &surroundings,
            sign_in: Some(&account),
            inspection: Some(&inspection),
            policy: Some(&judgement()),
            weeks: &[],
            history_unread: None,
        });
        assert!(
            !page.contains("<script>") && !page.contains('\u{1b}') && page.contains("a &amp; b")
        );
        assert!(!page.contains("://"), "nothing is loaded from anywhere");
        assert!(page.contains("The passkey") && !page.contains("Alice"));
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
    fn a_reader_of_screens_finds_headings_in_order_and_lists_that_are_closed() {
        let surroundings = Surroundings::nowhere();
        let entry = catalogue::find("NW03").unwrap();
        let verdict = Verdict::Fail(Finding::certain(entry, "seen"));
        let checks = [
            Check::new("network: routes", Duration::ZERO, "x", Verdict::Ok),
            Check::new("relay a: tcp", Duration::ZERO, "x", verdict),
        ];
        let mut timeline = Timeline::default();
        timeline.push(TimelineEntry {
            at: Duration::ZERO,
            what: EventKind::Stage(Stage::Advert),
        });
        let account = SignInAccount::new(None, timeline);
        let model = b"de1e552d-db1d-4423-a619-566b625cdc84";
        let inspection = Inspection::of(model, None, 0).unwrap();
        let page = page(&Dossier {
            title: "hybridd report",
            checks: &checks,
            conclusion: &Conclusion::of(&checks),
            surroundings: &surroundings,
            sign_in: Some(&account),
            inspection: Some(&inspection),
            policy: Some(&judgement()),
            weeks: &[],
            history_unread: None,
        });
        let mut level = 0;
        for part in page.split("<h").skip(1) {
            let Some(next) = part.chars().next().and_then(|digit| digit.to_digit(10)) else {
                continue;
            };
            assert!(next <= level + 1, "h{next} follows h{level}");
            level = next;
        }
        assert_eq!(level, 3);
        for tag in ["dl", "ol", "ul", "section", "main", "p", "dd", "dt", "li"] {
            let opened = page.matches(&format!("<{tag}>")).count()
                + page.matches(&format!("<{tag} ")).count();
            assert_eq!(opened, page.matches(&format!("</{tag}>")).count(), "{tag}");
        }
        let top = page.find("The first stage that fails").unwrap();
        assert!(top < page.find("When and where").unwrap());
        assert!(
            page.contains("✗ fail") && page.contains("✓ ok"),
            "words, and not colours alone"
        );
    }
}
