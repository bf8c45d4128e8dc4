//! Timestamps and durations as text.

use jiff::{SignedDuration, Span, SpanRelativeTo, Timestamp};

/// An RFC 3339 timestamp.
pub(super) fn timestamp(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}

/// A duration as CEL writes it (`1h30m`, `0.5s`), with days (`7d`) besides, or as ISO 8601 has it (`PT1H30M`).
pub(super) fn duration(text: &str) -> Option<SignedDuration> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if unsigned.starts_with('P') {
        let span: Span = text.parse().ok()?;
        // A month has no length.
        return span.to_duration(SpanRelativeTo::days_are_24_hours()).ok();
    }
    if unsigned == "0" {
        return Some(SignedDuration::ZERO);
    }
    let mut nanos = 0i128;
    let mut rest = unsigned;
    while !rest.is_empty() {
        let (number, after) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit() && c != '.')?);
        let (unit, after) = after.split_at(
            after
                .find(|c: char| c.is_ascii_digit() || c == '.')
                .unwrap_or(after.len()),
        );
        let unit: i128 = match unit {
            "d" => 86_400_000_000_000,
            "h" => 3_600_000_000_000,
            "m" => 60_000_000_000,
            "s" => 1_000_000_000,
            "ms" => 1_000_000,
            "us" | "µs" => 1_000,
            "ns" => 1,
            _ => return None,
        };
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if whole.is_empty() && fraction.is_empty() || fraction.len() > 12 {
            return None;
        }
        let whole: i128 = if whole.is_empty() {
            0
        } else {
            whole.parse().ok()?
        };
        nanos = nanos.checked_add(whole.checked_mul(unit)?)?;
        if !fraction.is_empty() {
            let part: i128 = fraction.parse().ok()?;
            let scale = 10i128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
            nanos = nanos.checked_add(part.checked_mul(unit)? / scale)?;
        }
        rest = after;
    }
    if unsigned.is_empty() {
        return None;
    }
    let nanos = if text.starts_with('-') { -nanos } else { nanos };
    let seconds = i64::try_from(nanos / 1_000_000_000).ok()?;
    let nanos = i32::try_from(nanos % 1_000_000_000).ok()?;
    Some(SignedDuration::new(seconds, nanos))
}

/// A duration as CEL's JSON form has it: `93600s`.
pub(super) fn duration_text(duration: SignedDuration) -> String {
    let nanos = duration.as_nanos();
    let sign = if nanos < 0 { "-" } else { "" };
    let nanos = nanos.unsigned_abs();
    let (seconds, fraction) = (nanos / 1_000_000_000, nanos % 1_000_000_000);
    if fraction == 0 {
        return format!("{sign}{seconds}s");
    }
    let fraction = format!("{fraction:09}");
    format!("{sign}{seconds}.{}s", fraction.trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_in_every_unit() {
        let seconds = |text: &str| duration(text).unwrap_or_else(|| panic!("{text}")).as_secs();
        assert_eq!(seconds("26h"), 93_600);
        assert_eq!(seconds("7d"), 604_800);
        assert_eq!(seconds("1d12h"), 129_600);
        assert_eq!(seconds("1h30m5s"), 5_405);
        assert_eq!(seconds("-1.5h"), -5_400);
        assert_eq!(seconds("0"), 0);
        assert_eq!(duration("1500ms"), duration("1.5s"));
        assert_eq!(duration("1us"), duration("1000ns"));
        assert_eq!(seconds("PT12H"), 43_200);
        assert_eq!(seconds("PT1H30M"), 5_400);
        assert_eq!(seconds("P1DT60M"), 90_000);
        assert_eq!(seconds("-PT1H"), -3_600);
    }

    #[test]
    fn what_is_no_duration_is_refused() {
        for text in [
            "",
            "h",
            "5",
            "1y",
            "1h2",
            "1 h",
            "-",
            ".s",
            "1w",
            "P",
            "PT",
            "P1M",
            "P1Y",
            "PT1H ",
            "99999999999999999999d",
        ] {
            assert_eq!(duration(text), None, "{text}");
        }
    }

    #[test]
    fn a_duration_is_written_in_seconds() {
        for text in ["93600s", "-0.5s", "0s", "1.000000001s"] {
            assert_eq!(duration_text(duration(text).unwrap()), text);
        }
    }
}
