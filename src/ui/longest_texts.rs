//! Every text at the greatest length a feed may have, without a space, on every screen.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use vyveska_board::search::{Excerpt, Place};
use vyveska_board::{ClockBounds, NoticeId, ofn};
use vyveska_wire::information::{
    ContactRecord, InformationPage, InformationSection, OfficeRecord, PageContent,
};
use vyveska_wire::manifest::ContentRef;
use vyveska_wire::section::{NoticeRecord, Texts};
use vyveska_wire::text_rendition::{
    Paragraph, TextBox, TextLine, TextPage, TextRendition, TextWord,
};

use super::fitting::letters_measured;
use super::present::Presenter;
use super::view_model::Screen;
use super::{PhysicalPanel, Ui};
use crate::headless::{Headless, Time};
use crate::page_cache::PageCache;
use crate::state::{
    BoardContent, Event, Found, InformationIntent, Intent, Now, ReadingIntent, SearchIntent,
    SearchResult, SearchableText, Size, State, ToolPanel, TypingIntent,
};
use crate::store::samples;

/// What texts without a space consist of; the last two are parts of one letter that never ends.
const FILLINGS: [&str; 6] = ["a", "Ž", "7", "_", "\u{301}", "\u{1100}"];

fn text(filling: &str, letters: usize) -> String {
    filling.repeat(letters)
}

fn czech(text: String) -> Texts {
    [("cs".to_owned(), text)].into()
}

/// How many documents a notice has here: a tenth of what a feed may have. With all of them every screen of a notice takes
/// seconds in a build without optimisation; `benches/kiosk.rs` has them all.
const DOCUMENTS: usize = ofn::MAX_DOCUMENTS / 10;

/// A notice whose every text is as long as the reader of feeds lets it be.
fn notice(id: &str, filling: &str) -> NoticeRecord {
    let mut notice = samples::notice(id, 1, &[b"one".as_slice(); DOCUMENTS]);
    notice.title = czech(text(filling, ofn::MAX_TITLE_CHARS));
    notice.description = czech(text(filling, ofn::MAX_DESCRIPTION_CHARS));
    notice.reference_number = Some(text(filling, ofn::MAX_NUMBER_CHARS));
    notice.file_number = Some(text(filling, ofn::MAX_NUMBER_CHARS));
    notice.originator = Some(text(filling, ofn::MAX_ORIGINATOR_CHARS));
    // The reader keeps no category twice.
    notice.categories = (0..ofn::MAX_CATEGORIES)
        .map(|number| {
            czech(format!(
                "{number:02}{}",
                text(filling, ofn::MAX_NAME_CHARS - 2)
            ))
        })
        .collect();
    for document in &mut notice.documents {
        document.title = czech(text(filling, ofn::MAX_TITLE_CHARS));
        document.text = Some(ContentRef::to(b"text"));
    }
    notice
}

/// The texts of one such notice together.
const LETTERS: usize = ofn::MAX_TITLE_CHARS
    + ofn::MAX_DESCRIPTION_CHARS
    + 2 * ofn::MAX_NUMBER_CHARS
    + ofn::MAX_ORIGINATOR_CHARS
    + ofn::MAX_CATEGORIES * ofn::MAX_NAME_CHARS
    + DOCUMENTS * ofn::MAX_TITLE_CHARS;

/// Pages whose every text is as long as central lets it be, one with several entries.
fn information(filling: &str) -> Vec<InformationPage> {
    let name = || czech(text(filling, 120));
    let long = || czech(text(filling, 4_000));
    let contact = ContactRecord {
        name: name(),
        person: text(filling, 120),
        phone: text(filling, 120),
        email: text(filling, 120),
        place: name(),
        note: long(),
    };
    let office = OfficeRecord {
        name: name(),
        place: name(),
        phone: text(filling, 120),
        note: long(),
        week: Default::default(),
        open_on_holidays: false,
        exceptions: Vec::new(),
    };
    let contents = [
        PageContent::Text { text: long() },
        PageContent::Hours {
            offices: vec![office],
        },
        PageContent::Contacts {
            contacts: vec![contact; 10],
        },
    ];
    let page = |(number, content)| InformationPage {
        id: format!("{filling}{number}"),
        title: name(),
        lead: long(),
        picture: None,
        map: None,
        url: None,
        idle: true,
        content,
    };
    (0..).zip(contents).map(page).collect()
}

struct Kiosk {
    state: State,
    presenter: Presenter,
    ui: Ui,
    screen: Headless,
    seconds: u64,
}

impl Kiosk {
    fn now(&self) -> Now {
        let start: DateTime<Utc> = "2026-11-01T11:00:00Z".parse().unwrap();
        let passed = Duration::from_secs(self.seconds);
        Now {
            clock: ClockBounds::exact(start + TimeDelta::from_std(passed).unwrap()),
            monotonic: passed,
        }
    }

    fn apply(&mut self, event: Event) {
        let now = self.now();
        self.state.apply(event, now);
    }

    fn intends(&mut self, intent: Intent) {
        self.apply(Event::Intent(intent));
    }

    /// Shows the state, and checks how many letters had to be measured for it.
    fn shows(&mut self, screen: Screen, what: &str) {
        let now = self.now();
        let before = letters_measured();
        let view_model = self
            .presenter
            .present(&self.state, &PageCache::default(), now);
        assert_eq!(view_model.screen, screen, "{what}");
        self.ui.render(&view_model);
        self.screen.advance(Duration::from_millis(32));
        let measured = letters_measured() - before;
        // The most that was measured is two fifths of the letters of a notice.
        let bound = LETTERS as u64;
        assert!(measured <= bound, "{what}: {measured} letters measured");
    }
}

#[test]
fn texts_of_the_greatest_length_take_work_in_proportion() {
    let screen = Headless::install(1080, 1920, Time::set()).unwrap();
    let ui = Ui::new().unwrap();
    ui.set_panel(PhysicalPanel::default());
    let now = Now {
        clock: ClockBounds::exact("2026-11-01T11:00:00Z".parse().unwrap()),
        monotonic: Duration::ZERO,
    };
    let mut kiosk = Kiosk {
        state: State::new(now),
        presenter: Presenter::default(),
        ui,
        screen,
        seconds: 0,
    };
    slint::ComponentHandle::show(kiosk.ui.window()).unwrap();
    let notices = (0..)
        .zip(FILLINGS)
        .map(|(id, filling)| notice(&format!("n{id}"), filling));
    let board = BoardContent {
        information: InformationSection {
            pages: FILLINGS.into_iter().flat_map(information).collect(),
            surveys: Vec::new(),
        },
        ..samples::content(notices.collect())
    };
    kiosk.apply(Event::BoardChanged(Arc::new(board)));
    kiosk.apply(Event::ViewerResized(Size {
        width: 900.0,
        height: 1200.0,
    }));
    for (width, height) in [(1080, 1920), (1920, 1080)] {
        kiosk.screen.resize(width, height);
        for step in 0..12 {
            kiosk.seconds += 10;
            kiosk.apply(Event::Tick);
            kiosk.shows(Screen::Idle, &format!("step {step} of the rotation"));
        }
        for _ in 0..2 {
            kiosk.intends(Intent::ShowBoard);
            kiosk.shows(Screen::Board, "the list");
            for (number, filling) in FILLINGS.into_iter().enumerate() {
                let id = NoticeId::new(format!("n{number}"));
                kiosk.intends(Intent::OpenNotice(id));
                kiosk.shows(Screen::Notice, &format!("a notice of {filling}"));
                for panel in [
                    ToolPanel::Facts,
                    ToolPanel::Attachments,
                    ToolPanel::TakeAway,
                ] {
                    kiosk.intends(Intent::Reading(ReadingIntent::TogglePanel(panel)));
                    kiosk.shows(Screen::Notice, &format!("{panel:?} of {filling}"));
                }
                kiosk.intends(Intent::Reading(ReadingIntent::ClosePanel));
                kiosk.reads_the_text(filling);
                kiosk.intends(Intent::ShowBoard);
            }
            kiosk.searches();
            kiosk.shows_information();
            // The largest size is the last of the four.
            for _ in 0..3 {
                kiosk.intends(Intent::NextTextSize);
            }
        }
        for _ in 0..2 {
            kiosk.seconds += 600;
            kiosk.apply(Event::Tick);
        }
    }
}

impl Kiosk {
    fn reads_the_text(&mut self, filling: &str) {
        let (_, reading) = self.state.reading().unwrap();
        let document = reading.document().unwrap();
        let pages = [Size {
            width: 595.0,
            height: 842.0,
        }];
        self.apply(Event::DocumentOpened {
            document,
            outcome: Ok(pages.into()),
        });
        if let Some(request) = self.state.text_request() {
            let word = TextWord {
                text: text(filling, 50_000),
                place: TextBox::new(50.0, 50.0, 400.0, 12.0),
                confidence: None,
            };
            let page = TextPage {
                paragraphs: vec![Paragraph {
                    lines: vec![TextLine { words: vec![word] }],
                    ..Paragraph::default()
                }],
                ..TextPage::empty(595.0, 842.0)
            };
            let rendition = TextRendition {
                pages: vec![page],
                truncated: false,
            };
            let text = Some(Arc::new(SearchableText::from(rendition)));
            self.apply(Event::TextArrived { request, text });
        }
        self.intends(Intent::Reading(ReadingIntent::ToggleText));
        self.shows(
            Screen::Notice,
            &format!("the text of a document of {filling}"),
        );
        self.intends(Intent::Reading(ReadingIntent::ToggleText));
    }

    fn shows_information(&mut self) {
        self.intends(Intent::Information(InformationIntent::Show));
        self.shows(Screen::Information, "all pages of the town");
        for page in FILLINGS.into_iter().flat_map(information) {
            let what = format!("page {:?}", page.id);
            let intent = InformationIntent::Open(page.id);
            self.intends(Intent::Information(intent));
            self.shows(Screen::Information, &what);
            self.intends(Intent::Information(InformationIntent::Back));
        }
    }

    fn searches(&mut self) {
        self.intends(Intent::ShowSearch);
        let typed = TypingIntent::Type("a".to_owned());
        self.intends(Intent::Search(SearchIntent::Typing(typed)));
        if let Some(question) = self.state.wanted_search() {
            let found: Vec<Found> = (0..)
                .zip(FILLINGS)
                .map(|(number, filling)| Found {
                    notice: NoticeId::new(format!("n{number}")),
                    place: Place::Description,
                    excerpt: Excerpt {
                        text: text(filling, 90),
                        marks: std::iter::once(0..filling.len()).collect(),
                        cut_before: true,
                        cut_after: true,
                    },
                })
                .collect();
            let result = SearchResult {
                question,
                total: found.len(),
                found,
                in_documents: true,
            };
            self.apply(Event::SearchFinished(result));
        }
        self.shows(Screen::Search, "results");
        self.intends(Intent::Search(SearchIntent::Typing(TypingIntent::Clear)));
    }
}
