//! Reads the text of a document from the store: verified and within its limits.

use std::io::Read as _;

use vyveska_wire::manifest::ContentHash;
use vyveska_wire::text_rendition::{MAX_BYTES, TextRendition, TextRenditionError};

use super::{BoardStore, StoreError};

/// The text that a document's [`text`](vyveska_board::Document::text) names; `None` while it is not stored.
///
/// May read and parse megabytes: do not call it on the interface's thread.
///
/// # Errors
///
/// When its bytes are damaged (they are removed, and fetched again), or are not a text.
pub fn document_text(
    store: &dyn BoardStore,
    hash: &ContentHash,
) -> Result<Option<TextRendition>, StoreError> {
    let Some(file) = store.open(hash)? else {
        return Ok(None);
    };
    let mut bytes = Vec::new();
    file.take(MAX_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(StoreError::io(hash.to_string()))?;
    let unusable = |source: TextRenditionError| StoreError::Text {
        hash: *hash,
        source,
    };
    TextRendition::from_json(&bytes).map(Some).map_err(unusable)
}

#[cfg(test)]
mod tests {
    use vyveska_wire::text_rendition::TextPage;

    use super::*;
    use crate::store::FakeBoardStore;

    #[test]
    fn a_text_is_read_only_as_it_was_made() {
        let text = TextRendition {
            pages: vec![TextPage::empty(595.0, 842.0)],
            truncated: false,
        };
        let bytes = text.to_json();
        let hash = ContentHash::of(&bytes);
        let store = FakeBoardStore::new();
        assert!(document_text(&store, &hash).unwrap().is_none());
        store.put(hash, &bytes);
        assert_eq!(document_text(&store, &hash).unwrap(), Some(text));
        store.put(hash, b"something else");
        assert!(matches!(
            document_text(&store, &hash),
            Err(StoreError::ContentDamaged(_))
        ));
    }

    #[test]
    fn what_is_no_text_is_refused() {
        let store = FakeBoardStore::new();
        let mut endless = br#"{"pages":[]}"#.to_vec();
        endless.resize(usize::try_from(MAX_BYTES).unwrap() + 2, b' ');
        for bytes in [b"%PDF-1.7".to_vec(), endless] {
            let hash = ContentHash::of(&bytes);
            store.put(hash, &bytes);
            assert!(matches!(
                document_text(&store, &hash),
                Err(StoreError::Text { .. })
            ));
        }
    }
}
