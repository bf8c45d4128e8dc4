//! Which proxy the environment puts before a cluster, as kubectl reads it.
//!
//! kube reads `HTTPS_PROXY` too, but holds the proxy's own host against `NO_PROXY`.

use std::net::IpAddr;

use http::Uri;

/// `HTTPS_PROXY` and `NO_PROXY`.
#[derive(Clone, Debug, Default)]
pub(super) struct Proxies {
    pub https: Option<String>,
    pub none: Option<String>,
}

impl Proxies {
    /// Those of this process.
    pub fn read() -> Self {
        let read = |names: [&str; 2]| {
            let mut values = names.iter().filter_map(std::env::var_os);
            values.find_map(|value| value.into_string().ok().filter(|value| !value.is_empty()))
        };
        Self {
            https: read(["HTTPS_PROXY", "https_proxy"]),
            none: read(["NO_PROXY", "no_proxy"]),
        }
    }

    /// The proxy for a server; none for one on this machine, and none without TLS.
    pub fn for_server(&self, server: &Uri) -> Option<Uri> {
        let host = server.host()?.trim_matches(['[', ']']);
        let address: Option<IpAddr> = host.parse().ok();
        let here = host == "localhost" || address.is_some_and(|address| address.is_loopback());
        if here || server.scheme_str() != Some("https") || self.spares(host, address, server) {
            return None;
        }
        let proxy = self.https.as_deref()?;
        let proxy = if proxy.contains("://") {
            proxy.to_owned()
        } else {
            format!("http://{proxy}")
        };
        proxy.parse().ok()
    }

    fn spares(&self, host: &str, address: Option<IpAddr>, server: &Uri) -> bool {
        let host = host.to_ascii_lowercase();
        let entries = self.none.as_deref().unwrap_or_default().split(',');
        let mut entries = entries.map(|entry| entry.trim().to_ascii_lowercase());
        entries.any(|entry| {
            if entry.is_empty() {
                return false;
            }
            if let (Some((network, bits)), Some(address)) = (entry.split_once('/'), address) {
                return within(address, network, bits);
            }
            let (name, port) = match entry.rsplit_once(':') {
                Some((name, port)) if !name.contains(':') => (name, port.parse().ok()),
                _ => (entry.as_str(), None),
            };
            let name = name.trim_start_matches('*').trim_start_matches('.');
            let named = name.is_empty() || host == name || host.ends_with(&format!(".{name}"));
            named && port.is_none_or(|port: u16| port == server.port_u16().unwrap_or(443))
        })
    }
}

/// Whether an address is in a network of `bits` leading bits.
fn within(address: IpAddr, network: &str, bits: &str) -> bool {
    let (Ok(network), Ok(bits)) = (network.parse::<IpAddr>(), bits.parse::<u32>()) else {
        return false;
    };
    let (a, b, width) = match (address, network) {
        (IpAddr::V4(a), IpAddr::V4(b)) => (u128::from(a.to_bits()), u128::from(b.to_bits()), 32),
        (IpAddr::V6(a), IpAddr::V6(b)) => (a.to_bits(), b.to_bits(), 128),
        _ => return false,
    };
    bits <= width && (a ^ b).checked_shr(width - bits).unwrap_or(0) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxy(none: &str, server: &str) -> Option<String> {
        let proxies = Proxies {
            https: Some("http://proxy.example.com:3128".to_owned()),
            none: Some(none.to_owned()),
        };
        let proxy = proxies.for_server(&server.parse().unwrap());
        proxy.map(|proxy| proxy.to_string())
    }

    #[test]
    fn a_remote_cluster_is_reached_through_the_proxy() {
        let found = Some("http://proxy.example.com:3128/".to_owned());
        for none in [
            "",
            "other.com",
            "10.0.0.0/8",
            "eks.amazonaws.com:8443",
            "s.com",
        ] {
            assert_eq!(proxy(none, "https://a.eks.amazonaws.com"), found, "{none}");
        }
        assert_eq!(proxy("10.0.0.0/8", "https://11.0.0.1:6443"), found);
        let bare = Proxies {
            https: Some("proxy:3128".to_owned()),
            none: None,
        };
        let found = bare.for_server(&"https://a.com".parse().unwrap()).unwrap();
        assert_eq!(found.to_string(), "http://proxy:3128/");
        assert_eq!(
            Proxies::default().for_server(&"https://a.com".parse().unwrap()),
            None
        );
    }

    #[test]
    fn what_is_here_or_spared_is_reached_directly() {
        for server in [
            "https://localhost:6443",
            "https://127.0.0.1:6443",
            "https://[::1]:6443",
            "http://a.com",
        ] {
            assert_eq!(proxy("", server), None, "{server}");
        }
        for none in [
            "*",
            "amazonaws.com",
            ".amazonaws.com",
            "*.amazonaws.com",
            "x, A.EKS.amazonaws.com",
            "amazonaws.com:443",
        ] {
            assert_eq!(proxy(none, "https://a.eks.amazonaws.com"), None, "{none}");
        }
        for none in ["10.0.0.0/8", "10.1.2.3", "0.0.0.0/0", "10.1.2.3/32"] {
            assert_eq!(proxy(none, "https://10.1.2.3:6443"), None, "{none}");
        }
        assert_eq!(proxy("fd00::/8", "https://[fd00::1]:6443"), None);
    }
}
