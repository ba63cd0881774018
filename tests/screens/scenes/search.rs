//! The search.

use vyveska::state::{KeyboardLayout, Layer, TextSize};
use vyveska::ui::view_model::{
    FoundView, Icon, LookView, PlaceView, Scheme, Screen, SearchStatus, SearchView, ViewModel,
};
use vyveska_board::format::typography::bind;
use vyveska_board::{Language, NoticeId};

use super::notice::notice;
use super::samples::{LONG_TITLE, base};
use super::{Scene, scene};

pub(super) fn scenes() -> Vec<Scene> {
    vec![
        scene("search-empty", |_| search(Language::Czech, empty)),
        scene("search-results", |_| search(Language::Czech, results)),
        scene("search-results-all", |_| {
            search(Language::Czech, |view| {
                results(view);
                view.typing = false;
            })
        }),
        scene("search-without-attachments", |_| {
            search(Language::Czech, |view| {
                view.words = "karlovar xyz".to_owned();
                view.status = SearchStatus::Nothing;
                view.in_documents = false;
            })
        }),
        scene("search-long-titles", |_| {
            search(Language::Czech, |view| {
                results(view);
                view.typing = false;
                view.found = (0..9)
                    .map(|number| {
                        found(
                            number,
                            LONG_TITLE,
                            Icon::Tree,
                            "10. 12. 2027",
                            PlaceView::Originator,
                            "Krajský úřad [Karlovar]ského kraje, odbor životního prostředí a zemědělství",
                        )
                    })
                    .collect();
            })
        }),
        scene("search-nothing", |_| {
            search(Language::Czech, |view| {
                view.words = "karlovar xyz".to_owned();
                view.status = SearchStatus::Nothing;
            })
        }),
        scene("search-german", |_| {
            search(Language::German, |view| {
                results(view);
                view.layout = KeyboardLayout::German;
                view.words = "Straßensperrung".to_owned();
            })
        }),
        scene("search-english-empty", |_| {
            search(Language::English, |view| {
                empty(view);
                view.layout = KeyboardLayout::English;
                view.suggestions = [
                    "Public notices",
                    "Auctions and enforcement",
                    "Sale and lease",
                ]
                .map(str::to_owned)
                .into();
            })
        }),
        scene("search-largest", |_| {
            looking(|look| look.text_size = TextSize::Largest)
        }),
        scene("search-contrast", |_| {
            looking(|look| look.scheme = Scheme::HighContrast)
        }),
        scene("search-night", |_| {
            looking(|look| look.scheme = Scheme::Night)
        }),
        scene("search-reach", |_| looking(|look| look.reach = true)),
        scene("search-reach-contrast-larger", |_| {
            looking(|look| {
                look.scheme = Scheme::HighContrast;
                look.text_size = TextSize::Larger;
                look.reach = true;
            })
        }),
        scene("search-reach-digits", |_| {
            let mut view_model = search(Language::Czech, |view| {
                results(view);
                view.layer = Layer::Digits;
            });
            view_model.look.reach = true;
            view_model
        }),
        scene("search-reach-marks", |_| {
            let mut view_model = search(Language::Czech, |view| {
                empty(view);
                view.layer = Layer::Marks;
            });
            view_model.look.reach = true;
            view_model
        }),
        scene("search-notice", |viewer| {
            let mut view_model = notice(viewer, Language::Czech);
            results(&mut view_model.search);
            view_model.search.beside = true;
            view_model
        }),
    ]
}

/// The search before anything was typed; other screens carry it too, hidden.
pub(super) fn unused() -> SearchView {
    SearchView {
        in_documents: true,
        words: String::new(),
        typing: true,
        layout: KeyboardLayout::Czech,
        layer: Layer::Letters,
        status: SearchStatus::Empty,
        total: 0,
        found: [].into(),
        suggestions: Vec::new(),
        beside: false,
        scroll: 0.0,
        scroll_sequence: 0,
    }
}

fn search(language: Language, change: impl FnOnce(&mut SearchView)) -> ViewModel {
    let mut view_model = base(Screen::Search, language);
    change(&mut view_model.search);
    view_model
}

fn looking(change: impl FnOnce(&mut LookView)) -> ViewModel {
    let mut view_model = search(Language::Czech, results);
    change(&mut view_model.look);
    view_model
}

fn empty(view: &mut SearchView) {
    view.suggestions = [
        "Veřejné vyhlášky",
        "Dražby a exekuce",
        "Prodej a pronájem",
        "Výběrová řízení",
        "Odstávky energií",
        "Rozpočet a hospodaření",
    ]
    .map(str::to_owned)
    .into();
}

fn results(view: &mut SearchView) {
    view.words = "karlovar".to_owned();
    view.status = SearchStatus::Found;
    view.found = [
        found(
            0,
            "Opatření obecné povahy: přechodná úprava provozu na silnici II/218, ul. Karlovarská",
            Icon::Scales,
            "6. 12.",
            PlaceView::Title,
            "… provozu na silnici II/218, ul. [Karlovar]ská",
        ),
        found(
            1,
            "Výzva programu Podpora spolkové činnosti 2027",
            Icon::Coins,
            "15. 1. 2027",
            PlaceView::Text {
                document: 1,
                page: 4,
            },
            "… Žádat mohou spolky se sídlem v [Karlovar]ském kraji, které působí nejméně dva roky …",
        ),
        found(
            2,
            "Návrh rozpočtu města na rok 2027 a střednědobý výhled",
            Icon::Coins,
            "16. 12.",
            PlaceView::Text {
                document: 1,
                page: 17,
            },
            "… příspěvek [Karlovar]skému kraji na dopravu …",
        ),
        found(
            3,
            LONG_TITLE,
            Icon::Tree,
            "10. 12.",
            PlaceView::Originator,
            "Krajský úřad [Karlovar]ského kraje, odbor životního prostředí a zemědělství",
        ),
        found(
            4,
            "Dražební vyhláška: rodinný dům č. p. 214, Tisová",
            Icon::Gavel,
            "12. 1. 2027",
            PlaceView::ReferenceNumber,
            "[091 EX 1187]/26",
        ),
        found(
            5,
            "Přerušení dodávky elektřiny",
            Icon::Lightning,
            "",
            PlaceView::Category,
            "[Odstávky energií]",
        ),
    ]
    .into();
    view.total = 6;
}

fn found(
    number: usize,
    title: &str,
    icon: Icon,
    until: &str,
    place: PlaceView,
    excerpt: &str,
) -> FoundView {
    FoundView {
        id: NoticeId::new(format!("n{number}")),
        title: bind(title),
        icon,
        until: bind(until),
        place,
        excerpt: bind(
            &excerpt
                .replace('[', &FoundView::BEGIN.to_string())
                .replace(']', &FoundView::END.to_string()),
        ),
    }
}
