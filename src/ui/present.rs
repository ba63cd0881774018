//! From the state to the view model.
//!
//! Everything that needs a calendar, an order or a choice is decided here; the markup only lays out.

use std::sync::Arc;

use vyveska_board::moment::PRAGUE;
use vyveska_board::{Document, Language, LanguageMap, Moment};
use vyveska_wire::section::language_map;

use super::category_icon::icon_of;
use super::file_size::file_size;
use super::office::short_office;
use super::qr_codes::QrCodes;
use super::view_model::{
    BoardView, CategoryView, DetailSlot, DocumentView, FooterView, HeaderView, IdleNoticeView,
    IdlePage, IdleView, NoticeView, PageSlot, Picture, RowView, Screen, ViewModel, ViewerStatus,
    ViewerView,
};
use super::{dates, typography};
use crate::gallery::Gallery;
use crate::state::{BoardNotice, Drawing, IdleStep, Now, Placed, Reading, Size, State, categories};

/// Turns states into view models, remembering what is costly to make again.
#[derive(Default)]
pub struct Presenter {
    /// The town's coat of arms.
    pub coat_of_arms: Option<Picture>,
    qr_codes: QrCodes,
    list: Option<(ListKey, ListParts)>,
}

/// What the list's rows and categories depend on.
#[derive(PartialEq)]
struct ListKey {
    edition: u64,
    language: Language,
    category: Option<String>,
}

#[derive(Clone)]
struct ListParts {
    categories: Vec<CategoryView>,
    rows: Arc<[RowView]>,
}

impl Presenter {
    /// What the screen shows.
    pub fn present(&mut self, state: &State, gallery: &Gallery, now: Now) -> ViewModel {
        let notice = self.notice(state, gallery);
        let screen = if state.board().is_none() {
            Screen::Waiting
        } else if notice.is_some() {
            Screen::Notice
        } else if state.is_board_in_front() {
            Screen::Board
        } else {
            Screen::Idle
        };
        ViewModel {
            language: state.language(),
            screen,
            header: self.header(state),
            footer: present_footer(state),
            idle: self.idle(state, gallery),
            board: self.board(state),
            notice,
            countdown: state.countdown(now.monotonic),
        }
    }

    fn header(&self, state: &State) -> HeaderView {
        let here = state.clock().earliest.with_timezone(&PRAGUE);
        HeaderView {
            town: state
                .board()
                .map(|board| text(&board.town, state.language()))
                .unwrap_or_default(),
            time: dates::clock_time(here.time()),
            date: dates::header_date(here.date_naive(), state.language()),
            coat_of_arms: self.coat_of_arms.clone(),
        }
    }

    fn idle(&mut self, state: &State, gallery: &Gallery) -> IdleView {
        let Some((step, steps, shown)) = state.idle_step() else {
            return IdleView {
                step: 0,
                steps: 1,
                page: IdlePage::Titles {
                    total: 0,
                    page: 1,
                    pages: 0,
                    rows: Vec::new(),
                },
            };
        };
        let page = match shown {
            IdleStep::Titles {
                page,
                pages,
                notices,
            } => IdlePage::Titles {
                total: count(state.posted().len()),
                page: count(page + 1),
                pages: count(pages),
                rows: notices
                    .iter()
                    .map(|entry| present_row(state, entry))
                    .collect(),
            },
            IdleStep::Notice(entry) => {
                let drawing = state.preview(entry);
                let opened = drawing.and_then(|drawing| state.opened(&drawing.document));
                IdlePage::Notice(Box::new(IdleNoticeView {
                    row: present_row(state, entry),
                    documents: count(entry.notice.documents.len()),
                    pages: match opened {
                        Some(Ok(pages)) => count(pages.len()),
                        _ => 0,
                    },
                    page: drawing.and_then(|drawing| gallery.whole_page(&drawing).cloned()),
                    qr_code: self.qr_code(entry),
                }))
            }
        };
        IdleView {
            step: count(step),
            steps: count(steps),
            page,
        }
    }

    fn board(&mut self, state: &State) -> BoardView {
        let list = state.list();
        let key = ListKey {
            edition: state.edition(),
            language: state.language(),
            category: list.category().map(str::to_owned),
        };
        let parts = match &self.list {
            Some((made_for, parts)) if *made_for == key => parts.clone(),
            _ => {
                let parts = list_parts(state);
                self.list = Some((key, parts.clone()));
                parts
            }
        };
        BoardView {
            total: count(state.posted().len()),
            categories: parts.categories,
            all_chosen: list.category().is_none(),
            rows: parts.rows,
            scroll: list.offset(),
            scroll_sequence: list.jumps(),
        }
    }

    fn notice(&mut self, state: &State, gallery: &Gallery) -> Option<NoticeView> {
        let (entry, reading) = state.reading()?;
        let language = state.language();
        let mut row = present_row(state, entry);
        row.posted = entry
            .notice
            .posted
            .date()
            .map(|date| dates::full_date(date, language))
            .unwrap_or_default();
        Some(NoticeView {
            row,
            documents: entry
                .notice
                .documents
                .iter()
                .map(|document| present_document(state, document))
                .collect(),
            chosen: reading.chosen(),
            viewer: present_viewer(state, entry, reading, gallery),
            qr_code: self.qr_code(entry),
        })
    }

    fn qr_code(&mut self, entry: &BoardNotice) -> Option<Picture> {
        let url = entry.notice.url.as_ref()?;
        self.qr_codes.of(url.as_str())
    }
}

fn list_parts(state: &State) -> ListParts {
    let list = state.list();
    ListParts {
        categories: categories(state.posted())
            .into_iter()
            .map(|category| CategoryView {
                chosen: list.category() == Some(category.name.as_str()),
                count: count(category.count),
                name: category.name,
            })
            .collect(),
        rows: state
            .posted()
            .filter(|entry| list.shows(&entry.notice))
            .map(|entry| present_row(state, entry))
            .collect(),
    }
}

fn present_footer(state: &State) -> FooterView {
    let Some(board) = state.board() else {
        return FooterView::default();
    };
    let today = state.clock().today();
    let data_as_of = state.heard().map_or_else(String::new, |heard| {
        let heard = heard.with_timezone(&PRAGUE).naive_local();
        dates::as_of(heard, today, state.language())
    });
    FooterView {
        web_address: board.settings.web_address.clone(),
        part: text(&language_map(&board.settings.part), state.language()),
        data_as_of,
        stale: state.is_stale(),
    }
}

fn present_row(state: &State, entry: &BoardNotice) -> RowView {
    let notice = &entry.notice;
    let (today, language) = (state.clock().today(), state.language());
    let category = notice
        .categories
        .first()
        .map(|category| text(category, state.language()))
        .unwrap_or_default();
    let key = notice
        .categories
        .first()
        .map_or("", |category| category.best(Language::Czech));
    let reference_number = notice
        .reference_number
        .as_ref()
        .map_or("", |number| number.as_str())
        .to_owned();
    let originator = notice.originator.as_deref().unwrap_or_default();
    let town = state
        .board()
        .map_or("", |board| board.town.best(Language::Czech));
    let office = short_office(originator, town);
    let origin = [office.as_str(), &reference_number]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" · ");
    let title = text(&notice.title, state.language());
    RowView {
        id: notice.id.clone(),
        title,
        icon: icon_of(key),
        category,
        originator: typography::bind(originator),
        origin: typography::bind(&origin),
        reference_number,
        posted: notice
            .posted
            .date()
            .map(|date| dates::short_date(date, today, language))
            .unwrap_or_default(),
        until: notice
            .relevant_until
            .date()
            .map(|date| dates::full_date(date, language))
            .unwrap_or_default(),
        until_time: match notice.relevant_until {
            Moment::Instant(instant) => {
                let here = instant.with_timezone(&PRAGUE);
                dates::time_of_day(here.time(), language)
            }
            Moment::Date(_) | Moment::Unspecified => String::new(),
        },
        is_new: state.is_new(entry),
    }
}

fn present_document(state: &State, document: &Document) -> DocumentView {
    let opened = document
        .hash
        .and_then(|hash| state.opened(&vyveska_wire::manifest::ContentHash(hash)));
    DocumentView {
        title: text(&document.title, state.language()),
        pages: match opened {
            Some(Ok(pages)) => count(pages.len()),
            _ => 0,
        },
        kind: document
            .media_type
            .as_deref()
            .map(kind_of)
            .unwrap_or_default(),
        size: if document.size_bytes == 0 {
            String::new()
        } else {
            file_size(document.size_bytes, state.language())
        },
    }
}

fn present_viewer(
    state: &State,
    entry: &BoardNotice,
    reading: &Reading,
    gallery: &Gallery,
) -> ViewerView {
    let viewer = state.viewer();
    let none: &[Size] = &[];
    let (status, pages) = match reading.document() {
        None if entry.notice.documents.is_empty() => (ViewerStatus::NoDocument, none),
        None => (
            ViewerStatus::Unreadable(crate::state::Unreadable::Missing),
            none,
        ),
        Some(hash) => match state.opened(&hash) {
            None => (ViewerStatus::Opening, none),
            Some(Ok(pages)) => (ViewerStatus::Ready, &pages[..]),
            Some(Err(reason)) => (ViewerStatus::Unreadable(*reason), none),
        },
    };
    let content = reading.content(viewer, pages);
    let current = reading.current(viewer, pages);
    let (x, y) = reading.offset();
    let slots = reading
        .near(viewer, pages)
        .into_iter()
        .map(|placed| present_page(reading, &placed, viewer, gallery))
        .collect();
    ViewerView {
        status,
        content_width: content.width,
        content_height: content.height,
        pages: slots,
        page: count(current + 1).min(count(pages.len()).max(1)),
        page_count: count(pages.len()),
        scroll_x: x,
        scroll_y: y,
        scroll_sequence: reading.jumps(),
        can_zoom_in: status == ViewerStatus::Ready && reading.can_zoom_in(),
        can_zoom_out: status == ViewerStatus::Ready && reading.can_zoom_out(),
        can_go_back: current > 0,
        can_go_on: current + 1 < pages.len(),
    }
}

fn present_page(reading: &Reading, placed: &Placed, viewer: Size, gallery: &Gallery) -> PageSlot {
    let document = reading
        .document()
        .expect("pages are placed only for an open document");
    let page = count(placed.index);
    let whole = Drawing {
        document,
        page,
        page_width: (placed.size.width / reading.zoom()).round().max(1.0) as u32,
        region: None,
    };
    let detail = (reading.zoom() > 1.0)
        .then(|| reading.region(placed, viewer))
        .flatten()
        .and_then(|region| {
            let wanted = Drawing {
                page_width: placed.size.width.round() as u32,
                region: Some(region),
                ..whole
            };
            let (drawn, picture) = match gallery.get(&wanted) {
                Some(picture) => (wanted, picture),
                None => {
                    let (drawn, picture) = gallery.part_of_page(&wanted)?;
                    (*drawn, picture)
                }
            };
            let region = drawn.region?;
            Some(DetailSlot {
                x: region.x as f32,
                y: region.y as f32,
                width: region.width as f32,
                height: region.height as f32,
                picture: picture.clone(),
            })
        });
    PageSlot {
        number: page + 1,
        x: placed.x,
        y: placed.y,
        width: placed.size.width,
        height: placed.size.height,
        picture: gallery.whole_page(&whole).cloned(),
        detail,
        failed: gallery.failure(&document, page),
    }
}

fn text(map: &LanguageMap, language: Language) -> String {
    typography::bind(map.best(language))
}

/// What people call a kind of file.
fn kind_of(media_type: &str) -> String {
    match media_type {
        "application/pdf" => "PDF".to_owned(),
        "image/jpeg" => "JPEG".to_owned(),
        "image/png" => "PNG".to_owned(),
        "image/tiff" => "TIFF".to_owned(),
        "image/webp" => "WebP".to_owned(),
        _ => String::new(),
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
