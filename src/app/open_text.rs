//! The text of the open document: read and made ready away from the interface, one at a time.

use std::sync::Arc;

use vyveska_wire::manifest::ContentHash;

use super::circle::{Happening, Poster};
use crate::state::{SearchableText, TextWish};
use crate::store::{BoardStore, StoreError, document_text};

/// Reads a text and posts it, or that there is none.
pub(super) fn fetch(wish: TextWish, store: Arc<dyn BoardStore>) {
    let started = std::thread::Builder::new()
        .name("text".into())
        .spawn(move || {
            let text = read(&wish.rendition, &*store);
            Poster.post(Happening::Text(wish, text));
        });
    if let Err(error) = started {
        tracing::warn!(%error, "the text of a document is not read");
        Poster.post(Happening::Text(wish, None));
    }
}

fn read(rendition: &ContentHash, store: &dyn BoardStore) -> Option<Arc<SearchableText>> {
    match document_text(store, rendition) {
        Ok(text) => text.map(|text| Arc::new(SearchableText::from(text))),
        Err(error) => {
            tracing::warn!(%error, "the text of a document is not read");
            if matches!(error, StoreError::ContentDamaged(_)) {
                Poster.post(Happening::ContentLost);
            }
            None
        }
    }
}
