//! One HTTP/1.1 connection, made by hand: a pool would hide how many there are, and cost many times the memory.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper::header::{ACCEPT, AUTHORIZATION, HOST, IF_NONE_MATCH, USER_AGENT};
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use url::Url;
use vyveska_wire::DISPLAY_API;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// For the head of an answer, and for a whole small answer.
pub(crate) const ANSWER_TIMEOUT: Duration = Duration::from_secs(20);

/// The receive buffer of a display that is slow; the system doubles it.
const SLOW_BUFFER_BYTES: u32 = 4096;

#[derive(Debug, thiserror::Error)]
pub(crate) enum RequestError {
    #[error("no connection: {0}")]
    Connect(#[source] std::io::Error),
    #[error("the connection broke: {0}")]
    Broken(#[source] hyper::Error),
    #[error("it took too long")]
    Timeout,
    #[error("central answered with status {0}")]
    Status(u16),
    #[error("the answer is longer than {0} bytes")]
    TooLong(u64),
}

/// Where central is.
#[derive(Debug, Clone)]
pub(crate) struct Central {
    address: SocketAddr,
    host: String,
    /// The path of the display interface, without a slash at its end.
    path: String,
}

impl Central {
    /// `None` for an address that is not one of plain HTTP.
    pub(crate) fn at(url: &Url) -> std::io::Result<Option<Self>> {
        let Some(host) = url.host_str().filter(|_| url.scheme() == "http") else {
            return Ok(None);
        };
        let host = match url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        };
        let address = url.socket_addrs(|| None)?.into_iter().next();
        let path = format!("{}{DISPLAY_API}", url.path().trim_end_matches('/'));
        Ok(address.map(|address| Self {
            address,
            host,
            path,
        }))
    }

    /// The path of a request as it stands in its first line.
    pub(crate) fn path(&self, below: &str) -> String {
        format!("{}/{below}", self.path)
    }

    /// The address that a display connects from, where it may choose one.
    fn own_address(&self, index: u32) -> Option<Ipv4Addr> {
        let is_loopback = matches!(self.address.ip(), IpAddr::V4(ip) if ip.is_loopback());
        let [high, middle, low, lowest] = index.to_be_bytes();
        let is_possible = is_loopback && high == 0 && middle < u8::MAX;
        is_possible.then(|| Ipv4Addr::new(127, middle + 1, low, lowest))
    }
}

/// A request as it is sent, whether or not that is right.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sent {
    pub(crate) method: Method,
    pub(crate) path_and_query: String,
    pub(crate) token: Option<String>,
    /// The tag of what the display has.
    pub(crate) held: Option<String>,
    pub(crate) body: Bytes,
}

pub(crate) struct Connection {
    sender: SendRequest<Full<Bytes>>,
    host: String,
    pace: Pace,
}

impl Connection {
    /// Connects as the display with this index.
    pub(crate) async fn open(
        central: &Central,
        index: u32,
        pace: Pace,
    ) -> Result<Self, RequestError> {
        let stream = timeout(CONNECT_TIMEOUT, connect(central, index, pace)).await;
        let stream = stream
            .map_err(|_| RequestError::Timeout)?
            .map_err(RequestError::Connect)?;
        let handshake = http1::handshake(TokioIo::new(stream)).await;
        let (sender, connection) = handshake.map_err(RequestError::Broken)?;
        // It ends with the sender and the body of the answer; what breaks it is seen there.
        tokio::spawn(async move { drop(connection.await) });
        Ok(Self {
            sender,
            host: central.host.clone(),
            pace,
        })
    }

    /// Sends a request, and waits for the head of the answer, whatever its status.
    pub(crate) async fn send(&mut self, sent: Sent) -> Result<Response<Incoming>, RequestError> {
        let mut request = Request::builder()
            .method(sent.method)
            .uri(sent.path_and_query)
            .header(HOST, &self.host)
            .header(
                USER_AGENT,
                concat!("vyveska-fleet/", env!("CARGO_PKG_VERSION")),
            )
            .header(ACCEPT, "*/*");
        if let Some(token) = sent.token {
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        if let Some(held) = sent.held {
            request = request.header(IF_NONE_MATCH, held);
        }
        let request = request
            .body(Full::new(sent.body))
            .expect("paths and tokens have no characters that a request may not have");
        let answer = async {
            self.sender.ready().await?;
            self.sender.send_request(request).await
        };
        match timeout(ANSWER_TIMEOUT, answer).await {
            Ok(answer) => answer.map_err(RequestError::Broken),
            Err(_) => Err(RequestError::Timeout),
        }
    }

    /// The body of an answer, at the display's pace.
    pub(crate) async fn whole(
        &self,
        answer: Response<Incoming>,
        limit: u64,
    ) -> Result<Vec<u8>, RequestError> {
        let mut body = answer.into_body();
        let mut bytes = Vec::new();
        while let Some(frame) = timeout(ANSWER_TIMEOUT, body.frame())
            .await
            .map_err(|_| RequestError::Timeout)?
        {
            let Ok(data) = frame.map_err(RequestError::Broken)?.into_data() else {
                continue;
            };
            bytes.extend_from_slice(&data);
            if bytes.len() as u64 > limit {
                return Err(RequestError::TooLong(limit));
            }
            self.pace.taken(data.len()).await;
        }
        Ok(bytes)
    }
}

async fn connect(central: &Central, index: u32, pace: Pace) -> std::io::Result<TcpStream> {
    let socket = match central.address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    if pace.0.is_some() {
        socket.set_recv_buffer_size(SLOW_BUFFER_BYTES)?;
    }
    if let Some(own) = central.own_address(index) {
        socket.bind((own, 0).into())?;
    }
    let stream = socket.connect(central.address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// How fast a display takes what comes, in bytes a second; at once without a number.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Pace(pub(crate) Option<u32>);

impl Pace {
    pub(crate) async fn taken(self, bytes: usize) {
        if let Some(speed) = self.0 {
            let time = Duration::from_secs(bytes as u64) / speed.max(1);
            tokio::time::sleep(time).await;
        }
    }
}
