//! Which addresses central connects to for a source.
//!
//! Addresses in feeds and documents are written by others, so requests go only to public addresses and to hosts that
//! the configuration names for the source: the host of its `url`, and its `private_hosts`.
//! A host name is checked by the resolver of the connection itself, so that its address cannot change between the check
//! and the connection (DNS rebinding). Literal addresses never reach a resolver and are checked before each request.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use serde::{Deserialize, Serialize};
use url::{Host, Url};

/// Addresses that are not globally reachable, and multicast (IANA special-purpose registry, RFC 6890).
const RESERVED_V4: [(Ipv4Addr, u32); 15] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10), // carrier-grade NAT
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(169, 254, 0, 0), 16), // link-local, metadata services of clouds
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24), // 6to4 relays
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    (Ipv4Addr::new(240, 0, 0, 0), 4),
];

/// The only IPv6 block from which global unicast addresses are assigned. Outside it are loopback, link-local,
/// unique-local, multicast, IPv4-mapped (`::ffff:0:0/96`) and NAT64 (`64:ff9b::/96`, `64:ff9b:1::/48`).
const GLOBAL_UNICAST_V6: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// Blocks inside it that are not globally reachable or lead to an embedded IPv4 address.
const RESERVED_V6: [(Ipv6Addr, u32); 4] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23), // Teredo, ORCHID, benchmarking
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16), // 6to4
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];

/// Whether an address is globally reachable.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            let bits = u32::from(address);
            let inside = |&(block, prefix): &(Ipv4Addr, u32)| {
                (bits ^ u32::from(block)) >> (32 - prefix) == 0
            };
            !RESERVED_V4.iter().any(inside)
        }
        IpAddr::V6(address) => {
            let bits = u128::from(address);
            let inside = |&(block, prefix): &(Ipv6Addr, u32)| {
                (bits ^ u128::from(block)) >> (128 - prefix) == 0
            };
            inside(&GLOBAL_UNICAST_V6) && !RESERVED_V6.iter().any(inside)
        }
    }
}

/// A host that the configuration names: `archiv.lipnice.example`, `10.0.0.7:8080` or `[fd00::7]`.
///
/// Without a port every port is meant.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct NamedHost {
    host: Host,
    port: Option<u16>,
}

impl NamedHost {
    /// The host and the port of an address.
    pub fn of(url: &Url) -> Option<Self> {
        Some(Self {
            host: url.host()?.to_owned(),
            port: url.port_or_known_default(),
        })
    }

    fn is_of(&self, url: &Url) -> bool {
        url.host().is_some_and(|host| host == self.host)
            && (self.port.is_none() || self.port == url.port_or_known_default())
    }
}

impl TryFrom<String> for NamedHost {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let (host, port) = match text.rsplit_once(':') {
            // In `[fd00::7]` the last colon belongs to the address.
            Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
            _ => (text.as_str(), None),
        };
        let wrong =
            || format!("{text:?} must be a host or a host and a port, as in \"10.0.0.7:8080\"");
        Ok(Self {
            host: Host::parse(host).map_err(|_| wrong())?,
            port: port.map(u16::from_str).transpose().map_err(|_| wrong())?,
        })
    }
}

impl From<NamedHost> for String {
    fn from(named: NamedHost) -> Self {
        let host = named.host;
        match named.port {
            Some(port) => format!("{host}:{port}"),
            None => host.to_string(),
        }
    }
}

/// Whether a request may go to an address without the resolver's check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// The configuration names the host.
    Named,
    /// The host is a public address, or a name that the resolver checks.
    Public,
}

/// Decides over the host of `url`; `None` when it is an address that is neither public nor named.
pub fn trust(url: &Url, named: &[NamedHost]) -> Option<Trust> {
    if named.iter().any(|host| host.is_of(url)) {
        return Some(Trust::Named);
    }
    let public = match url.host()? {
        Host::Domain(_) => true,
        Host::Ipv4(address) => is_public(address.into()),
        Host::Ipv6(address) => is_public(address.into()),
    };
    public.then_some(Trust::Public)
}

/// A host name has no public address.
#[derive(Debug, thiserror::Error)]
#[error("{0} has no public address, and the source does not name it (private_hosts)")]
pub struct NoPublicAddress(String);

/// Resolves names to their public addresses only.
pub struct PublicResolver(pub Arc<dyn Resolve>);

impl Resolve for PublicResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let host = name.as_str().to_owned();
        let found = self.0.resolve(name);
        Box::pin(async move {
            let public: Vec<SocketAddr> = found
                .await?
                .filter(|address| is_public(address.ip()))
                .collect();
            if public.is_empty() {
                return Err(NoPublicAddress(host).into());
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}

pub struct SystemResolver;

impl Resolve for SystemResolver {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let found: Vec<SocketAddr> = found.collect();
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(address: &str, expected: bool) {
        assert_eq!(is_public(address.parse().unwrap()), expected, "{address}");
    }

    #[test]
    fn only_globally_reachable_addresses_are_public() {
        for address in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "::127.0.0.1",
            "64:ff9b::127.0.0.1",
            "64:ff9b::8.8.8.8",
            "64:ff9b:1::a00:1",
            "100::1",
            "2001::1",
            "2001:2::1",
            "2001:10::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
            "5f00::1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            check(address, false);
        }
        for address in [
            "1.1.1.1",
            "8.8.8.8",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.1",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "2001:200::1",
            "2001:67c:1220::1",
            "2a00:1450:4014::1",
            "2606:4700::1111",
        ] {
            check(address, true);
        }
    }

    #[test]
    fn every_spelling_of_a_private_address_is_refused() {
        for url in [
            "http://127.0.0.1/",
            "http://127.1/",
            "http://2130706433/",
            "http://0x7f000001/",
            "http://0177.0.0.1/",
            "http://①②⑦.0.0.1/",
            "http://0/",
            "http://127.0.0.1./",
            "http://2130706433./",
            "http://10.0.0.1:80/",
            "http://10.0.0.1:8443/",
            "http://0x0a.1/",
            "http://012.0.0.1/",
            "http://1.1.1.1@10.0.0.1/",
            "http://1.1.1.1:80@10.0.0.1/",
            "http://1.1.1.1%2f@10.0.0.1/",
            "http:\\\\10.0.0.1\\@1.1.1.1/",
            "http://%31%30.0.0.1/",
            "http://[::]/",
            "http://[::1]/",
            "http://[::ffff:127.0.0.1]/",
            "http://[::ffff:7f00:1]/",
            "http://[64:ff9b::7f00:1]/",
            "http://[64:ff9b:1::a00:1]/",
            "http://[2002:a00:1::]/",
            "http://[2001:0:a00:1::]/",
            "http://[fe80::1]/",
            "http://[fec0::1]/",
            "http://[ff02::1]/",
            "http://[2001:db8::1]/",
            "http://user:password@10.0.0.1/",
            "https://169.254.169.254/latest/meta-data/",
            "http://100.64.1.1/",
            "http://[fd00::1]/",
        ] {
            assert_eq!(trust(&url.parse().unwrap(), &[]), None, "{url}");
        }
    }

    #[test]
    fn a_named_host_is_trusted_on_its_port() {
        #[track_caller]
        fn check(named: &str, url: &str, expected: Option<Trust>) {
            let named = [NamedHost::try_from(named.to_owned()).unwrap()];
            assert_eq!(trust(&url.parse().unwrap(), &named), expected, "{url}");
        }
        let named = Some(Trust::Named);
        check("10.0.0.7", "http://10.0.0.7/a.pdf", named);
        check("10.0.0.7", "http://10.0.0.7:9000/a.pdf", named);
        check("10.0.0.7:9000", "http://10.0.0.7:9000/a.pdf", named);
        check("10.0.0.7:9000", "http://10.0.0.7/a.pdf", None);
        check("10.0.0.7", "http://10.0.0.8/a.pdf", None);
        check("[fd00::7]", "http://[fd00::7]/a.pdf", named);
        check("[fd00::7]:80", "http://[fd00::7]/a.pdf", named);
        check("[fd00::7]:81", "http://[fd00::7]/a.pdf", None);
        check(
            "Archiv.Lipnice.example:443",
            "https://archiv.lipnice.example/",
            named,
        );
        // Every other name is left to the resolver, which knows its addresses.
        for other in [
            "https://lipnice.example/",
            "https://archiv.lipnice.example./",
            "https://archiv.lipnice.example.evil.example/",
            "https://archiv.lipnice.example@evil.example/",
            "http://localhost/",
            "http://localhost./",
        ] {
            check("archiv.lipnice.example", other, Some(Trust::Public));
        }
        let url: Url = "http://127.0.0.1:8040/feed".parse().unwrap();
        assert_eq!(trust(&url, &[NamedHost::of(&url).unwrap()]), named);
        for wrong in [
            "",
            "a b",
            "10.0.0.7:",
            "10.0.0.7:x",
            "10.0.0.7:70000",
            "fd00::7",
            "http://a",
        ] {
            assert!(NamedHost::try_from(wrong.to_owned()).is_err(), "{wrong}");
        }
    }

    /// Answers each query with the next of its addresses.
    struct ScriptedResolver(std::sync::Mutex<Vec<Vec<&'static str>>>);

    impl Resolve for ScriptedResolver {
        fn resolve(&self, _: Name) -> Resolving {
            let next = self.0.lock().unwrap().remove(0);
            let found = next
                .into_iter()
                .map(|address| SocketAddr::new(address.parse().unwrap(), 0));
            let found: Addrs = Box::new(found.collect::<Vec<_>>().into_iter());
            Box::pin(std::future::ready(Ok(found)))
        }
    }

    async fn resolve(resolver: &PublicResolver) -> Option<Vec<String>> {
        let found = resolver.resolve("rebinding.example".parse().unwrap()).await;
        Some(
            found
                .ok()?
                .map(|address| address.ip().to_string())
                .collect(),
        )
    }

    #[tokio::test]
    async fn the_names_of_this_machine_do_not_resolve() {
        let resolver = PublicResolver(Arc::new(SystemResolver));
        for name in ["localhost", "localhost.", "LOCALHOST"] {
            let found = resolver.resolve(name.parse().unwrap()).await;
            assert!(found.is_err(), "{name}");
        }
    }

    #[tokio::test]
    async fn a_name_resolves_to_its_public_addresses_at_every_query() {
        let script = vec![
            vec!["1.1.1.1"],
            vec!["127.0.0.1"],
            vec!["::ffff:127.0.0.1", "10.0.0.1", "fd00::1"],
            vec!["127.0.0.1", "2606:4700::1111"],
            vec![],
        ];
        let resolver = PublicResolver(Arc::new(ScriptedResolver(script.into())));
        assert_eq!(resolve(&resolver).await.unwrap(), ["1.1.1.1"]);
        assert_eq!(resolve(&resolver).await, None);
        assert_eq!(resolve(&resolver).await, None);
        assert_eq!(resolve(&resolver).await.unwrap(), ["2606:4700::1111"]);
        assert_eq!(resolve(&resolver).await, None);
    }
}
