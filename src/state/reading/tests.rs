use std::sync::Arc;

use proptest::prelude::*;
use vyveska_board::{Moment, NoticeId, Rendition};
use vyveska_wire::text_rendition::{
    Paragraph, TextBox, TextLine, TextPage, TextRendition, TextSource, TextWord,
};

use super::*;
use crate::state::tests::{
    board_of, entry, kiosk, now_at, old_board, open_three_pages, page, touch,
};
use crate::state::{Event, Intent, State, TextRequest, TypingIntent, Unreadable};

const A4: Size = Size {
    width: 595.0,
    height: 842.0,
};

/// Opens pages of this size for the open document.
fn pages(state: &mut State, sizes: &[Size]) {
    let document = reading(state).document().unwrap();
    let outcome = Ok(sizes.into());
    state.apply(Event::DocumentOpened { document, outcome }, now_at(1));
}

fn reading(state: &State) -> &Reading {
    state.reading().unwrap().1
}

fn read(state: &mut State, intent: ReadingIntent) {
    touch(state, Intent::Reading(intent), 2);
}

/// A page of lines of words from x = 100 to x = 500, the first line at y = 100.
fn text_page(lines: &[&str]) -> TextPage {
    let lines = lines
        .iter()
        .enumerate()
        .map(|(row, line)| {
            let words: Vec<&str> = line.split(' ').collect();
            let width = 400.0 / words.len() as f32;
            TextLine {
                words: words
                    .iter()
                    .enumerate()
                    .map(|(column, word)| TextWord {
                        text: (*word).to_owned(),
                        place: TextBox::new(
                            100.0 + column as f32 * width,
                            100.0 + 20.0 * row as f32,
                            width,
                            12.0,
                        ),
                        confidence: None,
                    })
                    .collect(),
            }
        })
        .collect();
    TextPage {
        source: TextSource::Pdf,
        paragraphs: vec![Paragraph {
            lines,
            ..Paragraph::default()
        }],
        ..TextPage::empty(A4.width, A4.height)
    }
}

fn text() -> TextRendition {
    let line = "Obec vyhlašuje místní poplatek za komunální odpad na rok";
    TextRendition {
        pages: vec![
            text_page(&[line, line, "Příloha žádosti"]),
            text_page(&[
                line,
                "o komunální",
                "ODPAD a kanál",
                "kanalizace",
                "zastupi-",
                "telstvo",
            ]),
            TextPage::empty(A4.width, A4.height),
        ],
        truncated: false,
    }
}

/// A notice whose first document has a text, open, with known page sizes.
fn with_text() -> State {
    let mut shown = entry(0, Moment::Unspecified, Moment::Unspecified, 2);
    shown.notice.documents[0].text = Some(Rendition {
        hash: ContentHash::of(b"text").0,
        size_bytes: 4,
    });
    let mut state = kiosk(board_of(vec![shown]));
    open_three_pages(&mut state);
    state
}

fn give_text(state: &mut State) {
    let request = state.text_request().unwrap();
    let text = Some(Arc::new(SearchableText::from(text())));
    state.apply(Event::TextArrived { request, text }, now_at(2));
}

/// The page, and the point on it, under a point of the window; both as parts of width and height.
fn at(state: &State, x: f32, y: f32) -> (usize, f32, f32) {
    let reading = reading(state);
    let layout = reading.layout(&state.layout_input());
    let (left, top) = reading.offset();
    let page = layout.page_at(top + y).unwrap();
    (
        page.index,
        (left + x - page.x) / page.size.width,
        (top + y - page.y) / page.size.height,
    )
}

#[track_caller]
fn assert_near(before: (usize, f32, f32), after: (usize, f32, f32)) {
    assert_eq!(before.0, after.0, "{before:?} {after:?}");
    assert!((before.1 - after.1).abs() < 0.01, "{before:?} {after:?}");
    assert!((before.2 - after.2).abs() < 0.01, "{before:?} {after:?}");
}

#[test]
fn a_document_opens_at_the_width_of_its_text_as_soon_as_that_is_known() {
    let mut state = with_text();
    assert_eq!(reading(&state).zoom(), 1.0);
    assert_eq!(reading(&state).offset().0, 0.0);
    give_text(&mut state);
    let (left, right) = (at(&state, 0.0, 10.0).1, at(&state, 900.0, 10.0).1);
    // The text goes from 100 to 500 of 595 points.
    assert!((left - (100.0 / 595.0 - 0.02)).abs() < 0.01, "{left}");
    assert!((right - (500.0 / 595.0 + 0.02)).abs() < 0.01, "{right}");
    assert_eq!(
        reading(&state).sideways(&state.layout_input()),
        Sideways::default()
    );
    assert_eq!(state.text_request(), None);
}

#[test]
fn a_zoom_that_was_chosen_stays_when_the_text_comes() {
    let mut state = with_text();
    touch(&mut state, Intent::ZoomIn, 2);
    let zoom = reading(&state).zoom();
    give_text(&mut state);
    assert_eq!(reading(&state).zoom(), zoom);
}

#[test]
fn a_text_is_wanted_once_and_gone_with_its_notice() {
    let mut state = with_text();
    let request = state.text_request().unwrap();
    let gone = TextRequest {
        rendition: ContentHash::of(b"another"),
        ..request
    };
    let (none, some) = (None, Some(Arc::new(SearchableText::from(text()))));
    state.apply(
        Event::TextArrived {
            request: gone,
            text: some.clone(),
        },
        now_at(2),
    );
    assert!(state.text().is_none());
    state.apply(
        Event::TextArrived {
            request,
            text: none,
        },
        now_at(2),
    );
    assert_eq!(
        state.text_request(),
        None,
        "what is not here is not asked for again"
    );
    state.content_arrived(&request.rendition);
    assert_eq!(state.text_request(), Some(request), "until it arrives");
    state.apply(
        Event::TextArrived {
            request,
            text: some,
        },
        now_at(2),
    );
    assert_eq!(state.page_text(1).unwrap().words().count(), 17);
    assert!(state.page_text(7).is_none());
    touch(&mut state, Intent::ChooseDocument(1), 3);
    assert!(state.text().is_none());
    touch(&mut state, Intent::ShowBoard, 4);
    assert!(state.text().is_none() && state.text_request().is_none());
}

#[test]
fn another_board_looks_again_for_what_was_missing() {
    let mut state = with_text();
    let request = state.text_request().unwrap();
    let document = request.document;
    let outcome = Err(Unreadable::Missing);
    state.apply(Event::DocumentOpened { document, outcome }, now_at(2));
    state.apply(
        Event::TextArrived {
            request,
            text: None,
        },
        now_at(2),
    );
    assert!(state.render_requests().now.is_empty());
    let board = Arc::clone(state.board().unwrap());
    state.apply(Event::BoardChanged(board), now_at(3));
    assert_eq!(state.render_requests().now[0].document, document);
    assert_eq!(state.text_request(), Some(request));
}

#[test]
fn zooming_keeps_the_middle_of_the_window_where_it_is() {
    let mut state = kiosk(old_board(1));
    open_three_pages(&mut state);
    touch(&mut state, Intent::ViewerScrolled { x: 0.0, y: 500.0 }, 2);
    let before = at(&state, 450.0, 600.0);
    for _ in 0..3 {
        touch(&mut state, Intent::ZoomIn, 3);
        assert_near(before, at(&state, 450.0, 600.0));
    }
    touch(&mut state, Intent::FitWidth, 4);
    assert_near(before, at(&state, 450.0, 600.0));
}

#[test]
fn larger_and_smaller_again_is_as_it_was() {
    let mut state = with_text();
    give_text(&mut state);
    let opened = (reading(&state).zoom(), reading(&state).offset());
    touch(&mut state, Intent::ZoomIn, 2);
    assert!(
        reading(&state).zoom() > opened.0 * 1.1,
        "a step that one sees"
    );
    touch(&mut state, Intent::ZoomOut, 2);
    assert_eq!((reading(&state).zoom(), reading(&state).offset()), opened);
}

#[test]
fn two_touches_enlarge_about_the_finger_and_lead_back() {
    let mut state = with_text();
    give_text(&mut state);
    let opened = reading(&state).zoom();
    let finger = at(&state, 300.0, 400.0);
    read(
        &mut state,
        ReadingIntent::DoubleTouch { x: 300.0, y: 400.0 },
    );
    assert_eq!(reading(&state).zoom(), 2.0 * opened);
    assert_near(finger, at(&state, 300.0, 400.0));
    read(
        &mut state,
        ReadingIntent::DoubleTouch { x: 300.0, y: 400.0 },
    );
    assert_eq!(reading(&state).zoom(), opened);
    assert_eq!(reading(&state).fit, Fit::Text);
}

#[test]
fn a_whole_page_fits_whatever_its_shape() {
    for size in [
        A4,
        Size {
            width: 842.0,
            height: 595.0,
        },
        Size {
            width: 60.0,
            height: 3000.0,
        },
    ] {
        let mut state = kiosk(old_board(1));
        touch(&mut state, Intent::OpenNotice(NoticeId::new("n0")), 1);
        pages(&mut state, &[size; 3]);
        read(&mut state, ReadingIntent::GoToPage(1));
        read(&mut state, ReadingIntent::FitPage);
        let (top, bottom) = (at(&state, 450.0, 0.0), at(&state, 450.0, 1200.0));
        assert_eq!(page(&state), 1);
        assert!(top.0 == 0 || top.2 <= 0.0, "{size:?} {top:?}");
        assert!(bottom.0 == 2 || bottom.2 >= 1.0, "{size:?} {bottom:?}");
        assert!(!reading(&state).can_zoom_out(&state.layout_input()) || size.height < 3000.0);
    }
}

#[test]
fn a_turned_page_stays_in_the_window_and_four_turns_are_none() {
    let mut state = kiosk(old_board(1));
    open_three_pages(&mut state);
    read(&mut state, ReadingIntent::GoToPage(2));
    for quarter in 1..=4 {
        read(&mut state, ReadingIntent::TurnRight);
        assert_eq!(page(&state), 2);
        let reading = reading(&state);
        assert_eq!(reading.rotation().number(), quarter % 4);
        let placed = reading.layout(&state.layout_input()).page(2).unwrap();
        assert_eq!(placed.size.width > placed.size.height, quarter % 2 == 1);
    }
    read(&mut state, ReadingIntent::TurnLeft);
    assert_eq!(reading(&state).rotation().number(), 3);
}

#[test]
fn a_page_larger_than_the_window_is_gone_through_before_the_next() {
    let mut state = kiosk(old_board(1));
    open_three_pages(&mut state);
    touch(&mut state, Intent::ZoomIn, 2);
    touch(&mut state, Intent::ZoomIn, 2);
    read(&mut state, ReadingIntent::GoToPage(0));
    let mut seen = vec![(page(&state), reading(&state).onward(&state.layout_input()))];
    let mut y = reading(&state).offset().1;
    while reading(&state).onward(&state.layout_input()).is_some() {
        touch(&mut state, Intent::NextPage, 3);
        let now = reading(&state).offset().1;
        assert!(
            now > y && now - y <= 1300.0,
            "no line is passed over: {y} {now}"
        );
        y = now;
        seen.push((page(&state), reading(&state).onward(&state.layout_input())));
    }
    let (same, other) = (Some(Onward::SamePage), Some(Onward::OtherPage));
    assert_eq!(
        seen,
        [
            (0, same),
            (0, other),
            (1, same),
            (1, other),
            (2, same),
            (2, None)
        ]
    );
    while reading(&state).backward(&state.layout_input()).is_some() {
        touch(&mut state, Intent::PreviousPage, 4);
    }
    assert_eq!(page(&state), 0);
    assert_eq!(reading(&state).offset().1, 0.0);
}

#[test]
fn a_plan_is_gone_through_sideways_by_buttons() {
    let mut state = kiosk(old_board(1));
    touch(&mut state, Intent::OpenNotice(NoticeId::new("n0")), 1);
    pages(
        &mut state,
        &[Size {
            width: 2384.0,
            height: 3370.0,
        }],
    );
    for _ in 0..4 {
        touch(&mut state, Intent::ZoomIn, 2);
    }
    let mut lefts = 0;
    while reading(&state).sideways(&state.layout_input()).left {
        read(&mut state, ReadingIntent::MoveLeft);
        lefts += 1;
    }
    assert_eq!(reading(&state).offset().0.max(16.0), 16.0);
    while reading(&state).sideways(&state.layout_input()).right {
        read(&mut state, ReadingIntent::MoveRight);
    }
    let (_, right, _) = at(&state, 900.0, 100.0);
    assert!(right > 0.99, "{right}");
    assert!(lefts > 0);
}

#[test]
fn tiles_cover_the_window_and_a_push_asks_for_few() {
    let mut state = kiosk(old_board(1));
    open_three_pages(&mut state);
    for _ in 0..4 {
        touch(&mut state, Intent::ZoomIn, 2);
    }
    let covered = |state: &State| {
        let (reading, layout_input) = (reading(state), state.layout_input());
        let (left, top) = reading.offset();
        let wanted = state.render_requests();
        for page in reading.visible(&layout_input) {
            for (x, y) in [(0.0, 0.0), (899.0, 0.0), (450.0, 600.0), (899.0, 1199.0)] {
                let (x, y) = (left + x - page.x, top + y - page.y);
                if x < 0.0 || y < 0.0 || x >= page.size.width || y >= page.size.height {
                    continue;
                }
                let holds = |drawing: &Drawing| {
                    drawing.page as usize == page.index
                        && drawing.region.is_some_and(|part| {
                            (part.x as f32..(part.x + part.width) as f32).contains(&x)
                                && (part.y as f32..(part.y + part.height) as f32).contains(&y)
                        })
                };
                assert!(wanted.now.iter().any(holds), "nothing sharp at {x}, {y}");
            }
        }
        wanted
    };
    let before = covered(&state);
    let (x, y) = reading(&state).offset();
    touch(
        &mut state,
        Intent::ViewerScrolled {
            x: x + 90.0,
            y: y + 70.0,
        },
        3,
    );
    let after = covered(&state);
    let new = after
        .now
        .iter()
        .filter(|drawing| !before.now.contains(drawing));
    for drawing in new {
        assert!(
            before.soon.contains(drawing),
            "a short push finds everything drawn"
        );
    }
}

#[test]
fn what_is_wanted_is_bounded_at_any_zoom() {
    for size in [
        A4,
        Size {
            width: 2384.0,
            height: 3370.0,
        },
        Size {
            width: 100.0,
            height: 790.0,
        },
    ] {
        let mut state = kiosk(old_board(1));
        touch(&mut state, Intent::OpenNotice(NoticeId::new("n0")), 1);
        pages(&mut state, &[size; 40]);
        read(&mut state, ReadingIntent::FitPage);
        loop {
            let wanted = state.render_requests();
            let ratio = size.height / size.width;
            let pixels: f32 = wanted
                .iter()
                .map(|drawing| match drawing.region {
                    Some(part) => (part.width * part.height) as f32,
                    None => drawing.page_width as f32 * drawing.page_width as f32 * ratio,
                })
                .sum();
            // Three bytes per pixel: the page cache holds 28 MB.
            assert!(
                3.0 * pixels < 28e6,
                "{size:?} at {} asks for {pixels} pixels",
                reading(&state).zoom()
            );
            if !reading(&state).can_zoom_in(&state.layout_input()) {
                break;
            }
            touch(&mut state, Intent::ZoomIn, 2);
        }
    }
}

fn find(state: &mut State, typed: &str) {
    touch(
        state,
        Intent::FindInDocument(TypingIntent::Type(typed.to_owned())),
        2,
    );
}

#[test]
fn words_are_found_across_marks_capitals_and_lines() {
    let mut state = with_text();
    give_text(&mut state);
    let mut check = |typed: &str, hits: usize, first: Option<usize>| {
        read(&mut state, ReadingIntent::TogglePanel(ToolPanel::Find));
        find(&mut state, typed);
        let finding = reading(&state).finding().clone();
        assert_eq!((finding.count(), finding.page()), (hits, first), "{typed}");
        read(&mut state, ReadingIntent::FindEnd);
        read(&mut state, ReadingIntent::GoToPage(0));
    };
    check("POPLATEK", 3, Some(0));
    check("komunalni odpad", 4, Some(0));
    check("kanal", 2, Some(1));
    // Hyphenated at the end of a line.
    check("zastupitelstvo", 1, Some(1));
    check("  zadosti ", 1, Some(0));
    check("nebyl", 0, None);
    check("   ", 0, None);
}

#[test]
fn while_one_types_the_place_stands_between_the_field_and_the_keyboard() {
    let mut state = with_text();
    give_text(&mut state);
    read(&mut state, ReadingIntent::TogglePanel(ToolPanel::Find));
    find(&mut state, "kanalizace");
    let (reading, layout_input) = (reading(&state), state.layout_input());
    let marks = reading.marks(&layout_input);
    let current = marks.iter().find(|mark| mark.current).unwrap();
    let y = current.frame.y - reading.offset().1;
    assert!((0.2 * 1200.0..0.45 * 1200.0).contains(&y), "{y}");
}

#[test]
fn one_is_led_from_place_to_place_and_each_is_in_the_window() {
    let mut state = with_text();
    give_text(&mut state);
    for _ in 0..2 {
        touch(&mut state, Intent::ZoomIn, 2);
    }
    find(&mut state, "odpad");
    let mut pages = Vec::new();
    for _ in 0..5 {
        let (reading, layout_input) = (reading(&state), state.layout_input());
        pages.push(reading.finding().page().unwrap());
        let (x, y) = reading.offset();
        let marks = reading.marks(&layout_input);
        let current: Vec<&Mark> = marks.iter().filter(|mark| mark.current).collect();
        assert_eq!(current.len(), 1);
        let frame = current[0].frame;
        assert!(
            frame.x >= x && frame.x + frame.width <= x + 900.0,
            "{frame:?} {x}"
        );
        assert!(
            frame.y >= y && frame.y + frame.height <= y + 1200.0,
            "{frame:?} {y}"
        );
        read(&mut state, ReadingIntent::FindNext);
    }
    assert_eq!(pages, [0, 0, 1, 1, 0]);
    read(&mut state, ReadingIntent::FindPrevious);
    assert_eq!(reading(&state).finding().position(), 0);
}

#[test]
fn words_that_led_here_are_marked_once_the_text_is_here() {
    let mut state = with_text();
    let document = reading(&state).document().unwrap();
    let words = ["Odpad".to_owned(), "kanál".to_owned(), " ".to_owned()];
    state.open_notice_at(&NoticeId::new("n0"), &document, 1, &words);
    assert!(reading(&state).marks(&state.layout_input()).is_empty());
    give_text(&mut state);
    let finding = reading(&state).finding();
    assert_eq!(finding.words(), "odpad kanal");
    // Two hits on the first page, four in all.
    assert_eq!(
        (finding.count(), finding.position(), finding.page()),
        (6, 2, Some(1))
    );
}

#[test]
fn a_page_is_gone_to_by_its_number() {
    let mut state = kiosk(old_board(1));
    touch(&mut state, Intent::OpenNotice(NoticeId::new("n0")), 1);
    pages(&mut state, &[A4; 34]);
    read(&mut state, ReadingIntent::TogglePanel(ToolPanel::Jump));
    for digit in [0, 3, 9, 2, 1] {
        read(&mut state, ReadingIntent::JumpDigit(digit));
    }
    // No page begins with 0, and there is no page 39 or 321.
    assert_eq!(reading(&state).jump(), "32");
    read(&mut state, ReadingIntent::JumpErase);
    read(&mut state, ReadingIntent::JumpDigit(4));
    read(&mut state, ReadingIntent::JumpGo);
    assert_eq!(page(&state), 33);
    assert_eq!(reading(&state).panel(), None);
}

#[test]
fn the_strip_shows_a_bounded_number_and_begins_where_one_reads() {
    let mut state = kiosk(old_board(1));
    touch(&mut state, Intent::OpenNotice(NoticeId::new("n0")), 1);
    pages(&mut state, &[A4; 34]);
    read(&mut state, ReadingIntent::GoToPage(10));
    read(
        &mut state,
        ReadingIntent::StripResized {
            room: 8,
            width: 150,
        },
    );
    read(&mut state, ReadingIntent::TogglePanel(ToolPanel::Strip));
    let shown = |state: &State| reading(state).strip_pages(&state.layout_input());
    assert_eq!(shown(&state), 8..16);
    let small = |drawing: &&Drawing| drawing.page_width == 150;
    assert_eq!(state.render_requests().now.iter().filter(small).count(), 8);
    for _ in 0..5 {
        read(&mut state, ReadingIntent::StripOn);
    }
    assert_eq!(shown(&state), 32..34);
    read(&mut state, ReadingIntent::StripBack);
    read(&mut state, ReadingIntent::GoToPage(31));
    assert_eq!((page(&state), reading(&state).panel()), (31, None));
    assert_eq!(state.render_requests().iter().filter(small).count(), 0);
}

#[test]
fn back_leads_over_the_attachments_to_the_same_place_in_the_list() {
    let mut shown: Vec<_> = (0..50)
        .map(|id| entry(id, Moment::Unspecified, Moment::Unspecified, 2))
        .collect();
    shown[7] = entry(7, Moment::Unspecified, Moment::Unspecified, 34);
    let mut state = kiosk(board_of(shown));
    touch(&mut state, Intent::ShowBoard, 1);
    touch(&mut state, Intent::ListScrolled(2.5), 1);
    touch(&mut state, Intent::OpenNotice(NoticeId::new("n7")), 1);
    assert_eq!(reading(&state).leads(), Leads::ToList);
    read(
        &mut state,
        ReadingIntent::TogglePanel(ToolPanel::Attachments),
    );
    touch(&mut state, Intent::ChooseDocument(29), 2);
    assert_eq!(reading(&state).panel(), None);
    pages(&mut state, &[A4; 5]);
    read(&mut state, ReadingIntent::GoToPage(2));
    touch(&mut state, Intent::ZoomIn, 2);
    assert_eq!(reading(&state).leads(), Leads::ToAttachments);
    touch(&mut state, Intent::Back, 3);
    assert_eq!(reading(&state).panel(), Some(ToolPanel::Attachments));
    touch(&mut state, Intent::Back, 4);
    assert!(state.is_board_in_front());
    assert_eq!(state.list().place(), 2.5);
}

#[test]
fn what_lies_over_the_pages_is_put_away_first() {
    let mut state = kiosk(old_board(1));
    open_three_pages(&mut state);
    for panel in [
        ToolPanel::Facts,
        ToolPanel::More,
        ToolPanel::Strip,
        ToolPanel::Jump,
        ToolPanel::Find,
        ToolPanel::TakeAway,
    ] {
        read(&mut state, ReadingIntent::TogglePanel(panel));
        assert_eq!(reading(&state).leads(), Leads::ToPages);
        touch(&mut state, Intent::Back, 3);
        assert_eq!(reading(&state).panel(), None);
    }
}

#[test]
fn the_text_is_read_from_the_same_page_and_set_larger_by_the_same_buttons() {
    let mut state = with_text();
    read(&mut state, ReadingIntent::GoToPage(1));
    read(&mut state, ReadingIntent::ToggleText);
    assert!(!reading(&state).reads_text(), "there is no text yet");
    give_text(&mut state);
    read(&mut state, ReadingIntent::ToggleText);
    assert_eq!(page(&state), 1);
    assert_eq!(state.render_requests(), RenderRequests::default());
    let zoom = reading(&state).zoom();
    touch(&mut state, Intent::ZoomIn, 2);
    assert_eq!(
        (reading(&state).text_steps(), reading(&state).zoom()),
        (1, zoom)
    );
    touch(&mut state, Intent::NextPage, 2);
    assert_eq!(page(&state), 2);
    assert_eq!(reading(&state).onward(&state.layout_input()), None);
    read(&mut state, ReadingIntent::ToggleText);
    assert_eq!(page(&state), 2);
    assert!(!reading(&state).reads_text());
}

#[test]
fn a_turned_screen_keeps_the_line_at_its_top() {
    let mut state = with_text();
    give_text(&mut state);
    touch(
        &mut state,
        Intent::ViewerScrolled {
            x: 120.0,
            y: 1800.0,
        },
        2,
    );
    let before = at(&state, 450.0, 0.0);
    let lying = Size {
        width: 700.0,
        height: 500.0,
    };
    state.apply(Event::ViewerResized(lying), now_at(3));
    let after = at(&state, 350.0, 0.0);
    assert_eq!(before.0, after.0);
    assert!((before.2 - after.2).abs() < 0.01, "{before:?} {after:?}");
    let left = at(&state, 0.0, 0.0).1;
    assert!(
        (left - (100.0 / 595.0 - 0.02)).abs() < 0.02,
        "the text fits again: {left}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn zooming_about_a_finger_keeps_what_is_under_it(
        x in 50.0_f32..850.0,
        y in 50.0_f32..1150.0,
        from in 200.0_f32..2000.0,
        factor in 1.05_f32..3.0,
    ) {
        let mut state = kiosk(old_board(1));
        open_three_pages(&mut state);
        touch(&mut state, Intent::ZoomIn, 2);
        touch(&mut state, Intent::ViewerScrolled { x: 100.0, y: from }, 2);
        let before = at(&state, x, y);
        // Between pages there is nothing to keep, and beyond the edges there is nothing.
        prop_assume!(before.2 < 0.97 && (0.03..0.97).contains(&before.1));
        touch(&mut state, Intent::ZoomAbout { factor, x, y }, 3);
        let after = at(&state, x, y);
        prop_assert_eq!(before.0, after.0);
        prop_assert!((before.1 - after.1).abs() < 0.02, "{:?} {:?}", before, after);
        prop_assert!((before.2 - after.2).abs() < 0.02, "{:?} {:?}", before, after);
    }
}
