//! Strips by fax methods, through hayro's decoder.
//!
//! The `tiff` crate knows Group 4 alone, takes sides of at most 65,535 pixels, and holds a whole strip. A fax server
//! writes Group 3 too, and a scanner a plan as one strip; here each row goes into the reduction as it comes.

use super::super::reduction::Reduction;
use super::directories::PageReader;
use crate::protocol::Fault;
use hayro_ccitt::{DecodeSettings, DecoderContext, EncodingMode};
use std::borrow::Cow;
use tiff::TiffResult;
use tiff::decoder::Decoder;
use tiff::tags::{CompressionMethod, Tag};

const GROUP_3_OPTIONS: Tag = Tag::Unknown(292);
const GROUP_4_OPTIONS: Tag = Tag::Unknown(293);
const TWO_DIMENSIONAL: u64 = 0b1;
const UNCOMPRESSED: u64 = 0b10;

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct FaxMethod {
    encoding: EncodingMode,
    rows_are_byte_aligned: bool,
    /// Whether a part may be without compression, which no fax does.
    has_uncompressed: bool,
    /// Whether the white of the fax is black.
    is_negative: bool,
    reverses_bits: bool,
}

impl FaxMethod {
    /// The method of a page, if it is one of a fax.
    pub(super) fn of(
        decoder: &mut Decoder<PageReader<'_>>,
        compression: CompressionMethod,
        reverses_bits: bool,
    ) -> TiffResult<Option<Self>> {
        let options = match compression {
            CompressionMethod::Huffman => 0,
            CompressionMethod::Fax3 => decoder.find_tag_unsigned(GROUP_3_OPTIONS)?.unwrap_or(0),
            CompressionMethod::Fax4 => decoder.find_tag_unsigned(GROUP_4_OPTIONS)?.unwrap_or(0),
            _ => return Ok(None),
        };
        let encoding = match compression {
            CompressionMethod::Fax4 => EncodingMode::Group4,
            _ if options & TWO_DIMENSIONAL != 0 => EncodingMode::Group3_2D,
            _ => EncodingMode::Group3_1D,
        };
        Ok(Some(Self {
            encoding,
            rows_are_byte_aligned: compression == CompressionMethod::Huffman,
            has_uncompressed: options & UNCOMPRESSED != 0,
            is_negative: decoder.get_tag_unsigned::<u16>(Tag::PhotometricInterpretation)? != 0,
            reverses_bits,
        }))
    }

    fn name(self) -> &'static str {
        match self.encoding {
            EncodingMode::Group4 => "fax (Group 4)",
            EncodingMode::Group3_1D => "fax (Group 3)",
            EncodingMode::Group3_2D => "fax (Group 3, two-dimensional)",
        }
    }

    /// Draws the strips; returns whether every row could be read. Others are white.
    pub(super) fn decode(
        self,
        decoder: &mut Decoder<PageReader<'_>>,
        bytes: &[u8],
        reduction: &mut Reduction,
    ) -> Result<bool, Fault> {
        let (width, height) = decoder.dimensions().map_err(super::fault)?;
        let (_, rows_per_strip) = decoder.chunk_dimensions();
        let strips = strips(decoder).map_err(super::fault)?;
        let area = reduction.area();
        let mut top = 0;
        let mut rows_read = 0;
        let mut is_whole = true;
        for (start, length) in strips {
            let rows = rows_per_strip.min(height - top);
            if top + rows <= area.top {
                reduction.skip(rows);
            } else if top < area.bottom() {
                let rows = rows.min(area.bottom() - top);
                let data = part(bytes, start, length);
                let read = self.decode_strip(data, width, rows, reduction);
                for _ in read..rows {
                    reduction.push_changes(&[]);
                }
                rows_read += read;
                is_whole &= read == rows && data.len() as u64 == length;
            }
            top += rows;
        }
        if is_whole {
            return Ok(true);
        }
        if self.has_uncompressed {
            return Err(Fault::Unsupported(format!(
                "a page is TIFF by {} with parts that are not compressed",
                self.name()
            )));
        }
        if rows_read == 0 {
            return Err(Fault::Broken(format!(
                "no line of a page by {} can be read",
                self.name()
            )));
        }
        Ok(false)
    }

    /// Returns how many rows could be read.
    fn decode_strip(self, data: &[u8], width: u32, rows: u32, reduction: &mut Reduction) -> u32 {
        let data = if self.reverses_bits {
            Cow::Owned(data.iter().map(|byte| byte.reverse_bits()).collect())
        } else {
            Cow::Borrowed(data)
        };
        let mut context = DecoderContext::new(DecodeSettings {
            columns: width,
            rows,
            end_of_block: true,
            end_of_line: false,
            rows_are_byte_aligned: self.rows_are_byte_aligned,
            encoding: self.encoding,
            strict: false,
        });
        let mut rows = FaxRows {
            reduction,
            is_negative: self.is_negative,
            read: 0,
        };
        // The rows before an error count, and what is missing shows in their number.
        let _ = hayro_ccitt::decode(&data, &mut rows, &mut context);
        rows.read
    }
}

/// The offset and length of each strip.
fn strips(decoder: &mut Decoder<PageReader<'_>>) -> TiffResult<Vec<(u64, u64)>> {
    let offsets = decoder.get_tag_u64_vec(Tag::StripOffsets)?;
    let lengths = decoder.get_tag_u64_vec(Tag::StripByteCounts)?;
    Ok(offsets.into_iter().zip(lengths).collect())
}

/// As much of a strip as the file has.
fn part(bytes: &[u8], start: u64, length: u64) -> &[u8] {
    let start = usize::try_from(start).unwrap_or(usize::MAX);
    let rest = bytes.get(start..).unwrap_or_default();
    &rest[..rest
        .len()
        .min(usize::try_from(length).unwrap_or(usize::MAX))]
}

struct FaxRows<'a> {
    reduction: &'a mut Reduction,
    is_negative: bool,
    read: u32,
}

impl hayro_ccitt::Decoder for FaxRows<'_> {
    fn push_row(&mut self, changes: &[u32]) {
        self.read += 1;
        match changes {
            changes if !self.is_negative => self.reduction.push_changes(changes),
            [0, changes @ ..] => self.reduction.push_changes(changes),
            changes => {
                let changes: Vec<u32> = std::iter::once(0).chain(changes.iter().copied()).collect();
                self.reduction.push_changes(&changes);
            }
        }
    }
}
