//! The tables `[[boards]]`: of a file of their own, or of a configuration as they stood there in November 2026.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::check::wrong;
use super::{BoardConfig, ConfigError, parse, read};

/// A file that holds boards and nothing else.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct BoardsFile {
    #[serde(default)]
    boards: Vec<BoardConfig>,
}

/// Reads and checks the boards of a file; their paths are absolute.
///
/// # Errors
///
/// When the file cannot be read or a value is wrong; the error names the key.
pub fn load_boards(path: &Path) -> Result<Vec<BoardConfig>, ConfigError> {
    let (text, folder) = read(path)?;
    boards_from_toml(&text, &folder)
}

/// Reads and checks boards; `folder`, which is absolute, is where relative paths start.
///
/// # Errors
///
/// When a value is wrong; the error names the key.
pub fn boards_from_toml(text: &str, folder: &Path) -> Result<Vec<BoardConfig>, ConfigError> {
    let BoardsFile { mut boards } = parse(text)?;
    if boards.is_empty() {
        return wrong("boards", "name at least one board in a [[boards]] section");
    }
    resolve(&mut boards, folder)?;
    check_boards(&boards)?;
    Ok(boards)
}

/// The key of a board in errors, as in `boards[150] (lipnice)`: nobody counts the tables of a long file.
pub(crate) fn board_key(index: usize, board: &BoardConfig) -> String {
    match board.id.as_str() {
        "" => format!("boards[{index}]"),
        id => format!("boards[{index}] ({id})"),
    }
}

/// Fills in what follows from other keys, and makes paths absolute.
///
/// # Errors
///
/// When a source is an address without `https://`.
pub(super) fn resolve(boards: &mut [BoardConfig], folder: &Path) -> Result<(), ConfigError> {
    let absolute = |path: &mut PathBuf| *path = folder.join(&*path);
    for (number, board) in boards.iter_mut().enumerate() {
        let key = board_key(number, board);
        if board.town_id.is_empty() {
            board.town_id.clone_from(&board.id);
        }
        board.coat_of_arms.as_mut().map(absolute);
        board.information.as_mut().map(absolute);
        board.alerts.as_mut().map(absolute);
        for (index, source) in board.sources.iter_mut().enumerate() {
            if source.id.is_empty() {
                source.id = match index {
                    0 => board.id.clone(),
                    _ => format!("{}-{}", board.id, index + 1),
                };
            }
            source.extra_ca.as_mut().map(absolute);
            if let Err(message) = source.url.resolve(folder) {
                return wrong(&format!("{key}.sources[{index}].url"), &message);
            }
        }
    }
    Ok(())
}

/// Checks boards that are brought together.
///
/// # Errors
///
/// When a value is wrong; the error names the key.
pub fn check_boards(boards: &[BoardConfig]) -> Result<(), ConfigError> {
    let mut board_ids = HashSet::new();
    let mut source_ids = HashSet::new();
    let mut display_ids = HashSet::new();
    let mut towns = HashMap::new();
    for (index, board) in boards.iter().enumerate() {
        let key = board_key(index, board);
        if !board_ids.insert(&board.id) {
            let message = format!("{:?} is taken by an earlier board", board.id);
            return wrong(&format!("{key}.id"), &message);
        }
        board.check(&key, &mut source_ids, &mut display_ids)?;
        let name = board.town.texts();
        if *towns.entry(&board.town_id).or_insert_with(|| name.clone()) != name {
            let message = format!("an earlier board of {:?} has another", board.town_id);
            return wrong(&format!("{key}.town"), &message);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::SourceLocation;

    const TWO: &str = r#"
        [[boards]]
        id = "lipnice"
        town = { cs = "Město Lipnice nad Rolavou" }
        web_address = "lipnice.example/deska"
        coat_of_arms = "lipnice.png"
        [[boards.sources]]
        kind = "ofn"
        url = "feed.jsonld"
        extra_ca = "/srv/ca.pem"
        [[boards]]
        id = "nadrazi"
        town_id = "lipnice"
        town = "Město Lipnice nad Rolavou"
        web_address = "lipnice.example/nadrazi"
        [[boards.sources]]
        id = "drahy"
        kind = "ofn"
        url = "https://nadrazi.example/deska.jsonld"
    "#;

    fn read(text: &str) -> Result<Vec<BoardConfig>, ConfigError> {
        boards_from_toml(text, Path::new("/etc/vyveska"))
    }

    #[track_caller]
    fn check_refused(change: (&str, &str), expected: &str) {
        let text = TWO.replace(change.0, change.1);
        assert_ne!(text, TWO, "the change changes nothing");
        let error = read(&text).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}");
    }

    #[test]
    fn what_is_missing_follows_from_the_board_and_paths_start_at_the_file() {
        let boards = read(TWO).unwrap();
        let [lipnice, station] = &boards[..] else {
            panic!("{boards:?}");
        };
        assert_eq!(
            (&*lipnice.town_id, &*station.town_id),
            ("lipnice", "lipnice")
        );
        let (feed, station) = (&lipnice.sources[0], &station.sources[0]);
        assert_eq!((&*feed.id, &*station.id), ("lipnice", "drahy"));
        let path = |name: &str| Path::new("/etc/vyveska").join(name);
        assert_eq!(lipnice.coat_of_arms, Some(path("lipnice.png")));
        assert_eq!(feed.url, SourceLocation::File(path("feed.jsonld")));
        assert_eq!(feed.extra_ca, Some(PathBuf::from("/srv/ca.pem")));
    }

    #[test]
    fn boards_that_contradict_each_other_are_refused() {
        let (id, source) = ("id = \"nadrazi\"", "id = \"drahy\"");
        check_refused((id, "id = \"lipnice\""), "boards[1] (lipnice).id");
        check_refused(
            (source, "id = \"lipnice\""),
            "boards[1] (nadrazi).sources[0].id",
        );
        check_refused(
            ("town = \"Město", "town = \"Obec"),
            "boards[1] (nadrazi).town",
        );
        check_refused(
            ("town_id = \"lipnice\"", "town_id = \"Lipnice\""),
            "boards[1] (nadrazi).town_id",
        );
    }

    #[test]
    fn a_display_is_listed_for_one_board() {
        let listed = "[[boards.displays]]\nid = \"0123456789abcdef0123456789abcdef\"\n\
                      [[boards.sources]]";
        read(&TWO.replacen("[[boards.sources]]", listed, 1)).unwrap();
        let twice = TWO.replace("[[boards.sources]]", listed);
        let error = read(&twice).unwrap_err().to_string();
        let key = "boards[1] (nadrazi).displays[0].id";
        assert!(error.starts_with(key), "{error}");
    }

    #[test]
    fn an_address_without_its_beginning_is_no_file() {
        for (written, meant) in [
            (
                "www.lipnice.example/deska.jsonld",
                "https://www.lipnice.example/deska.jsonld",
            ),
            ("www.lipnice.example", "https://www.lipnice.example"),
            ("lipnice.example/deska", "https://lipnice.example/deska"),
            (
                "lipnice.example:8443/deska",
                "https://lipnice.example:8443/deska",
            ),
            ("//lipnice.example/deska", "https://lipnice.example/deska"),
            (
                "htps://lipnice.example/deska",
                "https://lipnice.example/deska",
            ),
        ] {
            let url = "\"feed.jsonld\"";
            let key = "boards[0] (lipnice).sources[0].url: ";
            let text = TWO.replace(url, &format!("{written:?}"));
            let error = read(&text).unwrap_err().to_string();
            assert!(error.starts_with(key), "{error}");
            assert!(error.contains(&format!("write {meant:?}")), "{error}");
        }
        for file in [
            "feed.jsonld",
            "feeds/lipnice.jsonld",
            "./lipnice.example/deska.jsonld",
            "../lipnice.example/deska.jsonld",
            "/srv/lipnice.example/deska.jsonld",
        ] {
            read(&TWO.replace("feed.jsonld", file)).unwrap();
        }
        // What is there is a file, whatever it is called.
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("lipnice.example")).unwrap();
        std::fs::write(folder.path().join("lipnice.example/deska"), "").unwrap();
        let text = TWO.replace("feed.jsonld", "lipnice.example/deska");
        boards_from_toml(&text, folder.path()).unwrap();
    }

    #[test]
    fn a_file_of_boards_holds_boards_and_nothing_else() {
        let error = read("").unwrap_err().to_string();
        assert!(error.starts_with("boards: name at least one"), "{error}");
        let error = read(&format!("[service]\n{TWO}")).unwrap_err().to_string();
        assert!(error.contains("service"), "{error}");
    }

    #[test]
    fn the_shipped_example_has_the_defaults() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/boards.example.toml");
        let shipped = load_boards(&path).unwrap();
        let defaults = read(TWO).unwrap();
        let settings = |board: &BoardConfig| {
            let idle = board.idle.settings();
            (
                (board.list_timeout_seconds, board.page_timeout_seconds),
                (board.new_days, board.deadline_days),
                (board.idle_page_seconds, board.stale_after_minutes),
                (board.night, board.enabled, idle),
            )
        };
        assert_eq!(settings(&shipped[0]), settings(&defaults[0]));
        assert_eq!(shipped[0].town_id, shipped[0].id);
    }
}
