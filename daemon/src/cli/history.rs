//! `hybridd history`: what happened on this computer, for its person and for the review of a pilot.

use super::answer::{print, refused};
use super::exit::Exit;
use super::say::say;
use crate::history::{
    CeremonyRecord, HistoryKeeping, HistoryStore, StoredHistory, WeekSummary, weeks,
};
use crate::settings::GatheredSettings;
use crate::xdg;
use hybrid_diagnosis::explain::during;
use hybrid_pages::CommandPage;
use hybrid_protocol::Stage;
use serde_json::{Value, json};
use std::env;
use std::fmt::Write as _;

/// What the page of `history` says.
pub(super) const PAGE: CommandPage = CommandPage {
    exits: &[
        (0, "told"),
        (2, "wrong usage or input, or the history cannot be read"),
    ],
    notes: "\
The history stays on this computer: time, operation, the site's name or its hash, the model that the phone claims to be, stage
times, result. The setting history = \"off\" keeps none, \"hashes\" keeps no names; the files are in the state folder.

--json and --csv exclude each other; their times are UTC, too.",
    examples: &[
        ("This month's:", "hybridd history --since 2026-11-01"),
        ("For a spreadsheet:", "hybridd history --csv > history.csv"),
    ],
    also: &["hybridd-report(1)", "hybridd-explain(1)"],
};

/// Who wrote a line of a sign-in with the security key.
const AGENT: &str = "agent";

#[derive(clap::Args)]
pub(super) struct HistoryArgs {
    /// Only registrations and sign-ins since this day (UTC), such as 2026-11-23.
    #[arg(long, value_name = "DATE", value_parser = day)]
    since: Option<String>,
    /// Prints JSON: every registration and sign-in, and the summary.
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// Prints a table for spreadsheets.
    #[arg(long)]
    csv: bool,
}

pub(super) fn run(args: &HistoryArgs, settings: &GatheredSettings) -> Exit {
    let Some(store) = HistoryStore::of_person(|name| env::var_os(name)) else {
        return refused(
            &"there is no home folder (HOME), where the history is",
            args.json,
        );
    };
    let place = xdg::told(store.path(), |name| env::var_os(name));
    let place = place.display();
    let mut stored = match store.read() {
        Ok(stored) => stored,
        Err(error) => return refused(&format!("{place}: {error}"), args.json),
    };
    if let Some(since) = &args.since {
        stored
            .records
            .retain(|record| record.day() >= since.as_str());
    }
    let off = settings.settings.values.history == HistoryKeeping::Off;
    if off {
        say("Nothing is kept any more (history = off).");
    }
    let unread = older_unread(&store, &stored);
    if let Some(unread) = &unread {
        say(&format!("hybridd: {unread}; what it holds is left out"));
    }
    if stored.skipped > 0 {
        say(&format!(
            "hybridd: {} lines of the history were not understood and are left out",
            stored.skipped
        ));
    }
    let text = if args.json {
        format!("{}\n", to_json(&stored, unread.as_deref()))
    } else if args.csv {
        csv(&stored.records)
    } else if stored.records.is_empty() {
        format!("No registration or sign-in has been recorded yet ({place}).\n")
    } else {
        told(&stored.records)
    };
    print(&text, Exit::Done)
}

/// Which file is not in what was read, and why.
fn older_unread(store: &HistoryStore, stored: &StoredHistory) -> Option<String> {
    let why = stored.older_unread.as_ref()?;
    let place = xdg::told(store.older_path(), |name| env::var_os(name));
    Some(format!("{}: {why}", place.display()))
}

/// The history for a report.
#[derive(Default)]
pub(super) struct Past {
    pub(super) weeks: Vec<WeekSummary>,
    /// The last sign-in with the security key, unless one of the command line failed after it.
    pub(super) last_of_key: Option<CeremonyRecord>,
    /// What of it could not be read.
    pub(super) unread: Option<String>,
}

pub(super) fn past() -> Past {
    let Some(store) = HistoryStore::of_person(|name| env::var_os(name)) else {
        return Past::default();
    };
    match store.read() {
        Ok(stored) => Past {
            weeks: weeks(&stored.records),
            last_of_key: last_of_key(&stored.records).cloned(),
            unread: older_unread(&store, &stored),
        },
        Err(error) => {
            let place = xdg::told(store.path(), |name| env::var_os(name));
            Past {
                unread: Some(format!("{}: {error}", place.display())),
                ..Past::default()
            }
        }
    }
}

fn last_of_key(records: &[CeremonyRecord]) -> Option<&CeremonyRecord> {
    // To choose among security keys is no sign-in.
    let all = || { records.iter().rev() }.filter(|record| record.operation != "select");
    let failed = all().find(|record| !record.is_done());
    failed
        .or_else(|| all().next())
        .filter(|record| record.by == AGENT)
}

/// `2026-11-23`
fn day(text: &str) -> Result<String, &'static str> {
    let begins = hybrid_policy::Moment::parse(&format!("{text}T00:00:00Z"));
    let same = begins.is_some_and(|moment| moment.to_string().starts_with(text));
    if same && text.len() == "2026-11-23".len() {
        Ok(text.to_owned())
    } else {
        Err("expected a day such as 2026-11-23")
    }
}

fn told(records: &[CeremonyRecord]) -> String {
    let mut text = "Times are UTC:\n".to_owned();
    for record in records {
        let time = record
            .time
            .get(..16)
            .unwrap_or(&record.time)
            .replace('T', " ");
        let phone = record
            .phone
            .as_deref()
            .map_or(String::new(), |phone| format!(", phone claims {phone}"));
        let by = if record.by == AGENT {
            " (security key)"
        } else {
            ""
        };
        let seconds = std::time::Duration::from_millis(record.ms).as_secs_f64();
        let slowest = record.stages.iter().max_by_key(|(_, ms)| *ms);
        let slowest = slowest.map_or(String::new(), |(stage, ms)| {
            let seconds = std::time::Duration::from_millis(*ms).as_secs_f64();
            format!(", {seconds:.1} s of it {}", during(*stage))
        });
        // What a cancelled one was waiting for.
        let stood = match record.findings.as_slice() {
            [] => String::new(),
            findings => format!(", while it showed {}", findings.join(", ")),
        };
        let stood = if record.cause() == record.result {
            ""
        } else {
            &stood
        };
        let (operation, site, result) = (&record.operation, &record.site, &record.result);
        let _ = writeln!(
            text,
            "{time}  {result:<5} {operation} at {site}{by}: {seconds:.1} s{slowest}{stood}{phone}"
        );
    }
    text.push_str("\nBy week:\n");
    for week in weeks(records) {
        let _ = writeln!(text, "  {week}");
    }
    let failed = records.iter().any(|record| !record.is_done());
    if failed {
        text.push_str("\nhybridd explain CODE says what a code means.\n");
    }
    text
}

fn to_json(stored: &StoredHistory, unread: Option<&str>) -> Value {
    let entries: Vec<Value> = stored.records.iter().map(CeremonyRecord::to_json).collect();
    let weeks: Vec<Value> = weeks(&stored.records)
        .iter()
        .map(|week| week.to_json())
        .collect();
    json!({"entries": entries, "weeks": weeks, "skipped": stored.skipped, "unread": unread})
}

/// RFC 4180. A stage that did not begin is an empty field.
fn csv(records: &[CeremonyRecord]) -> String {
    let stages = || {
        Stage::ALL
            .into_iter()
            .filter(|stage| !matches!(stage, Stage::Done))
    };
    let mut text = "time,by,operation,site,phone,result,ms,codes".to_owned();
    for stage in stages() {
        let _ = write!(text, ",{}_ms", stage.name());
    }
    text.push_str("\r\n");
    for record in records {
        let phone = record.phone.as_deref().unwrap_or_default();
        let words = [&record.time, &record.by, &record.operation, &record.site];
        let words = words.map(String::as_str);
        let fields: Vec<String> = { words.into_iter().chain([phone, &record.result]) }
            .map(field)
            .chain([record.ms.to_string(), record.codes.to_string()])
            .chain(stages().map(|stage| {
                record
                    .stage(stage)
                    .map_or(String::new(), |ms| ms.to_string())
            }))
            .collect();
        text.push_str(&fields.join(","));
        text.push_str("\r\n");
    }
    text
}

/// A field, which a spreadsheet takes for text whatever it begins with.
fn field(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if formula {
        format!("'{text}")
    } else {
        text.to_owned()
    };
    if text.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(site: &str, result: &str) -> CeremonyRecord {
        CeremonyRecord {
            by: "agent".to_owned(),
            site: site.to_owned(),
            result: result.to_owned(),
            ..CeremonyRecord::sample()
        }
    }

    #[test]
    fn a_ceremony_is_a_line_for_people_and_a_row_for_spreadsheets() {
        let records = [record("example.com", "ok"), record("=1,\"x\"", "CT01")];
        let text = told(&records);
        let expected = "Times are UTC:\n2026-11-29 01:57  ok    sign-in at example.com (security key): 9.1 s, 6.1 s of it while waiting for the phone, phone claims iPhone\n";
        assert!(text.starts_with(expected), "{text}");
        assert!(
            text.contains("  week of 2026-11-23: 1 of 2 done; not done: CT01 1\n"),
            "{text}"
        );
        let rows: Vec<_> = csv(&records).split("\r\n").map(str::to_owned).collect();
        assert_eq!(
            rows[0],
            "time,by,operation,site,phone,result,ms,codes,contact_ms,advert_ms,tunnel_ms,handshake_ms,greeting_ms,request_ms,reply_ms,linger_ms"
        );
        assert_eq!(
            rows[1],
            "2026-11-29T01:57:00Z,agent,sign-in,example.com,iPhone,ok,9120,1,,6100,900,,,,,"
        );
        assert!(
            rows[2].contains(",\"'=1,\"\"x\"\"\",iPhone,CT01,"),
            "{}",
            rows[2]
        );
    }

    #[test]
    fn a_cancelled_one_is_counted_by_what_stood_there() {
        let mut cancelled = record("example.com", "US01");
        cancelled.findings = vec!["BT02".to_owned(), "NW01".to_owned()];
        let text = told(&[cancelled, record("example.org", "US01")]);
        assert!(text.contains(", while it showed BT02, NW01,"), "{text}");
        assert!(text.contains("not done: BT02 1, US01 1"), "{text}");
    }

    #[test]
    fn the_last_with_the_key_counts_unless_a_command_failed_after_it() {
        let of = |by: &str, result: &str| CeremonyRecord {
            by: by.to_owned(),
            ..record("example.com", result)
        };
        let chosen = CeremonyRecord {
            operation: "select".to_owned(),
            ..of("agent", "US01")
        };
        for (records, expected) in [
            (vec![], None),
            (vec![of("agent", "AD01"), of("command", "ok")], Some("AD01")),
            (vec![of("agent", "AD01"), of("command", "BT02")], None),
            (
                vec![of("command", "BT02"), of("agent", "AD01")],
                Some("AD01"),
            ),
            (vec![of("command", "BT02"), of("agent", "ok")], None),
            (vec![of("command", "ok"), of("agent", "ok")], Some("ok")),
            (vec![of("command", "BT02"), chosen], None),
        ] {
            let last = last_of_key(&records).map(|record| record.result.as_str());
            assert_eq!(last, expected, "{records:?}");
        }
    }

    #[test]
    fn a_day_is_a_day() {
        assert_eq!(day("2026-11-23").as_deref(), Ok("2026-11-23"));
        for text in [
            "",
            "2026-11",
            "2026-13-01",
            "2026-02-31",
            "23.11.2026",
            "2026-11-23T",
        ] {
            assert!(day(text).is_err(), "{text}");
        }
    }
}
