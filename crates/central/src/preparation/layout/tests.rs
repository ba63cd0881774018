//! Pages drawn in letters, and what they are read as.

use super::*;

/// Lines of five-point letters, ten points high, 12 points apart; `|` is a wide gap and `^` larger letters.
fn page(text: &str) -> Vec<Line> {
    let mut y = 100.0;
    let mut lines = Vec::new();
    for line in text.lines() {
        let (line, scale) = match line.strip_prefix('^') {
            Some(line) => (line, 1.5),
            None => (line, 1.0),
        };
        if line.trim().is_empty() {
            y += 8.0;
            continue;
        }
        let indent = line.chars().take_while(|c| *c == ' ').count();
        let mut x = 70.0 + 5.0 * indent as f32;
        let mut words = Vec::new();
        for word in line.split_whitespace() {
            if word == "|" {
                x += 60.0;
                continue;
            }
            let width = 5.0 * scale * word.chars().count() as f32;
            words.push(TextWord {
                text: word.to_owned(),
                place: TextBox::new(x, y, width, 10.0 * scale),
                confidence: None,
            });
            x += width + 3.0 * scale;
        }
        lines.push(Line {
            words,
            paragraph: None,
        });
        y += 12.0 * scale;
    }
    lines
}

#[track_caller]
fn check(text: &str, expected: &[(ParagraphKind, &str)]) {
    let found = paragraphs(page(text));
    let found: Vec<(ParagraphKind, String)> = found
        .iter()
        .map(|paragraph| (paragraph.kind, paragraph.text()))
        .collect();
    let found: Vec<(ParagraphKind, &str)> = found
        .iter()
        .map(|(kind, text)| (*kind, text.as_str()))
        .collect();
    assert_eq!(found, expected);
}

use ParagraphKind::{Heading, Lines, Text};

#[test]
fn lines_that_fill_the_column_go_on_and_a_short_one_ends_the_paragraph() {
    check(
        "Zastupitelstvo města schválilo záměr prodeje pozem-\n\
         ku v katastrálním území Horní Paseky podle zákona o\n\
         obcích.\n\
         Nabídky se podávají na podatelně městského úřadu do\n\
         konce lhůty.",
        &[
            (
                Text,
                "Zastupitelstvo města schválilo záměr prodeje pozemku v katastrálním území Horní Paseky podle zákona o obcích.",
            ),
            (
                Text,
                "Nabídky se podávají na podatelně městského úřadu do konce lhůty.",
            ),
        ],
    );
}

#[test]
fn a_line_that_ends_in_the_middle_of_a_word_goes_on() {
    check(
        "Každý návrh musí být podán do konce této lhůty podle\n\
         pravidel.\n\
         Lhůta pro odvo-\n\
         lání činí patnáct dnů.",
        &[
            (
                Text,
                "Každý návrh musí být podán do konce této lhůty podle pravidel.",
            ),
            (Text, "Lhůta pro odvolání činí patnáct dnů."),
        ],
    );
}

#[test]
fn a_gap_or_an_indent_begins_a_paragraph() {
    check(
        "První odstavec textu který zabere celou šířku řádku\n\
         a pokračuje na dalším řádku až k jeho samému konci.\n\
         \n\
         Druhý odstavec následuje po širší mezeře a pokračuje\n\
         také na dalším řádku až k jeho úplně samému konci.\n\
         \x20   Třetí je odsazen a má první řádek o něco kratší\n\
         a pokračuje na dalším řádku až k jeho samému konci.",
        &[
            (
                Text,
                "První odstavec textu který zabere celou šířku řádku a pokračuje na dalším řádku až k jeho samému konci.",
            ),
            (
                Text,
                "Druhý odstavec následuje po širší mezeře a pokračuje také na dalším řádku až k jeho úplně samému konci.",
            ),
            (
                Text,
                "Třetí je odsazen a má první řádek o něco kratší a pokračuje na dalším řádku až k jeho samému konci.",
            ),
        ],
    );
}

#[test]
fn headings_are_larger_or_in_capitals() {
    check(
        "^Veřejná vyhláška\n\
         \n\
         NÁVRH ROZPOČTU\n\
         \n\
         Finanční odbor předkládá návrh rozpočtu města na příští\n\
         rok a střednědobý výhled na tři následující roky podle\n\
         zákona.",
        &[
            (Heading, "Veřejná vyhláška"),
            (Heading, "NÁVRH ROZPOČTU"),
            (
                Text,
                "Finanční odbor předkládá návrh rozpočtu města na příští rok a střednědobý výhled na tři následující roky podle zákona.",
            ),
        ],
    );
}

#[test]
fn rows_of_a_table_and_lines_of_an_address_stay_lines() {
    check(
        "Daňové příjmy | 90 825\n\
         Nedaňové příjmy | 13 310\n\
         \n\
         \n\
         Finanční odbor předkládá návrh rozpočtu města na příští\n\
         rok.\n\
         \n\
         \n\
         Městský úřad\n\
         Náměstí 1\n\
         Lipnice",
        &[
            (
                Lines,
                "Daňové příjmy\u{2003}90 825\nNedaňové příjmy\u{2003}13 310",
            ),
            (
                Text,
                "Finanční odbor předkládá návrh rozpočtu města na příští rok.",
            ),
            (Lines, "Městský úřad\nNáměstí 1\nLipnice"),
        ],
    );
}

#[test]
fn items_of_a_list_stand_apart_with_all_their_lines() {
    check(
        "1. Zahájení a určení ověřovatelů zápisu a schválení toho\n\
         \x20  co je na programu jednání zastupitelstva města dnes\n\
         2. Kontrola plnění usnesení z minulého zasedání které se\n\
         konalo dne\n\
         1. prosince a trvalo velmi dlouho do pozdních hodin noci\n\
         a) bod a",
        &[
            (
                Text,
                "1. Zahájení a určení ověřovatelů zápisu a schválení toho co je na programu jednání zastupitelstva města dnes",
            ),
            (
                Text,
                "2. Kontrola plnění usnesení z minulého zasedání které se konalo dne",
            ),
            (
                Text,
                "1. prosince a trvalo velmi dlouho do pozdních hodin noci",
            ),
            (Text, "a) bod a"),
        ],
    );
}

#[test]
fn a_title_in_the_middle_of_the_page_stands_alone() {
    check(
        "                na 21. zasedání města\n\
         Podle zákona o obcích svolávám zasedání zastupitelstva\n\
         města do velkého sálu.",
        &[
            (Text, "na 21. zasedání města"),
            (
                Text,
                "Podle zákona o obcích svolávám zasedání zastupitelstva města do velkého sálu.",
            ),
        ],
    );
}

#[track_caller]
fn check_words(line: &Line, expected: &[&str]) {
    let joined = spaced_out::join(line.clone());
    let words: Vec<&str> = joined.words.iter().map(|word| word.text.as_str()).collect();
    assert_eq!(words, expected);
}

#[test]
fn words_written_with_spaces_between_their_letters_are_words() {
    let lines = page("R O Z H O D N U T Í č. 5 a A B C");
    check_words(&lines[0], &["ROZHODNUTÍ", "č.", "5", "a", "A", "B", "C"]);
    let mut lines = page("M Ě S T O L I P N I C E");
    for word in &mut lines[0].words[5..] {
        word.place.x += 8.0;
    }
    check_words(&lines[0], &["MĚSTO", "LIPNICE"]);
    let joined = spaced_out::join(lines.remove(0)).words;
    assert_eq!(joined[0].place, TextBox::new(70.0, 100.0, 37.0, 10.0));
}

#[test]
fn the_numbers_on_a_map_are_no_paragraphs_each() {
    check(
        "401\n\n\n402/4\n\n\n        403\n\n\n404\n\n\np. č. tři slova navíc\n\n\n405",
        &[
            (Lines, "401\n402/4\n403\n404"),
            (Text, "p. č. tři slova navíc"),
            (Text, "405"),
        ],
    );
}

#[test]
fn the_mark_of_a_file_is_no_heading() {
    check(
        "MO/298\n\n\nFÚ/88120",
        &[(Text, "MO/298"), (Text, "FÚ/88120")],
    );
}

#[test]
fn recognised_paragraphs_are_kept_unless_the_text_plainly_goes_on_or_ends() {
    let mut lines = page(
        "Stavební úřad přezkoumal žádost o povolení záměru které\n\
         povoluje\n\
         záměr stavby nové tělocvičny základní školy v obci podle\n\
         předložené dokumentace a v jejím rozsahu beze změn výkr\n\
         Nový odstavec",
    );
    for (line, paragraph) in lines.iter_mut().zip([1, 1, 1, 2, 3]) {
        line.paragraph = Some(paragraph);
    }
    let found: Vec<String> = paragraphs(lines).iter().map(Paragraph::text).collect();
    assert_eq!(
        found,
        [
            "Stavební úřad přezkoumal žádost o povolení záměru které povoluje",
            "záměr stavby nové tělocvičny základní školy v obci podle předložené dokumentace a v jejím rozsahu beze změn výkr",
            "Nový odstavec"
        ]
    );
}

#[test]
fn no_word_is_lost_whatever_the_places_are() {
    let odd = [0.0, -5.0, 1e6, 3.3, f32::NAN];
    let mut lines = Vec::new();
    for (n, x) in odd.iter().enumerate() {
        for y in odd {
            lines.push(Line {
                words: vec![TextWord {
                    text: format!("w{n}"),
                    place: TextBox::new(*x, y, y, *x),
                    confidence: None,
                }],
                paragraph: None,
            });
        }
    }
    let words: usize = paragraphs(lines)
        .iter()
        .flat_map(|paragraph| &paragraph.lines)
        .map(|line| line.words.len())
        .sum();
    assert_eq!(words, 25);
}
