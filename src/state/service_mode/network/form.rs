//! The network form: its fields and their validation.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use super::written::{
    Problem, address_of, addresses_of, is_a_device, is_host, is_proxy, mask_of, prefix_of,
    with_scheme,
};
use super::{Addressing, Authority, NetworkSettings, Transport, Wiring};

/// The most letters in a field.
pub const MAX_FIELD_LENGTH: usize = 120;

/// The network as a technician writes it; [`Self::read`] checks it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Form {
    /// Whether the address comes by DHCP.
    pub dhcp: bool,
    pub texts: BTreeMap<Field, String>,
    pub authority: Option<Authority>,
    /// The invalid fields, once the form was to be applied.
    pub problems: BTreeMap<Field, Problem>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    Address,
    /// `24` or `255.255.255.0`.
    Mask,
    Gateway,
    /// One or several name servers.
    Dns,
    TimeServer,
    Proxy,
}

impl Field {
    /// All fields, in the order of the form.
    pub const ALL: [Self; 6] = [
        Self::Address,
        Self::Mask,
        Self::Gateway,
        Self::Dns,
        Self::TimeServer,
        Self::Proxy,
    ];

    /// Whether the field belongs to a fixed address.
    pub const fn is_of_fixed_address(self) -> bool {
        !matches!(self, Self::TimeServer | Self::Proxy)
    }
}

impl Form {
    /// Fills the form with these settings.
    pub fn of(settings: &NetworkSettings) -> Self {
        let mut texts = BTreeMap::new();
        let mut write = |field, text: String| {
            if !text.is_empty() {
                texts.insert(field, text);
            }
        };
        if let Addressing::Fixed {
            address,
            prefix,
            gateway,
            dns,
        } = &settings.wiring.addressing
        {
            write(Field::Address, address.to_string());
            write(Field::Mask, mask_of(*prefix).to_string());
            let gateway = gateway.map(|gateway| gateway.to_string());
            write(Field::Gateway, gateway.unwrap_or_default());
            let dns: Vec<String> = dns.iter().map(Ipv4Addr::to_string).collect();
            write(Field::Dns, dns.join(", "));
        }
        let or_empty = |text: &Option<String>| text.clone().unwrap_or_default();
        write(Field::TimeServer, or_empty(&settings.wiring.time_server));
        write(Field::Proxy, or_empty(&settings.transport.proxy));
        Self {
            dhcp: settings.wiring.addressing == Addressing::Dhcp,
            texts,
            authority: settings.transport.authority.clone(),
            problems: BTreeMap::new(),
        }
    }

    pub fn text(&self, field: Field) -> &str {
        self.texts.get(&field).map_or("", |text| text.trim())
    }

    /// The settings entered.
    ///
    /// # Errors
    ///
    /// The invalid fields, each with its reason.
    pub fn read(&self) -> Result<NetworkSettings, BTreeMap<Field, Problem>> {
        let mut problems = BTreeMap::new();
        let addressing = if self.dhcp {
            Addressing::Dhcp
        } else {
            self.read_fixed(&mut problems)
        };
        let time_server = self.optional(Field::TimeServer);
        if time_server.is_some_and(|text| !is_host(text)) {
            problems.insert(Field::TimeServer, Problem::NotAHost);
        }
        let proxy = self.optional(Field::Proxy).map(with_scheme);
        if proxy.as_deref().is_some_and(|text| !is_proxy(text)) {
            problems.insert(Field::Proxy, Problem::NotAProxy);
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(NetworkSettings {
            wiring: Wiring {
                addressing,
                time_server: time_server.map(str::to_owned),
            },
            transport: Transport {
                proxy,
                authority: self.authority.clone(),
            },
        })
    }

    fn optional(&self, field: Field) -> Option<&str> {
        Some(self.text(field)).filter(|text| !text.is_empty())
    }

    fn read_fixed(&self, problems: &mut BTreeMap<Field, Problem>) -> Addressing {
        let mut note = |field, problem| {
            problems.insert(field, problem);
        };
        let address = address_of(self.text(Field::Address))
            .map_err(|problem| note(Field::Address, problem))
            .ok();
        let prefix = prefix_of(self.text(Field::Mask))
            .map_err(|problem| note(Field::Mask, problem))
            .ok();
        let gateway = self
            .optional(Field::Gateway)
            .map(address_of)
            .transpose()
            .map_err(|problem| note(Field::Gateway, problem))
            .ok();
        let dns = addresses_of(self.text(Field::Dns))
            .map_err(|problem| note(Field::Dns, problem))
            .ok();
        if let (Some(address), Some(prefix)) = (address, prefix) {
            let hosts = !u32::from(mask_of(prefix));
            let part = u32::from(address) & hosts;
            // Networks of two devices (RFC 3021) have no broadcast address.
            if prefix < 31 && (part == 0 || part == hosts) || !is_a_device(address) {
                note(Field::Address, Problem::NotADevice);
            }
            if let Some(gateway) = gateway.flatten() {
                let network = |address: Ipv4Addr| u32::from(address) & !hosts;
                if network(gateway) != network(address) || gateway == address {
                    note(Field::Gateway, Problem::Elsewhere);
                }
            }
        }
        match (address, prefix, gateway, dns) {
            (Some(address), Some(prefix), Some(gateway), Some(dns)) => Addressing::Fixed {
                address,
                prefix,
                gateway,
                dns,
            },
            // The problem is recorded, so this value is never used.
            _ => Addressing::Dhcp,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fixed(address: &str, mask: &str, gateway: &str, dns: &str) -> Form {
        Form {
            dhcp: false,
            texts: [
                (Field::Address, address),
                (Field::Mask, mask),
                (Field::Gateway, gateway),
                (Field::Dns, dns),
            ]
            .map(|(field, text)| (field, text.to_owned()))
            .into(),
            ..Form::default()
        }
    }

    #[track_caller]
    fn check(form: &Form, expected: &[(Field, Problem)]) {
        let problems = form.read().err().unwrap_or_default();
        let found: Vec<_> = problems.into_iter().collect();
        assert_eq!(found, expected, "{form:?}");
    }

    #[test]
    fn a_fixed_address_is_read_as_it_is_usually_written() {
        let expected = Addressing::Fixed {
            address: Ipv4Addr::new(192, 168, 1, 20),
            prefix: 24,
            gateway: Some(Ipv4Addr::new(192, 168, 1, 1)),
            dns: vec![Ipv4Addr::new(192, 168, 1, 1), Ipv4Addr::new(1, 1, 1, 1)],
        };
        for mask in ["24", "/24", "255.255.255.0"] {
            let form = fixed("192.168.1.20", mask, "192.168.1.1", "192.168.1.1, 1.1.1.1");
            let settings = form.read().unwrap();
            assert_eq!(settings.wiring.addressing, expected, "{mask}");
            assert_eq!(Form::of(&settings).read().unwrap(), settings);
        }
    }

    #[test]
    fn every_slip_is_named() {
        check(
            &fixed("", "", "", ""),
            &[
                (Field::Address, Problem::Missing),
                (Field::Mask, Problem::Missing),
            ],
        );
        let usual = |address, gateway| fixed(address, "24", gateway, "1.1.1.1");
        check(
            &usual("192.168.1.256", "192.168.1.1"),
            &[(Field::Address, Problem::NotAnAddress)],
        );
        for nobody in ["192.168.1.0", "192.168.1.255"] {
            check(
                &usual(nobody, "192.168.1.1"),
                &[(Field::Address, Problem::NotADevice)],
            );
        }
        check(
            &usual("127.0.0.2", "127.0.0.1"),
            &[(Field::Address, Problem::NotADevice)],
        );
        check(
            &usual("192.168.1.20", "192.168.2.1"),
            &[(Field::Gateway, Problem::Elsewhere)],
        );
        check(
            &usual("192.168.1.20", "192.168.1.20"),
            &[(Field::Gateway, Problem::Elsewhere)],
        );
        for mask in ["33", "0", "255.0.255.0", "255.255.255", "x"] {
            check(
                &fixed("192.168.1.20", mask, "192.168.1.1", "1.1.1.1"),
                &[(Field::Mask, Problem::NotAMask)],
            );
        }
        check(
            &fixed(
                "10.0.0.2",
                "8",
                "10.0.0.1",
                "1.1.1.1 1.0.0.1 8.8.8.8 9.9.9.9",
            ),
            &[(Field::Dns, Problem::TooMany)],
        );
        check(&fixed("10.0.0.2", "31", "10.0.0.3", "1.1.1.1"), &[]);
    }

    #[test]
    fn a_network_of_its_own_needs_neither_gateway_nor_name_servers() {
        let form = fixed("192.168.1.20", "24", "", " ");
        let settings = form.read().unwrap();
        assert_eq!(
            settings.wiring.addressing,
            Addressing::Fixed {
                address: Ipv4Addr::new(192, 168, 1, 20),
                prefix: 24,
                gateway: None,
                dns: Vec::new(),
            }
        );
        assert_eq!(Form::of(&settings).read().unwrap(), settings);
        // A field that is shown has to be valid all the same.
        check(
            &fixed("192.168.1.20", "24", "192.168.1", "x"),
            &[
                (Field::Gateway, Problem::NotAnAddress),
                (Field::Dns, Problem::NotAnAddress),
            ],
        );
    }

    #[test]
    fn names_and_proxies_are_distinguished_from_slips() {
        let with = |field, text: &str| Form {
            dhcp: true,
            texts: [(field, text.to_owned())].into(),
            ..Form::default()
        };
        for host in ["tik.cesnet.cz", "10.0.0.1", "ntp", "cas-1.obec.example"] {
            check(&with(Field::TimeServer, host), &[]);
        }
        for slip in ["a b", "300.1.2.3", "http://ntp", "-x.cz", "x..cz"] {
            check(
                &with(Field::TimeServer, slip),
                &[(Field::TimeServer, Problem::NotAHost)],
            );
        }
        for proxy in [
            "proxy:3128",
            "http://10.0.0.1:8080",
            "https://user@proxy.obec.example",
        ] {
            check(&with(Field::Proxy, proxy), &[]);
        }
        for slip in [
            "ftp://proxy",
            "http://",
            "http://proxy/path",
            "http://a b",
            "proxy:99999",
        ] {
            check(
                &with(Field::Proxy, slip),
                &[(Field::Proxy, Problem::NotAProxy)],
            );
        }
        let settings = with(Field::Proxy, "proxy:3128").read().unwrap();
        assert_eq!(
            settings.transport.proxy.as_deref(),
            Some("http://proxy:3128")
        );
    }

    proptest! {
        #[test]
        fn whatever_is_written_is_read_or_refused(texts in prop::collection::vec("[0-9a-z.:/, @-]{0,40}", 6)) {
            let form = Form {
                dhcp: false,
                texts: Field::ALL.into_iter().zip(texts).collect(),
                ..Form::default()
            };
            if let Ok(settings) = form.read() {
                prop_assert_eq!(Form::of(&settings).read(), Ok(settings));
            }
        }
    }
}
