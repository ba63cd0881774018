//! The list.

use vyveska::state::{Sort, TextSize};
use vyveska::ui::view_model::{BoardView, Screen, ViewModel};
use vyveska_board::format::{dates, deadlines};
use vyveska_board::{Language, collation};

use super::samples::{SAMPLES, base, categories, day, long_rows, row};
use super::{Scene, scene};

pub(super) fn scenes() -> Vec<Scene> {
    vec![
        scene("board", |_| board(None, Language::Czech)),
        scene("board-category", |_| {
            board(Some("Prodej a pronájem"), Language::Czech)
        }),
        scene("board-all-categories", |_| choosing()),
        scene("board-all-categories-reach", |_| {
            let mut view_model = choosing();
            view_model.look.reach = true;
            view_model
        }),
        scene("board-by-name", |_| {
            let mut view_model = board(None, Language::Czech);
            view_model.board.sort = Sort::Name;
            let mut rows = view_model.board.rows.to_vec();
            rows.sort_by(|a, b| collation::compare(&a.title, &b.title));
            view_model.board.rows = rows.into();
            view_model
        }),
        scene("board-german-larger", |_| {
            let mut view_model = board(None, Language::German);
            view_model.look.text_size = TextSize::Larger;
            view_model
        }),
        scene("board-large", |_| {
            let mut view_model = board(None, Language::Czech);
            view_model.look.text_size = TextSize::Large;
            view_model
        }),
        scene("board-reach-largest", |_| {
            let mut view_model = board(Some("Prodej a pronájem"), Language::Czech);
            view_model.look.text_size = TextSize::Largest;
            view_model.look.reach = true;
            view_model
        }),
        scene("board-few", |_| {
            let mut view_model = board(None, Language::English);
            view_model.board.categories.truncate(2);
            view_model.board.information = false;
            view_model.board.rows = view_model.board.rows[..2].into();
            view_model
        }),
        scene("board-empty", |_| board_empty()),
        scene("board-empty-information", |_| {
            let mut view_model = board_empty();
            view_model.board.information = true;
            view_model
        }),
        scene("board-empty-category", |_| {
            let mut view_model = board(Some("Prodej a pronájem"), Language::Czech);
            view_model.board.rows = [].into();
            view_model
        }),
        scene("board-long-titles", |_| {
            let mut view_model = base(Screen::Board, Language::Czech);
            view_model.board.rows = long_rows(9).into();
            view_model
        }),
        scene("board-hours", |_| board_hours(Language::Czech)),
        scene("board-hours-german", |_| board_hours(Language::German)),
        scene("board-thousand", |_| board_thousand()),
        scene("board-stale", |_| board_stale(Language::Czech)),
        scene("board-stale-german-largest", |_| {
            board_stale_largest(Language::German)
        }),
        scene("board-stale-english-largest", |_| {
            board_stale_largest(Language::English)
        }),
        scene("board-german", |_| board(None, Language::German)),
    ]
}

fn choosing() -> ViewModel {
    let mut view_model = board(None, Language::Czech);
    view_model.board.choosing = true;
    view_model
}

fn board(chosen: Option<&str>, language: Language) -> ViewModel {
    let mut view_model = base(Screen::Board, language);
    if let Some(chosen) = chosen {
        view_model.board.all_chosen = false;
        view_model.board.categories = categories(Some(chosen), language);
        let rows = view_model.board.rows.iter();
        let chosen = rows.filter(|row| row.category.contains(chosen)).cloned();
        view_model.board.rows = chosen.collect();
    }
    view_model
}

fn board_empty() -> ViewModel {
    let mut view_model = base(Screen::Board, Language::Czech);
    view_model.board = BoardView {
        all_chosen: true,
        ..BoardView::default()
    };
    view_model
}

/// Notices with an end at an hour of another year, posted in a third year, and every other detail of a row.
fn board_hours(language: Language) -> ViewModel {
    let mut view_model = base(Screen::Board, language);
    view_model.board.rows = (0..8)
        .map(|index| {
            let mut row = row(index, &SAMPLES[2], language, false);
            row.is_new = index % 2 == 0;
            if index % 4 < 2 {
                row.deadline = deadlines::deadline(6, "10.00", language);
            }
            if index % 3 == 0 {
                row.posted = dates::full_date(day((2025, 12, 15)), language);
            }
            row
        })
        .collect();
    view_model
}

fn board_thousand() -> ViewModel {
    let mut view_model = base(Screen::Board, Language::Czech);
    view_model.board.total = 1000;
    view_model.board.rows = (0..1000)
        .map(|index| {
            row(
                index,
                &SAMPLES[index % SAMPLES.len()],
                Language::Czech,
                false,
            )
        })
        .collect();
    view_model
}

fn board_stale_largest(language: Language) -> ViewModel {
    let mut view_model = board_stale(language);
    view_model.look.text_size = TextSize::Largest;
    view_model
}

fn board_stale(language: Language) -> ViewModel {
    let mut view_model = base(Screen::Board, language);
    view_model.footer.stale = true;
    let (day, today) = (day((2026, 11, 20)), day((2026, 11, 21)));
    view_model.footer.data_as_of =
        dates::as_of(day.and_hms_opt(9, 15, 0).unwrap(), today, language);
    // At the end of the list, so that it cannot scroll further down.
    view_model.board.scroll = 1_000.0;
    view_model.board.scroll_sequence = 9;
    view_model
}
