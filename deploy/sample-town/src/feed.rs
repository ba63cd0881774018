//! The town's notices as the JSON-LD of the open formal norm "Úřední desky" of 2021-07-20.

use chrono::{NaiveDate, NaiveTime, SecondsFormat, TimeZone as _};
use chrono_tz::Europe::Prague;
use serde_json::{Map, Value, json};

use crate::day::fill_in;
use crate::town::{Notice, SampleTown, Until};

const CONTEXT: &str = "https://ofn.gov.cz/úřední-desky/2021-07-20/kontexty/úřední-deska.jsonld";

/// The whole feed as it is on `today`, with links below `base` (`http://127.0.0.1:8040`).
#[must_use]
pub fn feed(town: &SampleTown, today: NaiveDate, base: &str) -> Value {
    let facts = &town.facts;
    json!({
        "@context": CONTEXT,
        "typ": "Úřední deska",
        "iri": facts.iri,
        "název": { "cs": facts.board_name },
        "stránka": format!("{base}/deska"),
        "provozovatel": { "typ": "Osoba", "ičo": facts.ico, "název": { "cs": facts.name } },
        "umístění": { "typ": "Umístění", "název": { "cs": facts.place } },
        "informace": town.notices.iter().map(|notice| entry(town, notice, today, base)).collect::<Vec<_>>(),
    })
}

fn entry(town: &SampleTown, notice: &Notice, today: NaiveDate, base: &str) -> Value {
    let mut entry = Map::new();
    let mut put = |key: &str, value: Value| entry.insert(key.to_owned(), value);
    put(
        "typ",
        json!(["Digitální objekt", "Informace na úřední desce"]),
    );
    put("iri", json!(format!("{}/{}", town.facts.iri, notice.id)));
    put("url", json!(format!("{base}/deska/{}", notice.id)));
    put("název", json!({ "cs": fill_in(&notice.title, today) }));
    put(
        "vyvěšení",
        moment(notice.posted_day.on(today), notice.posted_time),
    );
    put(
        "relevantní_do",
        match notice.until {
            Until::Day(day) => moment(day.on(today), notice.until_time),
            Until::Unspecified => json!({ "typ": "Časový okamžik", "nespecifikovaný": true }),
        },
    );
    if let Some(number) = &notice.reference_number {
        put("číslo_jednací", json!(number));
    }
    if let Some(mark) = &notice.file_mark {
        put("spisová_značka", json!(mark));
    }
    if let Some(text) = &notice.description {
        put("popis", json!({ "cs": fill_in(text, today) }));
    }
    if notice.personal_data {
        let terms = json!({ "typ": "Podmínky užití", "obsahuje_osobní_údaje": true });
        put("podmínky_užití", terms);
    }
    put("odbor", json!(notice.department));
    let agendas = notice
        .agenda
        .iter()
        .map(|name| json!({ "typ": "Agenda", "název": { "cs": name } }));
    put("agenda", agendas.collect());
    if !notice.documents.is_empty() {
        let documents = notice.documents.iter().map(|attachment| {
            json!({
                "typ": "Digitální objekt",
                "název": { "cs": attachment.name },
                "url": format!("{base}/dokumenty/{}", attachment.file),
                "typ_média": format!("http://www.iana.org/assignments/media-types/{}", media_type(&attachment.file)),
            })
        });
        put("dokument", documents.collect());
    }
    Value::Object(entry)
}

/// A moment of the norm: a date, or an instant with the zone's offset that day.
fn moment(date: NaiveDate, time: Option<NaiveTime>) -> Value {
    let instant = time.and_then(|time| Prague.from_local_datetime(&date.and_time(time)).earliest());
    match instant {
        Some(instant) => json!({
            "typ": "Časový okamžik",
            "datum_a_čas": instant.to_rfc3339_opts(SecondsFormat::Secs, false),
        }),
        None => json!({ "typ": "Časový okamžik", "datum": date.to_string() }),
    }
}

/// The media type that a file's name promises.
#[must_use]
pub fn media_type(file: &str) -> &'static str {
    match file.rsplit_once('.').map(|(_, ending)| ending) {
        Some("pdf") => "application/pdf",
        Some("jpg") => "image/jpeg",
        Some("png") => "image/png",
        Some("tif") => "image/tiff",
        Some("docx") => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        _ => "application/octet-stream",
    }
}
