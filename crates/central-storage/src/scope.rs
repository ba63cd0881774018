//! Whose rows a caller sees and changes.

use crate::RegisteredDisplay;
use crate::stored::to_json;

/// The towns whose rows a [`Storage`] finds; every query is kept within it.
///
/// It is made of an identity alone. That of the service itself, every town, comes with the database it opens, and
/// nobody else can make it:
///
/// ```compile_fail,E0451
/// let every_town = vyveska_central_storage::Scope { names: None };
/// ```
///
/// ```compile_fail,E0624
/// let every_town = vyveska_central_storage::Scope::of_service();
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

    /// Of a job that works for these towns.
    pub fn of_job(towns: &[&str]) -> Self {
        Self::naming(towns.iter().map(|town| format!("town {town}")).collect())
    }

    /// Of whoever asks for a board by its public address: that board.
    pub fn of_board(board: &str) -> Self {
        Self::naming(vec![format!("board {board}")])
    }

    /// Of a display: its board.
    pub fn of_display(display: &RegisteredDisplay) -> Self {
        Self::of_board(&display.board)
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
