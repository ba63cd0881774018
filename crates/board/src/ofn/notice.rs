//! One notice (*informace na úřední desce*).

use chrono::Datelike;
use serde_json::Value;
use serde_json::value::RawValue;
use url::Url;

use super::document::{self, Documents};
use super::key::{self, Fields};
use super::report::{Report, Warnings, quoted};
use super::text::{self, Shape};
use super::time::{self, Edge};
use super::{FeedKey, FeedNotice, address, category, identity, other_end, personal_data, shallow};
use crate::id::{FileNumber, NoticeIri, ReferenceNumber};
use crate::language::{Language, LanguageMap};
use crate::moment::Moment;
use crate::notice::Channel;

/// The longest title; what follows is cut off with a warning.
pub const MAX_TITLE_CHARS: usize = 2_000;

/// How many documents of one notice are read.
pub const MAX_DOCUMENTS: usize = 1_000;

/// The longest description; what follows is cut off with a warning.
pub const MAX_DESCRIPTION_CHARS: usize = 50_000;

/// The longest reference number, file number or version mark; what follows is cut off with a warning.
pub const MAX_NUMBER_CHARS: usize = 200;

/// A notice that is posted for more years has its end mistyped; 2099 is a usual stand-in for "never".
const MAX_LIKELY_YEARS: i32 = 100;

/// The longest identifier; a longer one is none.
const MAX_IRI_CHARS: usize = 2_000;

/// The longest notice whose JSON is kept as received.
const MAX_RAW_BYTES: usize = 1024 * 1024;

const OBJECT: &str = "Digitální objekt";
const NOTICE: &str = "Informace na úřední desce";

/// Reads the notice at `index` of a feed; `None` when there is nothing in it at all.
pub(super) fn notice(
    raw: &RawValue,
    index: usize,
    feed_url: &Url,
    warnings: &mut Warnings,
) -> Option<FeedNotice> {
    if shallow::kind(raw) != shallow::Kind::Object {
        warnings.about(&identity::position(index)).deviates(
            "informace",
            format!("{} není oznámení; položka vynechána", quoted(raw.get())),
        );
        return None;
    }
    let fields = Fields::of(raw);
    let mut report = warnings.about(&label(&fields, index));
    let report = &mut report;

    let iri = iri(&fields, report);
    let url = match fields.value(&key::URL, report) {
        Some(value) => address::address(&value, "url", feed_url, report),
        None => {
            report.deviates("url", "chybí; oznámení nemá odkaz na stránku");
            None
        }
    };
    let title = match fields.value(&key::TITLE, report) {
        Some(value) => {
            text::language_map_or_blank(&value, "název", Shape::Line(MAX_TITLE_CHARS), report)
        }
        None => LanguageMap::new(),
    };
    let description = match fields.value(&key::DESCRIPTION, report) {
        Some(value) => {
            text::language_map(&value, "popis", Shape::Lines(MAX_DESCRIPTION_CHARS), report)
        }
        None => LanguageMap::new(),
    };
    let (posted, relevant_until) = posting(&fields, report);
    let approved = match fields.value(&key::APPROVED, report) {
        Some(value) => time::moment(&value, Edge::Start, "schválení", report),
        None => Moment::Unspecified,
    };
    let (categories, originator) = (categories(&fields, report), originator(&fields, report));
    let mut documents = Documents::new(feed_url, MAX_DOCUMENTS);
    for name in [&key::DOCUMENT, &key::ATTACHMENT] {
        if let Some(value) = fields.value(name, report) {
            documents.take(&value, name, report);
        }
    }
    let (documents, personal_documents) = documents.finish();
    let mut notice = FeedNotice {
        key: FeedKey::Digest([0; 32]),
        iri,
        url,
        title,
        description,
        posted,
        relevant_until,
        approved,
        reference_number: number(&fields, &key::REFERENCE, report).map(ReferenceNumber::new),
        file_number: file_number(&fields, report).map(FileNumber::new),
        revision_mark: number(&fields, &key::REVISION, report),
        categories,
        originator,
        documents,
        channel: Channel::BoardAndWeb,
        personal_data: personal_data(&fields, report) || personal_documents,
        posting_rule: None,
        event: None,
        end_doubts: Vec::new(),
        raw: kept(raw, report),
    };
    take_page_as_document(&fields, &mut notice, report);
    if is_nothing(&notice) {
        report.deviates("informace", "prázdné oznámení; položka vynechána");
        return None;
    }
    check_type(&fields, report);
    check_title(&notice, report);
    check_page(&notice, report);
    other_end::check(&notice, report);
    notice.end_doubts = report.take_end_doubts();
    Some(notice)
}

/// What warnings call the notice while it is being read.
fn label(fields: &Fields<'_>, index: usize) -> String {
    let text = |name| {
        let (raw, _) = fields.raw(name)?;
        let text = match shallow::value(raw)? {
            Value::String(text) => text,
            Value::Object(map) => map.get("cs")?.as_str()?.to_owned(),
            _ => return None,
        };
        let text = text::clean_line(&text);
        (!text.is_empty()).then_some(text)
    };
    text(&key::IRI)
        .or_else(|| text(&key::URL))
        .or_else(|| text(&key::TITLE))
        .unwrap_or_else(|| identity::position(index))
}

fn iri(fields: &Fields<'_>, report: &mut Report<'_>) -> Option<NoticeIri> {
    let value = fields.value(&key::IRI, report)?;
    identifier(&value, report).map(NoticeIri::new)
}

/// An identifier as it is compared: trimmed, freed of control characters and HTML escapes, never resolved.
pub(super) fn identifier(value: &Value, report: &mut Report<'_>) -> Option<String> {
    let (text, odd) = match value {
        Value::String(text) => (text.clone(), None),
        Value::Number(number) => (number.to_string(), Some("číslo")),
        Value::Array(several) => match several.first() {
            Some(Value::String(text)) => (text.clone(), Some("seznam")),
            _ => (String::new(), Some("seznam")),
        },
        other => (String::new(), Some(text::kind(other))),
    };
    let trimmed =
        text.trim_matches(|c: char| c.is_whitespace() || c.is_control() || c == '\u{feff}');
    let plain = address::unescaped(trimmed).replace(char::is_control, "");
    if plain.is_empty() || plain.chars().nth(MAX_IRI_CHARS).is_some() {
        let what = odd.unwrap_or(if plain.is_empty() {
            "prázdný text"
        } else {
            "příliš dlouhý text"
        });
        report.deviates("iri", format!("{what} místo identifikátoru; vynecháno"));
        return None;
    }
    if let Some(odd) = odd {
        report.tidied("iri", format!("{odd} místo textu; přečteno"));
    }
    if plain != text {
        report.tidied(
            "iri",
            "mezery kolem identifikátoru, řídicí znaky nebo entity HTML odstraněny",
        );
    }
    if !plain.contains(':') {
        report.tidied(
            "iri",
            format!("{} není úplné IRI; ponecháno", quoted(&plain)),
        );
    }
    Some(plain)
}

/// *Vyvěšení* and *relevantní do*, also from the interval that the draft before 2021 had in their place.
fn posting(fields: &Fields<'_>, report: &mut Report<'_>) -> (Moment, Moment) {
    let posted = fields.value(&key::POSTED, report);
    let interval = posted.as_ref().and_then(time::interval);
    let (begin, interval_end) = match interval {
        Some((begin, end)) => {
            report.tidied("vyvěšení", "časový interval; přečten jeho začátek a konec");
            (begin, end)
        }
        None => (posted.as_ref(), None),
    };
    let posted = match begin {
        Some(value) => time::moment(value, Edge::Start, "vyvěšení", report),
        None => {
            report.deviates("vyvěšení", "chybí; bráno jako nespecifikované");
            Moment::Unspecified
        }
    };
    let until = fields.value(&key::UNTIL, report);
    let ends: Vec<Moment> = [until.as_ref(), interval_end]
        .into_iter()
        .flatten()
        .map(|value| time::moment(value, Edge::End, "relevantní_do", report))
        .collect();
    if ends.is_empty() {
        report.deviates("relevantní_do", "chybí; bráno jako nespecifikované");
    }
    let until = Edge::End.of_several(&ends, "relevantní_do", report);
    if let (Some(start), Some(end)) = (posted.start(), until.end())
        && end <= start
    {
        report.doubts_end(
            "relevantní_do",
            "konec je před vyvěšením; ponechán, oznámení zůstane vyvěšeno, dokud ho zdroj neopraví nebo nestáhne",
        );
    }
    let years = posted.date().zip(until.date());
    if let Some(years) = years.map(|(start, end)| end.year() - start.year())
        && years > MAX_LIKELY_YEARS
    {
        report.doubts_end(
            "relevantní_do",
            format!(
                "konec {years} let po vyvěšení není pravděpodobný, zřejmě překlep v roce; ponechán"
            ),
        );
    }
    (posted, until)
}

fn number(fields: &Fields<'_>, name: &key::Name, report: &mut Report<'_>) -> Option<String> {
    let value = fields.value(name, report)?;
    text::plain(&value, name.norm, MAX_NUMBER_CHARS, report)
}

/// *Spisová značka*, before 2021-07-27 within `spis`.
fn file_number(fields: &Fields<'_>, report: &mut Report<'_>) -> Option<String> {
    if let Some(found) = number(fields, &key::FILE_NUMBER, report) {
        return Some(found);
    }
    let value = fields.value(&key::FILE, report)?;
    report.tidied(
        "spisová_značka",
        "zapsána v „spis“ podle staršího znění; přečtena",
    );
    let value = match &value {
        Value::Object(map) => key::FILE_NUMBER.of(map)?,
        other => other,
    };
    text::plain(value, "spisová_značka", MAX_NUMBER_CHARS, report)
}

/// Categories from wherever publishers put them.
fn categories(fields: &Fields<'_>, report: &mut Report<'_>) -> Vec<LanguageMap> {
    let mut categories = Vec::new();
    for name in [&key::AGENDA, &key::CATEGORY] {
        if let Some(value) = fields.value(name, report) {
            category::add(&value, name.norm, &mut categories, report);
        }
    }
    // `"informace": ["Digitální objekt", "<category>"]`: the types under a wrong key, a category among them.
    if let Some((raw, _)) = fields.raw(&key::NOTICES)
        && let Some(Value::Array(types)) = shallow::value(raw)
    {
        for value in types {
            if let Value::String(name) = &value
                && ![OBJECT, NOTICE, ""].contains(&name.trim())
            {
                if category::is_full("agenda", &categories, report) {
                    break;
                }
                report.tidied(
                    "agenda",
                    format!("kategorie {} zapsána v „informace“; přečtena", quoted(name)),
                );
                if let Some(name) = text::plain(&value, "agenda", MAX_NUMBER_CHARS, report) {
                    let name = LanguageMap::czech(name);
                    if !categories.contains(&name) {
                        categories.push(name);
                    }
                }
            }
        }
    }
    categories
}

/// Who issued the notice. Not *subjekt*: that names whom it concerns.
fn originator(fields: &Fields<'_>, report: &mut Report<'_>) -> Option<String> {
    [&key::DEPARTMENT, &key::PROVIDER, &key::AUTHOR]
        .into_iter()
        .find_map(|name| {
            let value = fields.value(name, report)?;
            category::names(&value, name.norm, report)
        })
}

fn personal_data(fields: &Fields<'_>, report: &mut Report<'_>) -> bool {
    let mut is_marked = false;
    for terms in fields.all(&key::TERMS).filter_map(shallow::value) {
        is_marked |= personal_data::terms_say(&terms, report);
    }
    for mark in fields.all(&key::PERSONAL).filter_map(shallow::value) {
        is_marked |= personal_data::is_true(&mark, report);
    }
    is_marked
}

fn kept(raw: &RawValue, report: &mut Report<'_>) -> String {
    if raw.get().len() <= MAX_RAW_BYTES {
        return raw.get().to_owned();
    }
    report.deviates(
        "informace",
        "oznámení je příliš dlouhé; jeho původní zápis se neuchová",
    );
    "{}".to_owned()
}

/// A notice without documents whose address is one gets it as its document.
fn take_page_as_document(fields: &Fields<'_>, notice: &mut FeedNotice, report: &mut Report<'_>) {
    let media_type = fields
        .value(&key::MEDIA_TYPE, report)
        .and_then(|value| document::media_type(&value, "typ_média", report));
    let Some(url) = notice.url.as_ref().filter(|_| notice.documents.is_empty()) else {
        return;
    };
    let is_page = media_type.as_deref().is_none_or(|name| name == "text/html");
    if document::leads_to_document(url) || !is_page {
        report.tidied("url", "vede přímo na dokument; vzat jako dokument oznámení");
        notice.documents.push(super::FeedDocument {
            title: notice.title.clone(),
            url: Some(url.clone()),
            media_type,
        });
    }
}

fn is_nothing(notice: &FeedNotice) -> bool {
    notice.iri.is_none()
        && notice.url.is_none()
        && notice.title.is_blank()
        && notice.description.is_blank()
        && notice.documents.is_empty()
        && notice.posted == Moment::Unspecified
        && notice.relevant_until == Moment::Unspecified
        && notice.reference_number.is_none()
        && notice.file_number.is_none()
}

fn check_type(fields: &Fields<'_>, report: &mut Report<'_>) {
    let right = fields.raw(&key::TYPE).is_some_and(|(raw, _)| {
        let (items, _) = shallow::items(raw, 20);
        let has = |name: &str| {
            items
                .iter()
                .any(|item| shallow::value(item).is_some_and(|value| value == name))
        };
        has(OBJECT) && has(NOTICE)
    });
    if !right {
        report.tidied(
            "typ",
            "chybí nebo není seznamem s „Digitální objekt“ a „Informace na úřední desce“; bráno jako oznámení",
        );
    }
}

fn check_title(notice: &FeedNotice, report: &mut Report<'_>) {
    if notice.title.is_blank() {
        report.deviates("název", "chybí nebo je prázdný; oznámení je bez názvu");
        return;
    }
    let title = notice.title.best(Language::Czech);
    let last = notice
        .documents
        .last()
        .map(|last| last.title.best(Language::Czech));
    if last == Some(title) && notice.documents.len() > 1 {
        report.tidied(
            "název",
            "zní jako název posledního dokumentu, zřejmě chybou zdroje; ponechán",
        );
    } else if document::is_file_name(title) {
        report.tidied("název", "zní jako název souboru; ponechán");
    }
}

fn check_page(notice: &FeedNotice, report: &mut Report<'_>) {
    let is_data = notice.url.as_ref().is_some_and(|url| {
        url.query_pairs()
            .any(|(name, value)| name == "json" && value == "1")
    });
    if is_data {
        report.tidied(
            "url",
            "vede na data (json=1), ne na stránku pro lidi; ponechán",
        );
    }
}
