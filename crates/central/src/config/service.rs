//! `[service]` and `[fetch]`: the service itself.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use url::Url;

use super::ConfigError;
use super::check::{within, wrong};
use super::limits::LimitsConfig;

/// `[service]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServiceConfig {
    /// The address to listen on; port 0 takes a free one. Default `127.0.0.1:8100`.
    pub listen: SocketAddr,
    /// The folder for the database, the documents and the key, of this service alone. Default `data`.
    pub data: PathBuf,
    /// The folder for the documents, which services with the same PostgreSQL database share; `documents` in the data
    /// folder when missing.
    pub documents: Option<PathBuf>,
    /// The address of a PostgreSQL database, which may hold a password; SQLite in the data folder when missing.
    pub database: Option<SecretString>,
    /// What tells this service from others with the same database, in alarms that concern it alone (1 to 64 characters);
    /// the name of its computer when missing.
    pub node: Option<String>,
    /// The base address of the public boards; the address listened on when missing. QR codes of notices lead there, so
    /// that without it displays show none.
    pub public_url: Option<Url>,
    /// The addresses of proxies in front of the service, which name the client of a request in `X-Forwarded-For`.
    pub proxies: Vec<IpAddr>,
    pub limits: LimitsConfig,
}

impl Default for ServiceConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8100)),
            data: PathBuf::from("data"),
            documents: None,
            database: None,
            node: None,
            public_url: None,
            proxies: Vec::new(),
            limits: LimitsConfig::default(),
        }
    }
}

impl ServiceConfig {
    /// Where the documents are.
    pub fn document_folder(&self) -> PathBuf {
        let own = || self.data.join("documents");
        self.documents.clone().unwrap_or_else(own)
    }

    pub(super) fn check(&self) -> Result<(), ConfigError> {
        if let Some(url) = &self.public_url
            && !matches!(url.scheme(), "http" | "https")
        {
            return wrong("service.public_url", "must begin with https:// or http://");
        }
        if let Some(address) = &self.database
            && !address.expose_secret().starts_with("postgres://")
        {
            return wrong("service.database", "must begin with postgres://");
        }
        if let Some(node) = &self.node
            && !(1..=64).contains(&node.chars().count())
        {
            return wrong("service.node", "must have 1 to 64 characters");
        }
        self.limits.check()
    }
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

impl FetchConfig {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        within(
            "fetch.connect_timeout_seconds",
            self.connect_timeout_seconds,
            1,
            120,
        )?;
        within("fetch.timeout_seconds", self.timeout_seconds, 1, 600)?;
        within("fetch.max_feed_mib", self.max_feed_mib, 1, 256)?;
        if self.user_agent.trim().is_empty() || !self.user_agent.is_ascii() {
            return wrong("fetch.user_agent", "must be a text of ASCII characters");
        }
        Ok(())
    }
}
