//! The figures of a device that its status tells central: what the kernel, and the firmware of a Raspberry Pi, publish
//! to every process.
//!
//! A figure that cannot be read is left out, and so is one that no machine has.

use std::fs;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use vyveska_wire::status::{NetworkKind, PowerStatus, Space, Status};

use super::inspection::storage;
use super::{Backlight as _, HealthMonitor, SysfsBacklight, SystemInspector};

/// Where the firmware of a Raspberry Pi says what happened since it started, by the kernel of Raspberry Pi OS.
const THROTTLED: &str = "sys/devices/platform/soc/soc:firmware/get_throttled";

/// The bits of that: the voltage was too low; the clock was held down; the processor was slowed down, by heat as well.
const UNDERVOLTAGE_OCCURRED: u32 = 1 << 16;
const THROTTLING_OCCURRED: u32 = 1 << 17 | 1 << 18 | 1 << 19;

/// The driver of the same firmware in every kernel, which knows of the voltage alone.
const VOLTAGE_DRIVER: &str = "rpi_volt";

/// The most letters of a model and a serial number.
const MAX_LETTERS: usize = 60;

/// Reads `/proc` and `/sys`.
#[derive(Debug)]
pub struct SystemHealth {
    inspector: SystemInspector,
    /// The times of all processors as of the last measurement.
    processor: Mutex<Option<ProcessorTimes>>,
}

/// In clock ticks since the device started.
#[derive(Debug, Clone, Copy)]
struct ProcessorTimes {
    idle: u64,
    all: u64,
}

impl SystemHealth {
    /// `data` is the kiosk's data folder; the kiosk's uptime counts from now.
    pub fn new(data: impl Into<PathBuf>) -> Self {
        Self::of(SystemInspector::new(data, None))
    }

    fn of(inspector: SystemInspector) -> Self {
        Self {
            inspector,
            processor: Mutex::default(),
        }
    }

    /// The text of a file, as far as it may be told.
    fn name(&self, path: &str) -> Option<String> {
        let text = self.inspector.read(path)?;
        let letters = text.chars().filter(|letter| !letter.is_control());
        let text: String = letters.take(MAX_LETTERS).collect();
        (!text.trim().is_empty()).then(|| text.trim().to_owned())
    }

    /// By the device tree, or by the firmware of a PC.
    fn model(&self) -> Option<String> {
        let paths = ["proc/device-tree/model", "sys/class/dmi/id/product_name"];
        paths.into_iter().find_map(|path| self.name(path))
    }

    /// How much of all processors was used since the last measurement.
    fn processor_percent(&self) -> Option<u8> {
        let text = self.inspector.read("proc/stat")?;
        let times = text.lines().next()?.strip_prefix("cpu ")?;
        // user, nice, system, idle, iowait, irq, softirq, steal; those of guests are part of the first two.
        let times: Vec<u64> = times
            .split_whitespace()
            .take(8)
            .map(|time| time.parse().unwrap_or_default())
            .collect();
        let idle = times.get(3)?.saturating_add(*times.get(4).unwrap_or(&0));
        let all = times
            .iter()
            .fold(0, |sum: u64, time| sum.saturating_add(*time));
        let now = ProcessorTimes { idle, all };
        let mut last = self
            .processor
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let before = last.replace(now)?;
        let passed = all.checked_sub(before.all).filter(|passed| *passed > 0)?;
        let used = passed.saturating_sub(idle.saturating_sub(before.idle));
        u8::try_from(used.saturating_mul(100) / passed).ok()
    }

    fn memory(&self) -> Option<Space> {
        let text = self.inspector.read("proc/meminfo")?;
        let bytes = |name: &str| -> Option<u64> {
            let line = text.lines().find_map(|line| line.strip_prefix(name))?;
            let kilobytes: u64 = line.split_whitespace().next()?.parse().ok()?;
            kilobytes.checked_mul(1024)
        };
        space(bytes("MemAvailable:")?, bytes("MemTotal:")?)
    }

    /// What the default route leads through.
    fn network(&self) -> Option<NetworkKind> {
        let routes = self.inspector.read("proc/net/route");
        let routes6 = self.inspector.read("proc/net/ipv6_route");
        // Columns: interface, destination, …
        let first = routes.as_deref().and_then(|text| {
            let mut lines = text.lines().skip(1).map(str::split_whitespace);
            lines.find_map(|mut words| {
                let interface = words.next()?;
                (words.next()? == "00000000").then_some(interface)
            })
        });
        // Destination, its prefix, …, interface.
        let second = routes6.as_deref().and_then(|text| {
            let lines = text
                .lines()
                .filter(|line| line.starts_with("00000000000000000000000000000000 00 "));
            let mut interfaces = lines.filter_map(|line| line.split_whitespace().last());
            interfaces.find(|interface| *interface != "lo")
        });
        let interface = first.or(second)?;
        if !interface
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || ".-_@".contains(letter))
        {
            return None;
        }
        let folder = self.inspector.path(&format!("sys/class/net/{interface}"));
        Some(
            if folder.join("wireless").exists() || folder.join("phy80211").exists() {
                NetworkKind::Wireless
            } else if interface.starts_with("wwan") || interface.starts_with("ppp") {
                NetworkKind::Mobile
            } else if folder.join("device").exists() {
                NetworkKind::Cable
            } else {
                NetworkKind::Other
            },
        )
    }

    fn power(&self) -> Option<PowerStatus> {
        let bits = self
            .inspector
            .read(THROTTLED)
            .and_then(|text| u32::from_str_radix(text.trim_start_matches("0x"), 16).ok());
        if let Some(bits) = bits {
            return Some(PowerStatus {
                undervoltage: bits & UNDERVOLTAGE_OCCURRED > 0,
                throttled: Some(bits & THROTTLING_OCCURRED > 0),
            });
        }
        let monitors = fs::read_dir(self.inspector.path("sys/class/hwmon")).ok()?;
        let read = |path: PathBuf| fs::read_to_string(path).ok();
        let alarm = monitors.flatten().find_map(|monitor| {
            let name = read(monitor.path().join("name"))?;
            (name.trim() == VOLTAGE_DRIVER)
                .then(|| read(monitor.path().join("in0_lcrit_alarm")))
                .flatten()
        })?;
        let undervoltage = match alarm.trim() {
            "0" => false,
            "1" => true,
            _ => return None,
        };
        Some(PowerStatus {
            undervoltage,
            throttled: None,
        })
    }
}

impl HealthMonitor for SystemHealth {
    fn measure(&self, status: &mut Status) {
        let inspector = &self.inspector;
        let backlight = SysfsBacklight::of_class(inspector.path("sys/class/backlight"));
        status.model = self.model();
        status.serial = self.name("proc/device-tree/serial-number");
        status.uptime_seconds = inspector.uptime().map(|uptime| uptime.as_secs());
        status.program_seconds = Some(inspector.running().as_secs());
        status.temperature_celsius = inspector
            .temperature()
            // A tenth of a degree is what sensors can tell.
            .map(|degrees| (degrees * 10.0).round() / 10.0);
        status.processor_percent = self.processor_percent();
        status.memory = self.memory();
        let disk = storage(inspector.data());
        status.storage = disk.and_then(|(free, total)| space(free, total));
        status.brightness_percent = backlight.brightness().ok();
        status.network = self.network();
        status.power = self.power();
    }
}

/// `None` where it contradicts itself.
fn space(free_bytes: u64, total_bytes: u64) -> Option<Space> {
    (free_bytes <= total_bytes && total_bytes > 0).then_some(Space {
        total_bytes,
        free_bytes,
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use vyveska_wire::status::{ClockStatus, ClockTrustStatus, ScreenShown};

    use super::*;

    fn measured(health: &SystemHealth) -> Status {
        let earliest = "2026-11-30T14:00:00Z".parse().unwrap();
        let clock = ClockStatus {
            trust: ClockTrustStatus::Synchronised,
            earliest,
            latest: None,
        };
        let mut status = Status::new(1, "0.1.0", ScreenShown::Idle, clock);
        health.measure(&mut status);
        // Central would believe all of it.
        Status::read(&status.to_bytes()).unwrap()
    }

    fn write(root: &Path, path: &str, text: &str) {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn health_of(root: &Path) -> SystemHealth {
        SystemHealth::of(SystemInspector::rooted(root, root))
    }

    #[test]
    fn a_raspberry_pi_tells_all_of_its_figures() {
        let root = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| write(root.path(), path, text);
        write("proc/device-tree/model", "Raspberry Pi 5 Model B Rev 1.0\0");
        write("proc/device-tree/serial-number", "10000000abcd4f21\0");
        write("proc/uptime", "93784.27 180000.10\n");
        write(
            "proc/stat",
            "cpu  100 0 50 800 50 0 0 0 0 0\ncpu0 1 1 1 1\n",
        );
        write(
            "proc/meminfo",
            "MemTotal:        4045692 kB\nMemFree:  1 kB\nMemAvailable:    3012345 kB\n",
        );
        write(
            "proc/net/route",
            "Iface\tDestination\tGateway\nwlan0\t0000A8C0\t00000000\neth0\t00000000\t0100A8C0\n",
        );
        write("sys/class/net/eth0/device/vendor", "");
        write("sys/class/net/wlan0/wireless/status", "");
        write("sys/class/thermal/thermal_zone0/temp", "48312\n");
        write("sys/class/backlight/10-0045/max_brightness", "255\n");
        write("sys/class/backlight/10-0045/brightness", "255\n");
        write(THROTTLED, "50000\n");
        let health = health_of(root.path());
        let first = measured(&health);
        assert_eq!(
            first.model.as_deref(),
            Some("Raspberry Pi 5 Model B Rev 1.0")
        );
        assert_eq!(first.serial.as_deref(), Some("10000000abcd4f21"));
        assert_eq!(first.uptime_seconds, Some(93_784));
        assert_eq!(first.temperature_celsius, Some(48.3));
        let memory = first.memory.unwrap();
        assert_eq!(memory.total_bytes, 4_045_692 * 1024);
        assert_eq!(memory.free_bytes, 3_012_345 * 1024);
        assert!(first.storage.is_some());
        assert_eq!(first.brightness_percent, Some(100));
        assert_eq!(first.network, Some(NetworkKind::Cable));
        let power = PowerStatus {
            undervoltage: true,
            throttled: Some(true),
        };
        assert_eq!(first.power, Some(power));
        // There is nothing yet that it could be compared with.
        assert_eq!(first.processor_percent, None);
        write("proc/stat", "cpu  125 0 75 950 50 0 0 0 0 0\n");
        assert_eq!(measured(&health).processor_percent, Some(25));
        assert_eq!(measured(&health).processor_percent, None);
    }

    #[test]
    fn what_the_firmware_says_is_read_bit_by_bit() {
        let root = tempfile::tempdir().unwrap();
        let power = |undervoltage, throttled| {
            Some(PowerStatus {
                undervoltage,
                throttled,
            })
        };
        for (text, expected) in [
            ("0\n", power(false, Some(false))),
            ("0x10000\n", power(true, Some(false))),
            ("e0008\n", power(false, Some(true))),
            ("rubbish", None),
        ] {
            write(root.path(), THROTTLED, text);
            assert_eq!(measured(&health_of(root.path())).power, expected, "{text}");
        }
        // Every other kernel knows of the voltage alone.
        write(root.path(), "sys/class/hwmon/hwmon0/name", "cpu_thermal\n");
        write(root.path(), "sys/class/hwmon/hwmon1/name", "rpi_volt\n");
        for (text, expected) in [
            ("1\n", power(true, None)),
            ("0\n", power(false, None)),
            ("?", None),
        ] {
            write(root.path(), "sys/class/hwmon/hwmon1/in0_lcrit_alarm", text);
            assert_eq!(measured(&health_of(root.path())).power, expected, "{text}");
        }
    }

    #[test]
    fn a_network_is_what_the_default_route_leads_through() {
        for (route, folder, expected) in [
            (
                "wlan0\t00000000\t0100A8C0",
                "wlan0/phy80211/name",
                Some(NetworkKind::Wireless),
            ),
            (
                "wwan0\t00000000\t0100A8C0",
                "wwan0/device/vendor",
                Some(NetworkKind::Mobile),
            ),
            (
                "tun0\t00000000\t0100A8C0",
                "tun0/mtu",
                Some(NetworkKind::Other),
            ),
            ("eth0\t0000A8C0\t00000000", "eth0/device/vendor", None),
            ("../x\t00000000\t00000000", "eth0/device/vendor", None),
        ] {
            let root = tempfile::tempdir().unwrap();
            let routes = format!("Iface\tDestination\tGateway\n{route}\n");
            write(root.path(), "proc/net/route", &routes);
            write(root.path(), &format!("sys/class/net/{folder}"), "");
            assert_eq!(
                measured(&health_of(root.path())).network,
                expected,
                "{route}"
            );
        }
        let root = tempfile::tempdir().unwrap();
        let zero = "0".repeat(32);
        let routes = format!(
            "{zero} 00 {zero} 00 {zero} ffffffff 1 0 200200 lo\n{zero} 00 {zero} 00 fe80 64 1 0 3 eth0\n"
        );
        write(root.path(), "proc/net/ipv6_route", &routes);
        write(root.path(), "sys/class/net/eth0/device/vendor", "");
        assert_eq!(
            measured(&health_of(root.path())).network,
            Some(NetworkKind::Cable)
        );
    }

    #[test]
    fn what_a_machine_does_not_tell_is_not_made_up() {
        let nowhere = Path::new("/nonexistent");
        let status = measured(&health_of(nowhere));
        assert_eq!(
            (status.model, status.serial, status.uptime_seconds),
            (None, None, None)
        );
        assert_eq!(
            (status.temperature_celsius, status.processor_percent),
            (None, None)
        );
        assert_eq!(
            (status.memory, status.storage, status.network),
            (None, None, None)
        );
        assert_eq!((status.brightness_percent, status.power), (None, None));
    }
}
