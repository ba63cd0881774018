//! What is painted, in its order: grounds, and the words, icons and borders on them.

use i_slint_core::accessibility::AccessibleStringProperty;
use i_slint_core::item_tree::ItemRc;
use i_slint_core::items::{
    AccessibleRole, BasicBorderRectangle, BorderRectangle, ClippedImage, ComplexText, ImageItem,
    Opacity, Rectangle, SimpleText, WindowItem,
};
use i_slint_core::lengths::{LogicalPoint, LogicalRect, LogicalVector};
use i_slint_core::window::WindowInner;
use slint::{Brush, Color, ComponentHandle};

use crate::Kiosk;

/// An area painted in one colour.
pub(crate) struct Fill {
    pub(crate) place: LogicalRect,
    pub(crate) colour: Color,
    /// A picture, of unknown colour.
    picture: bool,
    at: usize,
}

pub(crate) struct Mark {
    pub(crate) what: String,
    pub(crate) place: LogicalRect,
    pub(crate) colour: Color,
    pub(crate) words: bool,
    at: usize,
}

pub(crate) struct Border {
    pub(crate) colour: Color,
    pub(crate) width: f32,
    at: usize,
}

pub(crate) struct Target {
    pub(crate) label: String,
    /// Its type in the markup.
    pub(crate) component: String,
    pub(crate) place: LogicalRect,
    /// Whether it is selected or checked; `None` where it can be neither.
    pub(crate) on: Option<bool>,
    pub(crate) is_field: bool,
    pub(crate) enabled: bool,
    /// Whether all of it is in view.
    pub(crate) whole: bool,
    pub(crate) span: (usize, usize),
}

/// The screen in painting order.
#[derive(Default)]
pub(crate) struct Painting {
    painted: usize,
    pub(crate) fills: Vec<Fill>,
    pub(crate) marks: Vec<Mark>,
    pub(crate) borders: Vec<Border>,
    pub(crate) targets: Vec<Target>,
}

#[derive(Clone, Copy)]
struct Around {
    origin: LogicalVector,
    clip: LogicalRect,
}

impl Painting {
    /// Reads what is painted now.
    pub(crate) fn of(kiosk: &Kiosk) -> Self {
        let window = WindowInner::from_pub(kiosk.ui.window().window());
        let root = ItemRc::new_root(window.component());
        let mut painting = Self::default();
        let around = Around {
            origin: LogicalVector::zero(),
            clip: root.geometry(),
        };
        painting.visit(&root, around);
        painting
    }

    fn visit(&mut self, item: &ItemRc, around: Around) {
        let at = self.painted;
        self.painted += 1;
        // Disabled items are paler than anything else on purpose.
        let pale = item.downcast::<Opacity>();
        if pale.is_some_and(|pale| pale.as_pin_ref().opacity() < 0.99) {
            return;
        }
        let place = item.geometry().translate(around.origin);
        let seen = place.intersection(&around.clip).unwrap_or_default();
        if seen.width() > 0.5 && seen.height() > 0.5 {
            self.paint(item, at, place, seen);
        }
        let target = self.target(item, at, place, seen);
        let inside = Around {
            origin: place.origin.to_vector(),
            clip: if item.borrow().as_ref().clips_children() {
                seen
            } else {
                around.clip
            },
        };
        if inside.clip.is_empty() {
            return;
        }
        for child in std::iter::successors(item.first_child(), ItemRc::next_sibling) {
            self.visit(&child, inside);
        }
        if let Some(target) = target {
            self.targets[target].span.1 = self.painted;
        }
    }

    fn paint(&mut self, item: &ItemRc, at: usize, whole: LogicalRect, place: LogicalRect) {
        let mut fill = |brush: Brush| {
            self.fills.push(Fill {
                place,
                colour: brush.color(),
                picture: false,
                at,
            });
        };
        if let Some(window) = item.downcast::<WindowItem>() {
            fill(window.as_pin_ref().background());
        } else if let Some(rectangle) = item.downcast::<Rectangle>() {
            fill(rectangle.as_pin_ref().background());
        } else if let Some(rectangle) = item.downcast::<BasicBorderRectangle>() {
            let rectangle = rectangle.as_pin_ref();
            fill(rectangle.background());
            self.border(at, rectangle.border_color(), rectangle.border_width().0);
        } else if let Some(rectangle) = item.downcast::<BorderRectangle>() {
            let rectangle = rectangle.as_pin_ref();
            fill(rectangle.background());
            self.border(at, rectangle.border_color(), rectangle.border_width().0);
        } else if let Some(image) = item.downcast::<ImageItem>() {
            let image = image.as_pin_ref();
            self.image(at, place, image.colorize(), image.source().size().width);
        } else if let Some(image) = item.downcast::<ClippedImage>() {
            let image = image.as_pin_ref();
            self.image(at, place, image.colorize(), image.source().size().width);
        } else if let Some(text) = item.downcast::<ComplexText>() {
            let text = text.as_pin_ref();
            self.text(at, whole, place, text.text().as_str(), text.color());
        } else if let Some(text) = item.downcast::<SimpleText>() {
            let text = text.as_pin_ref();
            self.text(at, whole, place, text.text().as_str(), text.color());
        }
    }

    fn border(&mut self, at: usize, brush: Brush, width: f32) {
        let colour = brush.color();
        if width > 0.0 && colour.alpha() > 0 {
            self.borders.push(Border { colour, width, at });
        }
    }

    fn image(&mut self, at: usize, place: LogicalRect, colorize: Brush, width: u32) {
        let colour = colorize.color();
        if width == 0 {
            return;
        }
        if colour.alpha() == 0 {
            self.fills.push(Fill {
                place,
                colour: Color::from_rgb_u8(255, 255, 255),
                picture: true,
                at,
            });
            return;
        }
        self.marks.push(Mark {
            what: "an icon".to_owned(),
            place,
            colour,
            words: false,
            at,
        });
    }

    fn text(&mut self, at: usize, whole: LogicalRect, place: LogicalRect, text: &str, ink: Brush) {
        // What is half scrolled out of view is checked in other scenes.
        if !text.trim().is_empty() && place.height() >= 0.7 * whole.height() {
            self.marks.push(Mark {
                what: format!("{text:?}"),
                place,
                colour: ink.color(),
                words: true,
                at,
            });
        }
    }

    fn target(
        &mut self,
        item: &ItemRc,
        at: usize,
        whole: LogicalRect,
        place: LogicalRect,
    ) -> Option<usize> {
        let role = item.is_accessible().then(|| item.accessible_role())?;
        let touchable = matches!(
            role,
            AccessibleRole::Button
                | AccessibleRole::Checkbox
                | AccessibleRole::Combobox
                | AccessibleRole::ListItem
                | AccessibleRole::Switch
                | AccessibleRole::Tab
                | AccessibleRole::TextInput
        );
        if !touchable || place.is_empty() {
            return None;
        }
        let said = |what| item.accessible_string_property(what).map(String::from);
        let is = |what| said(what).map(|said| said == "true");
        let checkable = is(AccessibleStringProperty::Checkable) == Some(true);
        let checked = is(AccessibleStringProperty::Checked).filter(|_| checkable);
        let selectable = is(AccessibleStringProperty::ItemSelectable) == Some(true);
        let selected = is(AccessibleStringProperty::ItemSelected).filter(|_| selectable);
        let names = item.element_type_names_and_ids(0).unwrap_or_default();
        let names: Vec<&str> = names.iter().map(|(name, _)| name.as_str()).collect();
        self.targets.push(Target {
            label: said(AccessibleStringProperty::Label).unwrap_or_default(),
            component: names.join(" "),
            place,
            on: checked.or(selected),
            whole: (place.area() - whole.area()).abs() < 2.0 * whole.width(),
            is_field: role == AccessibleRole::TextInput,
            enabled: is(AccessibleStringProperty::Enabled) != Some(false),
            span: (at, at + 1),
        });
        Some(self.targets.len() - 1)
    }

    /// The areas that can be seen, by their colour or their border, and are not behind another.
    pub(crate) fn areas(&self) -> impl Iterator<Item = LogicalRect> {
        let bordered = |at: usize| self.borders.iter().any(|border| border.at == at);
        let behind = |area: &Fill| {
            self.fills.iter().any(|fill| {
                fill.at > area.at
                    && fill.colour.alpha() > 12
                    && fill.place.contains_rect(&area.place)
            })
        };
        self.fills
            .iter()
            .filter(move |fill| fill.colour.alpha() > 0 || bordered(fill.at))
            .filter(move |fill| !behind(fill))
            .map(|fill| fill.place)
    }

    /// Everything that is painted.
    pub(crate) fn places(&self) -> impl Iterator<Item = LogicalRect> {
        let fills = self.fills.iter().map(|fill| fill.place);
        fills.chain(self.marks.iter().map(|mark| mark.place))
    }

    /// The colour under a point before a paint step; `None` on a picture.
    fn ground(&self, point: LogicalPoint, before: usize) -> Option<Color> {
        let under = self
            .fills
            .iter()
            .take_while(|fill| fill.at < before)
            .filter(|fill| fill.place.contains(point));
        let mut known = true;
        let mut colour = Color::from_rgb_u8(255, 255, 255);
        for fill in under {
            let alpha = f32::from(fill.colour.alpha()) / 255.0;
            if alpha > 0.0 {
                known = (known || alpha == 1.0) && !fill.picture;
                colour = over(fill.colour, colour, alpha);
            }
        }
        known.then_some(colour)
    }

    /// Whether something is painted over it later.
    fn is_covered(&self, point: LogicalPoint, at: usize) -> bool {
        self.fills
            .iter()
            .any(|fill| fill.at > at && fill.colour.alpha() > 12 && fill.place.contains(point))
    }

    /// The grounds under words or an icon, where they are visible.
    pub(crate) fn grounds(&self, mark: &Mark) -> Vec<Color> {
        let middle = mark.place.center();
        let across = mark.place.width() * 0.45;
        [-across, 0.0, across]
            .map(|across| middle + LogicalVector::new(across, 0.0))
            .into_iter()
            .filter(|point| mark.words || *point == middle)
            .filter(|point| !self.is_covered(*point, mark.at))
            .filter_map(|point| self.ground(point, mark.at))
            .collect()
    }

    /// The ground under a target, unless something covers it.
    pub(crate) fn around(&self, target: &Target) -> Option<Color> {
        let middle = target.place.center();
        let covered = self.fills.iter().any(|fill| {
            fill.at >= target.span.1 && fill.colour.alpha() > 12 && fill.place.contains(middle)
        });
        (!covered)
            .then(|| self.ground(middle, target.span.0))
            .flatten()
    }

    /// Everything of one colour in a target, with its thickness.
    pub(crate) fn shapes(&self, target: &Target) -> impl Iterator<Item = (Color, f32)> {
        let inside = move |at: &usize| (target.span.0..target.span.1).contains(at);
        let fills = self.fills.iter().filter(move |fill| inside(&fill.at));
        let borders = self.borders.iter().filter(move |border| inside(&border.at));
        fills
            .filter(|fill| !fill.picture && fill.colour.alpha() > 12)
            .map(|fill| (fill.colour, fill.place.width().min(fill.place.height())))
            .chain(borders.map(|border| (border.colour, border.width)))
    }

    pub(crate) fn is_in(mark: &Mark, target: &Target) -> bool {
        (target.span.0..target.span.1).contains(&mark.at)
    }
}

fn over(upper: Color, lower: Color, alpha: f32) -> Color {
    let mix = |upper: u8, lower: u8| {
        (f32::from(upper) * alpha + f32::from(lower) * (1.0 - alpha)).round() as u8
    };
    Color::from_rgb_u8(
        mix(upper.red(), lower.red()),
        mix(upper.green(), lower.green()),
        mix(upper.blue(), lower.blue()),
    )
}
