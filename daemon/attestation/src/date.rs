//! Days as metadata and certificates name them, in UTC.

use std::fmt;
use std::time::Duration;
use x509_cert::der::DateTime;

/// A day.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// `2026-11-01`, alone.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (year, rest) = text.split_once('-')?;
        let (month, day) = rest.split_once('-')?;
        let digits = |text: &str, length| {
            text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit())
        };
        if !(digits(year, 4) && digits(month, 2) && digits(day, 2)) {
            return None;
        }
        let date = Self {
            year: year.parse().ok()?,
            month: month.parse().ok()?,
            day: day.parse().ok()?,
        };
        ((1..=12).contains(&date.month) && (1..=31).contains(&date.day)).then_some(date)
    }

    /// The day of a moment, in seconds since 1970; `None` beyond the year 9999.
    pub(crate) fn of_seconds(seconds: u64) -> Option<Self> {
        let moment = DateTime::from_unix_duration(Duration::from_secs(seconds)).ok()?;
        Some(Self {
            year: moment.year(),
            month: moment.month(),
            day: moment.day(),
        })
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn days_are_read_and_compared() {
        let day = Date::parse("2026-11-01").unwrap();
        assert!(day > Date::parse("2026-10-31").unwrap());
        assert_eq!(Date::of_seconds(1_793_491_200), Some(day));
        for text in [
            "2026-11-1",
            "2026-13-01",
            "2026-11-01T00",
            "+026-11-01",
            "",
            "2026-00-10",
        ] {
            assert_eq!(Date::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_day_is_read_back(seconds in 0_u64..200_000_000_000) {
            let day = Date::of_seconds(seconds).unwrap();
            prop_assert_eq!(Date::parse(&day.to_string()), Some(day));
        }

        #[test]
        fn no_text_panics(text: String) {
            let _ = Date::parse(&text);
        }
    }
}
