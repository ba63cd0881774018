//! Writes out the town's information: when an office is open, how long a grant runs, what an outage affects.

mod entries;

use vyveska_board::Language;
use vyveska_board::format::counting::counted;
use vyveska_board::format::say;
use vyveska_board::hours::OpenState;
use vyveska_wire::information::{
    InformationPage, OfficeRecord, OutageRecord, PageContent, PictureRecord, Supply,
};
use vyveska_wire::section::{Texts, language_map};
use vyveska_wire::survey::Survey;

use super::{Presenter, text};
use crate::state::{
    GrantState, State, coming_events, coming_outages, found_items, grants_in_order,
};
use crate::ui::information_words as words;
use crate::ui::view_model::{
    CaptionedPicture, InformationIcon, InformationPageView, InformationView, TileView, Tone,
};

/// How many days before its end a grant is pressing.
const PRESSING_DAYS: i64 = 7;

impl Presenter {
    pub(super) fn information(&mut self, state: &State) -> Option<InformationView> {
        if !state.is_information_in_front() {
            return None;
        }
        Some(match state.information_page() {
            Some(page) => InformationView::Page(Box::new(self.information_page(state, page))),
            None => InformationView::Index(index(state)),
        })
    }

    fn information_page(&mut self, state: &State, page: &InformationPage) -> InformationPageView {
        let language = state.language();
        let address = page.url.as_ref();
        InformationPageView {
            id: page.id.clone(),
            icon: icon_of(&page.content),
            title: in_language(&page.title, language),
            lead: in_language(&page.lead, language),
            picture: self.captioned(page.picture.as_ref(), language),
            map: self.captioned(page.map.as_ref(), language),
            qr_code: address.and_then(|url| self.qr_codes.of(url.as_str())),
            web_address: address.map(readable).unwrap_or_default(),
            entries: self.entries(state, &page.content),
            survey: state
                .open_surveys()
                .next()
                .map(|survey| survey_tile(survey, language)),
        }
    }

    fn captioned(
        &self,
        record: Option<&PictureRecord>,
        language: Language,
    ) -> Option<CaptionedPicture> {
        let record = record?;
        Some(CaptionedPicture {
            picture: self.pictures.of(&record.content.hash),
            description: in_language(&record.description, language),
        })
    }
}

/// An address as people type it.
pub(super) fn readable(url: &url::Url) -> String {
    let text = url.as_str();
    let bare = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"))
        .unwrap_or(text);
    bare.trim_end_matches('/').to_owned()
}

fn in_language(texts: &Texts, language: Language) -> String {
    text(&language_map(texts), language)
}

/// All pages and open surveys, to choose from.
fn index(state: &State) -> Vec<TileView> {
    let language = state.language();
    let pages = state.information_pages().map(|page| {
        let (status, tone) = status_of(state, page);
        TileView {
            id: page.id.clone(),
            survey: false,
            icon: icon_of(&page.content),
            title: in_language(&page.title, language),
            status: words::sentence(&status),
            tone,
        }
    });
    let surveys = state
        .open_surveys()
        .map(|survey| survey_tile(survey, language));
    pages.chain(surveys).collect()
}

fn survey_tile(survey: &Survey, language: Language) -> TileView {
    let anonymous = [
        "jeden dotyk, nikdo se neptá, kdo jste",
        "eine Berührung, niemand fragt, wer Sie sind",
        "one touch, nobody asks who you are",
    ];
    TileView {
        id: survey.id.clone(),
        survey: true,
        icon: InformationIcon::Survey,
        title: in_language(&survey.title, language),
        status: words::sentence(say(anonymous, language)),
        tone: Tone::Plain,
    }
}

pub(super) fn icon_of(content: &PageContent) -> InformationIcon {
    match content {
        PageContent::Hours { .. } => InformationIcon::Hours,
        PageContent::Contacts { .. } => InformationIcon::Contacts,
        PageContent::Grants { .. } => InformationIcon::Grants,
        PageContent::Events { .. } => InformationIcon::Events,
        PageContent::Tourism { .. } => InformationIcon::Tourism,
        PageContent::Documents { .. } => InformationIcon::Documents,
        PageContent::LostAndFound { .. } => InformationIcon::LostAndFound,
        PageContent::Outages { .. } => InformationIcon::Outages,
        PageContent::Text { .. } | PageContent::Unknown => InformationIcon::Text,
    }
}

fn icon_of_supply(supply: Supply) -> InformationIcon {
    match supply {
        Supply::Electricity => InformationIcon::Electricity,
        Supply::Water => InformationIcon::Water,
        Supply::Gas => InformationIcon::Gas,
        Supply::Heat => InformationIcon::Heat,
        Supply::Road => InformationIcon::Road,
        Supply::Other => InformationIcon::Outages,
    }
}

fn name_of_outage(outage: &OutageRecord, language: Language) -> String {
    let own = in_language(&outage.name, language);
    if !own.is_empty() {
        return own;
    }
    let name = match outage.what {
        Supply::Electricity => ["Nepůjde elektřina", "Kein Strom", "No electricity"],
        Supply::Water => ["Nepoteče voda", "Kein Wasser", "No water"],
        Supply::Gas => ["Nepůjde plyn", "Kein Gas", "No gas"],
        Supply::Heat => [
            "Nepůjde teplo a teplá voda",
            "Keine Heizung und kein Warmwasser",
            "No heating and hot water",
        ],
        Supply::Road => ["Uzavírka", "Sperrung", "Road closed"],
        Supply::Other => ["Odstávka", "Abschaltung", "Outage"],
    };
    say(name, language).to_owned()
}

/// Whether an office is open now, as far as the clock is known.
fn state_of_office(state: &State, office: &OfficeRecord) -> Option<OpenState> {
    let hours = office.hours();
    if hours.is_blank() {
        return None;
    }
    hours.open_state_within(&state.clock())
}

fn status_of_office(state: &State, office: &OfficeRecord) -> (String, Tone) {
    match state_of_office(state, office) {
        Some(open) => words::open_state(open, state.clock().earliest, state.language()),
        None => (String::new(), Tone::Plain),
    }
}

fn status_of_grant(grant: GrantState, language: Language) -> (String, Tone) {
    let (word, tone) = match grant {
        GrantState::Preparing => (
            ["připravuje se", "in Vorbereitung", "in preparation"],
            Tone::Plain,
        ),
        GrantState::Open { days_left } => {
            let pressing = days_left.is_some_and(|days| days <= PRESSING_DAYS);
            let tone = if pressing { Tone::Urgent } else { Tone::Good };
            (["otevřeno", "offen", "open"], tone)
        }
        GrantState::Closed => (["uzavřeno", "geschlossen", "closed"], Tone::Plain),
        GrantState::Evaluated => (["vyhodnoceno", "ausgewertet", "evaluated"], Tone::Plain),
    };
    (say(word, language).to_owned(), tone)
}

/// The summary of a page in a few words.
fn status_of(state: &State, page: &InformationPage) -> (String, Tone) {
    let (language, clock) = (state.language(), state.clock());
    let plain = |status: String| (status, Tone::Plain);
    match &page.content {
        PageContent::Hours { offices } => match offices.first() {
            Some(office) => status_of_office(state, office),
            None => plain(String::new()),
        },
        PageContent::Contacts { contacts } => plain(
            contacts
                .first()
                .map(|contact| contact.phone.clone())
                .unwrap_or_default(),
        ),
        PageContent::Grants { grants } => {
            let grants = grants_in_order(grants, &clock);
            let open = grants
                .iter()
                .filter(|(_, state)| matches!(state, GrantState::Open { .. }))
                .count();
            match open {
                0 => plain(
                    say(
                        [
                            "žádná teď není otevřená",
                            "zurzeit keine offen",
                            "none is open now",
                        ],
                        language,
                    )
                    .to_owned(),
                ),
                open => {
                    let forms = [
                        ["otevřená", "otevřené", "otevřených"],
                        ["offen", "offen", "offen"],
                        ["open", "open", "open"],
                    ];
                    (counted(open, forms, language), Tone::Good)
                }
            }
        }
        PageContent::Events { events } => match coming_events(events, &clock).first() {
            Some(event) => {
                let when = words::coming(event.from.into(), event.until.into(), &clock, language);
                plain(format!("{when} {}", in_language(&event.name, language)))
            }
            None => plain(
                say(
                    [
                        "teď se nic nechystá",
                        "zurzeit nichts geplant",
                        "nothing planned now",
                    ],
                    language,
                )
                .to_owned(),
            ),
        },
        PageContent::Tourism { places } => {
            let forms = [
                ["místo", "místa", "míst"],
                ["Ort", "Orte", "Orte"],
                ["place", "places", "places"],
            ];
            plain(counted(places.len(), forms, language))
        }
        PageContent::Documents { documents } => {
            let forms = [
                ["dokument", "dokumenty", "dokumentů"],
                ["Dokument", "Dokumente", "Dokumente"],
                ["document", "documents", "documents"],
            ];
            plain(counted(documents.len(), forms, language))
        }
        PageContent::LostAndFound { items } => {
            let forms = [
                ["věc čeká", "věci čekají", "věcí čeká"],
                ["Sache wartet", "Sachen warten", "Sachen warten"],
                [
                    "thing is waiting",
                    "things are waiting",
                    "things are waiting",
                ],
            ];
            plain(counted(found_items(items, &clock).len(), forms, language))
        }
        PageContent::Outages { outages } => match coming_outages(outages, &clock).first() {
            Some(outage) => {
                let name = name_of_outage(outage, language);
                let when = words::coming(outage.from.into(), outage.until.into(), &clock, language);
                (format!("{name} {when}"), Tone::Urgent)
            }
            None => plain(
                say(
                    ["žádná se nechystá", "keine geplant", "none planned"],
                    language,
                )
                .to_owned(),
            ),
        },
        PageContent::Text { .. } | PageContent::Unknown => plain(in_language(&page.lead, language)),
    }
}
