//! One `[[boards]]`: a town's board and the settings of its displays.
//!
//! The same type is read from a file and, as JSON, from the database; what has a column there is not part of the JSON.

use std::collections::HashSet;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use url::Url;
use vyveska_board::settings::{
    DeadlineDays, IdlePageSeconds, ListTimeoutSeconds, NewDays, Night, PageTimeoutSeconds,
    StaleAfterMinutes,
};
use vyveska_wire::keys::DisplayId;
use vyveska_wire::section::Texts;

use super::check::{check, is_slug, wrong};
use super::display::check_pin;
use super::{
    ConfigError, DisplayConfig, IdleConfig, PaperCopyContactConfig, SourceConfig, TextConfig,
};

/// One `[[boards]]`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct BoardConfig {
    /// The board's id in addresses: lower-case letters, digits and hyphens.
    #[serde(default, skip_serializing)]
    pub id: String,
    /// The id of its municipality, the same for all boards of one; the board's id when missing.
    #[serde(default, skip_serializing)]
    pub town_id: String,
    /// The municipality, as a text or as a table by language.
    #[serde(default, skip_serializing)]
    pub town: TextConfig,
    /// Whether the board is published and shown; displays of one that is not keep what they have. Default `true`.
    #[serde(default = "enabled", skip_serializing)]
    pub enabled: bool,
    /// The web address of the board as people type it.
    pub web_address: String,
    /// The board's page below `service.public_url`.
    #[serde(skip)]
    pub public_page: Option<Url>,
    /// Which part of the board the displays are and where the others are, unless a display has its own.
    #[serde(default)]
    pub part: TextConfig,
    /// The coat of arms, a PNG file of at most 4 MB.
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
    /// The hash of the service screen's PIN, from `vyveska-central hash-pin`, unless a display has its own; without
    /// one, displays take theirs from the file they were started with.
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
    /// What single displays do not share with the others.
    #[serde(default)]
    pub displays: Vec<DisplayConfig>,
    #[serde(default, skip_serializing)]
    pub sources: Vec<SourceConfig>,
}

const fn enabled() -> bool {
    true
}

fn is_colour(text: &str) -> bool {
    text.strip_prefix('#').is_some_and(|digits| {
        digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_hexdigit())
    })
}

impl BoardConfig {
    fn display(&self, id: &DisplayId) -> Option<&DisplayConfig> {
        self.displays.iter().find(|one| one.id == *id)
    }

    /// Which part of the board this display is.
    pub fn part_of(&self, display: &DisplayId) -> Texts {
        let own = self.display(display).and_then(|one| one.part.as_ref());
        own.unwrap_or(&self.part).texts()
    }

    /// The hash of the PIN of this display's service screen.
    pub fn service_pin_hash_of(&self, display: &DisplayId) -> Option<String> {
        let own = self.display(display);
        let own = own.and_then(|one| one.service_pin_hash.clone());
        own.or_else(|| self.service_pin_hash.clone())
    }

    pub(super) fn check(
        &self,
        key: &str,
        source_ids: &mut HashSet<String>,
        display_ids: &mut HashSet<DisplayId>,
    ) -> Result<(), ConfigError> {
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
        if !is_slug(&self.town_id) {
            return wrong(
                &format!("{key}.town_id"),
                &format!(
                    "{:?} must be lower-case letters, digits and hyphens",
                    self.town_id
                ),
            );
        }
        // These are path segments of the public web server's own pages.
        if matches!(self.id.as_str(), "admin" | "display" | "static" | "favicon") {
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
        check_pin(key, self.service_pin_hash.as_deref())?;
        for (index, display) in self.displays.iter().enumerate() {
            let key = format!("{key}.displays[{index}]");
            display.check(&key)?;
            if !display_ids.insert(display.id.clone()) {
                let message = "is that of an earlier display, of this board or another";
                return wrong(&format!("{key}.id"), message);
            }
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
            source.check(&key, source_ids)?;
        }
        Ok(())
    }
}
