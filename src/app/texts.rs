//! Reads the text of documents from the store for the search worker.

use std::io::Read as _;
use std::sync::Arc;

use vyveska_wire::manifest::ContentHash;
use vyveska_wire::text_rendition::{MAX_BYTES, TextPage, TextRendition};

use crate::search::Texts;
use crate::store::BoardStore;

/// The store as a source of texts for the search worker.
pub(super) struct StoredTexts(pub(super) Arc<dyn BoardStore>);

impl Texts for StoredTexts {
    fn pages(&self, text: &ContentHash) -> Option<Vec<String>> {
        let file = match self.0.open(text) {
            Ok(file) => file?,
            Err(error) => {
                tracing::error!(%error, "the text of a document cannot be searched yet");
                return None;
            }
        };
        let mut bytes = Vec::new();
        // One byte more than the limit, so that a longer text is refused rather than cut.
        let read = file.take(MAX_BYTES + 1).read_to_end(&mut bytes);
        if let Err(error) = read {
            tracing::error!(%error, %text, "the text of a document cannot be read");
            return None;
        }
        match TextRendition::from_json(&bytes) {
            Ok(rendition) => Some(rendition.pages.iter().map(TextPage::plain).collect()),
            Err(error) => {
                tracing::warn!(%error, %text, "the text of a document is not searched");
                None
            }
        }
    }
}
