//! Where the office gives out paper copies.

use serde::{Deserialize, Serialize};
use vyveska_wire::paper_copy_contact::PaperCopyContact;

use super::check::wrong;
use super::{ConfigError, TextConfig};

/// In characters. Longer texts do not fit beside the QR code.
const MOST_LETTERS: usize = 200;

/// `[boards.copies]`.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct PaperCopyContactConfig {
    /// The place: a text in Czech, or a table by language.
    pub place: TextConfig,
    /// The telephone of that place.
    pub telephone: String,
    /// Opening hours.
    pub hours: TextConfig,
}

impl PaperCopyContactConfig {
    /// Converts to the wire type.
    pub fn settings(&self) -> PaperCopyContact {
        PaperCopyContact {
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

    fn read(text: &str) -> PaperCopyContactConfig {
        toml::from_str(text).unwrap()
    }

    #[test]
    fn a_contact_is_converted_and_an_empty_one_is_none() {
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
    fn a_text_too_long_is_refused_by_its_key() {
        let long = read(&format!("place = \"{}\"", "ř".repeat(201)));
        let error = long.check("boards[0]").unwrap_err().to_string();
        assert!(error.contains("boards[0].copies.place"), "{error}");
    }
}
