//! Serves `ui/pages/search_page.slint`: the field, the keyboard and what was found.

use std::rc::Rc;
use std::sync::Arc;

use slint::{ComponentHandle, ModelRc, SharedString, VecModel};
use vyveska_board::NoticeId;

use super::generated::{
    self, AppWindow, FoundPlace, FoundRow, KeyKind, KeyboardKey, KeyboardRow, SearchState,
};
use super::keyboard::{self, KeyDoes, Row};
use super::view_model::{FoundView, PlaceView, Screen, SearchStatus, ViewModel};
use crate::state::{Event, Intent, Key, Layer, Layout, SearchIntent};

/// What was drawn last.
pub(super) struct SearchAdapter {
    rows: Rc<VecModel<FoundRow>>,
    found: Arc<[FoundView]>,
    suggestions: Option<Vec<String>>,
    keyboard: Option<(Layout, Layer)>,
}

impl SearchAdapter {
    pub(super) fn new(window: &AppWindow) -> Self {
        let rows = Rc::new(VecModel::default());
        let adapter = window.global::<generated::SearchAdapter<'_>>();
        adapter.set_rows(ModelRc::from(rows.clone()));
        Self {
            rows,
            found: Arc::default(),
            suggestions: None,
            keyboard: None,
        }
    }

    pub(super) fn render(&mut self, window: &AppWindow, view_model: &ViewModel) {
        let view = &view_model.search;
        let adapter = window.global::<generated::SearchAdapter<'_>>();
        adapter.set_words(view.words.as_str().into());
        adapter.set_typing(view.typing);
        adapter.set_status(match view.status {
            SearchStatus::Empty => SearchState::Empty,
            SearchStatus::Searching => SearchState::Searching,
            SearchStatus::Found => SearchState::Found,
            SearchStatus::Nothing => SearchState::Nothing,
        });
        adapter.set_total(view.total.try_into().unwrap_or(i32::MAX));
        adapter.set_beside(view.beside);
        let open = match (&view_model.notice, view_model.screen) {
            (Some(notice), Screen::Notice) => notice.row.id.as_str(),
            _ => "",
        };
        adapter.set_open_id(open.into());
        if !Arc::ptr_eq(&self.found, &view.found) {
            let rows: Vec<FoundRow> = view.found.iter().map(FoundRow::from).collect();
            self.rows.set_vec(rows);
            self.found = Arc::clone(&view.found);
        }
        if self.suggestions.as_ref() != Some(&view.suggestions) {
            let names: Vec<SharedString> =
                view.suggestions.iter().map(SharedString::from).collect();
            adapter.set_suggestions(ModelRc::from(Rc::new(VecModel::from(names))));
            self.suggestions = Some(view.suggestions.clone());
        }
        let keyboard = (view.layout, view.layer);
        if self.keyboard != Some(keyboard) {
            self.keyboard = Some(keyboard);
            adapter.set_large_keys(model(keyboard::large(view.layout)));
            adapter.set_small_keys(model(keyboard::small(view.layout, view.layer)));
        }
        adapter.set_scroll(view.scroll);
        adapter.set_scroll_sequence(view.scroll_sequence.cast_signed());
    }
}

pub(super) fn connect(window: &AppWindow, on_event: impl Fn(Event) + Clone + 'static) {
    let adapter = window.global::<generated::SearchAdapter<'_>>();
    let send = move |intent| on_event(Event::Intent(Intent::Search(intent)));
    let to = send.clone();
    adapter.on_struck(move |key| to(intent_of(&key)));
    let to = send.clone();
    adapter.on_typed(move |text| {
        let printable = is_printable(&text);
        if printable {
            to(SearchIntent::Type(text.into()));
        }
        printable
    });
    let to = send.clone();
    adapter.on_erase(move || to(SearchIntent::Erase));
    let to = send.clone();
    adapter.on_clear(move || to(SearchIntent::Clear));
    let to = send.clone();
    adapter.on_edit(move || to(SearchIntent::Edit));
    let to = send.clone();
    adapter.on_done(move || to(SearchIntent::Done));
    let to = send.clone();
    adapter.on_suggest(move |words| to(SearchIntent::Suggest(words.into())));
    let to = send.clone();
    adapter.on_scrolled(move |offset| to(SearchIntent::Scrolled(offset)));
    adapter.on_open(move |id| send(SearchIntent::OpenFound(NoticeId::new(id.as_str()))));
}

fn intent_of(key: &KeyboardKey) -> SearchIntent {
    match key.kind {
        KeyKind::Letter => {
            SearchIntent::Strike(Key::Letter(key.text.chars().next().unwrap_or(' ')))
        }
        KeyKind::Space => SearchIntent::Strike(Key::Letter(' ')),
        KeyKind::Erase => SearchIntent::Strike(Key::Erase),
        KeyKind::Clear => SearchIntent::Clear,
        KeyKind::Done => SearchIntent::Done,
        KeyKind::Czech => SearchIntent::ChooseLayout(Layout::Czech),
        KeyKind::German => SearchIntent::ChooseLayout(Layout::German),
        KeyKind::English => SearchIntent::ChooseLayout(Layout::English),
        KeyKind::Letters => SearchIntent::ChooseLayer(Layer::Letters),
        KeyKind::Marks => SearchIntent::ChooseLayer(Layer::Marks),
        KeyKind::Digits => SearchIntent::ChooseLayer(Layer::Digits),
    }
}

/// Whether a real keyboard typed something to be read: the toolkit names its other keys by private letters.
fn is_printable(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|letter| !letter.is_control() && !('\u{e000}'..='\u{f8ff}').contains(&letter))
}

fn model(rows: Vec<Row>) -> ModelRc<KeyboardRow> {
    let rows: Vec<KeyboardRow> = rows.into_iter().map(KeyboardRow::from).collect();
    ModelRc::from(Rc::new(VecModel::from(rows)))
}

impl From<Row> for KeyboardRow {
    fn from(row: Row) -> Self {
        let used: f32 = row.caps.iter().map(|cap| cap.width).sum();
        // A row of fewer keys stands in the middle.
        let mut at = (row.units - used) / 2.0;
        let mut keys = Vec::with_capacity(row.caps.len());
        for cap in row.caps {
            let (kind, text) = match cap.does {
                KeyDoes::Letter(letter) => (KeyKind::Letter, letter.to_string()),
                KeyDoes::Space => (KeyKind::Space, String::new()),
                KeyDoes::Erase => (KeyKind::Erase, String::new()),
                KeyDoes::Clear => (KeyKind::Clear, String::new()),
                KeyDoes::Done => (KeyKind::Done, String::new()),
                KeyDoes::Layout(Layout::Czech) => (KeyKind::Czech, "CZ".to_owned()),
                KeyDoes::Layout(Layout::German) => (KeyKind::German, "DE".to_owned()),
                KeyDoes::Layout(Layout::English) => (KeyKind::English, "EN".to_owned()),
                KeyDoes::Layer(Layer::Letters) => (KeyKind::Letters, "abc".to_owned()),
                KeyDoes::Layer(Layer::Marks) => (KeyKind::Marks, "ěšč".to_owned()),
                KeyDoes::Layer(Layer::Digits) => (KeyKind::Digits, "123".to_owned()),
            };
            keys.push(KeyboardKey {
                kind,
                text: text.into(),
                at,
                units: cap.width,
            });
            at += cap.width;
        }
        Self {
            keys: ModelRc::from(Rc::new(VecModel::from(keys))),
            units: row.units,
        }
    }
}

impl From<&FoundView> for FoundRow {
    fn from(found: &FoundView) -> Self {
        let (place, document, page) = match found.place {
            PlaceView::Title => (FoundPlace::Title, 0, 0),
            PlaceView::ReferenceNumber => (FoundPlace::ReferenceNumber, 0, 0),
            PlaceView::FileNumber => (FoundPlace::FileNumber, 0, 0),
            PlaceView::Originator => (FoundPlace::Originator, 0, 0),
            PlaceView::Category => (FoundPlace::Category, 0, 0),
            PlaceView::DocumentTitle(document) => (FoundPlace::DocumentTitle, document, 0),
            PlaceView::Description => (FoundPlace::Description, 0, 0),
            PlaceView::Text { document, page } => (FoundPlace::Text, document, page),
        };
        let number = |number: u32| number.try_into().unwrap_or(i32::MAX);
        let spoken = found
            .excerpt
            .replace([FoundView::BEGIN, FoundView::END, '…'], "");
        Self {
            id: found.id.as_str().into(),
            title: found.title.as_str().into(),
            icon: found.icon.into(),
            until: found.until.as_str().into(),
            place,
            document: number(document),
            page: number(page),
            excerpt: found.excerpt.as_str().into(),
            spoken: spoken.trim().into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_write_nothing_are_told_apart() {
        for text in ["a", "ř", "/", " ", "5"] {
            assert!(is_printable(text), "{text:?}");
        }
        for text in [
            "", "\t", "\u{8}", "\u{7f}", "\u{1b}", "\n", "\u{f700}", "\u{10}",
        ] {
            assert!(!is_printable(text), "{text:?}");
        }
    }
}
