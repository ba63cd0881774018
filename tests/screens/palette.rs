//! The colour palette of a reference picture.
//!
//! An interface has few colours and many shades between them, at the edges of letters.
//! The colour space is split where it is widest, so that every shade is close to its palette entry;
//! and the colour of a large area, such as the paper, is kept exactly (median cut).

use std::collections::HashMap;

/// The most colours of a picture.
const MOST: usize = 160;

type Colour = [u8; 3];

/// A colour and its number of pixels.
type Counted = (Colour, usize);

pub(crate) struct Palette {
    colours: Vec<Colour>,
    index: HashMap<Colour, u8>,
}

impl Palette {
    /// The palette that represents these colours best.
    pub(crate) fn of(pixels: impl Iterator<Item = Colour>) -> Self {
        let mut counts: HashMap<Colour, usize> = HashMap::new();
        for pixel in pixels {
            *counts.entry(pixel).or_default() += 1;
        }
        let mut all: Vec<Counted> = counts.into_iter().collect();
        // Sorted, so that the same picture always gives the same file.
        all.sort_unstable();
        let mut boxes = vec![all];
        while boxes.len() < MOST {
            let widest = (0..boxes.len()).max_by_key(|index| widest_channel(&boxes[*index]).1);
            let Some(widest) = widest.filter(|index| boxes[*index].len() > 1) else {
                break;
            };
            let (channel, _) = widest_channel(&boxes[widest]);
            let (low, high) = halves(boxes.swap_remove(widest), channel);
            boxes.extend([low, high]);
        }
        let mut colours: Vec<Colour> = boxes.iter().map(|colours| standing_for(colours)).collect();
        colours.sort_unstable();
        let index = boxes.iter().flatten().map(|(colour, _)| {
            let distances = colours
                .iter()
                .map(|candidate| distance(*candidate, *colour));
            let nearest = distances.enumerate().min_by_key(|(_, distance)| *distance);
            let nearest = nearest.map_or(0, |(index, _)| index);
            (*colour, u8::try_from(nearest).unwrap())
        });
        Self {
            index: index.collect(),
            colours,
        }
    }

    pub(crate) fn colours(&self) -> &[Colour] {
        &self.colours
    }

    /// The palette entry of a colour of the picture.
    pub(crate) fn index(&self, colour: Colour) -> u8 {
        self.index[&colour]
    }
}

fn distance(a: Colour, b: Colour) -> u32 {
    let channels = a.iter().zip(b);
    channels.map(|(a, b)| u32::from(a.abs_diff(b)).pow(2)).sum()
}

/// The channel with the widest range, and that range.
fn widest_channel(colours: &[Counted]) -> (usize, u8) {
    let range = |channel: usize| {
        let values = colours.iter().map(|(colour, _)| colour[channel]);
        values.clone().max().unwrap_or(0) - values.min().unwrap_or(0)
    };
    let channels = (0..3).map(|channel| (channel, range(channel)));
    channels.max_by_key(|(_, range)| *range).unwrap_or((0, 0))
}

/// Splits in the middle between the lowest and the highest value.
fn halves(colours: Vec<Counted>, channel: usize) -> (Vec<Counted>, Vec<Counted>) {
    let values = colours.iter().map(|(colour, _)| u16::from(colour[channel]));
    let middle = (values.clone().min().unwrap_or(0) + values.max().unwrap_or(0)) / 2;
    colours
        .into_iter()
        .partition(|(colour, _)| u16::from(colour[channel]) <= middle)
}

/// The colour of the majority, or the mean where there is none.
fn standing_for(colours: &[Counted]) -> Colour {
    let all: usize = colours.iter().map(|(_, count)| count).sum();
    if let Some((colour, _)) = colours.iter().find(|(_, count)| 2 * count > all) {
        return *colour;
    }
    [0, 1, 2].map(|channel| {
        let sum: usize = colours
            .iter()
            .map(|(colour, count)| usize::from(colour[channel]) * count)
            .sum();
        u8::try_from(sum / all.max(1)).unwrap_or(u8::MAX)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paper_stays_paper_and_no_shade_is_far_from_its_own() {
        let paper = [0xF5, 0xF2, 0xEA];
        let shades = (0..=255).flat_map(|shade| {
            [
                [shade, shade, shade],
                [shade, 255 - shade, 90],
                [12, shade / 2, shade],
            ]
        });
        let picture: Vec<Colour> = shades.chain(std::iter::repeat_n(paper, 5000)).collect();
        let palette = Palette::of(picture.iter().copied());
        let kept = |colour| palette.colours()[usize::from(palette.index(colour))];
        assert!(palette.colours().len() <= MOST);
        assert_eq!(kept(paper), paper);
        for colour in picture {
            assert!(
                distance(kept(colour), colour) < 300,
                "{colour:?} as {:?}",
                kept(colour)
            );
        }
    }
}
