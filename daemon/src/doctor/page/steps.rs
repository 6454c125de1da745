//! Every step of the examination, on the page.

use super::markup::escape;
use hybrid_diagnosis::check::{Check, Verdict, title};
use std::fmt::Write as _;

pub(super) fn show(body: &mut String, checks: &[Check]) {
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
