//! A notice and its documents.

use vyveska::state::{KeyboardLayout, Leads, Onward, Size, TextSize, ToolPanel, Unreadable};
use vyveska::ui::category_words;
use vyveska::ui::view_model::{
    DocumentView, FactsView, FindView, MarkSlot, NoticeView, PageSlot, PaperCopyContactView,
    ParagraphView, RowView, Scheme, Screen, StripPage, StripView, TextOrigin, TextView, TileSlot,
    ViewModel, ViewerStatus, ViewerView,
};
use vyveska_board::format::missing_reason::missing_reason;
use vyveska_board::format::typography::bind;
use vyveska_board::{Language, LanguageMap, MissingReason};

use super::samples::{SAMPLES, base, row};
use super::{Scene, scene};
use crate::pictures;

pub(super) fn scenes() -> Vec<Scene> {
    vec![
        scene("notice", |viewer| notice(viewer, Language::Czech)),
        scene("notice-german", |viewer| notice(viewer, Language::German)),
        scene("notice-contrast-largest", |viewer| {
            let mut view_model = notice(viewer, Language::Czech);
            view_model.look.scheme = Scheme::HighContrast;
            view_model.look.text_size = TextSize::Largest;
            view_model
        }),
        scene("notice-reach-largest", |viewer| {
            let mut view_model = notice(viewer, Language::Czech);
            view_model.look.text_size = TextSize::Largest;
            view_model.look.reach = true;
            view_model
        }),
        scene("published", |viewer| published(viewer, Language::Czech)),
        scene("published-german-largest", |viewer| {
            let mut view_model = published(viewer, Language::German);
            view_model.look.text_size = TextSize::Largest;
            view_model
        }),
        scene("published-contrast-reach", |viewer| {
            let mut view_model = published(viewer, Language::English);
            view_model.look.scheme = Scheme::HighContrast;
            view_model.look.reach = true;
            view_model
        }),
        scene("published-facts", |viewer| {
            with_panel(published(viewer, Language::Czech), ToolPanel::Facts)
        }),
        scene("published-qr-code", |viewer| {
            with_panel(published(viewer, Language::Czech), ToolPanel::TakeAway)
        }),
        scene("notice-long-title", notice_long_title),
        scene("notice-facts", |viewer| {
            with_panel(notice_long_title(viewer), ToolPanel::Facts)
        }),
        scene("notice-facts-german", |viewer| {
            with_panel(notice(viewer, Language::German), ToolPanel::Facts)
        }),
        scene("notice-long-title-reach", |viewer| {
            let mut view_model = notice_long_title(viewer);
            view_model.look.reach = true;
            view_model
        }),
        scene("notice-attachments-largest", |viewer| {
            let mut view_model = with_panel(notice_attachments(viewer), ToolPanel::Attachments);
            view_model.look.text_size = TextSize::Largest;
            view_model
        }),
        scene("notice-attachments", |viewer| {
            with_panel(notice_attachments(viewer), ToolPanel::Attachments)
        }),
        scene("notice-attachments-read", notice_attachments),
        scene("notice-attachments-german", |viewer| {
            let mut view_model = with_panel(notice_attachments(viewer), ToolPanel::Attachments);
            view_model.language = Language::German;
            view_model
        }),
        scene("notice-more", |viewer| {
            with_panel(notice(viewer, Language::Czech), ToolPanel::More)
        }),
        scene("notice-more-german-largest", |viewer| {
            let mut view_model = with_panel(notice(viewer, Language::German), ToolPanel::More);
            view_model.look.text_size = TextSize::Largest;
            view_model
        }),
        scene("notice-qr-code", |viewer| {
            with_panel(notice(viewer, Language::Czech), ToolPanel::TakeAway)
        }),
        scene("notice-qr-code-german", |viewer| {
            with_panel(notice(viewer, Language::German), ToolPanel::TakeAway)
        }),
        scene("notice-paper", |viewer| {
            changed(
                with_panel(notice(viewer, Language::Czech), ToolPanel::TakeAway),
                |open| open.qr_code = None,
            )
        }),
        scene("notice-strip", notice_strip),
        scene("notice-jump", |viewer| {
            changed(
                with_panel(notice_attachments(viewer), ToolPanel::Jump),
                |open| {
                    open.jump = "12".to_owned();
                },
            )
        }),
        scene("notice-found", notice_found),
        scene("notice-find", |viewer| {
            changed(with_panel(notice_found(viewer), ToolPanel::Find), |open| {
                open.leads = Leads::ToPages;
                open.find.typed.clone_from(&open.find.words);
            })
        }),
        scene("notice-find-nothing", |viewer| {
            changed(
                with_panel(notice(viewer, Language::German), ToolPanel::Find),
                |open| {
                    open.find = FindView {
                        words: "Kläranlage 2027".to_owned(),
                        typed: "Kläranlage 2027".to_owned(),
                        layout: KeyboardLayout::German,
                        ..FindView::default()
                    };
                },
            )
        }),
        scene("notice-plan", notice_plan),
        scene("notice-text", |viewer| {
            notice_text(viewer, TextOrigin::Document)
        }),
        scene("notice-text-doubtful", |viewer| {
            notice_text(viewer, TextOrigin::Doubtful)
        }),
        scene("notice-unreadable", notice_unreadable),
        scene("notice-unsupported", |viewer| {
            changed(notice_unreadable(viewer), |open| {
                open.documents[0].kind = "DOCX".to_owned();
                open.viewer.status = ViewerStatus::Unreadable(Unreadable::Unsupported);
                open.qr_code = None;
            })
        }),
        scene("notice-missing", |viewer| {
            changed(notice_unreadable(viewer), |open| {
                let (reason, language) = (MissingReason::Incomplete, Language::German);
                open.documents[0].missing = missing_reason(reason, language);
                open.viewer.status = ViewerStatus::Unreadable(Unreadable::Missing);
            })
        }),
        scene("notice-page-failed", notice_page_failed),
        scene("notice-doubtful", |viewer| {
            in_doubt(notice(viewer, Language::Czech))
        }),
        scene("notice-doubtful-found", |viewer| {
            in_doubt(notice_found(viewer))
        }),
        scene("notice-doubtful-paper", |viewer| {
            changed(in_doubt(notice(viewer, Language::German)), |open| {
                open.qr_code = None;
            })
        }),
        scene("notice-no-document", notice_no_document),
        scene("notice-description", notice_description),
    ]
}

/// A document of the town's information.
fn published(window: Size, language: Language) -> ViewModel {
    let (title, page) = match language {
        Language::Czech => (
            "Strategický plán rozvoje města do roku 2035",
            "Strategické dokumenty",
        ),
        Language::German => (
            "Entwicklungsplan der Stadt bis 2035",
            "Strategische Dokumente",
        ),
        Language::English => (
            "Development plan of the town until 2035",
            "Strategic documents",
        ),
    };
    changed(notice(window, language), |open| {
        open.published = true;
        open.web_address = Some("lipnice.example/strategie".to_owned());
        open.leads = Leads::ToInformation;
        open.row = RowView::of_no_board(bind(title), bind(page));
        open.facts = FactsView {
            categories: bind(page),
            file_number: String::new(),
            description: vec![bind(
                "Bydlení, doprava, škola, krajina: 42 opatření s termíny a odpovědností.",
            )],
        };
        open.documents = vec![document("", 6, "33 kB")];
        open.viewer = viewer(window, 6);
    })
}

fn changed(mut view_model: ViewModel, change: impl FnOnce(&mut NoticeView)) -> ViewModel {
    change(view_model.notice.as_mut().unwrap());
    view_model
}

fn with_panel(view_model: ViewModel, panel: ToolPanel) -> ViewModel {
    changed(view_model, |open| {
        open.panel = Some(panel);
        open.leads = match panel {
            ToolPanel::Attachments => Leads::ToList,
            _ => Leads::ToPages,
        };
    })
}

fn document(title: &str, pages: u32, size: &str) -> DocumentView {
    DocumentView {
        title: bind(title),
        pages,
        kind: "PDF".to_owned(),
        size: size.replace(' ', "\u{a0}"),
        missing: "",
    }
}

/// The pages of a newly opened document: the text of the sample page is as wide as the window.
fn viewer(window: Size, page_count: u32) -> ViewerView {
    let zoom = 1.2;
    let width = ((window.width - 32.0).max(1.0) * zoom).round();
    let height = (width * 1.414).round();
    ViewerView {
        status: ViewerStatus::Ready,
        content_width: width + 32.0,
        content_height: 16.0 + f32::from(u16::try_from(page_count).unwrap()) * (height + 16.0),
        pages: (0..page_count.min(2))
            .map(|index| PageSlot {
                number: index + 1,
                x: 16.0,
                y: 16.0 + index as f32 * (height + 16.0),
                width,
                height,
                picture: (index == 0).then(|| pictures::page(1, width as u32, height as u32)),
                failed: None,
            })
            .collect(),
        tiles: Vec::new(),
        marks: Vec::new(),
        page: 1,
        page_count,
        doubtful_pages: String::new(),
        doubtful_count: 0,
        scroll_x: ((width + 32.0 - window.width) / 2.0).max(0.0),
        scroll_y: 0.0,
        // Laid out once the viewer's size is known.
        scroll_sequence: window.width as u32,
        can_zoom_in: true,
        can_zoom_out: true,
        up: None,
        down: Some(Onward::OtherPage),
        can_go_left: false,
        can_go_right: false,
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
        published: false,
        web_address: None,
        facts: FactsView {
            categories: category_words::all(
                &["Veřejná vyhláška", "Doprava"].map(LanguageMap::czech),
                language,
            ),
            file_number: "OD/4821/2026/Nov".to_owned(),
            description: Vec::new(),
        },
        documents: vec![
            document("Opatření obecné povahy", 3, "205 kB"),
            document(
                "Situační výkres přechodného dopravního značení",
                1,
                "1,4 MB",
            ),
        ],
        chosen: 0,
        panel: None,
        leads: Leads::ToList,
        viewer: viewer(window, 3),
        strip: StripView::default(),
        jump: String::new(),
        find: FindView::default(),
        has_text: true,
        text: None,
        qr_code: Some(pictures::qr_code("https://lipnice.example/deska/4821")),
        paper_copy_contact: PaperCopyContactView {
            place: bind("podatelna městského úřadu, přízemí, dveře č. 12"),
            telephone: bind("352 000 111"),
            hours: bind("po a st 8.00–17.00, út a čt 8.00–14.00, pá 8.00–13.00"),
        },
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
    open.facts.description = vec![bind(
        "Do oznámení a jeho příloh lze nahlédnout na odboru životního prostředí v úředních hodinách.",
    )];
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
    open.viewer.page_count = 34;
    view_model.notice = Some(open);
    view_model
}

fn notice_strip(window: Size) -> ViewModel {
    changed(
        with_panel(notice_attachments(window), ToolPanel::Strip),
        |open| {
            open.strip = StripView {
                pages: (0..12)
                    .map(|index| StripPage {
                        number: index + 1,
                        // The last pages are still being drawn.
                        picture: (index < 9).then(|| pictures::page(index + 2, 200, 283)),
                        current: index == 4,
                    })
                    .collect(),
                can_go_back: false,
                can_go_on: true,
            };
        },
    )
}

fn notice_found(window: Size) -> ViewModel {
    changed(notice(window, Language::Czech), |open| {
        open.find = FindView {
            words: "přechodná úprava".to_owned(),
            count: 12,
            position: 3,
            page: 1,
            ..FindView::default()
        };
        open.leads = Leads::ToList;
        let scale = open.viewer.pages[0].width / 1000.0;
        let mark = |x: f32, line: f32, width: f32, current| MarkSlot {
            x: 16.0 + x * scale,
            y: 16.0 + (206.0 + 27.0 * line) * scale,
            width: width * scale,
            height: 19.0 * scale,
            current,
        };
        open.viewer.marks = vec![
            mark(240.0, 2.0, 180.0, false),
            mark(600.0, 4.0, 140.0, true),
            mark(110.0, 9.0, 200.0, false),
        ];
    })
}

/// An enlarged plan: some tiles are there, the rest is still coarse.
fn notice_plan(window: Size) -> ViewModel {
    let (mut view_model, mut open) = notice_of(window, 1);
    open.documents = vec![document("Hlavní výkres, změna č. 3", 1, "48 MB")];
    let zoom = 3.0;
    let width = ((window.width - 32.0).max(1.0) * zoom).round();
    let height = (width * 1.414).round();
    let plan = pictures::page(3, (width / 3.0) as u32, (height / 3.0) as u32);
    let (left, top) = ((width * 0.3).round(), (height * 0.05).round());
    let tiles = (0..12_u8)
        .filter(|tile| tile % 5 != 4)
        .map(|tile| {
            let (column, row) = (f32::from(tile % 4), f32::from(tile / 4));
            TileSlot {
                x: left + column * 256.0,
                y: top + row * 256.0,
                width: 256.0,
                height: 256.0,
                picture: pictures::page(40 + u32::from(tile), 256, 256),
            }
        })
        .collect();
    open.viewer = ViewerView {
        content_width: width + 32.0,
        content_height: height + 32.0,
        pages: vec![PageSlot {
            number: 1,
            x: 16.0,
            y: 16.0,
            width,
            height,
            picture: Some(plan),
            failed: None,
        }],
        tiles,
        page_count: 1,
        scroll_x: left,
        scroll_y: top,
        up: Some(Onward::SamePage),
        down: Some(Onward::SamePage),
        can_go_left: true,
        can_go_right: true,
        ..open.viewer
    };
    open.leads = Leads::ToAttachments;
    open.has_text = false;
    view_model.notice = Some(open);
    view_model
}

fn notice_text(window: Size, origin: TextOrigin) -> ViewModel {
    changed(notice(window, Language::Czech), |open| {
        let paragraph = |text: &str, heading| ParagraphView {
            text: bind(text),
            heading,
        };
        open.text = Some(TextView {
            paragraphs: [
                paragraph("VEŘEJNÁ VYHLÁŠKA", true),
                paragraph(
                    "Městský úřad Lipnice nad Rolavou, odbor dopravy, jako příslušný orgán podle § 124 odst. 6 \
                     zákona č. 361/2000 Sb., o provozu na pozemních komunikacích, stanoví přechodnou úpravu \
                     provozu na silnici II/218 v ulici Karlovarské v k. ú. Lipnice nad Rolavou.",
                    false,
                ),
                paragraph("Odůvodnění", true),
                paragraph(
                    "Důvodem je oprava povrchu vozovky v úseku od křižovatky s ulicí Nádražní po most přes \
                     Rolavu. Práce potrvají od 1. 12. 2026 do 20. 12. 2026. Objízdná trasa vede ulicemi \
                     Tovární a U Pily a bude vyznačena dopravními značkami.",
                    false,
                ),
                paragraph(
                    "Návrh byl projednán s Policií České republiky, která k němu dne 12. 11. 2026 vydala \
                     souhlasné stanovisko.",
                    false,
                ),
            ]
            .into(),
            origin,
            steps: 0,
        });
    })
}

fn notice_unreadable(window: Size) -> ViewModel {
    let (mut view_model, mut open) = notice_of(window, 2);
    open.documents = vec![document("Dražební vyhláška", 0, "312 kB")];
    open.has_text = false;
    open.viewer = ViewerView {
        status: ViewerStatus::Unreadable(Unreadable::PasswordProtected),
        pages: Vec::new(),
        ..open.viewer
    };
    view_model.notice = Some(open);
    view_model
}

/// The document opens, but its first page cannot be drawn.
fn notice_page_failed(window: Size) -> ViewModel {
    let (mut view_model, mut open) = notice_of(window, 2);
    for page in &mut open.viewer.pages {
        page.picture = None;
        page.failed = Some(Unreadable::TooDemanding);
    }
    view_model.notice = Some(open);
    view_model
}

/// Some pages may be drawn wrong.
fn in_doubt(view_model: ViewModel) -> ViewModel {
    changed(view_model, |open| {
        open.viewer.doubtful_pages = "1, 3, 5–8, 11, 14, 20–22".to_owned();
        open.viewer.doubtful_count = 11;
    })
}

fn notice_no_document(window: Size) -> ViewModel {
    let (mut view_model, mut open) = notice_of(window, 8);
    open.documents = Vec::new();
    open.has_text = false;
    open.viewer = ViewerView {
        status: ViewerStatus::NoDocument,
        pages: Vec::new(),
        ..open.viewer
    };
    view_model.notice = Some(open);
    view_model
}

fn notice_description(window: Size) -> ViewModel {
    changed(notice_no_document(window), |open| {
        open.facts.description = [
            "Dne 12. 12. 2025 bylo u vlakového nádraží nalezeno pánské jízdní kolo červené barvy, \
             bez označení výrobce, s košíkem na řídítkách.",
            "Vlastník se může přihlásit na služebně městské policie, Nádražní 14, po předložení dokladu \
             totožnosti a popisu kola. Nepřihlásí-li se do tří let, nabude kolo vlastnictví města.",
        ]
        .map(bind)
        .to_vec();
    })
}
