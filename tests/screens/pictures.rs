//! Images for the sample view models: a page of text, a QR code, a coat of arms.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

use slint::{Rgb8Pixel, Rgba8Pixel, SharedPixelBuffer};
use vyveska::ui::view_model::{Picture, Pixels};

/// The key of an image.
#[derive(Debug, Clone, PartialEq)]
enum Subject {
    Page(u32, u32, u32),
    QrCode(String),
    CoatOfArms,
}

/// The most images cached: scene after scene needs the same ones, and drawing them anew took most of the time of
/// measuring a layout.
const KEPT: usize = 40;

/// The cached image, or a new one.
fn kept(subject: Subject, draw: impl FnOnce() -> Picture) -> Picture {
    thread_local! {
        static DRAWN: RefCell<VecDeque<(Subject, Picture)>> = const { RefCell::new(VecDeque::new()) };
    }
    DRAWN.with_borrow_mut(|drawn| {
        if let Some((_, picture)) = drawn.iter().find(|(before, _)| *before == subject) {
            return picture.clone();
        }
        if drawn.len() == KEPT {
            drawn.pop_front();
        }
        let picture = draw();
        drawn.push_back((subject, picture.clone()));
        picture
    })
}

thread_local! {
    static UNSEEN: Cell<bool> = const { Cell::new(false) };
}

/// From now on pages are drawn coarsely: where nothing is painted, that is most of the work.
pub(crate) fn draw_pages_coarsely() {
    UNSEEN.set(true);
}

/// A page of this width that looks like set text.
pub(crate) fn page(number: u32, width: u32, height: u32) -> Picture {
    let coarser = if UNSEEN.get() { 16 } else { 1 };
    let (width, height) = ((width / coarser).max(1), (height / coarser).max(1));
    kept(Subject::Page(number, width, height), || {
        draw_page(number, width, height)
    })
}

fn draw_page(number: u32, width: u32, height: u32) -> Picture {
    let mut pixels = SharedPixelBuffer::<Rgb8Pixel>::new(width, height);
    let slice = pixels.make_mut_slice();
    slice.fill(Rgb8Pixel::new(255, 255, 255));
    let scale = width as f32 / 1000.0;
    let mut ink = |x: f32, y: f32, w: f32, h: f32, grey: u8| {
        let (left, top) = ((x * scale) as u32, (y * scale) as u32);
        for row in top..(top + (h * scale).max(1.0) as u32).min(height) {
            let right = (left + (w * scale) as u32).min(width).max(left);
            let (from, to) = (
                (row * width + left) as usize,
                (row * width + right) as usize,
            );
            slice[from..to].fill(Rgb8Pixel::new(grey, grey, grey));
        }
    };
    ink(110.0, 120.0, 420.0, 30.0, 30);
    ink(110.0, 170.0, 780.0, 3.0, 120);
    // Word lengths with a long period, so that it looks like text and is always the same.
    let mut seed = number.wrapping_mul(2_654_435_761).max(1);
    let mut y = 210.0;
    let bottom = height as f32 / scale - 120.0;
    let mut line = 0;
    while y < bottom {
        let mut x = 110.0;
        let end = if line % 7 == 6 { 520.0 } else { 880.0 };
        while x < end {
            seed ^= seed << 13;
            seed ^= seed >> 17;
            seed ^= seed << 5;
            let word = (20 + seed % 90) as f32;
            ink(x, y, word.min(890.0 - x), 11.0, 70);
            x += word + 12.0;
        }
        line += 1;
        y += if line % 7 == 0 { 52.0 } else { 27.0 };
    }
    Picture {
        number: u64::from(number) << 32 | u64::from(width),
        pixels: Pixels::Opaque(pixels),
    }
}

/// The QR code of a public page.
pub(crate) fn qr_code(address: &str) -> Picture {
    kept(Subject::QrCode(address.to_owned()), || {
        draw_qr_code(address)
    })
}

fn draw_qr_code(address: &str) -> Picture {
    let code = qrcode::QrCode::new(address).unwrap();
    let side = u32::try_from(code.width()).unwrap();
    let mut pixels = SharedPixelBuffer::<Rgb8Pixel>::new(side, side);
    for (pixel, color) in pixels.make_mut_slice().iter_mut().zip(code.to_colors()) {
        let grey = color.select(0, 255);
        *pixel = Rgb8Pixel::new(grey, grey, grey);
    }
    Picture {
        number: 7,
        pixels: Pixels::Opaque(pixels),
    }
}

/// A shield: silver over green.
pub(crate) fn coat_of_arms() -> Picture {
    kept(Subject::CoatOfArms, draw_coat_of_arms)
}

fn draw_coat_of_arms() -> Picture {
    let (width, height) = (168_u32, 208_u32);
    let mut pixels = SharedPixelBuffer::<Rgba8Pixel>::new(width, height);
    for (index, pixel) in pixels.make_mut_slice().iter_mut().enumerate() {
        let (x, y) = (index as u32 % width, index as u32 / width);
        let across = (x as f32 / width as f32 - 0.5).abs();
        let down = y as f32 / height as f32;
        let half = if down < 0.6 {
            0.5
        } else {
            0.5 * (1.0 - ((down - 0.6) / 0.4).powi(2)).max(0.0).sqrt()
        };
        *pixel = if across > half {
            Rgba8Pixel::new(0, 0, 0, 0)
        } else if across > half - 0.03 || down < 0.024 {
            Rgba8Pixel::new(15, 44, 56, 255)
        } else if down > 0.56 {
            Rgba8Pixel::new(46, 125, 84, 255)
        } else if down > 0.3 && across < (down - 0.3) * 1.3 {
            Rgba8Pixel::new(31, 58, 80, 255)
        } else {
            Rgba8Pixel::new(255, 255, 255, 255)
        };
    }
    Picture {
        number: 3,
        pixels: Pixels::Transparent(pixels),
    }
}
