//! The report as one page that a help desk can open: no script, nothing to load, readable on a
//! phone and in black and white.

use super::surroundings::Surroundings;
use hybrid_diagnosis::catalogue;
use hybrid_diagnosis::check::{Check, Conclusion, Verdict, title};
use hybrid_protocol::printable;
use std::fmt::Write as _;

/// The page.
pub fn page(checks: &[Check], conclusion: &Conclusion, surroundings: &Surroundings) -> String {
    let mut body = String::new();
    let _ = write!(
        body,
        "<h1>hybridd doctor</h1><p><small>version {}</small></p>",
        env!("CARGO_PKG_VERSION")
    );
    for (line, findings) in conclusion.sections() {
        let _ = write!(body, "<p><b>{line}</b></p>");
        for finding in findings {
            let _ = write!(
                body,
                "<section><h2>{}: {} <small>{}</small></h2><p><b>What was seen:</b> {}</p><p><b>What it means:</b> {}</p>\
                 <p><b>What to do:</b> {}</p></section>",
                escape(finding.code),
                escape(catalogue::find(finding.code).map_or("", |entry| entry.name)),
                finding.certainty.name(),
                escape(&finding.saw),
                escape(finding.means),
                escape(finding.advice)
            );
        }
    }
    body.push_str("<h2>When and where</h2><dl>");
    for (name, value) in surroundings.lines() {
        let _ = write!(
            body,
            "<dt>{}</dt><dd>{}</dd>",
            escape(&title(&name)),
            escape(&value)
        );
    }
    body.push_str(
        "</dl><p><small>This page does not contain the addresses of adapters, because they would reveal where this computer has been. It \
         does not contain the timeline of the last sign-in; hybridd doctor --bundle FILE includes that.</small></p>",
    );
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
    body.push_str("</dl>");
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\
         <title>hybridd doctor</title><style>{STYLE}</style></head><body>{body}</body></html>\n"
    )
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
    overflow-wrap:anywhere}section{border:2px solid #111;border-radius:.5rem;padding:0 1rem;margin:1rem 0}h1{font-size:1.6rem}h2{font-size:1.15rem}\
    small{color:#444;font-weight:normal}dt{margin-top:.6rem}dd{margin:0 0 0 1.2rem;color:#222}.fail b{color:#a00}.warn b{color:#850}.ok b{color:#060}\
    section,dt,dd{break-inside:avoid}dt{break-after:avoid}";

#[cfg(test)]
mod tests {
    use super::*;
    use hybrid_radio::bluez::Bus;
    use std::time::Duration;

    #[tokio::test]
    async fn what_comes_from_outside_cannot_become_markup() {
        let nowhere = Bus::At("unix:path=/nowhere".to_owned());
        let surroundings = Surroundings::look(&nowhere).await;
        let evidence = "<script>alert(1)</script>\u{1b}[2J\" onload=\"x".to_owned();
        let check = Check {
            name: "a & b".to_owned(),
            took: Duration::ZERO,
            evidence,
            verdict: Verdict::Ok,
        };
        let checks = [check];
        let page = page(&checks, &Conclusion::of(&checks), &surroundings);
        assert!(
            !page.contains("<script>") && !page.contains('\u{1b}') && page.contains("a &amp; b")
        );
        assert!(!page.contains("://"), "nothing is loaded from anywhere");
    }
}
