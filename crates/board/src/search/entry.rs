//! The short texts of a notice, ready to be searched, and how good a hit in each is.

use super::excerpt::{self, Excerpt};
use super::query::{Query, Term};
use super::words::{bounded, chunks, numbers_together, together, words};
use super::{fold, topic};
use crate::category;
use crate::language::{Language, LanguageMap};
use crate::notice::Notice;

/// Where in a notice something was found, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    Title,
    /// In its *číslo jednací*.
    ReferenceNumber,
    /// In its *spisová značka*.
    FileNumber,
    /// In who issued it.
    Originator,
    /// In its category, or the words mean its category.
    Category,
    /// In the name of a document, counted from 0.
    DocumentTitle(u16),
    Description,
    Text {
        /// Which document of the notice, counted from 0.
        document: u16,
        /// On which page, counted from 0.
        page: u16,
    },
}

/// How good a hit is; less is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rank(u8);

impl Rank {
    /// A hit in the text of a document, the least of all.
    pub const TEXT: Self = Self(20);

    fn of(place: Place, bent: bool) -> Self {
        let step = match place {
            Place::Title => 0,
            Place::ReferenceNumber | Place::FileNumber => 2,
            Place::Originator | Place::Category => 4,
            Place::DocumentTitle(_) => 6,
            Place::Description => 8,
            Place::Text { .. } => return Self::TEXT,
        };
        Self(step + u8::from(bent))
    }
}

/// Characters of a description that are searched; what comes later in it is not found.
const LONGEST_DESCRIPTION: usize = 10_000;

/// The short texts of one notice.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Every word after one space, field by field, the best field first.
    line: String,
    /// Where each field ends in it.
    fields: Vec<(Place, u32)>,
    /// What the title is about.
    title_topics: topic::Topics,
    /// What the categories and the originator say it is about.
    other_topics: topic::Topics,
}

impl Entry {
    /// Folds the texts of a notice once, so that a search only compares.
    pub fn of(notice: &Notice) -> Self {
        let mut entry = Self {
            line: String::new(),
            fields: Vec::new(),
            title_topics: topic::Topics::default(),
            other_topics: topic::Topics::default(),
        };
        let czech = notice.title.best(Language::Czech);
        entry.title_topics = topic::of_text(&fold(czech));
        entry.add(Place::Title, notice.title.iter().map(|(_, text)| text));
        if let Some(number) = &notice.reference_number {
            entry.add_number(Place::ReferenceNumber, number.as_str());
        }
        if let Some(number) = &notice.file_number {
            entry.add_number(Place::FileNumber, number.as_str());
        }
        let originator = notice.originator.as_deref().unwrap_or_default();
        entry.add(Place::Originator, [originator]);
        entry.add(
            Place::Category,
            notice.categories.iter().flat_map(category_names),
        );
        let categories = notice
            .categories
            .iter()
            .map(|category| category.best(Language::Czech))
            .chain([originator]);
        let categories = categories.collect::<Vec<_>>().join(" | ");
        entry.other_topics = topic::of_text(&fold(&categories));
        for (position, document) in notice.documents.iter().enumerate() {
            let Ok(position) = u16::try_from(position) else {
                break;
            };
            entry.add(
                Place::DocumentTitle(position),
                document.title.iter().map(|(_, text)| text),
            );
        }
        entry.add(
            Place::Description,
            notice.description.iter().map(|(_, text)| start(text)),
        );
        entry.line.shrink_to_fit();
        entry.fields.shrink_to_fit();
        entry
    }

    fn add<'a>(&mut self, place: Place, texts: impl IntoIterator<Item = &'a str>) {
        for text in texts {
            let folded = fold(text);
            for chunk in chunks(&folded) {
                let chunk = &folded[chunk];
                for word in words(chunk) {
                    self.add_word(&chunk[word]);
                }
                numbers_together(chunk).for_each(|number| self.add_word(&number));
            }
        }
        self.end(place);
    }

    /// A number of an office is found without its spaces and slashes, and from each of its parts on.
    fn add_number(&mut self, place: Place, number: &str) {
        let folded = fold(number);
        for word in words(&folded).take(12) {
            self.add_word(&folded[word.clone()]);
            if word.end < folded.len() {
                self.add_word(&together(&folded[word.start..]));
            }
        }
        self.end(place);
    }

    fn add_word(&mut self, word: &str) {
        self.line.push(' ');
        self.line.push_str(bounded(word));
    }

    fn end(&mut self, place: Place) {
        let end = u32::try_from(self.line.len()).unwrap_or(u32::MAX);
        if self.fields.last().map_or(0, |(_, end)| *end) < end {
            self.fields.push((place, end));
        }
    }

    /// Where this word is found best.
    pub fn find(&self, term: &Term) -> Option<(Rank, Place)> {
        let (whole, bent) = self.find_starts(term);
        let about = |topics, bent| {
            term.topics()
                .meets(topics)
                .then_some((Rank::of(Place::Category, bent), Place::Category))
        };
        [
            whole.map(|place| (Rank::of(place, false), place)),
            bent.map(|place| (Rank::of(place, true), place)),
            about(self.title_topics, false),
            about(self.other_topics, true),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// The best fields that have the word as it was typed, and without its ending.
    fn find_starts(&self, term: &Term) -> (Option<Place>, Option<Place>) {
        let line = self.line.as_bytes();
        let ending = &term.word().as_bytes()[term.stem().len()..];
        let mut bent = None;
        for at in term.sought().find_iter(line) {
            bent = bent.or(Some(at));
            let rest = &line[at + 1 + term.stem().len()..];
            if rest.starts_with(ending) {
                return (self.place(at), bent.and_then(|at| self.place(at)));
            }
        }
        (None, bent.and_then(|at| self.place(at)))
    }

    fn place(&self, at: usize) -> Option<Place> {
        self.fields
            .iter()
            .find(|(_, end)| at < *end as usize)
            .map(|(place, _)| *place)
    }
}

fn start(text: &str) -> &str {
    match text.char_indices().nth(LONGEST_DESCRIPTION) {
        Some((end, _)) => &text[..end],
        None => text,
    }
}

/// What a category is called in every language, whoever says so.
fn category_names(category: &LanguageMap) -> impl Iterator<Item = &str> {
    Language::ALL
        .into_iter()
        .map(|language| category::name_of(category, language))
        .chain(category.iter().map(|(_, text)| text))
}

/// The text of a notice where something was found, with the found words marked; not for texts of documents.
///
/// A category is shown in the wanted language, a title in the language in which it was found.
pub fn show(
    notice: &Notice,
    place: Place,
    query: &Query,
    language: Language,
    room: usize,
) -> Option<Excerpt> {
    let terms = query.terms();
    let among = |texts: &LanguageMap| {
        let wanted = texts.best(language);
        std::iter::once(wanted)
            .chain(texts.iter().map(|(_, text)| text))
            .find_map(|text| excerpt::excerpt(start(text), terms, room))
    };
    match place {
        Place::Title => among(&notice.title),
        Place::ReferenceNumber => number(notice.reference_number.as_ref()?.as_str(), terms, room),
        Place::FileNumber => number(notice.file_number.as_ref()?.as_str(), terms, room),
        Place::Originator => excerpt::excerpt(notice.originator.as_deref()?, terms, room),
        Place::Category => category(notice, terms, language, room),
        Place::DocumentTitle(index) => among(&notice.documents.get(usize::from(index))?.title),
        Place::Description => among(&notice.description),
        Place::Text { .. } => None,
    }
}

/// The number with what was found of it; whole when it was written too differently to mark a part.
fn number(number: &str, terms: &[Term], room: usize) -> Option<Excerpt> {
    excerpt::excerpt(number, terms, room).or_else(|| {
        Some(Excerpt {
            text: number.to_owned(),
            marks: std::iter::once(0..number.len()).collect(),
            ..Excerpt::default()
        })
    })
}

/// The category that has the word, or else what shows that the notice is about what the word means.
fn category(notice: &Notice, terms: &[Term], language: Language, room: usize) -> Option<Excerpt> {
    let title = notice.title.best(Language::Czech);
    let whole = |name: &str| Excerpt {
        text: name.to_owned(),
        marks: std::iter::once(0..name.len()).collect(),
        ..Excerpt::default()
    };
    let named = |name: &str| excerpt::excerpt(name, terms, room);
    let shown = notice
        .categories
        .iter()
        .find_map(|category| named(category::name_of(category, language)));
    shown
        .or_else(|| {
            // Found by a name in another language: the reader sees the one of this.
            notice
                .categories
                .iter()
                .find(|category| category_names(category).any(|name| named(name).is_some()))
                .map(|category| whole(category::name_of(category, language)))
        })
        .or_else(|| excerpt::topical(title, terms, room))
        .or_else(|| {
            notice
                .categories
                .iter()
                .find(|category| {
                    excerpt::topical(category.best(Language::Czech), terms, room).is_some()
                })
                .map(|category| whole(category::name_of(category, language)))
        })
        .or_else(|| excerpt::topical(notice.originator.as_deref()?, terms, room))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{FileNumber, NoticeId, ReferenceNumber};
    use crate::moment::Moment;
    use crate::notice::{Channel, Document, Revision};

    fn notice() -> Notice {
        Notice {
            id: NoticeId::new("n"),
            revision: Revision::FIRST,
            iri: None,
            url: None,
            title: LanguageMap::czech("Přerušení dodávky elektřiny: Nádražní, Tovární"),
            description: LanguageMap::czech("Práce na vedení se konají za každého počasí."),
            posted: Moment::Unspecified,
            relevant_until: Moment::Unspecified,
            approved: Moment::Unspecified,
            reference_number: Some(ReferenceNumber::new("991 EX 1187/24-96")),
            file_number: Some(FileNumber::new("SZ OD/1907/2026")),
            categories: vec![LanguageMap::czech("Odstávky energií")],
            originator: Some("Rolavská distribuce, a. s.".to_owned()),
            documents: vec![Document {
                title: LanguageMap::czech("Mapa území"),
                hash: None,
                missing: None,
                size_bytes: 0,
                media_type: None,
                url: None,
                pages: None,
                text: None,
                rendition: None,
                doubtful_pages: Vec::new(),
            }],
            channel: Channel::default(),
            personal_data: false,
        }
    }

    fn find(typed: &str) -> Option<Place> {
        let query = Query::parse(typed);
        let entry = Entry::of(&notice());
        let found: Option<Vec<_>> = query.terms().iter().map(|term| entry.find(term)).collect();
        found?.into_iter().max().map(|(_, place)| place)
    }

    #[track_caller]
    fn check(typed: &str, expected: Place) {
        assert_eq!(find(typed), Some(expected), "{typed:?}");
        assert!(
            show(
                &notice(),
                expected,
                &Query::parse(typed),
                Language::German,
                60
            )
            .is_some_and(|excerpt| !excerpt.marks.is_empty()),
            "{typed:?} is not marked"
        );
    }

    #[test]
    fn every_field_is_found() {
        check("elektřiny", Place::Title);
        check("ELEKTRINA", Place::Title);
        check("nadr preruseni", Place::Title);
        check("rolavska", Place::Originator);
        check("odstavky", Place::Category);
        check("mapa", Place::DocumentTitle(0));
        check("pocasi", Place::Description);
        check("nadrazni mapa", Place::DocumentTitle(0));
        assert_eq!(find("dražba"), None);
        assert_eq!(find("lektriny"), None, "a word is found by its beginning");
    }

    #[test]
    fn numbers_are_found_however_they_are_written() {
        for typed in [
            "991 EX 1187/24-96",
            "991ex1187",
            "ex 1187",
            "1187/24",
            "118724",
            "EX1187/24-96",
            "991 EX",
        ] {
            check(typed, Place::ReferenceNumber);
        }
        for typed in [
            "SZ OD/1907/2026",
            "od1907",
            "OD 1907 2026",
            "SZOD/1907",
            "1907/2026",
        ] {
            check(typed, Place::FileNumber);
        }
        assert_eq!(find("992 EX"), None);
    }

    #[test]
    fn a_category_is_found_in_every_language() {
        for typed in [
            "Strom",
            "electricity",
            "Energieabschaltungen",
            "outages",
            "proud",
            "výpadek",
            "power cut",
        ] {
            check(typed, Place::Category);
        }
        let query = Query::parse("outages");
        let shown = show(&notice(), Place::Category, &query, Language::German, 60).unwrap();
        assert_eq!(shown.text, "Energieabschaltungen");
    }

    #[test]
    fn a_meant_category_shows_the_words_that_mean_it() {
        let query = Query::parse("Strom");
        let shown = show(&notice(), Place::Category, &query, Language::Czech, 60).unwrap();
        assert_eq!(&shown.text[shown.marks[0].clone()], "elektřiny");
    }

    #[test]
    fn hits_in_titles_come_before_others() {
        let entry = Entry::of(&notice());
        let rank = |typed: &str| entry.find(&Query::parse(typed).terms()[0]).unwrap().0;
        let order = [
            "elektřiny",
            "elektřina",
            "991",
            "rolavska",
            "mapa",
            "pocasi",
        ]
        .map(rank);
        assert!(order.is_sorted() && order[0] < order[5]);
        assert!(order[5] < Rank::TEXT);
    }
}
