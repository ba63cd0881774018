//! Whether two drawings show the same.
//!
//! Engines have manners: edges are smoothed otherwise, hairlines are pale or black, a font that is not embedded is
//! replaced by another, a tiny picture is enlarged in steps or smoothly, CMYK is converted otherwise. None of them loses
//! anything. So a pixel counts as *stray* only where it is darker or lighter than every pixel around the same place of the
//! other drawing (or of quite another colour than those a little further around), and neither of these explains it:
//!
//! - the other drawing has a line there too, a fainter one;
//! - one of the two changes smoothly there, and each has the value of the other near by: a picture enlarged smoothly.
//!
//! The difference is the number of stray pixels in the worst square of 4 mm, since a page with one lost letter is a wrong
//! page however much else is right. Measured at 100 dots per inch:
//!
//! | What | Difference |
//! | --- | --- |
//! | page worker and MuPDF: letters, tables, scans and plans of the sample town | 0 in the median, at most 6 |
//! | Helvetica and Times replaced by other fonts, 7 and 10 pt | 0 to 4 |
//! | Courier replaced by a bolder font | 15 |
//! | a picture of 29 by 29 pixels enlarged to 42 mm, smoothly and in steps | 1 |
//! | a letter less in 9 to 12 pt | 8 to 18 for an *i*, 13 to 28 for an *ř*, 17 to 41 for a *k*, 18 to 45 for an *a* |
//! | a letter less in 7 pt | 0 to 16 |
//! | all Czech letters of a page as dots | 32 to 79 |
//! | text under a highlight, empty fields | 96 |
//! | a font with half of its letters, a hidden layer drawn, notes not drawn | 126 to 256 |
//!
//! So what it does not find is one thin letter or one accent, and one digit for another in small print. Rules of no width
//! drawn black by one and invisible by another, and pictures of a few pixels enlarged to a whole page, exceed the bound.

use super::picture::Picture;

/// The largest difference by mere manners.
const BOUND: u32 = 16;

/// How much darker or lighter than its surroundings a stray pixel is, of 255.
const CONTRAST: u8 = 80;
/// How far a channel of a stray colour is from those around; CMYK blue differs by 110 between engines.
const COLOUR_CONTRAST: u8 = 150;
/// The side of the areas that are counted is two of these, in pixels.
const BLOCK: usize = 8;
/// How far a letter of a replaced font is from its place, in pixels.
const SHIFT: usize = 1;
/// How far the edge of a coloured area is from its place.
const COLOUR_SHIFT: usize = 3;
/// The width of a stroke is less than twice this.
const STROKE: usize = 4;
/// The step of a tiny picture that is enlarged is less than twice this: 8 mm.
const STEP: usize = 16;
/// What counts as smooth: the range of a pixel and its eight neighbours.
const SLOPE: std::ops::RangeInclusive<u8> = 6..=150;
/// The tolerance of smoothed values.
const ROUNDING: u8 = 8;
/// The faintest line, beside a twentieth of the line of the other drawing.
const FAINTEST: u8 = 12;

/// Whether they differ by mere manners, or not at all.
pub(super) fn is_alike(one: &Picture, other: &Picture) -> bool {
    difference(one, other) <= BOUND
}

/// The number of stray pixels in the worst area.
pub(super) fn difference(one: &Picture, other: &Picture) -> u32 {
    if (one.width, one.height) != (other.width, other.height) {
        return u32::MAX;
    }
    let mut stray = vec![false; one.pixels.len()];
    let (grey, other_grey) = (Plane::grey(one), Plane::grey(other));
    mark_details(&grey, &other_grey, &mut stray);
    mark_details(&other_grey, &grey, &mut stray);
    let (grey, other_grey) = (grey.inverted(), other_grey.inverted());
    mark_details(&grey, &other_grey, &mut stray);
    mark_details(&other_grey, &grey, &mut stray);
    if one.has_colour() || other.has_colour() {
        for channel in 0..3 {
            let (plane, other_plane) =
                (Plane::channel(one, channel), Plane::channel(other, channel));
            mark_colours(&plane, &other_plane, &mut stray);
            mark_colours(&other_plane, &plane, &mut stray);
        }
    }
    if stray.contains(&true) {
        forgive_smoothing(&grey, &other_grey, &mut stray);
    }
    worst_area(&stray, one.width)
}

impl Picture {
    fn has_colour(&self) -> bool {
        self.pixels
            .iter()
            .any(|[r, g, b]| r.abs_diff(*g).max(g.abs_diff(*b)) > 32)
    }
}

/// One value a pixel.
struct Plane {
    width: usize,
    values: Vec<u8>,
}

impl Plane {
    fn grey(picture: &Picture) -> Self {
        Self::map(picture, |[red, green, blue]| {
            let sum = 77 * u32::from(red) + 150 * u32::from(green) + 29 * u32::from(blue);
            (sum >> 8) as u8
        })
    }

    fn channel(picture: &Picture, channel: usize) -> Self {
        Self::map(picture, |pixel| pixel[channel])
    }

    fn map(picture: &Picture, value: impl Fn([u8; 3]) -> u8) -> Self {
        Self {
            width: picture.width,
            values: picture.pixels.iter().map(|pixel| value(*pixel)).collect(),
        }
    }

    fn inverted(&self) -> Self {
        Self {
            width: self.width,
            values: self.values.iter().map(|value| 255 - value).collect(),
        }
    }

    fn minus(mut self, other: &Self) -> Self {
        for (value, less) in self.values.iter_mut().zip(&other.values) {
            *value = value.saturating_sub(*less);
        }
        self
    }

    fn least_around(&self, radius: usize) -> Self {
        self.around(radius, u8::min)
    }

    fn most_around(&self, radius: usize) -> Self {
        self.around(radius, u8::max)
    }

    /// Picks one value from the square around every pixel; beyond the edge the edge goes on.
    fn around(&self, radius: usize, pick: impl Fn(u8, u8) -> u8) -> Self {
        let (width, reach) = (self.width, 2 * radius + 1);
        let padded_width = width + 2 * radius;
        let rows = self.values.chunks_exact(width);
        let mut padded = Vec::with_capacity(padded_width * rows.len());
        for row in rows {
            padded.extend(std::iter::repeat_n(row[0], radius));
            padded.extend_from_slice(row);
            padded.extend(std::iter::repeat_n(row[width - 1], radius));
        }
        pick_ahead(&mut padded, 1, reach, &pick);
        let rows: Vec<&[u8]> = padded.chunks_exact(padded_width).collect();
        let mut values = Vec::with_capacity(width * (rows.len() + 2 * radius));
        let (first, last) = (rows[0], rows[rows.len() - 1]);
        let above = std::iter::repeat_n(&first, radius);
        let below = std::iter::repeat_n(&last, radius);
        for row in above.chain(&rows).chain(below) {
            values.extend_from_slice(&row[..width]);
        }
        pick_ahead(&mut values, width, reach, &pick);
        values.truncate(self.values.len());
        Self { width, values }
    }
}

/// Replaces every value by a pick of `count` values, from it on, `stride` apart; the last values have fewer.
fn pick_ahead(values: &mut [u8], stride: usize, count: usize, pick: &impl Fn(u8, u8) -> u8) {
    let cells = std::cell::Cell::from_mut(values).as_slice_of_cells();
    let take = |steps: usize| {
        for (here, ahead) in cells.iter().zip(cells.get(steps * stride..).unwrap_or(&[])) {
            here.set(pick(here.get(), ahead.get()));
        }
    };
    // Each round doubles how many values every pick covers.
    let mut covered = 1;
    while covered * 2 <= count {
        take(covered);
        covered *= 2;
    }
    if covered < count {
        take(count - covered);
    }
}

/// Marks what is dark in `plane`, and neither dark nor a line at the same place of `other`.
fn mark_details(plane: &Plane, other: &Plane, stray: &mut [bool]) {
    let darker = other.least_around(SHIFT).minus(plane);
    if darker.values.iter().all(|by| *by <= CONTRAST) {
        return;
    }
    let ink = plane.most_around(STROKE).minus(plane);
    let other_ink = other.most_around(STROKE).minus(other).most_around(SHIFT);
    let inks = ink.values.iter().zip(&other_ink.values);
    for ((stray, by), (ink, other_ink)) in stray.iter_mut().zip(&darker.values).zip(inks) {
        let fainter = *ink > CONTRAST && *other_ink > FAINTEST.max(ink / 20);
        *stray |= *by > CONTRAST && !fainter;
    }
}

/// Marks what has quite another colour than all around in `other`.
fn mark_colours(plane: &Plane, other: &Plane, stray: &mut [bool]) {
    let (least, most) = (
        other.least_around(COLOUR_SHIFT),
        other.most_around(COLOUR_SHIFT),
    );
    let ranges = least.values.iter().zip(&most.values);
    for ((stray, value), (least, most)) in stray.iter_mut().zip(&plane.values).zip(ranges) {
        let beyond = least
            .saturating_sub(*value)
            .max(value.saturating_sub(*most));
        *stray |= beyond > COLOUR_CONTRAST;
    }
}

/// Unmarks what differs because a picture is enlarged smoothly in one of the two.
fn forgive_smoothing(one: &Plane, other: &Plane, stray: &mut [bool]) {
    let slope = |plane: &Plane| plane.most_around(1).minus(&plane.least_around(1));
    let near = |plane: &Plane| (plane.least_around(STEP), plane.most_around(STEP));
    let (slopes, other_slopes) = (slope(one), slope(other));
    let ((least, most), (other_least, other_most)) = (near(one), near(other));
    let within = |value: u8, least: u8, most: u8| {
        (least.saturating_sub(ROUNDING)..=most.saturating_add(ROUNDING)).contains(&value)
    };
    for (index, stray) in stray.iter_mut().enumerate().filter(|(_, stray)| **stray) {
        let smooth =
            SLOPE.contains(&slopes.values[index]) || SLOPE.contains(&other_slopes.values[index]);
        let mutual = within(other.values[index], least.values[index], most.values[index])
            && within(
                one.values[index],
                other_least.values[index],
                other_most.values[index],
            );
        *stray = !(smooth && mutual);
    }
}

fn worst_area(stray: &[bool], width: usize) -> u32 {
    let across = width.div_ceil(BLOCK);
    let down = (stray.len() / width).div_ceil(BLOCK);
    let mut blocks = vec![0u32; across * down];
    for (y, row) in stray.chunks_exact(width).enumerate() {
        for (x, _) in row.iter().enumerate().filter(|(_, stray)| **stray) {
            blocks[y / BLOCK * across + x / BLOCK] += 1;
        }
    }
    let block = |x: usize, y: usize| {
        if x < across && y < down {
            blocks[y * across + x]
        } else {
            0
        }
    };
    let areas = (0..down).flat_map(|y| (0..across).map(move |x| (x, y)));
    areas
        .map(|(x, y)| block(x, y) + block(x + 1, y) + block(x, y + 1) + block(x + 1, y + 1))
        .max()
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHITE: [u8; 3] = [255; 3];
    const BLACK: [u8; 3] = [0; 3];
    const YELLOW: [u8; 3] = [255, 255, 0];

    /// A picture of 120 × 120 pixels.
    fn picture(colour: impl Fn(usize, usize) -> [u8; 3]) -> Picture {
        let pixels = (0..120 * 120).map(|index| colour(index % 120, index / 120));
        Picture {
            width: 120,
            height: 120,
            pixels: pixels.collect(),
        }
    }

    /// Whether a letter of two stems and a bar covers the pixel: letters of 6 × 9 in words without gaps but their own.
    fn is_letter(x: usize, y: usize) -> bool {
        let (column, row) = (x % 8, y % 15);
        row < 9 && (matches!(column, 0 | 5) || (row == 4 && column < 6))
    }

    fn text(lacks: impl Fn(usize, usize) -> bool, paper: [u8; 3]) -> Picture {
        picture(|x, y| {
            if is_letter(x, y) && !lacks(x / 8, y / 15) {
                BLACK
            } else {
                paper
            }
        })
    }

    fn whole() -> Picture {
        text(|_, _| false, WHITE)
    }

    #[track_caller]
    fn differ(one: &Picture, other: &Picture, expected: bool) {
        let (there, back) = (difference(one, other), difference(other, one));
        assert_eq!(there, back);
        assert_eq!(there > BOUND, expected, "{there}");
    }

    #[test]
    fn the_same_a_pixel_aside_and_blurred_is_alike() {
        assert_eq!(difference(&whole(), &whole()), 0);
        differ(
            &whole(),
            &picture(|x, y| if is_letter(x + 1, y) { BLACK } else { WHITE }),
            false,
        );
        let blurred = picture(|x, y| {
            let ink = |x, y| if is_letter(x, y) { 85 } else { 0 };
            [255 - ink(x, y) - ink(x + 1, y) - ink(x + 7, y); 3]
        });
        differ(&whole(), &blurred, false);
    }

    #[test]
    fn one_letter_less_differs_wherever_it_stands() {
        for (column, row) in [(0, 0), (5, 3), (14, 7)] {
            let lacks = text(|x, y| (x, y) == (column, row), WHITE);
            differ(&whole(), &lacks, true);
        }
    }

    #[test]
    fn text_under_a_colour_and_a_lost_colour_differ() {
        let highlighted = text(|_, _| false, YELLOW);
        differ(&highlighted, &picture(|_, _| YELLOW), true);
        differ(&whole(), &highlighted, true);
        let inverted = picture(|x, y| if is_letter(x, y) { WHITE } else { BLACK });
        differ(&inverted, &picture(|_, _| BLACK), true);
    }

    #[test]
    fn hairlines_may_be_pale_and_must_be_there() {
        let lines = |grey: u8| picture(move |_, y| if y % 12 == 5 { [grey; 3] } else { WHITE });
        differ(&lines(0), &lines(230), false);
        differ(&lines(0), &lines(255), true);
    }

    #[test]
    fn a_tiny_picture_may_be_enlarged_smoothly() {
        let module = |x: usize, y: usize| 255.0 * ((x * 7 + y * 5 + x * y) % 3).min(1) as f32;
        let steps = picture(|x, y| [module(x / 11, y / 11) as u8; 3]);
        let smooth = picture(|x, y| {
            let place = |at: usize| {
                let middle = (at as f32 + 0.5) / 11.0 - 0.5;
                (middle.max(0.0) as usize, middle.max(0.0).fract())
            };
            let ((left, right_part), (top, bottom_part)) = (place(x), place(y));
            let row = |y| module(left, y) * (1.0 - right_part) + module(left + 1, y) * right_part;
            [(row(top) * (1.0 - bottom_part) + row(top + 1) * bottom_part) as u8; 3]
        });
        differ(&steps, &smooth, false);
        differ(&picture(|_, _| WHITE), &smooth, true);
    }

    #[test]
    fn another_size_differs() {
        let narrow = Picture {
            width: 1,
            height: 1,
            pixels: vec![WHITE],
        };
        differ(&whole(), &narrow, true);
        assert_eq!(difference(&narrow, &narrow), 0);
    }
}
