//! What an organisation's policy says, on the page.

use super::markup::escape;
use hybrid_policy::Judgement;
use std::fmt::Write as _;

pub(super) fn show(body: &mut String, judgement: &Judgement) {
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
            (ruling.flip_label(), ruling.flip.clone()),
            ("Source", ruling.source().to_owned()),
        ] {
            if !text.is_empty() {
                let _ = write!(body, "<p><b>{label}:</b> {}</p>", escape(&text));
            }
        }
        body.push_str("</section>");
    }
}
