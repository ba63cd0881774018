//! Where central connects to: public addresses, and hosts that the configuration names.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use vyveska_central::fetch::address::{NamedHost, PublicResolver};
use vyveska_central::fetch::budget::{BudgetLimits, SourceBudget};
use vyveska_central::fetch::host_limits::HostLimits;
use vyveska_central::fetch::http::{RequestLimits, SourceClient, Validators, conditional_get};

use crate::device::Device;
use crate::publisher::Publisher;
use crate::town::{Town, config};

const PDF: &[u8] =
    b"HTTP/1.1 200 OK\r\nContent-Length: 14\r\nConnection: close\r\n\r\n%PDF-1.7 %%EOF";

/// A server on loopback that serves a PDF at every path and counts its connections.
struct Intranet {
    port: u16,
    connections: Arc<AtomicUsize>,
    task: tokio::task::JoinHandle<()>,
}

impl Intranet {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let connections = Arc::new(AtomicUsize::new(0));
        let count = connections.clone();
        let task = tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                count.fetch_add(1, Ordering::SeqCst);
                let _ = stream.read(&mut [0; 4096]).await;
                let _ = stream.write_all(PDF).await;
            }
        });
        Self {
            port,
            connections,
            task,
        }
    }

    fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

impl Drop for Intranet {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A server on `localhost` with TLS, whose certificate the authority of the tests has signed.
///
/// It serves a PDF at `/a.pdf` and redirects everything else.
struct TlsServer {
    port: u16,
    task: tokio::task::JoinHandle<()>,
}

impl TlsServer {
    async fn start(redirects_to: impl Fn(u16) -> String) -> Self {
        let chain = vec![CertificateDer::from_pem_slice(&fixture("server.pem")).unwrap()];
        let key = PrivateKeyDer::from_pem_slice(&fixture("server.key.pem")).unwrap();
        let config = ServerConfig::builder().with_no_client_auth();
        let config = config.with_single_cert(chain, key).unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let moved = format!(
            "HTTP/1.1 302 Found\r\nLocation: {}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
            redirects_to(port)
        );
        let task = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let Ok(mut stream) = acceptor.accept(stream).await else {
                    continue;
                };
                let mut request = [0; 4096];
                let length = stream.read(&mut request).await.unwrap_or(0);
                let response = if request[..length].starts_with(b"GET /a.pdf ") {
                    PDF
                } else {
                    moved.as_bytes()
                };
                let _ = stream.write_all(response).await;
                let _ = stream.shutdown().await;
            }
        });
        Self { port, task }
    }
}

impl Drop for TlsServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(fixture_path(name)).unwrap()
}

fn fixture_path(name: &str) -> PathBuf {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures");
    fixtures.join("tls").join(name)
}

/// Addresses of the intranet server, as a feed may spell them.
fn spellings(port: u16) -> Vec<String> {
    [
        "http://127.0.0.1",
        "http://localhost",
        "http://2130706433",
        "http://0x7f.1",
        "http://0.0.0.0",
        "http://[::ffff:127.0.0.1]",
        "http://[::1]",
        "http://[64:ff9b::127.0.0.1]",
        "http://user:password@127.0.0.1",
        "https://localhost",
    ]
    .map(|spelling| format!("{spelling}:{port}/a.pdf"))
    .into()
}

/// A town with one notice of these documents, polled once.
async fn town(documents: &[String], private_hosts: &[String]) -> Town {
    town_trusting(documents, private_hosts, None).await
}

/// The same, whose source trusts one more certificate authority.
async fn town_trusting(
    documents: &[String],
    private_hosts: &[String],
    extra_ca: Option<PathBuf>,
) -> Town {
    let publisher = Publisher::start(1).await;
    publisher.edit(|shared| {
        let documents = documents.iter().map(|url| json!({ "url": url }));
        shared.notices[0]["dokument"] = documents.collect();
    });
    let feed = publisher.feed_url();
    let town = Town::with(publisher, |data| {
        let mut config = config(data, &feed, "");
        let source = &mut config.boards[0].sources[0];
        source.extra_ca = extra_ca;
        source.private_hosts = private_hosts
            .iter()
            .map(|host| NamedHost::try_from(host.clone()).unwrap())
            .collect();
        config
    })
    .await;
    town.poll().await;
    town
}

async fn fetched(town: &Town) -> usize {
    let notices = Device::new(town, 1).notices().await.notices;
    let documents = notices[0].documents.iter();
    documents.filter(|one| one.content.is_some()).count()
}

#[tokio::test]
async fn a_document_on_a_private_address_is_not_fetched() {
    let intranet = Intranet::start().await;
    let town = town(&spellings(intranet.port), &[]).await;
    assert_eq!(intranet.connections(), 0);
    assert_eq!(fetched(&town).await, 0);
}

#[tokio::test]
async fn a_redirect_to_a_private_address_is_not_followed() {
    let intranet = Intranet::start().await;
    let publisher = Publisher::start(1).await;
    let moved: Vec<String> = (0..spellings(0).len())
        .map(|n| format!("{}/files/moved-{n}", publisher.base))
        .collect();
    publisher.edit(|shared| {
        let targets = spellings(intranet.port).into_iter().enumerate();
        let targets = targets.map(|(n, target)| (format!("moved-{n}"), target));
        shared.redirects.extend(targets);
        let documents = moved.iter().map(|url| json!({ "url": url }));
        shared.notices[0]["dokument"] = documents.collect();
    });
    let feed = publisher.feed_url();
    let town = Town::with(publisher, |data| config(data, &feed, "")).await;
    town.poll().await;
    assert_eq!(town.publisher.asked("/files/moved-0"), 1);
    assert_eq!(intranet.connections(), 0);
    assert_eq!(fetched(&town).await, 0);
}

#[tokio::test]
async fn a_feed_that_moves_to_a_private_address_is_not_followed() {
    let intranet = Intranet::start().await;
    let publisher = Publisher::start(1).await;
    let target = format!("http://localhost:{}/feed", intranet.port);
    publisher.edit(|shared| drop(shared.redirects.insert("feed".into(), target)));
    let feed = format!("{}/files/feed", publisher.base);
    let town = Town::with(publisher, |data| config(data, &feed, "")).await;
    let error = town.central.poll_now("lipnice").await.unwrap_err();
    assert!(error.to_string().contains("private_hosts"), "{error}");
    assert_eq!(intranet.connections(), 0);
}

#[tokio::test]
async fn a_private_host_that_the_source_names_is_fetched_from() {
    let intranet = Intranet::start().await;
    let documents = [
        format!("http://127.0.0.1:{}/a.pdf", intranet.port),
        format!("http://localhost:{}/b.pdf", intranet.port),
    ];
    let named = format!("127.0.0.1:{}", intranet.port);
    let town = town(&documents, &[named]).await;
    assert_eq!(fetched(&town).await, 1);
    assert_eq!(intranet.connections(), 1);
}

#[tokio::test]
async fn a_redirect_from_https_to_http_is_not_followed() {
    let intranet = Intranet::start().await;
    let insecure = TlsServer::start(|_| format!("http://localhost:{}/a.pdf", intranet.port)).await;
    let secure = TlsServer::start(|port| format!("https://localhost:{port}/a.pdf")).await;
    // Both hosts are named, so that nothing but the scheme speaks against the redirect.
    let named = [intranet.port, insecure.port, secure.port].map(|port| format!("localhost:{port}"));
    let authority = Some(fixture_path("authority.pem"));
    for (server, expected) in [(&insecure, 0), (&secure, 1)] {
        let documents = [format!("https://localhost:{}/moved", server.port)];
        let town = town_trusting(&documents, &named, authority.clone()).await;
        assert_eq!(fetched(&town).await, expected);
    }
    assert_eq!(intranet.connections(), 0);
    let documents = [format!("http://localhost:{}/a.pdf", intranet.port)];
    assert_eq!(fetched(&town(&documents, &named).await).await, 1);
    assert_eq!(intranet.connections(), 1);
}

/// A name server that answers the first query with a public address and later ones with loopback.
#[derive(Default)]
struct Rebinding(AtomicUsize);

impl Resolve for Rebinding {
    fn resolve(&self, _: Name) -> Resolving {
        let address = match self.0.fetch_add(1, Ordering::SeqCst) {
            0 => IpAddr::from([1, 1, 1, 1]),
            _ => IpAddr::from([127, 0, 0, 1]),
        };
        let found: Addrs = Box::new(std::iter::once(SocketAddr::new(address, 0)));
        Box::pin(std::future::ready(Ok(found)))
    }
}

#[tokio::test]
async fn a_name_that_moves_to_loopback_after_a_check_is_not_connected_to() {
    let intranet = Intranet::start().await;
    let resolver = Arc::new(PublicResolver(Arc::new(Rebinding::default())));
    let checked = resolver.resolve("rebinding.example".parse().unwrap()).await;
    assert_eq!(checked.unwrap().count(), 1);
    let url = format!("http://rebinding.example:{}/a.pdf", intranet.port);
    let mut client = SourceClient {
        clock: None,
        public: client(resolver),
        named: client(Arc::new(Rebinding(AtomicUsize::new(1)))),
        hosts: Vec::new(),
    };
    let get = async |client: &SourceClient| {
        let url = url.parse().unwrap();
        let timeout = Duration::from_secs(30);
        conditional_get(client, &url, "*/*", &Validators::default(), timeout, None).await
    };
    let error = get(&client).await.unwrap_err();
    assert!(error.to_string().contains("no public address"), "{error}");
    assert_eq!(intranet.connections(), 0);
    client.hosts = vec![NamedHost::try_from("rebinding.example".to_owned()).unwrap()];
    assert!(get(&client).await.is_ok());
    assert_eq!(intranet.connections(), 1);
}

#[tokio::test]
async fn the_limit_of_a_host_counts_requests_that_were_redirected_to_it() {
    let publisher = Publisher::start(0).await;
    let intranet = Intranet::start().await;
    let target: url::Url = format!("http://127.0.0.1:{}/a.pdf", intranet.port)
        .parse()
        .unwrap();
    publisher.edit(|shared| drop(shared.redirects.insert("a.pdf".into(), target.to_string())));
    let client = SourceClient {
        clock: None,
        public: client(Arc::new(Rebinding::default())),
        named: client(Arc::new(Rebinding::default())),
        hosts: vec![NamedHost::try_from("127.0.0.1".to_owned()).unwrap()],
    };
    let hosts = Arc::new(HostLimits::new(1, 9, Duration::ZERO));
    let budget = Arc::new(SourceBudget::new(BudgetLimits {
        documents: 9,
        bytes: 9,
        time: Duration::from_secs(9),
    }));
    let taken = hosts.place(&target, "rolava", &budget).await;
    let url: url::Url = format!("{}/files/a.pdf", publisher.base).parse().unwrap();
    let fetching = tokio::spawn({
        let (url, hosts, budget) = (url.clone(), hosts.clone(), budget.clone());
        async move {
            let limits = RequestLimits {
                hosts: &hosts,
                town: "lipnice",
                budget: &budget,
            };
            let timeout = Duration::from_secs(30);
            let none = Validators::default();
            let reply = conditional_get(&client, &url, "*/*", &none, timeout, Some(limits)).await;
            reply.map(drop)
        }
    });
    while publisher.asked("/files/a.pdf") == 0 {
        tokio::task::yield_now().await;
    }
    // It has left its place at the first host, and waits for one at the second.
    drop(hosts.place(&url, "rolava", &budget).await);
    assert_eq!(intranet.connections(), 0);
    drop(taken);
    fetching.await.unwrap().unwrap();
    assert_eq!(intranet.connections(), 1);
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test is a composition root of its own"
)]
fn client(resolver: Arc<dyn Resolve>) -> reqwest::Client {
    let builder = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .dns_resolver(resolver);
    builder.build().unwrap()
}
