//! Words written with spaces between their letters: „R O Z H O D N U T Í", as offices write for emphasis,
//! and the text around a seal. Search and speech need whole words.

use vyveska_wire::text_rendition::TextWord;

use super::{Line, fraction, union};

/// This many separate capital letters form words.
const FEWEST: usize = 4;
/// A step this much wider than most is between words.
const WIDER_STEP: f32 = 1.5;

/// Joins separate letters into words.
pub(super) fn join(line: Line) -> Line {
    let is_letter = |word: &TextWord| {
        let mut letters = word.text.chars();
        letters.next().is_some_and(char::is_uppercase) && letters.next().is_none()
    };
    let mut joined: Vec<TextWord> = Vec::with_capacity(line.words.len());
    let mut words = line.words.into_iter().peekable();
    while let Some(word) = words.next() {
        if !is_letter(&word) {
            joined.push(word);
            continue;
        }
        let mut run = vec![word];
        while let Some(next) = words.next_if(|next| is_letter(next)) {
            run.push(next);
        }
        if run.len() < FEWEST {
            joined.append(&mut run);
        } else {
            joined.append(&mut words_of(run));
        }
    }
    Line {
        words: joined,
        paragraph: line.paragraph,
    }
}

fn words_of(letters: Vec<TextWord>) -> Vec<TextWord> {
    let mut steps: Vec<f32> = letters
        .windows(2)
        .map(|pair| step(&pair[0], &pair[1]))
        .collect();
    let usual = fraction(&mut steps, 0.5);
    let mut words: Vec<TextWord> = Vec::new();
    let mut last: Option<TextWord> = None;
    for letter in letters {
        let goes_on = last
            .as_ref()
            .is_some_and(|last| step(last, &letter) < WIDER_STEP * usual);
        last = Some(letter.clone());
        match words.last_mut() {
            Some(word) if goes_on => {
                word.text.push_str(&letter.text);
                word.place = union(word.place, letter.place);
                word.confidence = word.confidence.min(letter.confidence);
            }
            _ => words.push(letter),
        }
    }
    words
}

/// The distance of two letters in any direction: those around a seal form a circle.
fn step(one: &TextWord, other: &TextWord) -> f32 {
    let middle = |word: &TextWord| {
        let place = word.place;
        (place.x + place.width / 2.0, place.y + place.height / 2.0)
    };
    let ((x, y), (to_x, to_y)) = (middle(one), middle(other));
    (to_x - x).hypot(to_y - y)
}
