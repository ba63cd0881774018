//! The sample board of every scene.

use chrono::NaiveDate;
use vyveska::state::Sort;
use vyveska::state::TextSize;
use vyveska::ui::category_words;
use vyveska::ui::town_colour::town_colour;
use vyveska::ui::view_model::{
    BoardView, CategoryView, FooterView, HeaderView, Icon, IdlePage, IdleView, LookView, NoteView,
    RowView, Scheme, Screen, ViewModel, WaitingView,
};
use vyveska_board::format::dates;
use vyveska_board::format::deadlines;
use vyveska_board::format::typography::bind;
use vyveska_board::{Language, LanguageMap, NoticeId, category};

use crate::pictures;

pub(super) const TODAY: (i32, u32, u32) = (2026, 11, 21);

pub(super) fn day((year, month, day): (i32, u32, u32)) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

#[derive(Clone, Copy)]
pub(super) struct Sample {
    pub(super) title: &'static str,
    pub(super) category: &'static str,
    pub(super) icon: Icon,
    pub(super) originator: &'static str,
    pub(super) reference_number: &'static str,
    pub(super) posted: (i32, u32, u32),
    pub(super) until: (i32, u32, u32),
    pub(super) time: &'static str,
}

pub(super) const SAMPLES: &[Sample] = &[
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

pub(super) const LONG_TITLE: &str = "Oznámení o zahájení zjišťovacího řízení podle § 7 zákona č. 100/2001 Sb., \
    o posuzování vlivů na životní prostředí, k záměru „Rozšíření těžby kaolinu v dobývacím prostoru \
    Tisová u Lipnice, etapa III, včetně přeložky polní cesty p. č. 2214/7 a úpravy koryta Rolavy“ \
    a o možnosti zaslat k němu písemné vyjádření do 30 dnů ode dne zveřejnění";

pub(super) fn row(index: usize, sample: &Sample, language: Language, with_year: bool) -> RowView {
    let today = day(TODAY);
    let (posted, until) = (day(sample.posted), day(sample.until));
    let origin = [sample.originator, sample.reference_number];
    let origin: Vec<&str> = origin.into_iter().filter(|part| !part.is_empty()).collect();
    RowView {
        id: NoticeId::new(format!("n{index}")),
        title: bind(sample.title),
        category: category_words::one(&LanguageMap::czech(sample.category), language),
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
        until_short: dates::short_date(until, today, language),
        deadline: u32::try_from((until - today).num_days())
            .ok()
            .filter(|days| *days <= 7)
            .map(|days| deadlines::deadline(days, sample.time, language))
            .unwrap_or_default(),
        until_time: sample.time.to_owned(),
        is_new: index < 2,
    }
}

pub(super) fn rows(language: Language) -> Vec<RowView> {
    SAMPLES
        .iter()
        .enumerate()
        .map(|(index, sample)| row(index, sample, language, false))
        .collect()
}

/// Notices with the longest titles and names of offices, an hour at their end, and few days left.
pub(super) fn long_rows(count: usize) -> Vec<RowView> {
    let longest = Sample {
        time: "10.00",
        until: (2026, 11, 24),
        ..SAMPLES[7]
    };
    (0..count)
        .map(|index| RowView {
            is_new: true,
            ..row(index, &longest, Language::Czech, true)
        })
        .collect()
}

pub(super) fn base(screen: Screen, language: Language) -> ViewModel {
    ViewModel {
        language,
        screen,
        look: LookView {
            scheme: Scheme::Day,
            town: town_colour(None),
            text_size: TextSize::Normal,
            reach: false,
            speech: false,
        },
        header: HeaderView {
            town: "Město Lipnice nad Rolavou".to_owned(),
            time: "14:32".to_owned(),
            date: dates::header_date(day(TODAY), language),
            coat_of_arms: Some(pictures::coat_of_arms()),
        },
        notes: if language == Language::Czech {
            Vec::new()
        } else {
            vec![NoteView::CzechBinds]
        },
        waiting: WaitingView::default(),
        footer: FooterView {
            web_address: "lipnice.example/deska".to_owned(),
            part: bind("část 1 ze 2, druhá je na nádraží"),
            data_as_of: "14:31".to_owned(),
            stale: false,
        },
        idle: IdleView {
            step: 2,
            steps: 8,
            paused: false,
            information: true,
            page: IdlePage::Titles {
                total: 38,
                page: 1,
                pages: 5,
                rows: rows(language).into_iter().take(8).collect(),
                close: false,
                minutes: 0,
            },
        },
        board: BoardView {
            total: 38,
            categories: categories(None, language),
            all_chosen: true,
            choosing: false,
            sort: Sort::Newest,
            information: true,
            rows: rows(language).into(),
            scroll: 0.0,
            scroll_sequence: 0,
        },
        notice: None,
        search: super::search::unused(),
        information: None,
        survey: None,
        service: None,
        alert: None,
        alert_strip: None,
        countdown: None,
        drift_mm: (0.0, 0.0),
    }
}

pub(super) fn categories(chosen: Option<&str>, language: Language) -> Vec<CategoryView> {
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
        key: name.to_owned(),
        name: category::name(name, language).to_owned(),
        count,
        chosen: chosen == Some(name),
    })
    .collect()
}
