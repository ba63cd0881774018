//! The town's own web pages: minimal, so that links and QR codes have a target.

use std::fmt::Write as _;

use chrono::{Datelike as _, NaiveDate};
use html_escape::encode_text;

use crate::day::fill_in;
use crate::town::{Notice, SampleTown, Until};

/// The list of the notices posted on `today`.
pub(crate) fn board(town: &SampleTown, today: NaiveDate) -> String {
    let mut body = String::from("<ul>");
    for notice in town
        .notices
        .iter()
        .filter(|notice| is_posted(notice, today))
    {
        let _ = write!(
            body,
            "<li><a href=\"/deska/{}\">{}</a><br><small>{}</small></li>",
            notice.id,
            encode_text(&fill_in(&notice.title, today)),
            dates(notice, today)
        );
    }
    body.push_str("</ul>");
    page(&town.facts.board_name, &town.facts.name, &body)
}

/// One notice.
pub(crate) fn notice(town: &SampleTown, notice: &Notice, today: NaiveDate) -> String {
    let title = fill_in(&notice.title, today);
    let mut body = format!(
        "<p>{}<br>{}</p>",
        encode_text(&notice.department),
        dates(notice, today)
    );
    if let Some(number) = &notice.reference_number {
        let _ = write!(body, "<p>č. j. {}</p>", encode_text(number));
    }
    if let Some(text) = &notice.description {
        let _ = write!(body, "<p>{}</p>", encode_text(&fill_in(text, today)));
    }
    body.push_str("<ul>");
    for attachment in &notice.documents {
        let _ = write!(
            body,
            "<li><a href=\"/dokumenty/{}\">{}</a></li>",
            attachment.file,
            encode_text(&attachment.name)
        );
    }
    body.push_str("</ul><p><a href=\"/deska\">Celá úřední deska</a></p>");
    page(&title, &town.facts.name, &body)
}

fn is_posted(notice: &Notice, today: NaiveDate) -> bool {
    notice.posted_day.on(today) <= today
        && match notice.until {
            Until::Day(day) => today <= day.on(today),
            Until::Unspecified => true,
        }
}

fn dates(notice: &Notice, today: NaiveDate) -> String {
    let czech = |date: NaiveDate| format!("{}. {}. {}", date.day(), date.month(), date.year());
    let posted = czech(notice.posted_day.on(today));
    match notice.until {
        Until::Day(day) => format!("vyvěšeno {posted}, do {} včetně", czech(day.on(today))),
        Until::Unspecified => format!("vyvěšeno {posted}, do odvolání"),
    }
}

fn page(title: &str, town: &str, body: &str) -> String {
    let (title, town) = (encode_text(title), encode_text(town));
    format!(
        "<!doctype html><html lang=\"cs\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>{title} – {town}</title><style>body{{font:1.1em/1.5 sans-serif;max-width:46em;margin:1em auto;padding:0 1em}}\
         li{{margin:.5em 0}}</style><p>{town}</p><h1>{title}</h1>{body}</html>"
    )
}
