//! Points in time as exports write them. This crate reads no clock: "now" is an argument.

use std::fmt;

/// Seconds since 1970, UTC.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Moment(pub i64);

const MINUTE: i64 = 60;
const DAY: i64 = 86_400;

impl Moment {
    /// `2026-04-20T10:15:30Z`, with a fraction or an offset, or PowerShell 5's `/Date(…)/`.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Some(inner) = text.strip_prefix("/Date(") {
            let millis: i64 = inner.strip_suffix(")/")?.parse().ok()?;
            return Some(Self(millis.div_euclid(1000)));
        }
        let number = |from: usize, to: usize| -> Option<i64> {
            let digits = text.get(from..to)?;
            let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
            digits.parse().ok().filter(|_| plain)
        };
        for (at, separator) in [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')] {
            if text.as_bytes().get(at) != Some(&separator) {
                return None;
            }
        }
        let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
        let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
        let real = (1..=12).contains(&month)
            && (1..=31).contains(&day)
            && hour < 24
            && minute < 60
            && second <= 60;
        let offset = offset(text.get(19..)?)?;
        let days = days_since_1970(year, month, day);
        // The last day of a month is the one before the first of the next.
        let real = real && days < days_since_1970(year, month + 1, 1);
        real.then_some(Self(
            days * DAY + hour * 3600 + minute * MINUTE + second - offset,
        ))
    }

    /// So many minutes later.
    pub const fn plus_minutes(self, minutes: i64) -> Self {
        Self(self.0.saturating_add(minutes.saturating_mul(MINUTE)))
    }

    /// Whole days from here to a later moment.
    pub const fn days_until(self, later: Self) -> i64 {
        later.0.saturating_sub(self.0) / DAY
    }
}

/// What follows the seconds: a fraction, which does not matter here, and an offset in seconds.
fn offset(rest: &str) -> Option<i64> {
    let rest = match rest.strip_prefix('.') {
        Some(fraction) => fraction.trim_start_matches(|char: char| char.is_ascii_digit()),
        None => rest,
    };
    if rest == "Z" {
        return Some(0);
    }
    let sign = match rest.chars().next()? {
        '+' => 1,
        '-' => -1,
        _ => return None,
    };
    let (hours, minutes) = rest.get(1..)?.split_once(':')?;
    let part = |text: &str| text.parse::<u8>().ok().filter(|_| text.len() == 2);
    let (hours, minutes) = (i64::from(part(hours)?), i64::from(part(minutes)?));
    Some(sign * (hours * 3600 + minutes * MINUTE))
}

/// The Gregorian calendar, counted in eras of 400 years that begin in March.
const fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year - era * 400;
    let day_of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (days, second) = (self.0.div_euclid(DAY), self.0.rem_euclid(DAY));
        let shifted = days + 719_468;
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
        let month = if shifted_month < 10 {
            shifted_month + 3
        } else {
            shifted_month - 9
        };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        let (hour, minute) = (second / 3600, second / MINUTE % 60);
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{:02}Z",
            second % 60
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn all_written_forms_of_a_moment_are_the_same_moment() {
        let moment = Moment(1_776_680_130);
        for text in [
            "2026-04-20T10:15:30Z",
            "2026-04-20T10:15:30.1234567Z",
            "2026-04-20T12:15:30+02:00",
            "/Date(1776680130123)/",
        ] {
            assert_eq!(Moment::parse(text), Some(moment), "{text}");
        }
        for text in [
            "2026-04-20",
            "2026-13-20T10:15:30Z",
            "2026-04-20T10:15:30",
            "20.04.2026",
        ] {
            assert_eq!(Moment::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_moment_is_read_back(seconds in -60_000_000_000_i64..250_000_000_000) {
            prop_assert_eq!(Moment::parse(&Moment(seconds).to_string()), Some(Moment(seconds)));
        }

        #[test]
        fn no_text_panics(text: String, tail in "[0-9T:+./é-]{0,40}") {
            let _ = (Moment::parse(&text), Moment::parse(&tail), Moment::parse(&format!("/Date({tail})/")));
        }
    }
}
