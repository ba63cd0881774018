//! Simulates a cut network connection for the kiosk.

use chrono::{DateTime, Utc};
use futures_util::{Stream, StreamExt as _, stream};
use tokio::sync::watch;
use vyveska_wire::manifest::ContentHash;

use crate::sync::{
    CentralClient, ClientError, ContentReply, NewsStream, NoReply, NoReplyCause, SignedReply,
};

/// Cuts and restores the connection. Clones share one state.
#[derive(Debug, Clone)]
pub(in crate::app) struct NetworkFault {
    cut: watch::Sender<bool>,
}

impl NetworkFault {
    pub(in crate::app) fn new() -> Self {
        Self {
            cut: watch::Sender::new(false),
        }
    }

    /// Wraps a client so that its requests fail while the network is cut.
    pub(in crate::app) fn wrap<C>(&self, client: C) -> FaultyClient<C> {
        FaultyClient {
            client,
            network_fault: self.clone(),
        }
    }

    pub(super) fn cut(&self, cut: bool) {
        self.cut.send_replace(cut);
    }

    pub(super) fn is_cut(&self) -> bool {
        *self.cut.borrow()
    }

    /// Returns the answer, or an error once the network is cut.
    async fn until_cut<T>(
        &self,
        answer: impl Future<Output = Result<T, ClientError>>,
    ) -> Result<T, ClientError> {
        tokio::select! {
            biased;
            () = self.wait_until_cut() => Err(cut_off()),
            answer = answer => answer,
        }
    }

    /// Passes a stream on until the network is cut, and ends it with an error then.
    fn stream_until_cut<T: Send + 'static>(
        &self,
        items: impl Stream<Item = Result<T, ClientError>> + Send + 'static,
    ) -> impl Stream<Item = Result<T, ClientError>> + Send + 'static {
        let network_fault = self.clone();
        let cut = async move { network_fault.wait_until_cut().await };
        let network_fault = self.clone();
        let error = stream::once(async move { network_fault.is_cut().then(|| Err(cut_off())) })
            .filter_map(std::future::ready);
        items.take_until(Box::pin(cut)).chain(error)
    }

    async fn wait_until_cut(&self) {
        // Fails only when the sender is gone, and that is `self`.
        let _ = self.cut.subscribe().wait_for(|cut| *cut).await;
    }
}

fn cut_off() -> ClientError {
    ClientError::Unreachable(NoReply {
        cause: NoReplyCause::NoConnection,
        words: "the network is cut".to_owned(),
    })
}

/// A client whose network can be cut.
#[derive(Debug, Clone)]
pub(in crate::app) struct FaultyClient<C> {
    client: C,
    network_fault: NetworkFault,
}

impl<C: CentralClient> CentralClient for FaultyClient<C> {
    async fn now(&self, at: DateTime<Utc>, nonce: &str) -> Result<Vec<u8>, ClientError> {
        self.network_fault
            .until_cut(self.client.now(at, nonce))
            .await
    }

    async fn manifest(
        &self,
        at: DateTime<Utc>,
        if_none_match: Option<&str>,
    ) -> Result<SignedReply, ClientError> {
        self.network_fault
            .until_cut(self.client.manifest(at, if_none_match))
            .await
    }

    async fn assignment(
        &self,
        at: DateTime<Utc>,
        if_none_match: Option<&str>,
    ) -> Result<SignedReply, ClientError> {
        self.network_fault
            .until_cut(self.client.assignment(at, if_none_match))
            .await
    }

    async fn content(
        &self,
        at: DateTime<Utc>,
        hash: &ContentHash,
        offset: u64,
    ) -> Result<ContentReply, ClientError> {
        let answer = self
            .network_fault
            .until_cut(self.client.content(at, hash, offset))
            .await?;
        Ok(ContentReply {
            offset: answer.offset,
            body: Box::pin(self.network_fault.stream_until_cut(answer.body)),
        })
    }

    async fn enrol(&self, at: DateTime<Utc>, body: Vec<u8>) -> Result<(), ClientError> {
        self.network_fault
            .until_cut(self.client.enrol(at, body))
            .await
    }

    async fn send_answers(&self, at: DateTime<Utc>, body: Vec<u8>) -> Result<Vec<u8>, ClientError> {
        self.network_fault
            .until_cut(self.client.send_answers(at, body))
            .await
    }

    async fn send_status(&self, at: DateTime<Utc>, body: Vec<u8>) -> Result<(), ClientError> {
        self.network_fault
            .until_cut(self.client.send_status(at, body))
            .await
    }

    async fn events(&self, at: DateTime<Utc>) -> Result<NewsStream, ClientError> {
        let news = self.network_fault.until_cut(self.client.events(at)).await?;
        Ok(Box::pin(self.network_fault.stream_until_cut(news)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_stream_ends_with_an_error_when_the_network_is_cut() {
        let network_fault = NetworkFault::new();
        let endless = stream::unfold(0, |n: u32| async move { Some((Ok(n), n + 1)) });
        let mut carried = Box::pin(network_fault.stream_until_cut(endless));
        assert_eq!(carried.next().await, Some(Ok(0)));
        network_fault.cut(true);
        assert_eq!(carried.next().await, Some(Err(cut_off())));
        assert_eq!(carried.next().await, None);
    }

    #[tokio::test]
    async fn a_stream_ends_normally_while_the_network_is_up() {
        let network_fault = NetworkFault::new();
        let carried: Vec<_> = network_fault
            .stream_until_cut(stream::iter([Ok(1)]))
            .collect()
            .await;
        assert_eq!(carried, [Ok(1)]);
    }

    #[tokio::test]
    async fn no_answer_arrives_while_the_network_is_cut() {
        let network_fault = NetworkFault::new();
        let ask = || network_fault.until_cut(async { Ok(7) });
        assert_eq!(ask().await, Ok(7));
        network_fault.cut(true);
        assert_eq!(ask().await, Err(cut_off()));
        network_fault.cut(false);
        assert_eq!(ask().await, Ok(7));
    }
}
