//! Boards of files become rows of the database, and rows become the boards that are served.
//!
//! A file says what its own boards are: a source that their tables no longer have is taken out of service. It says
//! nothing about boards that it does not have, since each town may have a file of its own, and a wrong file must not
//! make another town's board go dark: a board is taken out of service by `enabled = false` alone. Neither may it rename
//! another file's town or take its boards, sources and displays, be they in service or not: notices, displays and the
//! record of one town never become another's. No row is ever removed, so that its notices and its record stay, and so that
//! it can come back.
//!
//! A source's notices are stored under its id. Ids that the file does not give follow the order of its tables, so that a
//! source that moves up would take over the notices of the one before it; that is refused.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, Utc};
use vyveska_board::Language;
use vyveska_wire::keys::DisplayId;
use vyveska_wire::section::language_map;

use crate::config::{
    BoardConfig, ConfigError, DisplayConfig, SourceConfig, SourceLocation, TextConfig,
};
use crate::error::causes;
use crate::storage::{Actor, Storage, StorageError, StoredBoard, StoredSource, Town};

/// The kind of the alarm that the row of a board cannot be read.
pub(crate) const UNREADABLE: &str = "unreadable";
/// The kind of the alarm that the boards of the configuration were refused.
pub(crate) const REFUSED: &str = "refused";

#[derive(Debug, thiserror::Error)]
pub enum ProvisionError {
    #[error(transparent)]
    Storage(#[from] StorageError),
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Paths that are not UTF-8 cannot be stored.
    #[error("the settings of the board {board:?} cannot be stored")]
    Unstorable {
        board: String,
        #[source]
        source: serde_json::Error,
    },
    #[error(
        "the source {id:?} of the board {board:?} is one of {owner:?}: give it another id, or bring both boards together"
    )]
    SourceTaken {
        id: String,
        board: String,
        owner: String,
    },
    #[error(
        "the board {id:?} is that of {town:?}, and none of its sources is in this file: give the board of another town another id; where it is the same town, bring its new sources first and its new name afterwards"
    )]
    BoardTaken {
        id: String,
        /// In Czech.
        town: String,
    },
    #[error(
        "the town {id:?} of the board {board:?} has another name in the board {owner:?}: give the town another id, give it that name, or bring both boards together"
    )]
    TownTaken {
        id: String,
        board: String,
        owner: String,
    },
    #[error(
        "the display {id} of the board {board:?} is one of {owner:?}, a board of another town: take it out of this file, or bring both boards together"
    )]
    DisplayTaken {
        id: DisplayId,
        board: String,
        owner: String,
    },
    #[error(
        "the source {id:?} of the board {board:?} gets the address of the source {other:?}, and with it would take over its notices: give each source its id in the file, this one `id = {other:?}`"
    )]
    SourceMoved {
        id: String,
        board: String,
        /// The source that has the address.
        other: String,
    },
}

/// What bringing boards changed, as in `board lipnice`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    pub added: Vec<String>,
    pub changed: Vec<String>,
    /// Taken out of service.
    pub disabled: Vec<String>,
}

impl Changes {
    fn note<T: PartialEq>(&mut self, name: String, before: Option<&T>, after: &T, disabled: bool) {
        match before {
            None => self.added.push(name),
            Some(before) if before == after => {}
            Some(_) if disabled => self.disabled.push(name),
            Some(_) => self.changed.push(name),
        }
    }
}

/// Brings checked boards with their towns and sources into the database, all at once, and moves registered displays to
/// the boards that list them; writes nothing where nothing differs.
///
/// # Errors
///
/// When storage fails, a source, a town or another town's display belongs to a board that is not among these, or a source
/// gets the address of another one.
pub async fn provision(
    storage: &dyn Storage,
    boards: &[BoardConfig],
    actor: Actor,
    now: DateTime<Utc>,
) -> Result<Changes, ProvisionError> {
    let mut unit = storage.begin(actor, now).await?;
    let stored = unit.boards().await?;
    let rows = merge(&stored, boards)?;
    let moved = displays_to_move(storage, &stored, boards).await?;
    if rows.is_empty() && moved.is_empty() {
        unit.cancel().await?;
    } else {
        unit.save_boards(&rows).await?;
        for (display, board) in &moved {
            unit.move_display(display, board).await?;
        }
        unit.save().await?;
    }
    let mut changes = changes(&stored, &rows);
    let moved = moved
        .iter()
        .map(|(display, _)| format!("display {display}"));
    changes.changed.extend(moved);
    Ok(changes)
}

/// The registered displays that boards list and do not have, with the boards that are to have them.
async fn displays_to_move<'a>(
    storage: &dyn Storage,
    stored: &[StoredBoard],
    boards: &'a [BoardConfig],
) -> Result<Vec<(&'a DisplayId, &'a str)>, ProvisionError> {
    let enabled = || boards.iter().filter(|board| board.enabled);
    let listed = enabled().flat_map(|board| &board.displays);
    let listed: Vec<&DisplayId> = listed.map(|display| &display.id).collect();
    if listed.is_empty() {
        return Ok(Vec::new());
    }
    let registered = storage.displays(&listed).await?.into_iter();
    let registered: HashMap<DisplayId, String> = registered
        .map(|display| (display.id, display.board))
        .collect();
    let mut moved = Vec::new();
    for board in enabled() {
        for DisplayConfig { id, .. } in &board.displays {
            let owner = registered.get(id).cloned();
            let Some(owner) = owner.filter(|owner| *owner != board.id) else {
                continue;
            };
            let mut others = stored.iter().filter(|other| other.id == owner);
            let is_brought = boards.iter().any(|other| other.id == owner);
            if !is_brought && others.any(|other| other.town.id != board.town_id) {
                return Err(ProvisionError::DisplayTaken {
                    id: id.clone(),
                    board: board.id.clone(),
                    owner,
                });
            }
            moved.push((id, board.id.as_str()));
        }
    }
    Ok(moved)
}

/// Whether these boards may be brought beside those that were brought before; changes nothing.
///
/// # Errors
///
/// As [`provision`].
pub async fn check(storage: &dyn Storage, boards: &[BoardConfig]) -> Result<(), ProvisionError> {
    let stored = storage.boards().await?;
    merge(&stored, boards)?;
    displays_to_move(storage, &stored, boards).await.map(drop)
}

/// The boards that are in service.
#[derive(Debug, Default)]
pub struct EnabledBoards {
    /// By their ids.
    pub boards: Vec<BoardConfig>,
    /// Why others cannot be read, by their ids: a newer version of this program has written their settings, or those of
    /// a source of theirs.
    pub unreadable: BTreeMap<String, String>,
}

/// The boards that are in service; a row that cannot be read keeps no other from it.
///
/// # Errors
///
/// When storage fails.
pub async fn enabled_boards(storage: &dyn Storage) -> Result<EnabledBoards, StorageError> {
    let stored = storage.boards().await?;
    let mut enabled = EnabledBoards::default();
    for board in stored.into_iter().filter(|board| board.enabled) {
        let id = board.id.clone();
        match board_of(board) {
            Ok(board) => enabled.boards.push(board),
            Err(error) => drop(enabled.unreadable.insert(id, causes(&error))),
        }
    }
    Ok(enabled)
}

type Sources<'a> = HashMap<&'a str, (&'a StoredBoard, &'a StoredSource)>;

/// Every source with its board, by its id.
fn sources_of(stored: &[StoredBoard]) -> Sources<'_> {
    let sources = stored.iter().flat_map(|board| {
        let sources = board.sources.iter();
        sources.map(move |source| (source.id.as_str(), (board, source)))
    });
    sources.collect()
}

/// Whether a board becomes that of another town: its town is called otherwise, and no source stays.
fn is_taken(before: &StoredBoard, now: &StoredBoard) -> bool {
    let mut stays = now.sources.iter().map(|one| (&one.id, stored_address(one)));
    let stays = stays.any(|now| {
        let mut before = before.sources.iter();
        before.any(|before| (&before.id, stored_address(before)) == now)
    });
    before.town != now.town && !stays
}

fn address(source: &SourceConfig) -> (SourceLocation, Option<String>) {
    (source.url.clone(), source.board_iri.clone())
}

/// `None` where the settings cannot be read.
fn stored_address(source: &StoredSource) -> Option<(SourceLocation, Option<String>)> {
    source.settings().ok().as_ref().map(address)
}

/// The source, of any board, that has this one's address, where this one had another.
fn moved_from<'a>(sources: &Sources<'a>, source: &SourceConfig) -> Option<&'a str> {
    let now = Some(address(source));
    let (_, before) = sources.get(&*source.id)?;
    if stored_address(before) == now {
        return None;
    }
    let in_service = sources
        .values()
        .filter(|(board, other)| board.enabled && other.enabled);
    let mut others = in_service.filter(|(_, other)| other.id != source.id);
    let found = others.find(|(_, other)| stored_address(other) == now);
    found.map(|(_, other)| &*other.id)
}

/// The rows of these boards that differ from what is stored.
fn merge(
    stored: &[StoredBoard],
    boards: &[BoardConfig],
) -> Result<Vec<StoredBoard>, ProvisionError> {
    let stored_sources = sources_of(stored);
    let by_id: HashMap<&str, &StoredBoard> =
        stored.iter().map(|board| (&*board.id, board)).collect();
    let brought: HashSet<&str> = boards.iter().map(|board| &*board.id).collect();
    let sources = boards.iter().flat_map(|board| &board.sources);
    let brought_sources: HashSet<&str> = sources.map(|source| &*source.id).collect();
    let mut rows = Vec::new();
    for board in boards {
        let mut row = row_of(board)?;
        let mut others = stored.iter().filter(|other| !brought.contains(&*other.id));
        if let Some(owner) =
            others.find(|other| other.town.id == row.town.id && other.town.name != row.town.name)
        {
            return Err(ProvisionError::TownTaken {
                id: row.town.id,
                board: board.id.clone(),
                owner: owner.id.clone(),
            });
        }
        for source in &board.sources {
            if let Some(other) = moved_from(&stored_sources, source) {
                return Err(ProvisionError::SourceMoved {
                    id: source.id.clone(),
                    board: board.id.clone(),
                    other: other.to_owned(),
                });
            }
        }
        for source in &row.sources {
            if let Some((owner, _)) = stored_sources.get(&*source.id)
                && owner.id != board.id
                && (owner.enabled || owner.town.id != row.town.id)
                && !brought.contains(&*owner.id)
            {
                return Err(ProvisionError::SourceTaken {
                    id: source.id.clone(),
                    board: board.id.clone(),
                    owner: owner.id.clone(),
                });
            }
        }
        let before = by_id.get(&*board.id).copied();
        if let Some(before) = before.filter(|before| is_taken(before, &row)) {
            return Err(ProvisionError::BoardTaken {
                id: board.id.clone(),
                town: language_map(&before.town.name)
                    .best(Language::Czech)
                    .to_owned(),
            });
        }
        let gone = before.into_iter().flat_map(|before| &before.sources);
        let gone = gone.filter(|source| !brought_sources.contains(&*source.id));
        row.sources.extend(gone.map(|source| StoredSource {
            enabled: false,
            ..source.clone()
        }));
        if before != Some(&row) {
            rows.push(row);
        }
    }
    Ok(rows)
}

/// What these rows change.
fn changes(stored: &[StoredBoard], rows: &[StoredBoard]) -> Changes {
    let sources = sources_of(stored);
    let boards: HashMap<&str, &StoredBoard> =
        stored.iter().map(|board| (&*board.id, board)).collect();
    let mut towns: HashMap<&str, &Town> = stored
        .iter()
        .map(|board| (&*board.town.id, &board.town))
        .collect();
    let mut changes = Changes::default();
    for row in rows {
        let town = towns.insert(&row.town.id, &row.town);
        changes.note(format!("town {}", row.town.id), town, &row.town, false);
        let board = boards.get(&*row.id).copied();
        let is_closed = !row.enabled && board.is_some_and(|board| board.enabled);
        let before = board.map(own);
        let name = format!("board {}", row.id);
        changes.note(name, before.as_ref(), &own(row), is_closed);
        for source in &row.sources {
            let before = sources.get(&*source.id);
            let before = before.map(|(board, source)| (&*board.id, *source));
            let name = format!("source {}", source.id);
            let after = (&*row.id, source);
            changes.note(name, before.as_ref(), &after, !source.enabled);
        }
    }
    changes
}

/// What is a board's own: the order of its sources, but neither their settings nor the name of its town.
fn own(board: &StoredBoard) -> (&str, bool, &str, Vec<&str>) {
    let sources = board.sources.iter().map(|source| &*source.id);
    (
        &board.town.id,
        board.enabled,
        &board.settings,
        sources.collect(),
    )
}

fn row_of(board: &BoardConfig) -> Result<StoredBoard, ProvisionError> {
    let unstorable = |source| ProvisionError::Unstorable {
        board: board.id.clone(),
        source,
    };
    let sources = board.sources.iter().map(|source| {
        Ok(StoredSource {
            id: source.id.clone(),
            enabled: true,
            settings: serde_json::to_string(source)?,
        })
    });
    let sources: Result<_, serde_json::Error> = sources.collect();
    Ok(StoredBoard {
        id: board.id.clone(),
        town: Town {
            id: board.town_id.clone(),
            name: board.town.texts(),
        },
        enabled: board.enabled,
        settings: serde_json::to_string(board).map_err(unstorable)?,
        sources: sources.map_err(unstorable)?,
    })
}

fn board_of(stored: StoredBoard) -> Result<BoardConfig, StorageError> {
    let mut board: BoardConfig = stored.settings()?;
    for source in stored.sources.iter().filter(|source| source.enabled) {
        board.sources.push(SourceConfig {
            id: source.id.clone(),
            ..source.settings()?
        });
    }
    Ok(BoardConfig {
        id: stored.id,
        town_id: stored.town.id,
        town: TextConfig::ByLanguage(stored.town.name),
        ..board
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::boards_from_toml;

    const LIPNICE: &str = r##"
        [[boards]]
        id = "lipnice"
        town_id = "mesto"
        town = { cs = "Město Lipnice", de = "Stadt Lipnice" }
        web_address = "lipnice.example/deska"
        part = "část 1 ze 2"
        coat_of_arms = "lipnice.png"
        information = "information.toml"
        alerts = "alerts.toml"
        colour = "#1F4E5F"
        night = { from = "21:00", until = "06:00" }
        operator_ico = "00000001"
        idle_page_seconds = 11
        list_timeout_seconds = 61
        page_timeout_seconds = 181
        new_days = 4
        deadline_days = 8
        stale_after_minutes = 16
        copies = { place = { cs = "podatelna" }, telephone = "352", hours = "po" }
        idle = { between = ["ending", "new"], pause_seconds = 50 }
        [[boards.sources]]
        kind = "ofn"
        url = "https://lipnice.example/deska.jsonld"
        board_iri = "https://lipnice.example/deska"
        poll_seconds = 600
        private_hosts = ["10.0.0.7:8080", "[fd00::7]", "[fd00::8]:443", "archiv.example"]
        extra_ca = "ca.pem"
        [[boards.sources]]
        id = "drazby"
        kind = "ofn"
        url = "drazby.jsonld"
    "##;

    const ROLAVA: &str = r#"
        [[boards]]
        id = "rolava"
        town = "Obec Rolava"
        web_address = "rolava.example"
        [[boards.sources]]
        kind = "ofn"
        url = "https://rolava.example/deska.jsonld"
    "#;

    fn boards(text: &str) -> Vec<BoardConfig> {
        boards_from_toml(text, Path::new("/etc/vyveska")).unwrap()
    }

    fn bring(stored: &[StoredBoard], text: &str) -> (Vec<StoredBoard>, Changes) {
        let rows = merge(stored, &boards(text)).unwrap();
        let changes = changes(stored, &rows);
        (rows, changes)
    }

    #[track_caller]
    fn check(stored: &[StoredBoard], text: &str, added: &str, changed: &str, disabled: &str) {
        let (_, changes) = bring(stored, text);
        let found = [&changes.added, &changes.changed, &changes.disabled];
        assert_eq!(
            found.map(|names| names.join(", ")),
            [added, changed, disabled]
        );
    }

    #[test]
    fn a_board_comes_back_from_its_row_as_it_was_in_the_file() {
        let brought = boards(LIPNICE).remove(0);
        let row = row_of(&brought).unwrap();
        let served = board_of(row.clone()).unwrap();
        assert_eq!(row_of(&served).unwrap(), row);
        let words = |board: &BoardConfig| format!("{board:?}");
        assert_eq!(words(&served), words(&brought));
        assert!(!row.settings.contains("Lipnice"), "{}", row.settings);
    }

    #[test]
    fn what_is_brought_again_changes_nothing() {
        let (stored, _) = bring(&[], LIPNICE);
        assert_eq!(bring(&stored, LIPNICE), (Vec::new(), Changes::default()));
    }

    #[test]
    fn what_differs_is_told_by_its_name() {
        let all = "town mesto, board lipnice, source lipnice, source drazby";
        check(&[], LIPNICE, all, "", "");
        let (stored, _) = bring(&[], LIPNICE);
        let change = |from: &str, to: &str| {
            let text = LIPNICE.replace(from, to);
            assert_ne!(text, LIPNICE);
            text
        };
        check(&stored, &change("Stadt", "Gemeinde"), "", "town mesto", "");
        check(
            &stored,
            &change("new_days = 4", ""),
            "",
            "board lipnice",
            "",
        );
        check(&stored, &change("= 600", "= 60"), "", "source lipnice", "");
        let off = change("new_days = 4", "enabled = false");
        check(&stored, &off, "", "", "board lipnice");
        // Another id is another source.
        let renamed = change("\"drazby\"", "\"aukce\"");
        check(
            &stored,
            &renamed,
            "source aukce",
            "board lipnice",
            "source drazby",
        );
        let station = LIPNICE.replace("\"lipnice\"", "\"nadrazi\"");
        let station = station.replace("\"drazby\"", "\"vlaky\"");
        let added = "board nadrazi, source nadrazi, source vlaky";
        check(&stored, &format!("{LIPNICE}{station}"), added, "", "");
    }

    #[test]
    fn a_source_that_is_gone_stays_as_a_row_and_comes_back() {
        let (stored, _) = bring(&[], LIPNICE);
        let (one, _) = LIPNICE.rsplit_once("[[boards.sources]]").unwrap();
        let (without, _) = bring(&stored, one);
        let enabled = |row: &StoredBoard| -> Vec<bool> {
            row.sources.iter().map(|source| source.enabled).collect()
        };
        assert_eq!(enabled(&without[0]), [true, false]);
        assert_eq!(board_of(without[0].clone()).unwrap().sources.len(), 1);
        assert!(bring(&without, one).0.is_empty());
        check(&without, LIPNICE, "", "source drazby", "");
    }

    #[test]
    fn what_a_file_does_not_have_stays_as_it_is() {
        let (mut stored, _) = bring(&[], LIPNICE);
        let (rows, changes) = bring(&stored, ROLAVA);
        assert_eq!(rows.len(), 1);
        assert_eq!((&*rows[0].id, &*rows[0].town.id), ("rolava", "rolava"));
        assert!(changes.changed.is_empty() && changes.disabled.is_empty());
        stored.extend(rows);
        assert!(bring(&stored, LIPNICE).0.is_empty());
    }

    #[test]
    fn a_board_is_not_taken_by_another_towns_file() {
        let (stored, _) = bring(&[], LIPNICE);
        let guest = ROLAVA.replace("\"rolava\"", "\"lipnice\"");
        let error = merge(&stored, &boards(&guest)).unwrap_err().to_string();
        for part in ["\"lipnice\"", "\"Město Lipnice\""] {
            assert!(error.contains(part), "{error}");
        }
        let moved = LIPNICE.replace("lipnice.example", "nova.example");
        check(&stored, &moved, "", "board lipnice, source lipnice", "");
        let (closed, _) = bring(&stored, &LIPNICE.replace("new_days = 4", "enabled = false"));
        let error = merge(&closed, &boards(&guest)).unwrap_err().to_string();
        assert!(error.contains("\"Město Lipnice\""), "{error}");
    }

    #[test]
    fn a_town_is_not_renamed_by_another_file() {
        let (stored, _) = bring(&[], LIPNICE);
        let guest = ROLAVA.replace("town =", "town_id = \"mesto\"\ntown =");
        let error = merge(&stored, &boards(&guest)).unwrap_err().to_string();
        for part in ["\"mesto\"", "\"rolava\"", "\"lipnice\""] {
            assert!(error.contains(part), "{error}");
        }
        let name = "{ cs = \"Město Lipnice\", de = \"Stadt Lipnice\" }";
        let same = guest.replace("\"Obec Rolava\"", name);
        check(&stored, &same, "board rolava, source rolava", "", "");
        // Together it is renamed.
        let both = format!("{}{guest}", LIPNICE.replace(name, "\"Obec Rolava\""));
        check(
            &stored,
            &both,
            "board rolava, source rolava",
            "town mesto",
            "",
        );
        let (closed, _) = bring(&stored, &LIPNICE.replace("new_days = 4", "enabled = false"));
        let error = merge(&closed, &boards(&guest)).unwrap_err().to_string();
        assert!(error.contains("\"mesto\""), "{error}");
    }

    #[test]
    fn a_source_that_moves_up_in_the_file_does_not_become_the_one_before_it() {
        // As a configuration is that gives no ids.
        let nameless = LIPNICE.replace("id = \"drazby\"", "");
        let (stored, _) = bring(&[], &nameless);
        assert!(bring(&stored, &nameless).0.is_empty());
        let (head, first) = nameless.split_once("[[boards.sources]]").unwrap();
        let (first, second) = first.split_once("[[boards.sources]]").unwrap();
        let only = format!("{head}[[boards.sources]]{second}");
        let swapped = format!("{only}[[boards.sources]]{first}");
        for text in [&only, &swapped] {
            let error = merge(&stored, &boards(text)).unwrap_err().to_string();
            for part in ["\"lipnice\"", "`id = \"lipnice-2\"`"] {
                assert!(error.contains(part), "{error}");
            }
        }
        let named = format!("{head}[[boards.sources]]\nid = \"lipnice-2\"{second}");
        check(&stored, &named, "", "board lipnice", "source lipnice");
        // An address that no source in service has is an address that changed.
        let moved = nameless.replace("deska.jsonld", "nova.jsonld");
        check(&stored, &moved, "", "source lipnice", "");
        let (alone, _) = bring(&stored, &format!("{head}[[boards.sources]]{first}"));
        check(&alone, &only, "", "source lipnice", "");
    }

    #[test]
    fn a_source_is_not_taken_from_another_file() {
        let (stored, _) = bring(&[], LIPNICE);
        let thief = ROLAVA.replace("kind", "id = \"drazby\"\nkind");
        let error = merge(&stored, &boards(&thief)).unwrap_err().to_string();
        for part in ["\"drazby\"", "\"rolava\"", "\"lipnice\""] {
            assert!(error.contains(part), "{error}");
        }
        // Together, or from a board of its town that is out of service, it moves.
        let (one, _) = LIPNICE.rsplit_once("[[boards.sources]]").unwrap();
        let both = format!("{one}{thief}");
        let changed = "board lipnice, source drazby";
        check(&stored, &both, "town rolava, board rolava", changed, "");
        let (closed, _) = bring(&stored, &LIPNICE.replace("new_days = 4", "enabled = false"));
        let error = merge(&closed, &boards(&thief)).unwrap_err().to_string();
        assert!(error.contains("\"drazby\""), "{error}");
        let town = "town_id = \"mesto\"\ntown = { cs = \"Město Lipnice\", de = \"Stadt Lipnice\" }";
        let own = thief.replace("town = \"Obec Rolava\"", town);
        check(&closed, &own, "board rolava", "source drazby", "");
    }
}
