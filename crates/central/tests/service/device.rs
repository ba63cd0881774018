//! A simulated display: every request carries its signed token.

use chrono::{DateTime, Utc};
use reqwest::{Method, RequestBuilder, Response};
use serde::de::DeserializeOwned;
use vyveska_board::Clock as _;
use vyveska_wire::assignment::Assignment;
use vyveska_wire::envelope::Envelope;
use vyveska_wire::keys::{DisplayId, KeyPair};
use vyveska_wire::manifest::{ContentHash, ContentRef, Manifest};
use vyveska_wire::section::NoticesSection;
use vyveska_wire::token::{self, RequestBinding};

use crate::town::Town;

pub(crate) struct Device<'a> {
    pub(crate) town: &'a Town,
    pub(crate) key: KeyPair,
}

impl<'a> Device<'a> {
    pub(crate) fn new(town: &'a Town, seed: u8) -> Self {
        let key = KeyPair::from_seed(&[seed; 32]);
        Self { town, key }
    }

    pub(crate) fn id(&self) -> DisplayId {
        self.key.public().id()
    }

    /// A POST whose token is bound to `body`, without the body itself.
    pub(crate) fn posting(&self, path: &str, body: &[u8]) -> RequestBuilder {
        let path = format!("{}/{path}", vyveska_wire::DISPLAY_API);
        let binding = RequestBinding {
            method: "POST",
            path_and_query: &path,
            body,
        };
        let token = token::issue(&self.key, binding, self.town.clock.now().earliest);
        let url = self.town.central.url().join(&path).unwrap();
        self.town.http.request(Method::POST, url).bearer_auth(token)
    }

    pub(crate) async fn post(&self, path: &str, body: Vec<u8>) -> Response {
        let request = self.posting(path, &body);
        request.body(body).send().await.unwrap()
    }

    /// A request dated by `now`.
    pub(crate) fn request_at(&self, path: &str, now: DateTime<Utc>) -> RequestBuilder {
        let path = format!("{}/{path}", vyveska_wire::DISPLAY_API);
        let binding = RequestBinding {
            method: "GET",
            path_and_query: &path,
            body: b"",
        };
        let token = token::issue(&self.key, binding, now);
        let url = self.town.central.url().join(&path).unwrap();
        self.town.http.request(Method::GET, url).bearer_auth(token)
    }

    pub(crate) fn request(&self, path: &str) -> RequestBuilder {
        self.request_at(path, self.town.clock.now().earliest)
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.request(path).send().await.unwrap()
    }

    /// The manifest, verified.
    pub(crate) async fn manifest(&self) -> Manifest {
        let response = self.get("manifest").await;
        assert_eq!(response.status(), 200);
        let bytes = response.bytes().await.unwrap();
        let envelope = Envelope::from_bytes(&bytes).unwrap();
        envelope.open(&self.town.central.public_key()).unwrap()
    }

    /// What is the device's own, verified.
    pub(crate) async fn assignment(&self) -> Assignment {
        let response = self.get("assignment").await;
        assert_eq!(response.status(), 200);
        let envelope = Envelope::from_bytes(&response.bytes().await.unwrap()).unwrap();
        envelope.open(&self.town.central.public_key()).unwrap()
    }

    /// Bytes by hash, verified.
    pub(crate) async fn content(&self, content: ContentRef) -> Vec<u8> {
        let response = self.get(&format!("content/{}", content.hash)).await;
        assert_eq!(response.status(), 200);
        let bytes = response.bytes().await.unwrap().to_vec();
        assert_eq!(ContentHash::of(&bytes), content.hash);
        assert_eq!(bytes.len() as u64, content.size_bytes);
        bytes
    }

    pub(crate) async fn section<T: DeserializeOwned>(&self, section: ContentRef) -> T {
        serde_json::from_slice(&self.content(section).await).unwrap()
    }

    pub(crate) async fn notices(&self) -> NoticesSection {
        let manifest = self.manifest().await;
        self.section(manifest.sections.notices).await
    }
}

/// The status and the machine-readable error code of a refusal.
pub(crate) async fn refusal(response: Response) -> (u16, String) {
    let status = response.status().as_u16();
    let body: serde_json::Value = response.json().await.unwrap();
    assert!(
        body["message"]
            .as_str()
            .is_some_and(|text| !text.is_empty())
    );
    (status, body["error"].as_str().unwrap().to_owned())
}
