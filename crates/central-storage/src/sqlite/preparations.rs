//! Results of preparing documents.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use vyveska_board::DocumentHash;
use vyveska_wire::manifest::{ContentHash, ContentRef};

use super::documents::content_of;
use super::{SqliteStorage, hash, size};
use crate::{
    Preparation, PreparationRepository, PreparationResult, PreparationStage, PreparationTask,
    StorageError,
};

/// How often a claim is tried when others take the same documents.
const ATTEMPTS: u32 = 10;

#[async_trait]
impl PreparationRepository for SqliteStorage {
    async fn claim_preparation(
        &self,
        stage: PreparationStage,
        method: u32,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Option<PreparationTask>, StorageError> {
        let waiting = match stage {
            PreparationStage::Text => "coalesce(preparation.method, 0) < ?",
            PreparationStage::Recognition => "preparation.recognise = 1 AND preparation.method = ?",
        };
        let find = format!(
            "SELECT document.hash, document.size_bytes, document.media_type FROM document \
             LEFT JOIN preparation ON preparation.hash = document.hash \
             WHERE wanted = 1 AND document.hash IS NOT NULL AND {waiting} \
             AND (claimed_until IS NULL OR claimed_until <= ?) \
             ORDER BY document.size_bytes, document.hash LIMIT 1"
        );
        for _ in 0..ATTEMPTS {
            // Usually none waits, and this query takes no write lock.
            let row = sqlx::query(sqlx::AssertSqlSafe(find.as_str()))
                .bind(method)
                .bind(now)
                .fetch_optional(&self.pool)
                .await?;
            let Some(content) = row.as_ref().map(content_of).transpose()?.flatten() else {
                return Ok(None);
            };
            let attempts: Option<u32> = sqlx::query_scalar(
                "INSERT INTO preparation (hash, attempts, claimed_until) VALUES (?, 1, ?) \
                 ON CONFLICT (hash) DO UPDATE SET attempts = attempts + 1, \
                 claimed_until = excluded.claimed_until \
                 WHERE claimed_until IS NULL OR claimed_until <= ? RETURNING attempts",
            )
            .bind(content.hash.to_string())
            .bind(until)
            .bind(now)
            .fetch_optional(&self.pool)
            .await?;
            if let Some(attempts) = attempts {
                return Ok(Some(PreparationTask { content, attempts }));
            }
        }
        Ok(None)
    }

    async fn renew_claim(
        &self,
        document: DocumentHash,
        attempts: u32,
        until: DateTime<Utc>,
    ) -> Result<(), StorageError> {
        sqlx::query("UPDATE preparation SET attempts = ?, claimed_until = ? WHERE hash = ?")
            .bind(attempts)
            .bind(until)
            .bind(document.to_string())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    async fn record_preparation(
        &self,
        task: &PreparationTask,
        method: u32,
        result: &PreparationResult,
        now: DateTime<Utc>,
    ) -> Result<BTreeSet<String>, StorageError> {
        let document = task.content.hash.to_string();
        let mut transaction = self.writing().await?;
        let before = sqlx::query("SELECT * FROM preparation WHERE hash = ?")
            .bind(&document)
            .fetch_optional(&mut *transaction)
            .await?;
        let before = before.as_ref().map(preparation_of).transpose()?;
        let query = match result {
            PreparationResult::Made {
                pages,
                text,
                recognise,
            } => sqlx::query(
                "UPDATE preparation SET pages = ?, text_hash = ?, text_size_bytes = ?, \
                 recognise = ?, error = NULL, method = ?, prepared_at = ?, attempts = 0, \
                 claimed_until = NULL WHERE hash = ?",
            )
            .bind(pages)
            .bind(text.map(|text| text.hash.to_string()))
            .bind(text.map(|text| size(text.size_bytes)))
            .bind(recognise),
            PreparationResult::Failed { error } => sqlx::query(
                "UPDATE preparation SET recognise = 0, error = ?, method = ?, prepared_at = ?, \
                 attempts = 0, claimed_until = NULL WHERE hash = ?",
            )
            .bind(error),
        };
        query
            .bind(method)
            .bind(now)
            .bind(&document)
            .execute(&mut *transaction)
            .await?;
        let after = match result {
            PreparationResult::Made { pages, text, .. } => Some(Preparation {
                pages: Some(*pages),
                text: *text,
            }),
            PreparationResult::Failed { .. } => before,
        };
        let mut sources = BTreeSet::new();
        if after != before {
            let names: Vec<String> = sqlx::query_scalar(
                "SELECT DISTINCT source_id FROM document WHERE hash = ? AND wanted = 1",
            )
            .bind(&document)
            .fetch_all(&mut *transaction)
            .await?;
            sources.extend(names);
        }
        transaction.commit().await?;
        Ok(sources)
    }

    async fn preparations(
        &self,
        source: &str,
    ) -> Result<BTreeMap<DocumentHash, Preparation>, StorageError> {
        let rows = sqlx::query(
            "SELECT DISTINCT preparation.hash, pages, text_hash, text_size_bytes FROM preparation \
             JOIN document ON document.hash = preparation.hash WHERE source_id = ?",
        )
        .bind(source)
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| {
                let document = hash("preparation.hash", row.try_get("hash")?)?;
                Ok((document, preparation_of(row)?))
            })
            .collect()
    }
}

fn preparation_of(row: &SqliteRow) -> Result<Preparation, StorageError> {
    let size_bytes: Option<i64> = row.try_get("text_size_bytes")?;
    let text = match row.try_get::<Option<&str>, _>("text_hash")? {
        Some(text) => Some(ContentRef {
            hash: ContentHash(hash("preparation.text_hash", text)?),
            size_bytes: u64::try_from(size_bytes.unwrap_or_default()).unwrap_or_default(),
        }),
        None => None,
    };
    Ok(Preparation {
        pages: row.try_get("pages")?,
        text,
    })
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::{DocumentRepository, DocumentResult, DocumentTask, HeldContent};

    const TEXT: PreparationStage = PreparationStage::Text;
    const RECOGNITION: PreparationStage = PreparationStage::Recognition;

    /// A database in which two towns want the same document, and one another.
    struct World {
        storage: SqliteStorage,
        now: DateTime<Utc>,
        _folder: tempfile::TempDir,
    }

    impl World {
        async fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("central.sqlite");
            let world = Self {
                storage: SqliteStorage::open(&path).await.unwrap(),
                now: "2026-11-21T12:00:00Z".parse().unwrap(),
                _folder: folder,
            };
            world.hold("lipnice", "a.pdf", b"shared").await;
            world.hold("rolava", "b.pdf", b"shared").await;
            world.hold("rolava", "c.pdf", b"its own, and longer").await;
            world
        }

        async fn hold(&self, source: &str, name: &str, bytes: &[u8]) {
            let url = url::Url::parse(&format!("https://{source}.example/{name}")).unwrap();
            let mut wanted: BTreeSet<url::Url> = self
                .storage
                .contents(source)
                .await
                .unwrap()
                .keys()
                .map(|url| url.parse().unwrap())
                .collect();
            wanted.insert(url.clone());
            self.storage.want(source, &wanted, self.now).await.unwrap();
            let task = DocumentTask {
                source: source.to_owned(),
                url,
                held: None,
                etag: None,
                last_modified: None,
                failures: 0,
            };
            let named = ContentRef::to(bytes);
            let result = DocumentResult::Content {
                content: HeldContent {
                    hash: named.hash,
                    size_bytes: named.size_bytes,
                    media_type: None,
                },
                etag: None,
                last_modified: None,
            };
            let record = self.storage.record(&task, &result, self.now, self.now);
            record.await.unwrap();
        }

        async fn claim(&self, stage: PreparationStage, method: u32) -> Option<PreparationTask> {
            let until = self.now + TimeDelta::minutes(5);
            let claimed = self
                .storage
                .claim_preparation(stage, method, self.now, until);
            claimed.await.unwrap()
        }

        async fn record(
            &self,
            task: &PreparationTask,
            method: u32,
            result: PreparationResult,
        ) -> BTreeSet<String> {
            let recorded = self
                .storage
                .record_preparation(task, method, &result, self.now);
            recorded.await.unwrap()
        }
    }

    fn made(text: Option<&[u8]>, recognise: bool) -> PreparationResult {
        PreparationResult::Made {
            pages: 2,
            text: text.map(ContentRef::to),
            recognise,
        }
    }

    fn towns(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[tokio::test]
    async fn a_document_is_claimed_by_one_until_the_claim_expires() {
        let mut world = World::new().await;
        let first = world.claim(TEXT, 1).await.unwrap();
        assert_eq!(first.content.hash, ContentRef::to(b"shared").hash);
        let second = world.claim(TEXT, 1).await.unwrap();
        assert_ne!(second.content.hash, first.content.hash);
        assert_eq!(world.claim(TEXT, 1).await, None);

        world.now += TimeDelta::minutes(6);
        let again = world.claim(TEXT, 1).await.unwrap();
        assert_eq!((again.content, again.attempts), (first.content.clone(), 2));
        let keep = world
            .storage
            .renew_claim(first.content.hash.0, 0, world.now);
        keep.await.unwrap();
        let given_back = world.claim(TEXT, 1).await.unwrap();
        assert_eq!(
            (given_back.content, given_back.attempts),
            (first.content, 1)
        );
    }

    #[tokio::test]
    async fn what_was_made_is_told_to_every_town_that_has_the_document() {
        let world = World::new().await;
        let task = world.claim(TEXT, 1).await.unwrap();
        let sources = world.record(&task, 1, made(Some(b"text"), true)).await;
        assert_eq!(sources, towns(&["lipnice", "rolava"]));
        for source in ["lipnice", "rolava"] {
            let found = world.storage.preparations(source).await.unwrap();
            let expected = Preparation {
                pages: Some(2),
                text: Some(ContentRef::to(b"text")),
            };
            assert_eq!(found.get(&task.content.hash.0), Some(&expected));
        }
        let recognised = world.claim(RECOGNITION, 1).await.unwrap();
        assert_eq!(recognised.content, task.content);
        let sources = world
            .record(&recognised, 1, made(Some(b"text"), false))
            .await;
        assert_eq!(sources, towns(&[]), "nothing new came of it");
        assert_eq!(world.claim(RECOGNITION, 1).await, None);
    }

    #[tokio::test]
    async fn what_failed_is_tried_again_by_a_newer_version_and_leaves_what_was_made_before() {
        let world = World::new().await;
        let task = world.claim(TEXT, 1).await.unwrap();
        world.record(&task, 1, made(Some(b"text"), false)).await;
        let other = world.claim(TEXT, 1).await.unwrap();
        let failed = || PreparationResult::Failed {
            error: "damaged".to_owned(),
        };
        assert_eq!(world.record(&other, 1, failed()).await, towns(&[]));
        assert_eq!(world.claim(TEXT, 1).await, None);

        let anew = world.claim(TEXT, 2).await.unwrap();
        assert_eq!((&anew.content, anew.attempts), (&task.content, 1));
        assert_eq!(world.record(&anew, 2, failed()).await, towns(&[]));
        let kept = world.storage.preparations("lipnice").await.unwrap();
        assert!(kept[&task.content.hash.0].text.is_some());
        assert!(world.claim(TEXT, 2).await.is_some());
    }

    #[tokio::test]
    async fn documents_that_are_no_longer_wanted_are_not_prepared() {
        let world = World::new().await;
        for source in ["lipnice", "rolava"] {
            let nothing = BTreeSet::new();
            let want = world.storage.want(source, &nothing, world.now);
            want.await.unwrap();
        }
        assert_eq!(world.claim(TEXT, 1).await, None);
    }

    #[tokio::test]
    async fn documents_that_are_due_by_a_clock_ahead_are_due_once_it_is_mended() {
        let world = World::new().await;
        let mended = world.now - TimeDelta::days(365);
        let due = async |latest| world.storage.due(mended, latest, 10).await.unwrap().len();
        assert_eq!(due(mended + TimeDelta::days(1)).await, 3);
        assert_eq!(due(world.now).await, 0);
    }

    #[tokio::test]
    async fn documents_that_are_handed_over_are_prepared_and_never_fetched() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("central.sqlite");
        let world = World {
            storage: SqliteStorage::open(&path).await.unwrap(),
            now: "2026-11-21T12:00:00Z".parse().unwrap(),
            _folder: folder,
        };
        let plan = ContentRef::to(b"a plan");
        let plan = HeldContent {
            hash: plan.hash,
            size_bytes: plan.size_bytes,
            media_type: Some("application/pdf".to_owned()),
        };
        let register_documents = async |documents: &[HeldContent]| {
            let done = world
                .storage
                .register_documents("board:lipnice", documents, world.now);
            done.await.unwrap();
        };
        register_documents(&[plan.clone(), plan.clone()]).await;
        let later = world.now + TimeDelta::days(36_500);
        assert_eq!(world.storage.due(later, later, 10).await.unwrap(), []);

        let task = world.claim(TEXT, 1).await.unwrap();
        assert_eq!(task.content, plan);
        let sources = world.record(&task, 1, made(Some(b"text"), false)).await;
        assert_eq!(sources, towns(&["board:lipnice"]));
        let found = world.storage.preparations("board:lipnice").await.unwrap();
        assert_eq!(found[&plan.hash.0].pages, Some(2));

        // Registering again loses nothing; a document left out is no longer the board's.
        register_documents(std::slice::from_ref(&plan)).await;
        let kept = world.storage.preparations("board:lipnice").await.unwrap();
        assert_eq!(kept, found);
        register_documents(&[]).await;
        let none = world.storage.preparations("board:lipnice").await.unwrap();
        assert!(none.is_empty());
    }
}
