//! Parsing of addresses, masks, names and proxies as people write them.

use std::net::Ipv4Addr;

use url::{Host, Url};

/// Why a field is invalid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Problem {
    Missing,
    /// Not an address such as 192.168.1.20.
    NotAnAddress,
    /// The address is that of a network or a broadcast address.
    NotADevice,
    /// Not a mask such as 24 or 255.255.255.0.
    NotAMask,
    /// The gateway is outside the device's own network.
    Elsewhere,
    NotAHost,
    /// Not a proxy such as `http://proxy.example:3128`.
    NotAProxy,
    /// More than three name servers.
    TooMany,
}

/// The most name servers.
const MAX_DNS: usize = 3;

/// The signs that addresses, names and proxies consist of.
pub(super) fn is_written(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || ".:/-_@, ".contains(letter)
}

pub(super) fn address_of(text: &str) -> Result<Ipv4Addr, Problem> {
    if text.is_empty() {
        return Err(Problem::Missing);
    }
    text.parse().map_err(|_| Problem::NotAnAddress)
}

/// Several addresses, or none.
pub(super) fn addresses_of(text: &str) -> Result<Vec<Ipv4Addr>, Problem> {
    let addresses = text
        .split([',', ' '])
        .filter(|part| !part.is_empty())
        .map(address_of)
        .collect::<Result<Vec<_>, _>>()?;
    if addresses.len() > MAX_DNS {
        return Err(Problem::TooMany);
    }
    Ok(addresses)
}

/// Parses `24`, `/24` or `255.255.255.0`.
pub(super) fn prefix_of(text: &str) -> Result<u8, Problem> {
    if text.is_empty() {
        return Err(Problem::Missing);
    }
    let bits = text.strip_prefix('/').unwrap_or(text);
    let prefix = match bits.parse::<u8>() {
        Ok(prefix) => prefix,
        Err(_) => {
            let mask: Ipv4Addr = bits.parse().map_err(|_| Problem::NotAMask)?;
            let ones = u32::from(mask).leading_ones();
            if mask_of(u8::try_from(ones).unwrap_or(32)) != mask {
                return Err(Problem::NotAMask);
            }
            u8::try_from(ones).unwrap_or(32)
        }
    };
    if (8..=31).contains(&prefix) {
        Ok(prefix)
    } else {
        Err(Problem::NotAMask)
    }
}

pub(super) fn mask_of(prefix: u8) -> Ipv4Addr {
    let host_bits = 32_u32.saturating_sub(u32::from(prefix));
    Ipv4Addr::from(u32::MAX.checked_shl(host_bits).unwrap_or(0))
}

pub(super) fn is_a_device(address: Ipv4Addr) -> bool {
    !address.is_loopback()
        && !address.is_multicast()
        && !address.is_broadcast()
        && !address.is_unspecified()
}

/// Parses a host name or an address.
pub(super) fn is_host(text: &str) -> bool {
    match Host::parse(text) {
        Ok(Host::Domain(name)) => {
            name.len() <= 253
                && name.split('.').all(|label| {
                    (1..=63).contains(&label.len())
                        && !label.starts_with('-')
                        && !label.ends_with('-')
                        && label
                            .bytes()
                            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
                })
                // „300.1.2.3" is a mistyped address, not a name.
                && !name.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        }
        Ok(Host::Ipv4(_) | Host::Ipv6(_)) => true,
        Err(_) => false,
    }
}

/// „proxy.example:3128" means `http://`.
pub(super) fn with_scheme(text: &str) -> String {
    if text.contains("://") {
        text.to_owned()
    } else {
        format!("http://{text}")
    }
}

pub(super) fn is_proxy(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.host_str().is_some_and(is_host)
            && matches!(url.path(), "" | "/")
            && url.query().is_none()
            && url.fragment().is_none()
    })
}
