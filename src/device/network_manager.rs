//! The IP configuration, by NetworkManager.
//!
//! One connection is configured: the wired one in use, or else the wireless one, or else the first there is. It is
//! identified by its UUID from then on, because NetworkManager picks another one by itself when this one does not come
//! up. Only its IPv4 part is changed; IPv6 keeps configuring itself.

use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::time::Duration;

use super::command::Ending;
use super::{Connection, HardwareError, NetworkSetup, command};
use crate::state::service_mode::Addressing;

/// The time limits of a query and of bringing a connection up.
const LIMIT: Duration = Duration::from_secs(10);
const UP_LIMIT: Duration = Duration::from_secs(45);

/// `nmcli`.
#[derive(Debug, Clone)]
pub struct NetworkManager {
    nmcli: PathBuf,
    ending: Ending,
}

impl NetworkManager {
    /// Uses the system's `nmcli`.
    pub fn new(ending: &Ending) -> Self {
        Self::by("nmcli", ending)
    }

    pub fn by(nmcli: impl Into<PathBuf>, ending: &Ending) -> Self {
        Self {
            nmcli: nmcli.into(),
            ending: ending.clone(),
        }
    }

    fn ask(&self, arguments: &[&str]) -> Result<String, HardwareError> {
        command::run(&self.nmcli, arguments, LIMIT, &self.ending)
    }
}

fn elaborate(answer: &str) -> HardwareError {
    HardwareError::Elaborate(answer.chars().take(200).collect())
}

fn lists(listed: &str, uuid: &str) -> bool {
    listed
        .lines()
        .filter_map(|line| line.split_once(':'))
        .any(|(listed, _)| listed == uuid)
}

/// The wired connection, or else the wireless one.
fn choose(listed: &str) -> Option<&str> {
    let of_kind = |kinds: [&str; 2]| {
        listed.lines().find_map(|line| {
            let (uuid, kind) = line.split_once(':')?;
            kinds.contains(&kind).then_some(uuid)
        })
    };
    of_kind(["802-3-ethernet", "ethernet"]).or_else(|| of_kind(["802-11-wireless", "wifi"]))
}

/// Parses the addressing; an error where [`Addressing`] cannot express it, because it could not be restored either.
fn fixed_of(addresses: &str, gateway: &str, dns: &str) -> Option<Addressing> {
    let (address, prefix) = addresses.split_once('/')?;
    let gateway = Some(gateway).filter(|gateway| !gateway.is_empty());
    let dns = dns.split([',', ' ']).filter(|server| !server.is_empty());
    Some(Addressing::Fixed {
        address: address.parse().ok()?,
        prefix: prefix.parse().ok()?,
        gateway: gateway.map(str::parse).transpose().ok()?,
        dns: dns
            .map(str::parse)
            .collect::<Result<Vec<Ipv4Addr>, _>>()
            .ok()?,
    })
}

impl NetworkSetup for NetworkManager {
    fn connection(&self, uuid: Option<&str>) -> Result<Connection, HardwareError> {
        let question = ["--terse", "--fields", "UUID,TYPE", "connection", "show"];
        let is = |uuid: &str, active| Connection {
            uuid: uuid.to_owned(),
            active,
        };
        let active = self.ask(&[&question[..], &["--active"]].concat())?;
        if let Some(uuid) = uuid.filter(|uuid| lists(&active, uuid)) {
            return Ok(is(uuid, true));
        }
        let all = self.ask(&question)?;
        if let Some(uuid) = uuid.filter(|uuid| lists(&all, uuid)) {
            return Ok(is(uuid, false));
        }
        let in_use = choose(&active).map(|uuid| is(uuid, true));
        in_use
            .or_else(|| choose(&all).map(|uuid| is(uuid, false)))
            .ok_or(HardwareError::NoConnection)
    }

    fn addressing(&self, connection: &Connection) -> Result<Addressing, HardwareError> {
        let answer = self.ask(&[
            "--terse",
            "--fields",
            "ipv4.method,ipv4.addresses,ipv4.gateway,ipv4.dns",
            "connection",
            "show",
            "uuid",
            &connection.uuid,
        ])?;
        let value = |key: &str| {
            let mut lines = answer.lines();
            let value = lines.find_map(|line| line.strip_prefix(key)?.strip_prefix(':'));
            value.unwrap_or_default().trim().trim_matches('-')
        };
        match value("ipv4.method") {
            "auto" if value("ipv4.addresses").is_empty() && value("ipv4.dns").is_empty() => {
                Ok(Addressing::Dhcp)
            }
            "manual" => fixed_of(
                value("ipv4.addresses"),
                value("ipv4.gateway"),
                value("ipv4.dns"),
            )
            .ok_or_else(|| elaborate(&answer)),
            _ => Err(elaborate(&answer)),
        }
    }

    fn set_addressing(
        &self,
        connection: &Connection,
        addressing: &Addressing,
    ) -> Result<(), HardwareError> {
        let (method, address, way_out, names) = match addressing {
            Addressing::Dhcp => ("auto", String::new(), String::new(), String::new()),
            Addressing::Fixed {
                address,
                prefix,
                gateway,
                dns,
            } => {
                let dns: Vec<String> = dns.iter().map(Ipv4Addr::to_string).collect();
                (
                    "manual",
                    format!("{address}/{prefix}"),
                    gateway.map_or_else(String::new, |gateway| gateway.to_string()),
                    dns.join(","),
                )
            }
        };
        self.ask(&[
            "connection",
            "modify",
            "uuid",
            &connection.uuid,
            "ipv4.method",
            method,
            "ipv4.addresses",
            &address,
            "ipv4.gateway",
            &way_out,
            "ipv4.dns",
            &names,
        ])
        .map(drop)
    }

    fn bring_up(&self, connection: &Connection) -> Result<(), HardwareError> {
        let up = ["--wait", "30", "connection", "up", "uuid", &connection.uuid];
        command::run(&self.nmcli, &up, UP_LIMIT, &self.ending).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::device::command::tests::script;

    /// An `nmcli` with this answer to the query of one connection, which logs its arguments.
    fn manager(folder: &Path, active: &str, connection: &str) -> NetworkManager {
        let body = format!(
            r#"
case "$*" in
  *"connection show --active") printf '{active}' ;;
  *"connection show") printf 'aaaa:loopback\nbbbb:802-11-wireless\n' ;;
  *"show uuid"*) printf '{connection}' ;;
  *) for word in "$@"; do printf '[%s]' "$word"; done >> {log}; echo >> {log} ;;
esac"#,
            log = folder.join("log").display()
        );
        NetworkManager::by(script(folder, "nmcli", &body), &Ending::default())
    }

    fn logged(folder: &Path) -> String {
        std::fs::read_to_string(folder.join("log")).unwrap()
    }

    #[test]
    fn the_address_of_the_wired_connection_is_read() {
        let read = |manager: &NetworkManager| {
            let connection = manager.connection(None).unwrap();
            assert_eq!((&*connection.uuid, connection.active), ("cccc", true));
            manager.addressing(&connection)
        };
        let folder = tempfile::tempdir().unwrap();
        let active = r"aaaa:loopback\nbbbb:802-11-wireless\ncccc:802-3-ethernet\n";
        let auto = manager(folder.path(), active, r"ipv4.method:auto\n");
        assert_eq!(read(&auto).unwrap(), Addressing::Dhcp);
        let fixed = manager(
            folder.path(),
            active,
            r"ipv4.method:manual\nipv4.addresses:192.168.1.20/24\nipv4.gateway:192.168.1.1\nipv4.dns:192.168.1.1,1.1.1.1\n",
        );
        assert_eq!(
            read(&fixed).unwrap(),
            Addressing::Fixed {
                address: Ipv4Addr::new(192, 168, 1, 20),
                prefix: 24,
                gateway: Some(Ipv4Addr::new(192, 168, 1, 1)),
                dns: vec![Ipv4Addr::new(192, 168, 1, 1), Ipv4Addr::new(1, 1, 1, 1)],
            }
        );
        let bare = manager(
            folder.path(),
            active,
            r"ipv4.method:manual\nipv4.addresses:10.0.0.2/8\nipv4.gateway:--\nipv4.dns:\n",
        );
        assert_eq!(
            read(&bare).unwrap(),
            Addressing::Fixed {
                address: Ipv4Addr::new(10, 0, 0, 2),
                prefix: 8,
                gateway: None,
                dns: Vec::new(),
            }
        );
        for rubbish in [
            r"ipv4.method:manual\nipv4.addresses:--\n",
            r"ipv4.method:manual\nipv4.addresses:10.0.0.2/8, 10.0.0.3/8\n",
            r"ipv4.method:manual\nipv4.addresses:10.0.0.2/8\nipv4.dns:1.1.1.1#name\n",
            r"ipv4.method:shared\nipv4.addresses:\n",
        ] {
            let rubbish = manager(folder.path(), active, rubbish);
            assert!(
                matches!(read(&rubbish), Err(HardwareError::Elaborate(_))),
                "what could not be brought back is not read"
            );
        }
    }

    #[test]
    fn an_address_is_set_on_one_connection_which_then_comes_up() {
        let folder = tempfile::tempdir().unwrap();
        let manager = manager(folder.path(), r"aaaa:loopback\n", "");
        let wireless = manager.connection(None).unwrap();
        assert_eq!((&*wireless.uuid, wireless.active), ("bbbb", false));
        let set = |addressing: &Addressing| {
            manager.set_addressing(&wireless, addressing).unwrap();
            manager.bring_up(&wireless).unwrap();
        };
        set(&Addressing::Fixed {
            address: Ipv4Addr::new(10, 0, 0, 2),
            prefix: 8,
            gateway: Some(Ipv4Addr::new(10, 0, 0, 1)),
            dns: vec![Ipv4Addr::new(10, 0, 0, 1), Ipv4Addr::new(1, 1, 1, 1)],
        });
        set(&Addressing::Dhcp);
        assert_eq!(
            logged(folder.path()),
            "[connection][modify][uuid][bbbb][ipv4.method][manual][ipv4.addresses][10.0.0.2/8]\
             [ipv4.gateway][10.0.0.1][ipv4.dns][10.0.0.1,1.1.1.1]\n\
             [--wait][30][connection][up][uuid][bbbb]\n\
             [connection][modify][uuid][bbbb][ipv4.method][auto][ipv4.addresses][][ipv4.gateway][][ipv4.dns][]\n\
             [--wait][30][connection][up][uuid][bbbb]\n"
        );
    }

    #[test]
    fn a_connection_is_found_again_whichever_one_is_in_use_meanwhile() {
        let folder = tempfile::tempdir().unwrap();
        let manager = manager(folder.path(), r"cccc:802-3-ethernet\n", "");
        let found = |uuid| manager.connection(uuid).unwrap();
        assert_eq!(
            (found(None).uuid, found(None).active),
            ("cccc".to_owned(), true)
        );
        let other = found(Some("bbbb"));
        assert_eq!((&*other.uuid, other.active), ("bbbb", false));
        assert!(found(Some("cccc")).active);
        // A connection that was removed cannot be restored.
        assert_eq!(found(Some("gone")).uuid, "cccc");
    }
}
