//! How often scans are wanted, and how long nobody looked.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::seconds;

/// The longest that may lie between two scans. Days are days of the calendar, in UTC, so that a daily scan may be late by
/// some hours; hours are hours by the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(into = "String")]
pub enum Cadence {
    Days(u16),
    Hours(u16),
}

impl Cadence {
    pub const DAILY: Cadence = Cadence::Days(1);

    fn allows(self, from: Timestamp, to: Timestamp) -> bool {
        match self {
            Cadence::Days(days) => {
                let date = |moment: Timestamp| moment.to_zoned(TimeZone::UTC).date();
                let between = date(from).duration_until(date(to)).as_hours() / 24;
                between <= i64::from(days)
            }
            Cadence::Hours(hours) => seconds(from, to) <= i64::from(hours) * 3600,
        }
    }
}

impl fmt::Display for Cadence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cadence::Days(days) => write!(f, "{days}d"),
            Cadence::Hours(hours) => write!(f, "{hours}h"),
        }
    }
}

impl From<Cadence> for String {
    fn from(cadence: Cadence) -> Self {
        cadence.to_string()
    }
}

impl FromStr for Cadence {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refused = || "it is a number of hours, days or weeks: 12h, 1d, 2w".to_owned();
        let unit = text.chars().next_back().ok_or_else(refused)?;
        let number = text.strip_suffix(unit).ok_or_else(refused)?;
        let number: u16 = number.parse().map_err(|_| refused())?;
        match (number, unit) {
            (1.., 'h') => Ok(Cadence::Hours(number)),
            (1.., 'd') => Ok(Cadence::Days(number)),
            (1..=1000, 'w') => Ok(Cadence::Days(number * 7)),
            _ => Err(refused()),
        }
    }
}

/// The longest that nobody looked, and whether the cadence allows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Longest {
    pub from: Timestamp,
    pub to: Timestamp,
    pub seconds: i64,
    pub allowed: bool,
}

/// What intervals between scans are held against.
pub struct Intervals {
    pub cadence: Cadence,
    /// The edges of the period count as scans would: nobody looked before the first scan, nor after the last.
    pub period: Option<(Timestamp, Timestamp)>,
}

impl Intervals {
    /// The longest interval between moments, in order, and how many are longer than the cadence allows.
    pub fn of(&self, moments: &[Timestamp]) -> (Option<Longest>, usize) {
        let (start, end) = match self.period {
            Some((start, end)) => (Some(start), Some(end)),
            None => (None, None),
        };
        let all: Vec<Timestamp> = start
            .into_iter()
            .chain(moments.iter().copied())
            .chain(end)
            .collect();
        let mut longest: Option<Longest> = None;
        let mut missed = 0;
        for (from, to) in all.iter().zip(all.iter().skip(1)) {
            let interval = Longest {
                from: *from,
                to: *to,
                seconds: seconds(*from, *to),
                allowed: self.cadence.allows(*from, *to),
            };
            missed += usize::from(!interval.allowed);
            if longest.is_none_or(|known| known.seconds < interval.seconds) {
                longest = Some(interval);
            }
        }
        (longest, missed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn days_are_of_the_calendar_and_hours_of_the_clock() {
        let late = (at("2026-01-01T08:00:00Z"), at("2026-01-02T23:00:00Z"));
        let missed = (at("2026-01-01T23:00:00Z"), at("2026-01-03T01:00:00Z"));
        assert!(Cadence::DAILY.allows(late.0, late.1));
        assert!(!Cadence::DAILY.allows(missed.0, missed.1));
        assert!(Cadence::Hours(26).allows(missed.0, missed.1));
        assert!(!Cadence::Hours(26).allows(late.0, late.1));
    }

    #[test]
    fn a_cadence_is_read_as_it_is_written() {
        for (text, cadence) in [
            ("1d", Some(Cadence::Days(1))),
            ("2w", Some(Cadence::Days(14))),
            ("12h", Some(Cadence::Hours(12))),
            ("0d", None),
            ("d", None),
            ("", None),
            ("1 d", None),
            ("-1d", None),
            ("65000w", None),
            ("7ä", None),
        ] {
            assert_eq!(text.parse().ok(), cadence, "{text}");
        }
        assert_eq!(Cadence::Days(14).to_string().parse(), Ok(Cadence::Days(14)));
    }

    #[test]
    fn the_edges_of_the_period_count() {
        let day = |day: &str| at(&format!("2026-01-{day}T00:00:00Z"));
        let within = Intervals {
            cadence: Cadence::Days(3),
            period: Some((day("01"), day("20"))),
        };
        let (longest, missed) = within.of(&[day("03"), day("06"), day("08")]);
        let longest = longest.unwrap();
        assert_eq!((longest.from, longest.to), (day("08"), day("20")));
        assert_eq!((longest.allowed, missed), (false, 1));
        assert_eq!(within.of(&[]).1, 1, "nobody looked at all");
        let open = Intervals {
            cadence: Cadence::Days(3),
            period: None,
        };
        assert_eq!(open.of(&[day("03")]), (None, 0));
    }
}
