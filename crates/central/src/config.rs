//! The configuration: one TOML file, one struct per section, and the boards, which are rows of the database.
//!
//! A file of boards is read here as well, and [`crate::provision`] makes rows of them.
//! Every error names the key, so that a mistake is found without a site visit.
//! Relative paths start at the folder of the file.

mod board;
mod boards;
mod check;
mod display;
mod documents;
mod idle;
mod limits;
mod paper_copy_contact;
mod service;
mod source;
mod text;

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use url::Url;

use check::wrong;

pub use board::BoardConfig;
pub use boards::{boards_from_toml, check_boards, load_boards};
pub use display::DisplayConfig;
pub use documents::{DocumentsConfig, Ocr, UseOfJury};
pub use idle::{BetweenConfig, IdleConfig};
pub use limits::LimitsConfig;
pub use paper_copy_contact::PaperCopyContactConfig;
pub use service::{FetchConfig, ServiceConfig};
pub use source::{SourceConfig, SourceKind, SourceLocation};
pub use text::TextConfig;

pub(crate) use boards::board_key;
pub(crate) use check::is_slug;

#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("cannot read {path}")]
    Read {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    /// The file is not TOML of the expected shape.
    #[error("the configuration cannot be read: {0}")]
    Syntax(String),
    #[error("{key}: {message}")]
    Value {
        /// The key, for instance `boards[0].sources[0].url`.
        key: String,
        /// What is wrong and what is allowed.
        message: String,
    },
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    #[serde(default)]
    pub service: ServiceConfig,
    #[serde(default)]
    pub fetch: FetchConfig,
    #[serde(default)]
    pub documents: DocumentsConfig,
    /// The boards that are served, once the database is open; until then those that files bring.
    ///
    /// They stood in this file until November 2026, and are still taken from there.
    #[serde(default)]
    pub boards: Vec<BoardConfig>,
    /// Why a file of boards is not brought; what was brought before is served.
    #[serde(skip)]
    pub refused: Option<String>,
}

impl Config {
    /// Reads and checks a configuration file.
    ///
    /// # Errors
    ///
    /// When the file cannot be read or a value is wrong; the error names the key.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let (text, folder) = read(path)?;
        Self::from_toml(&text, &folder)
    }

    /// Reads and checks a configuration; `folder`, which is absolute, is where relative paths start.
    ///
    /// # Errors
    ///
    /// When a value is wrong; the error names the key.
    pub fn from_toml(text: &str, folder: &Path) -> Result<Self, ConfigError> {
        refuse_former(&parse(text)?)?;
        let mut config: Self = parse(text)?;
        config.service.data = folder.join(&config.service.data);
        let documents = config.service.documents;
        config.service.documents = documents.map(|documents| folder.join(documents));
        config.fetch.check()?;
        config.documents.check()?;
        config.service.check()?;
        boards::resolve(&mut config.boards, folder)?;
        check_boards(&config.boards)?;
        Ok(config)
    }

    /// Whether any feed comes from a publisher's server.
    pub fn has_http_source(&self) -> bool {
        let mut sources = self.boards.iter().flat_map(|board| &board.sources);
        sources.any(|source| matches!(source.url, SourceLocation::Http(_)))
    }

    pub fn board(&self, id: &str) -> Option<&BoardConfig> {
        self.boards.iter().find(|board| board.id == id)
    }

    /// Sets the boards that are served.
    pub fn set_boards(&mut self, boards: Vec<BoardConfig>) {
        self.boards = boards;
        let base = self.service.public_url.as_ref();
        let base = base.filter(|base| !base.cannot_be_a_base());
        for board in &mut self.boards {
            board.public_page = base.cloned();
            if let Some(Ok(mut segments)) = board.public_page.as_mut().map(Url::path_segments_mut) {
                segments.pop_if_empty().push(&board.id);
            }
        }
    }
}

/// The text of a file, and the absolute folder where its relative paths start.
fn read(path: &Path) -> Result<(String, PathBuf), ConfigError> {
    let text = std::fs::read_to_string(path);
    let read = text.and_then(|text| Ok((text, std::path::absolute(folder_of(path))?)));
    read.map_err(|source| ConfigError::Read {
        path: path.to_owned(),
        source,
    })
}

/// Refuses what said until November 2026 which displays are let in, so that nobody relies on it.
fn refuse_former(configuration: &toml::Table) -> Result<(), ConfigError> {
    let Some(displays) = configuration.get("displays") else {
        return Ok(());
    };
    let key = displays.as_table().and_then(|table| table.keys().next());
    let key = key.map_or("displays".to_owned(), |key| format!("displays.{key}"));
    wrong(
        &key,
        "take [displays] out: new displays are let in by an enrolment file alone, which `vyveska-central enrol` makes; those that are registered stay",
    )
}

fn parse<T: DeserializeOwned>(text: &str) -> Result<T, ConfigError> {
    toml::from_str(text).map_err(|error| ConfigError::Syntax(error.to_string()))
}

/// The folder of a file; `.` for a bare file name, whose `parent` is an empty path.
pub(crate) fn folder_of(path: &Path) -> &Path {
    path.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALLEST: &str = r#"
        [[boards]]
        id = "lipnice"
        town = "Město Lipnice nad Rolavou"
        web_address = "lipnice.example/deska"
        [[boards.sources]]
        kind = "ofn"
        url = "https://lipnice.example/deska.jsonld"
    "#;

    fn read(text: &str) -> Result<Config, ConfigError> {
        Config::from_toml(text, Path::new("/etc/vyveska"))
    }

    #[track_caller]
    fn check_refused(change: (&str, &str), expected: &str) {
        let text = SMALLEST.replace(change.0, change.1);
        assert_ne!(text, SMALLEST, "the change changes nothing");
        let error = read(&text).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }

    #[test]
    fn the_smallest_configuration_has_defaults() {
        let config = read(SMALLEST).unwrap();
        assert_eq!(config.service.data, Path::new("/etc/vyveska/data"));
        assert_eq!(config.boards[0].sources[0].id, "lipnice");
        assert_eq!(config.boards[0].sources[0].poll_seconds, 900);
    }

    #[test]
    fn documents_are_in_the_data_folder_or_in_one_of_their_own() {
        let documents = |service: &str| {
            let text = format!("[service]\n{service}\n{SMALLEST}");
            read(&text).unwrap().service.document_folder()
        };
        for (service, expected) in [
            ("", "/etc/vyveska/data/documents"),
            ("data = \"/srv/central\"", "/srv/central/documents"),
            ("documents = \"shared\"", "/etc/vyveska/shared"),
            ("documents = \"/mnt/shared\"", "/mnt/shared"),
        ] {
            assert_eq!(documents(service), Path::new(expected), "{service}");
        }
    }

    #[test]
    fn a_bare_file_name_is_in_the_current_folder() {
        let folder = |path: &'static str| folder_of(Path::new(path));
        assert_eq!(folder("central.toml"), Path::new("."));
        assert_eq!(
            folder("/etc/vyveska/central.toml"),
            Path::new("/etc/vyveska")
        );
    }

    #[test]
    fn the_shipped_example_parses() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/central.example.toml");
        let config = Config::load(&path).unwrap();
        assert!(config.boards.is_empty(), "they have a file of their own");
        // The numbers it shows are the defaults.
        assert_eq!(config.service.limits, LimitsConfig::default());
    }

    #[test]
    fn a_wrong_value_is_named_by_its_key() {
        check_refused(("\"lipnice\"", "\"Lipnice\""), "boards[0] (Lipnice).id");
        check_refused(
            ("kind =", "poll_seconds = 0\nkind ="),
            "boards[0] (lipnice).sources[0].poll_seconds",
        );
        check_refused(
            ("town =", "idle_page_seconds = 2\ntown ="),
            "boards[0] (lipnice).idle_page_seconds",
        );
        check_refused(
            ("town =", "idle.pause_seconds = 5\ntown ="),
            "boards[0] (lipnice).idle.pause_seconds",
        );
        check_refused(
            ("town =", "idle.between = [\"weather\"]\ntown ="),
            "weather",
        );
        check_refused(
            ("town =", "service_pin_hash = \"4829\"\ntown ="),
            "boards[0] (lipnice).service_pin_hash",
        );
        let display = |id: &str, more: &str| {
            format!("[[boards.displays]]\nid = \"{id}\"\n{more}[[boards.sources]]")
        };
        let id = "0123456789abcdef0123456789abcdef";
        let twice = display(id, "").replace("[[boards.sources]]", &display(id, ""));
        for (displays, key) in [
            (display("0123", ""), "boards[0] (lipnice).displays[0].id"),
            (
                display(id, "service_pin_hash = \"4829\"\n"),
                "boards[0] (lipnice).displays[0].service_pin_hash",
            ),
            (twice, "boards[0] (lipnice).displays[1].id"),
        ] {
            check_refused(("[[boards.sources]]", displays.as_str()), key);
        }
        check_refused(
            ("\"Město Lipnice nad Rolavou\"", "{ de = \"X\" }"),
            "boards[0] (lipnice).town",
        );
        check_refused(("town =", "tovn ="), "tovn");
        check_refused(
            ("[[boards]]", "[documents]\nocr = \"on\"\n[[boards]]"),
            "ocr",
        );
        check_refused(
            ("id = \"lipnice\"", "id = \"display\""),
            "boards[0] (display).id",
        );
        check_refused(
            (
                "[[boards]]",
                "[service]\ndatabase = \"mysql://x\"\n[[boards]]",
            ),
            "service.database: must begin with postgres://",
        );
        check_refused(
            (
                "[[boards]]",
                "[service.limits]\nhead_seconds = 0\n[[boards]]",
            ),
            "service.limits.head_seconds",
        );
    }

    #[test]
    fn the_password_of_the_database_is_not_told() {
        let service = "[service]\ndatabase = \"postgres://clerk:hunter2@localhost/town\"\n";
        let config = read(&format!("{service}{SMALLEST}")).unwrap();
        assert!(config.service.database.is_some());
        let words = format!("{config:?}");
        assert!(!words.contains("hunter2"), "{words}");
    }

    #[test]
    fn what_let_new_displays_in_is_refused_and_the_message_says_what_does() {
        for (former, key) in [
            (
                "accept_new_displays = false",
                "displays.accept_new_displays:",
            ),
            ("default_board = \"lipnice\"", "displays.default_board:"),
            ("", "displays:"),
        ] {
            let error = read(&format!("[displays]\n{former}\n{SMALLEST}")).unwrap_err();
            let words = error.to_string();
            assert!(words.starts_with(key), "{words}");
            assert!(words.contains("`vyveska-central enrol`"), "{words}");
        }
    }

    #[test]
    fn a_board_has_its_own_public_page() {
        let mut config = read("[service]\npublic_url = \"https://a.example/desky/\"").unwrap();
        config.set_boards(boards_from_toml(SMALLEST, Path::new("/")).unwrap());
        let page = config.boards[0].public_page.as_ref().unwrap();
        assert_eq!(page.as_str(), "https://a.example/desky/lipnice");
    }
}
