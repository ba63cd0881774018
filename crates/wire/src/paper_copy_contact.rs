//! Where the office gives a copy on paper, for people without a telephone to scan a QR code.

use serde::{Deserialize, Serialize};

use crate::texts::Texts;

/// Who gives copies of notices, and when.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PaperCopyContact {
    /// „podatelna městského úřadu, přízemí, dveře č. 12".
    #[serde(skip_serializing_if = "Texts::is_empty")]
    pub place: Texts,
    /// „352 000 111".
    #[serde(skip_serializing_if = "String::is_empty")]
    pub telephone: String,
    /// „po a st 8.00–17.00, út a čt 8.00–14.00".
    #[serde(skip_serializing_if = "Texts::is_empty")]
    pub hours: Texts,
}

impl PaperCopyContact {
    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
