//! Serves `ui/pages/board_page.slint`: the list and its categories.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use slint::{ComponentHandle, Model, ModelRc, VecModel};
use vyveska_board::NoticeId;

use super::chips::{Chip, ChipKind, arrange};
use super::generated::{self, AppWindow, CategoryChip, NoticeRow};
use super::view_model::{BoardView, CategoryView, RowView, Screen, ViewModel};
use crate::state::{Event, Intent};

/// What was drawn last.
pub(super) struct BoardAdapter {
    rows: Rc<VecModel<NoticeRow>>,
    rows_shown: Arc<[RowView]>,
    chips: Rc<RefCell<Chips>>,
}

/// What the arrangement of the categories depends on.
#[derive(Default)]
struct Chips {
    total: u32,
    all_chosen: bool,
    categories: Vec<CategoryView>,
    available: f32,
    expanded: bool,
}

impl BoardAdapter {
    pub(super) fn new(window: &AppWindow) -> Self {
        let rows = Rc::new(VecModel::default());
        let adapter = window.global::<generated::BoardAdapter<'_>>();
        adapter.set_rows(ModelRc::from(rows.clone()));
        adapter.set_shown(0);
        let chips = Rc::new(RefCell::new(Chips::default()));

        let (weak, shared) = (window.as_weak(), chips.clone());
        adapter.on_chips_width_changed(move |width| {
            if width > 0.0 && shared.borrow().available != width {
                shared.borrow_mut().available = width;
                weak.upgrade()
                    .inspect(|window| shared.borrow().place(window));
            }
        });
        let (weak, shared) = (window.as_weak(), chips.clone());
        adapter.on_expand(move |expanded| {
            shared.borrow_mut().expanded = expanded;
            weak.upgrade()
                .inspect(|window| shared.borrow().place(window));
        });
        Self {
            rows,
            rows_shown: Arc::default(),
            chips,
        }
    }

    pub(super) fn connect(&self, window: &AppWindow, on_event: impl Fn(Event) + Clone + 'static) {
        let adapter = window.global::<generated::BoardAdapter<'_>>();
        let send = on_event.clone();
        adapter.on_choose_all(move || send(Event::Intent(Intent::ChooseCategory(None))));
        let (send, chips, weak) = (on_event.clone(), self.chips.clone(), window.as_weak());
        adapter.on_choose_category(move |name| {
            chips.borrow_mut().expanded = false;
            weak.upgrade()
                .inspect(|window| chips.borrow().place(window));
            send(Event::Intent(Intent::ChooseCategory(Some(name.into()))));
        });
        let send = on_event.clone();
        adapter.on_scrolled(move |offset| send(Event::Intent(Intent::ListScrolled(offset))));
        adapter.on_open_notice(move |id| {
            on_event(Event::Intent(Intent::OpenNotice(NoticeId::new(
                id.as_str(),
            ))));
        });
    }

    pub(super) fn render(
        &mut self,
        window: &AppWindow,
        view_model: &ViewModel,
        words_or_sizes: bool,
    ) {
        let view = &view_model.board;
        let adapter = window.global::<generated::BoardAdapter<'_>>();
        self.render_rows(&view.rows);
        adapter.set_shown(view.rows.len().try_into().unwrap_or(i32::MAX));
        let open = match (&view_model.notice, view_model.screen) {
            (Some(notice), Screen::Notice) => notice.row.id.as_str(),
            _ => "",
        };
        adapter.set_open_id(open.into());
        let idle = matches!(view_model.screen, Screen::Idle | Screen::Waiting);
        if self.chips.borrow_mut().update(view, idle) || words_or_sizes {
            let chosen = view.categories.iter().find(|category| category.chosen);
            let name = chosen.map_or("", |category| category.name.as_str());
            adapter.set_chosen_category(name.into());
            self.chips.borrow().place(window);
        }
        adapter.set_scroll(view.scroll);
        adapter.set_scroll_sequence(view.scroll_sequence.cast_signed());
    }

    fn render_rows(&mut self, rows: &Arc<[RowView]>) {
        if Arc::ptr_eq(&self.rows_shown, rows) {
            return;
        }
        if self.rows_shown.len() == rows.len() {
            let changed = rows.iter().zip(&*self.rows_shown).enumerate();
            for (index, (row, _)) in changed.filter(|(_, (row, shown))| row != shown) {
                self.rows.set_row_data(index, row.into());
            }
        } else {
            let rows: Vec<NoticeRow> = rows.iter().map(NoticeRow::from).collect();
            self.rows.set_vec(rows);
        }
        self.rows_shown = rows.clone();
    }
}

impl Chips {
    /// Takes over what the view model says; says whether anything is different.
    fn update(&mut self, view: &BoardView, idle: bool) -> bool {
        let expanded = self.expanded && !idle;
        let changed = self.total != view.total
            || self.all_chosen != view.all_chosen
            || self.categories != view.categories
            || self.expanded != expanded;
        if changed {
            self.total = view.total;
            self.all_chosen = view.all_chosen;
            self.categories.clone_from(&view.categories);
            self.expanded = expanded;
        }
        changed
    }

    /// Arranges the categories anew and draws them.
    fn place(&self, window: &AppWindow) {
        if self.available <= 0.0 {
            return;
        }
        let spacing = window.global::<generated::Spacing<'_>>();
        let (gap, height) = (spacing.get_s(), spacing.get_touch());
        let measure = |chip: &Chip| {
            window.invoke_chip_width(
                chip.kind.into(),
                chip.name.as_str().into(),
                chip.count.as_str().into(),
            )
        };
        let arranged = arrange(
            self.total,
            self.all_chosen,
            &self.categories,
            self.expanded,
            self.available,
            gap,
            measure,
        );
        let lines = arranged.last().map_or(0, |placed| placed.line + 1);
        let step = height + gap;
        let chips: Vec<CategoryChip> = arranged
            .into_iter()
            .map(|placed| CategoryChip {
                kind: placed.chip.kind.into(),
                name: placed.chip.name.into(),
                count: placed.chip.count.into(),
                chosen: placed.chip.chosen,
                x: placed.x,
                y: f32::from(placed.line) * step,
                width: placed.width,
            })
            .collect();
        let adapter = window.global::<generated::BoardAdapter<'_>>();
        adapter.set_chips_height((f32::from(lines) * step - gap).max(0.0));
        let shown = adapter.get_chips();
        if shown.row_count() != chips.len() || shown.iter().ne(chips.iter().cloned()) {
            adapter.set_chips(ModelRc::from(Rc::new(VecModel::from(chips))));
        }
    }
}

impl From<ChipKind> for generated::ChipKind {
    fn from(kind: ChipKind) -> Self {
        match kind {
            ChipKind::All => Self::All,
            ChipKind::Category => Self::Category,
            ChipKind::More => Self::More,
            ChipKind::Fewer => Self::Fewer,
        }
    }
}
