//! Texts: language maps, plain strings and what publishers write in their place.
//!
//! HTML entities become characters (generators escape for HTML and forget that JSON is not HTML),
//! white space collapses, no-break spaces included, and invisible characters are removed.

use std::borrow::Cow;

use icu_properties::CodePointSetData;
use icu_properties::props::DefaultIgnorableCodePoint;
use serde_json::Value;

use super::report::{Report, quoted, shortened};
use crate::format::letters::bounded_letters;
use crate::language::LanguageMap;

/// How many languages of one text are kept.
const MAX_LANGUAGES: usize = 30;

/// How a text is cleaned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// One line of at most so many characters.
    Line(usize),
    /// Lines that stay lines, of at most so many characters together.
    Lines(usize),
}

/// A text in some languages; blank when there is none. `field` names it in warnings.
pub(super) fn language_map(
    value: &Value,
    field: &str,
    shape: Shape,
    report: &mut Report<'_>,
) -> LanguageMap {
    let map = language_map_or_blank(value, field, shape, report);
    if map.is_blank() && !matches!(value, Value::Object(map) if map.is_empty()) {
        report.tidied(field, "prázdný text; bráno, jako by chyběl");
    }
    map
}

/// The same without a warning about a blank text, for fields whose blankness has a meaning.
pub(super) fn language_map_or_blank(
    value: &Value,
    field: &str,
    shape: Shape,
    report: &mut Report<'_>,
) -> LanguageMap {
    let mut read = Reading {
        field,
        shape,
        report,
        map: LanguageMap::new(),
        languages: 0,
    };
    match value {
        Value::Object(map) if map.is_empty() => {
            read.report.deviates(field, "prázdný objekt místo textu");
        }
        Value::Object(map) if map.contains_key("@value") => {
            let code = map.get("@language").and_then(Value::as_str);
            read.report
                .tidied(field, "zapsáno jako literál JSON-LD; přečteno");
            read.add(code.map_or("cs", language_code_or_czech), &map["@value"]);
        }
        Value::Object(map) => {
            for (key, text) in map {
                read.add_under(key, text);
            }
        }
        Value::String(_) | Value::Number(_) => {
            read.report
                .tidied(field, "prostý text místo jazykové mapy; vzat jako český");
            read.add("cs", value);
        }
        Value::Array(several) => match several.iter().find(|value| !value.is_null()) {
            Some(first) => {
                read.report.tidied(field, seen_as_list(several.len()));
                if !first.is_array() {
                    return language_map_or_blank(first, field, shape, read.report);
                }
            }
            None => read.report.deviates(field, "prázdný seznam místo textu"),
        },
        Value::Null => read.report.deviates(field, "null místo textu"),
        Value::Bool(_) => read
            .report
            .deviates(field, "logická hodnota místo textu; vynechána"),
    }
    read.map
}

/// What is said of a list where one text belongs.
fn seen_as_list(length: usize) -> &'static str {
    if length == 1 {
        "seznam místo jednoho textu; vzat jeho jediný prvek"
    } else {
        "seznam místo jednoho textu; vzat první prvek"
    }
}

struct Reading<'r, 'w> {
    field: &'r str,
    shape: Shape,
    report: &'r mut Report<'w>,
    map: LanguageMap,
    languages: usize,
}

impl Reading<'_, '_> {
    fn add_under(&mut self, key: &str, value: &Value) {
        if key == "typ" || key == "@type" {
            return;
        }
        match language_code(key) {
            Some(code) => {
                if code != key {
                    self.report.tidied(
                        self.field,
                        format!("jazyk {} přečten jako „{code}“", quoted(key)),
                    );
                }
                self.add(code, value);
            }
            None if self.map.get("cs").is_none() => {
                self.report.tidied(
                    self.field,
                    format!("{} není kód jazyka; text vzat jako český", quoted(key)),
                );
                self.add("cs", value);
            }
            None => self.report.deviates(
                self.field,
                format!("{} není kód jazyka; text vynechán", quoted(key)),
            ),
        }
    }

    fn add(&mut self, code: &str, value: &Value) {
        let text = match value {
            Value::String(text) => Cow::Borrowed(text.as_str()),
            Value::Number(number) => {
                self.report
                    .tidied(self.field, "číslo místo textu; vzato jako text");
                Cow::Owned(number.to_string())
            }
            Value::Array(parts) if parts.first().is_some_and(Value::is_string) => {
                self.report.tidied(self.field, seen_as_list(parts.len()));
                Cow::Borrowed(parts[0].as_str().unwrap_or_default())
            }
            other => {
                self.report.deviates(
                    self.field,
                    format!("{} místo textu v jazyce „{code}“; vynecháno", kind(other)),
                );
                return;
            }
        };
        self.languages += 1;
        if self.languages > MAX_LANGUAGES {
            self.report
                .deviates(self.field, "příliš mnoho jazyků; ostatní vynechány");
            return;
        }
        let cleaned = clean(&text, self.field, self.shape, self.report);
        if !cleaned.is_empty() {
            self.map.insert(code, cleaned);
        }
    }
}

/// A plain text such as a reference number; `None` when it is blank.
pub(super) fn plain(
    value: &Value,
    field: &str,
    max_chars: usize,
    report: &mut Report<'_>,
) -> Option<String> {
    let text = match value {
        Value::String(text) => Cow::Borrowed(text.as_str()),
        Value::Number(number) => {
            report.tidied(field, "číslo místo textu; vzato jako text");
            Cow::Owned(number.to_string())
        }
        Value::Object(_) | Value::Array(_) => {
            let map = language_map_or_blank(value, field, Shape::Line(max_chars), report);
            if !map.is_blank() {
                report.tidied(
                    field,
                    "jazyková mapa nebo seznam místo prostého textu; přečteno",
                );
            }
            Cow::Owned(map.best(crate::Language::Czech).to_owned())
        }
        Value::Null | Value::Bool(_) => {
            report.deviates(field, format!("{} místo textu; vynecháno", kind(value)));
            return None;
        }
    };
    if text.trim().is_empty() {
        if value.is_string() {
            report.tidied(field, "prázdný text; vynechán");
        }
        return None;
    }
    let cleaned = clean(&text, field, Shape::Line(max_chars), report);
    (!cleaned.is_empty()).then_some(cleaned)
}

/// What a value is, in words.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "logická hodnota",
        Value::Number(_) => "číslo",
        Value::String(_) => "text",
        Value::Array(_) => "seznam",
        Value::Object(_) => "objekt",
    }
}

/// One line as it is shown and compared, without warnings.
pub(super) fn clean_line(text: &str) -> String {
    collapsed(&html_escape::decode_html_entities(text))
}

fn clean(text: &str, field: &str, shape: Shape, report: &mut Report<'_>) -> String {
    let mut done = Vec::new();
    let decoded = if text.contains('&') {
        html_escape::decode_html_entities(text)
    } else {
        Cow::Borrowed(text)
    };
    if decoded != text {
        done.push("entity HTML převedeny na znaky");
    }
    let (cleaned, max) = match shape {
        Shape::Line(max) => (collapsed(&decoded), max),
        Shape::Lines(max) => (collapsed_lines(&decoded), max),
    };
    if cleaned.is_empty() {
        return cleaned;
    }
    if cleaned != decoded {
        done.push("mezery navíc a neviditelné znaky odstraněny");
    }
    let shown = shortened(&cleaned, max);
    if shown != cleaned {
        report.deviates(
            field,
            format!("text je příliš dlouhý; zkrácen na {max} znaků"),
        );
    }
    if !done.is_empty() {
        report.tidied(field, done.join("; "));
    }
    shown
}

/// White space of every kind, no-break spaces and control characters included, as single spaces. Marks that no letter
/// can carry are left out.
fn collapsed(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    let mut gap = false;
    for c in text.chars() {
        if c.is_whitespace() || c.is_control() {
            gap = true;
        } else if !is_invisible(c) {
            if gap && !line.is_empty() {
                line.push(' ');
            }
            gap = false;
            line.push(c);
        }
    }
    bounded_letters(&line).into_owned()
}

fn collapsed_lines(text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        let line = collapsed(line);
        // One blank line separates paragraphs; more are dropped.
        if !line.is_empty() || lines.last().is_some_and(|last| !last.is_empty()) {
            lines.push(line);
        }
    }
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines.join("\n")
}

/// Whether a character is not to be seen, or changes the direction of others: what Unicode calls default-ignorable,
/// and the braille pattern without dots.
fn is_invisible(c: char) -> bool {
    CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c) || c == '\u{2800}'
}

fn language_code_or_czech(key: &str) -> &str {
    language_code(key).unwrap_or("cs")
}

/// The code of ISO 639-1 for what publishers write as one; `None` when it is none.
fn language_code(key: &str) -> Option<&str> {
    let language = key.trim().trim_start_matches('@');
    let language = language.split(['-', '_']).next().unwrap_or(language);
    let is = |codes: &[&str]| codes.iter().any(|code| language.eq_ignore_ascii_case(code));
    if is(&["cs", "cz", "cze", "ces"]) {
        Some("cs")
    } else if is(&["en", "eng"]) {
        Some("en")
    } else if is(&["de", "deu", "ger"]) {
        Some("de")
    } else if (2..=3).contains(&language.len())
        && language.bytes().all(|byte| byte.is_ascii_lowercase())
    {
        Some(language)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::report::Warnings;
    use super::*;

    #[track_caller]
    fn check(value: &Value, czech: Option<&str>, warnings: &[&str]) {
        let mut found = Warnings::default();
        let map = language_map(value, "název", Shape::Line(20), &mut found.about("n"));
        assert_eq!(map.get("cs"), czech);
        let found: Vec<_> = found.finish().into_iter().map(|w| w.message).collect();
        assert_eq!(found.len(), warnings.len(), "{found:?}");
        for (found, expected) in found.iter().zip(warnings) {
            assert!(found.contains(expected), "{found:?} lacks {expected:?}");
        }
    }

    #[test]
    fn a_language_map_is_taken_as_it_is() {
        check(&json!({"cs": "Záměr", "en": "Plan"}), Some("Záměr"), &[]);
        check(&json!({"en": "Plan"}), None, &[]);
    }

    #[test]
    fn other_shapes_are_read_with_a_warning() {
        check(&json!("Záměr"), Some("Záměr"), &["prostý text"]);
        check(&json!({"cze": "Záměr"}), Some("Záměr"), &["„cze“"]);
        check(&json!({"cs-CZ": "Záměr"}), Some("Záměr"), &["„cs-CZ“"]);
        check(
            &json!({"hodnota": "Záměr"}),
            Some("Záměr"),
            &["není kód jazyka"],
        );
        check(&json!([{"cs": "Záměr"}]), Some("Záměr"), &["seznam"]);
        check(
            &json!({"@value": "Záměr", "@language": "cs"}),
            Some("Záměr"),
            &["JSON-LD"],
        );
        check(&json!({"cs": ["Záměr"]}), Some("Záměr"), &["seznam"]);
        check(&json!({"cs": 12}), Some("12"), &["číslo"]);
    }

    #[test]
    fn what_is_no_text_leaves_it_blank() {
        for (value, warning) in [
            (json!({}), "prázdný objekt"),
            (json!(null), "null"),
            (json!([]), "prázdný seznam"),
            (json!([[["x"]]]), "seznam"),
            (json!({"cs": null}), "null"),
            (json!({"cs": {"cs": 1}}), "objekt"),
            (json!({"cs": " \u{a0}"}), "prázdný text"),
            (json!(true), "logická"),
        ] {
            let blank: &[&str] = if warning == "prázdný objekt" || warning == "prázdný text" {
                &[warning]
            } else {
                &[warning, "prázdný text"]
            };
            check(&value, None, blank);
        }
    }

    #[test]
    fn entities_become_characters_and_white_space_collapses() {
        check(
            &json!({"cs": "  &bdquo;Nad\u{a0}Potokem&ldquo;  a\tb\u{200b}"}),
            Some("„Nad Potokem“ a b"),
            &["entity HTML převedeny na znaky; mezery"],
        );
        check(
            &json!({"cs": "A &amp;amp; B"}),
            Some("A &amp; B"),
            &["entity"],
        );
        check(&json!({"cs": "A & B"}), Some("A & B"), &[]);
    }

    #[test]
    fn a_text_without_end_is_cut_between_characters() {
        check(
            &json!({"cs": "ř".repeat(50)}),
            Some(&format!("{}…", "ř".repeat(20))),
            &["zkrácen na 20 znaků"],
        );
    }

    #[test]
    fn a_letter_keeps_only_as_many_marks_as_letters_have() {
        for count in [16, 300] {
            check(
                &json!({"cs": format!("Z{}ár", "\u{301}".repeat(count))}),
                Some(&format!("Z{}\u{200b}ár", "\u{301}".repeat(15))),
                &["neviditelné znaky odstraněny"],
            );
        }
    }

    #[test]
    fn paragraphs_stay_apart() {
        let mut warnings = Warnings::default();
        let map = language_map(
            &json!({"cs": "\n první  řádek \r\n\r\n\r\n\ndruhý\n "}),
            "popis",
            Shape::Lines(200),
            &mut warnings.about("n"),
        );
        assert_eq!(map.get("cs"), Some("první řádek\n\ndruhý"));
    }

    #[test]
    fn numbers_and_maps_stand_in_for_a_plain_text() {
        let mut warnings = Warnings::default();
        let mut read = |value: Value| plain(&value, "číslo_jednací", 200, &mut warnings.about("n"));
        assert_eq!(read(json!("MU/1/26")).as_deref(), Some("MU/1/26"));
        assert_eq!(read(json!(12)).as_deref(), Some("12"));
        assert_eq!(read(json!({"cs": "MU/1/26"})).as_deref(), Some("MU/1/26"));
        assert_eq!(read(json!("")), None);
        assert_eq!(read(json!(null)), None);
        assert_eq!(warnings.finish().len(), 4);
    }
}
