//! How fast searching is, with ten thousand notices and their text: `cargo bench -p vyveska --bench search`.
//!
//! The texts are generated from Czech syllables with the word frequencies of a language: few are common, many rare.
//! Measures the time from the question to the answer with its marked lines; `reading` measures the painting.

#![expect(clippy::print_stdout, reason = "a bench prints")]

mod rounds;

use std::sync::{Arc, mpsc};
use std::time::Instant;

use rounds::{is_smoke, rounds};
use vyveska::search::{SearchWorker, Texts};
use vyveska::state::{BoardContent, BoardNotice, Question, SearchResult};
use vyveska_board::{
    Channel, Document, DocumentHash, Language, LanguageMap, Moment, Notice, NoticeId,
    ReferenceNumber, Rendition, Revision,
};
use vyveska_wire::journal::NoticeRef;
use vyveska_wire::manifest::{Addressee, ContentHash};
use vyveska_wire::section::SettingsSection;

/// As many as the largest city posts in years; a handful for `--smoke`.
fn notices() -> usize {
    if is_smoke() { 50 } else { 10_000 }
}

/// The number of pages of a notice: three on average.
const PAGES: [usize; 5] = [1, 2, 2, 3, 7];
const WORDS_ON_A_PAGE: usize = 350;
const VOCABULARY: usize = 60_000;

/// The text that is typed, a key at a time.
const TYPED: [&str; 8] = [
    "karlovarská uzavírka",
    "p",
    "v lese",
    "OD/4821/2026",
    "991 EX 1187/24",
    "Strom",
    "rozpočet města na rok 2027",
    "a e i o u",
];

fn main() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("search.sqlite");
    let (answers, answered) = mpsc::channel();
    let (served, texts_served) = mpsc::channel();
    let texts = ServedTexts {
        texts: GeneratedTexts::default(),
        served,
    };
    let worker = SearchWorker::start(path.clone(), texts, move |answer| {
        let _ = answers.send(answer);
    })?;
    let began = Instant::now();
    let board = board();
    println!("{:40} {:8.1?}", "generating the board", began.elapsed());

    let began = Instant::now();
    worker.set_board(board, (0..notices()).collect());
    for _ in 0..notices() {
        texts_served.recv()?;
    }
    // A text of so few pages is added before the next question is answered.
    ask(&worker, &answered, "strana")?;
    println!("{:40} {:8.1?}", "indexing all texts", began.elapsed());
    let size = std::fs::metadata(&path)?.len();
    println!("{:40} {:5} MB", "index on disk", size / 1_000_000);
    println!("{:40} {:5} MB", "memory of this process", resident()?);

    let mut all = Vec::new();
    for typed in TYPED {
        let mut times = Vec::new();
        let mut found = 0;
        for _ in 0..rounds(3) {
            for (end, letter) in typed.char_indices() {
                let words = &typed[..end + letter.len_utf8()];
                let began = Instant::now();
                found = ask(&worker, &answered, words)?.total;
                times.push(began.elapsed().as_secs_f64() * 1000.0);
            }
        }
        all.extend_from_slice(&times);
        print_figure(&format!("{typed:?} ({found} found)"), &mut times);
    }
    print_figure("every key", &mut all);
    Ok(())
}

fn ask(
    worker: &SearchWorker,
    answered: &mpsc::Receiver<SearchResult>,
    words: &str,
) -> anyhow::Result<SearchResult> {
    worker.ask(Some(Question {
        words: words.to_owned(),
        language: Language::Czech,
        edition: 1,
    }));
    loop {
        let answer = answered.recv()?;
        if answer.question.words == words {
            // A question is answered twice where texts arrived in between; the second answer is not waited for.
            return Ok(answer);
        }
    }
}

fn print_figure(what: &str, times: &mut [f64]) {
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    println!(
        "{what:40} median {:6.2} ms, 95th percentile {:6.2} ms, most {:6.2} ms",
        at(0.5),
        at(0.95),
        at(1.0)
    );
}

fn resident() -> anyhow::Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with("VmRSS"));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    Ok(kilobytes.unwrap_or_default() / 1000)
}

/// A generator with a fixed seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides as u64) as usize
    }

    /// Small numbers often and large ones seldom, like word frequencies.
    fn seldom(&mut self, sides: usize) -> usize {
        let even = self.roll(1_000_000) as f64 / 1_000_000.0;
        ((sides as f64).powf(even) - 1.0) as usize
    }
}

#[derive(Clone)]
struct GeneratedTexts {
    vocabulary: Arc<[String]>,
}

impl Default for GeneratedTexts {
    fn default() -> Self {
        const SYLLABLES: [&str; 48] = [
            "po", "ne", "vy", "na", "za", "ro", "ve", "ře", "ní", "st", "ka", "ra", "mě", "od",
            "do", "pro", "vo", "da", "le", "li", "sta", "tel", "ství", "ost", "ku", "ým", "ého",
            "ách", "ou", "pla", "ce", "úze", "mí", "zem", "dě", "ší", "žá", "dos", "by", "tu",
            "kar", "lov", "ar", "ská", "uza", "vír", "roz", "čet",
        ];
        let mut dice = Dice(7);
        let vocabulary = (0..VOCABULARY).map(|rank| match rank {
            0 => "a".to_owned(),
            1 => "v".to_owned(),
            2 => "na".to_owned(),
            3 => "se".to_owned(),
            _ => (0..2 + dice.roll(3))
                .map(|_| SYLLABLES[dice.roll(SYLLABLES.len())])
                .collect(),
        });
        Self {
            vocabulary: vocabulary.collect(),
        }
    }
}

impl GeneratedTexts {
    fn words(&self, dice: &mut Dice, count: usize) -> String {
        let words: Vec<&str> = (0..count)
            .map(|_| self.vocabulary[dice.seldom(VOCABULARY)].as_str())
            .collect();
        words.join(" ")
    }
}

impl Texts for GeneratedTexts {
    fn pages(&self, text: &ContentHash) -> Option<Vec<String>> {
        let seed = u64::from_be_bytes(text.0.as_bytes()[..8].try_into().ok()?);
        let mut dice = Dice(seed | 1);
        let pages = PAGES[dice.roll(PAGES.len())];
        Some(
            (1..=pages)
                .map(|page| {
                    format!(
                        "strana {page}\n{} č. j. OD/{}/2026, p. č. {}/{} v k. ú. Tisová",
                        self.words(&mut dice, WORDS_ON_A_PAGE),
                        dice.roll(9000),
                        dice.roll(3000),
                        dice.roll(20)
                    )
                })
                .collect(),
        )
    }
}

/// Reports each text that it serves.
struct ServedTexts {
    texts: GeneratedTexts,
    served: mpsc::Sender<()>,
}

impl Texts for ServedTexts {
    fn pages(&self, text: &ContentHash) -> Option<Vec<String>> {
        let _ = self.served.send(());
        self.texts.pages(text)
    }
}

fn board() -> Arc<BoardContent> {
    let texts = GeneratedTexts::default();
    let mut dice = Dice(11);
    let categories = [
        "Veřejné vyhlášky",
        "Dražby a exekuce",
        "Prodej a pronájem",
        "Odstávky energií",
        "Rozpočet a hospodaření",
    ];
    let notices = (0..notices()).map(|number| {
        let notice = Notice {
            id: NoticeId::new(format!("n{number}")),
            revision: Revision::FIRST,
            iri: None,
            url: None,
            title: LanguageMap::czech(texts.words(&mut dice, 11)),
            description: LanguageMap::new(),
            posted: Moment::Unspecified,
            relevant_until: Moment::Unspecified,
            approved: Moment::Unspecified,
            reference_number: Some(ReferenceNumber::new(format!("OD/{number}/2026"))),
            file_number: None,
            categories: vec![LanguageMap::czech(categories[number % categories.len()])],
            originator: Some("Městský úřad Lipnice nad Rolavou, odbor dopravy".to_owned()),
            documents: vec![Document {
                title: LanguageMap::czech("Oznámení"),
                hash: None,
                missing: None,
                size_bytes: 0,
                media_type: None,
                url: None,
                pages: None,
                text: Some(Rendition {
                    hash: DocumentHash::of(number.to_string().as_bytes()),
                    size_bytes: 1,
                }),
                rendition: None,
                doubtful_pages: Vec::new(),
            }],
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
    });
    Arc::new(BoardContent {
        manifest: 1,
        addressee: Addressee::Group("mesto".to_owned()),
        created: chrono::DateTime::UNIX_EPOCH,
        notices_hash: ContentHash::of(b"section"),
        notices: notices.collect(),
        information: Default::default(),
        published: Vec::new(),
        alerts: Vec::new(),
        settings: SettingsSection::of_town("Město", "mesto.example"),
        town: LanguageMap::czech("Město"),
    })
}
