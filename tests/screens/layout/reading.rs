//! Reads what is on the screen: every target, text and code with its position, and what covers what.

use i_slint_core::accessibility::AccessibleStringProperty;
use i_slint_core::item_tree::{ItemRc, ParentItemTraversalMode};
use i_slint_core::items::{
    AccessibleRole, ComplexText, Flickable, Orientation, SimpleText, TextHorizontalAlignment,
    TextVerticalAlignment, TextWrap, TouchArea,
};
use i_slint_core::lengths::{LogicalPoint, LogicalRect, LogicalSize, LogicalVector};
use i_slint_core::window::WindowInner;
use slint::ComponentHandle;

use super::ROUNDING;
use crate::Kiosk;

/// The names of the keyboard and the number pad in the markup.
const KEYS: &str = "keys";

/// The speech overlay, which lies over everything.
const SPEECH: &str = "speech-overlay";

/// The line height of Source Sans per pixel of its size; the part of it that letters take with all accents and
/// descenders; and the part that is ink in most words.
const LINE: f32 = 1.424;
const WITH_ACCENTS: f32 = 1.2;
const LETTERS: f32 = 1.0;

/// How far the whole picture moves, against burn-in.
const DRIFT_MM: f32 = 4.5;

/// Something with a position.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    pub(super) place: LogicalRect,
    /// The part not clipped by the edges around it.
    pub(super) seen: LogicalRect,
    /// Whether it is within something that scrolls.
    pub(super) scrolls: bool,
    /// The range of its items in painting order.
    span: (usize, usize),
    /// The targets that contain it, the innermost last.
    within: Vec<usize>,
}

pub(super) struct Target {
    pub(super) piece: Piece,
    pub(super) label: String,
    /// Whether it is a key of the keyboard.
    pub(super) key: bool,
}

pub(super) struct Words {
    pub(super) piece: Piece,
    pub(super) text: String,
    pub(super) font_size: f32,
    /// The size its letters need: across, and down at the width they have.
    pub(super) needs: (f32, f32),
    /// Its width where it breaks only at given line breaks.
    pub(super) whole: f32,
    /// The visible area of its letters.
    pub(super) letters: LogicalRect,
    /// Whether some of them are not visible.
    pub(super) cut: bool,
}

/// What is on the screen and reachable: what is behind a dialog is left out.
#[derive(Default)]
pub(super) struct Layout {
    pub(super) targets: Vec<Target>,
    pub(super) words: Vec<Words>,
    pub(super) codes: Vec<Piece>,
}

/// Blocks touches of everything painted before it.
struct Cover {
    at: usize,
    place: LogicalRect,
}

/// The surroundings of an item.
#[derive(Clone)]
struct Around {
    origin: LogicalVector,
    clip: LogicalRect,
    scrolls: bool,
    keys: bool,
    targets: Vec<usize>,
}

#[derive(Default)]
struct Reader {
    painted: usize,
    layout: Layout,
    covers: Vec<Cover>,
}

pub(super) fn read(kiosk: &Kiosk, mm: f32) -> Layout {
    let window = WindowInner::from_pub(kiosk.ui.window().window());
    let root = ItemRc::new_root(window.component());
    let mut reader = Reader::default();
    reader.visit(
        &root,
        &Around {
            origin: LogicalVector::zero(),
            clip: root.geometry().inflate(DRIFT_MM / mm, DRIFT_MM / mm),
            scrolls: false,
            keys: false,
            targets: Vec::new(),
        },
    );
    reader.finish()
}

impl Piece {
    /// Whether one contains the other.
    pub(super) fn nests(&self, other: &Self) -> bool {
        let holds = |outer: &Self, inner: &Self| {
            outer.span.0 <= inner.span.0 && inner.span.1 <= outer.span.1
        };
        holds(self, other) || holds(other, self)
    }
}

impl Reader {
    fn visit(&mut self, item: &ItemRc, around: &Around) {
        let at = self.painted;
        self.painted += 1;
        let geometry = item.geometry();
        let place = geometry.translate(around.origin);
        let seen = place.intersection(&around.clip).unwrap_or_default();
        let is_seen = seen.width() > 1.0 && seen.height() > 1.0;
        let role = if item.is_accessible() {
            item.accessible_role()
        } else {
            AccessibleRole::None
        };
        let id = || item.accessible_string_property(AccessibleStringProperty::Id);
        let id = (role == AccessibleRole::Groupbox).then(id).flatten();
        if id.as_ref().is_some_and(|id| id == SPEECH) {
            return;
        }

        let piece = || Piece {
            place,
            seen,
            scrolls: around.scrolls,
            span: (at, at + 1),
            within: around.targets.clone(),
        };
        let mut inside = around.clone();
        let target = is_seen && is_target(role);
        if target {
            let label = item.accessible_string_property(AccessibleStringProperty::Label);
            inside.targets.push(self.layout.targets.len());
            self.layout.targets.push(Target {
                piece: piece(),
                label: label.unwrap_or_default().to_string(),
                key: around.keys,
            });
        } else if is_seen && role == AccessibleRole::Image && is_code(item) {
            self.layout.codes.push(piece());
        } else if is_seen && item.downcast::<TouchArea>().is_some() {
            self.covers.push(Cover { at, place: seen });
        } else if is_seen && let Some(words) = words_of(item, piece) {
            self.layout.words.push(words);
        }

        inside.origin = place.origin.to_vector();
        inside.keys |= id.is_some_and(|id| id == KEYS);
        inside.scrolls |= item.downcast::<Flickable>().is_some();
        if item.borrow().as_ref().clips_children() {
            inside.clip = seen;
        }
        let hidden = inside.clip.is_empty();
        let first = (!hidden).then(|| item.first_child()).flatten();
        for child in std::iter::successors(first, ItemRc::next_sibling) {
            self.visit(&child, &inside);
        }
        if target && let Some(index) = inside.targets.last() {
            self.layout.targets[*index].piece.span.1 = self.painted;
        }
    }

    fn finish(self) -> Layout {
        let Self { layout, covers, .. } = self;
        let spans: Vec<(usize, usize)> = layout.targets.iter().map(|t| t.piece.span).collect();
        // What belongs to the same target is touched together with it.
        let is_behind = |piece: &Piece, point: LogicalPoint| {
            let own = piece
                .within
                .first()
                .map_or(piece.span, |outer| spans[*outer]);
            let mut covers = covers.iter();
            covers.any(|cover| cover.at >= own.1 && cover.place.contains(point))
        };
        let Layout {
            mut targets,
            mut words,
            mut codes,
        } = layout;
        words.retain(|words| !is_behind(&words.piece, words.letters.center()));
        codes.retain(|code| !is_behind(code, code.seen.center()));
        targets.retain(|target| !is_behind(&target.piece, target.piece.seen.center()));
        Layout {
            targets,
            words,
            codes,
        }
    }
}

fn is_target(role: AccessibleRole) -> bool {
    matches!(
        role,
        AccessibleRole::Button
            | AccessibleRole::Checkbox
            | AccessibleRole::Combobox
            | AccessibleRole::ListItem
            | AccessibleRole::RadioButton
            | AccessibleRole::Switch
            | AccessibleRole::Tab
            | AccessibleRole::TextInput
    )
}

fn is_code(item: &ItemRc) -> bool {
    let names = item.element_type_names_and_ids(0).unwrap_or_default();
    names.iter().any(|(name, _)| name == "QrCode")
}

/// How a text is set in its box.
struct Setting {
    text: String,
    font_size: f32,
    line: f32,
    wraps: bool,
    across: TextHorizontalAlignment,
    down: TextVerticalAlignment,
}

fn setting_of(item: &ItemRc) -> Option<Setting> {
    if let Some(text) = item.downcast::<ComplexText>() {
        let text = text.as_pin_ref();
        return Some(Setting {
            text: text.text().to_string(),
            font_size: text.font_size().0,
            line: LINE * text.line_height_factor(),
            wraps: text.wrap() != TextWrap::NoWrap,
            across: text.horizontal_alignment(),
            down: text.vertical_alignment(),
        });
    }
    let text = item.downcast::<SimpleText>()?;
    let text = text.as_pin_ref();
    Some(Setting {
        text: text.text().to_string(),
        font_size: text.font_size().0,
        line: LINE,
        wraps: false,
        across: text.horizontal_alignment(),
        down: text.vertical_alignment(),
    })
}

fn words_of(item: &ItemRc, piece: impl Fn() -> Piece) -> Option<Words> {
    let set = setting_of(item)?;
    if set.text.trim().is_empty() {
        return None;
    }
    let piece = piece();
    let adapter = item.window_adapter()?;
    let borrowed = item.borrow();
    let needed = |orientation, width| {
        let info = borrowed
            .as_ref()
            .layout_info(orientation, width, &adapter, item);
        (info.min, info.preferred)
    };
    // A wrapping text needs the width of its longest word, any other its whole width.
    let (least, whole) = needed(Orientation::Horizontal, -1.0);
    let across = if set.wraps { least } else { whole };
    let (_, down) = needed(Orientation::Vertical, piece.place.width());
    let font_size = if set.font_size > 0.0 {
        set.font_size
    } else {
        34.0
    };
    let letters = letters(&piece, &set, font_size, (whole, down));
    let seen = letters.intersection(&piece.seen).unwrap_or_default();
    let air = ((set.line - WITH_ACCENTS) * font_size).max(0.0);
    Some(Words {
        text: set.text,
        font_size,
        needs: (across, down - air),
        whole,
        letters: seen,
        cut: letters.width() - seen.width() > ROUNDING
            || letters.height() - seen.height() > ROUNDING,
        piece,
    })
}

/// The area of the letters of a text within its box.
fn letters(piece: &Piece, set: &Setting, font_size: f32, (whole, down): (f32, f32)) -> LogicalRect {
    let air = ((set.line - LETTERS) * font_size).max(0.0);
    let size = LogicalSize::new(
        whole.min(piece.place.width()),
        (down - air).max(LETTERS * font_size),
    );
    let spare = (
        piece.place.width() - size.width,
        piece.place.height() - size.height,
    );
    let left = match set.across {
        TextHorizontalAlignment::Center => spare.0 / 2.0,
        TextHorizontalAlignment::Right | TextHorizontalAlignment::End => spare.0,
        _ => 0.0,
    };
    let top = match set.down {
        TextVerticalAlignment::Center => spare.1 / 2.0,
        TextVerticalAlignment::Bottom => spare.1 - air / 2.0,
        _ => air / 2.0,
    };
    LogicalRect::new(piece.place.origin + LogicalVector::new(left, top), size)
}

pub(crate) fn place_of(item: &ItemRc) -> LogicalRect {
    let place = item.geometry();
    LogicalRect::new(item.map_to_window(place.origin), place.size)
}

pub(crate) fn is_within(item: &ItemRc, outer: &ItemRc) -> bool {
    let mut here = Some(item.clone());
    while let Some(inner) = here {
        if inner == *outer {
            return true;
        }
        here = inner.parent_item(ParentItemTraversalMode::StopAtPopups);
    }
    false
}
