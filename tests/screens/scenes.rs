//! Sample view models, one for every screen and state worth looking at.

use chrono::NaiveDate;
use vyveska::state::{Size, Unreadable};
use vyveska::ui::dates;
use vyveska::ui::typography::bind;
use vyveska::ui::view_model::{
    BoardView, CategoryView, DocumentView, FooterView, HeaderView, Icon, IdleNoticeView, IdlePage,
    IdleView, NoticeView, PageSlot, RowView, Screen, ViewModel, ViewerStatus, ViewerView,
};
use vyveska_board::{Language, NoticeId};

use crate::pictures;

/// What is done before the picture is taken.
#[derive(Clone, Copy)]
pub(crate) enum Act {
    /// The thing of this name is touched.
    Touch(&'static str),
}

/// A state of a screen.
#[derive(Clone, Copy)]
pub(crate) struct Scene {
    pub(crate) name: &'static str,
    pub(crate) view: fn(Size) -> ViewModel,
    pub(crate) act: Option<Act>,
}

/// Every scene, in the order a visitor could meet them.
pub(crate) fn all() -> Vec<Scene> {
    let scene = |name, view| Scene {
        name,
        view,
        act: None,
    };
    let touched = |name, view, label| Scene {
        name,
        view,
        act: Some(Act::Touch(label)),
    };
    vec![
        scene("waiting", |_| waiting()),
        scene("idle-titles", |_| idle_titles(8)),
        scene("idle-titles-few", |_| idle_titles(3)),
        scene("idle-notice", |_| idle_notice()),
        scene("idle-empty", |_| idle_empty()),
        scene("board", |_| board(None, Language::Czech)),
        scene("board-category", |_| {
            board(Some("Prodej a pronájem"), Language::Czech)
        }),
        touched(
            "board-all-categories",
            |_| board(None, Language::Czech),
            "Další…",
        ),
        scene("board-empty", |_| board_empty()),
        scene("board-thousand", |_| board_thousand()),
        scene("board-stale", |_| board_stale()),
        scene("board-german", |_| board(None, Language::German)),
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
        scene("countdown", countdown),
    ]
}

/// The scene of this name.
#[track_caller]
pub(crate) fn named(name: &str) -> Scene {
    all().into_iter().find(|scene| scene.name == name).unwrap()
}

const TODAY: (i32, u32, u32) = (2026, 11, 21);

fn day((year, month, day): (i32, u32, u32)) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

struct Sample {
    title: &'static str,
    category: &'static str,
    icon: Icon,
    originator: &'static str,
    reference_number: &'static str,
    posted: (i32, u32, u32),
    until: (i32, u32, u32),
    time: &'static str,
}

const SAMPLES: &[Sample] = &[
    Sample {
        title: "Opatření obecné povahy: přechodná úprava provozu na silnici II/218, ul. Karlovarská",
        category: "Veřejná vyhláška",
        icon: Icon::Scales,
        originator: "Městský úřad, odbor dopravy",
        reference_number: "OD/4821/2026",
        posted: (2026, 11, 21),
        until: (2026, 12, 6),
        time: "",
    },
    Sample {
        title: "Záměr pronájmu pozemku p. č. 1182/4 v k. ú. Lipnice nad Rolavou",
        category: "Prodej a pronájem",
        icon: Icon::House,
        originator: "Majetkový odbor",
        reference_number: "MO/311/2026",
        posted: (2026, 11, 20),
        until: (2026, 12, 6),
        time: "",
    },
    Sample {
        title: "Dražební vyhláška: rodinný dům č. p. 214, Tisová",
        category: "Dražby a exekuce",
        icon: Icon::Gavel,
        originator: "Exekutorský úřad Sokolov",
        reference_number: "091 EX 1187/26",
        posted: (2026, 11, 18),
        until: (2027, 1, 12),
        time: "10.00",
    },
    Sample {
        title: "Přerušení dodávky elektřiny: Nádražní, Tovární, U Pily",
        category: "Odstávky",
        icon: Icon::Lightning,
        originator: "ČEZ Distribuce",
        reference_number: "",
        posted: (2026, 11, 16),
        until: (2026, 12, 2),
        time: "14.00",
    },
    Sample {
        title: "Pozvánka na 21. zasedání zastupitelstva města",
        category: "Zastupitelstvo a rada",
        icon: Icon::Buildings,
        originator: "Starosta města",
        reference_number: "",
        posted: (2026, 11, 16),
        until: (2026, 11, 25),
        time: "",
    },
    Sample {
        title: "Návrh rozpočtu města na rok 2027 a střednědobý výhled",
        category: "Rozpočet a dotace",
        icon: Icon::Coins,
        originator: "Finanční odbor",
        reference_number: "FO/77/2026",
        posted: (2026, 11, 13),
        until: (2026, 12, 16),
        time: "",
    },
    Sample {
        title: "Výběrové řízení: referent stavebního úřadu",
        category: "Výběrová řízení",
        icon: Icon::Briefcase,
        originator: "Tajemník městského úřadu",
        reference_number: "TAJ/118/2026",
        posted: (2026, 11, 12),
        until: (2026, 11, 30),
        time: "",
    },
    Sample {
        title: LONG_TITLE,
        category: "Životní prostředí",
        icon: Icon::Tree,
        originator: "Krajský úřad Karlovarského kraje, odbor životního prostředí a zemědělství",
        reference_number: "KK/2231/ZZ/26-8",
        posted: (2026, 11, 10),
        until: (2026, 12, 10),
        time: "",
    },
    Sample {
        title: "Ztráty a nálezy: jízdní kolo nalezené u nádraží",
        category: "Ztráty a nálezy",
        icon: Icon::File,
        originator: "Městská policie",
        reference_number: "",
        posted: (2025, 12, 15),
        until: (2028, 12, 15),
        time: "",
    },
];

const LONG_TITLE: &str = "Oznámení o zahájení zjišťovacího řízení podle § 7 zákona č. 100/2001 Sb., \
    o posuzování vlivů na životní prostředí, k záměru „Rozšíření těžby kaolinu v dobývacím prostoru \
    Tisová u Lipnice, etapa III, včetně přeložky polní cesty p. č. 2214/7 a úpravy koryta Rolavy“ \
    a o možnosti zaslat k němu písemné vyjádření do 30 dnů ode dne zveřejnění";

fn row(index: usize, sample: &Sample, language: Language, with_year: bool) -> RowView {
    let today = day(TODAY);
    let (posted, until) = (day(sample.posted), day(sample.until));
    let origin = [sample.originator, sample.reference_number];
    let origin: Vec<&str> = origin.into_iter().filter(|part| !part.is_empty()).collect();
    RowView {
        id: NoticeId::new(format!("n{index}")),
        title: bind(sample.title),
        category: sample.category.to_owned(),
        icon: sample.icon,
        origin: bind(&origin.join(" · ")),
        originator: bind(sample.originator),
        reference_number: sample.reference_number.to_owned(),
        posted: if with_year {
            dates::full_date(posted, language)
        } else {
            dates::short_date(posted, today, language)
        },
        until: dates::full_date(until, language),
        until_time: sample.time.to_owned(),
        is_new: index < 2,
    }
}

fn rows(language: Language) -> Vec<RowView> {
    SAMPLES
        .iter()
        .enumerate()
        .map(|(index, sample)| row(index, sample, language, false))
        .collect()
}

fn base(screen: Screen, language: Language) -> ViewModel {
    ViewModel {
        language,
        screen,
        header: HeaderView {
            town: "Město Lipnice nad Rolavou".to_owned(),
            time: "14:32".to_owned(),
            date: dates::header_date(day(TODAY), language),
            coat_of_arms: Some(pictures::coat_of_arms()),
        },
        footer: FooterView {
            web_address: "lipnice.example/deska".to_owned(),
            part: bind("část 1 ze 2, druhá je na nádraží"),
            data_as_of: "14:31".to_owned(),
            stale: false,
        },
        idle: IdleView {
            step: 2,
            steps: 8,
            page: IdlePage::Titles {
                total: 38,
                page: 1,
                pages: 5,
                rows: rows(language).into_iter().take(8).collect(),
            },
        },
        board: BoardView {
            total: 38,
            categories: categories(None),
            all_chosen: true,
            rows: rows(language).into(),
            scroll: 0.0,
            scroll_sequence: 0,
        },
        notice: None,
        countdown: None,
    }
}

fn categories(chosen: Option<&str>) -> Vec<CategoryView> {
    [
        ("Veřejné vyhlášky", 11),
        ("Dražby a exekuce", 5),
        ("Prodej a pronájem", 4),
        ("Výběrová řízení", 3),
        ("Zastupitelstvo a rada", 4),
        ("Rozpočet a dotace", 3),
        ("Odstávky", 2),
        ("Životní prostředí", 2),
        ("Doprava", 2),
        ("Ztráty a nálezy", 1),
        ("Volby", 1),
    ]
    .into_iter()
    .map(|(name, count)| CategoryView {
        name: name.to_owned(),
        count,
        chosen: chosen == Some(name),
    })
    .collect()
}

/// Before the first board.
pub(crate) fn waiting() -> ViewModel {
    ViewModel {
        header: HeaderView {
            coat_of_arms: None,
            town: String::new(),
            ..base(Screen::Waiting, Language::Czech).header
        },
        footer: FooterView::default(),
        ..base(Screen::Waiting, Language::Czech)
    }
}

fn idle_titles(count: usize) -> ViewModel {
    let mut view_model = base(Screen::Idle, Language::Czech);
    if let IdlePage::Titles { rows, .. } = &mut view_model.idle.page {
        rows.truncate(count);
    }
    view_model
}

fn idle_notice() -> ViewModel {
    let mut view_model = base(Screen::Idle, Language::Czech);
    let mut shown = row(0, &SAMPLES[0], Language::Czech, true);
    shown.title = bind(
        "Opatření obecné povahy: stanovení přechodné úpravy provozu na silnici II/218 v ulici Karlovarské",
    );
    view_model.idle.step = 3;
    view_model.idle.page = IdlePage::Notice(Box::new(IdleNoticeView {
        row: shown,
        documents: 2,
        pages: 4,
        page: Some(pictures::page(1, 680, 962)),
        qr_code: Some(pictures::qr_code("https://lipnice.example/deska/4821")),
    }));
    view_model
}

fn idle_empty() -> ViewModel {
    let mut view_model = base(Screen::Idle, Language::Czech);
    view_model.idle = IdleView {
        step: 0,
        steps: 1,
        page: IdlePage::Titles {
            total: 0,
            page: 0,
            pages: 0,
            rows: Vec::new(),
        },
    };
    view_model
}

fn board(chosen: Option<&str>, language: Language) -> ViewModel {
    let mut view_model = base(Screen::Board, language);
    if let Some(chosen) = chosen {
        view_model.board.all_chosen = false;
        view_model.board.categories = categories(Some(chosen));
        let rows = view_model.board.rows.iter();
        let chosen = rows.filter(|row| row.category.contains(chosen)).cloned();
        view_model.board.rows = chosen.collect();
    }
    view_model
}

fn board_empty() -> ViewModel {
    let mut view_model = base(Screen::Board, Language::Czech);
    view_model.board = BoardView {
        all_chosen: true,
        ..BoardView::default()
    };
    view_model
}

fn board_thousand() -> ViewModel {
    let mut view_model = base(Screen::Board, Language::Czech);
    view_model.board.total = 1000;
    view_model.board.rows = (0..1000)
        .map(|index| {
            row(
                index,
                &SAMPLES[index % SAMPLES.len()],
                Language::Czech,
                false,
            )
        })
        .collect();
    view_model
}

fn board_stale() -> ViewModel {
    let mut view_model = base(Screen::Board, Language::Czech);
    view_model.footer.stale = true;
    view_model.footer.data_as_of = bind("20. 11. 9:15");
    // At the end of the list, where there is nothing further down.
    view_model.board.scroll = 100_000.0;
    view_model.board.scroll_sequence = 9;
    view_model
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

fn notice(window: Size, language: Language) -> ViewModel {
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

fn countdown(window: Size) -> ViewModel {
    ViewModel {
        countdown: Some(20),
        ..notice(window, Language::Czech)
    }
}
