//! Who a connection or request comes from, for the limits of one address.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use axum::http::HeaderMap;

/// An IPv4 address, or the /64 of an IPv6 address: one client as a rule has all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct ClientNetwork(IpAddr);

impl fmt::Display for ClientNetwork {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl From<IpAddr> for ClientNetwork {
    fn from(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V6(address) => {
                let mut segments = address.segments();
                segments[4..].fill(0);
                Self(IpAddr::from(segments))
            }
            address => Self(address),
        }
    }
}

/// The client's address, as the last of `proxies` wrote it to `X-Forwarded-For`.
///
/// Whatever stands before that the client may have written itself.
pub(super) fn forwarded_for(headers: &HeaderMap, proxies: &[IpAddr]) -> Option<IpAddr> {
    let lines = headers.get_all("x-forwarded-for").into_iter();
    lines
        .flat_map(|line| line.as_bytes().split(|byte| *byte == b','))
        .rev()
        .map(parse)
        .find(|address| !address.is_some_and(|address| proxies.contains(&address)))
        .flatten()
}

/// An address, with a port or without.
fn parse(text: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(text).ok()?.trim();
    let address = text.parse::<IpAddr>().ok();
    let address = address.or_else(|| Some(text.parse::<SocketAddr>().ok()?.ip()));
    address.map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(lines: &[&str], expected: Option<&str>) {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append("x-forwarded-for", line.parse().unwrap());
        }
        let proxies = ["127.0.0.1".parse().unwrap(), "10.0.0.7".parse().unwrap()];
        let expected = expected.map(|address| address.parse().unwrap());
        assert_eq!(forwarded_for(&headers, &proxies), expected, "{lines:?}");
    }

    #[test]
    fn the_last_proxy_says_who_the_client_is() {
        check(&["192.0.2.1"], Some("192.0.2.1"));
        check(&["198.51.100.9, 192.0.2.1"], Some("192.0.2.1"));
        check(&["198.51.100.9", "192.0.2.1"], Some("192.0.2.1"));
        check(&["192.0.2.1, 10.0.0.7"], Some("192.0.2.1"));
        check(&["192.0.2.1:4711"], Some("192.0.2.1"));
        check(&["[2001:db8::1]:4711"], Some("2001:db8::1"));
        check(&["::ffff:192.0.2.1"], Some("192.0.2.1"));
    }

    #[test]
    fn what_the_client_may_have_written_is_not_believed() {
        check(&[], None);
        check(&["192.0.2.1, unknown"], None);
        check(&["192.0.2.1", ""], None);
        check(&["192.0.2.1, 1é"], None);
    }

    #[test]
    fn the_addresses_of_one_client_count_together() {
        let network = |address: &str| ClientNetwork::from(address.parse::<IpAddr>().unwrap());
        assert_eq!(network("2001:db8::1"), network("2001:db8::ffff:1"));
        assert_ne!(network("2001:db8::1"), network("2001:db8:0:1::1"));
        assert_eq!(network("::ffff:192.0.2.1"), network("192.0.2.1"));
        assert_ne!(network("192.0.2.1"), network("192.0.2.2"));
    }
}
