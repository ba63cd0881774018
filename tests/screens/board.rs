//! A board of a town, for tests that need its state.

use vyveska::state::BoardContent;
use vyveska_wire::manifest::{Addressee, ContentRef, Manifest, Sections};
use vyveska_wire::section::{
    AlertsSection, BoardRecord, ChannelRecord, InformationSection, MomentRecord, NoticeRecord,
    NoticesSection, SettingsSection, Texts,
};

pub(crate) fn notice(id: &str, title: &str) -> NoticeRecord {
    NoticeRecord {
        id: id.to_owned(),
        revision: 1,
        iri: None,
        url: None,
        title: [("cs".to_owned(), title.to_owned())].into(),
        description: Texts::new(),
        posted: MomentRecord::Date("2026-05-20".parse().unwrap()),
        relevant_until: MomentRecord::Unspecified,
        approved: MomentRecord::Unspecified,
        reference_number: None,
        file_number: None,
        categories: Vec::new(),
        originator: None,
        documents: Vec::new(),
        channel: ChannelRecord::default(),
        personal_data: false,
        salt: String::new(),
    }
}

pub(crate) fn manifest() -> Manifest {
    let section = ContentRef::to(b"section");
    Manifest {
        number: 1,
        created: chrono::DateTime::UNIX_EPOCH,
        to: Addressee::Group("mesto".to_owned()),
        sections: Sections {
            notices: section,
            information: section,
            alerts: section,
            settings: section,
        },
    }
}

pub(crate) fn board_of(notices: Vec<NoticeRecord>) -> BoardContent {
    let section = NoticesSection {
        board: BoardRecord {
            iri: String::new(),
            name: Texts::new(),
            page: None,
            operator_ico: None,
        },
        notices,
    };
    let manifest = manifest();
    BoardContent::new(
        &manifest,
        manifest.sections.notices.hash,
        &section,
        InformationSection::default(),
        AlertsSection::default(),
        SettingsSection::of_town("Město", "mesto.example"),
    )
}
