//! Information, surveys and alerts: the sample town's own, through the real state and presenter.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use vyveska::page_cache::PageCache;
use vyveska::state::{
    AlertIntent, BoardContent, Event, InformationIntent, Intent, Now, State, SurveyIntent, TextSize,
};
use vyveska::ui::present::Presenter;
use vyveska::ui::view_model::{ChoiceView, Picture, Pixels, Scheme, Screen, ViewModel};
use vyveska_board::format::typography::bind;
use vyveska_board::{ClockBounds, Language};
use vyveska_central::information::{BoardInformation, Enclosures, read_alerts, read_pages};
use vyveska_sample_town::information;
use vyveska_wire::alert::{AlertSeverity, AlertStatus};
use vyveska_wire::manifest::ContentHash;
use vyveska_wire::section::{
    BoardRecord, InformationSection, NoticesSection, SettingsSection, Texts,
};

use super::samples::base;
use super::{Scene, scene, touched};

pub(super) fn scenes() -> Vec<Scene> {
    vec![
        scene("information-index", |_| index(Language::Czech)),
        scene("information-index-german", |_| index(Language::German)),
        scene("information-index-largest", |_| {
            largest(index(Language::Czech))
        }),
        scene("information-hours", |_| page("uredni-hodiny")),
        scene("information-hours-holidays", |_| {
            look(
                at("2026-12-23T08:30:00Z", open("uredni-hodiny")),
                Language::Czech,
            )
        }),
        scene("information-contacts", |_| page("kontakty")),
        scene("information-grants", |_| page("dotace")),
        scene("information-events", |_| page("akce")),
        scene("information-tourism", |_| page("vylety")),
        scene("information-tourism-german-contrast", |_| {
            let mut view_model = look(at(MONDAY, open("vylety")), Language::German);
            view_model.look.scheme = Scheme::HighContrast;
            view_model
        }),
        touched(
            "information-tourism-map",
            |_| page("vylety"),
            "Mapa města s\u{a0}mostem a\u{a0}pramenem",
        ),
        scene("information-documents", |_| page("dokumenty")),
        scene("information-documents-german-largest", |_| {
            largest(look(at(MONDAY, open("dokumenty")), Language::German))
        }),
        scene("information-documents-reach-contrast", |_| {
            let mut view_model = page("dokumenty");
            view_model.look.reach = true;
            view_model.look.scheme = Scheme::HighContrast;
            view_model
        }),
        scene("information-lost-and-found", |_| page("ztraty-a-nalezy")),
        scene("information-outages", |_| page("odstavky")),
        scene("information-outages-night", |_| {
            let mut view_model = page("odstavky");
            view_model.look.scheme = Scheme::Night;
            view_model
        }),
        scene("information-outages-none", |_| {
            look(
                at("2027-06-01T08:30:00Z", open("odstavky")),
                Language::Czech,
            )
        }),
        scene("information-text", |_| page("sireny")),
        scene("information-grants-reach", |_| {
            let mut view_model = page("dotace");
            view_model.look.reach = true;
            view_model
        }),
        scene("survey-faces", |_| survey(&[])),
        scene("survey-faces-largest", |_| largest(survey(&[]))),
        scene("survey-faces-german", |_| {
            look(
                at(
                    MONDAY,
                    vec![Intent::Survey(SurveyIntent::Show("spokojenost".to_owned()))],
                ),
                Language::German,
            )
        }),
        scene("survey-thanks", |_| survey(&[answer("4")])),
        scene("survey-choices", |_| survey(&[answer("4"), next()])),
        scene("survey-choices-long", |_| survey_choices_long()),
        scene("survey-end", |_| {
            survey(&[answer("4"), next(), answer("cekani")])
        }),
        scene("alert-extreme", |_| alert(AlertSeverity::Extreme, &[])),
        scene("alert-drifted", |_| {
            let mut view_model = alert(AlertSeverity::Extreme, &[]);
            view_model.drift_mm = (2.0, -2.0);
            view_model
        }),
        scene("alert-drifted-left", |_| {
            let mut view_model = alert(AlertSeverity::Extreme, &[]);
            view_model.drift_mm = (-2.0, 0.0);
            view_model
        }),
        scene("alert-exercise-german", |_| {
            look(
                with_alert(
                    MONDAY,
                    AlertSeverity::Extreme,
                    AlertStatus::Exercise,
                    &[Intent::NextLanguage],
                ),
                Language::German,
            )
        }),
        scene("alert-one-of-two", |_| {
            let mut view_model = alert(AlertSeverity::Extreme, &[]);
            if let Some(alert) = &mut view_model.alert {
                alert.position = "1\u{a0}ze\u{a0}2".to_owned();
            }
            view_model
        }),
        scene("alert-largest-contrast", |_| {
            let mut view_model = largest(alert(AlertSeverity::Extreme, &[Intent::NextTextSize]));
            view_model.look.scheme = Scheme::HighContrast;
            view_model
        }),
        scene("alert-reach", |_| {
            let mut view_model = alert(AlertSeverity::Extreme, &[Intent::ToggleReach]);
            view_model.look.reach = true;
            view_model
        }),
        scene("alert-strip-board", |_| {
            strip(Screen::Board, AlertSeverity::Extreme)
        }),
        scene("alert-strip-idle", |_| {
            strip(Screen::Idle, AlertSeverity::Moderate)
        }),
        scene("alert-banner-idle", |_| {
            strip(Screen::Idle, AlertSeverity::Severe)
        }),
    ]
}

/// A Monday at 14.32.
const MONDAY: &str = "2026-11-23T13:32:00Z";

fn information_of_the_town(today: chrono::NaiveDate) -> BoardInformation {
    let path = information::folder().join("information.toml");
    let mut enclosures = Enclosures::beside(&path);
    let pages = information::pages(today);
    let mut information = read_pages(&pages, &path, &mut enclosures).unwrap();
    let pages = information.pages.iter_mut();
    for document in pages.flat_map(|page| page.content.documents_mut()) {
        // As counted by central.
        document.pages = Some(6);
    }
    BoardInformation {
        information,
        pictures: enclosures.into_read().0,
        ..BoardInformation::default()
    }
}

/// The town's pictures, decoded once per thread.
fn pictures() -> Vec<(ContentHash, Picture)> {
    thread_local! {
        static PICTURES: Vec<(ContentHash, Picture)> = decoded();
    }
    PICTURES.with(Clone::clone)
}

fn decoded() -> Vec<(ContentHash, Picture)> {
    let town = information_of_the_town(day(MONDAY));
    let pictures = town.pictures.into_iter().zip(9000..);
    pictures
        .map(|((content, _, bytes), number)| {
            let picture = image::load_from_memory(&bytes).unwrap().into_rgb8();
            let pixels = slint::SharedPixelBuffer::clone_from_slice(
                picture.as_raw(),
                picture.width(),
                picture.height(),
            );
            let pixels = Pixels::Opaque(pixels);
            (content.hash, Picture { number, pixels })
        })
        .collect()
}

fn day(at: &str) -> chrono::NaiveDate {
    at.parse::<DateTime<Utc>>().unwrap().date_naive()
}

/// The town's information on that Monday, read once per thread.
fn section() -> InformationSection {
    thread_local! {
        static INFORMATION: InformationSection = information_of_the_town(day(MONDAY)).information;
    }
    INFORMATION.with(Clone::clone)
}

/// A kiosk of the sample town at this time of that Monday.
fn kiosk(at: &str, severity: Option<(AlertSeverity, AlertStatus)>) -> State {
    let mut alerts = vyveska_wire::section::AlertsSection::default();
    if let Some((severity, status)) = severity {
        let text = information::alert(day(MONDAY));
        alerts = read_alerts(&text, information::folder()).unwrap();
        alerts.alerts[0].severity = severity;
        alerts.alerts[0].status = status;
    }
    let notices = NoticesSection {
        board: BoardRecord {
            iri: String::new(),
            name: Texts::new(),
            page: None,
            operator_ico: None,
        },
        notices: Vec::new(),
    };
    let manifest = crate::board::manifest();
    let board = BoardContent::new(
        &manifest,
        manifest.sections.notices.hash,
        &notices,
        section(),
        alerts,
        SettingsSection::of_town("Město Lipnice nad Rolavou", "lipnice.example/deska"),
    );
    let mut state = State::new(now(at));
    state.apply(Event::BoardChanged(Arc::new(board)), now(at));
    state
}

fn now(at: &str) -> Now {
    Now {
        clock: ClockBounds::exact(at.parse().unwrap()),
        monotonic: Duration::ZERO,
    }
}

fn at(at: &str, intents: Vec<Intent>) -> (State, Now) {
    let mut state = kiosk(at, None);
    for intent in intents {
        state.apply(Event::Intent(intent), now(at));
    }
    (state, now(at))
}

fn with_alert(
    at: &str,
    severity: AlertSeverity,
    status: AlertStatus,
    intents: &[Intent],
) -> (State, Now) {
    let mut state = kiosk(at, Some((severity, status)));
    for intent in intents {
        state.apply(Event::Intent(intent.clone()), now(at));
    }
    (state, now(at))
}

fn open(page: &str) -> Vec<Intent> {
    vec![Intent::Information(InformationIntent::Open(
        page.to_owned(),
    ))]
}

/// The view of the state, in the frame of every scene.
fn look((mut state, now): (State, Now), language: Language) -> ViewModel {
    while state.language() != language {
        state.apply(Event::Intent(Intent::NextLanguage), now);
    }
    let mut presenter = Presenter::default();
    for (hash, picture) in pictures() {
        presenter.pictures.put(hash, picture, &[]);
    }
    let shown = presenter.present(&state, &PageCache::default(), now);
    let frame = base(shown.screen, language);
    ViewModel {
        information: shown.information,
        survey: shown.survey,
        alert: shown.alert,
        alert_strip: shown.alert_strip,
        header: vyveska::ui::view_model::HeaderView {
            date: shown.header.date,
            time: shown.header.time,
            ..frame.header
        },
        ..frame
    }
}

fn index(language: Language) -> ViewModel {
    let show = vec![Intent::Information(InformationIntent::Show)];
    look(at(MONDAY, show), language)
}

fn page(page: &str) -> ViewModel {
    look(at(MONDAY, open(page)), Language::Czech)
}

fn largest(mut view_model: ViewModel) -> ViewModel {
    view_model.look.text_size = TextSize::Largest;
    view_model
}

fn answer(answer: &str) -> SurveyIntent {
    SurveyIntent::Answer(answer.to_owned())
}

const fn next() -> SurveyIntent {
    SurveyIntent::Next
}

fn survey(steps: &[SurveyIntent]) -> ViewModel {
    let show = SurveyIntent::Show("spokojenost".to_owned());
    let steps = std::iter::once(show).chain(steps.iter().cloned());
    look(
        at(MONDAY, steps.map(Intent::Survey).collect()),
        Language::Czech,
    )
}

/// The most choices, each of the greatest length.
fn survey_choices_long() -> ViewModel {
    let mut view_model = survey(&[answer("4"), next()]);
    if let Some(survey) = &mut view_model.survey {
        survey.question = bind(
            "Kdybyste mohli změnit jedinou věc na tom, jak dnes úřad města vyřizuje vaše záležitosti, která by to byla především?",
        );
        let text = "Kratší čekání u přepážek, hlavně ráno a na konci měsíce vždy";
        survey.choices = (0..6)
            .map(|number| ChoiceView {
                id: number.to_string(),
                text: bind(text),
            })
            .collect();
    }
    view_model
}

fn alert(severity: AlertSeverity, intents: &[Intent]) -> ViewModel {
    look(
        with_alert(MONDAY, severity, AlertStatus::Actual, intents),
        Language::Czech,
    )
}

/// An alert strip above a page.
fn strip(screen: Screen, severity: AlertSeverity) -> ViewModel {
    let intents: &[Intent] = match screen {
        Screen::Board => &[
            Intent::Alert(AlertIntent::Show),
            Intent::Alert(AlertIntent::Close),
        ],
        _ => &[],
    };
    let shown = alert(severity, intents);
    ViewModel {
        alert_strip: shown.alert_strip,
        ..base(screen, Language::Czech)
    }
}
