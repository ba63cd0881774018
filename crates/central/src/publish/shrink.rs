//! Makes a notices section fit its limit, because displays refuse a larger one.
//!
//! No source takes the room of another: each one has an equal share of the limit, and what some leave of theirs is shared
//! by the others. Where a source needs more than its share, its own notices are shortened, and those of no other.
//! The steps are taken in this order, and in each one text, document or notice at a time, only until the section fits:
//!
//! | Step | What is shortened | Which first |
//! | --- | --- | --- |
//! | 1 | texts in languages that displays do not offer are left out | the notice with most of them |
//! | 2 | descriptions are cut to 20,000, then 5,000, then 1,000, then 200 characters | the longest |
//! | 3 | descriptions are left out | the longest |
//! | 4 | documents after the 20th of a notice are left out | the last of the notice with most documents |
//! | 5 | notices are left out | those to come, the latest first; then those posted longest ago |
//!
//! Every step only removes, and the last one can remove everything, so a board can always be published:
//! a withdrawal never waits for room.
//! What was cut or left out of a notice is said at the end of its description.
//! A shortened record has another salted hash than the whole one, so journals name what was really shown.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap};

use serde::Serialize;
use vyveska_board::Language;
use vyveska_board::format::counting::{Forms, counted};
use vyveska_wire::section::{NoticeRecord, NoticesSection, Texts};

use crate::counting::counted as english;

/// The lengths to which descriptions are cut, in characters.
const DESCRIPTION_CHARS: [usize; 4] = [20_000, 5_000, 1_000, 200];
/// How many documents of a notice are kept.
const DOCUMENTS: usize = 20;
/// How many of the notices left out a message names.
const NAMED: usize = 5;
/// More than the bytes of a mark of documents left out, in all languages.
const MARK_BYTES: u64 = 600;

const MORE_ATTACHMENTS: Forms = [
    ["další příloha", "další přílohy", "dalších příloh"],
    ["weitere Anlage", "weitere Anlagen", "weitere Anlagen"],
    ["more attachment", "more attachments", "more attachments"],
];

/// What was shortened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Shortened {
    /// The size of the whole section.
    pub(super) whole_bytes: u64,
    pub(super) limit_bytes: u64,
    /// The sources that needed more than their share.
    pub(super) sources: Vec<String>,
    /// How many notices lost texts in other languages.
    pub(super) languages: usize,
    /// How many notices have descriptions that were cut or left out.
    pub(super) descriptions: usize,
    /// How many documents were left out.
    pub(super) documents: usize,
    /// The notices that were left out; their titles may name people.
    pub(super) notices: Vec<String>,
}

impl std::fmt::Display for Shortened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "the notices have {} bytes, displays take {}; shortened, of {}: {}, \
             {} without texts in other languages, {} left out, {} left out",
            self.whole_bytes,
            self.limit_bytes,
            self.sources.join(", "),
            english(self.descriptions, "description"),
            english(self.languages, "notice"),
            english(self.documents, "document"),
            english(self.notices.len(), "notice")
        )?;
        for id in self.notices.iter().take(NAMED) {
            write!(f, "\n{id}")?;
        }
        if self.notices.len() > NAMED {
            write!(f, "\n… and {} more", self.notices.len() - NAMED)?;
        }
        Ok(())
    }
}

/// Shortens `section` to at most `limit_bytes`; `None` when it fits as it is.
///
/// The notices are ordered from the newest posting to the oldest; `source_of` says from where each of them is, and
/// `is_upcoming` which are not posted yet.
pub(super) fn fit<'a>(
    section: &mut NoticesSection,
    limit_bytes: u64,
    source_of: impl Fn(&NoticeRecord) -> &'a str,
    is_upcoming: impl Fn(&NoticeRecord) -> bool,
) -> Option<Shortened> {
    let whole_bytes = json_length(section);
    if whole_bytes <= limit_bytes {
        return None;
    }
    let mut shortened = Shortened {
        whole_bytes,
        limit_bytes,
        ..Shortened::default()
    };
    let ids = section.notices.iter().map(|record| record.id.clone());
    let order: HashMap<String, usize> = ids.zip(0..).collect();
    let mut sources: BTreeMap<&str, Vec<NoticeRecord>> = BTreeMap::new();
    for record in section.notices.drain(..) {
        sources.entry(source_of(&record)).or_default().push(record);
    }
    // The last notice has no comma.
    let left = (limit_bytes + 1).saturating_sub(json_length(section));
    for (source, limit_bytes) in shares(&sources, left) {
        let Some(notices) = sources.get_mut(source) else {
            continue;
        };
        shortened.sources.push(source.to_owned());
        let mut fitting = Fitting {
            bytes: with_commas(notices),
            notices,
            limit_bytes,
            shortened: &mut shortened,
        };
        fitting.leave_out_languages();
        fitting.shorten_descriptions();
        fitting.leave_out_documents();
        fitting.leave_out_notices(&is_upcoming);
    }
    section.notices = sources.into_values().flatten().collect();
    section.notices.sort_by_key(|record| order[&record.id]);
    Some(shortened)
}

/// The shares of those sources that need more than theirs.
fn shares<'a>(
    sources: &BTreeMap<&'a str, Vec<NoticeRecord>>,
    mut left: u64,
) -> BTreeMap<&'a str, u64> {
    let needed = sources.iter();
    let needed = needed.map(|(source, notices)| (with_commas(notices), *source));
    let mut needed: Vec<(u64, &str)> = needed.collect();
    needed.sort_unstable();
    let mut shares = BTreeMap::new();
    for ((bytes, source), takers) in needed.iter().zip((1..=needed.len() as u64).rev()) {
        let share = left / takers;
        left -= share.min(*bytes);
        if *bytes > share {
            shares.insert(*source, share);
        }
    }
    shares
}

/// The size of notices with the commas after them.
fn with_commas(notices: &[NoticeRecord]) -> u64 {
    notices.iter().map(|record| json_length(record) + 1).sum()
}

/// The notices of a source on their way to its share.
struct Fitting<'a> {
    notices: &'a mut Vec<NoticeRecord>,
    /// Their size now, with commas.
    bytes: u64,
    limit_bytes: u64,
    shortened: &'a mut Shortened,
}

impl Fitting<'_> {
    fn fits(&self) -> bool {
        self.bytes <= self.limit_bytes
    }

    fn replace(&mut self, index: usize, record: NoticeRecord) {
        let before = json_length(&self.notices[index]);
        self.bytes = (self.bytes + json_length(&record)).saturating_sub(before);
        self.notices[index] = record;
    }

    /// Step 1.
    fn leave_out_languages(&mut self) {
        let saving = |(index, record): (usize, &NoticeRecord)| {
            let less = offered_only(record);
            let saved = json_length(record).saturating_sub(json_length(&less));
            (saved > 0).then_some((saved, index, less))
        };
        let mut savings: Vec<_> = self.notices.iter().enumerate().filter_map(saving).collect();
        savings.sort_by_key(|(saved, index, _)| Reverse((*saved, *index)));
        for (_, index, less) in savings {
            if self.fits() {
                return;
            }
            self.replace(index, less);
            self.shortened.languages += 1;
        }
    }

    /// Steps 2 and 3.
    fn shorten_descriptions(&mut self) {
        let mut shortened = BTreeSet::new();
        for chars in DESCRIPTION_CHARS.into_iter().chain([0]) {
            let texts = self.notices.iter().enumerate().flat_map(|(index, record)| {
                let lengths = record.description.iter();
                lengths.map(move |(code, text)| (text.chars().count(), index, code.clone()))
            });
            let mut texts: Vec<(usize, usize, String)> = texts.collect();
            texts.sort_unstable_by(|a, b| b.cmp(a));
            for (_, index, code) in texts {
                if self.fits() {
                    break;
                }
                let mut record = self.notices[index].clone();
                if cut(&mut record.description, &code, chars) {
                    self.replace(index, record);
                    shortened.insert(index);
                }
            }
        }
        self.shortened.descriptions += shortened.len();
    }

    /// Step 4.
    fn leave_out_documents(&mut self) {
        let counts = self.notices.iter().map(|record| record.documents.len());
        let counts: Vec<usize> = counts.collect();
        let long = counts.iter().enumerate();
        let long = long.filter(|(_, count)| **count > DOCUMENTS);
        let mut most: BinaryHeap<(usize, usize)> =
            long.map(|(index, count)| (*count, index)).collect();
        let mut marked = BTreeSet::new();
        while !self.fits()
            && let Some((count, index)) = most.pop()
        {
            let Some(document) = self.notices[index].documents.pop() else {
                continue;
            };
            // With its comma.
            self.bytes = self.bytes.saturating_sub(json_length(&document) + 1);
            if marked.insert(index) {
                self.bytes += MARK_BYTES;
            }
            self.shortened.documents += 1;
            if count - 1 > DOCUMENTS {
                most.push((count - 1, index));
            }
        }
        for index in marked {
            self.bytes = self.bytes.saturating_sub(MARK_BYTES);
            let mut record = self.notices[index].clone();
            let left_out = counts[index].saturating_sub(record.documents.len());
            mark_documents(&mut record.description, left_out);
            self.replace(index, record);
        }
    }

    /// Step 5.
    fn leave_out_notices(&mut self, is_upcoming: &impl Fn(&NoticeRecord) -> bool) {
        let upcoming: Vec<bool> = self.notices.iter().map(is_upcoming).collect();
        let order = (0..upcoming.len())
            .filter(|index| upcoming[*index])
            .chain((0..upcoming.len()).rev().filter(|index| !upcoming[*index]));
        let mut left_out = BTreeSet::new();
        for index in order {
            if self.fits() {
                break;
            }
            // With its comma.
            let saved = json_length(&self.notices[index]) + 1;
            self.bytes = self.bytes.saturating_sub(saved);
            left_out.insert(index);
        }
        let mut index = 0..;
        self.notices.retain(|record| {
            let is_left_out = index.next().is_some_and(|index| left_out.contains(&index));
            if is_left_out {
                self.shortened.notices.push(record.id.clone());
            }
            !is_left_out
        });
    }
}

fn offered_only(record: &NoticeRecord) -> NoticeRecord {
    let mut record = record.clone();
    let documents = record.documents.iter_mut();
    let texts = [&mut record.title, &mut record.description]
        .into_iter()
        .chain(&mut record.categories)
        .chain(documents.map(|document| &mut document.title));
    for texts in texts {
        // A text in no offered language is better than none.
        if texts.keys().any(|code| language(code).is_some()) {
            texts.retain(|code, _| language(code).is_some());
        }
    }
    record
}

fn language(code: &str) -> Option<Language> {
    Language::ALL.into_iter().find(|one| one.code() == code)
}

/// Cuts a description to so many characters and says so; returns whether that makes it shorter.
fn cut(description: &mut Texts, code: &str, chars: usize) -> bool {
    let mark = match (language(code).unwrap_or(Language::Czech), chars) {
        (Language::Czech, 0) => "(popis je vynechán, najdete ho na webu úřadu)",
        (Language::German, 0) => "(Beschreibung ausgelassen, siehe Website des Amtes)",
        (Language::English, 0) => "(description left out, see the website of the office)",
        (Language::Czech, _) => "… (popis je zkrácen)",
        (Language::German, _) => "… (Beschreibung gekürzt)",
        (Language::English, _) => "… (description shortened)",
    };
    let Some(text) = description.get_mut(code) else {
        return false;
    };
    let Some((end, _)) = text.char_indices().nth(chars) else {
        return false;
    };
    if text.len() <= end + mark.len() {
        return false;
    }
    text.truncate(end);
    text.push_str(mark);
    true
}

/// Says at the end of a description how many documents were left out.
fn mark_documents(description: &mut Texts, left_out: usize) {
    let more = |language: Language| {
        let more = counted(left_out, MORE_ATTACHMENTS, language);
        match language {
            Language::Czech => format!("(Na webu úřadu: {more}.)"),
            Language::German => format!("(Auf der Website des Amtes: {more}.)"),
            Language::English => format!("(On the website of the office: {more}.)"),
        }
    };
    if description.is_empty() {
        let codes = Language::ALL.into_iter();
        *description = codes
            .map(|language| (language.code().to_owned(), more(language)))
            .collect();
        return;
    }
    for (code, text) in description {
        text.push_str("\n\n");
        text.push_str(&more(language(code).unwrap_or(Language::Czech)));
    }
}

/// The length of the JSON without keeping it.
fn json_length(value: &impl Serialize) -> u64 {
    struct Length(u64);
    impl std::io::Write for Length {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0 += bytes.len() as u64;
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut length = Length(0);
    serde_json::to_writer(&mut length, value).expect("a section serialises");
    length.0
}

#[cfg(test)]
mod tests {
    use vyveska_wire::section::{
        BoardRecord, ChannelRecord, DocumentRecord, DoubtfulPages, MomentRecord,
    };

    use super::*;

    fn texts(texts: &[(&str, &str)]) -> Texts {
        let owned = texts
            .iter()
            .map(|(code, text)| ((*code).to_owned(), (*text).to_owned()));
        owned.collect()
    }

    /// The notice `n` was posted `n` days before the first of December.
    fn notice(n: u32) -> NoticeRecord {
        NoticeRecord {
            id: format!("n{n:03}"),
            revision: 1,
            iri: None,
            url: None,
            title: texts(&[("cs", &format!("Oznámení {n}"))]),
            description: Texts::new(),
            posted: MomentRecord::Date(
                chrono::NaiveDate::from_ymd_opt(2026, 12, 1).unwrap()
                    - chrono::Days::new(u64::from(n)),
            ),
            relevant_until: MomentRecord::Unspecified,
            approved: MomentRecord::Unspecified,
            reference_number: None,
            file_number: None,
            categories: Vec::new(),
            originator: None,
            documents: Vec::new(),
            channel: ChannelRecord::BoardAndWeb,
            personal_data: false,
            salt: "salt".to_owned(),
        }
    }

    fn section(notices: Vec<NoticeRecord>) -> NoticesSection {
        NoticesSection {
            board: BoardRecord {
                iri: "https://lipnice.example/deska".to_owned(),
                name: Texts::new(),
                page: None,
                operator_ico: None,
            },
            notices,
        }
    }

    #[track_caller]
    fn fitted(section: &NoticesSection, limit_bytes: u64) -> (NoticesSection, Shortened) {
        let mut fitted = section.clone();
        let is_upcoming = |record: &NoticeRecord| record.id.as_str() < "n005";
        let shortened = fit(&mut fitted, limit_bytes, |_| "lipnice", is_upcoming);
        assert!(serde_json::to_vec(&fitted).unwrap().len() as u64 <= limit_bytes);
        (fitted, shortened.unwrap())
    }

    #[test]
    fn a_section_that_fits_stays_as_it_is() {
        let whole = section((0..10).map(notice).collect());
        let mut same = whole.clone();
        let fits = fit(&mut same, json_length(&whole), |_| "lipnice", |_| false);
        assert_eq!(fits, None);
        assert_eq!(same, whole);
    }

    #[test]
    fn no_source_takes_the_room_of_another() {
        // The odd ones are the town's own and the oldest; those of two others are longer, and newer.
        let long = |n: u32| NoticeRecord {
            title: texts(&[("cs", &"ž".repeat(1_000))]),
            ..notice(n)
        };
        let source_of = |record: &NoticeRecord| match record.id.as_str() {
            "n000" | "n002" | "n004" => "cizi",
            "n006" | "n008" => "drazby",
            _ => "lipnice",
        };
        let whole = section(
            (0..10)
                .map(|n| if n % 2 == 0 { long(n) } else { notice(n) })
                .collect(),
        );
        let size = |id: &str| -> u64 {
            let records = whole.notices.iter();
            let records = records.filter(|record| source_of(record) == id);
            records.map(|record| json_length(record) + 1).sum()
        };
        let without = |left_out: &[&str]| -> Vec<&str> {
            let ids = whole.notices.iter().map(|record| record.id.as_str());
            ids.filter(|id| !left_out.contains(id)).collect()
        };
        let all = json_length(&whole);
        for (limit, sources, left_out) in [
            // What the town leaves of its share is the others'.
            (all - 1, "cizi", &["n004"][..]),
            (all - size("cizi") / 3, "cizi", &["n004"]),
            (
                all - size("cizi") / 3 - 10,
                "cizi, drazby",
                &["n002", "n004", "n008"],
            ),
        ] {
            let mut fitted = whole.clone();
            let shortened = fit(&mut fitted, limit, source_of, |_| false).unwrap();
            assert!(json_length(&fitted) <= limit);
            let ids: Vec<&str> = fitted.notices.iter().map(|one| one.id.as_str()).collect();
            assert_eq!(ids, without(left_out));
            assert_eq!(shortened.sources.join(", "), sources);
            let message = shortened.to_string();
            assert!(message.contains(&format!("of {sources}: ")), "{message}");
        }
    }

    fn document(n: usize) -> DocumentRecord {
        DocumentRecord {
            title: texts(&[("cs", &format!("Příloha {n}"))]),
            content: None,
            missing: None,
            media_type: None,
            url: None,
            pages: None,
            text: None,
            rendition: None,
            doubtful_pages: DoubtfulPages::default(),
        }
    }

    #[test]
    fn the_steps_come_in_their_order_and_no_further_than_needed() {
        let mut long = notice(1);
        long.description = texts(&[
            ("cs", &"ž".repeat(30_000)),
            ("en", &"x".repeat(900)),
            ("pl", &"słowo".repeat(200)),
        ]);
        long.documents = (0..300).map(document).collect();
        let whole = section(vec![long.clone(), notice(9)]);
        let bytes = json_length(&whole);

        let (one, shortened) = fitted(&whole, bytes - 500);
        assert_eq!((shortened.languages, shortened.descriptions), (1, 0));
        assert_eq!(one.notices[0].description["cs"], long.description["cs"]);

        let (two, shortened) = fitted(&whole, bytes - 10_000);
        assert_eq!((shortened.descriptions, shortened.documents), (1, 0));
        let czech = &two.notices[0].description["cs"];
        assert!(czech.ends_with("žž… (popis je zkrácen)"));
        assert_eq!(czech.chars().count(), 20_000 + 20);
        assert_eq!(two.notices[0].description["en"], long.description["en"]);

        let (three, shortened) = fitted(&whole, bytes - 61_200);
        assert_eq!((shortened.descriptions, shortened.documents), (1, 0));
        let english = &three.notices[0].description["en"];
        assert!(english.ends_with("xx… (description shortened)"));

        let without_description = bytes - 61_900;
        let (four, shortened) = fitted(&whole, without_description);
        assert_eq!((shortened.descriptions, shortened.documents), (1, 0));
        let czech = &four.notices[0].description["cs"];
        assert_eq!(czech, "(popis je vynechán, najdete ho na webu úřadu)");

        let (five, shortened) = fitted(&whole, without_description - 1_500);
        let left_out = shortened.documents;
        assert!((1..280).contains(&left_out), "{left_out}");
        assert_eq!(five.notices[0].documents, long.documents[..300 - left_out]);
        let czech = &five.notices[0].description["cs"];
        let mark = format!("\n\n(Na webu úřadu: {left_out} dalších příloh.)");
        assert!(czech.replace('\u{a0}', " ").ends_with(&mark), "{czech}");

        let (six, shortened) = fitted(&whole, 1_700);
        assert_eq!((shortened.documents, &shortened.notices), (280, &vec![]));
        assert_eq!(six.notices[0].documents.len(), 20);

        let (seven, shortened) = fitted(&whole, 500);
        assert_eq!(shortened.notices, ["n001"]);
        assert_eq!(seven.notices, [notice(9)]);
    }

    #[test]
    fn the_longest_texts_are_shortened_and_the_others_stay() {
        let long = |n: u32| NoticeRecord {
            description: texts(&[("cs", &"slovo ".repeat(1_000 + 10 * n as usize))]),
            ..notice(n)
        };
        let whole = section((0..50).map(long).collect());
        let bytes = json_length(&whole);
        let (fitted, shortened) = fitted(&whole, bytes - 6_000);
        assert_eq!(shortened.descriptions, 2);
        assert_eq!(fitted.notices[..48], whole.notices[..48]);
    }

    #[test]
    fn a_notice_without_a_description_says_that_documents_are_missing() {
        let long = |n: u32, count: usize| NoticeRecord {
            documents: (0..count).map(document).collect(),
            ..notice(n)
        };
        let whole = section(vec![long(1, 100), long(2, 30)]);
        let (fitted, shortened) = fitted(&whole, json_length(&whole) - 800);
        assert_eq!(fitted.notices[1], whole.notices[1]);
        let description = &fitted.notices[0].description;
        assert_eq!(description.len(), Language::ALL.len());
        let german = description["de"].replace('\u{a0}', " ");
        let mark = format!("{} weitere Anlagen.)", shortened.documents);
        assert!(german.ends_with(&mark), "{german}");
    }

    #[test]
    fn the_mark_of_documents_has_room() {
        let mut description = Texts::new();
        mark_documents(&mut description, usize::MAX);
        assert!(json_length(&description) + 20 < MARK_BYTES);
    }

    #[test]
    fn texts_in_other_languages_are_counted_wherever_they_are() {
        let mut other = notice(1);
        other.categories = vec![texts(&[
            ("cs", "Vyhlášky"),
            ("pl", &"Ogłoszenie".repeat(50)),
        ])];
        let whole = section(vec![other, notice(2)]);
        let (_, shortened) = fitted(&whole, json_length(&whole) - 100);
        assert_eq!(shortened.languages, 1);
    }

    #[test]
    fn a_cut_is_said_in_czech_where_the_language_is_not_offered() {
        let mut description = texts(&[("pl", &"ż".repeat(500))]);
        assert!(cut(&mut description, "pl", 200));
        assert!(description["pl"].ends_with("ż… (popis je zkrácen)"));
    }

    #[test]
    fn a_text_in_no_offered_language_is_better_than_none() {
        let mut foreign = notice(1);
        foreign.title = texts(&[("pl", "Ogłoszenie"), ("uk", "Оголошення")]);
        foreign.description = texts(&[("cs", "slovo"), ("pl", &"słowo ".repeat(200))]);
        let whole = section(vec![foreign.clone()]);
        let (fitted, shortened) = fitted(&whole, json_length(&whole) - 500);
        assert_eq!(fitted.notices[0].title, foreign.title);
        assert_eq!(fitted.notices[0].description, texts(&[("cs", "slovo")]));
        assert_eq!(shortened.notices, [""; 0]);
    }

    #[test]
    fn notices_to_come_are_left_out_first_and_then_the_oldest() {
        // 0 to 4 are to come, the latest first.
        let whole = section((0..10).map(notice).collect());
        let one = json_length(&notice(1)) + 1;
        let ids = |count: u64| -> Vec<String> {
            let (fitted, shortened) = fitted(&whole, json_length(&whole) - count * one);
            assert_eq!(shortened.notices.len() as u64, count);
            fitted.notices.into_iter().map(|record| record.id).collect()
        };
        assert_eq!(ids(1)[0], "n001");
        assert_eq!(ids(5), ["n005", "n006", "n007", "n008", "n009"]);
        assert_eq!(ids(8), ["n005", "n006"]);
        assert_eq!(ids(9), ["n005"]);
    }

    #[test]
    fn the_message_says_what_was_shortened() {
        let whole = section((0..10).map(notice).collect());
        let (_, shortened) = fitted(&whole, json_length(&whole) / 3);
        let message = shortened.to_string();
        assert!(
            message.contains(" left out\nn00") && !message.contains("Oznámení"),
            "{message}"
        );
        let more = shortened.notices.len() - NAMED;
        assert!(
            message.ends_with(&format!("\n… and {more} more")),
            "{message}"
        );
    }
}
