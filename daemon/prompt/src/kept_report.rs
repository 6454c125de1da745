//! All that happened in a request, as text that a person may read, copy and pass on: no code, no
//! party, no program.

use hybrid_diagnosis::timeline::TimelineEntry;
use hybrid_diagnosis::wording;
use hybrid_prompt_line::AskKind;

/// More lines happen in no request that a person waits for.
const MOST_LINES: usize = 2000;

/// The lines so far.
#[derive(Default)]
pub(crate) struct KeptReport {
    kind: Option<AskKind>,
    lines: Vec<String>,
    left_out: usize,
}

impl KeptReport {
    /// What was asked.
    pub(crate) const fn begin(&mut self, kind: AskKind) {
        self.kind = Some(kind);
    }

    /// Something happened.
    pub(crate) fn add(&mut self, entry: &TimelineEntry) {
        let Some(told) = wording::line(&entry.what) else {
            return;
        };
        if self.lines.len() >= MOST_LINES {
            self.left_out += 1;
            return;
        }
        let seconds = entry.at.as_secs_f64();
        self.lines.push(format!("{seconds:6.1} s  {told}"));
    }

    /// The whole of it, in English.
    pub(crate) fn text(&self) -> String {
        let version = env!("CARGO_PKG_VERSION");
        let operation = self.kind.map_or("nothing yet", AskKind::name);
        let mut text = format!("hybridd {version}, asked: {operation}\n");
        for line in &self.lines {
            text.push_str(line);
            text.push('\n');
        }
        if self.left_out > 0 {
            text.push_str(&format!("{} more lines are left out\n", self.left_out));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hybrid_diagnosis::timeline::EventKind;
    use hybrid_protocol::Stage;
    use std::time::Duration;

    #[test]
    fn what_happened_stands_there_with_its_time_up_to_a_limit() {
        let mut report = KeptReport::default();
        report.begin(AskKind::Create);
        for stage in [Stage::Advert, Stage::Done] {
            let at = Duration::from_millis(12_340);
            let what = EventKind::Stage(stage);
            report.add(&TimelineEntry { at, what });
        }
        let text = report.text();
        assert!(
            text.ends_with(", asked: create\n  12.3 s  waiting for the phone: scan the code\n"),
            "{text}"
        );
        for _ in 0..MOST_LINES {
            let at = Duration::ZERO;
            let what = EventKind::Stage(Stage::Advert);
            report.add(&TimelineEntry { at, what });
        }
        assert!(report.text().ends_with("\n1 more lines are left out\n"));
    }
}
