//! Results by week, for the review of a pilot.

use super::record::CeremonyRecord;
use hybrid_policy::Moment;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt;

const DAY: i64 = 86_400;
/// The first of January 1970 was a Thursday, three days after a Monday.
const FROM_MONDAY: i64 = 3;

/// One week, which begins on a Monday (UTC).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WeekSummary {
    /// The Monday.
    pub monday: String,
    /// How many ceremonies ended as they were to end.
    pub done: usize,
    /// How many did not, by their code.
    pub causes: BTreeMap<String, usize>,
}

/// The weeks in which anything happened, the oldest first.
pub fn weeks(records: &[CeremonyRecord]) -> Vec<WeekSummary> {
    let mut weeks: BTreeMap<String, WeekSummary> = BTreeMap::new();
    for record in records {
        let Some(monday) = monday(&record.time) else {
            continue;
        };
        let week = weeks.entry(monday.clone()).or_insert_with(|| WeekSummary {
            monday,
            done: 0,
            causes: BTreeMap::new(),
        });
        if record.is_done() {
            week.done += 1;
        } else {
            *week.causes.entry(record.cause().to_owned()).or_default() += 1;
        }
    }
    weeks.into_values().collect()
}

fn monday(time: &str) -> Option<String> {
    let days = Moment::parse(time)?.0.div_euclid(DAY);
    let monday = days - (days + FROM_MONDAY).rem_euclid(7);
    let text = Moment(monday * DAY).to_string();
    text.get(..10).map(str::to_owned)
}

impl WeekSummary {
    /// The members for a program.
    pub fn to_json(&self) -> Value {
        json!({"week": self.monday, "done": self.done, "not_done": self.not_done(), "causes": self.causes})
    }

    fn not_done(&self) -> usize {
        self.causes.values().sum()
    }
}

impl fmt::Display for WeekSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (all, done) = (self.done + self.not_done(), self.done);
        write!(f, "week of {}: {done} of {all} done", self.monday)?;
        let mut causes: Vec<_> = self.causes.iter().collect();
        causes.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        let causes: Vec<String> = { causes.iter() }
            .map(|(code, count)| format!("{code} {count}"))
            .collect();
        if causes.is_empty() {
            return Ok(());
        }
        write!(f, "; not done: {}", causes.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_begin_on_mondays_and_count_causes() {
        let record = |time: &str, result: &str| CeremonyRecord {
            time: time.to_owned(),
            result: result.to_owned(),
            ..CeremonyRecord::sample()
        };
        let records = [
            record("2026-11-22T23:59:59Z", "ok"),
            record("2026-11-23T00:00:00Z", "CT01"),
            record("2026-11-29T23:59:59Z", "AD01"),
            record("2026-11-29T10:00:00Z", "AD01"),
            record("2026-11-25T10:00:00Z", "ok"),
        ];
        let told: Vec<String> = weeks(&records).iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "week of 2026-11-16: 1 of 1 done",
                "week of 2026-11-23: 1 of 4 done; not done: AD01 2, CT01 1"
            ]
        );
        assert_eq!(weeks(&records)[1].to_json()["causes"]["AD01"], 2);
    }
}
