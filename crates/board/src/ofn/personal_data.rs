//! The mark that a notice or a document holds personal data (*obsahuje osobní údaje*).
//!
//! The rule that it leaves the board for good hangs on it, so of several contradicting marks the true one counts,
//! and a value that cannot be understood is said.

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use super::key;
use super::report::{Report, quoted};

/// How the address of the national catalogue ends that says that there are personal data, folded.
const SAYS_SO: &str = "obsahujeosobniudaje";

/// Whether an object marks itself, in its terms of use or directly, under whatever spellings.
pub(super) fn is_marked(map: &Map<String, Value>, report: &mut Report<'_>) -> bool {
    let mut is_marked = false;
    for (key, value) in map {
        is_marked |= (key::TERMS.is(key) && terms_say(value, report))
            || (key::PERSONAL.is(key) && is_true(value, report));
    }
    is_marked
}

/// Whether terms of use (*podmínky užití*), or one of several, say it.
pub(super) fn terms_say(terms: &Value, report: &mut Report<'_>) -> bool {
    match terms {
        Value::Object(terms) => {
            let mut says = false;
            for (key, value) in terms {
                says |= key::PERSONAL.is(key) && is_true(value, report);
            }
            // Terms may be the address of the list alone.
            for key in ["@id", "iri"] {
                says |= terms.get(key).is_some_and(is_the_address);
            }
            says
        }
        Value::Array(several) => {
            let mut says = false;
            for terms in several {
                says |= terms_say(terms, report);
            }
            says
        }
        address => is_the_address(address),
    }
}

/// Whether terms are the address by which the national catalogue says it.
fn is_the_address(terms: &Value) -> bool {
    let text = terms.as_str().unwrap_or_default();
    text.contains('/') && last_part(text) == SAYS_SO
}

/// The last part of an address, or a word, folded as keys are.
fn last_part(text: &str) -> String {
    let word = text.trim().trim_end_matches(['/', '.', '!']);
    let word = word.rsplit('/').next().unwrap_or(word);
    key::fold(&percent_decode_str(word).decode_utf8_lossy())
}

/// Whether a value of *obsahuje osobní údaje* is true; the norm has a boolean, feeds have words and the addresses
/// of the national catalogue's list too.
pub(super) fn is_true(value: &Value, report: &mut Report<'_>) -> bool {
    match value {
        Value::Bool(yes) => return *yes,
        Value::Null => return false,
        Value::Number(number) if number.as_f64() == Some(1.0) => return true,
        Value::Number(number) if number.as_f64() == Some(0.0) => return false,
        Value::Array(several) => {
            let mut is_any = false;
            for value in several {
                is_any |= is_true(value, report);
            }
            return is_any;
        }
        Value::Object(map) => {
            let inner = ["@value", "@id", "iri"]
                .iter()
                .find_map(|key| map.get(*key));
            if let Some(inner) = inner {
                return is_true(inner, report);
            }
        }
        Value::String(text) => match last_part(text).as_str() {
            "true" | "ano" | "yes" | "ja" | "1" | SAYS_SO => return true,
            "false" | "ne" | "no" | "nein" | "0" | "" | "neobsahujeosobniudaje" => {
                return false;
            }
            _ => {}
        },
        Value::Number(_) => {}
    }
    report.deviates(
        key::PERSONAL.norm,
        format!(
            "nečitelná hodnota {}; bráno, jako by osobní údaje neobsahovalo",
            quoted(&value.to_string())
        ),
    );
    false
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::report::Warnings;
    use super::*;

    #[track_caller]
    fn check(object: Value, expected: bool, is_understood: bool) {
        let mut warnings = Warnings::default();
        let map = object.as_object().expect("an object");
        let found = is_marked(map, &mut warnings.about("n"));
        let warnings = warnings.finish();
        assert_eq!(found, expected, "{object}");
        assert_eq!(warnings.is_empty(), is_understood, "{object}: {warnings:?}");
    }

    fn terms(value: Value) -> Value {
        json!({"podmínky_užití": {"obsahuje_osobní_údaje": value}})
    }

    #[test]
    fn every_way_to_say_yes_is_understood() {
        for yes in [
            json!(true),
            json!(1),
            json!(1.0),
            json!("Ano."),
            json!("yes"),
            json!([true]),
            json!([false, "true"]),
            json!({"@value": true}),
            json!({"@value": "true", "@type": "xsd:boolean"}),
            json!("https://data.gov.cz/podmínky-užití/obsahuje-osobní-údaje/"),
            json!({"@id": "https://data.gov.cz/podmínky-užití/obsahuje-osobní-údaje/"}),
        ] {
            check(terms(yes), true, true);
        }
    }

    #[test]
    fn the_addresses_of_the_catalogue_are_understood_wherever_they_stand() {
        let address = "https://data.gov.cz/podmínky-užití/obsahuje-osobní-údaje/";
        let encoded = "https://data.gov.cz/podm%C3%ADnky/obsahuje-osobn%C3%AD-%C3%BAdaje/";
        for terms in [
            json!({"osobní_údaje": address}),
            json!({"osobní_údaje": encoded}),
            json!(address),
            json!([{"typ": "Podmínky užití"}, address]),
            json!({"@id": address}),
        ] {
            check(json!({"podmínky_užití": terms}), true, true);
        }
        let other = "https://data.gov.cz/podmínky-užití/neobsahuje-osobní-údaje/";
        check(json!({"podmínky_užití": other}), false, true);
        check(
            json!({"podmínky_užití": {"osobní_údaje": other}}),
            false,
            true,
        );
    }

    #[test]
    fn every_way_to_say_no_is_understood() {
        for no in [
            json!(false),
            json!(null),
            json!(0),
            json!("ne"),
            json!(""),
            json!([]),
            json!("https://data.gov.cz/podmínky-užití/neobsahuje-osobní-údaje/"),
        ] {
            check(terms(no), false, true);
        }
    }

    #[test]
    fn what_is_not_understood_is_said() {
        for odd in [json!("snad"), json!(7), json!({"a": true})] {
            check(terms(odd), false, false);
        }
    }

    #[test]
    fn one_true_mark_is_enough_wherever_it_stands() {
        let marked = json!({"obsahuje_osobní_údaje": true});
        check(marked.clone(), true, true);
        check(json!({"podmínky_užití": [{"a": 1}, marked]}), true, true);
        check(
            json!({"podmínky_užití": {"a": 1}, "podminky_uziti": marked}),
            true,
            true,
        );
        check(
            json!({"podmínky_užití": {"obsahuje_osobní_údaje": false, "obsahujeOsobniUdaje": true}}),
            true,
            true,
        );
    }
}
