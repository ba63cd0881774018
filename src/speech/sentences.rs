//! Splits a text into pieces that are said one after the other.
//!
//! Speech is interrupted, repeated and resumed by these pieces, so none may be long.

/// The most letters of a piece.
pub const LONGEST: usize = 400;

/// Words whose full stop does not end a sentence, in lower case, without it.
const ABBREVIATIONS: &[&str] = &[
    "arch", "bc", "bl", "č", "čís", "čj", "čl", "dr", "ev", "ing", "judr", "kat", "mgr", "mudr",
    "nám", "např", "nař", "nr", "odb", "odd", "odst", "okr", "par", "parc", "phdr", "písm", "poz",
    "rndr", "resp", "sp", "st", "str", "sv", "tel", "tj", "tř", "tzv", "ul", "ust", "vyhl", "zák",
    "zn", "abs", "art", "bzw", "ca", "no",
];

/// The text in sentences, each at most [`LONGEST`] letters long.
pub fn sentences(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for paragraph in text.split("\n\n") {
        let words: Vec<&str> = paragraph.split_whitespace().collect();
        let mut sentence = String::new();
        // Counted along: counting the sentence anew for every word would cost its length each time.
        let mut letters = 0;
        for (position, word) in words.iter().enumerate() {
            // A word as long as a page is not a word.
            let said = word.chars().take(LONGEST);
            let length = said.clone().count();
            if !sentence.is_empty() {
                if letters + length >= LONGEST {
                    found.push(std::mem::take(&mut sentence));
                    letters = 0;
                } else {
                    sentence.push(' ');
                    letters += 1;
                }
            }
            sentence.extend(said);
            letters += length;
            let next = words.get(position + 1);
            if next.is_none_or(|next| ends_sentence(word, next)) {
                found.push(std::mem::take(&mut sentence));
                letters = 0;
            }
        }
    }
    found.retain(|sentence| sentence.chars().any(char::is_alphanumeric));
    found
}

fn ends_sentence(word: &str, next: &str) -> bool {
    let closing = |c: char| matches!(c, '"' | '“' | '”' | '’' | ')' | '»' | '«');
    let word = word.trim_end_matches(closing);
    let opening = |c: char| matches!(c, '"' | '„' | '“' | '(' | '»' | '«');
    let begins = next
        .trim_start_matches(opening)
        .chars()
        .next()
        .is_some_and(|c| {
            c.is_uppercase() || c.is_ascii_digit() || matches!(c, '§' | '-' | '–' | '•')
        });
    if word.ends_with(['!', '?', '…']) {
        return begins;
    }
    let Some(bare) = word.strip_suffix('.') else {
        return false;
    };
    let is_number = bare.chars().all(|c| c.is_ascii_digit() || c == '.');
    let small = bare.trim_start_matches(opening).to_lowercase();
    begins
        && !(is_number && bare.len() <= 2)
        && small.chars().count() > 1
        && !ABBREVIATIONS.contains(&small.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        assert_eq!(sentences(text), expected);
    }

    #[test]
    fn sentences_end_where_they_end() {
        check(
            "Městský úřad oznamuje. Dne 21. 11. 2026 se koná schůze! Přijďte?",
            &[
                "Městský úřad oznamuje.",
                "Dne 21. 11. 2026 se koná schůze!",
                "Přijďte?",
            ],
        );
        check(
            "Podle § 7 odst. 2 zák. č. 100/2001 Sb. Úřad rozhodl. V Tisové roku 2026. Starosta",
            &[
                "Podle § 7 odst. 2 zák. č. 100/2001 Sb.",
                "Úřad rozhodl.",
                "V Tisové roku 2026.",
                "Starosta",
            ],
        );
        check(
            "Ing. Jan Novák, č. j. MO 5",
            &["Ing. Jan Novák, č. j. MO 5"],
        );
        check("Nadpis\n\nText pod ním", &["Nadpis", "Text pod ním"]);
        check(" ... \n\n — ", &[]);
    }

    #[test]
    fn no_sentence_is_endless() {
        let text = "slovo ".repeat(1000) + &"x".repeat(5000);
        let pieces = sentences(&text);
        assert!(pieces.len() > 10);
        assert!(pieces.iter().all(|piece| piece.chars().count() <= LONGEST));
    }
}
