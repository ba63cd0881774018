//! Conditions that keep a query within a scope, whose parameter holds [`Scope::parameter`].

use super::Transaction;
use crate::{Scope, StorageError};

/// The sources that are in service, and the names under which the boards that are keep documents of their own.
macro_rules! in_service {
    () => {
        "SELECT source.id FROM source JOIN board ON board.id = board_id \
         WHERE source.enabled AND board.enabled \
         UNION ALL SELECT 'board:' || id FROM board WHERE enabled"
    };
}

/// Whether the scope names the board `its` or its town.
macro_rules! names_it {
    ($scope:tt) => {
        concat!(
            "(('town ' || its.town_id) IN (SELECT value FROM ",
            rows!($scope),
            ") OR ('board ' || its.id) IN (SELECT value FROM ",
            rows!($scope),
            "))"
        )
    };
}

/// Whether a town, whether it has boards or not, is within the scope.
macro_rules! town_within {
    ($town:tt, $scope:tt) => {
        concat!(
            "(",
            $scope,
            " IS NULL OR ('town ' || ",
            $town,
            ") IN (SELECT value FROM ",
            rows!($scope),
            "))"
        )
    };
}

/// Whether a board is within the scope.
macro_rules! board_within {
    ($board:tt, $scope:tt) => {
        concat!(
            "(",
            $scope,
            " IS NULL OR EXISTS (SELECT 1 FROM board AS its WHERE its.id = ",
            $board,
            " AND ",
            names_it!($scope),
            "))"
        )
    };
}

/// The board of a source, or of the name under which it keeps documents of its own.
macro_rules! board_of {
    ($source:tt) => {
        concat!(
            "CASE WHEN substr(",
            $source,
            ", 1, 6) = 'board:' THEN substr(",
            $source,
            ", 7) ELSE (SELECT board_id FROM source AS one WHERE one.id = ",
            $source,
            ") END"
        )
    };
}

/// Whether a source is within the scope, or the name under which a board keeps documents of its own.
macro_rules! source_within {
    ($source:tt, $scope:tt) => {
        concat!(
            "(",
            $scope,
            " IS NULL OR EXISTS (SELECT 1 FROM board AS its WHERE its.id = ",
            board_of!($source),
            " AND ",
            names_it!($scope),
            "))"
        )
    };
}

/// Whether a notice is within the scope.
macro_rules! notice_within {
    ($notice:tt, $scope:tt) => {
        concat!(
            "(",
            $scope,
            " IS NULL OR EXISTS (SELECT 1 FROM notice AS its_notice WHERE its_notice.id = ",
            $notice,
            " AND ",
            source_within!("its_notice.source_id", $scope),
            "))"
        )
    };
}

/// Whether a document of the row `preparation` is within the scope.
macro_rules! prepared_within {
    ($scope:tt) => {
        concat!(
            "(",
            $scope,
            " IS NULL OR EXISTS (SELECT 1 FROM document AS its_document \
             WHERE its_document.hash = preparation.hash AND ",
            source_within!("its_document.source_id", $scope),
            "))"
        )
    };
}

/// Whether the subject of an alarm is within the scope: that of the service is so where the scope has no limit.
macro_rules! alarm_within {
    ($scope:tt) => {
        concat!(
            "CASE subject_type WHEN 'board' THEN ",
            board_within!("subject", $scope),
            " WHEN 'source' THEN ",
            source_within!("subject", $scope),
            " WHEN 'display' THEN ",
            display_within!("subject", $scope),
            " WHEN 'town' THEN ",
            town_within!("subject", $scope),
            " ELSE ",
            $scope,
            " IS NULL END"
        )
    };
}

/// Whether a display is within the scope.
macro_rules! display_within {
    ($display:tt, $scope:tt) => {
        concat!(
            "(",
            $scope,
            " IS NULL OR EXISTS (SELECT 1 FROM display AS its_display WHERE its_display.id = ",
            $display,
            " AND ",
            board_within!("its_display.board_id", $scope),
            "))"
        )
    };
}

/// Finds the board `$1` within the scope `$2`.
pub(super) const BOARD: &str = concat!("SELECT 1 WHERE ", board_within!("$1", "$2"));
pub(super) const SOURCE: &str = concat!("SELECT 1 WHERE ", source_within!("$1", "$2"));
pub(super) const NOTICE: &str = concat!("SELECT 1 WHERE ", notice_within!("$1", "$2"));
pub(super) const DISPLAY: &str = concat!("SELECT 1 WHERE ", display_within!("$1", "$2"));
pub(super) const TOWN: &str = concat!("SELECT 1 WHERE ", town_within!("$1", "$2"));
/// Finds nothing: what belongs to no town is outside of every limited scope.
pub(super) const NOTHING: &str = "SELECT 1 WHERE $1 <> $1 AND $2 IS NULL";

/// Refuses a change that found none of its rows.
pub(super) fn found(rows: u64) -> Result<(), StorageError> {
    (rows > 0).then_some(()).ok_or(StorageError::NotFound)
}

/// Refuses what one of the queries above does not find.
pub(super) async fn must_find(
    query: &'static str,
    id: &str,
    scope: &Scope,
    transaction: &mut Transaction,
) -> Result<(), StorageError> {
    if scope.is_limited() {
        let found = sqlx::query(query)
            .bind(id)
            .bind(scope.parameter())
            .fetch_optional(&mut **transaction)
            .await?;
        found.ok_or(StorageError::NotFound)?;
    }
    Ok(())
}
