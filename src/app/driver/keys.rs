//! Keys by the names printed on a keyboard: "Tab", "F5", "Shift+Tab", "a".

use slint::SharedString;
use slint::platform::{Key, WindowEvent};

/// Key names and the toolkit's keys.
const NAMES: [(&str, Key); 26] = [
    ("Backspace", Key::Backspace),
    ("Tab", Key::Tab),
    ("Backtab", Key::Backtab),
    ("Return", Key::Return),
    ("Enter", Key::Return),
    ("Escape", Key::Escape),
    ("Delete", Key::Delete),
    ("Space", Key::Space),
    ("Up", Key::UpArrow),
    ("Down", Key::DownArrow),
    ("Left", Key::LeftArrow),
    ("Right", Key::RightArrow),
    ("Home", Key::Home),
    ("End", Key::End),
    ("PageUp", Key::PageUp),
    ("PageDown", Key::PageDown),
    ("Insert", Key::Insert),
    ("Menu", Key::Menu),
    ("Pause", Key::Pause),
    ("Shift", Key::Shift),
    ("Control", Key::Control),
    ("Ctrl", Key::Control),
    ("Alt", Key::Alt),
    ("AltGr", Key::AltGr),
    ("Meta", Key::Meta),
    ("CapsLock", Key::CapsLock),
];

const FUNCTION_KEYS: [Key; 12] = [
    Key::F1,
    Key::F2,
    Key::F3,
    Key::F4,
    Key::F5,
    Key::F6,
    Key::F7,
    Key::F8,
    Key::F9,
    Key::F10,
    Key::F11,
    Key::F12,
];

/// The window's events for pressing and releasing a key while its modifiers are held.
/// `None` when there is no such key.
pub(super) fn press(name: &str) -> Option<Vec<WindowEvent>> {
    // "Ctrl++" holds Ctrl and presses the plus.
    let (held, last) = match name.strip_suffix("++") {
        Some(held) => (held, "+"),
        None if name == "+" => ("", "+"),
        None => name.rsplit_once('+').unwrap_or(("", name)),
    };
    let held = held
        .split('+')
        .filter(|name| !name.is_empty())
        .map(text_of)
        .collect::<Option<Vec<_>>>()?;
    let last = text_of(last)?;
    let down = |text: &SharedString| WindowEvent::KeyPressed { text: text.clone() };
    let up = |text: &SharedString| WindowEvent::KeyReleased { text: text.clone() };
    let pressed = held.iter().map(down).chain([down(&last), up(&last)]);
    Some(pressed.chain(held.iter().rev().map(up)).collect())
}

/// The window's events for a letter.
pub(super) fn letter(letter: char) -> [WindowEvent; 2] {
    let text = match letter {
        '\n' => SharedString::from(Key::Return),
        letter => SharedString::from(letter),
    };
    [
        WindowEvent::KeyPressed { text: text.clone() },
        WindowEvent::KeyReleased { text },
    ]
}

fn text_of(name: &str) -> Option<SharedString> {
    let mut letters = name.chars();
    if let (Some(letter), None) = (letters.next(), letters.next()) {
        return Some(letter.into());
    }
    if let Some((_, key)) = NAMES
        .into_iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(name))
    {
        return Some(key.into());
    }
    let number: usize = name.strip_prefix(['F', 'f'])?.parse().ok()?;
    let key = *FUNCTION_KEYS.get(number.checked_sub(1)?)?;
    Some(key.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, expected: &[(bool, char)]) {
        let events = press(name).map(|events| {
            events
                .iter()
                .map(|event| match event {
                    WindowEvent::KeyPressed { text } => (true, text.chars().next().unwrap()),
                    WindowEvent::KeyReleased { text } => (false, text.chars().next().unwrap()),
                    other => panic!("{other:?}"),
                })
                .collect::<Vec<_>>()
        });
        assert_eq!(events.as_deref().unwrap_or_default(), expected, "{name}");
    }

    #[test]
    fn keys_go_down_and_up_again_in_order() {
        let (shift, control, tab, f12) = ('\u{10}', '\u{11}', '\t', '\u{f70f}');
        check("a", &[(true, 'a'), (false, 'a')]);
        check("Ř", &[(true, 'Ř'), (false, 'Ř')]);
        check("+", &[(true, '+'), (false, '+')]);
        check("Tab", &[(true, tab), (false, tab)]);
        check("f12", &[(true, f12), (false, f12)]);
        check(
            "Shift+Tab",
            &[(true, shift), (true, tab), (false, tab), (false, shift)],
        );
        check(
            "Ctrl++",
            &[(true, control), (true, '+'), (false, '+'), (false, control)],
        );
    }

    #[test]
    fn unknown_keys_are_refused() {
        for name in ["", "F0", "F13", "Anykey", "Hyper+a", "žluť"] {
            check(name, &[]);
        }
    }
}
