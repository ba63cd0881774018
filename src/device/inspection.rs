//! The device's health, from what the kernel publishes to every process.

use std::fs;
use std::net::UdpSocket;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use super::command::Ending;
use super::{Inspector, command};
use crate::state::service_mode::DeviceReport;

/// The time limit for the page worker to print its version.
const WORKER_LIMIT: Duration = Duration::from_secs(5);

/// Reads `/proc`, `/sys` and `/etc/os-release`.
#[derive(Debug, Clone)]
pub struct SystemInspector {
    /// `/`, except in tests.
    root: PathBuf,
    data: PathBuf,
    started: Instant,
    worker: Option<PathBuf>,
    ending: Ending,
    /// Read once, at the first report.
    worker_version: OnceLock<Option<String>>,
}

impl SystemInspector {
    /// `data` is the kiosk's data folder, `worker` its page worker; the kiosk's uptime counts from now.
    pub fn new(data: impl Into<PathBuf>, worker: Option<PathBuf>) -> Self {
        Self {
            root: PathBuf::from("/"),
            data: data.into(),
            started: Instant::now(),
            worker,
            ending: Ending::default(),
            worker_version: OnceLock::new(),
        }
    }

    /// Ends its tools when the kiosk ends.
    #[must_use]
    pub fn ending_with(self, ending: &Ending) -> Self {
        Self {
            ending: ending.clone(),
            ..self
        }
    }

    /// As [`Self::new`], of another root folder.
    #[cfg(test)]
    pub(super) fn rooted(root: &Path, data: &Path) -> Self {
        Self {
            root: root.to_owned(),
            ..Self::new(data, None)
        }
    }

    pub(super) fn path(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    pub(super) fn data(&self) -> &Path {
        &self.data
    }

    /// For how long the kiosk has been running.
    pub(super) fn running(&self) -> Duration {
        self.started.elapsed()
    }

    pub(super) fn read(&self, path: &str) -> Option<String> {
        let text = fs::read_to_string(self.root.join(path)).ok()?;
        Some(text.trim().to_owned())
    }

    pub(super) fn uptime(&self) -> Option<Duration> {
        let text = self.read("proc/uptime")?;
        let seconds: f64 = text.split(' ').next()?.parse().ok()?;
        Duration::try_from_secs_f64(seconds).ok()
    }

    /// The temperature of the hottest sensor.
    pub(super) fn temperature(&self) -> Option<f32> {
        let zones = fs::read_dir(self.root.join("sys/class/thermal")).ok()?;
        zones
            .flatten()
            .filter_map(|zone| fs::read_to_string(zone.path().join("temp")).ok())
            .filter_map(|text| text.trim().parse::<f32>().ok())
            .map(|thousandths| thousandths / 1000.0)
            .filter(|degrees| (-40.0..=150.0).contains(degrees))
            .reduce(f32::max)
    }

    fn worker_version(&self) -> &Option<String> {
        self.worker_version
            .get_or_init(|| version_of(self.worker.as_deref()?, &self.ending))
    }

    fn system(&self) -> Option<String> {
        let text = self.read("etc/os-release")?;
        let name = text
            .lines()
            .find_map(|line| line.strip_prefix("PRETTY_NAME="))?;
        Some(name.trim_matches('"').chars().take(80).collect())
    }
}

impl Inspector for SystemInspector {
    fn report(&self) -> DeviceReport {
        DeviceReport {
            uptime: self.uptime(),
            running: self.running(),
            storage: storage(&self.data),
            temperature: self.temperature(),
            addresses: addresses(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            worker: self.worker_version().clone(),
            system: self.system(),
            kernel: self
                .read("proc/sys/kernel/osrelease")
                .map(|kernel| kernel.chars().take(60).collect()),
        }
    }
}

/// Free and total bytes.
pub(super) fn storage(data: &Path) -> Option<(u64, u64)> {
    let storage = rustix::fs::statvfs(data).ok()?;
    let bytes = |blocks: u64| blocks.saturating_mul(storage.f_frsize);
    Some((bytes(storage.f_bavail), bytes(storage.f_blocks)))
}

/// The addresses that this device would send from. Nothing is sent: the sockets are only connected to addresses
/// reserved for documentation (RFC 5737, RFC 3849).
fn addresses() -> Vec<String> {
    [("0.0.0.0:0", "192.0.2.1:9"), ("[::]:0", "[2001:db8::1]:9")]
        .into_iter()
        .filter_map(|(from, to)| {
            let socket = UdpSocket::bind(from).ok()?;
            socket.connect(to).ok()?;
            Some(socket.local_addr().ok()?.ip().to_string())
        })
        .collect()
}

/// The last word of "vyveska-pages 0.1.0".
fn version_of(program: &Path, ending: &Ending) -> Option<String> {
    let answer = command::run(program, &["--version"], WORKER_LIMIT, ending)
        .inspect_err(|error| tracing::warn!(%error, "the page worker does not say its version"))
        .ok()?;
    let version = answer.split_whitespace().last()?;
    Some(version.chars().take(40).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_tells_how_it_is() {
        let root = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("proc/uptime", "93784.27 180000.10\n");
        write("proc/sys/kernel/osrelease", "6.12.34-rpi\n");
        write("etc/os-release", "ID=debian\nPRETTY_NAME=\"Debian 13\"\n");
        write("sys/class/thermal/thermal_zone0/temp", "48312\n");
        write("sys/class/thermal/thermal_zone1/temp", "51000\n");
        write("sys/class/thermal/thermal_zone2/temp", "-274000\n");
        let inspector = SystemInspector {
            root: root.path().to_owned(),
            ..SystemInspector::new(root.path(), None)
        };
        let report = inspector.report();
        assert_eq!(report.uptime.unwrap().as_secs(), 93_784);
        assert_eq!(report.temperature, Some(51.0));
        assert_eq!(report.system.as_deref(), Some("Debian 13"));
        assert_eq!(report.kernel.as_deref(), Some("6.12.34-rpi"));
        let (free, all) = report.storage.unwrap();
        assert!(free <= all && all > 0);
    }

    #[test]
    fn what_a_device_does_not_tell_is_not_made_up() {
        let nowhere = PathBuf::from("/nonexistent");
        let inspector = SystemInspector {
            root: nowhere.clone(),
            ..SystemInspector::new(nowhere, None)
        };
        let report = inspector.report();
        assert_eq!(
            (report.uptime, report.temperature, report.storage),
            (None, None, None)
        );
        assert_eq!((report.system, report.kernel), (None, None));
    }
}
