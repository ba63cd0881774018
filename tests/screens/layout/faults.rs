//! Layout faults. Sizes are in millimetres of the glass (`domain.md`, 3.4).

use i_slint_core::lengths::LogicalRect;
use vyveska::state::TextSize;
use vyveska::ui::PhysicalPanel;

use super::reading::{self, Layout, Piece, Target, Words};
use super::{ROUNDING, Setting};
use crate::Kiosk;

/// Usable with gloves and in rain.
const LEAST_TARGET_MM: f32 = 20.0;

/// The least distance between two targets.
const LEAST_GAP_MM: f32 = 3.0;

/// Adjacent targets separated by a line, as in the bar and in lists, have their 20 mm in the middle and enough to spare
/// on each side for the distance of 3 mm.
const LEAST_TOUCHING_MM: f32 = LEAST_TARGET_MM + LEAST_GAP_MM;

/// A QR code readable at arm's length.
const LEAST_CODE_MM: f32 = 50.0;

/// Within reach from a wheelchair, above the ground.
const REACH_MM: (f32, f32) = (700.0, 1200.0);

/// The height of a capital H of Source Sans, relative to the font size.
const CAPITAL: f32 = 0.66;

/// All faults, in words.
pub(super) fn faults(layout: &Layout, setting: &Setting) -> Vec<String> {
    assert!(layout.targets.len() > 6, "the bar at least is there");
    let writes = layout.targets.iter().any(|target| target.label == "q");
    assert!(
        !writes || layout.targets.iter().any(|target| target.key),
        "the keyboard is known by its id"
    );
    let mut faults = Faults {
        setting,
        mm: setting.mm(),
        found: Vec::new(),
    };
    for (index, target) in layout.targets.iter().enumerate() {
        faults.of_target(target);
        for other in &layout.targets[..index] {
            faults.of_two_targets(target, other);
        }
    }
    for (index, words) in layout.words.iter().enumerate() {
        faults.of_words(words);
        for other in &layout.words[..index] {
            faults.of_two_texts(words, other);
        }
        for target in &layout.targets {
            faults.of_words_and_target(words, target);
        }
    }
    for code in &layout.codes {
        let side = code.seen.width().min(code.seen.height()) * faults.mm;
        if !code.scrolls && side < LEAST_CODE_MM - faults.mm {
            faults.note(format!("a code is {side:.1} mm"));
        }
    }
    faults.found
}

/// The targets of which the edge of the glass leaves too little.
pub(crate) fn targets_off_the_glass(kiosk: &Kiosk, width: u32, height: u32) -> Vec<String> {
    let (width, height) = (width as f32, height as f32);
    let mm = 25.4 * PhysicalPanel::default().diagonal_inches / f32::hypot(width, height);
    let left_of = |from: f32, to: f32, most: f32| (to.min(most) - from.max(0.0)) * mm;
    reading::read(kiosk, mm)
        .targets
        .iter()
        .filter_map(|Target { piece, label, .. }| {
            let seen = &piece.seen;
            let across = left_of(seen.min_x(), seen.max_x(), width);
            let down = left_of(seen.min_y(), seen.max_y(), height);
            (across < LEAST_TARGET_MM - mm || down < LEAST_TARGET_MM - mm)
                .then(|| format!("{across:.1} × {down:.1} mm are left of {label:?}"))
        })
        .collect()
}

/// Whether a text contains a date, „12. 1. 2027" as it is typeset.
fn holds_a_day(text: &str) -> bool {
    let mut parts = text.split('\u{a0}').peekable();
    while let Some(part) = parts.next() {
        let day = part.rsplit([' ', '\n']).next().unwrap_or_default();
        let number = day.strip_suffix('.').unwrap_or_default();
        if (1..=2).contains(&number.len())
            && number.bytes().all(|letter| letter.is_ascii_digit())
            && parts.peek().is_some()
        {
            return true;
        }
    }
    false
}

struct Faults<'a> {
    setting: &'a Setting,
    mm: f32,
    found: Vec<String>,
}

impl Faults<'_> {
    fn note(&mut self, fault: String) {
        self.found.push(fault);
    }

    fn of_target(&mut self, target: &Target) {
        let Target { piece, label, .. } = target;
        let mm = self.mm;
        let (width, height) = (piece.place.width() * mm, piece.place.height() * mm);
        if width < LEAST_TARGET_MM - mm || height < LEAST_TARGET_MM - mm {
            self.note(format!("{label:?} is {width:.1} × {height:.1} mm"));
        }
        if !piece.scrolls && is_cut(piece) {
            self.note(format!(
                "{label:?} is cut: {:?} of {:?}",
                piece.seen, piece.place
            ));
        }
        if label.trim().is_empty() {
            self.note(format!("a target at {:?} has no name", piece.place));
        }
        if self.setting.reach {
            let lower_edge = self.setting.bottom_mm;
            let above_ground = |y: f32| lower_edge + (self.setting.height as f32 - y) * mm;
            let (top, bottom) = (
                above_ground(piece.seen.min_y()),
                above_ground(piece.seen.max_y()),
            );
            if top > REACH_MM.1 + mm || bottom < REACH_MM.0 - mm {
                self.note(format!(
                    "{label:?} is {bottom:.0} to {top:.0} mm above the ground"
                ));
            }
        }
    }

    fn of_two_targets(&mut self, one: &Target, other: &Target) {
        if one.piece.nests(&other.piece) {
            return;
        }
        let (a, b) = (&one.piece.seen, &other.piece.seen);
        if overlap(a, b) {
            self.note(format!("{:?} lies over {:?}", one.label, other.label));
            return;
        }
        let across = (a.min_x() - b.max_x()).max(b.min_x() - a.max_x());
        let down = (a.min_y() - b.max_y()).max(b.min_y() - a.max_y());
        let gap = across.max(down) * self.mm;
        // Of scrolled content, parts out of view count too.
        let (a, b) = (one.piece.place, other.piece.place);
        let smaller = if across > down {
            a.width().min(b.width())
        } else {
            a.height().min(b.height())
        };
        let touch = !one.key && gap <= self.mm && smaller * self.mm >= LEAST_TOUCHING_MM - self.mm;
        if gap < LEAST_GAP_MM - self.mm / 2.0 && !touch {
            self.note(format!(
                "{:?} is {gap:.1} mm from {:?}",
                one.label, other.label
            ));
        }
    }

    fn of_words(&mut self, words: &Words) {
        let least = if self.setting.text_size >= TextSize::Larger {
            7.3
        } else {
            4.8
        };
        let Words { piece, text, .. } = words;
        let capital = words.font_size * CAPITAL * self.mm;
        if capital < least {
            self.note(format!("{text:?}: a capital H is {capital:.1} mm"));
        }
        let (across, down) = words.needs;
        if across > piece.place.width() + ROUNDING || down > piece.place.height() + ROUNDING {
            self.note(format!(
                "{text:?} needs {across:.0} × {down:.0} and has {:.0} × {:.0}",
                piece.place.width(),
                piece.place.height()
            ));
        }
        let posted = ["vyvěšeno", "Aushang", "posted"];
        if text.ends_with('…') && posted.iter().any(|word| text.starts_with(word)) {
            self.note(format!("the day is missing in {text:?}"));
        }
        // The toolkit breaks lines at no-break spaces.
        if words.whole > piece.place.width() + ROUNDING && holds_a_day(text) {
            self.note(format!("the day in {text:?} may be torn apart"));
        }
        if !piece.scrolls && words.cut {
            self.note(format!(
                "{text:?} is cut: {:?} of {:?}",
                words.letters, piece.place
            ));
        }
    }

    fn of_two_texts(&mut self, one: &Words, other: &Words) {
        if overlap(&one.letters, &other.letters) {
            self.note(format!("{:?} is written over {:?}", one.text, other.text));
        }
    }

    fn of_words_and_target(&mut self, words: &Words, target: &Target) {
        if !words.piece.nests(&target.piece) && overlap(&words.letters, &target.piece.seen) {
            self.note(format!("{:?} runs into {:?}", words.text, target.label));
        }
    }
}

fn overlap(a: &LogicalRect, b: &LogicalRect) -> bool {
    a.intersection(b)
        .is_some_and(|over| over.width() > ROUNDING && over.height() > ROUNDING)
}

fn is_cut(piece: &Piece) -> bool {
    piece.place.width() - piece.seen.width() > ROUNDING
        || piece.place.height() - piece.seen.height() > ROUNDING
}
