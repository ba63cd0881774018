//! The pages of a TIFF.
//!
//! Scanners write many pages into one TIFF, and the decoder of `image` reads only the first. The pages are a chain of
//! directories that begins with an offset in the file's header, so this module walks the chain and gives the decoder
//! the same bytes with another header for each page.

use std::io::{self, BufRead, Read, Seek, SeekFrom};

const NEW_SUBFILE_TYPE: u16 = 254;
const X_RESOLUTION: u16 = 282;
const RESOLUTION_UNIT: u16 = 296;
const REDUCED_COPY: u64 = 1;
const LONGEST_HEAD: usize = 16;
/// A directory has a few dozen entries.
const MAX_ENTRIES: u64 = 4096;

/// One page: the offset of its directory, and its stated density.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct TiffPage {
    head: [u8; LONGEST_HEAD],
    head_bytes: usize,
    pub(super) dots_per_inch: Option<f32>,
}

/// The pages in order, at most `max + 1`; thumbnails are left out.
pub(super) fn pages(bytes: &[u8], max: usize) -> Vec<TiffPage> {
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
        let Some(directory) = layout.directory(bytes, offset) else {
            break;
        };
        if !directory.reduced {
            pages.push(layout.page(bytes, offset, directory.dots_per_inch));
        }
        offset = directory.next;
    }
    pages
}

struct Layout {
    little: bool,
    big: bool,
    first: u64,
}

struct Directory {
    next: u64,
    reduced: bool,
    dots_per_inch: Option<f32>,
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
        layout.first = if layout.big {
            layout.number(bytes, 8, 8)?
        } else {
            layout.number(bytes, 4, 4)?
        };
        Some(layout)
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

    fn directory(&self, bytes: &[u8], offset: u64) -> Option<Directory> {
        let (count_bytes, entry_bytes, pointer_bytes) =
            if self.big { (8, 20, 8) } else { (2, 12, 4) };
        let count = self.number(bytes, offset, count_bytes)?;
        if count == 0 || count > MAX_ENTRIES {
            return None;
        }
        let entries = offset.checked_add(count_bytes as u64)?;
        let mut reduced = false;
        let mut resolution = None;
        let mut unit = 2;
        for index in 0..count {
            let entry = entries.checked_add(index * entry_bytes)?;
            let value = entry.checked_add(if self.big { 12 } else { 8 })?;
            match self.number(bytes, entry, 2)? as u16 {
                NEW_SUBFILE_TYPE => {
                    reduced = self.number(bytes, value, 4)? & REDUCED_COPY != 0;
                }
                RESOLUTION_UNIT => unit = self.number(bytes, value, 2)?,
                X_RESOLUTION => {
                    let place = if self.big {
                        value
                    } else {
                        self.number(bytes, value, 4)?
                    };
                    resolution = self.number(bytes, place, 4).zip(
                        place
                            .checked_add(4)
                            .and_then(|place| self.number(bytes, place, 4)),
                    );
                }
                _ => {}
            }
        }
        let dots_per_inch = match (resolution, unit) {
            (Some((dots, per)), 2) if per != 0 => Some(dots as f32 / per as f32),
            (Some((dots, per)), 3) if per != 0 => Some(dots as f32 / per as f32 * 2.54),
            _ => None,
        };
        let end = entries.checked_add(count * entry_bytes)?;
        Some(Directory {
            // A chain cut off by the end of the file keeps the pages read so far.
            next: self.number(bytes, end, pointer_bytes).unwrap_or(0),
            reduced,
            dots_per_inch,
        })
    }

    fn page(&self, bytes: &[u8], offset: u64, dots_per_inch: Option<f32>) -> TiffPage {
        let (place, length) = if self.big { (8, 8) } else { (4, 4) };
        let head_bytes = place + length;
        let mut head = [0; LONGEST_HEAD];
        head[..place].copy_from_slice(&bytes[..place]);
        let pointer = &mut head[place..head_bytes];
        if self.little {
            pointer.copy_from_slice(&offset.to_le_bytes()[..length]);
        } else {
            pointer.copy_from_slice(&offset.to_be_bytes()[8 - length..]);
        }
        TiffPage {
            head,
            head_bytes,
            dots_per_inch,
        }
    }
}

/// The file with a header that names only this page.
pub(super) struct TiffPageReader<'a> {
    bytes: &'a [u8],
    page: TiffPage,
    position: u64,
}

impl<'a> TiffPageReader<'a> {
    pub(super) fn new(bytes: &'a [u8], page: TiffPage) -> Self {
        Self {
            bytes,
            page,
            position: 0,
        }
    }

    fn rest(&self) -> &[u8] {
        let position = usize::try_from(self.position).unwrap_or(usize::MAX);
        if position < self.page.head_bytes {
            &self.page.head[position..self.page.head_bytes]
        } else {
            self.bytes.get(position..).unwrap_or_default()
        }
    }
}

impl Read for TiffPageReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut rest = self.rest();
        let read = rest.read(buffer)?;
        self.position += read as u64;
        Ok(read)
    }
}

impl BufRead for TiffPageReader<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        Ok(self.rest())
    }

    fn consume(&mut self, amount: usize) {
        self.position += amount as u64;
    }
}

impl Seek for TiffPageReader<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let target = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::Current(step) => self.position.checked_add_signed(step),
            SeekFrom::End(step) => (self.bytes.len() as u64).checked_add_signed(step),
        };
        self.position = target.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.position)
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

    #[test]
    fn the_chain_is_walked_and_small_copies_are_left_out() {
        let mut file = b"II*\0\x08\0\0\0".to_vec();
        directory(&mut file, &[(256, 3, 10)], 26);
        directory(&mut file, &[(254, 4, 1)], 44);
        directory(&mut file, &[(256, 3, 20)], 0);
        let pages = pages(&file, 100);
        assert_eq!(pages.len(), 2);
        let mut head = [0; 8];
        TiffPageReader::new(&file, pages[1])
            .read_exact(&mut head)
            .unwrap();
        assert_eq!(&head, b"II*\0\x2c\0\0\0");
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
