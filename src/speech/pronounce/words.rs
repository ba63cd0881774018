//! Words with their punctuation.

/// A written word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    /// The word itself, including a full stop that may be part of it.
    pub(super) core: String,
    /// The punctuation after it: commas, brackets, question marks.
    after: String,
    /// Whether a pause precedes it: a bracket, a bullet.
    pub(super) opens: bool,
}

/// Splits a text; decoration becomes a pause or nothing.
pub(super) fn split(text: &str) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let known = words.len();
        for written in line.split_whitespace() {
            match word(written) {
                Some(word) => words.push(word),
                // A dash, a middle dot, a line to write on: a pause.
                None if words.len() > known || number == 0 => pause_after(&mut words),
                None => {}
            }
        }
        if words.len() > known && known > 0 && number > 0 {
            pause_after(&mut words[..known]);
        }
    }
    // The last word needs no pause that nobody wrote.
    if let Some(last) = words.last_mut()
        && last.after == PAUSE
    {
        last.after.clear();
    }
    words
}

/// A pause that is not written.
const PAUSE: &str = " ,";

fn pause_after(words: &mut [Word]) {
    if let Some(last) = words.last_mut()
        && last.after.is_empty()
        && !last.core.ends_with('.')
    {
        last.after = PAUSE.to_owned();
    }
}

fn word(written: &str) -> Option<Word> {
    let cleaned: String = written
        .chars()
        .filter(|c| !matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2069}' | '\u{feff}'))
        .map(|c| if c == '…' { '.' } else { c })
        .collect();
    let opening = |c: char| {
        matches!(
            c,
            '(' | '[' | '{' | '„' | '“' | '”' | '"' | '\'' | '‚' | '»' | '«' | '*' | '•'
        )
    };
    let closing = |c: char| {
        opening(c)
            || matches!(
                c,
                ')' | ']' | '}' | ',' | ';' | ':' | '!' | '?' | '’' | '_' | '…'
            )
    };
    let start = cleaned.trim_start_matches(opening);
    let opens = cleaned[..cleaned.len() - start.len()].contains(['(', '[']);
    let end = start.trim_end_matches(closing);
    let after = start[end.len()..]
        .chars()
        .filter(|c| matches!(c, ')' | ']' | ',' | ';' | ':' | '!' | '?'))
        .collect();
    // „…" and „......" are not part of a word.
    let core = match end.trim_end_matches('.') {
        bare if end.len() - bare.len() > 1 || written.ends_with('…') => bare,
        _ => end,
    };
    core.chars()
        .any(|c| c.is_alphanumeric() || matches!(c, '§' | '%' | '‰' | '+' | '&' | '='))
        .then(|| Word {
            // Signs that a synthesizer could take for its own markup.
            core: core.replace(['[', ']', '<', '>', '{', '}', '|', '\\', '^', '~'], ""),
            after,
            opens,
        })
}

impl Word {
    /// The word without a full stop at its end.
    pub(super) fn bare(&self) -> &str {
        self.core.trim_end_matches('.')
    }

    /// Whether a full stop follows it directly.
    pub(super) fn has_stop(&self) -> bool {
        self.core.ends_with('.')
    }

    /// Whether the next word follows without a pause.
    pub(super) fn goes_on(&self) -> bool {
        self.after.is_empty()
    }

    /// The punctuation to be heard after it, when it is said as `said`.
    pub(super) fn pause(&self, said: &str, last: bool) -> &'static str {
        if self.after.contains('?') {
            "?"
        } else if self.after.contains('!') {
            "!"
        } else if !self.after.is_empty() {
            ","
        } else if last
            && self.has_stop()
            && !said.ends_with('.')
            && self.core.len() > 1
            && !is_number(self.bare())
        {
            "."
        } else {
            ""
        }
    }
}

/// Whether it consists of digits only.
pub(super) fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}
