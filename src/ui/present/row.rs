//! A notice as a row: in lists, in the rotation and over its pages.

use vyveska_board::Language;
use vyveska_board::format::notice_title::notice_title;
use vyveska_board::format::{dates, deadlines, typography};

use crate::state::{BoardNotice, State};
use crate::ui::category_icon::icon_of;
use crate::ui::category_words;
use crate::ui::office::short_office;
use crate::ui::view_model::RowView;

pub(super) fn present_row(state: &State, entry: &BoardNotice) -> RowView {
    let notice = &entry.notice;
    let (today, language) = (state.clock().today(), state.language());
    let category = notice
        .categories
        .first()
        .map(|category| category_words::one(category, language))
        .unwrap_or_default();
    let key = notice
        .categories
        .first()
        .map_or("", |category| category.best(Language::Czech));
    let reference_number = notice
        .reference_number
        .as_ref()
        .map(|number| typography::bind(number.as_str()))
        .unwrap_or_default();
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
    let end = notice.relevant_until.last_reading();
    let last_day = end.map(|(day, _)| day);
    let until_time = end
        .and_then(|(_, time)| time)
        .map(|time| dates::time_of_day(time, language))
        .unwrap_or_default();
    let posted = notice.posted.date();
    let day = dates::short_dates(posted.into_iter().chain(last_day), today, language);
    RowView {
        id: notice.id.clone(),
        title: typography::bind(notice_title(&notice.title, language)),
        icon: icon_of(key),
        category,
        originator: typography::bind(originator),
        origin: typography::bind(&origin),
        reference_number,
        posted: posted.map(&day).unwrap_or_default(),
        until: last_day
            .map(|date| dates::full_date(date, language))
            .unwrap_or_default(),
        until_short: last_day.map(&day).unwrap_or_default(),
        deadline: state
            .deadline(entry)
            .map(|days| deadlines::deadline(days, &until_time, language))
            .unwrap_or_default(),
        until_time,
        is_new: state.is_new(entry),
    }
}
