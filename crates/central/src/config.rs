//! The configuration: one TOML file, one struct per section.
//!
//! Every error names the key, so that a mistake is found without a site visit.
//! Relative paths start at the folder of the file.

mod idle;
mod paper_copy_contact;

use std::collections::HashSet;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use url::Url;
use vyveska_board::settings::{
    DeadlineDays, IdlePageSeconds, ListTimeoutSeconds, NewDays, Night, OutOfBounds,
    PageTimeoutSeconds, StaleAfterMinutes,
};
use vyveska_wire::limits::MAX_DOCUMENT_BYTES;
use vyveska_wire::section::Texts;
use vyveska_wire::service_pin::ServicePinHash;

use crate::source::address::NamedHost;

pub use idle::{BetweenConfig, IdleConfig};
pub use paper_copy_contact::PaperCopyContactConfig;

/// Why a configuration is refused.
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
    pub displays: DisplaysConfig,
    #[serde(default)]
    pub fetch: FetchConfig,
    #[serde(default)]
    pub documents: DocumentsConfig,
    /// The boards, usually one per town.
    #[serde(default)]
    pub boards: Vec<BoardConfig>,
}

/// `[service]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServiceConfig {
    /// The address to listen on; port 0 takes a free one. Default `127.0.0.1:8100`.
    pub listen: SocketAddr,
    /// The folder for the database, the documents and the key. Default `data`.
    pub data: PathBuf,
    /// The base address of the public boards; the address listened on when missing. QR codes of notices lead there, so
    /// that without it displays show none.
    pub public_url: Option<Url>,
}

impl Default for ServiceConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8100)),
            data: PathBuf::from("data"),
            public_url: None,
        }
    }
}

/// `[displays]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DisplaysConfig {
    /// Whether an unknown display is registered at its first request. Default `false`: anyone could read what is not posted yet.
    pub accept_new_displays: bool,
    /// The board a new display gets; the only board when there is one.
    pub default_board: Option<String>,
}

/// `[fetch]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FetchConfig {
    /// The `User-Agent` header; some publishers refuse requests without one.
    pub user_agent: String,
    /// How long connecting may take, in seconds (1 to 120). Default 10.
    pub connect_timeout_seconds: u64,
    /// How long fetching one feed may take, in seconds (1 to 600). Default 60.
    pub timeout_seconds: u64,
    /// The largest feed that is read, in MiB (1 to 256). Default 64.
    pub max_feed_mib: u64,
}

impl Default for FetchConfig {
    fn default() -> Self {
        Self {
            user_agent: format!("Vyveska/{} (uredni deska)", env!("CARGO_PKG_VERSION")),
            connect_timeout_seconds: 10,
            timeout_seconds: 60,
            max_feed_mib: 64,
        }
    }
}

/// `[documents]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DocumentsConfig {
    /// The largest document, in MB (at least 1). Default 50; more than displays take has no effect.
    pub max_size_mb: u64,
    /// How long fetching one document may take, in seconds (1 to 3600). Default 300.
    pub timeout_seconds: u64,
    /// After how many hours a document is revalidated at its publisher (1 to 720). Default 24.
    pub recheck_hours: u32,
    /// Concurrent requests for documents per host (1 to 16). Default 2.
    pub per_host: usize,
    /// The pause between documents of one host, in milliseconds (0 to 60000). Default 500.
    pub pause_ms: u64,
    /// How long a changed feed waits for its new documents before it is published without them, in milliseconds (0 to 60000). Default 1000.
    pub first_wait_ms: u64,
    /// OCR of pages without text (scans, pictures). Default `auto`.
    pub ocr: Ocr,
}

/// OCR of pages without text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ocr {
    /// When tesseract and its data for Czech or German are installed.
    #[default]
    Auto,
    Off,
}

impl DocumentsConfig {
    /// The largest document that is fetched: as configured, and not larger than displays take.
    pub fn max_bytes(&self) -> u64 {
        let configured = self.max_size_mb.saturating_mul(1_000_000);
        configured.min(MAX_DOCUMENT_BYTES)
    }
}

impl Default for DocumentsConfig {
    fn default() -> Self {
        Self {
            max_size_mb: 50,
            timeout_seconds: 300,
            recheck_hours: 24,
            per_host: 2,
            pause_ms: 500,
            first_wait_ms: 1000,
            ocr: Ocr::Auto,
        }
    }
}

/// One `[[boards]]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BoardConfig {
    /// The board's id in addresses: lower-case letters, digits and hyphens.
    pub id: String,
    /// The municipality, as a text or as a table by language.
    pub town: TextConfig,
    /// The web address of the board as people type it.
    pub web_address: String,
    /// The board's page below `service.public_url`.
    #[serde(skip)]
    pub public_page: Option<Url>,
    /// Which part of the board the displays are and where the others are.
    #[serde(default)]
    pub part: TextConfig,
    /// The coat of arms, a PNG file.
    pub coat_of_arms: Option<PathBuf>,
    /// Information pages and surveys, a TOML file; none when missing.
    pub information: Option<PathBuf>,
    /// Alerts, a TOML file that need not exist; none when missing.
    pub alerts: Option<PathBuf>,
    /// The town's own colour, as in `"#1F4E5F"`; displays darken it until white text on it has enough contrast.
    pub colour: Option<String>,
    /// Where the office gives out paper copies.
    #[serde(rename = "copies", default)]
    pub paper_copy_contact: PaperCopyContactConfig,
    /// The hash of the service screen's PIN, from `vyveska-central hash-pin`; without one, displays take theirs from
    /// the file they were started with.
    pub service_pin_hash: Option<String>,
    /// When displays are darker, as in `{ from = "22:00", until = "05:30" }`, which is the default.
    #[serde(default)]
    pub night: Night,
    /// The IČO of who runs the board, for its open data; what the source says when missing.
    pub operator_ico: Option<String>,
    /// How long one page of titles of the idle rotation is shown at most, in seconds.
    #[serde(default = "IdlePageSeconds::default_value")]
    pub idle_page_seconds: u32,
    /// What is shown between the pages of titles.
    #[serde(default)]
    pub idle: IdleConfig,
    /// After how long without a touch the countdown begins in lists, in seconds.
    #[serde(default = "ListTimeoutSeconds::default_value")]
    pub list_timeout_seconds: u32,
    /// The same while a document is open, in seconds.
    #[serde(default = "PageTimeoutSeconds::default_value")]
    pub page_timeout_seconds: u32,
    /// How long a notice counts as new, in days.
    #[serde(default = "NewDays::default_value")]
    pub new_days: u32,
    /// From how many days before its end on a notice says how many are left.
    #[serde(default = "DeadlineDays::default_value")]
    pub deadline_days: u32,
    /// After how long without contact to central a display states the age of its board, in minutes.
    #[serde(default = "StaleAfterMinutes::default_value")]
    pub stale_after_minutes: u32,
    #[serde(default)]
    pub sources: Vec<SourceConfig>,
}

fn is_colour(text: &str) -> bool {
    text.strip_prefix('#').is_some_and(|digits| {
        digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_hexdigit())
    })
}

const fn poll_seconds() -> u64 {
    900
}

/// A text, in Czech or by language.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum TextConfig {
    /// In Czech.
    Czech(String),
    /// By language code.
    ByLanguage(Texts),
}

impl Default for TextConfig {
    fn default() -> Self {
        Self::ByLanguage(Texts::new())
    }
}

impl TextConfig {
    /// Converts to the wire type.
    pub fn texts(&self) -> Texts {
        match self {
            Self::Czech(text) if text.trim().is_empty() => Texts::new(),
            Self::Czech(text) => [("cs".to_owned(), text.clone())].into(),
            Self::ByLanguage(texts) => texts.clone(),
        }
    }
}

/// One `[[boards.sources]]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceConfig {
    /// The source's id, under which its notices are stored; it stays when the address changes.
    /// The board's id (with a number from the second source on) when missing.
    #[serde(default)]
    pub id: String,
    pub kind: SourceKind,
    /// An HTTP(S) address or a file.
    pub url: SourceLocation,
    /// The polling interval, in seconds (1 to 86400). Default 900.
    #[serde(default = "poll_seconds")]
    pub poll_seconds: u64,
    /// Which board of a feed that holds several.
    pub board_iri: Option<String>,
    /// Hosts that are fetched from although their addresses are not public: `10.0.0.7:8080`, or without a port any.
    /// The host and port of `url` need not be listed.
    #[serde(default)]
    pub private_hosts: Vec<NamedHost>,
    /// A PEM file of certificates to trust for this source besides the usual ones.
    pub extra_ca: Option<PathBuf>,
}

impl SourceConfig {
    /// The hosts that the configuration names for this source.
    pub fn named_hosts(&self) -> Vec<NamedHost> {
        let mut hosts = self.private_hosts.clone();
        if let SourceLocation::Http(url) = &self.url {
            hosts.extend(NamedHost::of(url));
        }
        hosts
    }

    pub const fn poll_interval(&self) -> Duration {
        Duration::from_secs(self.poll_seconds)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceKind {
    /// A feed of the open formal norm „Úřední desky".
    Ofn,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub enum SourceLocation {
    Http(Url),
    File(PathBuf),
}

impl From<String> for SourceLocation {
    fn from(text: String) -> Self {
        match Url::parse(text.trim()) {
            Ok(url) if matches!(url.scheme(), "http" | "https") => Self::Http(url),
            Ok(url) if url.scheme() == "file" => match url.to_file_path() {
                Ok(path) => Self::File(path),
                Err(()) => Self::File(PathBuf::from(text)),
            },
            _ => Self::File(PathBuf::from(text)),
        }
    }
}

impl Config {
    /// Reads and checks a configuration file.
    ///
    /// # Errors
    ///
    /// When the file cannot be read or a value is wrong; the error names the key.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Read {
            path: path.to_owned(),
            source,
        })?;
        Self::from_toml(&text, folder_of(path))
    }

    /// Reads and checks a configuration; `folder` is where relative paths start.
    ///
    /// # Errors
    ///
    /// When a value is wrong; the error names the key.
    pub fn from_toml(text: &str, folder: &Path) -> Result<Self, ConfigError> {
        let mut config: Self =
            toml::from_str(text).map_err(|error| ConfigError::Syntax(error.to_string()))?;
        config.resolve(folder);
        config.check()?;
        Ok(config)
    }

    pub fn board(&self, id: &str) -> Option<&BoardConfig> {
        self.boards.iter().find(|board| board.id == id)
    }

    /// The board that a newly registered display gets.
    pub fn board_for_new_displays(&self) -> Option<&BoardConfig> {
        match &self.displays.default_board {
            Some(id) => self.board(id),
            None => self.boards.first().filter(|_| self.boards.len() == 1),
        }
    }

    fn resolve(&mut self, folder: &Path) {
        let absolute = |path: &mut PathBuf| *path = folder.join(&*path);
        absolute(&mut self.service.data);
        let base = self.service.public_url.clone();
        for board in &mut self.boards {
            board.public_page = base.clone().filter(|base| !base.cannot_be_a_base());
            if let Some(Ok(mut segments)) = board.public_page.as_mut().map(Url::path_segments_mut) {
                segments.pop_if_empty().push(&board.id);
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
                if let SourceLocation::File(path) = &mut source.url {
                    absolute(path);
                }
            }
        }
    }

    fn check(&self) -> Result<(), ConfigError> {
        let fetch = &self.fetch;
        within(
            "fetch.connect_timeout_seconds",
            fetch.connect_timeout_seconds,
            1,
            120,
        )?;
        within("fetch.timeout_seconds", fetch.timeout_seconds, 1, 600)?;
        within("fetch.max_feed_mib", fetch.max_feed_mib, 1, 256)?;
        if fetch.user_agent.trim().is_empty() || !fetch.user_agent.is_ascii() {
            return wrong("fetch.user_agent", "must be a text of ASCII characters");
        }
        let documents = &self.documents;
        if documents.max_size_mb == 0 {
            return wrong("documents.max_size_mb", "must be at least 1");
        }
        within(
            "documents.timeout_seconds",
            documents.timeout_seconds,
            1,
            3600,
        )?;
        within(
            "documents.recheck_hours",
            u64::from(documents.recheck_hours),
            1,
            720,
        )?;
        within("documents.per_host", documents.per_host as u64, 1, 16)?;
        within("documents.pause_ms", documents.pause_ms, 0, 60_000)?;
        within(
            "documents.first_wait_ms",
            documents.first_wait_ms,
            0,
            60_000,
        )?;
        if let Some(url) = &self.service.public_url
            && !matches!(url.scheme(), "http" | "https")
        {
            return wrong("service.public_url", "must begin with https:// or http://");
        }
        if self.boards.is_empty() {
            return wrong("boards", "name at least one board in a [[boards]] section");
        }
        let mut board_ids = HashSet::new();
        let mut source_ids = HashSet::new();
        for (index, board) in self.boards.iter().enumerate() {
            board.check(&format!("boards[{index}]"), &mut source_ids)?;
            if !board_ids.insert(&board.id) {
                let key = format!("boards[{index}].id");
                return wrong(
                    &key,
                    &format!("{:?} is taken by an earlier board", board.id),
                );
            }
        }
        self.check_displays()
    }

    fn check_displays(&self) -> Result<(), ConfigError> {
        let key = "displays.default_board";
        match &self.displays.default_board {
            Some(id) if self.board(id).is_none() => {
                wrong(key, &format!("there is no board {id:?} in [[boards]]"))
            }
            None if self.displays.accept_new_displays && self.boards.len() > 1 => wrong(
                key,
                "say which board new displays get, or set displays.accept_new_displays = false",
            ),
            _ => Ok(()),
        }
    }
}

impl BoardConfig {
    fn check(&self, key: &str, source_ids: &mut HashSet<String>) -> Result<(), ConfigError> {
        if let Some(colour) = &self.colour
            && !is_colour(colour)
        {
            return wrong(
                &format!("{key}.colour"),
                "must be six hexadecimal digits after #, as in \"#1F4E5F\"",
            );
        }
        if !is_slug(&self.id) {
            return wrong(
                &format!("{key}.id"),
                &format!(
                    "{:?} must be lower-case letters, digits and hyphens",
                    self.id
                ),
            );
        }
        // These are path segments of the public web server's own pages.
        if matches!(self.id.as_str(), "display" | "static" | "favicon") {
            let message = format!("{:?} is taken by the service itself", self.id);
            return wrong(&format!("{key}.id"), &message);
        }
        if self
            .town
            .texts()
            .get("cs")
            .is_none_or(|name| name.trim().is_empty())
        {
            return wrong(
                &format!("{key}.town"),
                "must name the municipality in Czech (cs)",
            );
        }
        if let Some(ico) = &self.operator_ico
            && (ico.len() != 8 || !ico.bytes().all(|byte| byte.is_ascii_digit()))
        {
            return wrong(&format!("{key}.operator_ico"), "must be eight digits");
        }
        if let Some(hash) = &self.service_pin_hash
            && let Err(error) = ServicePinHash::parse(hash)
        {
            return wrong(&format!("{key}.service_pin_hash"), &error.to_string());
        }
        check::<IdlePageSeconds>(&format!("{key}.idle_page_seconds"), self.idle_page_seconds)?;
        self.idle.check(key)?;
        self.paper_copy_contact.check(key)?;
        check::<ListTimeoutSeconds>(
            &format!("{key}.list_timeout_seconds"),
            self.list_timeout_seconds,
        )?;
        check::<PageTimeoutSeconds>(
            &format!("{key}.page_timeout_seconds"),
            self.page_timeout_seconds,
        )?;
        check::<NewDays>(&format!("{key}.new_days"), self.new_days)?;
        check::<DeadlineDays>(&format!("{key}.deadline_days"), self.deadline_days)?;
        check::<StaleAfterMinutes>(
            &format!("{key}.stale_after_minutes"),
            self.stale_after_minutes,
        )?;
        if self.sources.is_empty() {
            return wrong(
                &format!("{key}.sources"),
                "name at least one source in a [[boards.sources]] section",
            );
        }
        for (index, source) in self.sources.iter().enumerate() {
            let key = format!("{key}.sources[{index}]");
            within(
                &format!("{key}.poll_seconds"),
                source.poll_seconds,
                1,
                86_400,
            )?;
            if !is_slug(&source.id) {
                return wrong(
                    &format!("{key}.id"),
                    &format!(
                        "{:?} must be lower-case letters, digits and hyphens",
                        source.id
                    ),
                );
            }
            if !source_ids.insert(source.id.clone()) {
                let message = format!("{:?} is taken by an earlier source", source.id);
                return wrong(&format!("{key}.id"), &message);
            }
        }
        Ok(())
    }
}

/// The folder of a file; `.` for a bare file name, whose `parent` is an empty path.
pub(crate) fn folder_of(path: &Path) -> &Path {
    path.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

/// Whether a text is a valid identifier: lower-case letters, digits and hyphens.
pub(crate) fn is_slug(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && !text.starts_with('-')
}

fn wrong<T>(key: &str, message: &str) -> Result<T, ConfigError> {
    Err(ConfigError::Value {
        key: key.to_owned(),
        message: message.to_owned(),
    })
}

/// Checks a setting whose bounds [`vyveska_board::settings`] has.
fn check<T: TryFrom<u32, Error = OutOfBounds>>(key: &str, value: u32) -> Result<(), ConfigError> {
    match T::try_from(value) {
        Ok(_) => Ok(()),
        Err(error) => wrong(key, &error.to_string()),
    }
}

fn within(key: &str, value: u64, from: u64, to: u64) -> Result<(), ConfigError> {
    if (from..=to).contains(&value) {
        Ok(())
    } else {
        wrong(key, &format!("must be {from} to {to}, is {value}"))
    }
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
        assert!(!config.displays.accept_new_displays);
        assert_eq!(config.service.data, Path::new("/etc/vyveska/data"));
        assert_eq!(config.boards[0].sources[0].id, "lipnice");
        assert_eq!(config.boards[0].sources[0].poll_seconds, 900);
        assert_eq!(config.board_for_new_displays().unwrap().id, "lipnice");
    }

    #[test]
    fn no_document_is_fetched_that_displays_refuse() {
        let fetched = |max_size_mb| {
            let documents = DocumentsConfig {
                max_size_mb,
                ..DocumentsConfig::default()
            };
            documents.max_bytes()
        };
        assert_eq!(fetched(7), 7_000_000);
        assert_eq!(fetched(2_000), MAX_DOCUMENT_BYTES);
        assert_eq!(fetched(u64::MAX), MAX_DOCUMENT_BYTES);
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
        assert!(!config.boards.is_empty());
        assert!(!config.displays.accept_new_displays);
        // The numbers it shows are the defaults.
        let defaults = &read(SMALLEST).unwrap().boards[0];
        let settings = |board: &BoardConfig| {
            let idle = board.idle.settings();
            (
                (board.list_timeout_seconds, board.page_timeout_seconds),
                (board.new_days, board.deadline_days),
                (board.idle_page_seconds, board.stale_after_minutes),
                (board.night, idle),
            )
        };
        assert_eq!(settings(&config.boards[0]), settings(defaults));
    }

    #[test]
    fn a_wrong_value_is_named_by_its_key() {
        check_refused(("\"lipnice\"", "\"Lipnice\""), "boards[0].id");
        check_refused(
            ("kind =", "poll_seconds = 0\nkind ="),
            "boards[0].sources[0].poll_seconds",
        );
        check_refused(
            ("town =", "idle_page_seconds = 2\ntown ="),
            "boards[0].idle_page_seconds",
        );
        check_refused(
            ("town =", "idle.pause_seconds = 5\ntown ="),
            "boards[0].idle.pause_seconds",
        );
        check_refused(
            ("town =", "idle.between = [\"weather\"]\ntown ="),
            "weather",
        );
        check_refused(
            ("town =", "service_pin_hash = \"4829\"\ntown ="),
            "boards[0].service_pin_hash",
        );
        check_refused(
            ("\"Město Lipnice nad Rolavou\"", "{ de = \"X\" }"),
            "boards[0].town",
        );
        check_refused(
            (
                "[[boards]]",
                "[displays]\ndefault_board = \"x\"\n[[boards]]",
            ),
            "displays.default_board",
        );
        check_refused(("town =", "tovn ="), "tovn");
        check_refused(
            ("[[boards]]", "[documents]\nocr = \"on\"\n[[boards]]"),
            "ocr",
        );
        check_refused(("id = \"lipnice\"", "id = \"display\""), "boards[0].id");
    }

    #[test]
    fn new_displays_of_several_boards_need_a_default() {
        let second = SMALLEST.replace("\"lipnice\"", "\"druha\"");
        let text = format!("[displays]\naccept_new_displays = true\n{SMALLEST}{second}");
        let error = read(&text).unwrap_err().to_string();
        assert!(error.starts_with("displays.default_board:"), "{error}");
    }

    #[test]
    fn a_source_is_an_address_or_a_file() {
        let location = |text: &str| SourceLocation::from(text.to_owned());
        assert!(matches!(
            location("https://a.example/x"),
            SourceLocation::Http(_)
        ));
        assert_eq!(
            location("feed.jsonld"),
            SourceLocation::File("feed.jsonld".into())
        );
        assert_eq!(
            location("file:///srv/a"),
            SourceLocation::File("/srv/a".into())
        );
    }
}
