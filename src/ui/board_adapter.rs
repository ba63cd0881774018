//! Serves `ui/pages/board_page.slint`: the list, its categories and its order.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use slint::{ComponentHandle, Model, ModelNotify, ModelRc, ModelTracker, VecModel};
use vyveska_board::NoticeId;

use super::chips::{Chip, ChipKind, Choice, PlacedChip, Room, arrange, arrange_others, lines};
use super::markup::{self, AppWindow, CategoryChip, NoticeRow};
use super::view_model::{BoardView, CategoryView, RowView, Screen, ViewModel};
use crate::state::{Event, InformationIntent, Intent, Sort};

pub(super) struct BoardAdapter {
    rows: Rc<Rows>,
    chips: Rc<RefCell<Chips>>,
}

/// The rows of the list. A row is converted for the markup only when it comes into view, so that a board of thousands
/// of notices changes its language at once.
#[derive(Default)]
struct Rows {
    rows: RefCell<Arc<[RowView]>>,
    notify: ModelNotify,
}

impl Model for Rows {
    type Data = NoticeRow;

    fn row_count(&self) -> usize {
        self.rows.borrow().len()
    }

    fn row_data(&self, row: usize) -> Option<NoticeRow> {
        self.rows.borrow().get(row).map(NoticeRow::from)
    }

    fn model_tracker(&self) -> &dyn ModelTracker {
        &self.notify
    }
}

impl Rows {
    /// Replaces the rows, and notifies the markup only of those that differ.
    fn show(&self, rows: &Arc<[RowView]>) {
        if Arc::ptr_eq(&self.rows.borrow(), rows) {
            return;
        }
        let shown = self.rows.replace(Arc::clone(rows));
        if shown.len() != rows.len() {
            self.notify.reset();
            return;
        }
        for (index, _) in shown
            .iter()
            .zip(&**rows)
            .enumerate()
            .filter(|(_, (shown, row))| shown != row)
        {
            self.notify.row_changed(index);
        }
    }
}

/// The inputs of the chips' layout.
#[derive(Default)]
struct Chips {
    total: u32,
    all_chosen: bool,
    categories: Vec<CategoryView>,
    information: bool,
    expanded: bool,
    room: ChipsRoom,
}

/// The space the markup has for chips.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct ChipsRoom {
    width: f32,
    lines: u16,
    all_width: f32,
    /// Whether what else there is to choose stands behind „Další…".
    more_behind: bool,
}

impl BoardAdapter {
    pub(super) fn new(window: &AppWindow) -> Self {
        let rows = Rc::new(Rows::default());
        let adapter = window.global::<markup::BoardAdapter<'_>>();
        adapter.set_rows(ModelRc::from(rows.clone()));
        adapter.set_shown(0);
        let chips = Rc::new(RefCell::new(Chips::default()));

        let (weak, shared) = (window.as_weak(), chips.clone());
        adapter.on_chips_resized(move |width, lines, all_width, more_behind| {
            let room = ChipsRoom {
                width,
                lines: lines.try_into().unwrap_or(1),
                all_width,
                more_behind,
            };
            if width > 0.0 && shared.borrow().room != room {
                shared.borrow_mut().room = room;
                weak.upgrade()
                    .inspect(|window| shared.borrow().place(window));
            }
        });
        Self { rows, chips }
    }

    pub(super) fn render(
        &mut self,
        window: &AppWindow,
        view_model: &ViewModel,
        words_or_sizes: bool,
    ) {
        let view = &view_model.board;
        let adapter = window.global::<markup::BoardAdapter<'_>>();
        self.rows.show(&view.rows);
        adapter.set_shown(view.rows.len().try_into().unwrap_or(i32::MAX));
        adapter.set_sort(view.sort.into());
        adapter.set_information(view.information);
        let open = match (&view_model.notice, view_model.screen) {
            (Some(notice), Screen::Notice) => notice.row.id.as_str(),
            _ => "",
        };
        adapter.set_open_id(open.into());
        if self.chips.borrow_mut().update(view) || words_or_sizes {
            let chosen = view.categories.iter().find(|category| category.chosen);
            let name = chosen.map_or("", |category| category.name.as_str());
            adapter.set_chosen_category(name.into());
            self.chips.borrow().place(window);
        }
        adapter.set_scroll(view.scroll);
        adapter.set_scroll_sequence(view.scroll_sequence.cast_signed());
    }
}

pub(super) fn connect(window: &AppWindow, on_event: impl Fn(Event) + Clone + 'static) {
    let adapter = window.global::<markup::BoardAdapter<'_>>();
    let send = on_event.clone();
    adapter.on_expand(move |expanded| send(Event::Intent(Intent::ShowChoices(expanded))));
    let send = on_event.clone();
    adapter.on_choose_all(move || {
        send(Event::Intent(Intent::ChooseCategory(None)));
    });
    let send = on_event.clone();
    adapter.on_choose_category(move |key| {
        send(Event::Intent(Intent::ChooseCategory(Some(key.into()))));
    });
    let send = on_event.clone();
    adapter.on_choose_sort(move |sort| {
        send(Event::Intent(Intent::ChooseSort(sort.into())));
    });
    let send = on_event.clone();
    adapter.on_show_information(move || {
        send(Event::Intent(Intent::Information(InformationIntent::Show)));
    });
    let send = on_event.clone();
    adapter.on_scrolled(move |place| send(Event::Intent(Intent::ListScrolled(place))));
    adapter.on_open_notice(move |id| {
        on_event(Event::Intent(Intent::OpenNotice(NoticeId::new(
            id.as_str(),
        ))));
    });
}

impl Chips {
    /// Takes the view model's values; returns whether any differs.
    fn update(&mut self, view: &BoardView) -> bool {
        let changed = self.total != view.total
            || self.all_chosen != view.all_chosen
            || self.categories != view.categories
            || self.information != view.information
            || self.expanded != view.choosing;
        if changed {
            self.total = view.total;
            self.all_chosen = view.all_chosen;
            self.categories.clone_from(&view.categories);
            self.information = view.information;
            self.expanded = view.choosing;
        }
        changed
    }

    /// Lays the chips out again and sets them.
    fn place(&self, window: &AppWindow) {
        if self.room.width <= 0.0 {
            return;
        }
        let spacing = window.global::<markup::Spacing<'_>>();
        let (gap, height) = (spacing.get_s(), spacing.get_touch());
        let width = |kind: ChipKind, chip: &Chip| {
            let (name, count) = (chip.name.as_str().into(), chip.count.as_str().into());
            window.invoke_chip_width(kind.into(), name, count)
        };
        let measure = |chip: &Chip| match chip.kind {
            // Equally wide, so that nothing moves when one takes the place of the other.
            ChipKind::More | ChipKind::Fewer => {
                width(ChipKind::Fewer, chip).max(width(ChipKind::More, chip))
            }
            kind => width(kind, chip),
        };
        let choice = Choice {
            total: self.total,
            all_chosen: self.all_chosen,
            categories: &self.categories,
            expanded: self.expanded,
            more_behind: self.room.more_behind,
            information: self.information && !self.room.more_behind,
        };
        let room = Room {
            available: self.room.width,
            gap,
            lines: self.room.lines,
        };
        let adapter = window.global::<markup::BoardAdapter<'_>>();
        let step = height + gap;
        let high = |placed: &[PlacedChip]| (f32::from(lines(placed)) * step - gap).max(0.0);

        let above = arrange(&choice, room, measure);
        adapter.set_chips_height(high(&above));
        if let Some(chips) = if_different(&adapter.get_chips(), &above, step) {
            adapter.set_chips(chips);
        }
        let is_above = above
            .iter()
            .any(|placed| placed.chip.kind == ChipKind::Information);
        adapter.set_information_behind(self.information && !is_above);
        // The others only while they are visible: boards have up to sixty.
        if self.expanded {
            let room = Room {
                available: self.room.all_width,
                ..room
            };
            let others = arrange_others(&self.categories, &above, room, measure);
            adapter.set_other_chips_height(high(&others));
            if let Some(chips) = if_different(&adapter.get_other_chips(), &others, step) {
                adapter.set_other_chips(chips);
            }
        }
        adapter.set_expanded(self.expanded);
    }
}

/// The chips for the markup, when they differ from what it shows.
fn if_different(
    shown: &ModelRc<CategoryChip>,
    placed: &[PlacedChip],
    step: f32,
) -> Option<ModelRc<CategoryChip>> {
    let chips: Vec<CategoryChip> = placed
        .iter()
        .map(|placed| CategoryChip {
            kind: placed.chip.kind.into(),
            key: placed.chip.key.as_str().into(),
            name: placed.chip.name.as_str().into(),
            count: placed.chip.count.as_str().into(),
            chosen: placed.chip.chosen,
            x: placed.x,
            y: f32::from(placed.line) * step,
            width: placed.width,
        })
        .collect();
    let same = shown.row_count() == chips.len() && shown.iter().eq(chips.iter().cloned());
    (!same).then(|| ModelRc::from(Rc::new(VecModel::from(chips))))
}

impl From<ChipKind> for markup::ChipKind {
    fn from(kind: ChipKind) -> Self {
        match kind {
            ChipKind::All => Self::All,
            ChipKind::Category => Self::Category,
            ChipKind::More => Self::More,
            ChipKind::Fewer => Self::Fewer,
            ChipKind::Information => Self::Information,
        }
    }
}

impl From<Sort> for markup::Sort {
    fn from(sort: Sort) -> Self {
        match sort {
            Sort::Newest => Self::Newest,
            Sort::Ending => Self::Ending,
            Sort::Name => Self::Name,
        }
    }
}

impl From<markup::Sort> for Sort {
    fn from(sort: markup::Sort) -> Self {
        match sort {
            markup::Sort::Newest => Self::Newest,
            markup::Sort::Ending => Self::Ending,
            markup::Sort::Name => Self::Name,
        }
    }
}
