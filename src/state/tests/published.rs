//! Documents of the town's information: opened, read and closed like attachments, without a notice.

use vyveska_wire::manifest::ContentRef;

use super::*;

/// A board with three old notices and a page of these documents; one without bytes is only on the web.
fn board(documents: &[Option<&[u8]>]) -> Event {
    let documents: Vec<serde_json::Value> = documents
        .iter()
        .enumerate()
        .map(|(n, bytes)| match bytes {
            Some(bytes) => serde_json::json!({
                "name": { "cs": format!("Plán {n}") },
                "document": {
                    "content": ContentRef::to(bytes),
                    "text": ContentRef::to(b"its text"),
                },
            }),
            None => serde_json::json!({ "name": { "cs": format!("Plán {n}") } }),
        })
        .collect();
    let information = serde_json::json!({
        "pages": [
            { "id": "sireny", "title": { "cs": "Sirény" }, "kind": "text", "text": {} },
            {
                "id": "dokumenty",
                "title": { "cs": "Strategické dokumenty" },
                "kind": "documents",
                "documents": documents,
            },
        ],
    });
    let Event::BoardChanged(mut board) = old_board(3) else {
        panic!("it is a board");
    };
    let content = Arc::make_mut(&mut board);
    content.information = serde_json::from_value(information).unwrap();
    content.published = Published::all(&content.information);
    Event::BoardChanged(board)
}

fn intend(state: &mut State, intent: InformationIntent, at: u64) {
    touch(state, Intent::Information(intent), at);
}

/// The second document of the page, which is the first that can be read on the kiosk, open.
fn reading_the_plan() -> State {
    let mut state = kiosk(board(&[None, Some(b"plan"), Some(b"map")]));
    intend(
        &mut state,
        InformationIntent::Open("dokumenty".to_owned()),
        1,
    );
    intend(&mut state, InformationIntent::Read(1), 2);
    state
}

fn page_in_front(state: &State) -> Option<&str> {
    state.information_page().map(|page| page.id.as_str())
}

#[test]
fn a_document_of_a_page_opens_in_the_viewer_and_back_leads_to_the_page() {
    let mut state = reading_the_plan();
    let (read, reading) = state.reading().unwrap();
    let Read::Published(published) = read else {
        panic!("it is no notice");
    };
    assert_eq!(published.name.best(Language::Czech), "Plán 1");
    assert_eq!(read.documents().len(), 1);
    let plan = ContentHash::of(b"plan");
    assert_eq!(reading.document(), Some(plan));
    assert_eq!(reading.leads(), Leads::ToInformation);
    assert!(
        state
            .render_requests()
            .iter()
            .all(|one| one.document == plan)
    );
    assert_eq!(state.text_request().unwrap().document, plan);
    assert!(!state.is_information_in_front());

    touch(
        &mut state,
        Intent::Reading(ReadingIntent::TogglePanel(ToolPanel::More)),
        3,
    );
    touch(&mut state, Intent::Back, 4);
    assert!(state.reading().is_some(), "first what lies over the pages");
    touch(&mut state, Intent::Back, 5);
    assert_eq!(page_in_front(&state), Some("dokumenty"));
}

#[test]
fn what_has_no_document_or_is_on_no_open_page_opens_nothing() {
    let mut state = kiosk(board(&[None, Some(b"plan")]));
    intend(&mut state, InformationIntent::Read(1), 1);
    assert!(state.reading().is_none(), "no page is open");
    intend(
        &mut state,
        InformationIntent::Open("dokumenty".to_owned()),
        2,
    );
    for index in [0, 2, usize::MAX] {
        intend(&mut state, InformationIntent::Read(index), 3);
        assert_eq!(page_in_front(&state), Some("dokumenty"));
    }
    intend(&mut state, InformationIntent::Open("sireny".to_owned()), 4);
    intend(&mut state, InformationIntent::Read(1), 5);
    assert_eq!(page_in_front(&state), Some("sireny"));
}

#[test]
fn the_list_is_one_touch_away_from_a_document_and_nothing_of_it_is_recorded() {
    let mut state = reading_the_plan();
    let visible: Vec<&str> = state.visible().map(|one| one.id.as_str()).collect();
    assert_eq!(visible.len(), 3, "only notices are: {visible:?}");
    touch(&mut state, Intent::ShowBoard, 3);
    assert!(state.is_board_in_front());
    touch(&mut state, Intent::Back, 4);
    assert!(state.is_board_in_front());
}

#[test]
fn a_document_is_left_alone_as_long_as_a_page_is() {
    let mut state = reading_the_plan();
    state.apply(Event::Tick, now_at(2 + 180));
    assert_eq!(state.countdown(Duration::from_secs(2 + 180)), Some(20));
    assert!(state.reading().is_some());
    state.apply(Event::Tick, now_at(2 + 200));
    assert!(state.idle_step().is_some());
}

#[test]
fn who_reads_a_document_that_is_taken_back_or_replaced_is_led_to_its_page() {
    let mut state = reading_the_plan();
    state.apply(board(&[Some(b"map"), None, Some(b"plan")]), now_at(3));
    assert!(state.reading().is_some(), "it stands elsewhere on its page");
    state.apply(board(&[None, Some(b"another plan")]), now_at(4));
    assert_eq!(page_in_front(&state), Some("dokumenty"));

    let mut state = reading_the_plan();
    state.apply(old_board(3), now_at(3));
    assert!(
        state.is_board_in_front(),
        "there is no information any more"
    );
}
