//! Serves `ui/pages/information_page.slint`: the town's information.

use std::rc::Rc;

use slint::{ComponentHandle, ModelRc, VecModel};

use super::markup::{self, AppWindow, InformationEntry, InformationFact, InformationTile};
use super::picture::image;
use super::view_model::{
    CaptionedPicture, EntryView, FactView, InformationIcon, InformationPageView, InformationView,
    Screen, TileView, Tone, ViewModel,
};
use crate::state::{Event, InformationIntent, Intent, SurveyIntent};

#[derive(Default)]
pub(super) struct InformationAdapter {
    shown: Option<InformationView>,
}

pub(super) fn connect(window: &AppWindow, on_event: impl Fn(Event) + Clone + 'static) {
    let adapter = window.global::<markup::InformationAdapter<'_>>();
    let send = on_event.clone();
    adapter.on_open(move |id| {
        let intent = InformationIntent::Open(id.into());
        send(Event::Intent(Intent::Information(intent)));
    });
    let send = on_event.clone();
    adapter.on_read(move |index| {
        if let Ok(index) = index.try_into() {
            let intent = InformationIntent::Read(index);
            send(Event::Intent(Intent::Information(intent)));
        }
    });
    let send = on_event.clone();
    adapter.on_back(move || {
        send(Event::Intent(Intent::Information(InformationIntent::Back)));
    });
    adapter.on_answer_survey(move |id| {
        let intent = SurveyIntent::Show(id.into());
        on_event(Event::Intent(Intent::Survey(intent)));
    });
}

impl InformationAdapter {
    pub(super) fn render(
        &mut self,
        window: &AppWindow,
        view_model: &ViewModel,
        words_or_sizes: bool,
    ) {
        let adapter = window.global::<markup::InformationAdapter<'_>>();
        if view_model.screen == Screen::Idle {
            // The next session finds every page at its beginning.
            adapter.set_left_page("".into());
        }
        if !words_or_sizes && self.shown == view_model.information {
            return;
        }
        match &view_model.information {
            Some(InformationView::Index(tiles)) => {
                let tiles: Vec<InformationTile> = tiles.iter().map(tile).collect();
                adapter.set_tiles(model(tiles));
                adapter.set_page_id("".into());
            }
            Some(InformationView::Page(page)) => render_page(&adapter, page),
            None => {
                // No picture is retained once the page is closed.
                adapter.set_entries(model(Vec::new()));
                adapter.set_picture(slint::Image::default());
                adapter.set_map(slint::Image::default());
                adapter.set_page_id("".into());
            }
        }
        self.shown.clone_from(&view_model.information);
    }
}

fn render_page(adapter: &markup::InformationAdapter<'_>, page: &InformationPageView) {
    let label = |picture: Option<&CaptionedPicture>| {
        picture.map_or_else(Default::default, |one| one.description.as_str().into())
    };
    let pixels =
        |picture: Option<&CaptionedPicture>| image(picture.and_then(|one| one.picture.as_ref()));
    adapter.set_icon(icon_of(Some(page.icon)));
    adapter.set_title(page.title.as_str().into());
    adapter.set_lead(page.lead.as_str().into());
    adapter.set_has_picture(page.picture.is_some());
    adapter.set_picture(pixels(page.picture.as_ref()));
    adapter.set_picture_label(label(page.picture.as_ref()));
    adapter.set_has_map(page.map.is_some());
    adapter.set_map(pixels(page.map.as_ref()));
    adapter.set_map_label(label(page.map.as_ref()));
    adapter.set_qr_code(image(page.qr_code.as_ref()));
    adapter.set_web_address(page.web_address.as_str().into());
    adapter.set_entries(model(page.entries.iter().map(entry).collect()));
    adapter.set_survey(page.survey.as_ref().map(tile).unwrap_or_default());
    adapter.set_page_id(page.id.as_str().into());
}

fn model<T: Clone + 'static>(rows: Vec<T>) -> ModelRc<T> {
    ModelRc::from(Rc::new(VecModel::from(rows)))
}

fn tile(tile: &TileView) -> InformationTile {
    InformationTile {
        id: tile.id.as_str().into(),
        survey: tile.survey,
        icon: icon_of(Some(tile.icon)),
        title: tile.title.as_str().into(),
        status: tile.status.as_str().into(),
        tone: tile.tone.into(),
    }
}

fn entry(entry: &EntryView) -> InformationEntry {
    let picture = entry.picture.as_ref();
    InformationEntry {
        heading: entry.heading.as_str().into(),
        icon: icon_of(entry.icon),
        status: entry.status.as_str().into(),
        tone: entry.tone.into(),
        day: entry.day.as_str().into(),
        month: entry.month.as_str().into(),
        weighty: entry.weighty.as_str().into(),
        facts: model(entry.facts.iter().map(fact).collect()),
        text: entry.text.as_str().into(),
        has_picture: picture.is_some(),
        picture: image(picture.and_then(|picture| picture.picture.as_ref())),
        picture_label: picture
            .map_or("", |picture| picture.description.as_str())
            .into(),
        qr_code: image(entry.qr_code.as_ref()),
        readable: entry.readable,
        document: entry.document.as_str().into(),
    }
}

fn fact(fact: &FactView) -> InformationFact {
    InformationFact {
        label: fact.label.as_str().into(),
        value: fact.value.as_str().into(),
        now: fact.now,
    }
}

impl From<Tone> for markup::Tone {
    fn from(tone: Tone) -> Self {
        match tone {
            Tone::Plain => Self::Plain,
            Tone::Good => Self::Good,
            Tone::Urgent => Self::Urgent,
        }
    }
}

fn icon_of(icon: Option<InformationIcon>) -> markup::InformationIcon {
    use markup::InformationIcon as Drawn;
    match icon {
        None => Drawn::None,
        Some(InformationIcon::Hours) => Drawn::Hours,
        Some(InformationIcon::Contacts) => Drawn::Contacts,
        Some(InformationIcon::Grants) => Drawn::Grants,
        Some(InformationIcon::Events) => Drawn::Events,
        Some(InformationIcon::Tourism) => Drawn::Tourism,
        Some(InformationIcon::Documents) => Drawn::Documents,
        Some(InformationIcon::LostAndFound) => Drawn::LostAndFound,
        Some(InformationIcon::Outages) => Drawn::Outages,
        Some(InformationIcon::Text) => Drawn::Text,
        Some(InformationIcon::Survey) => Drawn::Survey,
        Some(InformationIcon::Electricity) => Drawn::Electricity,
        Some(InformationIcon::Water) => Drawn::Water,
        Some(InformationIcon::Gas) => Drawn::Gas,
        Some(InformationIcon::Heat) => Drawn::Heat,
        Some(InformationIcon::Road) => Drawn::Road,
    }
}
