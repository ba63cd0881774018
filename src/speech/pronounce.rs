//! Converts written text to spoken text.
//!
//! A synthesizer reads letters; a person reads „č. j.", „21. 11. 2026" or „1 200 000,- Kč" as words.
//! This module writes the text as a person would say it. The result is plain text: the synthesizer's own markup is
//! never used, so that no publisher's text can control it.

mod czech;
mod english;
mod german;
mod numbers;
mod words;

use vyveska_board::Language;

use words::Word;

/// The text as it is said in a language.
pub fn pronounce(text: &str, language: Language) -> String {
    let words = words::split(text);
    let mut said = String::with_capacity(text.len() + text.len() / 4);
    let mut rest: &[Word] = &words;
    let mut before: Option<&Word> = None;
    while let Some(first) = rest.first() {
        let rule = match language {
            Language::Czech => czech::say(before, rest),
            Language::German => german::say(rest),
            Language::English => english::say(rest),
        };
        let (taken, words_said) = rule
            .or_else(|| numbers::say(rest, language))
            .or_else(|| address(first, language).map(|said| (1, said)))
            .unwrap_or_else(|| (1, first.core.clone()));
        let (done, left) = rest.split_at(taken.clamp(1, rest.len()));
        let last = done.last().unwrap_or(first);
        if !said.is_empty() {
            said.push(' ');
        }
        if first.opens {
            said.push_str(", ");
        }
        said.push_str(&words_said);
        said.push_str(last.pause(&words_said, left.is_empty()));
        before = Some(last);
        rest = left;
    }
    said
}

/// Web and mail addresses, with their signs said.
fn address(word: &Word, language: Language) -> Option<String> {
    let text = word.core.as_str();
    let plain = text
        .trim_start_matches("https://")
        .trim_start_matches("http://")
        .trim_end_matches('/');
    let is_address = plain.contains('@')
        || plain.starts_with("www.")
        || plain.len() != text.len()
        || plain.split('/').next().is_some_and(is_domain);
    if !is_address {
        return None;
    }
    let (dot, slash, dash, at) = match language {
        Language::Czech => ("tečka", "lomeno", "pomlčka", "zavináč"),
        Language::German => ("Punkt", "Schrägstrich", "Bindestrich", "at"),
        Language::English => ("dot", "slash", "dash", "at"),
    };
    let mut said = String::new();
    for letter in plain.chars() {
        match letter {
            '.' => said.push_str(&format!(" {dot} ")),
            '/' => said.push_str(&format!(" {slash} ")),
            '-' | '_' => said.push_str(&format!(" {dash} ")),
            '@' => said.push_str(&format!(" {at} ")),
            other => said.push(other),
        }
    }
    Some(said.trim().to_owned())
}

/// „lipnice.example": lower case, with a dot inside and only letters after the last one.
fn is_domain(text: &str) -> bool {
    let mut parts = text.rsplit('.');
    let top = parts.next().unwrap_or_default();
    let mut others = parts.peekable();
    let is_label = |part: &str| {
        part.chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    };
    others.peek().is_some()
        && (2..=12).contains(&top.len())
        && top.chars().all(|c| c.is_ascii_lowercase())
        && others.all(|part| part.len() > 1 && is_label(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(language: Language, written: &str, said: &str) {
        assert_eq!(pronounce(written, language), said, "{written:?}");
    }

    #[test]
    fn czech_abbreviations_become_words() {
        let check = |written, said| check(Language::Czech, written, said);
        check("č. j. OD/4821/2026", "číslo jednací OD/4821/2026");
        check("č.j.: MO/311", "číslo jednací, MO/311");
        check(
            "p. č. 1182/4 v k.\u{a0}ú. Lipnice",
            "parcelní číslo 1182/4 v katastrální území Lipnice",
        );
        check("§ 7 odst. 2 písm. a)", "paragraf 7 odstavec 2 písmeno a,");
        check(
            "zákona č. 100/2001 Sb., o posuzování",
            "zákona číslo 100/2001 Sbírky, o posuzování",
        );
        check("dům č. p. 214", "dům číslo popisné 214");
        check("KAOLIN s. r. o., Tisová", "KAOLIN es er o, Tisová");
        check("ČEZ Distribuce, a.s.", "Čez Distribuce, á es.");
        check("sp. zn. 12 C 3/2026", "spisová značka 12 C 3/2026");
        check("v ul. Karlovarské", "v ulice Karlovarské");
        check("apod.", "a podobně.");
        check("MěÚ Lipnice", "městský úřad Lipnice");
    }

    #[test]
    fn dates_are_said_with_their_months() {
        let czech = |written, said| check(Language::Czech, written, said);
        czech(
            "vyvěšeno 21.\u{a0}11.\u{a0}2026",
            "vyvěšeno dvacátého prvního listopadu 2026",
        );
        czech("vyvěšeno 21. 11.", "vyvěšeno dvacátého prvního listopadu");
        czech("do 6. 12. 2026 včetně", "do šestého prosince 2026 včetně");
        czech("1.1.2027,", "prvního ledna 2027,");
        czech(
            "sobota 21. listopadu 2026",
            "sobota dvacátého prvního listopadu 2026",
        );
        czech("30. 13.", "30 13");
        let german = |written, said| check(Language::German, written, said);
        german(
            "ausgehängt 21. 11. 2026",
            "ausgehängt einundzwanzigsten November 2026",
        );
        german("am 3. März", "am dritten März");
        let english = |written, said| check(Language::English, written, said);
        english("6 Dec 2026", "6th of December 2026");
        english("21 November", "21st of November");
    }

    #[test]
    fn times_are_said_with_their_hours() {
        let czech = |written, said| check(Language::Czech, written, said);
        czech("od 14.30 hod.", "od 14 hodin 30 minut.");
        czech("14:32", "14 hodin 32 minut");
        czech("v 8.00, potom", "v 8 hodin, potom");
        czech(
            "do 12. 1. 2027, 10.00",
            "do dvanáctého ledna 2027, 10 hodin",
        );
        czech("1:01", "1 hodina 1 minuta");
        czech("čl. 3.10", "článek 3.10");
        czech("bod 14.30", "bod 14.30");
        check(Language::German, "14.30 Uhr", "14 Uhr 30");
        check(Language::English, "14:00", "14 o'clock");
        check(Language::English, "14:05", "14 oh 5");
    }

    #[test]
    fn numbers_are_said_whole() {
        let czech = |written, said| check(Language::Czech, written, said);
        czech("1 200 000 Kč", "1200000 korun");
        czech("1\u{a0}200,- Kč", "1200 korun");
        czech("tel. 352 600 111", "telefon 352 600 111");
        czech("352 600 111 obyvatel", "352600111 obyvatel");
        czech("357 31 Horní Slavkov", "357 31 Horní Slavkov");
        czech("120 m² a 3 km", "120 metrů čtverečních a 3 kilometrů");
        czech("2–4 hodiny", "2 až 4 hodiny");
        czech("na 21. zasedání", "na 21 zasedání");
        check(Language::German, "2–4", "2 bis 4");
    }

    #[test]
    fn decorations_are_not_read() {
        let czech = |written, said| check(Language::Czech, written, said);
        czech("nové: Záměr", "nové, Záměr");
        czech("Odbor dopravy · OD", "Odbor dopravy, OD");
        czech("Další…", "Další");
        czech("podpis ................ razítko", "podpis, razítko");
        czech("„Rozšíření těžby“ etapa", "Rozšíření těžby etapa");
        czech("Deutsch\nEnglish", "Deutsch, English");
        czech("• první\n• druhý", "první, druhý");
        czech("", "");
        czech(" \u{a0} ", "");
        czech("dělení slo\u{ad}va", "dělení slova");
    }

    #[test]
    fn addresses_are_said_with_their_signs() {
        check(
            Language::Czech,
            "lipnice.example/deska",
            "lipnice tečka example lomeno deska",
        );
        check(
            Language::Czech,
            "podatelna@lipnice.example,",
            "podatelna zavináč lipnice tečka example,",
        );
        check(
            Language::English,
            "https://lipnice.example/",
            "lipnice dot example",
        );
        check(Language::Czech, "tj. dnes", "to jest dnes");
    }

    #[test]
    fn no_sign_commands_the_synthesizer() {
        check(Language::English, "a[[hl]]b <b>c</b>", "ahlb bc/b");
    }

    #[test]
    fn nothing_panics() {
        for text in [
            "§",
            "č.",
            "99999999999999999999 99.99 :",
            ".",
            "1. 1. 1.",
            "–",
            "\u{301}",
        ] {
            for language in Language::ALL {
                pronounce(text, language);
            }
        }
    }
}
