//! What a board published last, for files of the town that cannot be read now: a board that was served is not to lose an
//! alert or its office hours because a file is gone when the service starts.

use serde::de::DeserializeOwned;
use vyveska_wire::manifest::{ContentRef, Sections};
use vyveska_wire::section::SettingsSection;

use crate::document::blobs::Blobs;
use crate::error::causes;
use crate::storage::{HeldContent, Storage, StorageError};

/// The coat of arms of the newest publication; `None` when that cannot be read.
pub(super) async fn coat_of_arms(
    storage: &dyn Storage,
    blobs: &Blobs,
    board: &str,
) -> Result<Option<Option<HeldContent>>, StorageError> {
    let settings = section::<Option<SettingsSection>>(storage, blobs, board, |all| all.settings);
    let Some(settings) = settings.await? else {
        return Ok(None);
    };
    let Some(coat) = settings.and_then(|settings| settings.coat_of_arms) else {
        return Ok(Some(None));
    };
    Ok(Some(storage.named_content(board, coat.hash.0).await?))
}

/// Those of these contents that the newest publications name.
pub(super) async fn named(
    storage: &dyn Storage,
    board: &str,
    contents: Vec<ContentRef>,
) -> Result<Vec<HeldContent>, StorageError> {
    let mut named = Vec::new();
    for content in contents {
        named.extend(storage.named_content(board, content.hash.0).await?);
    }
    Ok(named)
}

/// A section of the newest publication, an empty one before the first; `None` when its bytes cannot be read.
pub(super) async fn section<T: DeserializeOwned + Default>(
    storage: &dyn Storage,
    blobs: &Blobs,
    board: &str,
    which: fn(&Sections) -> ContentRef,
) -> Result<Option<T>, StorageError> {
    let Some(publication) = storage.publication(board).await? else {
        return Ok(Some(T::default()));
    };
    Ok(read(blobs, board, which(&publication.sections)).await)
}

/// What a published section says; `None` when its bytes cannot be read.
pub(super) async fn read<T: DeserializeOwned>(
    blobs: &Blobs,
    board: &str,
    section: ContentRef,
) -> Option<T> {
    let bytes = blobs.get(section.hash.0).await;
    let read = bytes.map_err(|error| causes(&error));
    read.and_then(|bytes| serde_json::from_slice(&bytes).map_err(|error| causes(&error)))
        .inspect_err(|error| {
            tracing::error!(board, error, "what was published last cannot be read")
        })
        .ok()
}
