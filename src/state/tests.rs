use chrono::NaiveDate;
use proptest::prelude::*;
use vyveska_board::settings::{ListTimeoutSeconds, PageTimeoutSeconds};
use vyveska_board::{
    ClockTrust, Document, DocumentHash, LanguageMap, Moment, Notice, Rendition, Revision,
};
use vyveska_wire::alert::{AlertRecord, AlertSeverity};
use vyveska_wire::manifest::{Addressee, ContentRef};
use vyveska_wire::section::{AlertsSection, InformationSection, SettingsSection};
use vyveska_wire::text_rendition::{
    Paragraph, TextBox, TextLine, TextPage, TextRendition, TextWord,
};

use super::*;
use crate::store::samples;

mod list;
mod published;
mod renditions;
mod rotation;
mod searching;

const DAY: &str = "2026-11-21";

pub(super) fn now_at(monotonic: u64) -> Now {
    let noon: DateTime<Utc> = "2026-11-21T11:00:00Z".parse().unwrap();
    Now {
        clock: ClockBounds::exact(noon + TimeDelta::seconds(monotonic as i64)),
        monotonic: Duration::from_secs(monotonic),
    }
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub(super) fn entry(id: usize, posted: Moment, until: Moment, documents: usize) -> BoardNotice {
    let documents = (0..documents)
        .map(|n| Document {
            title: LanguageMap::czech(format!("Příloha {n}")),
            hash: Some(DocumentHash::of(format!("{id}/{n}").as_bytes())),
            missing: None,
            size_bytes: 10,
            media_type: None,
            url: None,
            pages: None,
            text: None,
            rendition: None,
            doubtful_pages: Vec::new(),
        })
        .collect();
    let notice = Notice {
        id: NoticeId::new(format!("n{id}")),
        revision: Revision::FIRST,
        iri: None,
        url: None,
        title: LanguageMap::czech(format!("Oznámení {id:03}")),
        description: LanguageMap::new(),
        posted,
        relevant_until: until,
        approved: Moment::Unspecified,
        reference_number: None,
        file_number: None,
        categories: vec![LanguageMap::czech(["Rozpočet", "Veřejné vyhlášky"][id % 2])],
        originator: None,
        documents,
        channel: Channel::BoardAndWeb,
        personal_data: false,
    };
    BoardNotice {
        reference: NoticeRef {
            id: notice.id.to_string(),
            revision: 1,
            hash: ContentHash::of(notice.id.as_str().as_bytes()),
        },
        notice,
    }
}

pub(super) fn board_of(notices: Vec<BoardNotice>) -> Event {
    board_that_tells(notices, InformationSection::default(), Vec::new())
}

/// A board with information, surveys and alerts.
pub(super) fn board_that_tells(
    notices: Vec<BoardNotice>,
    information: InformationSection,
    alerts: Vec<AlertRecord>,
) -> Event {
    Event::BoardChanged(Arc::new(BoardContent {
        manifest: 1,
        addressee: Addressee::Group("mesto".to_owned()),
        created: chrono::DateTime::UNIX_EPOCH,
        notices_hash: ContentHash::of(b"section"),
        notices,
        published: Published::all(&information),
        information,
        alerts,
        settings: SettingsSection::of_town("Město", "mesto.example"),
        town: LanguageMap::czech("Město"),
    }))
}

/// `count` notices posted a month ago with two documents each.
pub(super) fn old_board(count: usize) -> Event {
    board_of(
        (0..count)
            .map(|id| entry(id, Moment::Date(day("2026-10-21")), Moment::Unspecified, 2))
            .collect(),
    )
}

pub(super) fn kiosk(board: Event) -> State {
    let mut state = State::new(now_at(0));
    state.apply(board, now_at(0));
    let viewer = Size {
        width: 900.0,
        height: 1200.0,
    };
    state.apply(Event::ViewerResized(viewer), now_at(0));
    state
}

pub(super) fn touch(state: &mut State, intent: Intent, at: u64) {
    state.apply(Event::Intent(intent), now_at(at));
}

pub(super) fn open_three_pages(state: &mut State) {
    touch(state, Intent::OpenNotice(NoticeId::new("n0")), 1);
    let (_, reading) = state.reading().unwrap();
    let document = reading.document().unwrap();
    let a4 = Size {
        width: 595.0,
        height: 842.0,
    };
    let outcome = Ok(vec![a4; 3].into());
    state.apply(Event::DocumentOpened { document, outcome }, now_at(1));
}

pub(super) fn page(state: &State) -> usize {
    state.current_page().unwrap()
}

#[test]
fn a_notice_appears_and_leaves_by_the_clock_alone() {
    let tomorrow = Moment::Date(day("2026-11-22"));
    let mut state = kiosk(board_of(vec![
        entry(0, tomorrow, Moment::Unspecified, 0),
        entry(1, Moment::Unspecified, Moment::Date(day(DAY)), 0),
    ]));
    let shown = |state: &State| {
        let ids: Vec<String> = state.posted().map(|e| e.notice.id.to_string()).collect();
        ids
    };
    assert_eq!(shown(&state), ["n1"]);
    // Midnight in Prague is 12 hours after noon there.
    state.apply(Event::Tick, now_at(12 * 3600 - 1));
    assert_eq!(shown(&state), ["n1"]);
    state.apply(Event::Tick, now_at(12 * 3600));
    assert_eq!(shown(&state), ["n0"]);
}

#[test]
fn the_kiosk_goes_back_to_idle_after_a_visible_countdown() {
    let mut state = kiosk(old_board(3));
    touch(&mut state, Intent::ShowBoard, 100);
    touch(&mut state, Intent::NextLanguage, 100);
    state.apply(Event::Tick, now_at(159));
    assert_eq!(state.countdown(Duration::from_secs(159)), None);
    state.apply(Event::Tick, now_at(160));
    assert_eq!(state.countdown(Duration::from_secs(160)), Some(20));
    touch(&mut state, Intent::StillReading, 170);
    assert_eq!(state.countdown(Duration::from_secs(170)), None);
    state.apply(Event::Tick, now_at(249));
    assert!(state.is_board_in_front());
    assert_eq!(state.countdown(Duration::from_secs(249)), Some(1));
    state.apply(Event::Tick, now_at(250));
    assert!(state.idle_step().is_some());
    assert_eq!(state.language(), Language::Czech);
}

#[test]
fn a_reader_of_a_document_has_longer() {
    let mut state = kiosk(old_board(3));
    touch(&mut state, Intent::OpenNotice(NoticeId::new("n0")), 0);
    state.apply(Event::Tick, now_at(199));
    assert!(state.reading().is_some());
    state.apply(Event::Tick, now_at(200));
    assert!(state.idle_step().is_some());
}

#[test]
fn the_settings_of_the_board_say_how_long_a_list_and_a_document_stay() {
    let Event::BoardChanged(board) = old_board(3) else {
        panic!("it is a board");
    };
    let mut board = Arc::into_inner(board).unwrap();
    board.settings.list_timeout_seconds = ListTimeoutSeconds::nearest(90);
    board.settings.page_timeout_seconds = PageTimeoutSeconds::nearest(300);
    let mut state = kiosk(Event::BoardChanged(Arc::new(board)));
    let countdown = |state: &State, at| state.countdown(Duration::from_secs(at));
    touch(&mut state, Intent::ShowBoard, 0);
    assert_eq!(
        (countdown(&state, 89), countdown(&state, 90)),
        (None, Some(20))
    );
    touch(&mut state, Intent::OpenNotice(NoticeId::new("n0")), 100);
    assert_eq!(
        (countdown(&state, 399), countdown(&state, 400)),
        (None, Some(20))
    );
}

#[test]
fn setting_the_clock_throws_nobody_back() {
    let mut state = kiosk(old_board(3));
    touch(&mut state, Intent::ShowBoard, 10);
    let mut later = now_at(11);
    later.clock = ClockBounds::exact(later.clock.earliest + TimeDelta::days(400));
    state.apply(Event::Tick, later);
    assert!(state.is_board_in_front());
}

#[test]
fn one_comes_back_to_the_same_place_in_the_list() {
    let mut state = kiosk(old_board(100));
    touch(&mut state, Intent::ShowBoard, 1);
    touch(
        &mut state,
        Intent::ChooseCategory(Some("Rozpočet".into())),
        2,
    );
    touch(&mut state, Intent::ListScrolled(3.5), 3);
    let jumps = state.list().jumps();
    touch(&mut state, Intent::OpenNotice(NoticeId::new("n4")), 4);
    touch(&mut state, Intent::Back, 5);
    assert_eq!(state.list().place(), 3.5);
    assert_eq!(state.list().category(), Some("Rozpočet"));
    assert_ne!(state.list().jumps(), jumps);
}

#[test]
fn a_category_without_notices_gives_way_to_the_whole_board() {
    let mut state = kiosk(old_board(4));
    touch(
        &mut state,
        Intent::ChooseCategory(Some("Rozpočet".into())),
        1,
    );
    let only_other = entry(1, Moment::Unspecified, Moment::Unspecified, 0);
    state.apply(board_of(vec![only_other]), now_at(2));
    assert_eq!(state.list().category(), None);
}

#[test]
fn a_notice_taken_down_while_it_is_read_leads_back_to_the_list() {
    let mut state = kiosk(old_board(3));
    touch(&mut state, Intent::OpenNotice(NoticeId::new("n2")), 1);
    state.apply(old_board(2), now_at(2));
    assert!(state.is_board_in_front());
    // Also while a tool panel covers its pages.
    touch(&mut state, Intent::OpenNotice(NoticeId::new("n1")), 3);
    let panel = ReadingIntent::TogglePanel(ToolPanel::Attachments);
    touch(&mut state, Intent::Reading(panel), 3);
    touch(&mut state, Intent::ChooseDocument(1), 3);
    touch(
        &mut state,
        Intent::Reading(ReadingIntent::TogglePanel(ToolPanel::More)),
        3,
    );
    state.apply(old_board(1), now_at(4));
    assert!(state.is_board_in_front());
}

#[test]
fn a_revision_with_the_same_document_keeps_the_readers_place() {
    let mut state = kiosk(old_board(1));
    open_three_pages(&mut state);
    touch(&mut state, Intent::NextPage, 2);
    let mut revised = entry(0, Moment::Unspecified, Moment::Unspecified, 2);
    revised.notice.documents.swap(0, 1);
    state.apply(board_of(vec![revised]), now_at(3));
    let (_, reading) = state.reading().unwrap();
    assert_eq!(reading.chosen(), 1);
    assert_eq!(page(&state), 1);
}

#[test]
fn a_found_page_is_opened_before_and_after_its_document_is_known() {
    let mut state = kiosk(old_board(2));
    let document = entry(0, Moment::Unspecified, Moment::Unspecified, 2)
        .notice
        .documents[1]
        .hash
        .map(ContentHash)
        .unwrap();
    for round in 0..2 {
        touch(&mut state, Intent::ShowBoard, 1);
        state.open_notice_at(&NoticeId::new("n0"), &document, 2, &["kanál".to_owned()]);
        let (_, reading) = state.reading().unwrap();
        assert_eq!((reading.chosen(), reading.document()), (1, Some(document)));
        assert_eq!(reading.finding().words(), "kanal");
        if round == 0 {
            let a4 = Size {
                width: 595.0,
                height: 842.0,
            };
            let outcome = Ok(vec![a4; 3].into());
            state.apply(Event::DocumentOpened { document, outcome }, now_at(1));
        }
        assert_eq!(page(&state), 2);
    }
    let unknown = ContentHash::of(b"unknown");
    state.open_notice_at(&NoticeId::new("n1"), &unknown, 5, &[]);
    assert_eq!(state.reading().unwrap().1.chosen(), 0);
}

#[test]
fn pages_are_turned_one_by_one_and_stop_at_the_ends() {
    let mut state = kiosk(old_board(1));
    open_three_pages(&mut state);
    let mut seen = vec![page(&state)];
    for intent in [
        Intent::NextPage,
        Intent::NextPage,
        Intent::NextPage,
        Intent::PreviousPage,
    ] {
        touch(&mut state, intent, 2);
        seen.push(page(&state));
    }
    assert_eq!(seen, [0, 1, 2, 2, 1]);
}

#[test]
fn an_unreadable_document_asks_for_no_drawing() {
    let mut state = kiosk(old_board(1));
    touch(&mut state, Intent::OpenNotice(NoticeId::new("n0")), 1);
    let document = state.reading().unwrap().1.document().unwrap();
    assert_eq!(state.render_requests().now.len(), 1);
    let outcome = Err(Unreadable::PasswordProtected);
    state.apply(Event::DocumentOpened { document, outcome }, now_at(2));
    assert_eq!(state.render_requests(), RenderRequests::default());
}

#[test]
fn old_data_are_called_old() {
    let mut state = kiosk(old_board(1));
    assert!(state.is_stale(), "central was never heard");
    state.apply(Event::CentralHeard(now_at(0).clock.earliest), now_at(0));
    state.apply(Event::Tick, now_at(900));
    assert!(!state.is_stale());
    state.apply(Event::Tick, now_at(901));
    assert!(state.is_stale());
}

#[test]
fn the_age_of_the_data_does_not_depend_on_the_calendar() {
    let mut state = kiosk(old_board(1));
    state.apply(Event::CentralHeard(now_at(0).clock.earliest), now_at(0));
    let at = |seconds: u64, days: i64| {
        let mut now = now_at(seconds);
        now.clock.earliest += TimeDelta::days(days);
        now.clock.latest = DateTime::<chrono::Utc>::MAX_UTC;
        now.clock.trust = ClockTrust::Unknown;
        now
    };
    state.apply(Event::Tick, at(900, 400));
    assert!(!state.is_stale(), "the calendar went ahead");
    state.apply(Event::Tick, at(901, -400));
    assert!(state.is_stale(), "the calendar went back");
    // Central's error is not kept once it is mended.
    state.apply(
        Event::CentralHeard(at(902, 365).clock.earliest),
        now_at(902),
    );
    state.apply(Event::CentralHeard(now_at(903).clock.earliest), now_at(903));
    assert_eq!(state.heard(), Some(now_at(903).clock.earliest));
}

#[test]
fn a_freshly_signed_board_shows_what_had_begun_when_it_was_signed() {
    let board = |signed: &str| {
        let mut begins = samples::notice("begins", 1, &[]);
        begins.posted = vyveska_wire::section::MomentRecord::Date("2026-12-01".parse().unwrap());
        begins.relevant_until = vyveska_wire::section::MomentRecord::Unspecified;
        Event::BoardChanged(Arc::new(BoardContent {
            created: signed.parse().unwrap(),
            ..samples::content(vec![begins])
        }))
    };
    let mut behind = now_at(0);
    behind.clock.latest = DateTime::<chrono::Utc>::MAX_UTC;
    behind.clock.trust = ClockTrust::Unknown;
    let mut state = State::new(behind);
    state.apply(board("2026-11-30T12:00:00Z"), behind);
    assert_eq!(state.posted().len(), 0);
    state.apply(board("2026-12-01T12:00:00Z"), behind);
    assert_eq!(state.posted().len(), 1);
    // The clock catches up; then a central whose clock was lost signs the next board.
    let mut later = behind;
    later.clock.earliest = "2026-12-01T12:05:00Z".parse().unwrap();
    state.apply(Event::Tick, later);
    state.apply(board("1970-01-01T00:00:00Z"), later);
    assert_eq!(state.posted().len(), 1);
    // A signature that the clock never reached is forgotten with its board.
    let mut state = State::new(behind);
    state.apply(board("2027-12-01T12:00:00Z"), behind);
    assert_eq!(state.posted().len(), 1);
    state.apply(board("2026-11-21T12:00:00Z"), behind);
    assert_eq!(state.posted().len(), 0);
}

fn any_moment() -> impl Strategy<Value = Moment> {
    prop_oneof![
        Just(Moment::Unspecified),
        (-40_i64..40).prop_map(|days| Moment::Date(day(DAY) + TimeDelta::days(days))),
    ]
}

/// The town's other content: nothing, or a page, a survey and alerts of every level.
fn sample_information(severity: Option<AlertSeverity>) -> (InformationSection, Vec<AlertRecord>) {
    let Some(severity) = severity else {
        return (InformationSection::default(), Vec::new());
    };
    let information = serde_json::json!({
        "pages": [
            { "id": "hodiny", "title": { "cs": "Hodiny" }, "kind": "text", "text": {} },
            {
                "id": "dokumenty",
                "title": { "cs": "Dokumenty" },
                "kind": "documents",
                "documents": [
                    { "name": {}, "document": { "content": ContentRef::to(b"plan") } },
                    { "name": {} },
                ],
            },
        ],
        "surveys": [{
            "id": "urad",
            "title": {},
            "questions": [{ "id": "spokojenost", "text": {}, "kind": "faces" }],
        }],
    });
    let alerts = serde_json::json!({
        "alerts": [{
            "id": "voda",
            "severity": severity,
            "sender": {},
            "sent": "2026-11-21T12:00:00Z",
            "expires": "2026-11-22T12:00:00Z",
            "headline": {},
        }],
    });
    let alerts: AlertsSection = serde_json::from_value(alerts).unwrap();
    (serde_json::from_value(information).unwrap(), alerts.alerts)
}

fn any_board() -> impl Strategy<Value = Event> {
    let severity = prop::option::of(prop_oneof![
        Just(AlertSeverity::Moderate),
        Just(AlertSeverity::Severe),
        Just(AlertSeverity::Extreme),
    ]);
    (any_notices(), severity).prop_map(|(board, severity)| match board {
        Event::BoardChanged(mut board) => {
            let content = Arc::make_mut(&mut board);
            (content.information, content.alerts) = sample_information(severity);
            content.published = Published::all(&content.information);
            for entry in &mut content.notices {
                for document in entry.notice.documents.iter_mut().skip(1) {
                    document.text = Some(Rendition {
                        hash: ContentHash::of(document.title.best(Language::Czech).as_bytes()).0,
                        size_bytes: 4,
                    });
                }
                for document in entry.notice.documents.iter_mut().skip(2) {
                    document.rendition = Some(Rendition {
                        hash: ContentHash::of(b"rendition").0,
                        size_bytes: 9,
                    });
                }
            }
            Event::BoardChanged(board)
        }
        other => other,
    })
}

fn any_notices() -> impl Strategy<Value = Event> {
    prop::collection::vec((any_moment(), any_moment(), 0_usize..4), 0..30).prop_map(|notices| {
        board_of(
            notices
                .into_iter()
                .enumerate()
                .map(|(id, (posted, until, documents))| entry(id, posted, until, documents))
                .collect(),
        )
    })
}

fn any_number() -> impl Strategy<Value = f32> {
    prop_oneof![
        -10.0_f32..5000.0,
        Just(f32::NAN),
        Just(f32::INFINITY),
        Just(-1e30_f32),
    ]
}

fn any_intent() -> impl Strategy<Value = Intent> {
    prop_oneof![
        Just(Intent::ShowBoard),
        prop::option::of(prop_oneof![
            Just("Rozpočet".to_owned()),
            Just("Nic".to_owned())
        ])
        .prop_map(Intent::ChooseCategory),
        any::<bool>().prop_map(Intent::ShowChoices),
        any_number().prop_map(Intent::ListScrolled),
        prop::sample::select(&Sort::ALL[..]).prop_map(Intent::ChooseSort),
        Just(Intent::TogglePause),
        (0_usize..30).prop_map(|id| Intent::OpenNotice(NoticeId::new(format!("n{id}")))),
        (0_usize..5).prop_map(Intent::ChooseDocument),
        Just(Intent::Back),
        Just(Intent::PreviousPage),
        Just(Intent::NextPage),
        Just(Intent::ZoomIn),
        Just(Intent::ZoomOut),
        Just(Intent::FitWidth),
        (any_number(), any_number(), any_number()).prop_map(|(factor, x, y)| Intent::ZoomAbout {
            factor,
            x,
            y
        }),
        (any_number(), any_number()).prop_map(|(x, y)| Intent::ViewerScrolled { x, y }),
        any_reading_intent().prop_map(Intent::Reading),
        Just(Intent::StillReading),
        Just(Intent::NextLanguage),
        Just(Intent::NextTextSize),
        Just(Intent::ToggleHighContrast),
        Just(Intent::ToggleReach),
        Just(Intent::ToggleSpeech),
        Just(Intent::Information(InformationIntent::Show)),
        Just(Intent::Information(InformationIntent::Open(
            "hodiny".to_owned()
        ))),
        Just(Intent::Information(InformationIntent::Open(
            "dokumenty".to_owned()
        ))),
        (0_usize..3).prop_map(|index| Intent::Information(InformationIntent::Read(index))),
        Just(Intent::Information(InformationIntent::Back)),
        Just(Intent::Survey(SurveyIntent::Show("urad".to_owned()))),
        Just(Intent::Survey(SurveyIntent::Answer("4".to_owned()))),
        Just(Intent::Survey(SurveyIntent::Next)),
        Just(Intent::Survey(SurveyIntent::Close)),
        Just(Intent::ShowSearch),
        searching::any_search_intent().prop_map(Intent::Search),
        searching::any_typing_intent().prop_map(Intent::FindInDocument),
        Just(Intent::Alert(AlertIntent::Show)),
        Just(Intent::Alert(AlertIntent::Next)),
        Just(Intent::Alert(AlertIntent::TogglePause)),
        Just(Intent::Alert(AlertIntent::Close)),
        Just(Intent::Service(ServiceIntent::CornerTouched)),
        service_mode::tests::any_service_intent().prop_map(Intent::Service),
    ]
}

fn any_reading_intent() -> impl Strategy<Value = ReadingIntent> {
    let panel = prop_oneof![
        Just(ToolPanel::Facts),
        Just(ToolPanel::Attachments),
        Just(ToolPanel::More),
        Just(ToolPanel::Strip),
        Just(ToolPanel::Jump),
        Just(ToolPanel::Find),
        Just(ToolPanel::TakeAway),
    ];
    prop_oneof![
        panel.prop_map(ReadingIntent::TogglePanel),
        Just(ReadingIntent::ClosePanel),
        Just(ReadingIntent::TurnRight),
        Just(ReadingIntent::TurnLeft),
        Just(ReadingIntent::FitPage),
        Just(ReadingIntent::FitText),
        any::<usize>().prop_map(ReadingIntent::GoToPage),
        (any_number(), any_number()).prop_map(|(x, y)| ReadingIntent::DoubleTouch { x, y }),
        Just(ReadingIntent::MoveLeft),
        Just(ReadingIntent::MoveRight),
        any::<u8>().prop_map(ReadingIntent::JumpDigit),
        Just(ReadingIntent::JumpErase),
        Just(ReadingIntent::JumpGo),
        (any::<usize>(), any::<u32>())
            .prop_map(|(room, width)| ReadingIntent::StripResized { room, width }),
        Just(ReadingIntent::StripOn),
        Just(ReadingIntent::StripBack),
        Just(ReadingIntent::FindNext),
        Just(ReadingIntent::FindPrevious),
        Just(ReadingIntent::FindEnd),
        Just(ReadingIntent::ToggleText),
    ]
}

fn any_sizes() -> impl Strategy<Value = Opened> {
    let size =
        (0.0_f32..5000.0, 0.0_f32..50_000.0).prop_map(|(width, height)| Size { width, height });
    prop_oneof![
        prop::collection::vec(size, 0..20).prop_map(|sizes| Ok(sizes.into())),
        Just(Err(Unreadable::Broken)),
    ]
}

#[derive(Debug, Clone)]
enum Step {
    Board(Event),
    Wait(u64),
    Touch,
    Intent(Intent),
    Resize(f32, f32),
    ResizeIdle(IdleRoom),
    /// What is drawn of the open document, or any other, gets these page sizes or this failure.
    Opened(Opened),
    /// The text of the open document is loaded, or cannot be.
    TextRead(bool),
    /// Reading aloud begins or ends.
    Speaking(bool),
    /// The search worker replies.
    Answered,
    /// A technician who knows the PIN does this, and the device replies with that.
    Service(Vec<ServiceIntent>, ServiceEvent),
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        1 => any_board().prop_map(Step::Board),
        3 => (0_u64..100_000).prop_map(Step::Wait),
        3 => (0_u64..30).prop_map(Step::Wait),
        2 => Just(Step::Touch),
        15 => any_intent().prop_map(Step::Intent),
        1 => (0.0_f32..4000.0, 0.0_f32..4000.0).prop_map(|(w, h)| Step::Resize(w, h)),
        1 => (0_usize..50, 0_usize..500, 0_u32..10_000).prop_map(|(titles, titles_close, preview_width)| {
            Step::ResizeIdle(IdleRoom { titles, titles_close, preview_width })
        }),
        3 => any_sizes().prop_map(Step::Opened),
        3 => any::<bool>().prop_map(Step::TextRead),
        1 => any::<bool>().prop_map(Step::Speaking),
        3 => Just(Step::Answered),
        2 => (service_mode::tests::any_session(), service_mode::tests::any_answer())
            .prop_map(|(intents, answer)| Step::Service(intents, answer)),
    ]
}

/// A tool panel, the attachments from which the document was chosen, the notice.
const MOST_STEPS_BACK: usize = 4;

fn some_text() -> TextRendition {
    let place = TextBox::new(100.0, 100.0, 80.0, 12.0);
    let word = |text: &str| TextWord {
        text: text.to_owned(),
        place,
        confidence: None,
    };
    let words = ["Rozpočet", "na", "rok", "a", "poplatek"]
        .map(word)
        .to_vec();
    let page = TextPage {
        paragraphs: vec![Paragraph {
            lines: vec![TextLine { words }],
            ..Paragraph::default()
        }],
        ..TextPage::empty(595.0, 842.0)
    };
    TextRendition {
        pages: vec![page; 3],
        truncated: false,
    }
}

/// The corner is held until `at`, and the right PIN is typed.
fn enter_service(state: &mut State, at: u64) {
    let intend = |state: &mut State, intent, at| {
        state.apply(Event::Intent(Intent::Service(intent)), now_at(at));
    };
    intend(state, ServiceIntent::CornerTouched, at - 6);
    state.apply(Event::Tick, now_at(at));
    for digit in [4, 8, 2, 9] {
        intend(state, ServiceIntent::Digit(digit), at);
    }
    intend(state, ServiceIntent::EnterPin, at);
    let right = ServiceEvent::PinChecked { right: true };
    state.apply(Event::Service(right), now_at(at));
    assert!(state.is_service_in_front());
}

proptest! {
    // A hundred thousand events.
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn whatever_users_do_the_invariants_hold_and_the_list_is_one_touch_away(
        steps in prop::collection::vec(any_step(), 450..550),
    ) {
        let mut state = State::new(now_at(0));
        let remembered = ServiceEvent::Remembered {
            failures: 0,
            hash: None,
            device_hash: Some("hash".into()),
        };
        state.apply(Event::Service(remembered), now_at(0));
        let mut at = 0;
        for step in steps {
            let now = now_at(at);
            match step {
                Step::Board(board) => state.apply(board, now),
                Step::Wait(seconds) => {
                    at += seconds;
                    state.apply(Event::Tick, now_at(at));
                }
                Step::Touch => state.apply(Event::Touched, now),
                Step::Intent(intent) => state.apply(Event::Intent(intent), now),
                Step::Resize(width, height) => {
                    state.apply(Event::ViewerResized(Size { width, height }), now);
                }
                Step::ResizeIdle(room) => state.apply(Event::IdleResized(room), now),
                Step::Service(intents, answer) => {
                    at += 6;
                    enter_service(&mut state, at);
                    for intent in intents {
                        state.apply(Event::Intent(Intent::Service(intent)), now_at(at));
                    }
                    state.apply(Event::Service(answer), now_at(at));
                    state.take_service_commands();
                }
                Step::TextRead(there) => {
                    if let Some(request) = state.text_request() {
                        let text = there.then(|| Arc::new(SearchableText::from(some_text())));
                        state.apply(Event::TextArrived { request, text }, now);
                    }
                }
                Step::Speaking(speaks) => state.apply(Event::Speaking(speaks), now),
                Step::Answered => {
                    if let Some(question) = state.wanted_search() {
                        let answer = searching::answer(&state, question);
                        state.apply(Event::SearchFinished(answer), now);
                    }
                }
                Step::Opened(outcome) => {
                    let drawn = state.layout_input().drawn;
                    let document = drawn.unwrap_or(ContentHash::of(b"any"));
                    state.apply(Event::DocumentOpened { document, outcome }, now);
                }
            }
            state.verify_invariants();
            prop_assert!(state.render_requests().iter().count() < 5000);
            if let Some((step, steps, _)) = state.idle_step() {
                prop_assert!(step < steps);
            }
            prop_assert!(state.listed().len() <= state.posted().len());
            if let Some((_, reading)) = state.reading()
            {
                let layout_input = state.layout_input();
                let content = reading.content(&layout_input);
                prop_assert!(content.width.is_finite() && content.height.is_finite());
                for placed in reading.near(&layout_input) {
                    prop_assert!(placed.x >= 0.0 && placed.y >= 0.0);
                }
            }
            let mut one_touch = state.clone();
            one_touch.apply(Event::Intent(Intent::ShowBoard), now_at(at));
            prop_assert!(one_touch.is_board_in_front());
            // Repeated „back" leaves every notice, whatever covers it.
            let mut back = state.clone();
            for _ in 0..MOST_STEPS_BACK {
                if back.reading().is_none() {
                    break;
                }
                back.apply(Event::Intent(Intent::Back), now_at(at));
            }
            prop_assert!(back.reading().is_none());
        }
    }

    #[test]
    fn an_unsure_clock_hides_nothing_a_sure_one_at_its_lower_bound_shows(
        board in any_board(),
        width in 0_i64..1_000_000,
    ) {
        let mut sure = State::new(now_at(0));
        sure.apply(board.clone(), now_at(0));
        let mut unsure = State::new(now_at(0));
        let mut now = now_at(0);
        now.clock.latest += TimeDelta::seconds(width);
        now.clock.trust = ClockTrust::HoldingOver;
        unsure.apply(board, now);
        prop_assert_eq!(
            sure.visible().collect::<Vec<_>>(),
            unsure.visible().collect::<Vec<_>>()
        );
    }
}
