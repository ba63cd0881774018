//! Serves `ui/pages/search_page.slint`: the field, the keyboard and what was found.

use std::rc::Rc;
use std::sync::Arc;

use slint::{ComponentHandle, ModelRc, SharedString, VecModel};
use vyveska_board::NoticeId;

use super::keyboard_adapter;
use super::markup::{self, AppWindow, FoundPlace, FoundRow, KeyboardKey, SearchState};
use super::view_model::{FoundView, PlaceView, Screen, SearchStatus, ViewModel};
use crate::state::{Event, Intent, KeyboardLayout, Layer, SearchIntent, TypingIntent};

pub(super) struct SearchAdapter {
    rows: Rc<VecModel<FoundRow>>,
    found: Arc<[FoundView]>,
    suggestions: Option<Vec<String>>,
    keyboard: Option<(KeyboardLayout, Layer)>,
}

impl SearchAdapter {
    pub(super) fn new(window: &AppWindow) -> Self {
        let rows = Rc::new(VecModel::default());
        let adapter = window.global::<markup::SearchAdapter<'_>>();
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
        let adapter = window.global::<markup::SearchAdapter<'_>>();
        adapter.set_words(view.words.as_str().into());
        adapter.set_typing(view.typing);
        adapter.set_status(match view.status {
            SearchStatus::Empty => SearchState::Empty,
            SearchStatus::Searching => SearchState::Searching,
            SearchStatus::Found => SearchState::Found,
            SearchStatus::Nothing => SearchState::Nothing,
        });
        adapter.set_total(view.total.try_into().unwrap_or(i32::MAX));
        adapter.set_in_documents(view.in_documents);
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
            let (large, small) = keyboard_adapter::rows(view.layout, view.layer);
            adapter.set_large_keys(large);
            adapter.set_small_keys(small);
        }
        adapter.set_scroll(view.scroll);
        adapter.set_scroll_sequence(view.scroll_sequence.cast_signed());
    }
}

pub(super) fn connect(window: &AppWindow, on_event: impl Fn(Event) + Clone + 'static) {
    let adapter = window.global::<markup::SearchAdapter<'_>>();
    let send = move |intent| on_event(Event::Intent(Intent::Search(intent)));
    let to = send.clone();
    adapter.on_key_pressed(move |key| to(intent_of(&key)));
    let to = send.clone();
    adapter.on_typed(move |text| {
        let typed = keyboard_adapter::typed(&text);
        let printable = typed.is_some();
        if let Some(typed) = typed {
            to(SearchIntent::Typing(typed));
        }
        printable
    });
    let to = send.clone();
    adapter.on_erase(move || to(SearchIntent::Typing(TypingIntent::Erase)));
    let to = send.clone();
    adapter.on_clear(move || to(SearchIntent::Typing(TypingIntent::Clear)));
    let to = send.clone();
    adapter.on_edit(move || to(SearchIntent::Edit));
    let to = send.clone();
    adapter.on_done(move || to(SearchIntent::Done));
    let to = send.clone();
    adapter.on_suggest(move |words| to(SearchIntent::Suggest(words.into())));
    let to = send.clone();
    adapter.on_scrolled(move |place| to(SearchIntent::Scrolled(place)));
    adapter.on_open(move |id| send(SearchIntent::OpenFound(NoticeId::new(id.as_str()))));
}

fn intent_of(key: &KeyboardKey) -> SearchIntent {
    keyboard_adapter::intent_of(key).map_or(SearchIntent::Done, SearchIntent::Typing)
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
