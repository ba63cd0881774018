//! Renditions drawn in the place of documents, and pages in doubt.

use super::*;

const RENDITION: &[u8] = b"drawn right";

fn rendition() -> ContentHash {
    ContentHash::of(RENDITION)
}

/// A notice with two documents, of which the first has a rendition, open.
fn kiosk_with_rendition(doubtful_pages: &[u32]) -> State {
    let mut shown = entry(0, Moment::Unspecified, Moment::Unspecified, 2);
    shown.notice.documents[0].rendition = Some(Rendition {
        hash: rendition().0,
        size_bytes: 11,
    });
    shown.notice.documents[0].doubtful_pages = doubtful_pages.to_vec();
    let mut state = kiosk(board_of(vec![shown]));
    touch(&mut state, Intent::OpenNotice(NoticeId::new("n0")), 1);
    state
}

fn original(state: &State) -> ContentHash {
    state.reading().unwrap().1.document().unwrap()
}

fn opened(state: &mut State, document: ContentHash, outcome: Opened) {
    state.apply(Event::DocumentOpened { document, outcome }, now_at(1));
}

fn three_pages() -> Opened {
    let a4 = Size {
        width: 595.0,
        height: 842.0,
    };
    Ok(vec![a4; 3].into())
}

/// The bytes that are asked to be drawn; all requests are of one document.
#[track_caller]
fn asked_for(state: &State) -> ContentHash {
    let wanted = state.render_requests();
    let first = wanted.now[0].document;
    assert!(wanted.iter().all(|drawing| drawing.document == first));
    first
}

#[test]
fn a_rendition_is_drawn_in_the_place_of_its_document() {
    let mut state = kiosk_with_rendition(&[]);
    assert_ne!(original(&state), rendition());
    assert_eq!(asked_for(&state), rendition());
    opened(&mut state, rendition(), three_pages());
    assert_eq!(asked_for(&state), rendition());
    assert_eq!(state.layout_input().sizes.len(), 3);
    assert_eq!(state.open_doubtful_pages(), [0_u32; 0]);
    assert_eq!(state.document_drawn_by(rendition()), original(&state));
    touch(&mut state, Intent::ChooseDocument(1), 2);
    assert_eq!(asked_for(&state), original(&state), "it has none");
    assert_eq!(state.document_drawn_by(original(&state)), original(&state));
}

#[test]
fn until_its_rendition_can_be_opened_a_document_is_drawn_itself_with_every_page_in_doubt() {
    for reason in [Unreadable::Missing, Unreadable::Broken] {
        let mut state = kiosk_with_rendition(&[]);
        opened(&mut state, rendition(), Err(reason));
        assert_eq!(asked_for(&state), original(&state));
        let document = original(&state);
        opened(&mut state, document, three_pages());
        assert_eq!(asked_for(&state), document);
        assert_eq!(state.open_doubtful_pages(), [1, 2, 3]);
    }
}

#[test]
fn a_rendition_that_arrives_takes_its_place_where_one_reads() {
    let mut state = kiosk_with_rendition(&[]);
    let document = original(&state);
    opened(&mut state, rendition(), Err(Unreadable::Missing));
    opened(&mut state, document, three_pages());
    touch(&mut state, Intent::ViewerScrolled { x: 0.0, y: 1_500.0 }, 2);
    let place = |state: &State| (page(state), state.reading().unwrap().1.offset());
    let before = place(&state);
    assert!(before.0 > 0);
    state.content_arrived(&rendition());
    assert_eq!(asked_for(&state), rendition());
    assert_eq!(place(&state), before, "the pages stay while it is opened");
    opened(&mut state, rendition(), three_pages());
    assert_eq!(place(&state), before);
    assert_eq!(state.open_doubtful_pages(), [0_u32; 0]);
}

#[test]
fn a_document_that_cannot_be_read_itself_is_read_by_its_rendition() {
    let mut state = kiosk_with_rendition(&[]);
    opened(&mut state, rendition(), Err(Unreadable::Missing));
    let document = original(&state);
    opened(&mut state, document, Err(Unreadable::Broken));
    assert!(state.render_requests().now.is_empty());
    state.content_arrived(&rendition());
    assert_eq!(asked_for(&state), rendition());
}

#[test]
fn a_first_page_in_doubt_is_no_preview() {
    let preview = |doubtful_pages: &[u32]| {
        let state = kiosk_with_rendition(doubtful_pages);
        let shown = state.posted().next().unwrap();
        state.preview(shown).map(|drawing| drawing.document)
    };
    assert_eq!(preview(&[2]), Some(rendition()));
    assert_eq!(preview(&[1, 2]), None);
    let mut state = kiosk_with_rendition(&[]);
    opened(&mut state, rendition(), Err(Unreadable::Missing));
    let shown = state.posted().next().unwrap();
    assert_eq!(state.preview(shown), None, "what is drawn is the document");
}
