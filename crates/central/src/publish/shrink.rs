//! Makes a notices section fit its limit, because displays refuse a larger one.
//!
//! The steps are taken in this order, each only while the section is still too large:
//!
//! | Step | What is shortened |
//! | --- | --- |
//! | 1 | texts in languages that displays do not offer are left out |
//! | 2 | descriptions are cut to 20,000, then 5,000, then 1,000, then 200 characters |
//! | 3 | documents after the 200th, then after the 50th, then after the 20th of a notice are left out |
//! | 4 | descriptions are left out |
//! | 5 | notices are left out: first those to come, the latest first; then those posted longest ago |
//!
//! Every step only removes, and the last one can remove everything, so a board can always be published:
//! a withdrawal never waits for room.
//! A shortened record has another salted hash than the whole one, so journals name what was really shown.

use std::collections::BTreeMap;

use serde::Serialize;
use vyveska_board::Language;
use vyveska_wire::section::{NoticeRecord, NoticesSection, Texts};

/// The lengths to which descriptions are cut, in characters.
const DESCRIPTION_CHARS: [usize; 4] = [20_000, 5_000, 1_000, 200];
/// How many documents of a notice are kept.
const DOCUMENTS: [usize; 3] = [200, 50, 20];
/// The end of a cut description.
const CUT: [(&str, &str); 3] = [
    ("cs", "… (popis je zkrácen)"),
    ("de", "… (Beschreibung gekürzt)"),
    ("en", "… (description shortened)"),
];
/// How many of the notices left out a message names.
const NAMED: usize = 5;

/// What was shortened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Shortened {
    /// The size of the whole section.
    pub(super) whole_bytes: u64,
    pub(super) limit_bytes: u64,
    /// How many notices lost texts in other languages.
    pub(super) languages: usize,
    /// How many descriptions were cut or left out.
    pub(super) descriptions: usize,
    /// How many documents were left out.
    pub(super) documents: usize,
    /// The titles of the notices that were left out.
    pub(super) notices: Vec<String>,
}

impl std::fmt::Display for Shortened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "the notices have {} bytes, displays take {}; shortened: {} descriptions, \
             {} notices without texts in other languages, {} documents left out, {} notices left out",
            self.whole_bytes,
            self.limit_bytes,
            self.descriptions,
            self.languages,
            self.documents,
            self.notices.len()
        )?;
        for title in self.notices.iter().take(NAMED) {
            write!(f, "; {title:?}")?;
        }
        if self.notices.len() > NAMED {
            f.write_str("; …")?;
        }
        Ok(())
    }
}

/// Shortens `section` to at most `limit_bytes`; `None` when it fits as it is.
///
/// The notices are ordered from the newest posting to the oldest; `is_upcoming` says which are not posted yet.
pub(super) fn fit(
    section: &mut NoticesSection,
    limit_bytes: u64,
    is_upcoming: impl Fn(&NoticeRecord) -> bool,
) -> Option<Shortened> {
    let whole_bytes = json_length(section);
    if whole_bytes <= limit_bytes {
        return None;
    }
    let before: BTreeMap<String, NoticeRecord> = section
        .notices
        .iter()
        .map(|record| (record.id.clone(), record.clone()))
        .collect();
    if !shorten_texts(section, limit_bytes) {
        leave_out_notices(section, limit_bytes, is_upcoming);
    }
    Some(compare(before, section, whole_bytes, limit_bytes))
}

/// Takes the steps 1 to 4; returns whether the section fits.
fn shorten_texts(section: &mut NoticesSection, limit_bytes: u64) -> bool {
    let step = |section: &mut NoticesSection, shorten: &dyn Fn(&mut NoticeRecord)| {
        section.notices.iter_mut().for_each(shorten);
        json_length(section) <= limit_bytes
    };
    step(section, &leave_out_languages)
        || DESCRIPTION_CHARS
            .iter()
            .any(|chars| step(section, &|record| cut(&mut record.description, *chars)))
        || DOCUMENTS
            .iter()
            .any(|count| step(section, &|record| record.documents.truncate(*count)))
        || step(section, &|record| record.description.clear())
}

fn leave_out_languages(record: &mut NoticeRecord) {
    let documents = record.documents.iter_mut();
    let texts = [&mut record.title, &mut record.description]
        .into_iter()
        .chain(&mut record.categories)
        .chain(documents.map(|document| &mut document.title));
    for texts in texts {
        let is_offered = |code: &str| Language::ALL.iter().any(|one| one.code() == code);
        // A text in no offered language is better than none.
        if texts.keys().any(|code| is_offered(code)) {
            texts.retain(|code, _| is_offered(code));
        }
    }
}

fn cut(texts: &mut Texts, chars: usize) {
    for (code, text) in texts {
        let Some((end, _)) = text.char_indices().nth(chars) else {
            continue;
        };
        let mark = CUT.iter().find(|(language, _)| language == code);
        text.truncate(end);
        text.push_str(mark.map_or("…", |(_, mark)| mark));
    }
}

/// Takes step 5.
fn leave_out_notices(
    section: &mut NoticesSection,
    limit_bytes: u64,
    is_upcoming: impl Fn(&NoticeRecord) -> bool,
) {
    // Each record with its comma.
    let sizes: Vec<u64> = section
        .notices
        .iter()
        .map(|record| json_length(record) + 1)
        .collect();
    let mut bytes = json_length(section);
    let upcoming: Vec<bool> = section.notices.iter().map(is_upcoming).collect();
    let order = (0..sizes.len())
        .filter(|index| upcoming[*index])
        .chain((0..sizes.len()).rev().filter(|index| !upcoming[*index]));
    let mut kept = vec![true; sizes.len()];
    for index in order {
        if bytes <= limit_bytes {
            break;
        }
        kept[index] = false;
        bytes = bytes.saturating_sub(sizes[index]);
    }
    let mut kept = kept.into_iter();
    section.notices.retain(|_| kept.next().unwrap_or(true));
}

fn compare(
    mut before: BTreeMap<String, NoticeRecord>,
    section: &NoticesSection,
    whole_bytes: u64,
    limit_bytes: u64,
) -> Shortened {
    let mut shortened = Shortened {
        whole_bytes,
        limit_bytes,
        ..Shortened::default()
    };
    for after in &section.notices {
        let Some(before) = before.remove(&after.id) else {
            continue;
        };
        shortened.languages += usize::from(before.title.len() > after.title.len());
        shortened.descriptions += usize::from(before.description != after.description);
        shortened.documents += before.documents.len() - after.documents.len();
    }
    let titles = before.into_values().map(|record| {
        let title = record.title.get("cs").or(record.title.values().next());
        title.cloned().unwrap_or(record.id)
    });
    shortened.notices = titles.collect();
    shortened
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
    use vyveska_wire::section::{BoardRecord, ChannelRecord, DocumentRecord, MomentRecord};

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
        let shortened = fit(&mut fitted, limit_bytes, |record| {
            record.id.as_str() < "n005"
        });
        assert!(serde_json::to_vec(&fitted).unwrap().len() as u64 <= limit_bytes);
        (fitted, shortened.unwrap())
    }

    #[test]
    fn a_section_that_fits_stays_as_it_is() {
        let whole = section((0..10).map(notice).collect());
        let mut same = whole.clone();
        assert_eq!(fit(&mut same, json_length(&whole), |_| false), None);
        assert_eq!(same, whole);
    }

    #[test]
    fn the_steps_come_in_their_order_and_no_further_than_needed() {
        let mut long = notice(1);
        long.title.insert("pl".to_owned(), "Ogłoszenie".repeat(100));
        long.description = texts(&[("cs", &"ž".repeat(30_000)), ("en", &"x".repeat(900))]);
        let document = DocumentRecord {
            title: texts(&[("cs", "Příloha")]),
            content: None,
            media_type: None,
            url: None,
            pages: None,
            text: None,
        };
        long.documents = vec![document; 300];
        let whole = section(vec![long.clone(), notice(9)]);
        let bytes = json_length(&whole);

        let (one, shortened) = fitted(&whole, bytes - 500);
        assert_eq!((shortened.languages, shortened.descriptions), (1, 0));
        assert_eq!(one.notices[0].description, long.description);

        let (two, shortened) = fitted(&whole, bytes - 10_000);
        assert_eq!((shortened.descriptions, shortened.documents), (1, 0));
        let czech = &two.notices[0].description["cs"];
        assert!(czech.ends_with("žž… (popis je zkrácen)"));
        assert_eq!(czech.chars().count(), 20_000 + 20);
        assert_eq!(two.notices[0].description["en"], long.description["en"]);

        let (three, shortened) = fitted(&whole, bytes - 62_000);
        assert_eq!(shortened.documents, 100);
        let english = &three.notices[0].description["en"];
        assert!(english.ends_with("xx… (description shortened)"));

        let (four, shortened) = fitted(&whole, 1_500);
        assert_eq!((shortened.descriptions, shortened.documents), (1, 280));
        assert_eq!(four.notices[0].description, Texts::new());
        assert_eq!(shortened.notices, [""; 0]);

        let (five, shortened) = fitted(&whole, 500);
        assert_eq!(shortened.notices, ["Oznámení 1"]);
        assert_eq!(five.notices, [notice(9)]);
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
            message.contains("notices left out; \"Oznámení"),
            "{message}"
        );
        assert!(message.ends_with("; …"), "{message}");
    }
}
