//! Where the items of a list begin.

use vyveska_wire::text_rendition::TextWord;

/// Whether these words begin an item of a list, an article or a section: „a)", „12.", „•", „§ 5", „Čl. 3".
pub(super) fn begins_item(words: &[TextWord]) -> bool {
    let Some(first) = words.first().map(|word| word.text.as_str()) else {
        return false;
    };
    if matches!(
        first,
        "•" | "–" | "—" | "-" | "▪" | "◦" | "●" | "■" | "*" | "§" | "Čl." | "Článek"
    ) {
        return words.len() > 1;
    }
    let second = words.get(1).and_then(|word| word.text.chars().next());
    let Some(mark) = first.strip_suffix([')', '.']) else {
        return false;
    };
    let mark = mark.strip_prefix('(').unwrap_or(mark);
    let number =
        !mark.is_empty() && mark.len() <= 6 && mark.chars().all(|c| c.is_ascii_digit() || c == '.');
    let letter = mark.chars().count() == 1 && mark.chars().all(|c| c.is_ascii_lowercase());
    if first.ends_with(')') {
        return second.is_some() && (number || letter);
    }
    // „1. ledna" and „1. 12." go on; „1. Zahájení" begins.
    number && second.is_some_and(char::is_uppercase)
}
