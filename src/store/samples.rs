//! Boards for tests.

use std::collections::BTreeMap;

use vyveska_wire::assignment::Assignment;
use vyveska_wire::envelope::Envelope;
use vyveska_wire::keys::{DisplayId, KeyPair};
use vyveska_wire::manifest::{Addressee, ContentHash, ContentRef, Manifest, Sections};
use vyveska_wire::section::{
    AlertsSection, BoardRecord, ChannelRecord, DocumentRecord, DoubtfulPages, InformationSection,
    MomentRecord, NoticeRecord, NoticesSection, SettingsSection, Texts,
};

use super::{Snapshot, SnapshotError, VerifiedAssignment};
use crate::state::BoardContent;

/// A board as central would send it.
#[derive(Debug, Clone)]
pub(crate) struct SampleBoard {
    pub(crate) number: u64,
    pub(crate) envelope: Vec<u8>,
    pub(crate) sections: BTreeMap<ContentHash, Vec<u8>>,
    pub(crate) documents: BTreeMap<ContentHash, Vec<u8>>,
}

impl SampleBoard {
    pub(crate) fn verify(&self) -> Result<Snapshot, SnapshotError> {
        self.verify_with(None)
    }

    pub(crate) fn verify_with(
        &self,
        assignment: Option<VerifiedAssignment>,
    ) -> Result<Snapshot, SnapshotError> {
        Snapshot::verify(
            &self.envelope,
            None,
            &central().public(),
            Some(&display()),
            assignment,
            |hash| self.sections.get(hash).cloned(),
        )
    }

    pub(crate) fn bytes(&self, hash: &ContentHash) -> Option<&Vec<u8>> {
        self.sections.get(hash).or_else(|| self.documents.get(hash))
    }
}

pub(crate) fn central() -> KeyPair {
    KeyPair::from_seed(&[1; 32])
}

pub(crate) fn device() -> KeyPair {
    KeyPair::from_seed(&[2; 32])
}

pub(crate) fn display() -> DisplayId {
    device().public().id()
}

pub(crate) fn notice(id: &str, revision: u32, documents: &[&[u8]]) -> NoticeRecord {
    NoticeRecord {
        id: id.to_owned(),
        revision,
        iri: None,
        url: None,
        title: [("cs".to_owned(), format!("Oznámení {id}"))].into(),
        description: Texts::new(),
        posted: MomentRecord::Date("2026-11-01".parse().unwrap()),
        relevant_until: MomentRecord::Unspecified,
        approved: MomentRecord::Unspecified,
        reference_number: None,
        file_number: None,
        categories: Vec::new(),
        originator: None,
        documents: documents
            .iter()
            .map(|bytes| DocumentRecord {
                title: Texts::new(),
                content: Some(ContentRef::to(bytes)),
                missing: None,
                media_type: Some("application/pdf".to_owned()),
                url: None,
                pages: None,
                text: None,
                rendition: None,
                doubtful_pages: DoubtfulPages::default(),
            })
            .collect(),
        channel: ChannelRecord::BoardAndWeb,
        personal_data: false,
        salt: format!("{id}-{revision}"),
    }
}

fn board_record() -> BoardRecord {
    BoardRecord {
        iri: "https://lipnice.example/deska".to_owned(),
        name: Texts::new(),
        page: None,
        operator_ico: None,
    }
}

/// The content that the kiosk makes of these notices.
pub(crate) fn content(notices: Vec<NoticeRecord>) -> BoardContent {
    content_with(notices, InformationSection::default())
}

/// The same, with pages.
pub(crate) fn content_with(
    notices: Vec<NoticeRecord>,
    information: InformationSection,
) -> BoardContent {
    let notices = NoticesSection {
        board: board_record(),
        notices,
    };
    let section = ContentRef::to(b"section");
    let manifest = Manifest {
        number: 1,
        created: "2026-11-21T11:00:00Z".parse().unwrap(),
        to: Addressee::Display(display()),
        sections: Sections {
            notices: section,
            information: section,
            alerts: section,
            settings: section,
        },
    };
    BoardContent::new(
        &manifest,
        section.hash,
        &notices,
        information,
        AlertsSection::default(),
        SettingsSection::of_town("Město Lipnice", "lipnice.example"),
    )
}

/// A board of one notice for each document.
pub(crate) fn board(number: u64, documents: &[&[u8]]) -> SampleBoard {
    let notices = documents
        .iter()
        .enumerate()
        .map(|(index, bytes)| notice(&format!("n{number}-{index}"), 1, &[bytes]))
        .collect();
    board_of(number, notices, documents)
}

/// The same board with other bytes of one section.
pub(crate) fn with_section(
    mut board: SampleBoard,
    section: impl FnOnce(&mut Sections) -> &mut ContentRef,
    bytes: Vec<u8>,
) -> SampleBoard {
    edit_manifest(&mut board, |manifest| {
        *section(&mut manifest.sections) = ContentRef::to(&bytes);
    });
    board.sections.insert(ContentHash::of(&bytes), bytes);
    board
}

/// The same board, addressed to the displays of the board with this id.
pub(crate) fn of_board(mut board: SampleBoard, id: &str) -> SampleBoard {
    edit_manifest(&mut board, |manifest| {
        manifest.to = Addressee::Group(id.to_owned());
    });
    board
}

fn edit_manifest(board: &mut SampleBoard, edit: impl FnOnce(&mut Manifest)) {
    let envelope = Envelope::from_bytes(&board.envelope).unwrap();
    let mut manifest: Manifest = envelope.open(&central().public()).unwrap();
    edit(&mut manifest);
    board.envelope = Envelope::seal(&manifest, &central()).to_bytes();
}

/// The envelope that assigns the display to a board.
pub(crate) fn assignment(number: u64, board: &str) -> Vec<u8> {
    let assignment = Assignment {
        number,
        created: "2026-11-21T13:32:00Z".parse().unwrap(),
        to: display(),
        board: board.to_owned(),
        part: [("cs".to_owned(), format!("část {number}"))].into(),
        service_pin_hash: Some(format!("hash {number}")),
    };
    Envelope::seal(&assignment, &central()).to_bytes()
}

pub(crate) fn assigned(number: u64, board: &str) -> VerifiedAssignment {
    let envelope = assignment(number, board);
    VerifiedAssignment::verify(&envelope, &central().public(), Some(&display())).unwrap()
}

pub(crate) fn board_of(
    number: u64,
    notices: Vec<NoticeRecord>,
    documents: &[&[u8]],
) -> SampleBoard {
    let mut sections = BTreeMap::new();
    let mut keep = |bytes: Vec<u8>| {
        let content = ContentRef::to(&bytes);
        sections.insert(content.hash, bytes);
        content
    };
    let notices = NoticesSection {
        board: board_record(),
        notices,
    };
    let settings = SettingsSection::of_town("Město Lipnice", "deska.lipnice.example");
    let manifest = Manifest {
        number,
        created: "2026-11-21T13:32:00Z".parse().unwrap(),
        to: Addressee::Display(display()),
        sections: Sections {
            notices: keep(serde_json::to_vec(&notices).unwrap()),
            information: keep(serde_json::to_vec(&InformationSection::default()).unwrap()),
            alerts: keep(serde_json::to_vec(&AlertsSection::default()).unwrap()),
            settings: keep(serde_json::to_vec(&settings).unwrap()),
        },
    };
    SampleBoard {
        number,
        envelope: Envelope::seal(&manifest, &central()).to_bytes(),
        sections,
        documents: documents
            .iter()
            .map(|bytes| (ContentHash::of(bytes), bytes.to_vec()))
            .collect(),
    }
}
