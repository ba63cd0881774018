//! The town's own colour, dark enough to be read.
//!
//! A town gives the colour of its coat of arms or website, which seldom has enough contrast with white text.
//! It is darkened, its hue kept, until every pair it is used in has a contrast of 7 : 1.

use slint::Color;

/// The minimum contrast of every pair of colours in use (`domain.md`, 3.4).
pub const LEAST_CONTRAST: f32 = 7.0;

/// The default colour.
pub const USUAL: Color = Color::from_rgb_u8(0x1F, 0x4E, 0x5F);

/// The darkest background of text in the town's colour: the one behind pages of documents.
const DARKEST_GROUND: Color = Color::from_rgb_u8(0xE9, 0xE4, 0xDA);

/// The town's colour as it is drawn; the usual one when the text is no colour.
pub fn town_colour(text: Option<&str>) -> Color {
    text.and_then(parse).map_or(USUAL, readable)
}

/// `#1F4E5F`.
fn parse(text: &str) -> Option<Color> {
    let digits = text.trim().strip_prefix('#')?;
    if digits.len() != 6 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    let number = u32::from_str_radix(digits, 16).ok()?;
    let [_, red, green, blue] = number.to_be_bytes();
    Some(Color::from_rgb_u8(red, green, blue))
}

/// The colour, or the lightest darker one of its hue that can be read.
fn readable(colour: Color) -> Color {
    let darker = |step: u16| {
        let channel = |value: u8| u8::try_from(u16::from(value) * (64 - step) / 64).unwrap_or(0);
        Color::from_rgb_u8(
            channel(colour.red()),
            channel(colour.green()),
            channel(colour.blue()),
        )
    };
    (0..=64)
        .map(darker)
        .find(|candidate| contrast(*candidate, DARKEST_GROUND) >= LEAST_CONTRAST)
        .unwrap_or(USUAL)
}

/// The contrast of two colours (WCAG 2.1, relative luminance): 1 to 21.
pub fn contrast(a: Color, b: Color) -> f32 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

fn luminance(colour: Color) -> f32 {
    let linear = |channel: u8| {
        let channel = f32::from(channel) / 255.0;
        if channel <= 0.04045 {
            channel / 12.92
        } else {
            ((channel + 0.055) / 1.055).powf(2.4)
        }
    };
    0.2126 * linear(colour.red()) + 0.7152 * linear(colour.green()) + 0.0722 * linear(colour.blue())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_dark_colour_is_kept() {
        assert_eq!(town_colour(Some("#1F4E5F")), USUAL);
        assert_eq!(
            town_colour(Some("#5A0F14")),
            Color::from_rgb_u8(0x5A, 0x0F, 0x14)
        );
    }

    #[test]
    fn what_is_no_colour_gives_the_usual_one() {
        for text in [
            None,
            Some(""),
            Some("modrá"),
            Some("#12345"),
            Some("#12345g"),
            Some("1F4E5F"),
        ] {
            assert_eq!(town_colour(text), USUAL, "{text:?}");
        }
    }

    #[test]
    fn a_light_colour_is_darkened_and_keeps_its_hue() {
        let yellow = town_colour(Some("#FFD500"));
        assert!(
            yellow.red() > yellow.green() && yellow.blue() == 0,
            "{yellow:?}"
        );
    }

    proptest! {
        #[test]
        fn any_colour_can_be_read(red: u8, green: u8, blue: u8) {
            let colour = town_colour(Some(&format!("#{red:02x}{green:02X}{blue:02x}")));
            for ground in [0xFF_FF_FF_u32, 0xF5_F2_EA, 0xE4_ED_EF, 0xE9_E4_DA] {
                let [_, red, green, blue] = ground.to_be_bytes();
                prop_assert!(
                    contrast(colour, Color::from_rgb_u8(red, green, blue)) >= LEAST_CONTRAST
                );
            }
        }
    }
}
