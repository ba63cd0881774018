//! The panel's backlight, where the kernel controls it.
//!
//! systemd's backlight service restores the brightness after a restart.
//! A panel behind HDMI usually has no such backlight; its own menu sets it then, and the service screen says so.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Backlight, HardwareError};

/// The backlight under `/sys/class/backlight`.
#[derive(Debug, Clone)]
pub struct SysfsBacklight {
    class: PathBuf,
}

impl Default for SysfsBacklight {
    fn default() -> Self {
        Self::of_class("/sys/class/backlight")
    }
}

impl SysfsBacklight {
    pub fn of_class(class: impl Into<PathBuf>) -> Self {
        Self {
            class: class.into(),
        }
    }

    /// The first one by name.
    fn light(&self) -> Result<PathBuf, HardwareError> {
        let entries = fs::read_dir(&self.class)
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path());
        entries.min().ok_or(HardwareError::NoBacklight)
    }
}

fn number(path: &Path) -> Result<u64, HardwareError> {
    let text = fs::read_to_string(path).map_err(HardwareError::io(path))?;
    text.trim().parse().map_err(|_| HardwareError::Strange {
        program: path.display().to_string(),
        answer: text.chars().take(60).collect(),
    })
}

impl Backlight for SysfsBacklight {
    fn brightness(&self) -> Result<u8, HardwareError> {
        let light = self.light()?;
        let most = number(&light.join("max_brightness"))?.max(1);
        let now = number(&light.join("brightness"))?.min(most);
        Ok(u8::try_from((now * 100).div_ceil(most)).unwrap_or(100))
    }

    fn set_brightness(&self, percent: u8) -> Result<(), HardwareError> {
        let light = self.light()?;
        let most = number(&light.join("max_brightness"))?.max(1);
        // Never dark: a notice counts as posted only while it can be seen.
        let level = (most * u64::from(percent.min(100)) / 100).max(1);
        let path = light.join("brightness");
        fs::write(&path, level.to_string()).map_err(HardwareError::io(path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_light_is_read_and_set_and_never_off() {
        let class = tempfile::tempdir().unwrap();
        let backlight = SysfsBacklight::of_class(class.path());
        assert!(matches!(
            backlight.brightness(),
            Err(HardwareError::NoBacklight)
        ));
        let light = class.path().join("10-0045");
        fs::create_dir(&light).unwrap();
        fs::write(light.join("max_brightness"), "31\n").unwrap();
        fs::write(light.join("brightness"), "31\n").unwrap();
        assert_eq!(backlight.brightness().unwrap(), 100);
        for percent in (10..=100).step_by(10) {
            backlight.set_brightness(percent).unwrap();
            let read = backlight.brightness().unwrap();
            assert!(
                read.abs_diff(percent) <= 3,
                "{percent} is read as {read}: steps of a coarse light"
            );
        }
        backlight.set_brightness(0).unwrap();
        assert!(backlight.brightness().unwrap() > 0);
        fs::write(light.join("brightness"), "rubbish").unwrap();
        assert!(backlight.brightness().is_err());
    }
}
