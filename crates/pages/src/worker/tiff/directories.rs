//! The pages of a TIFF: a chain of directories that begins with an offset in the file's header.
//!
//! The `tiff` crate reads the directories. It cannot go on behind one that it does not know, so this module walks the
//! chain, and gives the decoder the same bytes with another header for each page.

use std::io::{self, Cursor, Read, Seek, SeekFrom};
use tiff::TiffResult;
use tiff::decoder::Decoder;

const NEW_SUBFILE_TYPE: u16 = 254;
const PHOTOMETRIC: u16 = 262;
const SHORT: u64 = 3;
/// Bits of the subfile type: a thumbnail, and a mask for another page.
const COPY_OR_MASK: u64 = 0b101;
const PALETTE: u64 = 3;
const BLACK_IS_ZERO: u16 = 1;
/// A directory has a few dozen entries.
const MAX_ENTRIES: u64 = 4096;

/// One page, by the bytes in which its file differs from the one read.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct PageDirectory {
    patches: Vec<(u64, u8)>,
    /// Whether its samples are numbers of colours. The decoder refuses those, and is told that they are shades of grey.
    pub(super) has_palette: bool,
}

impl PageDirectory {
    pub(super) fn decoder<'a>(&self, bytes: &'a [u8]) -> TiffResult<Decoder<PageReader<'a>>> {
        Decoder::new(PageReader {
            file: Cursor::new(bytes),
            patches: self.patches.clone(),
            reverses_bits: false,
        })
    }
}

/// The pages in order, at most `max + 1`; thumbnails and masks are left out.
pub(super) fn pages(bytes: &[u8], max: usize) -> Vec<PageDirectory> {
    let Some(layout) = Layout::read(bytes) else {
        return Vec::new();
    };
    let mut pages = Vec::new();
    let mut visited = Vec::new();
    let mut offset = layout.first;
    while offset != 0
        && pages.len() <= max
        && visited.len() <= 2 * max
        && !visited.contains(&offset)
    {
        visited.push(offset);
        let Some((page, next)) = layout.directory(bytes, offset) else {
            break;
        };
        pages.extend(page);
        offset = next;
    }
    pages
}

struct Layout {
    little: bool,
    big: bool,
    first: u64,
}

impl Layout {
    fn read(bytes: &[u8]) -> Option<Self> {
        let little = bytes.starts_with(b"II");
        let mut layout = Self {
            little,
            big: false,
            first: 0,
        };
        layout.big = layout.number(bytes, 2, 2)? == 43;
        let (place, length) = layout.pointer();
        layout.first = layout.number(bytes, place, length)?;
        Some(layout)
    }

    /// Where the header names the first directory, and in how many bytes.
    fn pointer(&self) -> (u64, usize) {
        if self.big { (8, 8) } else { (4, 4) }
    }

    fn number(&self, bytes: &[u8], offset: u64, length: usize) -> Option<u64> {
        let start = usize::try_from(offset).ok()?;
        let slice = bytes.get(start..start.checked_add(length)?)?;
        let add = |number: u64, byte: &u8| number << 8 | u64::from(*byte);
        Some(if self.little {
            slice.iter().rev().fold(0, add)
        } else {
            slice.iter().fold(0, add)
        })
    }

    /// The bytes that state this number at this offset.
    fn patch(&self, offset: u64, length: usize, number: u64) -> impl Iterator<Item = (u64, u8)> {
        let bytes = if self.little {
            number.to_le_bytes()
        } else {
            (number << (64 - 8 * length)).to_be_bytes()
        };
        (offset..).zip(bytes.into_iter().take(length))
    }

    /// The page of a directory, if it is one, and the offset of the next directory.
    fn directory(&self, bytes: &[u8], offset: u64) -> Option<(Option<PageDirectory>, u64)> {
        let (count_bytes, entry_bytes, value_at) = if self.big { (8, 20, 12) } else { (2, 12, 8) };
        let count = self.number(bytes, offset, count_bytes)?;
        if count == 0 || count > MAX_ENTRIES {
            return None;
        }
        let (place, pointer_bytes) = self.pointer();
        let mut page = PageDirectory {
            patches: self.patch(place, pointer_bytes, offset).collect(),
            has_palette: false,
        };
        let mut is_page = true;
        let entries = offset.checked_add(count_bytes as u64)?;
        for index in 0..count {
            let entry = entries.checked_add(index * entry_bytes)?;
            let value = entry.checked_add(value_at)?;
            let is_short = self.number(bytes, entry.checked_add(2)?, 2)? == SHORT;
            match self.number(bytes, entry, 2)? as u16 {
                NEW_SUBFILE_TYPE => {
                    let length = if is_short { 2 } else { 4 };
                    is_page = self.number(bytes, value, length)? & COPY_OR_MASK == 0;
                }
                PHOTOMETRIC if is_short && self.number(bytes, value, 2)? == PALETTE => {
                    page.has_palette = true;
                    page.patches
                        .extend(self.patch(value, 2, BLACK_IS_ZERO.into()));
                }
                _ => {}
            }
        }
        let end = entries.checked_add(count * entry_bytes)?;
        // A chain cut off by the end of the file keeps the pages read so far.
        let next = self.number(bytes, end, pointer_bytes).unwrap_or(0);
        Some((is_page.then_some(page), next))
    }
}

/// The file as one page's decoder sees it.
pub(super) struct PageReader<'a> {
    file: Cursor<&'a [u8]>,
    patches: Vec<(u64, u8)>,
    /// Whether the lowest bit of each byte comes first, as strips of FillOrder 2 have it.
    pub(super) reverses_bits: bool,
}

impl Read for PageReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let start = self.file.position();
        let read = self.file.read(buffer)?;
        let buffer = &mut buffer[..read];
        for (place, byte) in &self.patches {
            if let Some(target) = place
                .checked_sub(start)
                .and_then(|index| buffer.get_mut(usize::try_from(index).ok()?))
            {
                *target = *byte;
            }
        }
        if self.reverses_bits {
            for byte in buffer {
                *byte = byte.reverse_bits();
            }
        }
        Ok(read)
    }
}

impl Seek for PageReader<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directory(file: &mut Vec<u8>, entries: &[(u16, u16, u32)], next: u32) {
        file.extend_from_slice(&(entries.len() as u16).to_le_bytes());
        for (tag, kind, value) in entries {
            file.extend_from_slice(&tag.to_le_bytes());
            file.extend_from_slice(&kind.to_le_bytes());
            file.extend_from_slice(&1_u32.to_le_bytes());
            file.extend_from_slice(&value.to_le_bytes());
        }
        file.extend_from_slice(&next.to_le_bytes());
    }

    fn reader<'a>(file: &'a [u8], page: &PageDirectory) -> PageReader<'a> {
        PageReader {
            file: Cursor::new(file),
            patches: page.patches.clone(),
            reverses_bits: false,
        }
    }

    #[test]
    fn the_chain_is_walked_and_copies_and_masks_are_left_out() {
        let mut file = b"II*\0\x08\0\0\0".to_vec();
        directory(&mut file, &[(256, 3, 10)], 26);
        directory(&mut file, &[(254, 4, 1)], 44);
        directory(&mut file, &[(254, 3, 4)], 62);
        directory(&mut file, &[(256, 3, 20)], 0);
        let pages = pages(&file, 100);
        assert_eq!(pages.len(), 2);
        let mut head = [0; 8];
        reader(&file, &pages[1]).read_exact(&mut head).unwrap();
        assert_eq!(&head, b"II*\0\x3e\0\0\0");
    }

    #[test]
    fn numbers_of_colours_are_read_as_shades() {
        let mut file = b"II*\0\x08\0\0\0".to_vec();
        directory(&mut file, &[(262, 3, 3)], 0);
        let pages = pages(&file, 100);
        assert!(pages[0].has_palette);
        let mut seen = Vec::new();
        let mut reader = reader(&file, &pages[0]);
        reader.seek(SeekFrom::Start(10)).unwrap();
        // Across the patch in small steps, as decoders read.
        for _ in 0..6 {
            let mut step = [0; 2];
            reader.read_exact(&mut step).unwrap();
            seen.extend(step);
        }
        assert_eq!(seen, [6, 1, 3, 0, 1, 0, 0, 0, 1, 0, 0, 0]);
        file[18] = 1;
        assert!(!super::pages(&file, 100)[0].has_palette);
    }

    #[test]
    fn a_chain_that_bites_its_tail_ends() {
        let mut file = b"II*\0\x08\0\0\0".to_vec();
        directory(&mut file, &[(256, 3, 10)], 8);
        assert_eq!(pages(&file, 100).len(), 1);
        assert_eq!(pages(b"II*\0\xff\xff\0\0", 100).len(), 0);
        assert_eq!(pages(b"II", 100).len(), 0);
    }
}
