use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex, mpsc};

use vyveska_board::search::Place;
use vyveska_board::{
    Channel, Document, DocumentHash, FileNumber, Language, LanguageMap, Moment, Notice, NoticeId,
    ReferenceNumber, Rendition, Revision,
};
use vyveska_wire::journal::NoticeRef;
use vyveska_wire::manifest::{Addressee, ContentHash};
use vyveska_wire::section::SettingsSection;

use super::*;
use crate::state::{BoardContent, BoardNotice, MOST_FOUND, Question, SearchResult};

/// A notice and the pages of its documents.
struct Sample {
    title: &'static str,
    category: &'static str,
    number: &'static str,
    originator: &'static str,
    documents: &'static [&'static [&'static str]],
}

const TOWN: &[Sample] = &[
    Sample {
        title: "Opatření obecné povahy: přechodná úprava provozu, ul. Karlovarská",
        category: "Veřejné vyhlášky",
        number: "OD/4821/2026",
        originator: "Městský úřad, odbor dopravy",
        documents: &[&[
            "Uzavírka potrvá do konce roku.",
            "Objížďka vede přes Tisovou.",
        ]],
    },
    Sample {
        title: "Výzva programu Podpora spolkové činnosti 2027",
        category: "Dotace a granty",
        number: "OŠK/0402/2026",
        originator: "Odbor školství, kultury a sportu",
        documents: &[
            &["Příloha bez zajímavostí."],
            &[
                "První strana.",
                "Druhá strana.",
                "Třetí.",
                "Žádat mohou spolky se sídlem v Karlovarském kraji.",
            ],
        ],
    },
    Sample {
        title: "Přerušení dodávky elektřiny: Nádražní, Tovární",
        category: "Odstávky energií",
        number: "RD-110-06-4471",
        originator: "Rolavská distribuce, a. s.",
        documents: &[],
    },
    Sample {
        title: "Dražební vyhláška: rodinný dům č. p. 214, Tisová",
        category: "Dražby a exekuce",
        number: "991 EX 1187/24-96",
        originator: "Exekutorský úřad Horní Rolava",
        documents: &[&[
            "Povinný: Nezvěstný Jan. Dražba proběhne v Karlovarské ulici dne 12. 1. 2027.",
        ]],
    },
];

fn hash_of(number: usize, document: usize) -> DocumentHash {
    DocumentHash::of(format!("text {number}/{document}").as_bytes())
}

fn notice(number: usize, sample: &Sample) -> BoardNotice {
    let notice = Notice {
        id: NoticeId::new(format!("n{number}")),
        revision: Revision::FIRST,
        iri: None,
        url: None,
        title: LanguageMap::czech(sample.title),
        description: LanguageMap::new(),
        posted: Moment::Unspecified,
        relevant_until: Moment::Unspecified,
        approved: Moment::Unspecified,
        reference_number: Some(ReferenceNumber::new(sample.number)),
        file_number: Some(FileNumber::new(format!("SZ/{number}"))),
        categories: vec![LanguageMap::czech(sample.category)],
        originator: Some(sample.originator.to_owned()),
        documents: (0..sample.documents.len())
            .map(|document| Document {
                title: LanguageMap::czech(format!("Příloha {document}")),
                hash: Some(DocumentHash::of(&[document as u8])),
                missing: None,
                size_bytes: 1,
                media_type: None,
                url: None,
                pages: None,
                text: Some(Rendition {
                    hash: hash_of(number, document),
                    size_bytes: 1,
                }),
                rendition: None,
                doubtful_pages: Vec::new(),
            })
            .collect(),
        channel: Channel::BoardAndWeb,
        personal_data: false,
    };
    BoardNotice {
        reference: NoticeRef {
            id: notice.id.to_string(),
            revision: 1,
            hash: ContentHash::of(notice.id.as_str().as_bytes()),
        },
        notice,
    }
}

fn board(samples: &[Sample]) -> Arc<BoardContent> {
    let mut board = BoardContent {
        manifest: 1,
        addressee: Addressee::Group("mesto".to_owned()),
        created: chrono::DateTime::UNIX_EPOCH,
        notices_hash: ContentHash::of(b"section"),
        notices: Vec::new(),
        settings: SettingsSection::of_town("Město", "mesto.example"),
        town: LanguageMap::czech("Město"),
        information: Default::default(),
        published: Vec::new(),
        alerts: Default::default(),
    };
    board.notices = samples
        .iter()
        .enumerate()
        .map(|(number, sample)| notice(number, sample))
        .collect();
    Arc::new(board)
}

fn pages_of(samples: &[Sample]) -> HashMap<ContentHash, Vec<String>> {
    let mut pages = HashMap::new();
    for (number, sample) in samples.iter().enumerate() {
        for (document, texts) in sample.documents.iter().enumerate() {
            let texts = texts.iter().map(|text| (*text).to_owned()).collect();
            pages.insert(ContentHash(hash_of(number, document)), texts);
        }
    }
    pages
}

fn question(words: &str) -> Question {
    Question {
        words: words.to_owned(),
        language: Language::Czech,
        edition: 1,
    }
}

/// Texts that can arrive late.
#[derive(Clone, Default)]
struct FakeTexts(Arc<Mutex<HashMap<ContentHash, Vec<String>>>>);

impl Texts for FakeTexts {
    fn pages(&self, text: &ContentHash) -> Option<Vec<String>> {
        self.0.lock().unwrap().get(text).cloned()
    }
}

/// Indexes and searches without a thread.
fn find(words: &str) -> SearchResult {
    let mut index = TextIndex::in_memory().unwrap();
    for (text, pages) in pages_of(TOWN) {
        index.add(&text, 0, &pages, true).unwrap();
    }
    let finder = Finder::new(board(TOWN), (0..TOWN.len()).collect());
    finder.find(question(words), &index).unwrap()
}

#[track_caller]
fn check(words: &str, expected: &[&str]) {
    let found: Vec<String> = find(words)
        .found
        .iter()
        .map(|found| {
            let marked: Vec<&str> = found
                .excerpt
                .marks
                .iter()
                .map(|mark| &found.excerpt.text[mark.clone()])
                .collect();
            format!("{} {:?} {}", found.notice, found.place, marked.join("|"))
        })
        .collect();
    assert_eq!(found, expected, "{words:?}");
}

#[test]
fn titles_come_before_texts_and_the_page_of_a_hit_is_known() {
    check(
        "karlovar",
        &[
            "n0 Title Karlovar",
            "n1 Text { document: 1, page: 3 } Karlovar",
            "n3 Text { document: 0, page: 0 } Karlovar",
        ],
    );
}

#[test]
fn every_word_has_to_be_somewhere_in_the_notice_in_any_order() {
    check(
        "sidlem podpora",
        &["n1 Text { document: 1, page: 3 } sídlem"],
    );
    check("podpora vyzva", &["n1 Title Výzva|Podpora"]);
    check(
        "tisova objizdka",
        &["n0 Text { document: 0, page: 1 } Objížďka|Tisov"],
    );
    check("objizdka spolky", &[]);
}

#[test]
fn numbers_synonyms_and_offices_are_found() {
    check("od4821", &["n0 ReferenceNumber OD/4821"]);
    check("1187/24", &["n3 ReferenceNumber 1187/24"]);
    check("SZ/2", &["n2 FileNumber SZ/2"]);
    check("Strom", &["n2 Category elektřiny"]);
    check("auction", &["n3 Category Dražby a exekuce"]);
    check("exekutorsky", &["n3 Originator Exekutorský"]);
    check("c. p. 214", &["n3 Title 214"]);
}

#[test]
fn an_empty_query_finds_nothing_and_many_results_are_cut() {
    assert_eq!(find("").total, 0);
    assert_eq!(find(" - ").total, 0);
    let many: Vec<BoardNotice> = (0..1000).map(|number| notice(number, &TOWN[2])).collect();
    let board = Arc::new(BoardContent {
        notices: many,
        ..(*board(TOWN)).clone()
    });
    let finder = Finder::new(board, (0..1000).collect());
    let answer = finder
        .find(question("e"), &TextIndex::in_memory().unwrap())
        .unwrap();
    assert_eq!((answer.total, answer.found.len()), (1000, MOST_FOUND));
    assert_eq!(answer.found[0].notice, NoticeId::new("n0"), "newest first");
}

#[test]
fn what_is_not_posted_is_not_found() {
    let mut index = TextIndex::in_memory().unwrap();
    for (text, pages) in pages_of(TOWN) {
        index.add(&text, 0, &pages, true).unwrap();
    }
    let finder = Finder::new(board(TOWN), vec![1]);
    let answer = finder.find(question("karlovar"), &index).unwrap();
    assert_eq!((answer.total, answer.found.len()), (1, 1));
    assert_eq!(answer.found[0].notice, NoticeId::new("n1"));
    assert!(matches!(answer.found[0].place, Place::Text { .. }));
}

fn start_worker(folder: &Path, texts: &FakeTexts) -> (SearchWorker, mpsc::Receiver<SearchResult>) {
    let (answers, receiver) = mpsc::channel();
    let worker = SearchWorker::start(folder.join("search.sqlite"), texts.clone(), move |answer| {
        let _ = answers.send(answer);
    })
    .unwrap();
    (worker, receiver)
}

/// Asks until `total` notices are found; the index is filled between the questions.
#[track_caller]
fn ask_until(
    worker: &SearchWorker,
    answers: &mpsc::Receiver<SearchResult>,
    words: &str,
    total: usize,
) {
    for _ in 0..10_000 {
        worker.ask(Some(question(words)));
        if answers.recv().unwrap().total == total {
            return;
        }
    }
    panic!("{words:?} is never found {total} times");
}

/// Whether the word occurs in the bytes of any file of the folder.
fn remains(folder: &Path, word: &str) -> bool {
    fs::read_dir(folder).unwrap().any(|entry| {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        bytes
            .windows(word.len())
            .any(|window| window == word.as_bytes())
    })
}

#[test]
fn texts_that_arrive_late_are_found_and_survive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let texts = FakeTexts::default();
    let (worker, answers) = start_worker(folder.path(), &texts);
    worker.set_board(board(TOWN), (0..TOWN.len()).collect());
    ask_until(&worker, &answers, "karlovar", 1);
    *texts.0.lock().unwrap() = pages_of(TOWN);
    for text in pages_of(TOWN).keys() {
        worker.arrived(*text);
    }
    ask_until(&worker, &answers, "karlovar", 3);
    drop(worker);

    let (reopened, answers) = start_worker(folder.path(), &FakeTexts::default());
    reopened.set_board(board(TOWN), (0..TOWN.len()).collect());
    reopened.ask(Some(question("karlovar")));
    assert_eq!(
        answers.recv().unwrap().total,
        3,
        "without reading the texts anew"
    );
}

#[test]
fn what_was_taken_down_is_nowhere_in_the_files() {
    let folder = tempfile::tempdir().unwrap();
    let texts = FakeTexts(Arc::new(Mutex::new(pages_of(TOWN))));
    let (worker, answers) = start_worker(folder.path(), &texts);
    worker.set_board(board(TOWN), (0..TOWN.len()).collect());
    ask_until(&worker, &answers, "nezvestny", 1);
    ask_until(&worker, &answers, "karlovar", 3);
    assert!(remains(folder.path(), "nezvestny") && remains(folder.path(), "Nezvěstný"));
    // The word of a prefix, the word itself, and the text as it was written.
    worker.set_board(board(TOWN), vec![0, 1, 2]);
    ask_until(&worker, &answers, "karlovar", 2);
    worker.finish();
    for word in ["Nezvěstný", "nezvestny", "ezvestny"] {
        assert!(!remains(folder.path(), word), "{word}");
    }
    ask_until(&worker, &answers, "karlovar", 2);
}

#[test]
fn a_damaged_or_outdated_index_is_rebuilt() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("search.sqlite");
    let texts = FakeTexts(Arc::new(Mutex::new(pages_of(TOWN))));
    for damage in ["rubbish", ""] {
        fs::write(&path, damage.repeat(1000)).unwrap();
        let (worker, answers) = start_worker(folder.path(), &texts);
        worker.set_board(board(TOWN), (0..TOWN.len()).collect());
        ask_until(&worker, &answers, "karlovar", 3);
    }
    // Damage in the middle of a file that had been in use.
    let (worker, answers) = start_worker(folder.path(), &texts);
    worker.set_board(board(TOWN), (0..TOWN.len()).collect());
    ask_until(&worker, &answers, "karlovar", 3);
    drop(worker);
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 4;
    bytes[middle..].fill(0x5A);
    fs::write(&path, bytes).unwrap();
    let (worker, answers) = start_worker(folder.path(), &texts);
    worker.set_board(board(TOWN), (0..TOWN.len()).collect());
    ask_until(&worker, &answers, "karlovar", 3);
}

#[test]
fn texts_are_searched_also_where_no_file_can_be_written() {
    let folder = tempfile::tempdir().unwrap();
    // A folder in the place of the file stands for every disk that takes none.
    fs::create_dir_all(folder.path().join("search.sqlite/in-the-way")).unwrap();
    let texts = FakeTexts(Arc::new(Mutex::new(pages_of(TOWN))));
    let (worker, answers) = start_worker(folder.path(), &texts);
    worker.set_board(board(TOWN), (0..TOWN.len()).collect());
    ask_until(&worker, &answers, "karlovar", 3);
    worker.ask(Some(question("karlovar")));
    assert!(answers.recv().unwrap().in_documents);
    worker.set_board(board(TOWN), vec![0, 1, 2]);
    ask_until(&worker, &answers, "karlovar", 2);
}

#[test]
fn an_incomplete_text_is_added_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("search.sqlite");
    let text = ContentHash(hash_of(1, 1));
    let pages = pages_of(TOWN).remove(&text).unwrap();
    let mut index = TextIndex::open(&path).unwrap();
    index.add(&text, 0, &pages[..2], false).unwrap();
    assert!(!index.has(&text));
    drop(index);
    assert_eq!(TextIndex::open(&path).unwrap().texts().count(), 0);

    let texts = FakeTexts(Arc::new(Mutex::new(pages_of(TOWN))));
    let (worker, answers) = start_worker(folder.path(), &texts);
    worker.set_board(board(TOWN), (0..TOWN.len()).collect());
    ask_until(&worker, &answers, "sidlem", 1);
}

#[test]
fn endless_texts_are_bounded() {
    let mut index = TextIndex::in_memory().unwrap();
    let text = ContentHash::of(b"endless");
    let page = "slovo1 ".repeat(200_000) + "konec";
    index.add(&text, 0, &[page], true).unwrap();
    let term = |word: &str| vyveska_board::search::Query::parse(word).terms()[0].clone();
    assert_eq!(index.find(&term("slovo")).unwrap().len(), 1);
    assert_eq!(index.find(&term("konec")).unwrap().len(), 0);
}
