//! The HTTP clients of the sources.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::StartError;
use crate::clock::CheckedClock;
use crate::config::{Config, FetchConfig, SourceConfig, SourceLocation};
use crate::document::fetcher::SourceAccess;
use crate::error::causes;
use crate::fetch::address::{PublicResolver, SystemResolver};
use crate::fetch::http::SourceClient;

/// Why the certificates of sources cannot be used, by source.
type UnusableCertificates = BTreeMap<String, String>;

/// The clients of all sources, by source.
///
/// Without its certificates a source is trusted less and not more: a publisher that needs them cannot be polled.
pub(super) fn source_access(
    config: &Config,
    clock: Option<&Arc<CheckedClock>>,
) -> Result<(HashMap<String, SourceAccess>, UnusableCertificates), StartError> {
    let (mut access, mut unusable) = (HashMap::new(), UnusableCertificates::new());
    let sources = config.boards.iter();
    let sources = sources.flat_map(|board| board.sources.iter().map(move |one| (board, one)));
    for (board, source) in sources {
        let folder = match &source.url {
            SourceLocation::File(path) => path.parent().map(Path::to_owned),
            SourceLocation::Http(_) => None,
        };
        let client = match source_client(&config.fetch, source) {
            Err(error @ StartError::Certificates { .. }) => {
                unusable.insert(source.id.clone(), causes(&error));
                let without = SourceConfig {
                    extra_ca: None,
                    ..source.clone()
                };
                source_client(&config.fetch, &without)?
            }
            made => made?,
        };
        let client = SourceClient {
            clock: clock.cloned(),
            ..client
        };
        let its = SourceAccess {
            town: board.town_id.clone(),
            client,
            folder,
        };
        access.insert(source.id.clone(), its);
    }
    Ok((access, unusable))
}

/// The HTTP clients for one source, which also trust the source's own certificates.
///
/// # Errors
///
/// When the certificates cannot be read.
pub fn source_client(
    fetch: &FetchConfig,
    source: &SourceConfig,
) -> Result<SourceClient, StartError> {
    let mut certificates = Vec::new();
    if let Some(path) = &source.extra_ca {
        let unusable = |reason: String| StartError::Certificates {
            path: path.clone(),
            reason,
        };
        let pem = std::fs::read(path).map_err(|error| unusable(error.to_string()))?;
        certificates = reqwest::Certificate::from_pem_bundle(&pem)
            .map_err(|error| unusable(error.to_string()))?;
        if certificates.is_empty() {
            return Err(unusable("it holds no certificate".to_owned()));
        }
    }
    let builder = || client_builder(fetch).tls_certs_merge(certificates.clone());
    let public = PublicResolver(Arc::new(SystemResolver));
    Ok(SourceClient {
        public: builder().dns_resolver(Arc::new(public)).build()?,
        named: builder().build()?,
        hosts: source.named_hosts(),
        clock: None,
    })
}

#[expect(
    clippy::disallowed_methods,
    reason = "the composition root builds the clients, with their bounds"
)]
fn client_builder(fetch: &FetchConfig) -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .user_agent(&fetch.user_agent)
        .connect_timeout(Duration::from_secs(fetch.connect_timeout_seconds))
        // A stalled transfer is given up early, even where the limit for the whole request is long.
        .read_timeout(Duration::from_secs(fetch.timeout_seconds))
        // `SourceClient` follows redirects, since it checks each hop.
        .redirect(reqwest::redirect::Policy::none())
        // A proxy would resolve names itself, without the check of their addresses.
        .no_proxy()
        .pool_max_idle_per_host(1)
}
