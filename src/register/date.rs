//! Days and moments as people write them: a bare date is a whole day in UTC, a time needs its offset.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::yaml::{At, Node, Reader, Text};

/// When something begins to hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct From {
    pub written: String,
    pub start: Timestamp,
}

/// When something ceases to hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Until {
    pub written: String,
    /// The first moment at which it does not hold.
    pub end: Timestamp,
}

/// Midnight in UTC at which a day begins.
pub fn start_of(date: Date) -> Option<Timestamp> {
    let zoned = date.to_zoned(TimeZone::UTC).ok()?;
    Some(zoned.timestamp())
}

/// Midnight in UTC at which a day ends.
pub fn end_of(date: Date) -> Option<Timestamp> {
    start_of(date.tomorrow().ok()?)
}

const DATE: &str = "write a date such as \"2026-12-31\"";
const MOMENT: &str = "write a date such as \"2026-12-31\", or a time with its offset such as \"2026-12-31T12:00:00Z\"";

impl Reader<'_> {
    pub(super) fn date(&mut self, key: &Text, node: &Node) -> Option<At<Date>> {
        let text = self.line(key, node)?;
        match parse_date(&text.value) {
            Some(value) => Some(At {
                value,
                place: text.place,
            }),
            None => {
                self.not_a_date(key, &text, DATE);
                None
            }
        }
    }

    pub(super) fn from(&mut self, key: &Text, node: &Node) -> Option<At<From>> {
        self.moment(key, node, start_of).map(|at| At {
            value: From {
                written: at.value.0,
                start: at.value.1,
            },
            place: at.place,
        })
    }

    pub(super) fn until(&mut self, key: &Text, node: &Node) -> Option<At<Until>> {
        self.moment(key, node, end_of).map(|at| At {
            value: Until {
                written: at.value.0,
                end: at.value.1,
            },
            place: at.place,
        })
    }

    fn moment(
        &mut self,
        key: &Text,
        node: &Node,
        of: impl Fn(Date) -> Option<Timestamp>,
    ) -> Option<At<(String, Timestamp)>> {
        let text = self.line(key, node)?;
        let moment = match parse_date(&text.value) {
            Some(date) => of(date),
            None => parse_time(&text.value),
        };
        match moment {
            Some(moment) => Some(At {
                value: (text.value, moment),
                place: text.place,
            }),
            None => {
                self.not_a_date(key, &text, MOMENT);
                None
            }
        }
    }

    fn not_a_date(&mut self, key: &Text, text: &Text, help: &str) {
        let what = if is_shaped(&text.value) {
            "is a day that does not exist"
        } else if text.value.contains('T') && text.value.parse::<jiff::civil::DateTime>().is_ok() {
            "is a time without its offset"
        } else {
            "is no date"
        };
        self.error(
            &text.place,
            format!("`{}` {what}: {}", key.value, text.value),
        )
        .help(help);
    }
}

/// Four digits, two, two.
fn is_shaped(text: &str) -> bool {
    text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        })
}

fn parse_date(text: &str) -> Option<Date> {
    is_shaped(text).then(|| text.parse().ok()).flatten()
}

fn parse_time(text: &str) -> Option<Timestamp> {
    let shaped = text.get(..10).is_some_and(is_shaped);
    shaped.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_a_whole_day_in_utc() {
        let date = parse_date("2026-12-31").unwrap();
        assert_eq!(start_of(date).unwrap().to_string(), "2026-12-31T00:00:00Z");
        assert_eq!(end_of(date).unwrap().to_string(), "2027-01-01T00:00:00Z");
    }

    #[test]
    fn a_time_needs_its_offset_and_a_date_must_exist() {
        assert!(parse_time("2026-12-31T12:00:00+02:00").is_some());
        assert!(parse_time("2026-12-31T12:00:00").is_none());
        for wrong in [
            "2026-02-30",
            "2026-13-01",
            "20261231",
            "2026-1-1",
            "+002026-01-01",
        ] {
            assert!(parse_date(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn the_last_day_of_time_has_no_end_and_no_panic() {
        let date = parse_date("9999-12-31").unwrap();
        assert!(end_of(date).is_none());
    }
}
