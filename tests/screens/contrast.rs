//! Every pair of colours that is used can be told apart by people with low vision.

use slint::{Color, ComponentHandle};
use vyveska::headless::{Headless, Time};
use vyveska::ui::{Palette, Scheme, Ui};

/// EN 301 549 asks for 4.5 : 1; outdoors, in the sun, that is not enough.
const LEAST: f64 = 7.0;

fn luminance(color: Color) -> f64 {
    let linear = |channel: u8| {
        let channel = f64::from(channel) / 255.0;
        if channel <= 0.04045 {
            channel / 12.92
        } else {
            ((channel + 0.055) / 1.055).powf(2.4)
        }
    };
    0.2126 * linear(color.red()) + 0.7152 * linear(color.green()) + 0.0722 * linear(color.blue())
}

fn contrast(a: Color, b: Color) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn contrast_is_seven_to_one_in_every_scheme() {
    let _headless = Headless::install(1080, 1920, Time::set()).unwrap();
    let ui = Ui::new().unwrap();
    let palette = ui.window().global::<Palette<'_>>();
    for scheme in [Scheme::Day, Scheme::HighContrast, Scheme::Night] {
        palette.set_scheme(scheme);
        let p = &palette;
        let pairs = [
            ("ink on paper", p.get_ink(), p.get_paper()),
            ("ink on surface", p.get_ink(), p.get_surface()),
            ("ink on tint", p.get_ink(), p.get_tint()),
            ("ink on desk", p.get_ink(), p.get_desk()),
            ("paper on ink", p.get_paper(), p.get_ink()),
            ("muted on paper", p.get_muted(), p.get_paper()),
            ("muted on surface", p.get_muted(), p.get_surface()),
            ("muted on tint", p.get_muted(), p.get_tint()),
            ("accent on paper", p.get_accent(), p.get_paper()),
            ("accent on surface", p.get_accent(), p.get_surface()),
            ("accent on tint", p.get_accent(), p.get_tint()),
            ("accent on desk", p.get_accent(), p.get_desk()),
            ("mark on paper", p.get_mark(), p.get_paper()),
            ("text on header", p.get_on_header(), p.get_header()),
            ("text on chosen", p.get_on_chosen(), p.get_chosen()),
            ("text on badge", p.get_on_badge(), p.get_badge()),
            ("text on message", p.get_on_message(), p.get_message()),
            (
                "text on a pressed message",
                p.get_on_message(),
                p.get_header(),
            ),
        ];
        for (what, a, b) in pairs {
            let found = contrast(a, b);
            assert!(found >= LEAST, "{scheme:?}: {what} is {found:.2} : 1");
        }
    }
}
