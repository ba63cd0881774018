//! What categories are called in the languages of the interface.
//!
//! Publishers name categories freely and in Czech. A name this table knows, however it is written, has a German and an
//! English one; a name it does not know stays as it is, since a wrong translation of an office is worse than none.
//! Which everyday words lead to a category is another matter.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::fold::fold;
use crate::language::{Language, LanguageMap};

/// Czech, German, English. The first of several lines with equal translations is the usual Czech name.
///
/// The agendas seen on Czech boards (`domain.md`, 1.5) and the names feeds give them.
const NAMES: [(&str, &str, &str); 96] = [
    (
        "Veřejné vyhlášky",
        "Öffentliche Bekanntmachungen",
        "Public notices",
    ),
    (
        "Veřejná vyhláška",
        "Öffentliche Bekanntmachung",
        "Public notice",
    ),
    (
        "Doručování veřejnou vyhláškou",
        "Öffentliche Zustellung",
        "Service by public notice",
    ),
    (
        "Doručované písemnosti",
        "Zuzustellende Schriftstücke",
        "Documents to be served",
    ),
    (
        "Opatření obecné povahy",
        "Allgemeinverfügungen",
        "Measures of a general nature",
    ),
    ("Rozhodnutí", "Bescheide", "Decisions"),
    (
        "Závazná stanoviska",
        "Verbindliche Stellungnahmen",
        "Binding opinions",
    ),
    (
        "Zastupitelstvo a rada",
        "Gemeindevertretung und Rat",
        "Council and executive board",
    ),
    ("Zastupitelstvo", "Gemeindevertretung", "Council"),
    ("Zastupitelstvo města", "Stadtvertretung", "Town council"),
    (
        "Zastupitelstvo obce",
        "Gemeindevertretung",
        "Municipal council",
    ),
    ("Rada", "Rat", "Executive board"),
    ("Rada města", "Stadtrat", "Executive board"),
    ("Rada obce", "Gemeinderat", "Executive board"),
    ("Starosta", "Bürgermeister", "Mayor"),
    ("Usnesení", "Beschlüsse", "Resolutions"),
    ("Zápisy", "Protokolle", "Minutes"),
    ("Pozvánka", "Einladung", "Invitation"),
    ("Pozvánky", "Einladungen", "Invitations"),
    (
        "Prodej a pronájem",
        "Verkauf und Vermietung",
        "Sale and lease",
    ),
    (
        "Záměry obce",
        "Vorhaben der Gemeinde",
        "Intended sales and leases",
    ),
    (
        "Záměry města",
        "Vorhaben der Stadt",
        "Intended sales and leases",
    ),
    ("Záměry", "Vorhaben", "Intended sales and leases"),
    (
        "Zveřejnění záměru obce",
        "Vorhaben der Gemeinde",
        "Intended sales and leases",
    ),
    ("Majetek", "Vermögen", "Property"),
    ("Volné byty", "Freie Wohnungen", "Vacant flats"),
    (
        "Rozpočet a hospodaření",
        "Haushalt und Finanzen",
        "Budget and finances",
    ),
    ("Rozpočet", "Haushalt", "Budget"),
    ("Rozpočet města", "Haushalt der Stadt", "Town budget"),
    ("Hospodaření města", "Finanzen der Stadt", "Town finances"),
    ("Závěrečný účet", "Jahresrechnung", "Final account"),
    (
        "Rozpočtová opatření",
        "Haushaltsänderungen",
        "Budget amendments",
    ),
    ("Právní předpisy", "Rechtsvorschriften", "Local legislation"),
    ("Obecně závazné vyhlášky", "Gemeindeverordnungen", "By-laws"),
    (
        "Vyhlášky a nařízení",
        "Satzungen und Verordnungen",
        "By-laws and orders",
    ),
    ("Nařízení", "Verordnungen", "Orders"),
    (
        "Stavební řízení a územní plánování",
        "Bauverfahren und Raumplanung",
        "Building and spatial planning",
    ),
    ("Stavební řízení", "Bauverfahren", "Building permits"),
    ("Stavební úřad", "Bauamt", "Building authority"),
    ("Územní plánování", "Raumplanung", "Spatial planning"),
    ("Územní plán", "Flächennutzungsplan", "Land-use plan"),
    (
        "Územní řízení",
        "Raumordnungsverfahren",
        "Planning proceedings",
    ),
    (
        "Doprava a uzavírky",
        "Verkehr und Sperrungen",
        "Traffic and road closures",
    ),
    ("Doprava", "Verkehr", "Traffic"),
    ("Uzavírky", "Straßensperrungen", "Road closures"),
    ("Životní prostředí", "Umwelt", "Environment"),
    (
        "EIA",
        "Umweltverträglichkeitsprüfung",
        "Environmental impact assessment",
    ),
    ("Vodní hospodářství", "Wasserwirtschaft", "Water management"),
    ("Lesy", "Wälder", "Forests"),
    ("Kácení dřevin", "Baumfällungen", "Tree felling"),
    (
        "Dražby a exekuce",
        "Versteigerungen und Vollstreckung",
        "Auctions and enforcement",
    ),
    ("Dražby", "Versteigerungen", "Auctions"),
    (
        "Dražební vyhlášky",
        "Versteigerungsbekanntmachungen",
        "Auction notices",
    ),
    (
        "Dražební vyhláška",
        "Versteigerungsbekanntmachung",
        "Auction notice",
    ),
    (
        "Elektronická aukce",
        "Elektronische Auktion",
        "Electronic auction",
    ),
    ("Exekuce", "Zwangsvollstreckung", "Enforcement"),
    ("Exekutorský úřad", "Gerichtsvollzieher", "Bailiff's office"),
    ("Výběrová řízení", "Stellenausschreibungen", "Job vacancies"),
    ("Výběrové řízení", "Stellenausschreibung", "Job vacancy"),
    (
        "Výběrová řízení a volná místa",
        "Ausschreibungen und freie Stellen",
        "Selection procedures and vacancies",
    ),
    ("Volná místa", "Freie Stellen", "Job vacancies"),
    (
        "Veřejné zakázky",
        "Öffentliche Aufträge",
        "Public procurement",
    ),
    (
        "Dotace a granty",
        "Förderungen und Zuschüsse",
        "Subsidies and grants",
    ),
    ("Dotace", "Förderungen", "Subsidies"),
    ("Dotační program", "Förderprogramm", "Subsidy programme"),
    (
        "Dotace, granty, veřejnoprávní smlouvy",
        "Förderungen, Zuschüsse, öffentlich-rechtliche Verträge",
        "Subsidies, grants, public-law contracts",
    ),
    (
        "Veřejnoprávní smlouvy",
        "Öffentlich-rechtliche Verträge",
        "Public-law contracts",
    ),
    ("Smlouvy", "Verträge", "Contracts"),
    ("Výzva", "Aufruf", "Call"),
    (
        "Volby a referenda",
        "Wahlen und Referenden",
        "Elections and referendums",
    ),
    ("Volby", "Wahlen", "Elections"),
    ("Referenda", "Referenden", "Referendums"),
    ("Finanční úřad", "Finanzamt", "Tax office"),
    (
        "Hromadné předpisné seznamy",
        "Sammelsteuerbescheide",
        "Collective tax lists",
    ),
    ("Poplatky a daně", "Gebühren und Steuern", "Fees and taxes"),
    (
        "Oznámení o uložení písemnosti",
        "Niedergelegte Schriftstücke",
        "Documents deposited for collection",
    ),
    ("Ohlašovna", "Meldeamt", "Registry of residents"),
    (
        "Soudy a notáři",
        "Gerichte und Notare",
        "Courts and notaries",
    ),
    (
        "Katastr, pozemkové úřady",
        "Kataster, Bodenämter",
        "Land registry, land offices",
    ),
    ("Katastrální úřad", "Katasteramt", "Land registry"),
    ("Pozemkový úřad", "Bodenamt", "Land office"),
    (
        "Státní pozemkový úřad",
        "Staatliches Bodenamt",
        "State Land Office",
    ),
    (
        "Odstávky energií",
        "Energieabschaltungen",
        "Power and utility outages",
    ),
    (
        "Odstávky energií a vody",
        "Energie- und Wasserabschaltungen",
        "Power and water outages",
    ),
    ("Odstávky", "Abschaltungen", "Outages"),
    (
        "Přerušení dodávky elektřiny",
        "Stromabschaltungen",
        "Power cuts",
    ),
    ("Ztráty a nálezy", "Fundsachen", "Lost and found"),
    (
        "Krizové a bezpečnostní informace",
        "Krisen- und Sicherheitshinweise",
        "Crisis and safety information",
    ),
    (
        "Krizové informace",
        "Kriseninformationen",
        "Crisis information",
    ),
    ("Svazek obcí", "Gemeindeverband", "Union of municipalities"),
    ("Krajský úřad", "Bezirksamt", "Regional authority"),
    ("Zprávy", "Berichte", "Reports"),
    ("Oznámení", "Bekanntmachungen", "Announcements"),
    (
        "Oznámení ostatních subjektů",
        "Bekanntmachungen anderer Stellen",
        "Notices of other bodies",
    ),
    ("Ostatní dokumenty", "Sonstige Dokumente", "Other documents"),
    ("Jiné", "Sonstiges", "Other"),
];

static BY_FOLDED_NAME: LazyLock<HashMap<String, (&'static str, &'static str)>> =
    LazyLock::new(|| {
        NAMES
            .iter()
            .map(|(czech, german, english)| (key(czech), (*german, *english)))
            .collect()
    });

/// What a category with this Czech name is called in a language; the Czech name where no other is known.
pub fn name(czech: &str, language: Language) -> &str {
    let translated = || BY_FOLDED_NAME.get(&key(czech));
    match language {
        Language::Czech => czech,
        Language::German => translated().map_or(czech, |names| names.0),
        Language::English => translated().map_or(czech, |names| names.1),
    }
}

/// What a category is called in a language: as the publisher says, else by the table.
pub fn name_of(category: &LanguageMap, language: Language) -> &str {
    let said = category.get(language.code()).map(str::trim);
    match said.filter(|text| !text.is_empty()) {
        Some(said) => said,
        None => name(category.best(Language::Czech).trim(), language),
    }
}

/// Letters alone decide, so that dashes, commas, doubled spaces and what stands in brackets do not.
fn key(name: &str) -> String {
    let mut key = String::with_capacity(name.len());
    let mut depth = 0_u32;
    for letter in fold(name).chars() {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            letter if depth == 0 && letter.is_alphanumeric() => key.push(letter),
            _ => {}
        }
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_category_has_a_name_in_every_language() {
        assert_eq!(
            name("Odstávky energií", Language::Czech),
            "Odstávky energií"
        );
        assert_eq!(
            name("Odstávky energií", Language::German),
            "Energieabschaltungen"
        );
        assert_eq!(
            name("Odstávky energií", Language::English),
            "Power and utility outages"
        );
    }

    #[test]
    fn spelling_does_not_matter() {
        for written in [
            "DRAŽBY A EXEKUCE",
            "drazby a exekuce ",
            "Dražby  a exekuce (dražební vyhlášky)",
        ] {
            assert_eq!(name(written, Language::English), "Auctions and enforcement");
        }
    }

    #[test]
    fn an_unknown_category_stays_czech() {
        let czech = "MÚ - odbor ekonomický";
        assert_eq!(name(czech, Language::German), czech);
        assert_eq!(name("", Language::English), "");
        assert_eq!(name("(((", Language::English), "(((");
    }

    #[test]
    fn the_publisher_knows_best() {
        let mut category = LanguageMap::czech("Volby");
        assert_eq!(name_of(&category, Language::German), "Wahlen");
        category.insert("de", "Wahlbekanntmachungen");
        assert_eq!(name_of(&category, Language::German), "Wahlbekanntmachungen");
        assert_eq!(name_of(&category, Language::English), "Elections");
        category.insert("en", " ");
        assert_eq!(name_of(&category, Language::English), "Elections");
    }

    #[test]
    fn every_line_is_reachable_and_complete() {
        assert_eq!(BY_FOLDED_NAME.len(), NAMES.len(), "a name stands twice");
        for (czech, german, english) in NAMES {
            assert!(!czech.is_empty() && !german.is_empty() && !english.is_empty());
            assert_eq!(name(czech, Language::German), german);
            assert_eq!(name(czech, Language::English), english);
        }
    }

    #[test]
    fn the_sample_town_names_nothing_unknown() {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../deploy/sample-town/notices.json"
        );
        let text = std::fs::read_to_string(path).unwrap();
        let town: serde_json::Value = serde_json::from_str(&text).unwrap();
        let mut seen = 0;
        for notice in town["notices"].as_array().unwrap() {
            for category in notice["agenda"].as_array().unwrap() {
                let czech = category.as_str().unwrap();
                assert!(BY_FOLDED_NAME.contains_key(&key(czech)), "{czech}");
                seen += 1;
            }
        }
        assert!(seen > 30);
    }
}
