//! Brings a picture down while its rows arrive, so that a scan of gigapixels takes no more memory than its drawing.
//!
//! Each pixel of the result is the mean of the pixels that it covers.

use super::area::Area;
use super::resample::{Picture, Samples};

/// What the rows of a picture consist of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Channels {
    Grey,
    Rgb,
}

impl Channels {
    fn count(self) -> usize {
        match self {
            Self::Grey => 1,
            Self::Rgb => 3,
        }
    }
}

pub(super) struct Reduction {
    area: Area,
    width: u32,
    height: u32,
    channels: Channels,
    /// The row of the picture that comes next.
    next: u32,
    /// A row of the area brought down to the width; a full sample is 255 times the width of the area.
    line: Vec<u32>,
    /// The row of the result under way.
    sums: Vec<f32>,
    /// The part of it to come, of the height of the area.
    to_come: u32,
    samples: Vec<u8>,
}

impl Reduction {
    /// The result is neither wider nor higher than the area, whose sides have at most 2²⁴ pixels.
    pub(super) fn new(area: Area, (width, height): (u32, u32), channels: Channels) -> Self {
        let row = width as usize * channels.count();
        Self {
            area,
            width,
            height,
            channels,
            next: 0,
            line: vec![0; row],
            sums: vec![0.0; row],
            to_come: area.height,
            samples: Vec::with_capacity(row * height as usize),
        }
    }

    pub(super) fn area(&self) -> Area {
        self.area
    }

    /// Passes over rows outside of the area.
    pub(super) fn skip(&mut self, rows: u32) {
        self.next += rows;
    }

    /// Takes the next row of the picture.
    pub(super) fn push(&mut self, row: &[u8]) {
        if !self.takes_next() {
            return;
        }
        let count = self.channels.count();
        let start = self.area.left as usize * count;
        let row = &row[start..start + self.area.width as usize * count];
        if self.keeps_size() {
            self.samples.extend_from_slice(row);
            return;
        }
        match self.channels {
            Channels::Grey => narrow::<1>(row, &mut self.line, self.area.width, self.width),
            Channels::Rgb => narrow::<3>(row, &mut self.line, self.area.width, self.width),
        }
        self.add_line();
    }

    /// Takes the next row of a grey picture by the positions at which it changes from white to black and back. They
    /// ascend; the row begins white.
    pub(super) fn push_changes(&mut self, changes: &[u32]) {
        if !self.takes_next() {
            return;
        }
        let within = |position: u32| position.saturating_sub(self.area.left).min(self.area.width);
        let black = changes.chunks(2).map(|run| {
            let end = run.get(1).copied().unwrap_or(u32::MAX);
            within(run[0])..within(end)
        });
        let black = black.filter(|run| !run.is_empty());
        if self.keeps_size() {
            let start = self.samples.len();
            self.samples.resize(start + self.width as usize, 255);
            let row = &mut self.samples[start..];
            black.for_each(|run| row[run.start as usize..run.end as usize].fill(0));
            return;
        }
        let unit = self.area.width;
        self.line.fill(255 * unit);
        for run in black {
            let start = u64::from(run.start) * u64::from(self.width);
            let end = u64::from(run.end) * u64::from(self.width);
            darken(&mut self.line, start, end, u64::from(unit));
        }
        self.add_line();
    }

    /// Rows that did not come are white.
    pub(super) fn finish(mut self) -> Picture {
        let row = self.width as usize * self.channels.count();
        self.samples.resize(row * self.height as usize, 255);
        Picture {
            width: self.width,
            height: self.height,
            samples: match self.channels {
                Channels::Grey => Samples::Grey(self.samples),
                Channels::Rgb => Samples::Rgb(self.samples),
            },
        }
    }

    fn takes_next(&mut self) -> bool {
        let row = self.next;
        self.next += 1;
        (self.area.top..self.area.bottom()).contains(&row)
    }

    fn keeps_size(&self) -> bool {
        (self.width, self.height) == (self.area.width, self.area.height)
    }

    fn add_line(&mut self) {
        let full = self.area.width as f32 * self.area.height as f32;
        // Where a row of the result has the height of the area, one of the picture has that of the result.
        let mut rest = self.height;
        while rest > 0 {
            let part = rest.min(self.to_come);
            let weight = part as f32 / full;
            for (sum, sample) in self.sums.iter_mut().zip(&self.line) {
                *sum += *sample as f32 * weight;
            }
            rest -= part;
            self.to_come -= part;
            if self.to_come == 0 {
                let means = self.sums.iter().map(|sum| (sum + 0.5) as u8);
                self.samples.extend(means);
                self.sums.fill(0.0);
                self.to_come = self.area.height;
            }
        }
    }
}

/// Adds each pixel of the row to the one or two of the line that it covers. Where a pixel of the line has the width
/// `from`, one of the row has the width `to`.
fn narrow<const N: usize>(row: &[u8], line: &mut [u32], from: u32, to: u32) {
    fn add<const N: usize>(target: &mut [u32; N], pixel: &[u8; N], part: u32) {
        for (sum, sample) in target.iter_mut().zip(pixel) {
            *sum += u32::from(*sample) * part;
        }
    }

    line.fill(0);
    let mut targets = line.as_chunks_mut::<N>().0.iter_mut();
    let Some(mut target) = targets.next() else {
        return;
    };
    let mut room = from;
    for pixel in row.as_chunks::<N>().0 {
        let part = to.min(room);
        add(target, pixel, part);
        room -= part;
        if room == 0 {
            let Some(next) = targets.next() else {
                return;
            };
            target = next;
            add(target, pixel, to - part);
            room = from - (to - part);
        }
    }
}

/// Takes the white of a run from the line, whose pixels are `unit` wide.
fn darken(line: &mut [u32], start: u64, end: u64, unit: u64) {
    let (first, last) = ((start / unit) as usize, (end / unit) as usize);
    let mut take = |pixel: usize, width: u64| {
        if let Some(sample) = line.get_mut(pixel) {
            *sample = sample.saturating_sub(255 * width as u32);
        }
    };
    if first == last {
        take(first, end - start);
    } else {
        take(first, (first as u64 + 1) * unit - start);
        take(last, end - last as u64 * unit);
        line[first + 1..last].fill(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn samples(picture: Picture) -> Vec<u8> {
        match picture.samples {
            Samples::Grey(samples) | Samples::Rgb(samples) => samples,
        }
    }

    /// The mean over the covered area, pixel by pixel.
    fn mean(rows: &[Vec<u8>], area: Area, (width, height): (u32, u32), x: u32, y: u32) -> f64 {
        let covered = |pixel: u32, target: u32, from: u32, to: u32| {
            let (start, end) = (pixel * to, (pixel + 1) * to);
            let (first, last) = (target * from, (target + 1) * from);
            f64::from(end.min(last).saturating_sub(start.max(first))) / f64::from(from)
        };
        let mut sum = 0.0;
        for row in 0..area.height {
            for column in 0..area.width {
                let sample = rows[(area.top + row) as usize][(area.left + column) as usize];
                sum += f64::from(sample)
                    * covered(row, y, area.height, height)
                    * covered(column, x, area.width, width);
            }
        }
        sum
    }

    fn bilevel() -> impl Strategy<Value = (Vec<Vec<u8>>, Area, (u32, u32))> {
        let side = 1..24_usize;
        (side.clone(), side).prop_flat_map(|(width, height)| {
            let sample = prop_oneof![Just(0_u8), Just(255)];
            let rows = prop::collection::vec(prop::collection::vec(sample, width), height);
            let span = |side: usize| {
                let side = side as u32;
                (0..side).prop_flat_map(move |start| (Just(start), 1..=side - start))
            };
            (rows, span(width), span(height)).prop_flat_map(|(rows, across, down)| {
                let area = Area {
                    left: across.0,
                    top: down.0,
                    width: across.1,
                    height: down.1,
                };
                (Just(rows), Just(area), (1..=across.1, 1..=down.1))
            })
        })
    }

    fn changes(row: &[u8]) -> Vec<u32> {
        let before = std::iter::once(&255).chain(row);
        let pairs = before.zip(row).enumerate();
        let changes = pairs.filter(|(_, (before, sample))| before != sample);
        changes.map(|(position, _)| position as u32).collect()
    }

    proptest! {
        #[test]
        fn a_pixel_is_the_mean_of_what_it_covers((rows, area, size) in bilevel()) {
            let mut grey = Reduction::new(area, size, Channels::Grey);
            let mut runs = Reduction::new(area, size, Channels::Grey);
            let mut rgb = Reduction::new(area, size, Channels::Rgb);
            for row in &rows {
                grey.push(row);
                runs.push_changes(&changes(row));
                rgb.push(&row.iter().flat_map(|sample| [*sample, 255 - sample, 7]).collect::<Vec<_>>());
            }
            let (grey, runs, rgb) = (samples(grey.finish()), samples(runs.finish()), samples(rgb.finish()));
            prop_assert_eq!(grey.len() as u32, size.0 * size.1);
            prop_assert_eq!(&grey, &runs);
            for (index, pixel) in rgb.as_chunks::<3>().0.iter().enumerate() {
                let expected = mean(&rows, area, size, index as u32 % size.0, index as u32 / size.0);
                prop_assert!((f64::from(pixel[0]) - expected).abs() < 0.51);
                prop_assert!((f64::from(pixel[1]) - (255.0 - expected)).abs() < 0.51);
                prop_assert_eq!((pixel[0], pixel[2]), (grey[index], 7));
            }
        }
    }

    #[test]
    fn rows_that_do_not_come_are_white() {
        let mut reduction = Reduction::new(Area::whole((4, 4)), (2, 2), Channels::Grey);
        reduction.push_changes(&[0]);
        reduction.push_changes(&[0]);
        assert_eq!(samples(reduction.finish()), [0, 0, 255, 255]);
    }
}
