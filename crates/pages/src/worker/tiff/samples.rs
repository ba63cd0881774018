//! Strips and tiles of samples, decoded by the `tiff` crate, as rows of grey or RGB.

use super::super::pages::Bounds;
use super::super::reduction::{Channels, Reduction};
use super::super::resample::on_white;
use super::directories::PageReader;
use crate::protocol::Fault;
use tiff::decoder::Decoder;
use tiff::tags::{PlanarConfiguration, SampleFormat, Tag};
use tiff::{ColorType, TiffResult};

#[derive(Debug, Clone, PartialEq)]
pub(super) struct SampleLayout {
    colour: Colour,
    /// Bits a sample: 1, 2, 4, 8 or 16.
    depth: u8,
    /// Samples a pixel.
    samples: usize,
    /// Whether the sample after the colour is its opacity.
    has_alpha: bool,
    is_planar: bool,
    reverses_bits: bool,
}

#[derive(Debug, Clone, PartialEq)]
enum Colour {
    /// One bit, black being zero.
    Bilevel,
    Grey,
    Palette(Vec<[u8; 3]>),
    Rgb,
    Cmyk,
    /// With the whole range of each sample, as JPEG has it.
    YCbCr,
}

impl SampleLayout {
    pub(super) fn of(
        decoder: &mut Decoder<PageReader<'_>>,
        has_palette: bool,
        reverses_bits: bool,
    ) -> Result<Self, Fault> {
        let color_type = decoder.colortype().map_err(super::fault)?;
        let has_extra_alpha = tag_values(decoder, Tag::ExtraSamples)
            .map_err(super::fault)?
            .first()
            .is_some_and(|kind| matches!(kind, 1 | 2));
        let whole_numbers = tag_values(decoder, Tag::SampleFormat)
            .map_err(super::fault)?
            .iter()
            .all(|format| *format == SampleFormat::Uint.to_u16());
        let (colour, has_alpha) = match color_type {
            _ if !whole_numbers => return Err(unknown("samples that are not whole numbers")),
            ColorType::Gray(1 | 2 | 4 | 8) if has_palette => {
                (Colour::Palette(palette(decoder)?), false)
            }
            _ if has_palette => return Err(unknown("a palette of a rare kind")),
            ColorType::Gray(1) => (Colour::Bilevel, false),
            ColorType::Gray(2 | 4 | 8 | 16) => (Colour::Grey, false),
            ColorType::Multiband {
                bit_depth: 8 | 16, ..
            } => (Colour::Grey, has_extra_alpha),
            ColorType::RGB(8 | 16) => (Colour::Rgb, false),
            ColorType::RGBA(8 | 16) => (Colour::Rgb, true),
            ColorType::CMYK(8 | 16) | ColorType::CMYKA(8 | 16) => (Colour::Cmyk, false),
            ColorType::YCbCr(8) => (Colour::YCbCr, false),
            ColorType::Lab(_) => return Err(unknown("colours in L*a*b*")),
            other => {
                let depth = other.bit_depth();
                return Err(unknown(&format!("samples of {depth} bits")));
            }
        };
        let planes = tag_values(decoder, Tag::PlanarConfiguration).map_err(super::fault)?;
        Ok(Self {
            colour,
            depth: color_type.bit_depth(),
            samples: color_type.num_samples().into(),
            has_alpha,
            is_planar: planes == [PlanarConfiguration::Planar.to_u16()]
                && color_type.num_samples() > 1,
            reverses_bits,
        })
    }

    pub(super) fn is_bilevel(&self) -> bool {
        self.colour == Colour::Bilevel
    }

    pub(super) fn channels(&self) -> Channels {
        match self.colour {
            Colour::Bilevel | Colour::Grey => Channels::Grey,
            Colour::Palette(_) | Colour::Rgb | Colour::Cmyk | Colour::YCbCr => Channels::Rgb,
        }
    }

    pub(super) fn decode(
        &self,
        decoder: &mut Decoder<PageReader<'_>>,
        bounds: &Bounds,
        reduction: &mut Reduction,
    ) -> Result<(), Fault> {
        let (width, height) = decoder.dimensions().map_err(super::fault)?;
        let (chunk_width, chunk_height) = decoder.chunk_dimensions();
        let across = width.div_ceil(chunk_width);
        let down = height.div_ceil(chunk_height);
        // All tags have been read.
        decoder.inner().reverses_bits = self.reverses_bits;
        let mut row = RowBuffer::new(self, width);
        for band in 0..down {
            let top = band * chunk_height;
            let rows = chunk_height.min(height - top);
            if top >= reduction.area().bottom() {
                break;
            }
            if top + rows <= reduction.area().top {
                reduction.skip(rows);
                continue;
            }
            let band = self.read_band(decoder, band, across, down, bounds)?;
            for index in 0..rows as usize {
                row.fill(&band, index);
                row.push(reduction);
            }
        }
        Ok(())
    }

    /// The chunks that lie beside each other, plane by plane.
    fn read_band(
        &self,
        decoder: &mut Decoder<PageReader<'_>>,
        band: u32,
        across: u32,
        down: u32,
        bounds: &Bounds,
    ) -> Result<Vec<Vec<Chunk>>, Fault> {
        let mut room = bounds.max_picture_bytes;
        let mut read = |index: u32| -> Result<Chunk, Fault> {
            let layout = decoder
                .image_chunk_buffer_layout(index)
                .map_err(super::fault)?;
            room = room.checked_sub(layout.len as u64).ok_or_else(|| {
                Fault::TooLarge("a strip of a page needs more memory than a worker may use".into())
            })?;
            let mut bytes = vec![0; layout.len];
            decoder
                .read_chunk_bytes(index, &mut bytes)
                .map_err(super::fault)?;
            let (width, _) = decoder.chunk_data_dimensions(index);
            Ok(Chunk {
                bytes,
                row_bytes: layout.row_stride.map_or(0, usize::from),
                width: width as usize,
            })
        };
        let planes = if self.is_planar { self.samples } else { 1 };
        (0..planes as u32)
            .map(|plane| {
                let first = (plane * down + band) * across;
                (first..first + across).map(&mut read).collect()
            })
            .collect()
    }
}

/// A strip or tile of one plane, or of all.
struct Chunk {
    bytes: Vec<u8>,
    row_bytes: usize,
    width: usize,
}

impl Chunk {
    fn row(&self, index: usize) -> &[u8] {
        &self.bytes[index * self.row_bytes..][..self.row_bytes]
    }
}

/// One row of the page on its way from samples to grey, RGB or the edges of black.
struct RowBuffer<'a> {
    layout: &'a SampleLayout,
    width: usize,
    /// Bits if bilevel, otherwise one byte a sample.
    samples: Vec<u8>,
    pixels: Vec<u8>,
    changes: Vec<u32>,
}

impl<'a> RowBuffer<'a> {
    fn new(layout: &'a SampleLayout, width: u32) -> Self {
        Self {
            layout,
            width: width as usize,
            samples: Vec::new(),
            pixels: Vec::new(),
            changes: Vec::new(),
        }
    }

    fn fill(&mut self, planes: &[Vec<Chunk>], index: usize) {
        self.samples.clear();
        if self.layout.is_bilevel() {
            let rows = planes.iter().flatten().map(|chunk| chunk.row(index));
            rows.for_each(|row| self.samples.extend_from_slice(row));
            return;
        }
        let samples = self.layout.samples;
        self.samples.resize(self.width * samples, 0);
        for (plane, chunks) in planes.iter().enumerate() {
            let mut left = 0;
            for chunk in chunks {
                let target = &mut self.samples[left * samples..][..chunk.width * samples];
                if self.layout.is_planar {
                    let target = target.iter_mut().skip(plane).step_by(samples);
                    widen(chunk.row(index), self.layout.depth, target);
                } else if self.layout.depth == 8 {
                    target.copy_from_slice(chunk.row(index));
                } else {
                    widen(chunk.row(index), self.layout.depth, target.iter_mut());
                }
                left += chunk.width;
            }
        }
    }

    fn push(&mut self, reduction: &mut Reduction) {
        if self.layout.is_bilevel() {
            changes(&self.samples, self.width as u32, &mut self.changes);
            reduction.push_changes(&self.changes);
            return;
        }
        let (depth, has_alpha) = (self.layout.depth, self.layout.has_alpha);
        let pixels = self.samples.chunks_exact(self.layout.samples);
        self.pixels.clear();
        match &self.layout.colour {
            Colour::Grey if self.layout.samples == 1 && depth >= 8 => {
                return reduction.push(&self.samples);
            }
            Colour::Rgb if self.layout.samples == 3 => return reduction.push(&self.samples),
            Colour::Bilevel | Colour::Grey => {
                // Samples of two and four bits are brought to eight.
                let full = if depth < 8 {
                    255 / ((1 << depth) - 1)
                } else {
                    1
                };
                self.pixels.extend(pixels.map(|pixel| match pixel {
                    [grey, alpha, ..] if has_alpha => on_white(*grey, *alpha),
                    _ => pixel[0] * full,
                }));
            }
            Colour::Palette(palette) => {
                let colour = |pixel: &[u8]| palette.get(usize::from(pixel[0])).copied();
                let pixels = pixels.flat_map(|pixel| colour(pixel).unwrap_or_default());
                self.pixels.extend(pixels);
            }
            Colour::Rgb => self.pixels.extend(pixels.flat_map(|pixel| match pixel {
                [red, green, blue, alpha, ..] if has_alpha => {
                    [red, green, blue].map(|sample| on_white(*sample, *alpha))
                }
                _ => [pixel[0], pixel[1], pixel[2]],
            })),
            Colour::Cmyk => self.pixels.extend(pixels.flat_map(|pixel| {
                let light = 255 - u32::from(pixel[3]);
                [pixel[0], pixel[1], pixel[2]]
                    .map(|ink| ((255 - u32::from(ink)) * light / 255) as u8)
            })),
            Colour::YCbCr => self.pixels.extend(pixels.flat_map(rgb_of_ycbcr)),
        }
        reduction.push(&self.pixels);
    }
}

fn tag_values(decoder: &mut Decoder<PageReader<'_>>, tag: Tag) -> TiffResult<Vec<u16>> {
    Ok(decoder.find_tag_unsigned_vec(tag)?.unwrap_or_default())
}

fn palette(decoder: &mut Decoder<PageReader<'_>>) -> Result<Vec<[u8; 3]>, Fault> {
    let map = tag_values(decoder, Tag::ColorMap).map_err(super::fault)?;
    // Shades have 16 bits; some programs write eight.
    let shift = if map.iter().all(|shade| *shade < 256) {
        0
    } else {
        8
    };
    let colours = map.len() / 3;
    if colours == 0 {
        return Err(Fault::Broken("a page with a palette has no colours".into()));
    }
    Ok((0..colours)
        .map(|index| [0, 1, 2].map(|channel| (map[channel * colours + index] >> shift) as u8))
        .collect())
}

fn unknown(what: &str) -> Fault {
    Fault::Unsupported(format!("a page is TIFF with {what}"))
}

/// Brings samples to one byte each; those of fewer bits keep their value.
fn widen<'a>(row: &[u8], depth: u8, target: impl Iterator<Item = &'a mut u8>) {
    match depth {
        8 => target.zip(row).for_each(|(target, byte)| *target = *byte),
        16 => {
            let samples = row.as_chunks::<2>().0.iter();
            let samples = samples.map(|sample| (u16::from_ne_bytes(*sample) >> 8) as u8);
            target
                .zip(samples)
                .for_each(|(target, sample)| *target = sample);
        }
        depth => {
            let samples = row.iter().flat_map(|byte| {
                let shifts = (0..8).step_by(depth.into());
                shifts.map(move |shift| byte << shift >> (8 - depth))
            });
            target
                .zip(samples)
                .for_each(|(target, sample)| *target = sample);
        }
    }
}

/// The positions at which a row changes from white to black and back; it begins white, and white is one.
fn changes(row: &[u8], width: u32, changes: &mut Vec<u32>) {
    changes.clear();
    let mut before = 1;
    for (index, byte) in row.iter().enumerate() {
        // The bits that differ from the one before them.
        let mut edges = byte ^ (byte >> 1 | before << 7);
        before = byte & 1;
        while edges != 0 {
            let bit = edges.leading_zeros();
            edges &= !(0x80 >> bit);
            let position = index as u32 * 8 + bit;
            if position < width {
                changes.push(position);
            }
        }
    }
}

/// After ITU-T T.871, section 7.
fn rgb_of_ycbcr(pixel: &[u8]) -> [u8; 3] {
    let [luma, blue, red] = [pixel[0], pixel[1], pixel[2]].map(f32::from);
    let (blue, red) = (blue - 128.0, red - 128.0);
    [
        luma + 1.402 * red,
        luma - 0.344_136 * blue - 0.714_136 * red,
        luma + 1.772 * blue,
    ]
    .map(|sample| (sample + 0.5) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_edges_of_black_are_found() {
        let mut found = Vec::new();
        changes(&[0b1110_0111, 0b0111_1111, 0b0000_0000], 20, &mut found);
        assert_eq!(found, [3, 5, 8, 9, 16]);
        changes(&[0b0000_0001], 7, &mut found);
        assert_eq!(found, [0]);
        changes(&[0xff, 0xff], 16, &mut found);
        assert!(found.is_empty());
    }

    #[test]
    fn samples_of_every_depth_are_widened() {
        let widened = |row: &[u8], depth, count| {
            let mut target = vec![0; count];
            widen(row, depth, target.iter_mut());
            target
        };
        assert_eq!(widened(&[0b1010_0000], 1, 3), [1, 0, 1]);
        assert_eq!(widened(&[0b0001_1011], 2, 4), [0, 1, 2, 3]);
        assert_eq!(widened(&[0x3c, 0xf0], 4, 3), [3, 12, 15]);
        assert_eq!(widened(&[1, 200], 8, 2), [1, 200]);
        let wide = [0x1234_u16.to_ne_bytes(), 0xfedc_u16.to_ne_bytes()].concat();
        assert_eq!(widened(&wide, 16, 2), [0x12, 0xfe]);
    }
}
