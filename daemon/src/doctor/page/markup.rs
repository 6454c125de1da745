//! Text as a page has it.

use hybrid_protocol::printable;

/// Text that cannot become markup.
pub(super) fn escape(text: &str) -> String {
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

/// Readable on a phone, in black and white, and in the dark: each colour stands beside a sign and a word.
pub(super) const STYLE: &str = ":root{color-scheme:light dark;--ink:#111;--soft:#444;--paper:#fff;--bad:#a00;--warn:#764b00;--good:#060}\
    @media (prefers-color-scheme:dark){:root{--ink:#eee;--soft:#bbb;--paper:#121212;--bad:#ff9a8f;--warn:#ffc24d;--good:#8fdc94}}\
    body{font:16px/1.45 system-ui,sans-serif;max-width:44rem;margin:1.5rem auto;padding:0 1rem;color:var(--ink);background:var(--paper);\
    overflow-wrap:anywhere}section{border:2px solid var(--ink);border-radius:.5rem;padding:0 1rem;margin:1rem 0}h1{font-size:1.6rem}h2{font-size:1.2rem}\
    h3{font-size:1.05rem}small{color:var(--soft);font-weight:normal}dt{margin-top:.6rem}dd{margin:0 0 0 1.2rem}\
    .fail b{color:var(--bad)}.warn b{color:var(--warn)}.ok b{color:var(--good)}.plain{list-style:none;padding-left:0}li{margin:.2rem 0}\
    section,dt,dd,li{break-inside:avoid}dt{break-after:avoid}";
