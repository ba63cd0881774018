//! Where the office gives a copy on paper.

use serde::Deserialize;
use vyveska_wire::copies_settings::CopiesSettings;

use super::{ConfigError, TextConfig, wrong};

/// Longer texts than this do not fit beside the code they stand with.
const MOST_LETTERS: usize = 200;

/// `[boards.copies]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CopiesConfig {
    /// Where: a text in Czech, or a table by language.
    pub place: TextConfig,
    /// The telephone of that place.
    pub telephone: String,
    /// When somebody is there.
    pub hours: TextConfig,
}

impl CopiesConfig {
    /// The settings as they travel.
    pub fn settings(&self) -> CopiesSettings {
        CopiesSettings {
            place: self.place.texts(),
            telephone: self.telephone.trim().to_owned(),
            hours: self.hours.texts(),
        }
    }

    pub(super) fn check(&self, key: &str) -> Result<(), ConfigError> {
        let short = |name: &str, text: &str| {
            if text.chars().count() <= MOST_LETTERS {
                return Ok(());
            }
            wrong(
                &format!("{key}.copies.{name}"),
                &format!("is longer than {MOST_LETTERS} letters"),
            )
        };
        for text in self.place.texts().values() {
            short("place", text)?;
        }
        for text in self.hours.texts().values() {
            short("hours", text)?;
        }
        short("telephone", &self.telephone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> CopiesConfig {
        toml::from_str(text).unwrap()
    }

    #[test]
    fn what_the_office_says_travels_and_nothing_travels_as_nothing() {
        let copies = read(
            r#"
            place = { cs = "podatelna, dveře č. 12", de = "Poststelle, Tür 12" }
            telephone = " 352 000 111 "
            hours = "po a st 8.00–17.00"
            "#,
        );
        copies.check("boards[0]").unwrap();
        let settings = copies.settings();
        assert_eq!(settings.place["de"], "Poststelle, Tür 12");
        assert_eq!(settings.telephone, "352 000 111");
        assert_eq!(settings.hours["cs"], "po a st 8.00–17.00");
        assert!(read("").settings().is_empty());
    }

    #[test]
    fn what_would_not_fit_is_refused_by_name() {
        let long = read(&format!("place = \"{}\"", "ř".repeat(201)));
        let error = long.check("boards[0]").unwrap_err().to_string();
        assert!(error.contains("boards[0].copies.place"), "{error}");
    }
}
