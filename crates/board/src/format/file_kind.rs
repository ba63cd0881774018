//! Names of file kinds.
//!
//! Central identifies documents by their bytes (`document/media_type.rs` there), and every kind it knows has a name here.
//! Where the bytes leave it open, the ending of the publisher's address decides;
//! a file that is there always has some name, because „files of this kind are not shown here" must say of which.

use crate::Language;
use url::Url;

/// The kind of a document's file: „PDF", „DOCX"; empty while it has not arrived.
pub fn file_kind(media_type: Option<&str>, address: Option<&Url>, language: Language) -> String {
    let Some(media_type) = media_type else {
        return String::new();
    };
    if let Some(kind) = certain(media_type) {
        return kind.to_owned();
    }
    let ending = ending(address)
        .filter(|ending| is_archive(media_type) || !TOLD_BY_BYTES.contains(&ending.as_str()));
    ending.unwrap_or_else(|| uncertain(media_type, language).to_owned())
}

/// Whether the bytes may be those of a document of an office program that was packed anew.
fn is_archive(media_type: &str) -> bool {
    media_type == "application/zip"
}

/// The kinds identified by bytes.
fn certain(media_type: &str) -> Option<&'static str> {
    Some(match media_type {
        "application/pdf" => "PDF",
        "image/jpeg" => "JPEG",
        "image/png" => "PNG",
        "image/gif" => "GIF",
        "image/tiff" => "TIFF",
        "image/webp" => "WebP",
        "application/rtf" => "RTF",
        "application/vnd.etsi.asic-e+zip" => "ASiC-E",
        "application/vnd.etsi.asic-s+zip" => "ASiC-S",
        "application/vnd.software602.filler.form-xml-zip" => "ZFO",
        "application/x-7z-compressed" => "7Z",
        "application/vnd.rar" => "RAR",
        "application/vnd.oasis.opendocument.text" => "ODT",
        "application/vnd.oasis.opendocument.spreadsheet" => "ODS",
        "application/vnd.oasis.opendocument.presentation" => "ODP",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document" => "DOCX",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" => "XLSX",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation" => "PPTX",
        _ => return None,
    })
}

/// The name of a kind where neither the bytes nor the address are more specific.
fn uncertain(media_type: &str, language: Language) -> &'static str {
    match media_type {
        "application/zip" => "ZIP",
        "application/xml" => "XML",
        "text/plain" => "TXT",
        "application/pkcs7-mime" => "P7M",
        "application/x-ole-storage" => match language {
            Language::Czech => "starší Office",
            Language::German => "älteres Office",
            Language::English => "older Office",
        },
        _ => match language {
            Language::Czech => "neznámý druh",
            Language::German => "unbekannte Art",
            Language::English => "unknown kind",
        },
    }
}

/// Endings of kinds that the bytes tell: where they did not, the file is none of them, an archive apart.
const TOLD_BY_BYTES: [&str; 17] = [
    "7Z", "DOCX", "GIF", "JPEG", "JPG", "ODP", "ODS", "ODT", "PDF", "PNG", "PPTX", "RAR", "RTF",
    "TIF", "TIFF", "WEBP", "XLSX",
];

/// Extensions of web pages that do not name a file kind.
const OF_PAGES: [&str; 7] = ["ASP", "ASPX", "DO", "HTM", "HTML", "JSP", "PHP"];

/// „DOC" of „…/vyhlaska.doc".
fn ending(address: Option<&Url>) -> Option<String> {
    let name = address?.path_segments()?.next_back()?;
    let (_, ending) = name.rsplit_once('.')?;
    let ending = ending.to_ascii_uppercase();
    let is_one = matches!(ending.len(), 2..=4)
        && ending.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && ending.bytes().any(|byte| byte.is_ascii_alphabetic())
        && !OF_PAGES.contains(&ending.as_str());
    is_one.then_some(ending)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(media_type: &str, address: &str, expected: &str) {
        let address = address.parse().ok();
        let kind = |language| file_kind(Some(media_type), address.as_ref(), language);
        assert_eq!(kind(Language::Czech), expected);
        for language in Language::ALL {
            assert_ne!(kind(language), "", "{media_type}");
        }
    }

    #[test]
    fn bytes_decide_what_a_file_is_called() {
        for (media_type, kind) in [
            ("application/pdf", "PDF"),
            ("image/gif", "GIF"),
            ("application/rtf", "RTF"),
            ("application/vnd.oasis.opendocument.text", "ODT"),
            ("application/vnd.etsi.asic-e+zip", "ASiC-E"),
            ("application/vnd.software602.filler.form-xml-zip", "ZFO"),
            (
                "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
                "DOCX",
            ),
            (
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                "XLSX",
            ),
        ] {
            check(media_type, "https://mesto.example/soubor.pdf.exe", kind);
        }
    }

    #[test]
    fn the_address_helps_where_bytes_leave_it_open() {
        check(
            "application/x-ole-storage",
            "https://mesto.example/a/vyhlaska.doc",
            "DOC",
        );
        check(
            "application/pkcs7-mime",
            "https://mesto.example/zprava.zfo?id=1",
            "ZFO",
        );
        check(
            "application/octet-stream",
            "https://mesto.example/plan.dwg",
            "DWG",
        );
        check("application/zip", "https://mesto.example/", "ZIP");
        check("application/zip", "https://mesto.example/plan.docx", "DOCX");
        check("text/plain", "https://mesto.example/soubor.php", "TXT");
    }

    #[test]
    fn a_file_of_no_known_kind_has_a_name_all_the_same() {
        check("application/x-ole-storage", "", "starší Office");
        check(
            "application/octet-stream",
            "https://mesto.example/download?id=5",
            "neznámý druh",
        );
        check("video/mp4", "https://mesto.example/2026.11", "neznámý druh");
        // Whatever the address says: the bytes of a PDF would have told.
        check(
            "application/octet-stream",
            "https://mesto.example/plan.pdf",
            "neznámý druh",
        );
    }

    #[test]
    fn a_file_that_has_not_arrived_has_none() {
        assert_eq!(file_kind(None, None, Language::Czech), "");
    }
}
