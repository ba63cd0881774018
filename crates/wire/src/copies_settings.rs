//! Where the office gives a copy on paper, for those who have no telephone to take a notice with.

use serde::{Deserialize, Serialize};

use crate::section::Texts;

/// Who gives a copy of what hangs, and when.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CopiesSettings {
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

impl CopiesSettings {
    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
