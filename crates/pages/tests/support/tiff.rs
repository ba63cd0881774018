//! TIFF files, byte by byte.

/// The value of a tag.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    Short(u16),
    Shorts(Vec<u16>),
    Long(u32),
    Longs(Vec<u32>),
    Rational(u32, u32),
}

pub(crate) const WIDTH: u16 = 256;
pub(crate) const HEIGHT: u16 = 257;
pub(crate) const BITS: u16 = 258;
pub(crate) const COMPRESSION: u16 = 259;
pub(crate) const PHOTOMETRIC: u16 = 262;
pub(crate) const FILL_ORDER: u16 = 266;
pub(crate) const ORIENTATION: u16 = 274;
pub(crate) const SAMPLES: u16 = 277;
pub(crate) const ROWS_PER_STRIP: u16 = 278;
pub(crate) const X_RESOLUTION: u16 = 282;
pub(crate) const Y_RESOLUTION: u16 = 283;
pub(crate) const PLANES: u16 = 284;
pub(crate) const GROUP_3_OPTIONS: u16 = 292;
pub(crate) const RESOLUTION_UNIT: u16 = 296;
pub(crate) const PALETTE: u16 = 320;
pub(crate) const TILE_WIDTH: u16 = 322;
pub(crate) const TILE_HEIGHT: u16 = 323;
pub(crate) const EXTRA_SAMPLES: u16 = 338;
const STRIP_OFFSETS: u16 = 273;
const STRIP_LENGTHS: u16 = 279;
const TILE_OFFSETS: u16 = 324;
const TILE_LENGTHS: u16 = 325;

/// A file under construction, of one page after another.
pub(crate) struct TiffBuilder {
    file: Vec<u8>,
    is_big_endian: bool,
    /// Where the offset of the next directory belongs.
    link: usize,
}

impl TiffBuilder {
    pub(crate) fn new() -> Self {
        Self {
            file: b"II*\0\0\0\0\0".to_vec(),
            is_big_endian: false,
            link: 4,
        }
    }

    pub(crate) fn big_endian() -> Self {
        Self {
            file: b"MM\0*\0\0\0\0".to_vec(),
            is_big_endian: true,
            link: 4,
        }
    }

    /// Adds a page of strips, or of tiles where the tags state their size.
    pub(crate) fn page(mut self, tags: &[(u16, Value)], chunks: &[Vec<u8>]) -> Self {
        let mut offsets = Vec::new();
        for chunk in chunks {
            offsets.push(self.file.len() as u32);
            self.file.extend_from_slice(chunk);
        }
        let lengths = chunks.iter().map(|chunk| chunk.len() as u32).collect();
        let is_tiled = tags.iter().any(|(tag, _)| *tag == TILE_WIDTH);
        let mut tags = tags.to_vec();
        let (offsets_tag, lengths_tag) = if is_tiled {
            (TILE_OFFSETS, TILE_LENGTHS)
        } else {
            (STRIP_OFFSETS, STRIP_LENGTHS)
        };
        tags.push((offsets_tag, Value::Longs(offsets)));
        tags.push((lengths_tag, Value::Longs(lengths)));
        tags.sort_by_key(|(tag, _)| *tag);

        let mut directory = self.short(tags.len() as u16);
        for (tag, value) in tags {
            let (kind, count, mut bytes) = self.value(value);
            if bytes.len() > 4 {
                let place = self.file.len() as u32;
                self.file.extend_from_slice(&bytes);
                bytes = self.long(place);
            }
            bytes.resize(4, 0);
            directory.extend(self.short(tag));
            directory.extend(self.short(kind));
            directory.extend(self.long(count));
            directory.extend(bytes);
        }
        let place = self.long(self.file.len() as u32);
        self.file[self.link..self.link + 4].copy_from_slice(&place);
        self.file.extend(directory);
        self.link = self.file.len();
        self.file.extend_from_slice(&[0; 4]);
        self
    }

    pub(crate) fn build(self) -> Vec<u8> {
        self.file
    }

    /// The kind, the number and the bytes of a value.
    fn value(&self, value: Value) -> (u16, u32, Vec<u8>) {
        match value {
            Value::Short(number) => self.value(Value::Shorts(vec![number])),
            Value::Long(number) => self.value(Value::Longs(vec![number])),
            Value::Shorts(numbers) => {
                let bytes = numbers.iter().flat_map(|number| self.short(*number));
                (3, numbers.len() as u32, bytes.collect())
            }
            Value::Longs(numbers) => {
                let bytes = numbers.iter().flat_map(|number| self.long(*number));
                (4, numbers.len() as u32, bytes.collect())
            }
            Value::Rational(number, per) => (5, 1, [self.long(number), self.long(per)].concat()),
        }
    }

    fn short(&self, number: u16) -> Vec<u8> {
        if self.is_big_endian {
            number.to_be_bytes().to_vec()
        } else {
            number.to_le_bytes().to_vec()
        }
    }

    fn long(&self, number: u32) -> Vec<u8> {
        if self.is_big_endian {
            number.to_be_bytes().to_vec()
        } else {
            number.to_le_bytes().to_vec()
        }
    }
}

/// Bits that are written as zeros and ones, spaces between; the last byte is filled with zeros.
pub(crate) fn bits(text: &str) -> Vec<u8> {
    let bits: Vec<u8> = text
        .bytes()
        .filter(|letter| *letter != b' ')
        .map(|letter| letter - b'0')
        .collect();
    bits.chunks(8)
        .map(|byte| (0..8).fold(0_u8, |sum, bit| sum << 1 | *byte.get(bit).unwrap_or(&0)))
        .collect()
}

/// Group 4 of a plan of 40,000 pixels a side: the left half is black, with one white line in it, one pixel wide, before
/// its last column.
pub(crate) fn half_black_group_4(side: u32) -> Vec<u8> {
    let black = side / 2 - 2;
    assert_eq!(black % 2560, 2078, "only this rest has its code here");
    let black = format!(
        "{} 000000010011 000001101000",
        "000000011111".repeat((black / 2560) as usize)
    );
    let first = format!("001 00110101 {black} 001 000111 010 1");
    bits(&format!("{first} {}", "11111".repeat(side as usize - 1)))
}
