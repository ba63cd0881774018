//! Central over HTTPS.
//!
//! Every request carries its own token, bound to its path, so redirects are not followed.
//! The request for the time uses a client that does not check certificates: to a device whose clock is in 1970 no
//! certificate is valid yet. This is safe, because the reply's signature decides and the token is valid for that
//! request only.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use chrono::{DateTime, Utc};
use eventsource_stream::Eventsource as _;
use futures_util::{StreamExt as _, future, stream};
use reqwest::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_RANGE, CONTENT_TYPE, ETAG, IF_NONE_MATCH, RANGE,
};
use reqwest::{Client, ClientBuilder, Method, RequestBuilder, Response, StatusCode, Url};
use url::Host;
use vyveska_wire::DISPLAY_API;
use vyveska_wire::enrolment::{ENROLMENT, EnrolmentRefusal};
use vyveska_wire::event::{MANIFEST_EVENT, ManifestAnnounced};
use vyveska_wire::keys::KeyPair;
use vyveska_wire::limits::MAX_EVENT_BYTES;
use vyveska_wire::manifest::ContentHash;
use vyveska_wire::token::{self, RequestBinding};

use super::client::{
    ByteStream, CentralClient, ClientError, ContentReply, NewsStream, NoReply, NoReplyCause,
    SignedReply,
};

/// Limit for opening a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Limit for a whole small reply.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(20);
/// Limit between two reads of a reply. The event stream sends keep-alives more often.
const SILENCE_TIMEOUT: Duration = Duration::from_secs(60);
/// The longest signed reply. A manifest has a few hundred bytes.
const MAX_ENVELOPE_BYTES: usize = 256 * 1024;
const MAX_ETAG_LENGTH: usize = 256;

/// The two HTTP clients: one for everything, one for the time.
#[derive(Debug, Clone)]
pub struct HttpClients {
    general: Client,
    time: Client,
}

impl HttpClients {
    /// Sets the limits on builders from the composition root, for instance `reqwest::Client::builder`.
    ///
    /// # Errors
    ///
    /// When the clients cannot be made, for instance without any root certificates.
    pub fn build(builder: impl Fn() -> ClientBuilder) -> Result<Self, ClientError> {
        let bounded = || {
            builder()
                .connect_timeout(CONNECT_TIMEOUT)
                .read_timeout(SILENCE_TIMEOUT)
                .redirect(reqwest::redirect::Policy::none())
                .user_agent(concat!("vyveska/", env!("CARGO_PKG_VERSION")))
        };
        Ok(Self {
            general: bounded().build().map_err(|error| unreachable(&error))?,
            time: bounded()
                .tls_danger_accept_invalid_certs(true)
                .build()
                .map_err(|error| unreachable(&error))?,
        })
    }
}

/// [`CentralClient`] over HTTPS. Clones share their HTTP clients, also after an exchange.
#[derive(Debug, Clone)]
pub struct HttpCentralClient {
    clients: Arc<RwLock<HttpClients>>,
    base: Url,
    key: Arc<KeyPair>,
    /// Whether nothing may be asked, because it would travel unencrypted.
    refused: bool,
}

impl HttpCentralClient {
    /// A client of the central service at `base`, which may have a path.
    ///
    /// Over `http://` it asks only a central service on this computer, unless [`Self::allow_http`] is called.
    pub fn new(clients: HttpClients, mut base: Url, key: Arc<KeyPair>) -> Self {
        let refused = base.scheme() == "http" && !is_loopback(&base);
        let path = format!("{}{DISPLAY_API}/", base.path().trim_end_matches('/'));
        base.set_path(&path);
        base.set_query(None);
        base.set_fragment(None);
        Self {
            clients: Arc::new(RwLock::new(clients)),
            base,
            key,
            refused,
        }
    }

    /// Allows `http://` to any host. Signatures are checked all the same, but others on the way can read along.
    #[must_use]
    pub fn allow_http(mut self) -> Self {
        self.refused = false;
        self
    }

    /// Uses other HTTP clients for new requests. Running requests are not affected.
    pub fn exchange_clients(&self, clients: HttpClients) {
        *self.clients.write().unwrap_or_else(PoisonError::into_inner) = clients;
    }

    fn clients(&self) -> HttpClients {
        self.clients
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn get(
        &self,
        client: &Client,
        at: DateTime<Utc>,
        path: &str,
    ) -> Result<RequestBuilder, ClientError> {
        self.request(client, Method::GET, at, path, b"")
    }

    fn request(
        &self,
        client: &Client,
        method: Method,
        at: DateTime<Utc>,
        path: &str,
        body: &[u8],
    ) -> Result<RequestBuilder, ClientError> {
        if self.refused {
            return Err(ClientError::PlainHttp);
        }
        let mut url = self.base.clone();
        let (path, query) = match path.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (path, None),
        };
        url.set_path(&format!("{}{path}", self.base.path()));
        url.set_query(query);
        let path_and_query = match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        };
        let binding = RequestBinding {
            method: method.as_str(),
            path_and_query: &path_and_query,
            body,
        };
        let token = token::issue(&self.key, binding, at);
        Ok(client
            .request(method.clone(), url)
            .header(AUTHORIZATION, format!("Bearer {token}")))
    }

    /// What central has signed under this path, unless it has this tag.
    async fn signed(
        &self,
        at: DateTime<Utc>,
        path: &str,
        if_none_match: Option<&str>,
    ) -> Result<SignedReply, ClientError> {
        let mut request = self.get(&self.clients().general, at, path)?;
        if let Some(etag) = if_none_match {
            request = request.header(IF_NONE_MATCH, etag);
        }
        let response = send(request.timeout(ANSWER_TIMEOUT)).await?;
        match response.status() {
            StatusCode::NOT_MODIFIED => return Ok(SignedReply::Unchanged),
            StatusCode::NOT_FOUND | StatusCode::NO_CONTENT => return Ok(SignedReply::NoneYet),
            _ => {}
        }
        let response = accepted(response)?;
        let etag = response
            .headers()
            .get(ETAG)
            .and_then(|value| value.to_str().ok())
            .filter(|etag| etag.len() <= MAX_ETAG_LENGTH)
            .map(str::to_owned);
        let envelope = whole(response, MAX_ENVELOPE_BYTES).await?;
        Ok(SignedReply::Newest { etag, envelope })
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

impl CentralClient for HttpCentralClient {
    async fn now(&self, at: DateTime<Utc>, nonce: &str) -> Result<Vec<u8>, ClientError> {
        let path = format!("now?nonce={nonce}");
        let request = self.get(&self.clients().time, at, &path)?;
        let response = send(request.timeout(ANSWER_TIMEOUT)).await?;
        whole(accepted(response)?, MAX_ENVELOPE_BYTES).await
    }

    async fn manifest(
        &self,
        at: DateTime<Utc>,
        if_none_match: Option<&str>,
    ) -> Result<SignedReply, ClientError> {
        self.signed(at, "manifest", if_none_match).await
    }

    async fn assignment(
        &self,
        at: DateTime<Utc>,
        if_none_match: Option<&str>,
    ) -> Result<SignedReply, ClientError> {
        self.signed(at, "assignment", if_none_match).await
    }

    async fn content(
        &self,
        at: DateTime<Utc>,
        hash: &ContentHash,
        offset: u64,
    ) -> Result<ContentReply, ClientError> {
        let mut request = self
            .get(&self.clients().general, at, &format!("content/{hash}"))?
            // Ranges are of the exact bytes.
            .header(ACCEPT_ENCODING, "identity");
        if offset > 0 {
            request = request.header(RANGE, format!("bytes={offset}-"));
        }
        let response = send(request).await?;
        let offset = match response.status() {
            StatusCode::PARTIAL_CONTENT => range_start(&response)
                .filter(|start| *start == offset)
                .ok_or_else(|| ClientError::Malformed("another range than asked".to_owned()))?,
            // Our bytes are not a prefix of it: begin anew.
            StatusCode::RANGE_NOT_SATISFIABLE => {
                return Err(ClientError::Malformed("the range is refused".to_owned()));
            }
            _ => 0,
        };
        let body = chunks(accepted(response)?);
        Ok(ContentReply { offset, body })
    }

    async fn enrol(&self, at: DateTime<Utc>, body: Vec<u8>) -> Result<(), ClientError> {
        // Never by the client that ignores certificates: the token is a secret.
        let request = self
            .request(&self.clients().general, Method::POST, at, ENROLMENT, &body)?
            .header(CONTENT_TYPE, "application/json")
            .body(body);
        let response = send(request.timeout(ANSWER_TIMEOUT)).await?;
        if response.status() == StatusCode::FORBIDDEN {
            let refused = ClientError::NotLetIn(StatusCode::FORBIDDEN.as_u16());
            let body = whole(response, MAX_ENVELOPE_BYTES).await?;
            let body: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
            let code = body["error"].as_str().unwrap_or_default();
            return Err(EnrolmentRefusal::of_code(code).map_or(refused, ClientError::NotEnrolled));
        }
        taken(response)
    }

    async fn send_answers(&self, at: DateTime<Utc>, body: Vec<u8>) -> Result<Vec<u8>, ClientError> {
        let request = self
            .request(&self.clients().general, Method::POST, at, "answers", &body)?
            .header(CONTENT_TYPE, "application/json")
            .body(body);
        let response = send(request.timeout(ANSWER_TIMEOUT)).await?;
        whole(accepted(response)?, MAX_ENVELOPE_BYTES).await
    }

    async fn send_status(&self, at: DateTime<Utc>, body: Vec<u8>) -> Result<(), ClientError> {
        let request = self
            .request(&self.clients().general, Method::POST, at, "status", &body)?
            .header(CONTENT_TYPE, "application/json")
            .body(body);
        let response = send(request.timeout(ANSWER_TIMEOUT)).await?;
        taken(response)
    }

    async fn events(&self, at: DateTime<Utc>) -> Result<NewsStream, ClientError> {
        let request = self
            .get(&self.clients().general, at, "events")?
            .header(ACCEPT, "text/event-stream");
        let response = accepted(send(request).await?)?;
        Ok(Box::pin(news(chunks(response))))
    }
}

async fn send(request: RequestBuilder) -> Result<Response, ClientError> {
    request.send().await.map_err(|error| unreachable(&error))
}

/// The message omits the address, which may contain a nonce.
fn unreachable(error: &reqwest::Error) -> ClientError {
    use std::error::Error as _;
    let causes = std::iter::successors(error.source(), |&cause| cause.source());
    let causes: Vec<String> = causes.map(ToString::to_string).collect();
    let says = |what: &str| causes.iter().any(|cause| cause.starts_with(what));
    let cause = if error.is_timeout() {
        NoReplyCause::TooSlow
    } else if says("dns error") {
        NoReplyCause::UnknownName
    } else if says("invalid peer certificate") {
        NoReplyCause::Untrusted
    } else if error.is_connect() {
        NoReplyCause::NoConnection
    } else {
        NoReplyCause::Broken
    };
    ClientError::Unreachable(NoReply {
        cause,
        words: causes.into_iter().next_back().unwrap_or_default(),
    })
}

fn accepted(response: Response) -> Result<Response, ClientError> {
    match response.status() {
        StatusCode::OK | StatusCode::PARTIAL_CONTENT => Ok(response),
        StatusCode::NOT_FOUND | StatusCode::GONE => Err(ClientError::NotFound),
        status @ (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) => {
            Err(ClientError::NotLetIn(status.as_u16()))
        }
        status => Err(ClientError::Status(status.as_u16())),
    }
}

/// An answer that says no more than that what was sent is there.
fn taken(response: Response) -> Result<(), ClientError> {
    match response.status() {
        StatusCode::NO_CONTENT => Ok(()),
        _ => accepted(response).map(drop),
    }
}

/// The start of `bytes 100-199/200`.
fn range_start(response: &Response) -> Option<u64> {
    let value = response.headers().get(CONTENT_RANGE)?.to_str().ok()?;
    let (start, _) = value.strip_prefix("bytes ")?.split_once('-')?;
    start.trim().parse().ok()
}

fn chunks(response: Response) -> ByteStream {
    Box::pin(response.bytes_stream().map(|chunk| match chunk {
        Ok(bytes) => Ok(bytes.to_vec()),
        Err(error) => Err(unreachable(&error)),
    }))
}

async fn whole(response: Response, limit: usize) -> Result<Vec<u8>, ClientError> {
    let mut bytes = Vec::new();
    let mut body = chunks(response);
    while let Some(chunk) = body.next().await {
        bytes.extend_from_slice(&chunk?);
        if bytes.len() > limit {
            return Err(ClientError::TooLong(limit));
        }
    }
    Ok(bytes)
}

/// Parses announcements from server-sent events. Other and unreadable events are skipped.
fn news(
    body: impl stream::Stream<Item = Result<Vec<u8>, ClientError>> + Send,
) -> impl stream::Stream<Item = Result<ManifestAnnounced, ClientError>> + Send {
    let mut length = EventLength::default();
    let bounded = body.map(move |chunk| {
        let chunk = chunk?;
        if length.grows_beyond(&chunk, MAX_EVENT_BYTES) {
            return Err(ClientError::TooLong(MAX_EVENT_BYTES));
        }
        Ok(chunk)
    });
    bounded.eventsource().filter_map(|event| {
        future::ready(match event {
            Ok(event) if event.event == MANIFEST_EVENT => {
                serde_json::from_str(&event.data).ok().map(Ok)
            }
            Ok(_) => None,
            Err(eventsource_stream::EventStreamError::Transport(error)) => Some(Err(error)),
            Err(error) => Some(Err(ClientError::Malformed(error.to_string()))),
        })
    })
}

/// Counts bytes since the last empty line, which ends an event: the parser buffers them all.
#[derive(Debug, Default)]
struct EventLength {
    bytes: usize,
    line_is_empty: bool,
}

impl EventLength {
    fn grows_beyond(&mut self, chunk: &[u8], limit: usize) -> bool {
        for byte in chunk {
            self.bytes += 1;
            match byte {
                b'\r' => {}
                b'\n' if self.line_is_empty => self.bytes = 0,
                b'\n' => self.line_is_empty = true,
                _ => self.line_is_empty = false,
            }
            if self.bytes > limit {
                return true;
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(chunks: Vec<&str>) -> Vec<Result<ManifestAnnounced, ClientError>> {
        let chunks: Vec<_> = chunks
            .into_iter()
            .map(|chunk| Ok(chunk.as_bytes().to_vec()))
            .collect();
        news(stream::iter(chunks)).collect().await
    }

    #[tokio::test]
    async fn only_announcements_count() {
        let found = read(vec![
            ": hello\n\n",
            "event: manifest\nda",
            "ta: {\"number\":7}\n\nevent: other\ndata: {\"number\":8}\n\n",
            "event: manifest\ndata: rubbish\n\nevent: manifest\r\ndata: {\"number\":9}\r\n\r\n",
        ])
        .await;
        let numbers: Vec<_> = found.into_iter().map(|one| one.unwrap().number).collect();
        assert_eq!(numbers, [7, 9]);
    }

    #[tokio::test]
    async fn an_endless_event_ends_the_stream() {
        let line = "data: x\n".repeat(MAX_EVENT_BYTES / 16);
        let found = read(vec!["event: manifest\n", &line, &line, &line]).await;
        assert!(
            matches!(found.first(), Some(Err(ClientError::TooLong(_)))),
            "{found:?}"
        );
    }

    #[tokio::test]
    async fn keep_alives_may_go_on_for_years() {
        let comments = ":\n\n".repeat(20_000);
        let found = read(vec![&comments, "event: manifest\ndata: {\"number\":1}\n\n"]).await;
        let expected = ManifestAnnounced {
            number: 1,
            ..ManifestAnnounced::default()
        };
        assert_eq!(found, [Ok(expected)]);
    }
}
