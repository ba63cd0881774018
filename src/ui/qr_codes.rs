//! QR codes of public pages, each made once.
//!
//! An address is either a notice's page on the board's own web, or one that the town itself wrote into its information
//! (`docs/architecture.md`); no address of a feed comes here.

use std::collections::HashMap;

use slint::{Rgb8Pixel, SharedPixelBuffer};

use super::view_model::{Picture, Pixels};

/// Picture numbers of QR codes start far above those of drawings.
const FIRST_NUMBER: u64 = 1 << 48;

/// Pixels a module is wide; the screen scales by whole modules.
const MODULE: u32 = 8;

/// The white frame around, in modules (ISO/IEC 18004 asks for four).
const QUIET_ZONE: u32 = 4;

/// How many codes are kept.
const KEPT: usize = 64;

/// QR codes by address.
#[derive(Default)]
pub(super) struct QrCodes {
    made: HashMap<String, Option<Picture>>,
    next: u64,
}

impl QrCodes {
    /// The code of an address; `None` when the address is too long for one.
    pub(super) fn of(&mut self, address: &str) -> Option<Picture> {
        if let Some(made) = self.made.get(address) {
            return made.clone();
        }
        if self.made.len() >= KEPT {
            self.made.clear();
        }
        self.next += 1;
        let number = FIRST_NUMBER + self.next;
        let made = draw(address).map(|pixels| Picture {
            number,
            pixels: Pixels::Opaque(pixels),
        });
        self.made.insert(address.to_owned(), made.clone());
        made
    }

    /// Every code made so far.
    #[cfg(test)]
    pub(super) fn made(&self) -> impl Iterator<Item = &Picture> {
        self.made.values().flatten()
    }
}

fn draw(address: &str) -> Option<SharedPixelBuffer<Rgb8Pixel>> {
    let code = qrcode::QrCode::new(address).ok()?;
    let modules = u32::try_from(code.width()).ok()?;
    let side = (modules + 2 * QUIET_ZONE) * MODULE;
    let colors = code.to_colors();
    let mut buffer = SharedPixelBuffer::<Rgb8Pixel>::new(side, side);
    for (position, pixel) in (0_u32..).zip(buffer.make_mut_slice()) {
        let module = |offset: u32| {
            (offset / MODULE)
                .checked_sub(QUIET_ZONE)
                .filter(|m| *m < modules)
        };
        let dark = match (module(position % side), module(position / side)) {
            (Some(x), Some(y)) => colors[(y * modules + x) as usize] == qrcode::Color::Dark,
            _ => false,
        };
        let level = if dark { 0 } else { 255 };
        *pixel = Rgb8Pixel::new(level, level, level);
    }
    Some(buffer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_its_quiet_zone_and_its_corner() {
        let pixels = draw("https://lipnice.example/deska/1").unwrap();
        let at = |x: u32, y: u32| pixels.as_slice()[(y * pixels.width() + x) as usize].r;
        assert_eq!(at(0, 0), 255);
        assert_eq!(at(QUIET_ZONE * MODULE, QUIET_ZONE * MODULE), 0);
    }

    #[test]
    fn an_address_that_is_too_long_has_no_code() {
        let mut codes = QrCodes::default();
        assert!(codes.of(&"x".repeat(5000)).is_none());
        let first = codes.of("a").unwrap();
        assert_eq!(codes.of("a"), Some(first));
    }
}
