//! A feed that is almost JSON: its entries are read one by one.
//!
//! One quotation mark without its backslash makes a whole file unreadable, for a real town for fifteen days.
//! So where a text is no JSON, the list of notices is looked for in it and every entry is read by itself.
//! What cannot be read is left out and named, and the rest becomes one text for the usual reader.
//! Where the list or the board around it cannot be told, nothing is salvaged and the poll is held.

use std::ops::Range;

use serde_json::Value;
use serde_json::value::RawValue;

use super::key::{self, Fields, Name};
use super::shallow;

/// How many times the length of the list may be read in search of the entries behind broken ones.
const EFFORT: usize = 16;

/// How many closing brackets from the end are tried as the end of the list.
const MAX_ENDS: usize = 16;

/// How many titles of a lost part are told.
const MAX_TITLES: usize = 100;

/// The longest key that is looked at in a broken entry, in bytes.
const MAX_KEY_BYTES: usize = 64;

/// What could be read of a text that is no JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Salvaged {
    /// One JSON text: all entries that could be read, with the board around them.
    pub(super) text: String,
    /// What could not be read, in the text's order.
    pub(super) lost: Vec<LostPart>,
    /// What else had to be done, in Czech.
    pub(super) notes: Vec<&'static str>,
}

/// A part of a feed that could not be read: an entry, or several where one broke the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LostPart {
    /// Its first and last line, from 1.
    pub(super) lines: (usize, usize),
    /// The titles in it as they stand there, those of documents among them; at most [`MAX_TITLES`].
    pub(super) titles: Vec<Value>,
    /// The identifiers of the notices in it; `None` when not all of them could be told.
    pub(super) identifiers: Option<Vec<Value>>,
}

/// Reads the entries of a text that is no JSON; `None` when no list of notices can be told in it.
pub(super) fn salvage(original: &str) -> Option<Salvaged> {
    // One byte for one, so that every place stays where it is.
    let text = original.replace(|c: char| c < ' ', " ");
    let mut notes = Vec::new();
    if is_json(&text) {
        notes.push("v textech jsou řídicí znaky nebo konce řádků; nahrazeny mezerami");
        return Some(Salvaged {
            text,
            lost: Vec::new(),
            notes,
        });
    }
    let list = List::find(&text)?;
    let mut entries = list.entries(&text);
    if entries.read.is_empty() {
        return None;
    }
    let head = &text[..list.open];
    let is_end = |end: usize| is_json(&format!("{head}[]{}", &text[end + 1..]));
    if let (None, Some(last)) = (entries.end, entries.lost.last_mut()) {
        let ends = text.rmatch_indices(']').take(MAX_ENDS).map(|(at, _)| at);
        entries.end = ends.filter(|at| last.contains(at)).find(|at| is_end(*at));
        last.end = entries.end.unwrap_or(last.end);
    }
    let rest = entries.end.filter(|end| is_end(*end));
    if entries.has_odd_commas {
        notes.push("mezi oznámeními chybí nebo přebývá čárka; přečteno");
    }
    let read: Vec<&str> = entries
        .read
        .iter()
        .map(|entry| &text[entry.clone()])
        .collect();
    let tail = rest.map_or(list.closing, |end| &text[end + 1..]);
    let salvaged = format!("{head}[{}]{tail}", read.join(","));
    let board = Fields::of(serde_json::from_str(&salvaged).ok()?);
    // What names the board may have stood in what is left out.
    if rest.is_none() && !list.holds_boards && !board.has(&key::IRI) {
        return None;
    }
    let mut lost: Vec<LostPart> = entries
        .lost
        .iter()
        .map(|part| lost_part(original, &text, part))
        .collect();
    if list.holds_boards && lost.iter().any(|part| part.identifiers.is_none()) {
        return None;
    }
    if rest.is_none() {
        notes
            .push("soubor nekončí jako seznam oznámení; co v něm chybí, zůstává v poslední podobě");
        let first = line_of(original, entries.end.unwrap_or(original.len()));
        let last = line_of(original, original.trim_end().len());
        lost.push(LostPart {
            // Nothing but empty lines may follow the last entry.
            lines: (first.min(last), last),
            titles: Vec::new(),
            identifiers: None,
        });
    }
    Some(Salvaged {
        text: salvaged,
        lost,
        notes,
    })
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<&RawValue>(text).is_ok()
}

/// Where the list of a feed's entries is.
#[derive(Debug)]
struct List {
    /// The place of its opening bracket.
    open: usize,
    /// What has to follow its closing bracket at least.
    closing: &'static str,
    /// Whether the entries may be boards, and not notices alone.
    holds_boards: bool,
}

/// The entries of a list, as places in the text.
#[derive(Debug, Default)]
struct Entries {
    read: Vec<Range<usize>>,
    lost: Vec<Range<usize>>,
    /// The place of the list's closing bracket, where it was come to.
    end: Option<usize>,
    has_odd_commas: bool,
}

impl List {
    /// The list at the top, else the first one under a key for notices or `@graph`.
    fn find(text: &str) -> Option<Self> {
        let start = text.len() - text.trim_start().len();
        match text.as_bytes().get(start)? {
            b'[' => Some(Self {
                open: start,
                closing: "",
                holds_boards: true,
            }),
            b'{' => keys(text, start..text.len())
                .filter(|(_, value)| text[*value..].starts_with('['))
                .find_map(|(key, open)| {
                    let holds_boards = key::GRAPH.is(&key);
                    (holds_boards || key::NOTICES.is(&key)).then_some(Self {
                        open,
                        closing: "}",
                        holds_boards,
                    })
                }),
            _ => None,
        }
    }

    fn entries(&self, text: &str) -> Entries {
        let mut entries = Entries::default();
        let mut effort = EFFORT * (text.len() - self.open);
        let mut at = self.open + 1;
        loop {
            let (next, commas) = after_commas(text, at);
            at = next;
            match text.as_bytes().get(at) {
                None => return entries,
                Some(b']') => {
                    entries.has_odd_commas |= commas > 0;
                    entries.end = Some(at);
                    return entries;
                }
                Some(_) => {}
            }
            let is_first = entries.read.is_empty() && entries.lost.is_empty();
            entries.has_odd_commas |= commas != usize::from(!is_first);
            // Behind an entry closed too early its own next key follows.
            let end = value_at(text, at).ok().filter(|end| {
                let (next, _) = after_commas(text, *end);
                matches!(text.as_bytes().get(next), None | Some(b'{' | b']'))
            });
            let Some(end) = end else {
                let Some(next) = next_notice(text, text.ceil_char_boundary(at + 1), &mut effort)
                else {
                    entries.lost.push(at..text.len());
                    return entries;
                };
                entries.lost.push(at..next);
                // The comma before it was read over with the lost part.
                let notice = value_at(text, next).unwrap_or(next);
                entries.read.push(next..notice);
                at = notice;
                continue;
            };
            entries.read.push(at..end);
            at = end;
        }
    }
}

/// The next place that is neither a space nor a comma, and how many commas lay before it.
fn after_commas(text: &str, at: usize) -> (usize, usize) {
    let rest = &text[at..];
    let found = rest.trim_start_matches([' ', ',']);
    let skipped = &rest[..rest.len() - found.len()];
    (at + skipped.len(), skipped.matches(',').count())
}

/// The end of the value at `at`, or the place up to which it is none.
fn value_at(text: &str, at: usize) -> Result<usize, usize> {
    let mut values = serde_json::Deserializer::from_str(&text[at..]).into_iter::<&RawValue>();
    match values.next() {
        Some(Ok(_)) => Ok(at + values.byte_offset()),
        // There are no line ends, so the column is the place.
        Some(Err(error)) => Err(at + error.column()),
        None => Err(at),
    }
}

/// The place of the next object from `at` on that is a notice; takes what was read off `effort`.
fn next_notice(text: &str, mut at: usize, effort: &mut usize) -> Option<usize> {
    loop {
        at += text[at..].find('{')?;
        let end = value_at(text, at);
        let (Ok(place) | Err(place)) = end;
        *effort = effort.checked_sub(place - at)?;
        match end {
            Ok(end) if is_notice(&text[at..end]) => return Some(at),
            Ok(end) => at = end,
            Err(_) => at += 1,
        }
    }
}

fn is_notice(object: &str) -> bool {
    serde_json::from_str(object).is_ok_and(|raw| {
        let fields = Fields::of(raw);
        fields.has(&key::POSTED) || fields.has(&key::UNTIL)
    })
}

/// What can be told of a part that could not be read.
fn lost_part(original: &str, text: &str, part: &Range<usize>) -> LostPart {
    let mut titles = Vec::new();
    let mut identifiers = Vec::new();
    let (mut posted, mut until) = (0_usize, 0_usize);
    for (key, at) in keys(text, part.clone()) {
        let is = |name: &Name| name.is(&key);
        if is(&key::POSTED) {
            posted += 1;
        } else if is(&key::UNTIL) {
            until += 1;
        } else if is(&key::IRI) {
            identifiers.extend(value(text, at, part.end));
        } else if titles.len() < MAX_TITLES && is(&key::TITLE) {
            titles.extend(value(text, at, part.end));
        }
    }
    let is_whole = posted.max(until) == identifiers.len() && !identifiers.is_empty();
    let end = part.start + text[part.clone()].trim_end_matches([' ', ',']).len();
    LostPart {
        lines: (line_of(original, part.start), line_of(original, end)),
        titles,
        identifiers: is_whole.then_some(identifiers),
    }
}

/// Every text in `range` that a colon follows, with the place of its value.
///
/// A missing quotation mark turns texts inside out, so one is tried at each mark and not at every second.
fn keys(text: &str, range: Range<usize>) -> impl Iterator<Item = (String, usize)> {
    text[range.clone()]
        .match_indices('"')
        .filter_map(move |(offset, _)| {
            let start = range.start + offset;
            let limit = text.floor_char_boundary(range.end.min(start + MAX_KEY_BYTES));
            let mut texts = serde_json::Deserializer::from_str(&text[start..limit]).into_iter();
            let key: String = texts.next()?.ok()?;
            let rest = text[start + texts.byte_offset()..range.end].trim_start();
            let value = rest.strip_prefix(':')?.trim_start();
            Some((key, range.end - value.len()))
        })
}

/// The value at `at`, where it can be read; one that a mark in it cut short is followed by its rest.
fn value(text: &str, at: usize, limit: usize) -> Option<Value> {
    let end = value_at(&text[..limit], at).ok()?;
    let is_ended = text[end..limit].trim_start().starts_with([',', '}', '"']);
    let raw = serde_json::from_str(&text[at..end]).ok()?;
    is_ended.then(|| shallow::value(raw)).flatten()
}

/// The line of a place, from 1.
fn line_of(text: &str, at: usize) -> usize {
    1 + text.as_bytes()[..at]
        .iter()
        .filter(|byte| **byte == b'\n')
        .count()
}
