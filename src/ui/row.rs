//! A notice's row, as three screens draw it.

use super::markup::{NoticeIcon, NoticeRow};
use super::view_model::{Icon, RowView};

impl From<&RowView> for NoticeRow {
    fn from(row: &RowView) -> Self {
        Self {
            id: row.id.as_str().into(),
            title: row.title.as_str().into(),
            category: row.category.as_str().into(),
            icon: row.icon.into(),
            origin: row.origin.as_str().into(),
            originator: row.originator.as_str().into(),
            reference_number: row.reference_number.as_str().into(),
            posted: row.posted.as_str().into(),
            until: row.until.as_str().into(),
            until_short: row.until_short.as_str().into(),
            deadline: row.deadline.as_str().into(),
            until_time: row.until_time.as_str().into(),
            is_new: row.is_new,
        }
    }
}

impl From<Icon> for NoticeIcon {
    fn from(icon: Icon) -> Self {
        match icon {
            Icon::Scales => Self::Scales,
            Icon::House => Self::House,
            Icon::Gavel => Self::Gavel,
            Icon::Lightning => Self::Lightning,
            Icon::Buildings => Self::Buildings,
            Icon::Briefcase => Self::Briefcase,
            Icon::Coins => Self::Coins,
            Icon::Road => Self::Road,
            Icon::Tree => Self::Tree,
            Icon::File => Self::File,
        }
    }
}
