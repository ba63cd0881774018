//! Outlines of TrueType fonts whose table of places has gaps.
//!
//! TCPDF writes 0 for the place of each glyph that it leaves out, so the glyph before a gap seems to end before it begins.
//! Other readers take what follows in the file; the engine draws nothing. The gaps are filled with the place of the next
//! glyph, as the format demands ("loca" in the OpenType specification).

/// Where the format of the places is, in the table `head`.
const FORMAT_AT: usize = 50;

/// The font with its gaps filled; `None` where it has none.
pub(super) fn filled(font: &[u8]) -> Option<Vec<u8>> {
    let head = table(font, b"head")?;
    let is_long = font.get(head.0 + FORMAT_AT + 1)? == &1;
    let (start, length) = table(font, b"loca")?;
    let places = font.get(start..start.checked_add(length)?)?;
    let mut places: Vec<u32> = if is_long {
        let parts = places.as_chunks::<4>().0.iter();
        parts.map(|part| u32::from_be_bytes(*part)).collect()
    } else {
        let parts = places.as_chunks::<2>().0.iter();
        parts.map(|part| u16::from_be_bytes(*part).into()).collect()
    };
    let first = places.iter().position(|place| *place > 0)?;
    let used = &mut places[first..];
    if !used.contains(&0) {
        return None;
    }
    let end = u32::try_from(table(font, b"glyf")?.1).ok()?;
    let mut next = if is_long { end } else { end / 2 };
    for place in used.iter_mut().rev() {
        if *place == 0 {
            *place = next;
        } else {
            next = *place;
        }
    }
    let mut filled = font.to_vec();
    for (index, place) in places.into_iter().enumerate() {
        if is_long {
            filled[start + index * 4..][..4].copy_from_slice(&place.to_be_bytes());
        } else {
            let place = u16::try_from(place).ok()?;
            filled[start + index * 2..][..2].copy_from_slice(&place.to_be_bytes());
        }
    }
    Some(filled)
}

/// Where a table begins, and how long it is.
fn table(font: &[u8], tag: &[u8; 4]) -> Option<(usize, usize)> {
    let count = u16::from_be_bytes(font.get(4..6)?.try_into().ok()?);
    let (entries, _) = font.get(12..)?.as_chunks::<16>();
    let entry = entries
        .iter()
        .take(count.into())
        .find(|entry| entry.starts_with(tag))?;
    let number = |at: usize| -> Option<usize> {
        let bytes = entry.get(at..at + 4)?.try_into().ok()?;
        usize::try_from(u32::from_be_bytes(bytes)).ok()
    };
    Some((number(8)?, number(12)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A font of the three tables, with places in the long format.
    fn font(places: &[u32]) -> Vec<u8> {
        let loca: Vec<u8> = places
            .iter()
            .flat_map(|place| place.to_be_bytes())
            .collect();
        let mut head = [0; 54];
        head[FORMAT_AT + 1] = 1;
        let tables: [(&[u8], Vec<u8>); 3] = [
            (b"head", head.to_vec()),
            (b"loca", loca),
            (b"glyf", vec![7; 90]),
        ];
        let mut font = vec![0, 1, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0];
        let mut place = 12 + 3 * 16;
        for (tag, data) in &tables {
            font.extend_from_slice(tag);
            font.extend_from_slice(&[0; 4]);
            for number in [place, data.len()] {
                font.extend_from_slice(&u32::try_from(number).unwrap().to_be_bytes());
            }
            place += data.len();
        }
        for (_, data) in tables {
            font.extend_from_slice(&data);
        }
        font
    }

    #[track_caller]
    fn check(places: &[u32], expected: &[u32]) {
        let filled = filled(&font(places)).unwrap_or_else(|| font(places));
        assert_eq!(filled, font(expected));
    }

    #[test]
    fn gaps_are_filled_with_the_next_place() {
        check(
            &[0, 10, 0, 0, 30, 50, 0, 0],
            &[0, 10, 30, 30, 30, 50, 90, 90],
        );
        // Glyphs at the beginning may be empty.
        check(&[0, 0, 0, 20, 40, 90], &[0, 0, 0, 20, 40, 90]);
        check(&[0, 0, 0], &[0, 0, 0]);
    }

    #[test]
    fn what_is_no_font_has_no_gaps() {
        assert_eq!(filled(b""), None);
        assert_eq!(filled(&[0; 40]), None);
        let whole = font(&[0, 10, 0]);
        for end in 0..whole.len() - 90 {
            assert_eq!(filled(&whole[..end]), None, "{end}");
        }
    }
}
