use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use vyveska_board::ofn::{self, FeedNotice};
use vyveska_board::posting::{PostingRules, PostingStatus, posting_status};
use vyveska_board::search::{Excerpt, Place};
use vyveska_board::{Channel, ClockBounds, Document, DocumentHash, Notice, NoticeId, Revision};
use vyveska_central::information::{Enclosures, read_pages};
use vyveska_sample_town::{SampleTown, feed, information};
use vyveska_wire::information::InformationSection;
use vyveska_wire::section::{NoticeRecord, Texts};

use super::*;
use crate::state::{
    BoardContent, Event, Found, InformationIntent, Intent, SearchIntent, SearchResult, TypingIntent,
};
use crate::store::samples;
use crate::ui::view_model::{IdlePage, Pixels};

fn now(seconds: u64) -> Now {
    Now {
        clock: ClockBounds::exact("2026-11-01T11:00:00Z".parse().unwrap()),
        monotonic: Duration::from_secs(seconds),
    }
}

/// What a telephone reads in a QR code.
fn decoded(code: &Picture) -> String {
    let Pixels::Opaque(pixels) = &code.pixels else {
        panic!("a code is opaque");
    };
    let (width, row) = (pixels.width() as usize, pixels.as_slice());
    let mut image =
        rqrr::PreparedImage::prepare_from_greyscale(width, pixels.height() as usize, |x, y| {
            row[y * width + x].r
        });
    let grids = image.detect_grids();
    assert_eq!(grids.len(), 1);
    grids[0].decode().unwrap().1
}

/// Every QR code of the idle rotation and of the open notices, decoded.
fn codes(public_page: Option<&str>) -> Vec<String> {
    let evil: Url = "https://evil.example/deska/1".parse().unwrap();
    let mut notice = samples::notice("n1", 1, &[b"one"]);
    notice.url = Some(evil.clone());
    notice.iri = Some(evil.to_string());
    notice.documents[0].url = Some(evil.clone());
    let mut board = samples::content(vec![notice]);
    board.settings.public_page = public_page.map(|page| page.parse().unwrap());

    let mut presenter = Presenter::default();
    let mut state = State::new(now(0));
    state.apply(Event::BoardChanged(Arc::new(board)), now(0));
    let mut codes = Vec::new();
    let mut alone = 0;
    for seconds in 0..120 {
        state.apply(Event::Tick, now(seconds));
        let view_model = presenter.present(&state, &PageCache::default(), now(seconds));
        if let IdlePage::Notice(notice) = view_model.idle.page {
            alone += 1;
            codes.extend(notice.qr_code);
        }
    }
    assert!(alone > 0, "the rotation shows the notice by itself");
    state.apply(
        Event::Intent(Intent::OpenNotice(NoticeId::new("n1"))),
        now(120),
    );
    let view_model = presenter.present(&state, &PageCache::default(), now(120));
    codes.extend(view_model.notice.unwrap().qr_code);
    codes.iter().map(decoded).collect()
}

#[test]
fn qr_codes_lead_to_the_boards_own_page_of_the_notice_and_nowhere_else() {
    for page in [
        "https://deska.example/lipnice",
        "https://deska.example/lipnice/",
    ] {
        let codes = codes(Some(page));
        assert!(codes.len() > 1);
        for code in codes {
            assert_eq!(code, "https://deska.example/lipnice/notice/n1");
        }
    }
}

#[test]
fn without_a_page_of_its_own_a_board_offers_no_code_at_all() {
    assert_eq!(codes(None), [] as [String; 0]);
}

/// The sample town's notices as a feed gives them that has a foreign address wherever one fits.
fn hostile_notices() -> Vec<NoticeRecord> {
    let town = SampleTown::load().unwrap();
    let today = now(0).clock.today();
    let mut feed = feed::feed(&town, today, "https://evil.example");
    spoil(&mut feed, &mut 0);
    let address = "https://evil.example/feed".parse().unwrap();
    let read = ofn::read(feed.to_string().as_bytes(), &address).unwrap();
    let notices = &read[0].notices;
    assert_eq!(notices.len(), town.notices.len());
    for notice in notices {
        let urls = notice.documents.iter().map(|document| &document.url);
        for url in urls.chain([&notice.url]) {
            assert!(url.as_ref().unwrap().as_str().contains("evil.example"));
        }
    }
    let notices = notices.iter().enumerate();
    notices.map(|(n, notice)| record(n, notice)).collect()
}

/// Replaces every address, adds those that are missing, and writes one into every text.
fn spoil(value: &mut Value, count: &mut usize) {
    let mut evil = || {
        *count += 1;
        Value::from(format!("https://evil.example/{count}"))
    };
    match value {
        Value::Object(fields) if fields.contains_key("cs") => {
            for text in fields.values_mut() {
                *text = Value::from(format!("{} https://evil.example", text.as_str().unwrap()));
            }
        }
        Value::Object(fields) => {
            for key in ["iri", "url", "stránka"] {
                fields.insert(key.to_owned(), evil());
            }
            for (key, value) in fields {
                if !["@context", "typ", "typ_média"].contains(&key.as_str()) {
                    spoil(value, count);
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|value| spoil(value, count)),
        Value::String(text) if text.starts_with("http") => *value = evil(),
        _ => {}
    }
}

fn record(n: usize, notice: &FeedNotice) -> NoticeRecord {
    let documents = notice.documents.iter().map(|document| Document {
        title: document.title.clone(),
        hash: Some(DocumentHash::of(n.to_string().as_bytes())),
        missing: None,
        size_bytes: 1,
        media_type: Some("application/pdf".to_owned()),
        url: document.url.clone(),
        pages: None,
        text: None,
        rendition: None,
        doubtful_pages: Vec::new(),
    });
    let notice = Notice {
        id: NoticeId::new(format!("n{n}")),
        revision: Revision::FIRST,
        iri: notice.iri.clone(),
        url: notice.url.clone(),
        title: notice.title.clone(),
        description: notice.description.clone(),
        posted: notice.posted,
        relevant_until: notice.relevant_until,
        approved: notice.approved,
        reference_number: notice.reference_number.clone(),
        file_number: notice.file_number.clone(),
        categories: notice.categories.clone(),
        originator: notice.originator.clone(),
        documents: documents.collect(),
        channel: Channel::BoardAndWeb,
        personal_data: notice.personal_data,
    };
    NoticeRecord::from_notice(&notice, "salt")
}

/// The sample town's own pages, and their text as the town wrote it.
fn own_pages() -> (InformationSection, String) {
    let text = information::pages(now(0).clock.today());
    let file = information::folder().join("information.toml");
    let pages = read_pages(&text, &file, &mut Enclosures::beside(&file)).unwrap();
    (pages, text)
}

#[test]
fn no_screen_has_a_code_that_leads_where_a_feed_wants() {
    let (information, written_by_town) = own_pages();
    let mut board: BoardContent = samples::content_with(hostile_notices(), information.clone());
    board.settings.public_page = Some("https://deska.example/lipnice".parse().unwrap());
    let is_posted = |one: &&BoardNotice| {
        let status = posting_status(&one.notice, &now(0).clock, &PostingRules::default());
        status == PostingStatus::Posted
    };
    let posted = board.notices.iter().filter(is_posted);
    let posted: Vec<NoticeId> = posted.map(|one| one.notice.id.clone()).collect();
    assert!(posted.len() > 30);

    let mut presenter = Presenter::default();
    let mut state = State::new(now(0));
    let mut seen = HashSet::new();
    let mut codes = BTreeSet::new();
    let mut apply = |event: Event, seconds| {
        state.apply(event, now(seconds));
        presenter.present(&state, &PageCache::default(), now(seconds));
        for code in presenter.qr_codes.made() {
            if seen.insert(code.number) {
                codes.insert(decoded(code));
            }
        }
    };
    apply(Event::BoardChanged(Arc::new(board)), 0);
    for seconds in 1..900 {
        apply(Event::Tick, seconds);
    }
    for id in &posted {
        apply(Event::Intent(Intent::OpenNotice(id.clone())), 900);
    }
    let mut inform = |intent| apply(Event::Intent(Intent::Information(intent)), 900);
    for page in &information.pages {
        inform(InformationIntent::Show);
        inform(InformationIntent::Open(page.id.clone()));
        for index in 0..page.content.documents().count() {
            inform(InformationIntent::Read(index));
            inform(InformationIntent::Open(page.id.clone()));
        }
    }

    let permalinks: BTreeSet<String> = posted
        .iter()
        .map(|id| format!("https://deska.example/lipnice/notice/{id}"))
        .collect();
    assert!(codes.is_superset(&permalinks));
    let others: Vec<_> = codes.difference(&permalinks).collect();
    assert!(
        others.len() > 5,
        "the codes of the town's pages: {others:?}"
    );
    for code in others {
        assert!(
            written_by_town.contains(&format!("url = \"{code}\"")),
            "{code}"
        );
    }
}

/// The titles of the only notice of a board on every screen that names it.
fn shown_titles(title: Texts, language: Language) -> Vec<String> {
    let mut notice = samples::notice("n1", 1, &[b"one"]);
    notice.title = title;
    let mut state = State::new(now(0));
    let board = Arc::new(samples::content(vec![notice]));
    state.apply(Event::BoardChanged(board), now(0));
    for _ in Language::ALL.iter().take_while(|one| **one != language) {
        state.apply(Event::Intent(Intent::NextLanguage), now(0));
    }
    let mut titles = vec![
        SafeView::titles(&state).rows.unwrap()[0].title.clone(),
        Presenter::default().board(&state).rows[0].title.clone(),
    ];
    let mut presenter = Presenter::default();
    for seconds in 0..60 {
        state.apply(Event::Tick, now(seconds));
        match presenter.idle(&state, &PageCache::default()).page {
            IdlePage::Titles { rows, .. } | IdlePage::Ending { rows, .. } => {
                titles.extend(rows.into_iter().map(|row| row.title));
            }
            IdlePage::Notice(notice) => titles.push(notice.row.title),
            IdlePage::Information(_) => {}
        }
    }
    for intent in [
        Intent::ShowSearch,
        Intent::Search(SearchIntent::Typing(TypingIntent::Type("word".to_owned()))),
    ] {
        state.apply(Event::Intent(intent), now(60));
    }
    let answer = SearchResult {
        question: state.wanted_search().unwrap(),
        total: 1,
        found: vec![Found {
            notice: NoticeId::new("n1"),
            place: Place::Description,
            excerpt: Excerpt::default(),
        }],
        in_documents: true,
    };
    state.apply(Event::SearchFinished(answer), now(60));
    titles.push(presenter.search(&state).found[0].title.clone());
    let open = Intent::OpenNotice(NoticeId::new("n1"));
    state.apply(Event::Intent(open), now(60));
    let notice = presenter.notice(&state, &PageCache::default()).unwrap();
    titles.push(notice.row.title);
    titles
}

/// By the table that the web is held to as well; `~` stands for the non-breaking space.
#[test]
fn no_screen_names_a_notice_by_nothing() {
    let table = include_str!("../../../crates/board/tests/fixtures/titles.json");
    let table: Vec<Value> = serde_json::from_str(table).unwrap();
    for case in table {
        let title: Texts = serde_json::from_value(case["title"].clone()).unwrap();
        for language in Language::ALL {
            let titles = shown_titles(title.clone(), language);
            // The rotation is Czech.
            let least = if language == Language::Czech { 60 } else { 4 };
            assert!(titles.len() >= least);
            for shown in titles {
                let shown = shown.replace('\u{a0}', "~");
                assert_eq!(shown, case[language.code()], "{title:?}");
            }
        }
    }
}
