//! What a board published last, for files of the town that cannot be read now: a board that was served is not to lose an
//! alert or its office hours because a file is gone when the service starts.

use serde::de::DeserializeOwned;
use vyveska_wire::manifest::{ContentRef, Sections};
use vyveska_wire::section::SettingsSection;

use super::PublishError;
use crate::document::blobs::Blobs;
use crate::error::causes;
use crate::storage::{HeldContent, Storage, StorageError};

/// The coat of arms of the newest publication.
pub(super) async fn coat_of_arms(
    storage: &dyn Storage,
    blobs: &Blobs,
    board: &str,
) -> Result<Option<HeldContent>, PublishError> {
    let settings = section::<SettingsSection>(storage, blobs, board, |all| all.settings).await?;
    let Some(coat) = settings.and_then(|settings| settings.coat_of_arms) else {
        return Ok(None);
    };
    Ok(storage.named_content(board, coat.hash.0).await?)
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

/// A section of the newest publication; `None` before the first, or when its bytes cannot be read.
pub(super) async fn section<T: DeserializeOwned>(
    storage: &dyn Storage,
    blobs: &Blobs,
    board: &str,
    which: fn(&Sections) -> ContentRef,
) -> Result<Option<T>, StorageError> {
    let Some(publication) = storage.publication(board).await? else {
        return Ok(None);
    };
    let bytes = blobs.get(which(&publication.sections).hash.0).await;
    let read = bytes.map_err(|error| causes(&error));
    let read =
        read.and_then(|bytes| serde_json::from_slice(&bytes).map_err(|error| causes(&error)));
    Ok(read
        .inspect_err(|error| {
            tracing::error!(board, error, "what was published last cannot be read")
        })
        .ok())
}
