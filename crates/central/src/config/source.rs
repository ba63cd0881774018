//! One `[[boards.sources]]`: where a board's notices come from.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use url::Url;

use super::ConfigError;
use super::check::{is_slug, within, wrong};
use crate::fetch::address::NamedHost;

/// One `[[boards.sources]]`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SourceConfig {
    /// The source's id, under which its notices are stored; it stays when the address changes.
    /// The board's id (with a number from the second source on) when missing.
    #[serde(default, skip_serializing)]
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

    pub(super) fn check(
        &self,
        key: &str,
        source_ids: &mut HashSet<String>,
    ) -> Result<(), ConfigError> {
        within(&format!("{key}.poll_seconds"), self.poll_seconds, 1, 86_400)?;
        if !is_slug(&self.id) {
            return wrong(
                &format!("{key}.id"),
                &format!(
                    "{:?} must be lower-case letters, digits and hyphens",
                    self.id
                ),
            );
        }
        if !source_ids.insert(self.id.clone()) {
            let message = format!("{:?} is taken by an earlier source", self.id);
            return wrong(&format!("{key}.id"), &message);
        }
        Ok(())
    }
}

const fn poll_seconds() -> u64 {
    900
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceKind {
    /// A feed of the open formal norm „Úřední desky".
    Ofn,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(from = "String", untagged)]
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

impl SourceLocation {
    /// Makes the path of a file absolute; a relative one starts at `folder`.
    ///
    /// # Errors
    ///
    /// When there is no such file and it is written like an address; the error says how to write that.
    pub(crate) fn resolve(&mut self, folder: &Path) -> Result<(), String> {
        let Self::File(path) = self else {
            return Ok(());
        };
        let absolute = folder.join(&*path);
        let meant = path.to_str().and_then(meant_address);
        if let Some(meant) = meant.filter(|_| !absolute.exists()) {
            return Err(format!(
                "{path:?} looks like an address, and there is no such file: write {meant:?}, or \"./…\" if it is a file all \
                 the same"
            ));
        }
        *path = absolute;
        Ok(())
    }
}

/// The address that a text stands for which has another beginning than `https://` or `http://`, or none.
fn meant_address(text: &str) -> Option<String> {
    let text = text.trim();
    let rest = if text.starts_with("www.") || begins_with_host(text) {
        text
    } else if let Some(rest) = text.strip_prefix("//") {
        rest
    } else {
        let (scheme, rest) = text.split_once(':')?;
        let is_scheme = Url::parse(&format!("{scheme}:x")).is_ok() && rest.starts_with('/');
        if !is_scheme {
            return None;
        }
        rest.trim_start_matches('/')
    };
    Some(format!("https://{rest}"))
}

/// Whether a text begins like `lipnice.example/` or `lipnice.example:8443/`.
fn begins_with_host(text: &str) -> bool {
    let Some((first, _)) = text.split_once('/') else {
        return false;
    };
    let host = first.split_once(':').map_or(first, |(host, _)| host);
    let Some((name, last)) = host.rsplit_once('.') else {
        return false;
    };
    let is_label = |label: &str| {
        let mut letters = label.chars();
        !label.is_empty() && letters.all(|letter| letter.is_alphanumeric() || letter == '-')
    };
    name.split('.').all(is_label) && last.len() >= 2 && last.chars().all(char::is_alphabetic)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_address_is_no_file() {
        for (text, meant) in [
            ("htp:/lipnice.example/feed", "https://lipnice.example/feed"),
            ("htps://lipnice.example", "https://lipnice.example"),
            ("//lipnice.example", "https://lipnice.example"),
            (
                "lipnice.example:8443/feed",
                "https://lipnice.example:8443/feed",
            ),
        ] {
            let mut location = SourceLocation::from(text.to_owned());
            let error = location.resolve(Path::new("/srv")).unwrap_err();
            assert!(error.contains(&format!("write {meant:?}")), "{error}");
        }
        for text in [
            "feed.jsonld",
            "./htp:/x",
            "data/feed:2.jsonld",
            "feed:2.jsonld",
        ] {
            let mut location = SourceLocation::from(text.to_owned());
            assert_eq!(location.resolve(Path::new("/srv")), Ok(()), "{text}");
        }
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
