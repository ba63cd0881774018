//! Which everyday and foreign words mean a category.
//!
//! A German neighbour types "Strom" and means power cuts; a Czech one types "proud". The table says for each topic by
//! which beginnings of words a notice is recognised (in its title, its categories and its originator, folded, Czech), and
//! which words lead there. To add a synonym, add it to a line; diacritics are allowed.
//! Words of the notice itself need no line; they are found anyway.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

use super::fold;
use super::words::words;

struct Topic {
    /// How a notice is recognised: beginnings of folded words, several parted by a space.
    stems: &'static [&'static str],
    /// Everyday Czech words, and other words of offices.
    czech: &'static str,
    german: &'static str,
    english: &'static str,
}

const TOPICS: [Topic; 30] = [
    Topic {
        stems: &[
            "elektrin",
            "elektricke energi",
            "odstavky energi",
            "odstavka energi",
        ],
        czech: "elektřina elektrika proud světlo blackout ČEZ",
        german: "Strom Stromausfall Stromabschaltung Elektrizität Licht",
        english: "electricity power blackout",
    },
    Topic {
        stems: &["odstav", "preruseni dodav", "omezeni dodav", "vypad"],
        czech: "odstávka výpadek vypnutí přerušení neteče nejde energie",
        german: "Ausfall Abschaltung Unterbrechung Energie",
        english: "outage outages cut interruption energy shutdown utilities",
    },
    Topic {
        stems: &[
            "pitne vod",
            "dodavky vod",
            "energii a vod",
            "vodovod",
            "vodaren",
            "kanaliza",
        ],
        czech: "voda pitná vodovod kohoutek kanalizace vodárna",
        german: "Wasser Trinkwasser Wasserleitung Abwasser",
        english: "water drinking tap sewer",
    },
    Topic {
        stems: &["plyn", "teplo", "tepeln", "vytapen"],
        czech: "plyn teplo topení",
        german: "Gas Heizung Fernwärme",
        english: "gas heating",
    },
    Topic {
        stems: &[
            "prodej",
            "prodat",
            "smen",
            "darovan",
            "zamer obce",
            "zamery",
            "majetek",
        ],
        czech: "koupit koupě kupní prodej pozemek parcela zahrada dům garáž nemovitost",
        german: "Verkauf kaufen verkaufen Grundstück Garten Haus Garage Immobilie",
        english: "sale sell buy purchase land plot garden house garage property estate",
    },
    Topic {
        stems: &[
            "pronaj",
            "pronajm",
            "pacht",
            "propacht",
            "vypujc",
            "najem",
            "zamer obce",
            "zamery",
        ],
        czech: "nájem pronájem pronajmout podnájem pacht výpůjčka půjčit",
        german: "Miete Vermietung mieten Pacht pachten Leihe",
        english: "lease rent rental letting tenancy",
    },
    Topic {
        stems: &["bytu", "byty", "bytov", "bydlen"],
        czech: "byt bydlení garsonka",
        german: "Wohnung Wohnen",
        english: "flat apartment housing",
    },
    Topic {
        stems: &["drazb", "drazeb", "aukc"],
        czech: "dražba aukce licitace",
        german: "Versteigerung Auktion Zwangsversteigerung",
        english: "auction bidding",
    },
    Topic {
        stems: &["exeku", "drazb", "drazeb"],
        czech: "exekuce exekutor dluh dluhy zabavení",
        german: "Vollstreckung Zwangsvollstreckung Gerichtsvollzieher Pfändung Schulden",
        english: "enforcement bailiff debt foreclosure seizure execution",
    },
    Topic {
        stems: &[
            "vyberov",
            "volna mist",
            "volne mist",
            "volneho mist",
            "konkurs",
            "konkurz",
            "pracovni",
        ],
        czech: "práce zaměstnání pracovní místo nábor úředník konkurz",
        german: "Arbeit Stelle Stellenangebot Stellenausschreibung Job Arbeitsplatz Beruf",
        english: "job jobs work vacancy vacancies employment position career",
    },
    Topic {
        stems: &[
            "verejna zakaz",
            "verejne zakaz",
            "verejnych zakaz",
            "zadavac",
            "poptav",
        ],
        czech: "zakázka tender soutěž poptávka",
        german: "Auftrag Ausschreibung Vergabe",
        english: "procurement tender contract",
    },
    Topic {
        stems: &[
            "dotac",
            "dotacn",
            "grant",
            "verejnopravni smlouv",
            "program podpor",
            "programu podpor",
        ],
        czech: "dotace grant příspěvek podpora peníze",
        german: "Förderung Förderprogramm Fördermittel Zuschuss Subvention Geld",
        english: "subsidy subsidies grant grants funding support money",
    },
    Topic {
        stems: &[
            "rozpoc",
            "zaverecny ucet",
            "zaverecneho uct",
            "strednedob",
            "hospodar",
        ],
        czech: "rozpočet peníze finance účet hospodaření výhled",
        german: "Haushalt Haushaltsplan Finanzen Geld Jahresrechnung",
        english: "budget finance finances money account accounts spending",
    },
    Topic {
        stems: &[
            "zastupitel",
            "rada mest",
            "rady mest",
            "rada obc",
            "rady obc",
            "zasedani",
            "usneseni",
        ],
        czech: "zastupitelstvo rada zasedání schůze jednání usnesení zápis program pozvánka starosta",
        german: "Stadtrat Gemeinderat Gemeindevertretung Stadtvertretung Sitzung Beschluss Protokoll Einladung Bürgermeister",
        english: "council meeting session resolution minutes agenda invitation mayor",
    },
    Topic {
        stems: &[
            "obecne zavazn",
            "pravni predpis",
            "predpis obc",
            "narizeni mest",
            "narizeni obc",
        ],
        czech: "vyhláška nařízení předpis zákon pravidla OZV",
        german: "Verordnung Satzung Vorschrift Gesetz Regeln",
        english: "bylaw bylaws by-law law regulation ordinance rules legislation",
    },
    Topic {
        stems: &[
            "verejna vyhlas",
            "verejne vyhlas",
            "verejnou vyhlas",
            "opatreni obecne",
        ],
        czech: "vyhláška doručení doručování",
        german: "Bekanntmachung Zustellung Allgemeinverfügung",
        english: "notice public decree",
    },
    Topic {
        stems: &[
            "stavebn",
            "stavb",
            "stavby",
            "povoleni zamer",
            "kolaudac",
            "pristavb",
            "novostavb",
        ],
        czech: "stavba stavět stavební povolení kolaudace přístavba demolice",
        german: "Bau bauen Baugenehmigung Bauamt Bauantrag Abriss",
        english: "building construction permit demolition",
    },
    Topic {
        stems: &["uzemni", "uzemniho", "regulacni plan"],
        czech: "územní plán územák zástavba",
        german: "Flächennutzungsplan Raumplanung Bebauungsplan Raumordnung",
        english: "planning zoning land-use plan",
    },
    Topic {
        stems: &[
            "doprav",
            "uzavir",
            "silnic",
            "uprava provozu",
            "upravy provozu",
            "parkov",
            "zona 30",
            "objizd",
        ],
        czech: "silnice cesta ulice auto doprava uzavírka objížďka parkování značky most",
        german: "Verkehr Straße Strassensperrung Straßensperrung Sperrung Umleitung Parken Auto Brücke",
        english: "traffic road closure street detour diversion parking car bridge",
    },
    Topic {
        stems: &[
            "zivotni",
            "zivotniho",
            "eia",
            "posuzovani vliv",
            "vodopravn",
            "ochranne pasm",
            "ochranneho pasm",
        ],
        czech: "příroda životní prostředí ekologie voda",
        german: "Umwelt Natur Umweltschutz Umweltprüfung Gewässer",
        english: "environment nature ecology impact",
    },
    Topic {
        stems: &["drevin", "kacen", "lesn", "lesy", "stromorad", "alej"],
        czech: "strom stromy kácení les dřevo alej",
        german: "Baum Bäume Baumfällung fällen Wald Forst Holz",
        english: "tree trees felling forest wood",
    },
    Topic {
        stems: &["volb", "voleb", "referend", "hlasovan"],
        czech: "volby volit hlasování hlasovat okrsek místnost",
        german: "Wahl Wahlen wählen Abstimmung Wahllokal Wahlbezirk",
        english: "election elections vote voting polling referendum",
    },
    Topic {
        stems: &[
            "dan z",
            "dane",
            "dani",
            "poplat",
            "predpisny seznam",
            "financni urad",
            "financniho urad",
        ],
        czech: "daň daně poplatek poplatky platba finančák berňák",
        german: "Steuer Steuern Gebühr Gebühren Finanzamt",
        english: "tax taxes fee fees charge",
    },
    Topic {
        stems: &["odpad", "popelnic", "skladk"],
        czech: "odpad odpadky popelnice smetí skládka",
        german: "Müll Abfall Müllabfuhr Mülltonne",
        english: "waste rubbish garbage trash bin",
    },
    Topic {
        stems: &["ulozeni pisemnost", "pisemnost", "ohlasovn", "dorucovan"],
        czech: "dopis pošta zásilka obálka obsílka uložení",
        german: "Brief Post Schriftstück Sendung hinterlegt",
        english: "letter mail post document deposited",
    },
    Topic {
        stems: &["soud", "notar"],
        czech: "soud soudce notář dědictví",
        german: "Gericht Richter Notar Erbe",
        english: "court judge notary inheritance",
    },
    Topic {
        stems: &[
            "katastr",
            "pozemkovy urad",
            "pozemkoveho urad",
            "pozemkove uprav",
            "nedostatecne urcen",
        ],
        czech: "katastr pozemky vlastník hranice výměra",
        german: "Kataster Katasteramt Grundbuch Eigentümer Flurbereinigung",
        english: "cadastre registry owner boundary",
    },
    Topic {
        stems: &["nalez", "ztrat"],
        czech: "ztráty nálezy ztráta ztracené našel klíče peněženka kolo",
        german: "Fund Fundsachen Fundbüro verloren gefunden Schlüssel Fahrrad",
        english: "lost found property keys wallet bicycle",
    },
    Topic {
        stems: &[
            "krizov",
            "bezpecnost",
            "povod",
            "evakuac",
            "vystrah",
            "nebezpec",
        ],
        czech: "krize nebezpečí povodeň voda požár výstraha evakuace",
        german: "Krise Gefahr Hochwasser Überschwemmung Brand Warnung",
        english: "crisis danger flood fire warning emergency",
    },
    Topic {
        stems: &["skol", "skolsk", "materske skol", "zapis do"],
        czech: "škola školka zápis žák učitel ředitel",
        german: "Schule Kindergarten Einschulung Lehrer",
        english: "school kindergarten nursery enrolment teacher",
    },
];

/// A bit for each entry of `TOPICS`, in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Topics(u32);

impl Topics {
    /// Whether two sets have a topic in common.
    pub fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// The topics in both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    fn insert(&mut self, position: usize) {
        self.0 |= 1 << position;
    }

    fn contains(self, position: usize) -> bool {
        self.0 & (1 << position) != 0
    }
}

const _: () = assert!(TOPICS.len() <= 32);

/// Shorter words select no topic, because they are ambiguous ("str").
const SHORTEST_SYNONYM: usize = 3;

/// How many letters longer than the word in the table a typed word may be: "Versteigerungen", "permits".
const LONGEST_ENDING: usize = 2;

static SYNONYMS: LazyLock<Vec<(String, usize)>> = LazyLock::new(|| {
    let mut synonyms = Vec::new();
    for (position, topic) in TOPICS.iter().enumerate() {
        for line in [topic.czech, topic.german, topic.english] {
            let folded = fold(line);
            synonyms.extend(words(&folded).map(|word| (folded[word].to_owned(), position)));
        }
    }
    synonyms
});

/// The topics a folded word means.
pub(super) fn meant_by(word: &str) -> Topics {
    let mut topics = Topics::default();
    if word.chars().count() < SHORTEST_SYNONYM {
        return topics;
    }
    for (synonym, position) in SYNONYMS.iter() {
        let longer = |rest: &str| {
            rest.chars().count() <= LONGEST_ENDING && synonym.chars().count() > SHORTEST_SYNONYM
        };
        if synonym.starts_with(word) || word.strip_prefix(synonym.as_str()).is_some_and(longer) {
            topics.insert(*position);
        }
    }
    topics
}

/// Phrases by the beginning of their first word, so that classifying ten thousand titles stays fast.
static PHRASES: LazyLock<HashMap<&'static str, Vec<(&'static str, usize)>>> = LazyLock::new(|| {
    let mut phrases: HashMap<_, Vec<_>> = HashMap::new();
    for (position, topic) in TOPICS.iter().enumerate() {
        for stem in topic.stems {
            phrases
                .entry(key(stem))
                .or_default()
                .push((*stem, position));
        }
    }
    phrases
});

/// The first three letters, by which phrases are kept.
fn key(word: &str) -> &str {
    word.get(..3).unwrap_or_default()
}

/// The topics of which a phrase stands in this folded text.
pub(super) fn of_text(folded: &str) -> Topics {
    let mut topics = Topics::default();
    let line = spaced(folded);
    for (at, _) in line.match_indices(' ') {
        let here = &line[at + 1..];
        for (phrase, position) in PHRASES.get(key(here)).into_iter().flatten() {
            if begins(here, phrase) {
                topics.insert(*position);
            }
        }
    }
    topics
}

/// The part of a folded text by which it belongs to one of the topics: whole words, the first such part.
pub(super) fn evidence(folded: &str, topics: Topics) -> Option<Range<usize>> {
    let line = spaced(folded);
    let found = TOPICS
        .iter()
        .enumerate()
        .filter(|(position, _)| topics.contains(*position))
        .flat_map(|(_, topic)| topic.stems)
        .filter_map(|stem| find(&line, stem).map(|at| (at, stem.split(' ').count())))
        .min()?;
    let (at, count) = found;
    // The spaced line has the same words, each after one space.
    let first = line[..=at].matches(' ').count() - 1;
    let all: Vec<Range<usize>> = words(folded).skip(first).take(count).collect();
    Some(all.first()?.start..all.last()?.end)
}

/// The words of a folded text, each after one space.
fn spaced(folded: &str) -> String {
    let mut line = String::with_capacity(folded.len() + 1);
    for word in words(folded) {
        line.push(' ');
        line.push_str(&folded[word]);
    }
    line
}

/// Where words begin with the stems of a phrase, one after the other.
fn find(line: &str, phrase: &str) -> Option<usize> {
    line.match_indices(' ')
        .map(|(at, _)| at)
        .find(|at| begins(&line[at + 1..], phrase))
}

/// Whether the first words begin with the stems of a phrase, one after the other.
fn begins(line: &str, phrase: &str) -> bool {
    let mut words = line.split(' ');
    phrase
        .split(' ')
        .all(|stem| words.next().is_some_and(|word| word.starts_with(stem)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(word: &str, text: &str, expected: bool) {
        let found = meant_by(&fold(word)).meets(of_text(&fold(text)));
        assert_eq!(found, expected, "{word} in {text}");
    }

    #[test]
    fn words_of_three_languages_lead_to_a_category() {
        for word in ["Strom", "proud", "electricity", "Stromausf", "elektrika"] {
            check(word, "Přerušení dodávky elektřiny: Nádražní", true);
            check(word, "Odstávky energií", true);
            check(word, "Volby", false);
        }
        for (word, category) in [
            ("Versteigerungen", "Dražby a exekuce"),
            ("auction", "DRAŽEBNÍ VYHLÁŠKY"),
            ("Arbeit", "Výběrová řízení"),
            ("práce", "Volná místa"),
            ("Grundstück", "Prodej a pronájem"),
            ("rent", "Záměr pronájmu pozemku"),
            ("Wahlen", "Volby"),
            ("grants", "Dotace a granty"),
            ("Haushalt", "Návrh rozpočtu města"),
            ("budget", "Závěrečný účet města"),
            ("Straßensperrung", "Uzavírka mostu"),
            ("Strassensperrung", "Uzavírka mostu"),
            ("trees", "kácení dřevin"),
            ("strom", "kácení dřevin"),
            ("lost", "Ztráty a nálezy"),
            ("Fundsachen", "Nález: jízdní kolo"),
            ("Bauamt", "Stavební řízení"),
            ("popelnice", "poplatek za odpady"),
        ] {
            check(word, category, true);
        }
    }

    #[test]
    fn too_short_a_word_means_nothing_yet() {
        check("st", "Odstávky energií", false);
        check("", "Odstávky energií", false);
    }

    #[test]
    fn the_words_that_show_the_topic_are_found() {
        let text = fold("Výzva: přerušení dodávky elektřiny");
        let of = |word: &str| evidence(&text, meant_by(word)).map(|part| &text[part]);
        assert_eq!(of("strom"), Some("elektriny"));
        assert_eq!(of("ausfall"), Some("preruseni dodavky"));
        assert_eq!(of("wahl"), None);
    }

    #[test]
    fn every_topic_recognises_something_and_is_led_to_in_three_languages() {
        for (position, topic) in TOPICS.iter().enumerate() {
            for line in [topic.czech, topic.german, topic.english] {
                let folded = fold(line);
                let first = words(&folded).next().map(|word| &folded[word]).unwrap();
                assert!(meant_by(first).contains(position), "{first}");
            }
            for stem in topic.stems {
                assert_eq!(fold(stem), *stem);
                assert!(of_text(stem).contains(position), "{stem}");
            }
        }
    }
}
