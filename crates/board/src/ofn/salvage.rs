//! A feed that is almost JSON: its entries are read one by one.
//!
//! One quotation mark without its backslash makes a whole file unreadable, for a real town for fifteen days.
//! So where a text is no JSON, the list of notices is looked for in it and every entry is read by itself.
//! What cannot be read is left out and named, and the rest becomes one text for the usual reader.
//! Where the list or the board around it cannot be told, nothing is salvaged and the poll is held.
//!
//! A broken entry holds objects of its own, which are no entries whatever they look like. The next entry is behind the
//! fault, and from it on one object follows another to the end of the list, or to the next broken entry. That is so in a
//! list of whole notices within the entry, too, where the file is cut off behind it: until that list is closed, whatever
//! is in it is none of the feed's entries.

use std::ops::Range;

use serde_json::Value;
use serde_json::value::RawValue;

use super::key::{self, Fields, Name};
use super::shallow;

/// How many times the length of the list may be read in search of the entries behind broken ones, and that of a lost part
/// in search of what is told of it.
const EFFORT: usize = 16;

/// How many closing brackets from the end are tried as the end of the list.
const MAX_ENDS: usize = 16;

/// How many titles of a lost part are told.
const MAX_TITLES: usize = 100;

/// The longest key that is looked at in a broken entry, in bytes.
const MAX_KEY_BYTES: usize = 64;

/// The longest title or identifier that is looked at in a broken entry, in bytes.
const MAX_VALUE_BYTES: usize = 64 * 1024;

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
    /// The titles in it as they stand there, at most [`MAX_TITLES`], and whether each is a notice's and not a document's.
    pub(super) titles: Vec<(Value, bool)>,
    /// The identifiers of the notices in it; `None` when not all of them could be told.
    pub(super) identifiers: Option<Vec<Value>>,
}

/// Reads the entries of a text that is no JSON; `None` when no list of notices can be told in it.
pub(super) fn salvage(original: &str) -> Option<Salvaged> {
    let text = without_control_characters(original);
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
    let is_end = |end: usize| list.closes(&text, end).is_ok();
    if let (None, Some(last)) = (entries.end, entries.lost.last_mut()) {
        let ends = text.rmatch_indices(']').take(MAX_ENDS).map(|(at, _)| at);
        entries.end = ends.filter(|at| last.contains(at) && is_end(*at)).last();
        last.end = entries.end.unwrap_or(last.end);
    }
    let rest = entries.end.filter(|end| is_end(*end));
    if entries.has_odd_marks {
        notes.push("mezi oznámeními chybí nebo přebývá čárka či závorka; přečteno");
    }
    let read: Vec<&str> = entries
        .read
        .iter()
        .map(|entry| &text[entry.clone()])
        .collect();
    let tail = match rest {
        Some(end) => &text[end + 1..],
        None if list.is_in_object => "}",
        None => "",
    };
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

/// The text with a space for each control character, or a delete where it stands within a word: JSON has that in texts,
/// and whatever reads a word leaves it out.
///
/// One byte for one, so that every place stays where it is.
fn without_control_characters(text: &str) -> String {
    let is_control = |c: char| c < ' ';
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(is_control) {
        plain.push_str(&rest[..at]);
        let behind = rest[at..].trim_start_matches(is_control);
        let is_of_word = |c: char| !" ,:[]{}\"".contains(c);
        let is_within = plain.ends_with(is_of_word) && behind.starts_with(is_of_word);
        let count = rest.len() - at - behind.len();
        plain.extend(std::iter::repeat_n(
            if is_within { '\u{7f}' } else { ' ' },
            count,
        ));
        rest = behind;
    }
    plain.push_str(rest);
    plain
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<&RawValue>(text).is_ok()
}

/// Where the list of a feed's entries is.
#[derive(Debug)]
struct List {
    /// The place of its opening bracket.
    open: usize,
    /// Whether an object is around it, and not the file's end behind it.
    is_in_object: bool,
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
    /// Whether a comma or another mark between entries is missing or too much.
    has_odd_marks: bool,
}

impl List {
    /// The list at the top, else the first one under a key for notices or `@graph`.
    fn find(text: &str) -> Option<Self> {
        let start = text.len() - text.trim_start().len();
        match text.as_bytes().get(start)? {
            b'[' => Some(Self {
                open: start,
                is_in_object: false,
                holds_boards: true,
            }),
            b'{' => keys(text, start..text.len())
                .filter(|(_, value)| text[*value..].starts_with('['))
                .find_map(|(key, open)| {
                    let holds_boards = key::GRAPH.is(&key);
                    (holds_boards || key::NOTICES.is(&key)).then_some(Self {
                        open,
                        is_in_object: true,
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
            let Some(first) = text.as_bytes().get(at) else {
                return entries;
            };
            if *first == b']' && self.closes(text, at).is_ok() {
                entries.has_odd_marks |= commas > 0;
                entries.end = Some(at);
                return entries;
            }
            let is_first = entries.read.is_empty() && entries.lost.is_empty();
            entries.has_odd_marks |= commas != usize::from(!is_first);
            let value = value_at(text, at);
            if let Ok(end) = value
                && is_entry(text, at..end)
            {
                entries.read.push(at..end);
                at = end;
                continue;
            }
            let (fault, from) = match (first, value) {
                (b'{', Ok(end)) => (end, end),
                (b'{', Err(place)) => (place, before_fault(text, at, place)),
                _ => (at, text.ceil_char_boundary(at + 1)),
            };
            let mut others = match entries.read.last() {
                Some(other) => keys(text, other.clone()),
                None => keys(text, at..text.floor_char_boundary(fault)),
            };
            let broken = Broken {
                part: at..fault,
                has_identifiers: others.any(|(key, _)| key::IRI.is(&key)),
            };
            let next = self.next_entry(text, &broken, from, &mut effort);
            if next.is_none() && *first == b']' {
                entries.end = Some(at);
                return entries;
            }
            let lost = at..next.unwrap_or(text.len());
            if text[lost.clone()].contains(|c| !" ,:[]{}\"".contains(c)) {
                entries.lost.push(lost);
            } else {
                entries.has_odd_marks = true;
            }
            let Some(next) = next else {
                return entries;
            };
            // The comma before it was read over with what is lost.
            at = value_at(text, next).unwrap_or(text.len());
            entries.read.push(next..at);
        }
    }

    /// Whether the bracket at `at` ends the list: only the other fields of the object around it follow. Otherwise the
    /// place up to which they could be read.
    fn closes(&self, text: &str, at: usize) -> Result<(), usize> {
        let mut at = at + 1;
        loop {
            if !self.is_in_object {
                break;
            }
            at = after_spaces(text, at);
            match text.as_bytes().get(at) {
                Some(b'}') => {
                    at += 1;
                    break;
                }
                Some(b',') => {
                    let (_, value) = key_at(text, after_spaces(text, at + 1)).ok_or(at)?;
                    at = value_at(text, value)?;
                }
                _ => return Err(at),
            }
        }
        let end = after_spaces(text, at);
        if end == text.len() { Ok(()) } else { Err(end) }
    }

    /// The place of the next entry from `from` on, behind a broken one; takes what was read off `effort`.
    fn next_entry(
        &self,
        text: &str,
        broken: &Broken,
        from: usize,
        effort: &mut usize,
    ) -> Option<usize> {
        let mut at = from;
        let mut inner = InnerLists::of(text, broken);
        loop {
            at += text[at..].find('{')?;
            let end = value_at(text, at);
            let (Ok(place) | Err(place)) = end;
            *effort = effort.checked_sub(place - at)?;
            let Ok(end) = end else {
                at = before_fault(text, at, place);
                continue;
            };
            let object = &text[at..end];
            // The value of a key, or the first of a list within the entry.
            let is_inner = text[..at].trim_end_matches(' ').ends_with([':', '[']);
            let is_fault = (at..=at + 1).contains(&broken.part.end);
            let is_inner = is_inner
                || (is_fault && is_rest(&text[broken.part.start..at], object))
                || (broken.has_identifiers && !has_identifier(object))
                || inner.hold(at);
            if is_inner {
                at = end;
                continue;
            }
            match self.behind(text, end, effort)? {
                Behind::End => return Some(at),
                Behind::BrokenEntry if is_notice(object) => return Some(at),
                Behind::BrokenEntry => at = end,
                Behind::RestOfEntry(place) => at = place,
            }
        }
    }

    /// What the objects from `at` on lead to; `None` when reading them was too much effort.
    fn behind(&self, text: &str, mut at: usize, effort: &mut usize) -> Option<Behind> {
        loop {
            (at, _) = after_commas(text, at);
            let (behind, read) = match text.as_bytes().get(at) {
                None => (Some(Behind::BrokenEntry), at),
                Some(b'{') => match value_at(text, at) {
                    Ok(end) => (None, end),
                    Err(place) => (Some(Behind::BrokenEntry), place),
                },
                Some(b']') => match self.closes(text, at) {
                    Ok(()) => (Some(Behind::End), at),
                    Err(place) => (Some(Behind::RestOfEntry(at + 1)), place),
                },
                Some(_) => {
                    let next = text.ceil_char_boundary(at + 1);
                    (Some(Behind::RestOfEntry(next)), at)
                }
            };
            *effort = effort.checked_sub(read - at)?;
            if behind.is_some() {
                return behind;
            }
            at = read;
        }
    }
}

/// An entry that cannot be read.
#[derive(Debug)]
struct Broken {
    /// From its start to the fault.
    part: Range<usize>,
    /// Whether the entry before it, or what could be read of itself, has an identifier: then so has the next one.
    has_identifiers: bool,
}

/// The lists within a broken entry that are not closed yet, by its brackets; those in texts are rare.
#[derive(Debug)]
struct InnerLists<'t> {
    text: &'t str,
    has_identifiers: bool,
    /// The place that was read up to.
    at: usize,
    /// The open brackets, each with its place where it begins a list of objects behind a key.
    open: Vec<Option<usize>>,
    /// The outermost list that was looked at, up to which place, and whether anything in it looks like an entry.
    looked_at: (usize, usize, bool),
}

impl<'t> InnerLists<'t> {
    fn of(text: &'t str, broken: &Broken) -> Self {
        Self {
            text,
            has_identifiers: broken.has_identifiers,
            at: broken.part.start,
            open: Vec::new(),
            looked_at: (0, 0, false),
        }
    }

    /// Whether the object at `at`, which is behind those asked for before, is in a list of such as look like entries.
    fn hold(&mut self, at: usize) -> bool {
        for (offset, byte) in self.text[self.at..at].bytes().enumerate() {
            let place = self.at + offset;
            match byte {
                b'{' => self.open.push(None),
                b'[' => self.open.push(self.is_list(place).then_some(place)),
                b'}' | b']' => drop(self.open.pop()),
                _ => {}
            }
        }
        self.at = at;
        let Some(list) = self.open.iter().copied().flatten().next() else {
            return false;
        };
        let (known, upto, looks_like_entries) = self.looked_at;
        let (upto, before) = match known == list {
            true => (upto, looks_like_entries),
            false => (list, false),
        };
        let is_of_entry = |key: &str| match self.has_identifiers {
            true => key::IRI.is(key),
            false => key::POSTED.is(key) || key::UNTIL.is(key),
        };
        let holds = before || keys(self.text, upto..at).any(|(key, _)| is_of_entry(&key));
        self.looked_at = (list, at, holds);
        holds
    }

    fn is_list(&self, place: usize) -> bool {
        let (before, behind) = self.text.split_at(place);
        before.trim_end_matches(' ').ends_with([':', '"'])
            && behind[1..].trim_start_matches(' ').starts_with('{')
    }
}

/// What objects that follow one another lead to.
#[derive(Debug)]
enum Behind {
    /// The end of the list: they are entries.
    End,
    /// An object that cannot be read, or the end of a file cut off.
    BrokenEntry,
    /// Anything else, so that they are within an entry; it may go on at this place.
    RestOfEntry(usize),
}

/// Whether a value that was read is an entry to its end.
///
/// Behind an object closed too early its own next key follows, or a brace too much where one within it was closed so; the
/// first key is that of an entry that lacks its brace.
fn is_entry(text: &str, value: Range<usize>) -> bool {
    let (next, _) = after_commas(text, value.end);
    let behind = text.as_bytes().get(next);
    match text.as_bytes()[value.start] {
        b'{' if behind == Some(&b'}') => false,
        b'{' => key_at(text, next).is_none_or(|(key, _)| {
            let object = serde_json::from_str(&text[value]).map(shallow::fields);
            object.is_ok_and(|fields| fields.first().is_some_and(|(first, _)| *first == key))
        }),
        b'[' => false,
        _ => matches!(behind, None | Some(b'{' | b']')),
    }
}

/// Whether `object` is what a brace too much cut off the entry that begins with `begun`: it has none of its keys.
fn is_rest(begun: &str, object: &str) -> bool {
    let begun = format!("{}}}", begun.trim_end_matches([' ', ',']));
    let fields = |object| serde_json::from_str(object).map_or_else(|_| Vec::new(), shallow::fields);
    let (begun, rest) = (fields(&begun), fields(object));
    let is_begun = |key| begun.iter().any(|(known, _)| known == key);
    !begun.is_empty() && !rest.iter().any(|(key, _)| is_begun(key))
}

/// From where on the next entry is looked for behind the fault at `place` in the entry at `at`: the last text before it
/// may have lost its closing mark, and run into that entry.
fn before_fault(text: &str, at: usize, place: usize) -> usize {
    let start = at + 1;
    let read = &text[start..text.floor_char_boundary(place).max(start)];
    let mark = read.rmatch_indices('"').nth(1);
    mark.map_or(start, |(mark, _)| start + mark)
}

fn after_spaces(text: &str, at: usize) -> usize {
    text.len() - text[at..].trim_start_matches(' ').len()
}

/// The key at `at` and the place of its value.
fn key_at(text: &str, at: usize) -> Option<(String, usize)> {
    let mut texts = serde_json::Deserializer::from_str(&text[at..]).into_iter();
    let key = texts.next()?.ok()?;
    let colon = after_spaces(text, at + texts.byte_offset());
    let is_key = text[colon..].starts_with(':');
    is_key.then(|| (key, after_spaces(text, colon + 1)))
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

fn has_identifier(object: &str) -> bool {
    serde_json::from_str(object).is_ok_and(|raw| Fields::of(raw).has(&key::IRI))
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
    let (mut named, mut posted, mut until) = (0_usize, 0_usize, 0_usize);
    let mut depths = Depths::of(text, part);
    let mut effort = EFFORT * part.len();
    // Where several brackets are missing, no count of them is right for all entries.
    let mut is_sure = depths.end.abs() <= 1;
    // The end of the last object or list behind a key that could be read: what is in it is no field of an entry.
    let mut inner = part.start;
    for (key, at) in keys(text, part.clone()) {
        let is = |name: &Name| name.is(&key);
        let (is_field, is_inner) = (depths.is_field(at), at < inner);
        if !is_inner && text[at..].starts_with(['{', '[']) {
            inner = end_within(text, at, part.end, &mut effort).unwrap_or(inner);
        }
        if is(&key::TITLE) {
            named += usize::from(is_field && !is_inner);
            if titles.len() < MAX_TITLES
                && let Some(title) = value(text, at, part.end, &mut effort)
            {
                titles.push((title, is_field));
            }
            continue;
        }
        let (is_posted, is_until, is_iri) = (is(&key::POSTED), is(&key::UNTIL), is(&key::IRI));
        if is_posted || is_until || is_iri {
            is_sure &= is_field != is_inner;
        }
        posted += usize::from(is_posted && is_field);
        until += usize::from(is_until && is_field);
        if is_iri && is_field {
            identifiers.extend(value(text, at, part.end, &mut effort));
        }
    }
    let entries = named.max(posted).max(until);
    let is_whole = entries == identifiers.len() && !identifiers.is_empty();
    let is_whole = is_whole && is_sure && effort > 0;
    let end = part.start + text[part.clone()].trim_end_matches([' ', ',']).len();
    LostPart {
        lines: (line_of(original, part.start), line_of(original, end)),
        titles,
        identifiers: is_whole.then_some(identifiers),
    }
}

/// How deep places of a part lie, by its brackets; those in texts are rare.
struct Depths<'t> {
    text: &'t str,
    /// The place that was counted up to.
    at: usize,
    /// The depth there, from the part's beginning.
    depth: i64,
    /// The depth at the part's end, 0 where no bracket is missing.
    end: i64,
}

impl<'t> Depths<'t> {
    fn of(text: &'t str, part: &Range<usize>) -> Self {
        Self {
            text,
            at: part.start,
            depth: 0,
            end: depth(&text[part.clone()]),
        }
    }

    /// Whether the value at `at`, which is behind those asked for before, is a field of an entry and not of an object in it.
    ///
    /// Where one bracket is missing, depth is right either from the part's beginning or from its end.
    fn is_field(&mut self, at: usize) -> bool {
        self.depth += depth(&self.text[self.at..at]);
        self.at = at;
        self.depth == 1 || self.depth - self.end == 1
    }
}

fn depth(text: &str) -> i64 {
    let brackets = text.bytes().map(|byte| match byte {
        b'{' | b'[' => 1,
        b'}' | b']' => -1,
        _ => 0,
    });
    brackets.sum()
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
fn value(text: &str, at: usize, limit: usize, effort: &mut usize) -> Option<Value> {
    let end = end_within(text, at, limit.min(at + MAX_VALUE_BYTES), effort)?;
    let is_ended = text[end..limit].trim_start().starts_with([',', '}', '"']);
    let raw = serde_json::from_str(&text[at..end]).ok()?;
    is_ended.then(|| shallow::value(raw)).flatten()
}

/// The end of the value at `at`, where it is before `limit`; takes what was read off `effort`.
fn end_within(text: &str, at: usize, limit: usize, effort: &mut usize) -> Option<usize> {
    let limit = text.floor_char_boundary(limit.min(at + *effort));
    let end = value_at(&text[..limit], at);
    let (Ok(place) | Err(place)) = end;
    *effort = effort.saturating_sub(place - at);
    end.ok()
}

/// The line of a place, from 1.
fn line_of(text: &str, at: usize) -> usize {
    1 + text.as_bytes()[..at]
        .iter()
        .filter(|byte| **byte == b'\n')
        .count()
}
