//! A central service in memory, for tests.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use futures_util::{StreamExt as _, stream};
use tokio::sync::watch;
use vyveska_wire::assignment::Assignment;
use vyveska_wire::enrolment::{EnrolmentRefusal, EnrolmentRequest, EnrolmentToken};
use vyveska_wire::envelope::{Envelope, Message};
use vyveska_wire::event::ManifestAnnounced;
use vyveska_wire::keys::{DisplayId, KeyPair};
use vyveska_wire::manifest::{ContentHash, Manifest, entity_tag};
use vyveska_wire::now::Now;
use vyveska_wire::status::Status;
use vyveska_wire::survey::{AnswersTaken, SurveyAnswer, SurveyAnswers};

use super::client::{
    CentralClient, ClientError, ContentReply, NewsStream, NoReply, NoReplyCause, SignedReply,
};

/// [`CentralClient`] that answers from memory and can be made to fail.
#[derive(Debug, Clone)]
pub struct FakeCentralClient {
    held: Arc<Mutex<Held>>,
    announced: watch::Sender<ManifestAnnounced>,
}

#[derive(Debug)]
struct Held {
    key: KeyPair,
    now: DateTime<Utc>,
    /// Whom its signed time names; `None` as of older central services.
    display: Option<DisplayId>,
    manifest: Option<(u64, Vec<u8>)>,
    assignment: Option<(u64, Vec<u8>)>,
    content: HashMap<ContentHash, Vec<u8>>,
    unreachable: bool,
    without_etags: bool,
    if_none_match: Option<String>,
    replayed_nonce: Option<String>,
    cuts: VecDeque<Option<usize>>,
    stalled: HashSet<ContentHash>,
    asked: Vec<String>,
    answers: BTreeMap<(Option<String>, u64), SurveyAnswer>,
    acknowledgements_lost: bool,
    signs_beyond_held: bool,
    /// Whom it lets in after enrolment alone, and what comes of that.
    unknown: Option<Result<EnrolmentToken, EnrolmentRefusal>>,
    /// `None` as of older central services.
    statuses: Option<Vec<Status>>,
}

/// Signs a message anew, beyond the number in this entity tag, where that is larger than its own.
fn sign_beyond<M: Message>(
    signed: &mut (u64, Vec<u8>),
    tag: Option<&str>,
    key: &KeyPair,
    number: impl FnOnce(&mut M) -> &mut u64,
) {
    let held = tag.and_then(|tag| tag.trim_matches('"').parse::<u64>().ok());
    if let Some(held) = held.filter(|held| *held > signed.0) {
        let envelope = Envelope::from_bytes(&signed.1);
        let opened = envelope.and_then(|envelope| envelope.open(&key.public()));
        let mut message: M = opened.expect("what it offers is signed by its key");
        *number(&mut message) = held + 1;
        *signed = (held + 1, Envelope::seal(&message, key).to_bytes());
    }
}

impl FakeCentralClient {
    /// A central service that signs with `key` and whose time is `now`.
    pub fn new(key: KeyPair, now: DateTime<Utc>) -> Self {
        Self {
            held: Arc::new(Mutex::new(Held {
                key,
                now,
                display: None,
                manifest: None,
                assignment: None,
                content: HashMap::new(),
                unreachable: false,
                without_etags: false,
                if_none_match: None,
                replayed_nonce: None,
                cuts: VecDeque::new(),
                stalled: HashSet::new(),
                asked: Vec::new(),
                answers: BTreeMap::new(),
                acknowledgements_lost: false,
                signs_beyond_held: false,
                unknown: None,
                statuses: Some(Vec::new()),
            })),
            announced: watch::Sender::default(),
        }
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Offers bytes under a hash that need not be their own.
    pub fn put(&self, hash: ContentHash, bytes: &[u8]) {
        self.held().content.insert(hash, bytes.to_vec());
    }

    /// Stops offering bytes.
    pub fn remove(&self, hash: &ContentHash) {
        self.held().content.remove(hash);
    }

    /// Publishes a manifest, without announcing it.
    pub fn publish(&self, number: u64, envelope: &[u8]) {
        self.held().manifest = Some((number, envelope.to_vec()));
    }

    /// Assigns the display to a board.
    pub fn assign(&self, number: u64, envelope: &[u8]) {
        self.held().assignment = Some((number, envelope.to_vec()));
    }

    /// Announces the number of the newest manifest on the event streams.
    pub fn announce(&self) {
        let number = self
            .held()
            .manifest
            .as_ref()
            .map_or(0, |(number, _)| *number);
        self.send_event(ManifestAnnounced {
            number,
            ..ManifestAnnounced::default()
        });
    }

    /// Sends an event on the event streams.
    pub fn send_event(&self, announced: ManifestAnnounced) {
        self.announced.send_replace(announced);
    }

    pub fn set_now(&self, now: DateTime<Utc>) {
        self.held().now = now;
    }

    /// Addresses the signed time to this display.
    pub fn address_time_to(&self, display: DisplayId) {
        self.held().display = Some(display);
    }

    /// Cuts or restores the network.
    pub fn set_unreachable(&self, unreachable: bool) {
        self.held().unreachable = unreachable;
    }

    /// The `If-None-Match` of the last request for a manifest.
    pub fn if_none_match(&self) -> Option<String> {
        self.held().if_none_match.clone()
    }

    /// Leaves out `ETag`s, as some proxies do.
    pub fn leave_out_etags(&self) {
        self.held().without_etags = true;
    }

    /// Signs anew, with a larger number, what a display has with a larger number than is offered: as central does, whose
    /// database may be from a backup.
    pub fn sign_beyond_held(&self) {
        self.held().signs_beyond_held = true;
    }

    /// Replies to requests for the time with this nonce instead of theirs.
    pub fn replay_nonce(&self, nonce: &str) {
        self.held().replayed_nonce = Some(nonce.to_owned());
    }

    /// Cuts the next replies with content after this many bytes, in order; `None` leaves one whole.
    pub fn cut_next(&self, after_bytes: &[Option<usize>]) {
        self.held().cuts.extend(after_bytes);
    }

    /// While stalled, a reply with these bytes begins but never ends.
    pub fn set_stalled(&self, hash: &ContentHash, stalled: bool) {
        let mut held = self.held();
        if stalled {
            held.stalled.insert(*hash);
        } else {
            held.stalled.remove(hash);
        }
    }

    /// Accepts answers, but loses the acknowledgements.
    pub fn lose_acknowledgements(&self, lost: bool) {
        self.held().acknowledgements_lost = lost;
    }

    /// Knows the display no more until it enrols: with this token, or never.
    pub fn forget_display(&self, enrols: Result<EnrolmentToken, EnrolmentRefusal>) {
        self.held().unknown = Some(enrols);
    }

    /// The answers accepted so far, by outbox and number.
    pub fn answers(&self) -> BTreeMap<(Option<String>, u64), SurveyAnswer> {
        self.held().answers.clone()
    }

    /// Knows no statuses, as older central services.
    pub fn take_no_statuses(&self) {
        self.held().statuses = None;
    }

    /// The statuses so far.
    pub fn statuses(&self) -> Vec<Status> {
        self.held().statuses.clone().unwrap_or_default()
    }

    /// The requests so far, such as `content 12ab… from 100`.
    pub fn asked(&self) -> Vec<String> {
        self.held().asked.clone()
    }

    fn ask(&self, question: String) -> Result<MutexGuard<'_, Held>, ClientError> {
        let mut held = self.held();
        held.asked.push(question.clone());
        if held.unreachable {
            return Err(broken());
        }
        if held.unknown.is_some() && question != "enrolment" {
            return Err(ClientError::NotLetIn(403));
        }
        Ok(held)
    }
}

fn broken() -> ClientError {
    ClientError::Unreachable(NoReply {
        cause: NoReplyCause::NoConnection,
        words: "the network is cut".to_owned(),
    })
}

impl CentralClient for FakeCentralClient {
    async fn now(&self, _at: DateTime<Utc>, nonce: &str) -> Result<Vec<u8>, ClientError> {
        let held = self.ask("now".to_owned())?;
        let answer = Now {
            display: held.display.clone(),
            nonce: held.replayed_nonce.clone().unwrap_or(nonce.to_owned()),
            instant: held.now,
            manifest_number: held.manifest.as_ref().map_or(0, |(number, _)| *number),
            assignment_number: held.assignment.as_ref().map_or(0, |(number, _)| *number),
        };
        Ok(Envelope::seal(&answer, &held.key).to_bytes())
    }

    async fn manifest(
        &self,
        _at: DateTime<Utc>,
        if_none_match: Option<&str>,
    ) -> Result<SignedReply, ClientError> {
        let held = &mut *self.ask("manifest".to_owned())?;
        held.if_none_match = if_none_match.map(str::to_owned);
        if let Some(signed) = held.manifest.as_mut().filter(|_| held.signs_beyond_held) {
            sign_beyond(signed, if_none_match, &held.key, |one: &mut Manifest| {
                &mut one.number
            });
        }
        let Some((number, envelope)) = &held.manifest else {
            return Ok(SignedReply::NoneYet);
        };
        let etag = ContentHash::of(envelope).to_string();
        let tags = [etag.as_str(), &entity_tag(*number)];
        if if_none_match.is_some_and(|tag| tags.contains(&tag)) {
            return Ok(SignedReply::Unchanged);
        }
        Ok(SignedReply::Newest {
            etag: (!held.without_etags).then_some(etag),
            envelope: envelope.clone(),
        })
    }

    async fn assignment(
        &self,
        _at: DateTime<Utc>,
        if_none_match: Option<&str>,
    ) -> Result<SignedReply, ClientError> {
        let held = &mut *self.ask("assignment".to_owned())?;
        if let Some(signed) = held.assignment.as_mut().filter(|_| held.signs_beyond_held) {
            sign_beyond(signed, if_none_match, &held.key, |one: &mut Assignment| {
                &mut one.number
            });
        }
        let Some((number, envelope)) = &held.assignment else {
            return Ok(SignedReply::NoneYet);
        };
        let etag = entity_tag(*number);
        if if_none_match == Some(&etag) {
            return Ok(SignedReply::Unchanged);
        }
        Ok(SignedReply::Newest {
            etag: Some(etag),
            envelope: envelope.clone(),
        })
    }

    async fn content(
        &self,
        _at: DateTime<Utc>,
        hash: &ContentHash,
        offset: u64,
    ) -> Result<ContentReply, ClientError> {
        let mut held = self.ask(format!("content {hash} from {offset}"))?;
        let bytes = held.content.get(hash).ok_or(ClientError::NotFound)?;
        let start = usize::try_from(offset)
            .unwrap_or(usize::MAX)
            .min(bytes.len());
        let mut rest = bytes[start..].to_vec();
        let cut = held.cuts.pop_front().flatten();
        if let Some(cut) = cut {
            rest.truncate(cut);
        }
        let mut chunks: Vec<_> = rest.chunks(1000).map(|chunk| Ok(chunk.to_vec())).collect();
        if cut.is_some() {
            chunks.push(Err(broken()));
        }
        let body = if held.stalled.contains(hash) {
            stream::iter(chunks.into_iter().take(1))
                .chain(stream::pending())
                .boxed()
        } else {
            stream::iter(chunks).boxed()
        };
        Ok(ContentReply {
            offset: start as u64,
            body,
        })
    }

    async fn enrol(&self, _at: DateTime<Utc>, body: Vec<u8>) -> Result<(), ClientError> {
        let mut held = self.ask("enrolment".to_owned())?;
        let sent: EnrolmentRequest = serde_json::from_slice(&body)
            .map_err(|error| ClientError::Malformed(error.to_string()))?;
        match &held.unknown {
            Some(Err(refusal)) => return Err(ClientError::NotEnrolled(*refusal)),
            Some(Ok(token)) if *token != sent.token => {
                return Err(ClientError::NotEnrolled(EnrolmentRefusal::Unknown));
            }
            _ => {}
        }
        held.unknown = None;
        Ok(())
    }

    async fn send_answers(
        &self,
        _at: DateTime<Utc>,
        body: Vec<u8>,
    ) -> Result<Vec<u8>, ClientError> {
        let mut held = self.ask("answers".to_owned())?;
        let sent: SurveyAnswers = serde_json::from_slice(&body)
            .map_err(|error| ClientError::Malformed(error.to_string()))?;
        let mut up_to = 0;
        for numbered in sent.answers {
            up_to = up_to.max(numbered.number);
            held.answers
                .entry((sent.outbox.clone(), numbered.number))
                .or_insert(numbered.answer);
        }
        if held.acknowledgements_lost {
            return Err(broken());
        }
        Ok(serde_json::to_vec(&AnswersTaken { up_to }).expect("an acknowledgement serialises"))
    }

    async fn send_status(&self, _at: DateTime<Utc>, body: Vec<u8>) -> Result<(), ClientError> {
        let mut held = self.ask("status".to_owned())?;
        let status =
            Status::read(&body).map_err(|error| ClientError::Malformed(error.to_string()))?;
        let statuses = held.statuses.as_mut().ok_or(ClientError::NotFound)?;
        statuses.push(status);
        Ok(())
    }

    async fn events(&self, _at: DateTime<Utc>) -> Result<NewsStream, ClientError> {
        let _held = self.ask("events".to_owned())?;
        let mut announced = self.announced.subscribe();
        announced.mark_unchanged();
        let news = stream::unfold(announced, |mut announced| async move {
            announced.changed().await.ok()?;
            let event = announced.borrow_and_update().clone();
            Some((Ok(event), announced))
        });
        Ok(news.boxed())
    }
}
