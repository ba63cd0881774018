//! One board and who runs it.

use serde_json::value::RawValue;
use serde_json::{Map, Value};
use url::Url;

use super::decode::Decoded;
use super::identity::{self, Home};
use super::key::{self, Fields};
use super::report::{Report, Warnings, quoted};
use super::salvage::LostPart;
use super::shallow::{self, Kind};
use super::text::{self, Shape};
use super::{FeedBoard, FeedKey, MAX_TITLE_CHARS, Operator, UnreadPart, address, notice};
use crate::id::{BoardIri, NoticeIri};
use crate::language::{Language, LanguageMap};

/// What `@context` has to be.
pub(super) const CONTEXT: &str =
    "https://ofn.gov.cz/úřední-desky/2021-07-20/kontexty/úřední-deska.jsonld";

/// What `typ` of a board has to be.
pub(super) const BOARD: &str = "Úřední deska";

/// How many notices of one part that could not be read are named.
const MAX_NAMED_LOST: usize = 20;

/// A board as found in a feed, not yet read.
#[derive(Debug, Default)]
pub(super) struct Found<'a> {
    /// The object that describes the board, where there is one.
    pub(super) header: Option<Fields<'a>>,
    /// Notices that stand beside the header rather than in it.
    pub(super) beside: Vec<&'a RawValue>,
}

/// Reads one board; takes the number of its notices off `budget`.
pub(super) fn board(
    found: &Found<'_>,
    feed_url: &Url,
    decoded: &Decoded<'_>,
    budget: &mut usize,
) -> FeedBoard {
    let mut warnings = Warnings::default();
    decoded.report(&mut warnings.about_board());
    let unread = decoded
        .lost
        .iter()
        .map(|part| unread(part, &mut warnings))
        .collect();
    let without = Fields::default();
    let fields = found.header.as_ref().unwrap_or(&without);
    let mut report = warnings.about_board();
    if found.header.is_some() {
        check_context(fields, &mut report);
        check_type(fields, &mut report);
    }
    let iri = iri(fields, feed_url, &mut report);
    let name = match fields.value(&key::TITLE, &mut report) {
        Some(value) => {
            text::language_map(&value, "název", Shape::Line(MAX_TITLE_CHARS), &mut report)
        }
        None => LanguageMap::new(),
    };
    let page = match page(fields, &mut report) {
        Some(value) => address::address(&value, "stránka", feed_url, &mut report),
        None => {
            report.deviates("stránka", "chybí; deska nemá odkaz na stránku");
            None
        }
    };
    let operator = operator(fields, &mut report);
    let raw_notices = raw_notices(fields, found, budget, &mut report);
    let mut notices: Vec<_> = raw_notices
        .iter()
        .enumerate()
        .filter_map(|(index, raw)| notice::notice(raw, index, feed_url, &mut warnings))
        .collect();
    let home = Home {
        iri: &iri,
        page: page.as_ref(),
        feed_url,
    };
    identity::assign(&mut notices, home, &mut warnings);
    FeedBoard {
        iri,
        name,
        page,
        operator,
        notices,
        unread,
        warnings: warnings.finish(),
    }
}

/// What could not be read, with a warning for each notice in it that names it, by its title or identifier, and its lines.
fn unread(part: &LostPart, warnings: &mut Warnings) -> UnreadPart {
    let (first, last) = part.lines;
    let lines = if first == last {
        format!("na řádku {first}")
    } else {
        format!("na řádcích {first} až {last}")
    };
    let mut titles = Vec::new();
    let mut names = Vec::new();
    for (title, is_own) in &part.titles {
        let mut unsaid = Warnings::default();
        let shape = Shape::Line(MAX_TITLE_CHARS);
        let title = text::language_map(title, "název", shape, &mut unsaid.about_board());
        if title.is_blank() {
            continue;
        }
        if *is_own && names.len() < MAX_NAMED_LOST {
            names.push(title.best(Language::Czech).to_owned());
        }
        titles.push(title);
    }
    if names.is_empty() {
        let identifiers = part.identifiers.iter().flatten().take(MAX_NAMED_LOST);
        names.extend(identifiers.filter_map(|one| one.as_str().map(str::to_owned)));
    }
    let message = format!("{lines} není platný JSON; nepřečteno, platí poslední přečtená podoba");
    for name in &names {
        warnings.about(name).deviates(key::NOTICES.norm, &*message);
    }
    let mut report = match names.first() {
        Some(name) => warnings.about(name),
        None => warnings.about_board(),
    };
    if names.is_empty() {
        report.deviates(key::NOTICES.norm, message);
    }
    let keys = part.identifiers.as_ref().and_then(|identifiers| {
        identifiers
            .iter()
            .map(|value| notice::identifier(value, &mut report))
            .map(|iri| iri.map(|iri| FeedKey::Iri(NoticeIri::new(iri))))
            .collect()
    });
    UnreadPart {
        lines: part.lines,
        names,
        titles,
        keys,
    }
}

fn check_context(fields: &Fields<'_>, report: &mut Report<'_>) {
    match fields.raw(&key::CONTEXT) {
        Some((raw, "@context")) => {
            if !shallow::value(raw).is_some_and(|value| value == CONTEXT) {
                report.tidied("@context", "není kontextem normy; čteno podle názvů klíčů");
            }
        }
        Some((_, key)) => report.tidied(
            "@context",
            format!("místo něj {}; čteno podle názvů klíčů", quoted(key)),
        ),
        None => report.tidied("@context", "chybí; čteno podle názvů klíčů"),
    }
}

fn check_type(fields: &Fields<'_>, report: &mut Report<'_>) {
    if !is_typed(fields, BOARD) {
        report.tidied("typ", "chybí nebo není „Úřední deska“; bráno jako deska");
    }
}

/// Whether `typ` is or holds `name`.
pub(super) fn is_typed(fields: &Fields<'_>, name: &str) -> bool {
    match fields
        .raw(&key::TYPE)
        .and_then(|(raw, _)| shallow::value(raw))
    {
        Some(Value::String(found)) => found == name,
        Some(Value::Array(several)) => several.iter().any(|found| found == name),
        _ => false,
    }
}

fn iri(fields: &Fields<'_>, feed_url: &Url, report: &mut Report<'_>) -> BoardIri {
    let given = match fields.value(&key::IRI, report) {
        Some(value) => notice::identifier(&value, report),
        None => {
            report.deviates("iri", "deska nemá identifikátor; vzata adresa zdroje");
            None
        }
    };
    BoardIri::new(given.unwrap_or_else(|| feed_url.to_string()))
}

/// *Stránka*, which the draft before 2021 called `url`.
fn page(fields: &Fields<'_>, report: &mut Report<'_>) -> Option<Value> {
    fields.value(&key::PAGE, report).or_else(|| {
        let value = fields.value(&key::URL, report)?;
        report.tidied("stránka", "zapsána pod klíčem „url“; přečtena");
        Some(value)
    })
}

fn operator(fields: &Fields<'_>, report: &mut Report<'_>) -> Option<Operator> {
    let Some(mut value) = fields.value(&key::OPERATOR, report) else {
        report.deviates("provozovatel", "chybí; není známo, čí deska to je");
        return None;
    };
    if let Value::Array(several) = &mut value
        && !several.is_empty()
    {
        report.tidied(
            "provozovatel",
            "seznam místo jednoho objektu; vzat první prvek",
        );
        value = several.swap_remove(0);
    }
    let operator = match &value {
        Value::Object(map) => operator_of(map, report),
        Value::String(_) | Value::Number(_) => {
            report.tidied("provozovatel", "prostý text místo objektu; přečten");
            let mut operator = Operator::default();
            match ico(&value, &mut Warnings::default().about_board()) {
                Some(ico) => operator.ico = Some(ico),
                None => {
                    operator.name = text::plain(&value, "provozovatel", MAX_TITLE_CHARS, report)
                        .map(LanguageMap::czech)
                        .unwrap_or_default();
                }
            }
            operator
        }
        other => {
            report.deviates(
                "provozovatel",
                format!("{} místo objektu; vynecháno", text::kind(other)),
            );
            return None;
        }
    };
    if operator == Operator::default() {
        report.deviates(
            "provozovatel",
            "není v něm ičo, identifikátor_ovm ani název; vynechán",
        );
        return None;
    }
    Some(operator)
}

fn operator_of(map: &Map<String, Value>, report: &mut Report<'_>) -> Operator {
    Operator {
        ico: key::ICO.of(map).and_then(|value| ico(value, report)),
        ovm: key::OVM
            .of(map)
            .and_then(|value| text::plain(value, "provozovatel.identifikátor_ovm", 100, report)),
        name: key::TITLE
            .of(map)
            .map(|value| {
                text::language_map(
                    value,
                    "provozovatel.název",
                    Shape::Line(MAX_TITLE_CHARS),
                    report,
                )
            })
            .unwrap_or_default(),
    }
}

/// Eight digits; leading zeros lost on the way are put back.
fn ico(value: &Value, report: &mut Report<'_>) -> Option<String> {
    let written = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    };
    let digits: String = written.chars().filter(|c| !c.is_whitespace()).collect();
    if digits.is_empty() || digits.len() > 8 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        report.deviates(
            "provozovatel.ičo",
            format!("{} není IČO; vynecháno", quoted(&written)),
        );
        return None;
    }
    let ico = format!("{digits:0>8}");
    if !value.is_string() || ico != written {
        report.tidied(
            "provozovatel.ičo",
            format!("nebylo textem o osmi číslicích; přečteno jako {ico}"),
        );
    }
    Some(ico)
}

/// The notices in and beside the header, as many as the budget allows.
fn raw_notices<'a>(
    fields: &Fields<'a>,
    found: &Found<'a>,
    budget: &mut usize,
    report: &mut Report<'_>,
) -> Vec<&'a RawValue> {
    let (mut notices, mut left_out) = (Vec::new(), 0);
    match fields.raw(&key::NOTICES) {
        Some((_, key)) => {
            if key != key::NOTICES.norm {
                let message = if key == "oznámení" {
                    "zapsány v „oznámení“ podle návrhu normy z doby před rokem 2021; přečteny"
                        .to_owned()
                } else {
                    format!("zapsány pod klíčem {}; přečteny", quoted(key))
                };
                report.deviates("informace", message);
            }
            let lists = fields.repeated(&key::NOTICES);
            if lists.len() > 1 {
                report.deviates(
                    "informace",
                    format!(
                        "klíč {} je uveden {}×; přečteny všechny seznamy",
                        quoted(key),
                        lists.len()
                    ),
                );
            }
            for raw in lists {
                let (more, beyond) = listed(raw, budget.saturating_sub(notices.len()), report);
                notices.extend(more);
                left_out += beyond;
            }
        }
        None if found.beside.is_empty() => {
            report.deviates("informace", "chybí; deska je bez oznámení");
        }
        None => {}
    }
    if !found.beside.is_empty() {
        report.deviates(
            "informace",
            "oznámení stojí vedle desky, ne v ní; přečtena jako její",
        );
        let room = budget.saturating_sub(notices.len());
        notices.extend(found.beside.iter().take(room));
        left_out += found.beside.len().saturating_sub(room);
    }
    if left_out > 0 {
        report.deviates(
            "informace",
            format!("příliš mnoho oznámení; {left_out} posledních vynecháno"),
        );
    }
    *budget = budget.saturating_sub(notices.len());
    notices
}

fn listed<'a>(
    raw: &'a RawValue,
    max: usize,
    report: &mut Report<'_>,
) -> (Vec<&'a RawValue>, usize) {
    match shallow::kind(raw) {
        Kind::Array => shallow::items(raw, max),
        Kind::Object => {
            let fields = Fields::of(raw);
            let is_list = !fields.has(&key::TITLE)
                && !fields.has(&key::IRI)
                && fields
                    .values()
                    .all(|value| shallow::kind(value) == Kind::Object);
            if fields.is_empty() {
                report.deviates(
                    "informace",
                    "prázdný objekt místo seznamu; deska je bez oznámení",
                );
                (Vec::new(), 0)
            } else if is_list {
                report.tidied("informace", "objekt místo seznamu; přečteny jeho hodnoty");
                let values: Vec<_> = fields.values().take(max).collect();
                let left_out = fields.values().count() - values.len();
                (values, left_out)
            } else {
                report.tidied("informace", "jediný objekt místo seznamu; přečten");
                (vec![raw], 0)
            }
        }
        Kind::Null => {
            report.deviates("informace", "null místo seznamu; deska je bez oznámení");
            (Vec::new(), 0)
        }
        Kind::Text | Kind::Other => {
            report.deviates(
                "informace",
                format!("{} místo seznamu; deska je bez oznámení", quoted(raw.get())),
            );
            (Vec::new(), 0)
        }
    }
}
