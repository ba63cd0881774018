//! Documents made after public reports of people who run notice boards, where they lie beside the project.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod support;

use std::path::Path;
use support::{document, ink, is_blank, options, service};
use vyveska_pages::DocumentWarning::{self, CutShort, DynamicForm};
use vyveska_pages::PageWarning::{self, AnnotationMissing, FieldMissing, FieldOutdated};
use vyveska_pages::{Document, PageError, PageService, RenderRequest, WorkerOptions};

struct Expected<'a> {
    of_document: &'a [DocumentWarning],
    of_pages: &'a [PageWarning],
    words: &'a [&'a str],
    absent: &'a [&'a str],
}

const NOTHING: Expected<'static> = Expected {
    of_document: &[],
    of_pages: &[],
    words: &[],
    absent: &[],
};

/// `None` where the file is not there.
fn field_file(name: &str) -> Option<Document> {
    let found = Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .find_map(|folder| std::fs::read(folder.join("shared/field").join(name)).ok());
    found.map(document)
}

/// Passes where the file is not there.
#[track_caller]
fn check(name: &str, expected: &Expected<'_>) {
    let Some(document) = field_file(name) else {
        return;
    };
    let service = service();
    let info = service.open_blocking(&document).unwrap();
    assert_eq!(info.warnings, expected.of_document, "{name}");
    for page in 0..u32::try_from(info.pages.len()).unwrap() {
        let drawn = service
            .render_blocking(&document, RenderRequest::fit_width(page, 540))
            .unwrap();
        assert_eq!(drawn.warnings, expected.of_pages, "{name}");
        assert!(ink(&drawn) > 1000, "{name}");
        let text = service.text_blocking(&document, page).unwrap().plain();
        for word in expected.words {
            assert!(text.contains(word), "{name}: {word} is not in {text}");
        }
        for word in expected.absent {
            assert!(!text.contains(word), "{name}: {word} is in {text}");
        }
    }
}

#[test]
fn notes_and_fields_that_are_not_drawn_are_told() {
    check(
        "f02-notes-without-appearance.pdf",
        &Expected {
            of_pages: &[AnnotationMissing],
            ..NOTHING
        },
    );
    check(
        "f03-form-needs-appearances.pdf",
        &Expected {
            of_pages: &[FieldMissing, FieldOutdated],
            ..NOTHING
        },
    );
    check(
        "f15-xfa-waiting-page.pdf",
        &Expected {
            of_document: &[DynamicForm],
            ..NOTHING
        },
    );
}

#[test]
fn words_that_are_not_seen_are_not_read() {
    check(
        "f05-layers.pdf",
        &Expected {
            words: &["ZÁVAZNÁ ČÁST"],
            absent: &["PRACOVNÍ", "TISK", "SKRYTO", "VNOŘENO"],
            ..NOTHING
        },
    );
    check(
        "f08-blacked-out-but-there.pdf",
        &Expected {
            words: &["NALEZENOSEDM v naskenovaném textu", "slova TAJNOSLOVO…"],
            absent: &["JEDNA", "DVA", "TRI", "CTYRI", "PET", "SEST"],
            ..NOTHING
        },
    );
    check(
        "f23-highlight-covers-text.pdf",
        &Expected {
            words: &["Silnice II/999", "Objížďka vede", "Autobusy zastaví"],
            ..NOTHING
        },
    );
}

#[test]
fn letters_are_whole_and_none_is_lost() {
    check(
        "f13-cut-at-65-percent.pdf",
        &Expected {
            of_document: &[CutShort],
            words: &["Řádek číslo 0: volební místnost je v přízemí radnice."],
            ..NOTHING
        },
    );
    check(
        "f14-accents-apart.pdf",
        &Expected {
            words: &[
                "Výbava na přání",
                "řádně doručeno",
                "finanční flotila",
                "prodloužení rozhodnutí č. j. MU/1/2026",
                "odvo-\nlání",
            ],
            ..NOTHING
        },
    );
    check(
        "f19-font-with-gaps-in-loca.pdf",
        &Expected {
            words: &[
                "Přání, žádosti a řízení: účastníci jsou povinni",
                "Příliš žluťoučký kůň úpěl ďábelské ódy",
                "Šťastné Úterý, Žďár, Říčany, Černošín, Ústí",
            ],
            ..NOTHING
        },
    );
}

#[test]
fn layers_that_are_not_for_the_screen_are_not_drawn() {
    let Some(document) = field_file("f05-layers.pdf") else {
        return;
    };
    let page = service()
        .render_blocking(&document, RenderRequest::fit_width(0, 595))
        .unwrap();
    // Lines of 40 points by their baselines, and a stamp.
    let lines = [480, 400, 320, 240, 160].map(|baseline| {
        let bottom = 842 - baseline;
        !is_blank(&page, 50..595, bottom - 32..bottom)
    });
    assert_eq!(lines, [false, false, true, false, false]);
    assert!(is_blank(&page, 330..530, 842 - 740..842 - 700));
}

#[test]
fn a_signed_envelope_is_not_the_document_in_it() {
    let Some(document) = field_file("f17-inside-cms.pdf.p7m") else {
        return;
    };
    let error = service().open_blocking(&document).unwrap_err();
    assert_eq!(error.code(), "unsupported");
    assert!(
        error.to_string().contains("signed envelope (.p7m)"),
        "{error}"
    );
}

#[test]
fn a_plan_is_drawn_or_refused_in_time() {
    let Some(document) = field_file("f10-plan-with-mesh-fills.pdf") else {
        return;
    };
    let options = options();
    let options = WorkerOptions {
        request_deadline: WorkerOptions::new(&options.program).request_deadline,
        ..options
    };
    let service = PageService::start(options).unwrap();
    match service.render_blocking(&document, RenderRequest::fit_width(0, 1080)) {
        Ok(page) => assert!(ink(&page) > 1000),
        Err(error) => assert!(matches!(error, PageError::TimedOut { .. }), "{error}"),
    }
}
