//! The network's cable, as far as the kiosk can tell: cut, it does what a cut cable does.

use chrono::{DateTime, Utc};
use futures_util::{Stream, StreamExt as _, stream};
use tokio::sync::watch;
use vyveska_wire::manifest::ContentHash;

use crate::sync::{
    CentralClient, ClientError, ContentAnswer, ManifestAnswer, NewsStream, NoAnswer, NoAnswerCause,
};

/// Cuts and mends.
#[derive(Debug, Clone)]
pub(in crate::app) struct Cable {
    cut: watch::Sender<bool>,
}

impl Cable {
    /// A whole one.
    pub(in crate::app) fn new() -> Self {
        Self {
            cut: watch::Sender::new(false),
        }
    }

    /// Puts it between the kiosk and central.
    pub(in crate::app) fn lay<C>(&self, client: C) -> CableClient<C> {
        CableClient {
            client,
            cable: self.clone(),
        }
    }

    pub(super) fn cut(&self, cut: bool) {
        self.cut.send_replace(cut);
    }

    pub(super) fn is_cut(&self) -> bool {
        *self.cut.borrow()
    }

    /// The answer, or what a cut cable leaves of it.
    async fn carry<T>(
        &self,
        answer: impl Future<Output = Result<T, ClientError>>,
    ) -> Result<T, ClientError> {
        tokio::select! {
            biased;
            () = self.broken() => Err(gone()),
            answer = answer => answer,
        }
    }

    /// What comes, until the cable is cut.
    fn carry_stream<T: Send + 'static>(
        &self,
        items: impl Stream<Item = Result<T, ClientError>> + Send + 'static,
    ) -> impl Stream<Item = Result<T, ClientError>> + Send + 'static {
        let cable = self.clone();
        let broken = async move { cable.broken().await };
        let cable = self.clone();
        let torn = stream::once(async move { cable.is_cut().then(|| Err(gone())) })
            .filter_map(std::future::ready);
        items.take_until(Box::pin(broken)).chain(torn)
    }

    async fn broken(&self) {
        // Fails only when the sender is gone, and that is `self`.
        let _ = self.cut.subscribe().wait_for(|cut| *cut).await;
    }
}

fn gone() -> ClientError {
    ClientError::Unreachable(NoAnswer {
        cause: NoAnswerCause::NoConnection,
        words: "the cable is cut".to_owned(),
    })
}

/// Central at the end of a cable.
#[derive(Debug, Clone)]
pub(in crate::app) struct CableClient<C> {
    client: C,
    cable: Cable,
}

impl<C: CentralClient> CentralClient for CableClient<C> {
    async fn now(&self, at: DateTime<Utc>, nonce: &str) -> Result<Vec<u8>, ClientError> {
        self.cable.carry(self.client.now(at, nonce)).await
    }

    async fn manifest(
        &self,
        at: DateTime<Utc>,
        if_none_match: Option<&str>,
    ) -> Result<ManifestAnswer, ClientError> {
        self.cable
            .carry(self.client.manifest(at, if_none_match))
            .await
    }

    async fn content(
        &self,
        at: DateTime<Utc>,
        hash: &ContentHash,
        offset: u64,
    ) -> Result<ContentAnswer, ClientError> {
        let answer = self
            .cable
            .carry(self.client.content(at, hash, offset))
            .await?;
        Ok(ContentAnswer {
            offset: answer.offset,
            body: Box::pin(self.cable.carry_stream(answer.body)),
        })
    }

    async fn send_answers(&self, at: DateTime<Utc>, body: Vec<u8>) -> Result<Vec<u8>, ClientError> {
        self.cable.carry(self.client.send_answers(at, body)).await
    }

    async fn events(&self, at: DateTime<Utc>) -> Result<NewsStream, ClientError> {
        let news = self.cable.carry(self.client.events(at)).await?;
        Ok(Box::pin(self.cable.carry_stream(news)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_on_its_way_stops_where_the_cable_is_cut() {
        let cable = Cable::new();
        let endless = stream::unfold(0, |n: u32| async move { Some((Ok(n), n + 1)) });
        let mut carried = Box::pin(cable.carry_stream(endless));
        assert_eq!(carried.next().await, Some(Ok(0)));
        cable.cut(true);
        assert_eq!(carried.next().await, Some(Err(gone())));
        assert_eq!(carried.next().await, None);
    }

    #[tokio::test]
    async fn an_end_is_an_end_while_the_cable_is_whole() {
        let cable = Cable::new();
        let carried: Vec<_> = cable.carry_stream(stream::iter([Ok(1)])).collect().await;
        assert_eq!(carried, [Ok(1)]);
    }

    #[tokio::test]
    async fn no_answer_comes_through_a_cut_cable() {
        let cable = Cable::new();
        let ask = || cable.carry(async { Ok(7) });
        assert_eq!(ask().await, Ok(7));
        cable.cut(true);
        assert_eq!(ask().await, Err(gone()));
        cable.cut(false);
        assert_eq!(ask().await, Ok(7));
    }
}
