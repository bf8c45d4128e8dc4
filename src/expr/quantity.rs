//! Kubernetes quantities: `500m`, `1Gi`, `1e3`.

/// An amount in billionths of a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Quantity(pub(super) i128);

const NANO: i128 = 1_000_000_000;

/// Suffixes with what one of them is in billionths.
const SUFFIXES: [(&str, i128); 15] = [
    ("Ki", NANO << 10),
    ("Mi", NANO << 20),
    ("Gi", NANO << 30),
    ("Ti", NANO << 40),
    ("Pi", NANO << 50),
    ("Ei", NANO << 60),
    ("n", 1),
    ("u", 1_000),
    ("m", 1_000_000),
    ("k", NANO * 1_000),
    ("M", NANO * 1_000_000),
    ("G", NANO * 1_000_000_000),
    ("T", NANO * 1_000_000_000_000),
    ("P", NANO * 1_000_000_000_000_000),
    ("E", NANO * 1_000_000_000_000_000_000),
];

impl Quantity {
    /// A quantity as Kubernetes writes it. Less than a billionth is rounded up, as Kubernetes does.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
        let digits = unsigned
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(unsigned.len());
        let (number, suffix) = unsigned.split_at(digits);
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if whole.is_empty() && fraction.is_empty() || fraction.contains('.') || number.len() > 30 {
            return None;
        }
        let mut amount = 0i128;
        for digit in whole.chars().chain(fraction.chars()) {
            let digit = i128::from(digit.to_digit(10)?);
            amount = amount.checked_mul(10)?.checked_add(digit)?;
        }
        let mut divisor = 10i128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
        let unit = match SUFFIXES.iter().find(|(name, _)| *name == suffix) {
            Some((_, unit)) => *unit,
            None if suffix.is_empty() => NANO,
            None => {
                let exponent: i32 = suffix.strip_prefix(['e', 'E'])?.parse().ok()?;
                let power = 10i128.checked_pow(exponent.unsigned_abs())?;
                if exponent < 0 {
                    divisor = divisor.checked_mul(power)?;
                    NANO
                } else {
                    NANO.checked_mul(power)?
                }
            }
        };
        let scaled = amount.checked_mul(unit)?;
        let rounded = scaled / divisor + i128::from(scaled % divisor != 0);
        Some(Self(if text.starts_with('-') {
            -rounded
        } else {
            rounded
        }))
    }

    pub(super) fn add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    pub(super) fn subtract(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }
}

impl std::fmt::Display for Quantity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0 % NANO == 0 {
            write!(f, "{}", self.0 / NANO)
        } else {
            write!(f, "{}n", self.0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Quantity;

    fn quantity(text: &str) -> Quantity {
        Quantity::parse(text).unwrap_or_else(|| panic!("{text}"))
    }

    #[test]
    fn equal_amounts_are_equal_however_written() {
        for (left, right) in [
            ("1", "1000m"),
            ("0.5", "500m"),
            ("1Ki", "1024"),
            ("1.5Gi", "1536Mi"),
            ("1e3", "1k"),
            ("1E3", "1000"),
            ("25e-1", "2500m"),
            ("1E", "1000P"),
            (".5", "500m"),
            ("-1", "-1000m"),
            ("+2", "2"),
            ("8Ei", "8192Pi"),
        ] {
            assert_eq!(quantity(left), quantity(right), "{left} {right}");
        }
        assert!(quantity("1500m") > quantity("1"));
        assert!(quantity("1M") < quantity("1Mi"));
        assert!(quantity("-1") < quantity("1n"));
    }

    #[test]
    fn what_is_no_quantity_is_refused() {
        for text in [
            "", "m", "1 Gi", "1KiB", "1.2.3", "e3", "1e", "0x1", "--1", "1e99", ".",
        ] {
            assert_eq!(Quantity::parse(text), None, "{text}");
        }
    }

    #[test]
    fn less_than_a_billionth_rounds_up() {
        assert_eq!(quantity("0.0000000001"), Quantity(1));
        assert_eq!(quantity("1500m").to_string(), "1500000000n");
        assert_eq!(quantity("2Ki").to_string(), "2048");
    }
}
