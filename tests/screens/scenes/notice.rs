//! One notice and its documents.

use vyveska::state::{Size, Unreadable};
use vyveska::ui::typography::bind;
use vyveska::ui::view_model::{
    DocumentView, NoticeView, PageSlot, Screen, ViewModel, ViewerStatus, ViewerView,
};
use vyveska_board::Language;

use super::samples::{SAMPLES, base, row};
use super::{Scene, scene, touched};
use crate::pictures;

/// Every scene of a notice.
pub(super) fn scenes() -> Vec<Scene> {
    vec![
        scene("notice", |viewer| notice(viewer, Language::Czech)),
        scene("notice-german", |viewer| notice(viewer, Language::German)),
        scene("notice-long-title", notice_long_title),
        touched(
            "notice-attachments",
            notice_attachments,
            "Příloha 5\u{a0}ze\u{a0}34: Koordinační situační výkres",
        ),
        touched(
            "notice-qr-code",
            |viewer| notice(viewer, Language::Czech),
            "Do mobilu",
        ),
        scene("notice-unreadable", notice_unreadable),
        scene("notice-no-document", notice_no_document),
    ]
}

fn document(title: &str, pages: u32, size: &str) -> DocumentView {
    DocumentView {
        title: bind(title),
        pages,
        kind: "PDF".to_owned(),
        size: bind(size),
    }
}

fn viewer(window: Size, page_count: u32) -> ViewerView {
    let width = (window.width - 32.0).max(1.0).round();
    let height = (width * 1.414).round();
    ViewerView {
        status: ViewerStatus::Ready,
        content_width: window.width,
        content_height: 16.0 + f32::from(u16::try_from(page_count).unwrap()) * (height + 16.0),
        pages: (0..page_count.min(2))
            .map(|index| PageSlot {
                number: index + 1,
                x: 16.0,
                y: 16.0 + index as f32 * (height + 16.0),
                width,
                height,
                picture: (index == 0).then(|| pictures::page(1, width as u32, height as u32)),
                detail: None,
                failed: None,
            })
            .collect(),
        page: 1,
        page_count,
        scroll_x: 0.0,
        scroll_y: 0.0,
        scroll_sequence: 1,
        can_zoom_in: true,
        can_zoom_out: true,
        can_go_back: false,
        can_go_on: true,
    }
}

pub(super) fn notice(window: Size, language: Language) -> ViewModel {
    let mut view_model = base(Screen::Notice, language);
    let mut shown = row(0, &SAMPLES[0], language, true);
    shown.title = bind(
        "Opatření obecné povahy: stanovení přechodné úpravy provozu na silnici II/218 v ulici Karlovarské",
    );
    shown.originator = "Městský úřad Lipnice nad Rolavou, odbor dopravy".to_owned();
    view_model.notice = Some(NoticeView {
        row: shown,
        documents: vec![
            document("Opatření obecné povahy", 3, "205 kB"),
            document(
                "Situační výkres přechodného dopravního značení",
                1,
                "1,4 MB",
            ),
        ],
        chosen: 0,
        viewer: viewer(window, 3),
        qr_code: Some(pictures::qr_code("https://lipnice.example/deska/4821")),
    });
    view_model
}

fn notice_of(window: Size, sample: usize) -> (ViewModel, NoticeView) {
    let view_model = notice(window, Language::Czech);
    let open = view_model.notice.clone().unwrap();
    let row = row(sample, &SAMPLES[sample], Language::Czech, true);
    (view_model, NoticeView { row, ..open })
}

fn notice_long_title(window: Size) -> ViewModel {
    let (mut view_model, mut open) = notice_of(window, 7);
    open.documents = vec![document("", 12, "860 kB")];
    view_model.notice = Some(open);
    view_model
}

fn notice_attachments(window: Size) -> ViewModel {
    const NAMES: [&str; 8] = [
        "Průvodní zpráva",
        "Souhrnná technická zpráva",
        "Situační výkres širších vztahů",
        "Katastrální situační výkres",
        "Koordinační situační výkres",
        "Dokladová část: vyjádření správců sítí technické a dopravní infrastruktury v dotčeném území",
        "Hluková studie",
        "Rozptylová studie",
    ];
    let (mut view_model, mut open) = notice_of(window, 5);
    open.documents = (0..34)
        .map(|index| {
            document(
                NAMES.get(index).copied().unwrap_or_default(),
                index as u32 * 3 % 17 + 1,
                "1,2 MB",
            )
        })
        .collect();
    open.chosen = 4;
    view_model.notice = Some(open);
    view_model
}

fn notice_unreadable(window: Size) -> ViewModel {
    let (mut view_model, mut open) = notice_of(window, 2);
    open.documents = vec![document("Dražební vyhláška", 0, "312 kB")];
    open.viewer = ViewerView {
        status: ViewerStatus::Unreadable(Unreadable::PasswordProtected),
        pages: Vec::new(),
        ..open.viewer
    };
    view_model.notice = Some(open);
    view_model
}

fn notice_no_document(window: Size) -> ViewModel {
    let (mut view_model, mut open) = notice_of(window, 8);
    open.documents = Vec::new();
    open.viewer = ViewerView {
        status: ViewerStatus::NoDocument,
        pages: Vec::new(),
        ..open.viewer
    };
    view_model.notice = Some(open);
    view_model
}
