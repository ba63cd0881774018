//! Reads and indexes the text of the open document off the interface's thread, one at a time.

use std::sync::Arc;

use vyveska_wire::manifest::ContentHash;

use super::app_event::{AppEvent, EventSender};
use crate::state::{SearchableText, TextRequest};
use crate::store::{BoardStore, StoreError, document_text};
use crate::worker::spawn_task;

/// Reads a text and posts it; posts `None` when there is none.
pub(super) fn fetch(request: TextRequest, store: Arc<dyn BoardStore>) {
    let started = spawn_task("text", move || {
        let text = read(&request.rendition, &*store);
        EventSender.post(AppEvent::Text(request, text));
    });
    if let Err(error) = started {
        tracing::warn!(%error, "the text of a document is not read");
        EventSender.post(AppEvent::Text(request, None));
    }
}

fn read(rendition: &ContentHash, store: &dyn BoardStore) -> Option<Arc<SearchableText>> {
    match document_text(store, rendition) {
        Ok(text) => text.map(|text| Arc::new(SearchableText::from(text))),
        Err(error) => {
            tracing::warn!(%error, "the text of a document is not read");
            if matches!(error, StoreError::ContentDamaged(_)) {
                EventSender.post(AppEvent::ContentLost);
            }
            None
        }
    }
}
