//! Finding a field by the norm's name, or by what publishers write in its place.
//!
//! The exact name wins, then the same name without diacritics, case and separators
//! (`nazev`, `relevantni_do`, `ỉri`), then names known from feeds and from the draft before 2021.
//! Last comes the name with one mistyped letter: for want of one in `informace` a real board stood empty.
//!
//! A key that stands there twice loses nothing: its values are joined into a list, with a warning.

use std::borrow::Cow;

use serde_json::value::RawValue;
use serde_json::{Map, Value};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::report::{Report, quoted};
use super::shallow;

/// A field of the norm.
#[derive(Debug)]
pub(super) struct Name {
    /// As the norm spells it.
    pub(super) norm: &'static str,
    /// Folded spellings, its own first, then others in order of preference.
    folded: &'static [&'static str],
}

const fn name(norm: &'static str, folded: &'static [&'static str]) -> Name {
    Name { norm, folded }
}

pub(super) const CONTEXT: Name = name("@context", &["@context", "@content"]);
pub(super) const TYPE: Name = name("typ", &["typ", "@type", "type"]);
pub(super) const IRI: Name = name("iri", &["iri", "@id", "id", "identifikator"]);
pub(super) const URL: Name = name("url", &["url", "odkaz"]);
pub(super) const TITLE: Name = name("název", &["nazev", "titulek", "nadpis", "title", "name"]);
pub(super) const DESCRIPTION: Name = name("popis", &["popis", "anotace", "description"]);
pub(super) const POSTED: Name = name(
    "vyvěšení",
    &[
        "vyveseni",
        "datumvyveseni",
        "vyveseno",
        "zverejneno",
        "zverejneni",
        "datumzverejneni",
    ],
);
pub(super) const UNTIL: Name = name(
    "relevantní_do",
    &[
        "relevantnido",
        "sejmuti",
        "datumsejmuti",
        "sejmuto",
        "datumsveseni",
        "platnostdo",
    ],
);
pub(super) const APPROVED: Name = name("schválení", &["schvaleni", "schvaleno"]);
pub(super) const REFERENCE: Name = name("číslo_jednací", &["cislojednaci", "cj"]);
pub(super) const FILE_NUMBER: Name = name("spisová_značka", &["spisovaznacka", "spzn", "znacka"]);
pub(super) const FILE: Name = name("spis", &["spis"]);
pub(super) const REVISION: Name = name("revize", &["revize"]);
pub(super) const AGENDA: Name = name("agenda", &["agenda", "agendy"]);
pub(super) const CATEGORY: Name = name("kategorie", &["kategorie", "category"]);
pub(super) const DEPARTMENT: Name = name("odbor", &["odbor", "utvar"]);
pub(super) const PROVIDER: Name = name("poskytovatel", &["poskytovatel"]);
pub(super) const AUTHOR: Name = name("autor_díla", &["autordila", "autor", "autori"]);
pub(super) const DOCUMENT: Name = name("dokument", &["dokument", "dokumenty"]);
pub(super) const ATTACHMENT: Name = name("příloha", &["priloha", "prilohy"]);
pub(super) const TERMS: Name = name("podmínky_užití", &["podminkyuziti"]);
pub(super) const PERSONAL: Name = name(
    "obsahuje_osobní_údaje",
    &["obsahujeosobniudaje", "osobniudaje"],
);
pub(super) const MEDIA_TYPE: Name = name("typ_média", &["typmedia"]);
pub(super) const NOTICES: Name = name("informace", &["informace", "oznameni"]);
pub(super) const GRAPH: Name = name("@graph", &["@graph"]);
pub(super) const PAGE: Name = name("stránka", &["stranka"]);
pub(super) const OPERATOR: Name = name("provozovatel", &["provozovatel", "organizace"]);
pub(super) const ICO: Name = name("ičo", &["ico", "ic"]);
pub(super) const OVM: Name = name("identifikátor_ovm", &["identifikatorovm", "ovm"]);
pub(super) const DAY: Name = name("datum", &["datum", "date"]);
pub(super) const INSTANT: Name = name("datum_a_čas", &["datumacas", "datetime", "cas"]);
pub(super) const UNSPECIFIED: Name = name("nespecifikovaný", &["nespecifikovany"]);
pub(super) const BEGIN: Name = name("začátek", &["zacatek", "od"]);
pub(super) const END: Name = name("konec", &["konec", "do"]);
pub(super) const GIVEN_NAME: Name = name("jméno", &["jmeno"]);
pub(super) const FAMILY_NAME: Name = name("příjmení", &["prijmeni"]);

/// The shortest name that is recognised although it is mistyped, in letters.
const MIN_MISTYPED: usize = 5;

/// How many repeated keys of one field are named.
const MAX_NAMED_KEYS: usize = 5;

/// Words of their own that are one letter away from a name, folded.
const OTHER_WORDS: [&str; 4] = ["podpis", "obor", "odber", "relevantniod"];

/// A key without diacritics, case, separators and invisible characters.
pub(super) fn fold(key: &str) -> String {
    key.nfd()
        .filter(|c| {
            !is_combining_mark(*c)
                && !matches!(c, '_' | '-' | '\u{feff}' | '\u{200b}')
                && !c.is_whitespace()
        })
        .flat_map(char::to_lowercase)
        .map(|c| if c == 'ı' { 'i' } else { c })
        .take(64)
        .collect()
}

impl Name {
    /// Whether `key` is a spelling of this field.
    pub(super) fn is(&self, key: &str) -> bool {
        key == self.norm || (!is_frequent(key) && self.folded.contains(&&*fold(key)))
    }

    /// Which of several keys holds this field: its index and whether it is the norm's own spelling.
    ///
    /// Among equal spellings the first one counts, but `null` yields to anything else.
    fn find<'k>(
        &self,
        keys: impl Iterator<Item = (&'k str, bool)>,
        folded: impl Fn(usize, &str) -> Option<Cow<'k, str>>,
    ) -> Option<(usize, bool)> {
        let mut best: Option<((bool, usize), usize)> = None;
        for (index, (key, is_null)) in keys.enumerate() {
            let rank = if key == self.norm {
                0
            } else {
                let Some(rank) = folded(index, key)
                    .and_then(|key| self.folded.iter().position(|known| *known == key))
                else {
                    continue;
                };
                rank + 1
            };
            if best.is_none_or(|(found, _)| (is_null, rank) < found) {
                best = Some(((is_null, rank), index));
            }
        }
        best.map(|((_, rank), index)| (index, rank == 0))
    }

    /// Whether a folded key is this field's own name with a letter too many, too few, wrong, or two exchanged.
    fn is_mistyped_as(&self, folded: &str) -> bool {
        let own = self.folded[0];
        own.len() >= MIN_MISTYPED
            && own.len().abs_diff(folded.len()) <= 1
            && strsim::osa_distance(own, folded) == 1
            && !OTHER_WORDS.contains(&folded)
    }

    /// The member of `map` that holds this field.
    pub(super) fn of<'v>(&self, map: &'v Map<String, Value>) -> Option<&'v Value> {
        match map.get(self.norm) {
            Some(value) if !value.is_null() => Some(value),
            _ => {
                let members = || {
                    map.iter()
                        .map(|(key, value)| (key.as_str(), value.is_null()))
                };
                let (index, _) = self.find(members(), |_, key| {
                    (!is_frequent(key)).then(|| Cow::Owned(fold(key)))
                })?;
                map.values().nth(index)
            }
        }
    }
}

/// The fields of a board or a notice, each read only when asked for.
#[derive(Debug, Default)]
pub(super) struct Fields<'a> {
    fields: Vec<(Cow<'a, str>, &'a RawValue)>,
    /// Folded keys of those that are not spelled as the norm spells its most frequent ones.
    folded: Vec<Option<String>>,
}

/// The norm's own spellings that feeds are full of: none of them is another field's name, so none is folded.
fn is_frequent(key: &str) -> bool {
    matches!(
        key,
        "typ"
            | "iri"
            | "url"
            | "název"
            | "popis"
            | "vyvěšení"
            | "relevantní_do"
            | "schválení"
            | "číslo_jednací"
            | "spisová_značka"
            | "agenda"
            | "dokument"
            | "příloha"
            | "informace"
            | "datum"
            | "datum_a_čas"
            | "nespecifikovaný"
    )
}

impl<'a> Fields<'a> {
    /// The fields of an object; none for anything else.
    pub(super) fn of(raw: &'a RawValue) -> Self {
        let fields = shallow::fields(raw);
        let folded = fields
            .iter()
            .map(|(key, _)| (!is_frequent(key)).then(|| fold(key)))
            .collect();
        Self { fields, folded }
    }

    /// Whether there is no field at all.
    pub(super) fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// The values of all fields.
    pub(super) fn values(&self) -> impl Iterator<Item = &'a RawValue> {
        self.fields.iter().map(|(_, value)| *value)
    }

    /// Whether the field is there, be it under another spelling.
    pub(super) fn has(&self, name: &Name) -> bool {
        self.find(name).is_some()
    }

    /// The field's unread value and the key it stands under.
    pub(super) fn raw(&self, name: &Name) -> Option<(&'a RawValue, &str)> {
        let (index, _) = self.find(name)?;
        let (key, value) = &self.fields[index];
        Some((value, key))
    }

    /// The field's unread values: several where its key stands there several times.
    pub(super) fn repeated(&self, name: &Name) -> Vec<&'a RawValue> {
        self.find(name)
            .map_or_else(Vec::new, |(index, _)| self.spelled_alike(name, index))
    }

    /// The values of all keys that spell the field as the one at `found` does.
    fn spelled_alike(&self, name: &Name, found: usize) -> Vec<&'a RawValue> {
        let spelling = |index: usize| {
            let folded = self.folded[index].as_deref();
            folded.or_else(|| (self.fields[index].0 == name.norm).then_some(name.folded[0]))
        };
        let wanted = spelling(found);
        (0..self.fields.len())
            .filter(|index| *index == found || spelling(*index) == wanted)
            .map(|index| self.fields[index].1)
            .collect()
    }

    /// The unread values under every spelling of the field.
    pub(super) fn all(&self, name: &Name) -> impl Iterator<Item = &'a RawValue> {
        self.fields
            .iter()
            .filter(|(key, _)| name.is(key))
            .map(|(_, value)| *value)
    }

    /// The field's value; says so when it stands under another key or cannot be read.
    pub(super) fn value(&self, name: &Name, report: &mut Report<'_>) -> Option<Value> {
        let (index, exact) = self.find(name)?;
        let (key, _) = &self.fields[index];
        if !exact {
            report.tidied(
                name.norm,
                format!("zapsáno pod klíčem {}; přečteno", quoted(key)),
            );
        }
        let values = self.spelled_alike(name, index);
        if values.len() > 1 {
            report.deviates(
                name.norm,
                format!(
                    "klíč {} je uveden {}×; jeho hodnoty vzaty jako seznam",
                    quoted(key),
                    values.len()
                ),
            );
        }
        let mut whole: Option<Value> = None;
        let mut length = 0;
        for raw in values {
            length += raw.get().len();
            let read = if length <= shallow::MAX_FIELD_BYTES {
                shallow::value_and_repeated(raw)
            } else {
                None
            };
            let Some((value, repeated)) = read else {
                report.deviates(
                    name.norm,
                    "hodnota je příliš dlouhá, příliš vnořená nebo nečitelná; vynechána",
                );
                continue;
            };
            for key in repeated.iter().take(MAX_NAMED_KEYS) {
                report.deviates(
                    name.norm,
                    format!(
                        "klíč {} je v hodnotě uveden vícekrát; jeho hodnoty vzaty jako seznam",
                        quoted(key)
                    ),
                );
            }
            whole = Some(match whole {
                Some(earlier) => shallow::joined(earlier, value),
                None => value,
            });
        }
        whole
    }

    fn find(&self, name: &Name) -> Option<(usize, bool)> {
        let keys = self
            .fields
            .iter()
            .map(|(key, raw)| (key.as_ref(), shallow::kind(raw) == shallow::Kind::Null));
        name.find(keys, |index, _| {
            self.folded[index].as_deref().map(Cow::Borrowed)
        })
        .or_else(|| {
            let is_mistyped =
                |key: &Option<String>| key.as_deref().is_some_and(|key| name.is_mistyped_as(key));
            Some((self.folded.iter().position(is_mistyped)?, false))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folded_key_is_plain() {
        for (key, folded) in [
            ("relevantní_do", "relevantnido"),
            ("ỉri", "iri"),
            ("datumVyveseni", "datumvyveseni"),
            ("\u{feff}Číslo jednací ", "cislojednaci"),
            ("@content", "@content"),
        ] {
            assert_eq!(fold(key), folded);
        }
    }

    const ALL: [&Name; 36] = [
        &CONTEXT,
        &TYPE,
        &IRI,
        &URL,
        &TITLE,
        &DESCRIPTION,
        &POSTED,
        &UNTIL,
        &APPROVED,
        &REFERENCE,
        &FILE_NUMBER,
        &FILE,
        &REVISION,
        &AGENDA,
        &CATEGORY,
        &DEPARTMENT,
        &PROVIDER,
        &AUTHOR,
        &DOCUMENT,
        &ATTACHMENT,
        &TERMS,
        &PERSONAL,
        &MEDIA_TYPE,
        &NOTICES,
        &GRAPH,
        &PAGE,
        &OPERATOR,
        &ICO,
        &OVM,
        &DAY,
        &INSTANT,
        &UNSPECIFIED,
        &BEGIN,
        &END,
        &GIVEN_NAME,
        &FAMILY_NAME,
    ];

    #[test]
    fn every_name_folds_to_its_own_first_spelling() {
        for name in ALL {
            assert_eq!(fold(name.norm), name.folded[0]);
        }
    }

    #[test]
    fn no_name_is_another_one_mistyped() {
        for name in ALL {
            let others = ALL.iter().filter(|other| other.norm != name.norm);
            for other in others.flat_map(|other| other.folded) {
                assert!(!name.is_mistyped_as(other), "{other} as {}", name.norm);
            }
        }
    }

    #[test]
    fn one_mistyped_letter_is_recognised() {
        for (key, name, expected) in [
            ("infomace", &NOTICES, true),
            ("infromace", &NOTICES, true),
            ("Informacce", &NOTICES, true),
            ("imformace", &NOTICES, true),
            ("infoace", &NOTICES, false),
            ("nazve", &TITLE, true),
            ("relevantni_od", &UNTIL, false),
            ("obor", &DEPARTMENT, false),
            ("ir", &IRI, false),
        ] {
            let json = format!(r#"{{"{key}": 1}}"#);
            let fields = Fields::of(serde_json::from_str(&json).unwrap());
            assert_eq!(fields.has(name), expected, "{key}");
        }
    }

    #[track_caller]
    fn check(json: &str, expected: &str) {
        let raw: &RawValue = serde_json::from_str(json).unwrap();
        let fields = Fields::of(raw);
        assert_eq!(
            fields.raw(&POSTED).map(|(raw, _)| raw.get()),
            Some(expected)
        );
        let Value::Object(map) = serde_json::from_str(json).unwrap() else {
            panic!("an object");
        };
        assert_eq!(POSTED.of(&map).unwrap().to_string(), expected);
    }

    #[test]
    fn the_exact_key_wins_over_every_other() {
        check(r#"{"vyveseni": 1, "vyvěšení": 2, "datumVyveseni": 3}"#, "2");
        check(r#"{"datumVyveseni": 3, "vyveseni": 1}"#, "1");
        check(r#"{"datum_vyveseni": 3}"#, "3");
    }

    #[test]
    fn null_yields_to_another_spelling() {
        check(r#"{"vyvěšení": null, "vyveseni": 1}"#, "1");
        check(r#"{"vyvěšení": null}"#, "null");
    }
}
