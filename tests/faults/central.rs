//! Bad sectors under the documents and sections that the central service keeps.

use futures_util::TryStreamExt as _;
use vyveska_central::document::BlobError;
use vyveska_central::document::blobs::Blobs;

use crate::filesystem::Disk;

#[tokio::test]
async fn a_sector_that_goes_bad_after_a_file_was_verified_is_found_and_set_aside() {
    let disk = Disk::mount();
    let blobs = Blobs::in_folder(disk.path()).unwrap();
    let bytes = vec![7; 300_000];
    let size = bytes.len() as u64;
    let hash = blobs.put(bytes.clone()).await.unwrap();
    let read = async || {
        let pieces = blobs.stream(hash, 0..size).await?;
        let pieces: Vec<_> = pieces.try_collect().await?;
        Ok::<_, BlobError>(pieces.concat())
    };
    assert_eq!(read().await.unwrap(), bytes);
    let files = disk.files();
    let file = files.iter().find(|file| file.ends_with(hash.to_string()));
    disk.damage(file.unwrap());
    // It was known to be intact, so this answer breaks off; the next one does not begin.
    assert!(matches!(read().await, Err(BlobError::Store(_))));
    assert!(matches!(read().await, Err(BlobError::Damaged(_))));
    assert_eq!(blobs.take_damaged(), [hash].into());
    blobs.put(bytes.clone()).await.unwrap();
    assert_eq!(read().await.unwrap(), bytes);
}
