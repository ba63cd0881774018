//! Whether a database has the tables of this version.

use std::collections::BTreeSet;

use sqlx::migrate::Migrator;

use crate::StorageError;

/// The migrations that a database remembers.
pub(crate) const APPLIED: &str = "SELECT version FROM _sqlx_migrations WHERE success";

/// Compares the migrations of this program with those that were `applied` to a database.
///
/// # Errors
///
/// When they are not the same.
pub(crate) fn check_applied(
    migrator: &Migrator,
    applied: Vec<i64>,
    database: String,
) -> Result<(), StorageError> {
    let known: BTreeSet<i64> = migrator.iter().map(|one| one.version).collect();
    let applied: BTreeSet<i64> = applied.into_iter().collect();
    if !applied.is_subset(&known) {
        Err(StorageError::Newer { database })
    } else if applied != known {
        Err(StorageError::Older { database })
    } else {
        Ok(())
    }
}
