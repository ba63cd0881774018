//! The list of a notice's documents: every row is as high as its name needs.
//!
//! Documents are distinguished by name, so names take up to three lines and are not cut after the first;
//! the markup reports the room there is, and the positions of rows are computed here.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use slint::{ComponentHandle, Weak};

use super::model;
use crate::ui::fitting;
use crate::ui::markup::{self, AppWindow, DocumentRow};

/// How many lines a name may take.
const MOST_LINES: u16 = 3;

/// How bold names are set.
const WEIGHT: i32 = 600;

/// The documents as they were shown last, and the room they have.
#[derive(Clone, Default)]
pub(super) struct Documents {
    rows: Rc<RefCell<Vec<DocumentRow>>>,
    chosen: Rc<Cell<usize>>,
    room: Rc<Cell<Room>>,
}

/// The room for a name in the list.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Room {
    width: f32,
    /// How large names are set, and how high a line of them is.
    size: f32,
    line: f32,
    /// What a row has beside the lines of its name.
    rest: f32,
}

impl Documents {
    /// Takes the space the markup reports.
    pub(super) fn connect(&self, window: &AppWindow) {
        let adapter = window.global::<markup::NoticeAdapter<'_>>();
        let (documents, window): (Self, Weak<AppWindow>) = (self.clone(), window.as_weak());
        adapter.on_list_resized(move |width, size, line, rest| {
            let room = Room {
                width,
                size,
                line,
                rest,
            };
            if documents.room.replace(room) != room
                && let Some(window) = window.upgrade()
            {
                documents.place(&window.global::<markup::NoticeAdapter<'_>>());
            }
        });
    }

    /// Sets the documents or the chosen one.
    pub(super) fn show(
        &self,
        adapter: &markup::NoticeAdapter<'_>,
        rows: Vec<DocumentRow>,
        chosen: usize,
    ) {
        self.rows.replace(rows);
        self.chosen.set(chosen);
        self.place(adapter);
    }

    fn place(&self, adapter: &markup::NoticeAdapter<'_>) {
        let mut rows = self.rows.borrow().clone();
        let height = place(&mut rows, self.room.get());
        let before_chosen = self.chosen.get().saturating_sub(1);
        adapter.set_documents_start(rows.get(before_chosen).map_or(0.0, |row| row.y));
        adapter.set_documents_height(height);
        adapter.set_documents(model(rows));
    }
}

/// Stacks the rows; returns their total height.
fn place(rows: &mut [DocumentRow], room: Room) -> f32 {
    let mut y = 0.0;
    for row in rows {
        let lines = fitting::lines_of(&row.title, WEIGHT, room.size, room.width, MOST_LINES);
        row.lines = i32::from(lines);
        row.y = y;
        row.height = f32::from(lines) * room.line + room.rest;
        y += row.height;
    }
    y
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(title: &str) -> DocumentRow {
        DocumentRow {
            title: title.into(),
            ..DocumentRow::default()
        }
    }

    #[test]
    fn a_row_is_as_high_as_its_name_needs() {
        let mut rows = [
            row("Hluková studie"),
            row("Dokladová část: vyjádření správců sítí v dotčeném území"),
            row(""),
            row(&"Dokladová část: vyjádření správců sítí ".repeat(9)),
        ];
        let room = Room {
            width: 700.0,
            size: 34.0,
            line: 39.0,
            rest: 77.0,
        };
        let height = place(&mut rows, room);
        assert_eq!(rows.each_ref().map(|row| row.lines), [1, 2, 1, 3]);
        assert_eq!(rows[1].y, 39.0 + 77.0);
        assert_eq!(rows[2].y, rows[1].y + 2.0 * 39.0 + 77.0);
        assert_eq!(height, rows[3].y + 3.0 * 39.0 + 77.0);
    }
}
