//! Categories (*agenda*) and who issued a notice.

use serde_json::{Map, Value};

use super::document::is_numbered_list;
use super::key;
use super::report::Report;
use super::text::{self, Shape};
use crate::language::{Language, LanguageMap};

/// How many categories of one notice are kept.
pub const MAX_CATEGORIES: usize = 50;

/// The longest name of a category or an office; what follows is cut off with a warning.
pub const MAX_NAME_CHARS: usize = 300;

/// How many offices or people that issued a notice are named.
const MAX_ORIGINATORS: usize = 10;

/// What parts them.
const BETWEEN: &str = ", ";

/// The longest text of who issued a notice, but for the mark „…“ of cut names: the most people, each with a given and a
/// family name of the greatest length, parted by commas.
pub const MAX_ORIGINATOR_CHARS: usize =
    MAX_ORIGINATORS * (2 * MAX_NAME_CHARS + 1) + (MAX_ORIGINATORS - 1) * BETWEEN.len();

/// Adds what stands in a field for categories.
pub(super) fn add(
    value: &Value,
    field: &str,
    categories: &mut Vec<LanguageMap>,
    report: &mut Report<'_>,
) {
    match value {
        Value::Array(several) => add_several(several, field, categories, report),
        Value::Object(map) if is_numbered_list(map) => {
            report.tidied(field, "objekt místo seznamu; přečteny jeho hodnoty");
            add_several(map.values(), field, categories, report);
        }
        Value::Object(_) | Value::String(_) => {
            report.tidied(field, "jediná hodnota místo seznamu; přečtena");
            add_several([value], field, categories, report);
        }
        other => report.deviates(
            field,
            format!("{} místo seznamu kategorií; vynecháno", text::kind(other)),
        ),
    }
}

fn add_several<'v>(
    values: impl IntoIterator<Item = &'v Value>,
    field: &str,
    categories: &mut Vec<LanguageMap>,
    report: &mut Report<'_>,
) {
    for value in values {
        if is_full(field, categories, report) {
            return;
        }
        add_one(value, field, categories, report);
    }
}

/// Whether no more categories are kept; reported, as there are more.
pub(super) fn is_full(field: &str, categories: &[LanguageMap], report: &mut Report<'_>) -> bool {
    let is_full = categories.len() >= MAX_CATEGORIES;
    if is_full {
        report.deviates(field, "příliš mnoho kategorií; ostatní vynechány");
    }
    is_full
}

fn add_one(value: &Value, field: &str, categories: &mut Vec<LanguageMap>, report: &mut Report<'_>) {
    let name = match value {
        Value::Object(map) => match key::TITLE.of(map) {
            Some(name) => text::language_map(
                name,
                &format!("{field}.název"),
                Shape::Line(MAX_NAME_CHARS),
                report,
            ),
            // `{"cs": "dotace"}`: the name itself where an object with a name belongs.
            None if map.contains_key("cs") || map.contains_key("en") => {
                report.tidied(field, "pouhý název místo kategorie; přečten");
                text::language_map(value, field, Shape::Line(MAX_NAME_CHARS), report)
            }
            None => {
                report.deviates(field, "kategorie nemá název; vynechána");
                return;
            }
        },
        Value::String(_) => {
            report.tidied(field, "pouhý text místo kategorie; přečten");
            text::plain(value, field, MAX_NAME_CHARS, report)
                .map(LanguageMap::czech)
                .unwrap_or_default()
        }
        other => {
            report.deviates(
                field,
                format!("{} místo kategorie; vynecháno", text::kind(other)),
            );
            return;
        }
    };
    if !name.is_blank() && !categories.contains(&name) {
        categories.push(name);
    }
}

/// The names of the offices or people in a field, parted by commas.
pub(super) fn names(value: &Value, field: &str, report: &mut Report<'_>) -> Option<String> {
    let several = match value {
        Value::Array(several) => several.as_slice(),
        one => std::slice::from_ref(one),
    };
    let names: Vec<_> = several
        .iter()
        .take(MAX_ORIGINATORS)
        .filter_map(|value| match value {
            Value::Object(map) => name_of(map, field, report),
            Value::String(_) => text::plain(value, field, MAX_NAME_CHARS, report),
            _ => None,
        })
        .collect();
    (!names.is_empty()).then(|| names.join(BETWEEN))
}

fn name_of(map: &Map<String, Value>, field: &str, report: &mut Report<'_>) -> Option<String> {
    let mut part = |value: &Value| {
        let map = text::language_map(value, field, Shape::Line(MAX_NAME_CHARS), report);
        (!map.is_blank()).then(|| map.best(Language::Czech).to_owned())
    };
    if let Some(name) = key::TITLE.of(map) {
        return part(name);
    }
    let parts: Vec<_> = [&key::GIVEN_NAME, &key::FAMILY_NAME]
        .into_iter()
        .filter_map(|name| name.of(map).and_then(&mut part))
        .collect();
    if parts.is_empty() && (map.contains_key("cs") || map.contains_key("en")) {
        return part(&Value::Object(map.clone()));
    }
    (!parts.is_empty()).then(|| parts.join(" "))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::report::Warnings;
    use super::*;

    #[track_caller]
    fn check(value: Value, expected: &[&str], warned: bool) {
        let mut warnings = Warnings::default();
        let mut categories = Vec::new();
        add(&value, "agenda", &mut categories, &mut warnings.about("n"));
        let found: Vec<_> = categories.iter().map(|c| c.best(Language::Czech)).collect();
        assert_eq!(found, expected);
        assert_eq!(!warnings.finish().is_empty(), warned);
    }

    #[test]
    fn every_shape_of_a_category_is_read() {
        let grants = json!({"typ": "Agenda", "název": {"cs": "dotace"}});
        check(json!([grants, grants]), &["dotace"], false);
        check(json!([]), &[], false);
        check(grants, &["dotace"], true);
        check(json!("dotace"), &["dotace"], true);
        check(json!(["dotace", "volby"]), &["dotace", "volby"], true);
        check(json!([{"cs": "dotace"}]), &["dotace"], true);
        check(
            json!([{"typ": "Agenda", "název": "dotace"}]),
            &["dotace"],
            true,
        );
        check(json!({"0": {"název": {"cs": "dotace"}}}), &["dotace"], true);
        check(json!(null), &[], true);
        check(json!([null, {"typ": "Agenda"}, 5]), &[], true);
    }

    #[test]
    fn offices_and_people_are_named() {
        let mut warnings = Warnings::default();
        let mut read = |value: Value| names(&value, "odbor", &mut warnings.about("n"));
        assert_eq!(read(json!("VD")).as_deref(), Some("VD"));
        assert_eq!(
            read(json!({"cs": "Odbor dopravy"})).as_deref(),
            Some("Odbor dopravy")
        );
        assert_eq!(
            read(json!([{"typ": "Člověk", "jméno": {"cs": "Mirek"}, "příjmení": {"cs": "Starosta"}}, {"název": {"cs": "MÚ"}}])).as_deref(),
            Some("Mirek Starosta, MÚ")
        );
        assert_eq!(read(json!([])), None);
        assert_eq!(read(json!(null)), None);
        assert_eq!(warnings.finish(), []);
    }
}
