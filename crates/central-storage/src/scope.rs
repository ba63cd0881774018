//! Whose rows a caller sees and changes.

use crate::stored::to_json;
use crate::{LeasedJob, RegisteredDisplay, Role, SignedIn};

/// The towns whose rows a [`Storage`] finds; every query is kept within it.
///
/// It is made of an identity alone: a job that was leased, a display that was let in, an account that has signed in, or
/// the board that an address names. That of the service itself, every town, comes with the database it opens, and nobody else can make it:
///
/// ```compile_fail,E0451
/// let every_town = vyveska_central_storage::Scope { names: None };
/// ```
///
/// ```compile_fail,E0624
/// let every_town = vyveska_central_storage::Scope::of_service();
/// ```
///
/// A job is of the town that it was leased with:
///
/// ```compile_fail,E0616
/// fn of_another_town(job: &mut vyveska_central_storage::LeasedJob) {
///     job.town = Some("rolava".to_owned());
/// }
/// ```
///
/// [`Storage`]: crate::Storage
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// Towns and boards, in JSON; `None` is every town.
    names: Option<String>,
}

impl Scope {
    /// Of the service itself: every town.
    pub(crate) const fn of_service() -> Self {
        Self { names: None }
    }

    /// Of a job: the town that it works for. With one of no town nothing is found.
    pub fn of_job(job: &LeasedJob) -> Self {
        let town = job.town().map(|town| format!("town {town}"));
        Self::naming(town.into_iter().collect())
    }

    /// Of whoever asks for a board by its public address: that board.
    pub fn of_board(board: &str) -> Self {
        Self::naming(vec![format!("board {board}")])
    }

    /// Of a display: its board.
    pub fn of_display(display: &RegisteredDisplay) -> Self {
        Self::of_board(&display.board)
    }

    /// Of whoever has signed in: the towns where it has a role that `is_meant`; every town where that is one of the union.
    pub fn of_account(account: &SignedIn, is_meant: impl Fn(Role) -> bool) -> Self {
        let grants = account.grants().iter();
        let towns = grants.filter(|grant| is_meant(grant.role()));
        let towns: Option<Vec<String>> = towns
            .map(|grant| grant.town().map(|town| format!("town {town}")))
            .collect();
        towns.map_or_else(Self::of_service, Self::naming)
    }

    fn naming(names: Vec<String>) -> Self {
        let names = Some(to_json(&names));
        Self { names }
    }

    pub(crate) const fn is_limited(&self) -> bool {
        self.names.is_some()
    }

    /// As the conditions of `src/sql/scope.rs` read it.
    pub(crate) fn parameter(&self) -> Option<&str> {
        self.names.as_deref()
    }
}
