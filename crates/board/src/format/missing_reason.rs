//! Why a document is missing, in a sentence for passers-by.

use crate::{Language, MissingReason};

/// „Na uvedené adrese je místo souboru webová stránka."
pub const fn missing_reason(reason: MissingReason, language: Language) -> &'static str {
    let (czech, german, english) = match reason {
        MissingReason::NoAddress => (
            "Vydavatel neuvedl použitelnou adresu souboru.",
            "Der Herausgeber hat keine brauchbare Adresse der Datei angegeben.",
            "The publisher gave no usable address of the file.",
        ),
        MissingReason::NotFound => (
            "Na uvedené adrese žádný soubor není.",
            "Unter der angegebenen Adresse gibt es keine Datei.",
            "There is no file at the given address.",
        ),
        MissingReason::AccessDenied => (
            "Vydavatel soubor nevydá bez přihlášení.",
            "Der Herausgeber gibt die Datei nur nach Anmeldung heraus.",
            "The publisher does not hand out the file without a log-in.",
        ),
        MissingReason::WebPage => (
            "Na uvedené adrese je místo souboru webová stránka.",
            "Unter der angegebenen Adresse steht statt der Datei eine Webseite.",
            "There is a web page at the given address instead of the file.",
        ),
        MissingReason::Empty => (
            "Soubor na uvedené adrese je prázdný.",
            "Die Datei unter der angegebenen Adresse ist leer.",
            "The file at the given address is empty.",
        ),
        MissingReason::Incomplete => (
            "Soubor se od vydavatele nedaří stáhnout celý.",
            "Die Datei lässt sich beim Herausgeber nicht vollständig herunterladen.",
            "The file cannot be downloaded whole from its publisher.",
        ),
        MissingReason::TooLarge => (
            "Soubor je příliš velký.",
            "Die Datei ist zu groß.",
            "The file is too large.",
        ),
        MissingReason::RedirectLoop => (
            "Uvedená adresa přesměrovává stále dokola.",
            "Die angegebene Adresse leitet immer im Kreis weiter.",
            "The given address redirects in a circle.",
        ),
        MissingReason::NotPublic => (
            "Uvedená adresa není veřejně přístupná.",
            "Die angegebene Adresse ist nicht öffentlich zugänglich.",
            "The given address is not open to the public.",
        ),
        MissingReason::TooSlow => (
            "Soubor se nepodařilo stáhnout včas.",
            "Die Datei ist nicht rechtzeitig angekommen.",
            "The file did not arrive in time.",
        ),
        MissingReason::NotStored => (
            "Soubor zatím nelze uložit; závada není u vydavatele.",
            "Die Datei lässt sich derzeit nicht speichern; der Fehler liegt nicht beim Herausgeber.",
            "The file cannot be stored at present; the publisher is not at fault.",
        ),
        MissingReason::Unavailable => (
            "Soubor se od vydavatele zatím nedaří stáhnout.",
            "Die Datei lässt sich beim Herausgeber derzeit nicht herunterladen.",
            "The file cannot be downloaded from its publisher at present.",
        ),
    };
    match language {
        Language::Czech => czech,
        Language::German => german,
        Language::English => english,
    }
}
