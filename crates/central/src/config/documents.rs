//! `[documents]`: how documents are fetched and read.

use std::time::Duration;

use serde::Deserialize;
use vyveska_wire::limits::MAX_DOCUMENT_BYTES;

use super::ConfigError;
use super::check::{within, wrong};
use crate::fetch::budget::BudgetLimits;

/// `[documents]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DocumentsConfig {
    /// The largest document, in MB (at least 1). Default 50; more than displays take has no effect.
    pub max_size_mb: u64,
    /// How long fetching one document may take, in seconds (1 to 3600). Default 300.
    pub timeout_seconds: u64,
    /// After how many hours a document is revalidated at its publisher (1 to 720). Default 24.
    pub recheck_hours: u32,
    /// Concurrent requests for documents per host (2 to 16; 1 is taken as 2). One town, and each of its sources, makes at
    /// most half of them. Default 4.
    pub per_host: usize,
    /// The pause between documents of one host, in milliseconds (0 to 60000). Default 500.
    pub pause_ms: u64,
    /// How many documents of one source are requested in a day, rechecks among them (1 to 1000000). Default 20000.
    pub source_documents: u32,
    /// How much is downloaded of one source in a day, in MB (1 to 1000000). Default 10000.
    pub source_mb: u64,
    /// How long the requests of one source take in a day, together, in minutes (1 to 10000). Default 360.
    pub source_minutes: u64,
    /// How much of the disk stays free of documents, in MB (0 to 20000000). Default 1000, and at most a twentieth of the
    /// disk.
    pub keep_free_mb: Option<u64>,
    /// How long a changed feed waits for its new documents before it is published without them, in milliseconds (0 to 60000). Default 1000.
    pub first_wait_ms: u64,
    /// OCR of pages without text (scans, pictures). Default `auto`.
    pub ocr: Ocr,
    /// Whether other engines are asked if documents are drawn right. Default `auto`.
    pub jury: UseOfJury,
}

/// OCR of pages without text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ocr {
    /// When tesseract and its data for Czech or German are installed.
    #[default]
    Auto,
    Off,
}

/// Whether other engines are asked if documents are drawn right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UseOfJury {
    /// Of PDF by MuPDF and poppler, when both are installed; else what the page worker itself noticed counts.
    #[default]
    Auto,
    Off,
}

impl DocumentsConfig {
    /// The largest document that is fetched: as configured, and not larger than displays take.
    pub fn max_bytes(&self) -> u64 {
        let configured = self.max_size_mb.saturating_mul(1_000_000);
        configured.min(MAX_DOCUMENT_BYTES)
    }

    /// How many documents are requested from one host at once: with one alone a town would have to itself what others wait
    /// for.
    pub fn at_one_host(&self) -> usize {
        self.per_host.max(2)
    }

    /// How much of a disk of this size stays free of documents.
    pub fn keep_free_bytes(&self, disk_bytes: u64) -> u64 {
        match self.keep_free_mb {
            Some(configured) => configured.saturating_mul(1_000_000),
            None => (disk_bytes / 20).min(1_000_000_000),
        }
    }

    /// What the documents of one source may cost in a day.
    pub fn budget(&self) -> BudgetLimits {
        BudgetLimits {
            documents: self.source_documents,
            bytes: self.source_mb.saturating_mul(1_000_000),
            time: Duration::from_secs(self.source_minutes.saturating_mul(60)),
        }
    }

    pub(super) fn check(&self) -> Result<(), ConfigError> {
        if self.max_size_mb == 0 {
            return wrong("documents.max_size_mb", "must be at least 1");
        }
        within("documents.timeout_seconds", self.timeout_seconds, 1, 3600)?;
        within(
            "documents.recheck_hours",
            u64::from(self.recheck_hours),
            1,
            720,
        )?;
        within("documents.per_host", self.per_host as u64, 1, 16)?;
        within("documents.pause_ms", self.pause_ms, 0, 60_000)?;
        let documents = u64::from(self.source_documents);
        within("documents.source_documents", documents, 1, 1_000_000)?;
        within("documents.source_mb", self.source_mb, 1, 1_000_000)?;
        within("documents.source_minutes", self.source_minutes, 1, 10_000)?;
        let keep_free_mb = self.keep_free_mb.unwrap_or_default();
        within("documents.keep_free_mb", keep_free_mb, 0, 20_000_000)?;
        within("documents.first_wait_ms", self.first_wait_ms, 0, 60_000)
    }
}

impl Default for DocumentsConfig {
    fn default() -> Self {
        Self {
            max_size_mb: 50,
            timeout_seconds: 300,
            recheck_hours: 24,
            per_host: 4,
            pause_ms: 500,
            source_documents: 20_000,
            source_mb: 10_000,
            source_minutes: 360,
            keep_free_mb: None,
            first_wait_ms: 1000,
            ocr: Ocr::Auto,
            jury: UseOfJury::Auto,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_twentieth_of_a_disk_stays_free_and_at_most_a_gigabyte() {
        let default = DocumentsConfig::default();
        assert_eq!(default.keep_free_bytes(24_000_000), 1_200_000);
        assert_eq!(default.keep_free_bytes(u64::MAX), 1_000_000_000);
        let configured = DocumentsConfig {
            keep_free_mb: Some(7),
            ..default
        };
        assert_eq!(configured.keep_free_bytes(24_000_000), 7_000_000);
    }

    #[test]
    fn no_document_is_fetched_that_displays_refuse() {
        let fetched = |max_size_mb| {
            let documents = DocumentsConfig {
                max_size_mb,
                ..DocumentsConfig::default()
            };
            documents.max_bytes()
        };
        assert_eq!(fetched(7), 7_000_000);
        assert_eq!(fetched(2_000), MAX_DOCUMENT_BYTES);
        assert_eq!(fetched(u64::MAX), MAX_DOCUMENT_BYTES);
    }
}
