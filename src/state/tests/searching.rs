//! The search: typing, results, opening and returning.

use vyveska_board::search::{Excerpt, Place};

use super::*;

pub(super) fn any_typing_intent() -> impl Strategy<Value = TypingIntent> {
    let key = prop_oneof![
        prop::char::range('a', 'e').prop_map(Key::Letter),
        Just(Key::Letter(' ')),
        Just(Key::Erase)
    ];
    prop_oneof![
        6 => key.prop_map(TypingIntent::KeyPress),
        2 => ".{0,90}".prop_map(TypingIntent::Type),
        1 => Just(TypingIntent::Erase),
        1 => Just(TypingIntent::Clear),
        1 => Just(TypingIntent::ChooseLayout(KeyboardLayout::German)),
        1 => Just(TypingIntent::ChooseLayer(Layer::Digits)),
    ]
}

pub(super) fn any_search_intent() -> impl Strategy<Value = SearchIntent> {
    prop_oneof![
        11 => any_typing_intent().prop_map(SearchIntent::Typing),
        1 => Just(SearchIntent::Done),
        1 => Just(SearchIntent::Edit),
        1 => Just(SearchIntent::Suggest("Volby".to_owned())),
        1 => any_number().prop_map(SearchIntent::Scrolled),
        4 => (0_usize..30).prop_map(|id| SearchIntent::OpenFound(NoticeId::new(format!("n{id}")))),
    ]
}

/// The worker's reply if every posted notice had the words on the second page of its second document.
pub(super) fn answer(state: &State, question: Question) -> SearchResult {
    let found = state.posted().map(|entry| Found {
        notice: entry.notice.id.clone(),
        place: Place::Text {
            document: 1,
            page: 1,
        },
        excerpt: Excerpt::default(),
    });
    let found: Vec<Found> = found.take(MOST_FOUND).collect();
    SearchResult {
        question,
        total: state.posted().len(),
        found,
        in_documents: true,
    }
}

fn search(state: &mut State, intent: SearchIntent, at: u64) {
    touch(state, Intent::Search(intent), at);
}

fn write(state: &mut State, intent: TypingIntent, at: u64) {
    search(state, SearchIntent::Typing(intent), at);
}

/// Types, and lets the worker reply.
fn type_words(state: &mut State, words: &str) {
    write(state, TypingIntent::Type(words.to_owned()), 1);
    let question = state.wanted_search().unwrap();
    let answer = answer(state, question);
    state.apply(Event::SearchFinished(answer), now_at(1));
}

fn searching(board: Event) -> State {
    let mut state = kiosk(board);
    touch(&mut state, Intent::ShowSearch, 1);
    assert!(state.is_search_in_front());
    state
}

fn key_press(state: &mut State, key: Key, milliseconds: u64) {
    let mut now = now_at(1);
    now.monotonic = Duration::from_millis(1000 + milliseconds);
    let intent = Intent::Search(SearchIntent::Typing(TypingIntent::KeyPress(key)));
    state.apply(Event::Intent(intent), now);
}

#[test]
fn keys_write_and_erase() {
    let mut state = searching(old_board(1));
    let letters = [' ', 'ů', 'l', ' ', ' ', 'x'];
    for (number, letter) in letters.into_iter().enumerate() {
        key_press(&mut state, Key::Letter(letter), number as u64 * 200);
    }
    assert_eq!(state.search().words(), "ůl x");
    key_press(&mut state, Key::Erase, 5000);
    key_press(&mut state, Key::Erase, 5200);
    assert_eq!(state.search().words(), "ůl");
    write(&mut state, TypingIntent::Type("\u{8}Á\n-1".to_owned()), 9);
    assert_eq!(state.search().words(), "ůlÁ -1");
    write(&mut state, TypingIntent::Clear, 9);
    assert_eq!(state.search().words(), "");
    assert_eq!(state.wanted_search(), None);
}

#[test]
fn a_repeated_key_press_counts_once() {
    let mut at = 10_000;
    let mut typed = |state: &mut State, gaps: &[u64]| {
        write(state, TypingIntent::Clear, 1);
        at += 10_000;
        key_press(state, Key::Letter('n'), at);
        for gap in gaps {
            at += gap;
            key_press(state, Key::Letter('n'), at);
        }
        state.search().words().to_owned()
    };
    let mut state = searching(old_board(1));
    assert_eq!(typed(&mut state, &[30, 60, 99]), "n");
    assert_eq!(typed(&mut state, &[150, 150]), "nnn");
    touch(&mut state, Intent::ToggleReach, 1);
    assert_eq!(typed(&mut state, &[150, 499]), "n");
    assert_eq!(typed(&mut state, &[510]), "nn");
    // Another key counts at once.
    write(&mut state, TypingIntent::Clear, 1);
    key_press(&mut state, Key::Letter('a'), 200_000);
    key_press(&mut state, Key::Letter('b'), 200_001);
    assert_eq!(state.search().words(), "ab");
}

#[test]
fn the_field_takes_no_more_than_fits() {
    let mut state = searching(old_board(1));
    write(&mut state, TypingIntent::Type("ř".repeat(10_000)), 1);
    assert_eq!(state.search().words().chars().count(), 60);
}

#[test]
fn only_the_answer_to_what_is_typed_counts_and_the_one_before_stays_until_then() {
    let mut state = searching(old_board(3));
    type_words(&mut state, "de");
    assert_eq!(state.search().answer().unwrap().total, 3);
    let late = answer(&state, state.wanted_search().unwrap());
    write(&mut state, TypingIntent::Type("s".to_owned()), 1);
    assert_eq!(state.search().answer(), Some(&late), "nothing flickers");
    let mut wrong = late.clone();
    wrong.found.clear();
    state.apply(Event::SearchFinished(wrong), now_at(1));
    assert_eq!(state.search().answer(), Some(&late));
}

#[test]
fn a_search_is_pending_until_its_own_answer_comes() {
    let mut state = searching(old_board(3));
    assert!(!state.is_search_pending(), "nothing was asked");
    type_words(&mut state, "de");
    assert!(!state.is_search_pending());
    write(&mut state, TypingIntent::Type("s".to_owned()), 1);
    assert!(
        state.is_search_pending(),
        "only the answer to less is there"
    );
    touch(&mut state, Intent::ShowBoard, 1);
    assert!(!state.is_search_pending(), "nobody waits for it");
}

#[test]
fn a_found_notice_opens_at_the_page_and_one_comes_back_to_the_same_place() {
    let mut state = searching(old_board(5));
    type_words(&mut state, "Elektřina a 4821");
    search(&mut state, SearchIntent::Done, 2);
    search(&mut state, SearchIntent::Scrolled(1.5), 2);
    let jumps = state.search().jumps();
    search(&mut state, SearchIntent::OpenFound(NoticeId::new("n3")), 3);
    let (read, reading) = state.reading().unwrap();
    let found = read.notice().map(|entry| &entry.notice.id);
    assert_eq!(found, Some(&NoticeId::new("n3")));
    assert_eq!(reading.chosen(), 1);
    assert_eq!(reading.finding().words(), "elektrin 4821");
    let document = reading.document().unwrap();
    let a4 = Size {
        width: 595.0,
        height: 842.0,
    };
    let outcome = Ok(vec![a4; 3].into());
    state.apply(Event::DocumentOpened { document, outcome }, now_at(3));
    assert_eq!(page(&state), 1);

    touch(&mut state, Intent::Back, 4);
    assert!(state.is_search_in_front() && !state.search().is_typing());
    assert_eq!(state.search().words(), "Elektřina a 4821");
    assert_eq!(state.search().place(), 1.5);
    assert_ne!(state.search().jumps(), jumps, "the results go there");
    assert_eq!(state.search().answer().unwrap().found.len(), 5);
    // From a notice opened in the list, „back" leads to the list.
    touch(&mut state, Intent::ShowBoard, 5);
    touch(&mut state, Intent::OpenNotice(NoticeId::new("n3")), 5);
    touch(&mut state, Intent::Back, 6);
    assert!(state.is_board_in_front());
}

#[test]
fn words_and_hits_are_gone_with_who_typed_them() {
    let mut state = searching(old_board(3));
    type_words(&mut state, "soused");
    state.apply(Event::Tick, now_at(60 + 1));
    assert!(state.countdown(Duration::from_secs(61)).is_some());
    state.apply(Event::Tick, now_at(80 + 1));
    assert!(state.idle_step().is_some());
    assert_eq!(state.search(), &Search::default());
    touch(&mut state, Intent::ShowSearch, 90);
    assert_eq!(state.search().words(), "");
}

#[test]
fn what_is_taken_down_is_no_hit_any_more() {
    let mut state = searching(old_board(3));
    type_words(&mut state, "soused");
    state.apply(old_board(2), now_at(2));
    let answer = state.search().answer().unwrap();
    assert_eq!((answer.total, answer.found.len()), (2, 2));
    assert_ne!(
        state.wanted_search().unwrap(),
        answer.question,
        "the new board is asked again"
    );
    search(&mut state, SearchIntent::OpenFound(NoticeId::new("n2")), 2);
    assert!(state.is_search_in_front());
}

fn letters(state: &State) -> KeyboardLayout {
    state.search().typing().layout(state.language())
}

#[test]
fn the_keyboard_follows_the_language_until_another_is_chosen() {
    let mut state = searching(old_board(1));
    assert_eq!(letters(&state), KeyboardLayout::Czech);
    touch(&mut state, Intent::NextLanguage, 1);
    assert_eq!(letters(&state), KeyboardLayout::German);
    write(
        &mut state,
        TypingIntent::ChooseLayout(KeyboardLayout::Czech),
        1,
    );
    touch(&mut state, Intent::NextLanguage, 1);
    assert_eq!(letters(&state), KeyboardLayout::Czech);
    // The keyboard is hidden and shown.
    search(&mut state, SearchIntent::Done, 1);
    assert!(!state.search().is_typing());
    search(&mut state, SearchIntent::Edit, 1);
    assert!(state.search().is_typing());
    search(&mut state, SearchIntent::Done, 1);
    touch(&mut state, Intent::ShowSearch, 1);
    assert!(state.search().is_typing());
}

#[test]
fn a_letter_with_a_mark_is_followed_by_plain_ones() {
    let mut state = searching(old_board(1));
    write(&mut state, TypingIntent::ChooseLayer(Layer::Marks), 1);
    key_press(&mut state, Key::Letter('ř'), 0);
    assert_eq!(state.search().typing().layer(), Layer::Letters);
    write(&mut state, TypingIntent::ChooseLayer(Layer::Digits), 1);
    key_press(&mut state, Key::Letter('4'), 500);
    assert_eq!(state.search().typing().layer(), Layer::Digits);
    key_press(&mut state, Key::Letter(' '), 1000);
    assert_eq!(state.search().typing().layer(), Layer::Letters);
}
