//! IP addresses and CIDR ranges.

use std::fmt;
use std::net::IpAddr;

/// A range of addresses; bits beyond the prefix do not matter and are zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cidr {
    address: IpAddr,
    prefix: u8,
}

impl Cidr {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = text.split_once('/')?;
        let digits = prefix.bytes().all(|byte| byte.is_ascii_digit());
        let canonical = prefix == "0" || !prefix.starts_with('0');
        let prefix = prefix.parse().ok().filter(|_| digits && canonical)?;
        Self::new(address.parse().ok()?, prefix)
    }

    fn new(address: IpAddr, prefix: u8) -> Option<Self> {
        let address = match address {
            IpAddr::V4(v4) => {
                let host = 32u32.checked_sub(prefix.into())?;
                let mask = u32::MAX.checked_shl(host).unwrap_or(0);
                IpAddr::V4((v4.to_bits() & mask).into())
            }
            IpAddr::V6(v6) => {
                let host = 128u32.checked_sub(prefix.into())?;
                let mask = u128::MAX.checked_shl(host).unwrap_or(0);
                IpAddr::V6((v6.to_bits() & mask).into())
            }
        };
        Some(Self { address, prefix })
    }

    pub(super) fn prefix(self) -> u8 {
        self.prefix
    }

    /// Whether every address of `other` is in this range; the two families have none in common.
    pub(super) fn contains(self, other: Cidr) -> bool {
        self.prefix <= other.prefix && self.contains_ip(other.address)
    }

    pub(super) fn contains_ip(self, ip: IpAddr) -> bool {
        self.address.is_ipv4() == ip.is_ipv4() && Cidr::new(ip, self.prefix) == Some(self)
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::Cidr;

    fn cidr(text: &str) -> Cidr {
        Cidr::parse(text).unwrap_or_else(|| panic!("{text}"))
    }

    #[test]
    fn a_range_contains_its_addresses_and_narrower_ranges() {
        assert!(cidr("10.0.0.0/8").contains_ip("10.255.1.2".parse().unwrap()));
        assert!(!cidr("10.0.0.0/8").contains_ip("11.0.0.0".parse().unwrap()));
        assert!(cidr("0.0.0.0/0").contains(cidr("203.0.113.0/24")));
        assert!(!cidr("203.0.113.0/24").contains(cidr("0.0.0.0/0")));
        assert!(cidr("10.1.2.3/8").contains(cidr("10.0.0.0/8")));
        assert!(cidr("10.0.0.1/32").contains_ip("10.0.0.1".parse().unwrap()));
        assert!(cidr("::/0").contains(cidr("2001:db8::/32")));
        assert!(cidr("2001:db8::/32").contains_ip("2001:db8::1".parse().unwrap()));
    }

    #[test]
    fn the_families_have_nothing_in_common() {
        assert!(!cidr("0.0.0.0/0").contains(cidr("::/0")));
        assert!(!cidr("::/0").contains_ip("10.0.0.1".parse().unwrap()));
    }

    #[test]
    fn what_is_no_range_is_refused() {
        for text in [
            "",
            "10.0.0.0",
            "10.0.0.0/33",
            "10.0.0/8",
            "::/129",
            "10.0.0.0/+8",
            "10.0.0.0/08",
            "a/8",
            "10.0.0.0/",
        ] {
            assert_eq!(Cidr::parse(text), None, "{text}");
        }
    }
}
