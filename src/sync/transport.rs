//! A proxy and a certificate authority of the town, on the way to central.
//!
//! Both only carry bytes. What is shown is decided by central's signature, which neither can forge.

use reqwest::{Certificate, ClientBuilder, Proxy};

use super::client::{ClientError, NoReply, NoReplyCause};
use super::http::HttpClients;
use crate::state::service_mode::Transport;

/// HTTP clients for this transport, on builders from the composition root.
///
/// # Errors
///
/// When the proxy or the certificate is not usable.
pub fn clients_through(
    builder: impl Fn() -> ClientBuilder,
    transport: &Transport,
) -> Result<HttpClients, ClientError> {
    let refused = |cause, error: reqwest::Error| {
        ClientError::Unreachable(NoReply {
            cause,
            words: error.to_string(),
        })
    };
    let proxy = transport
        .proxy
        .as_ref()
        .map(|proxy| Proxy::all(proxy.as_str()))
        .transpose()
        .map_err(|error| refused(NoReplyCause::Proxy, error))?;
    let authority = transport
        .authority
        .as_ref()
        .map(|authority| Certificate::from_pem_bundle(authority.pem().as_bytes()))
        .transpose()
        .map_err(|error| refused(NoReplyCause::Authority, error))?
        .unwrap_or_default();
    let clients = HttpClients::build(|| {
        let mut builder = builder().tls_certs_merge(authority.clone());
        if let Some(proxy) = proxy.clone() {
            builder = builder.proxy(proxy);
        }
        builder
    });
    clients.map_err(|error| match error {
        // The certificate is parsed fully only here.
        ClientError::Unreachable(reason) if !authority.is_empty() => {
            ClientError::Unreachable(NoReply {
                cause: NoReplyCause::Authority,
                ..reason
            })
        }
        error => error,
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;
    use tokio_rustls::TlsAcceptor;
    use tokio_rustls::rustls::ServerConfig;
    use tokio_rustls::rustls::pki_types::pem::PemObject as _;
    use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

    use super::*;
    use crate::device::authority_of;
    use crate::store::samples;
    use crate::sync::{CentralClient as _, HttpCentralClient, SignedReply};

    const AUTHORITY: &[u8] = include_bytes!("../../tests/fixtures/tls/authority.pem");
    const SERVER: &[u8] = include_bytes!("../../tests/fixtures/tls/server.pem");
    const KEY: &[u8] = include_bytes!("../../tests/fixtures/tls/server.key.pem");

    /// A central that has no board for anybody, behind a certificate of the test's own authority.
    async fn central() -> u16 {
        let chain = vec![CertificateDer::from_pem_slice(SERVER).unwrap()];
        let key = PrivateKeyDer::from_pem_slice(KEY).unwrap();
        let config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    // A client that does not trust us disconnects.
                    let Ok(mut stream) = acceptor.accept(stream).await else {
                        return;
                    };
                    answer(&mut stream).await;
                });
            }
        });
        port
    }

    async fn answer(stream: &mut (impl tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin)) {
        let mut request = Vec::new();
        let mut byte = [0];
        while !request.ends_with(b"\r\n\r\n") {
            stream.read_exact(&mut byte).await.unwrap();
            request.push(byte[0]);
        }
        let answer = b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";
        stream.write_all(answer).await.unwrap();
        stream.shutdown().await.unwrap();
    }

    async fn ask(base: &str, transport: &Transport) -> Result<SignedReply, ClientError> {
        #[expect(
            clippy::disallowed_methods,
            reason = "a test is its own composition root"
        )]
        let clients = clients_through(reqwest::Client::builder, transport)?;
        let base = base.parse().unwrap();
        let client =
            HttpCentralClient::new(clients, base, Arc::new(samples::device())).allow_http();
        client
            .manifest("2026-11-21T12:00:00Z".parse().unwrap(), None)
            .await
    }

    #[tokio::test]
    async fn a_central_behind_the_towns_own_authority_is_reached_once_that_is_trusted() {
        let base = format!("https://localhost:{}/", central().await);
        let distrusted = ask(&base, &Transport::default()).await;
        assert!(
            matches!(&distrusted, Err(ClientError::Unreachable(reason)) if reason.cause == NoReplyCause::Untrusted),
            "{distrusted:?}"
        );
        let trusting = Transport {
            proxy: None,
            authority: Some(authority_of(AUTHORITY).unwrap()),
        };
        assert_eq!(ask(&base, &trusting).await, Ok(SignedReply::NoneYet));
    }

    #[tokio::test]
    async fn a_proxy_carries_what_is_asked() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let proxy = listener.local_addr().unwrap();
        let asked = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            answer(&mut stream).await;
        });
        let through = Transport {
            proxy: Some(format!("http://{proxy}")),
            authority: None,
        };
        // A name that only the proxy could resolve.
        let answer = ask("http://central.obec.invalid/", &through).await;
        assert_eq!(answer, Ok(SignedReply::NoneYet));
        asked.await.unwrap();
    }

    #[tokio::test]
    async fn causes_of_failure_are_distinguished() {
        let cause = |answer| match answer {
            Err(ClientError::Unreachable(reason)) => reason.cause,
            other => panic!("{other:?}"),
        };
        // No resolver asks anybody for a name with a part this long.
        let nobody = format!("http://{}.invalid/", "a".repeat(64));
        let plain = Transport::default();
        assert_eq!(cause(ask(&nobody, &plain).await), NoReplyCause::UnknownName);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let shut = format!("http://{}/", listener.local_addr().unwrap());
        drop(listener);
        assert_eq!(cause(ask(&shut, &plain).await), NoReplyCause::NoConnection);
        let strange = Transport {
            proxy: Some("http://".to_owned()),
            authority: None,
        };
        assert_eq!(cause(ask(&shut, &strange).await), NoReplyCause::Proxy);
    }

    #[test]
    fn what_is_no_certificate_is_refused_before_anything_is_asked() {
        let strange = Transport {
            proxy: None,
            authority: crate::state::service_mode::Authority::new(
                "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".to_owned(),
                String::new(),
            ),
        };
        #[expect(
            clippy::disallowed_methods,
            reason = "a test is its own composition root"
        )]
        let refused = clients_through(reqwest::Client::builder, &strange);
        assert!(
            matches!(&refused, Err(ClientError::Unreachable(reason)) if reason.cause == NoReplyCause::Authority),
            "{refused:?}"
        );
    }
}
