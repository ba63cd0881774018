//! Sends answers to surveys, and removes them when central has acknowledged them.

use std::sync::Arc;

use tracing::{debug, warn};
use vyveska_wire::survey::{AnswersTaken, MAX_ANSWERS};

use super::client::{CentralClient, ClientError};
use super::{Interrupted, Shared, blocking};
use crate::store::StoreError;

/// The most batches in one round, so that a year of answers does not delay the next question for the board.
const MOST_BATCHES: usize = 10;

#[derive(Debug, thiserror::Error)]
enum SendError {
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Interrupted(#[from] Interrupted),
}

/// Sends the stored answers. A failure is only logged: the answers stay, and no board waits for them.
pub(super) async fn send_waiting<C: CentralClient>(shared: &Arc<Shared<C>>) {
    for _ in 0..MOST_BATCHES {
        match send_batch(shared).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(SendError::Client(error)) => {
                debug!(%error, "answers wait for the next round");
                return;
            }
            Err(error) => {
                warn!(%error, "answers cannot be sent");
                return;
            }
        }
    }
}

/// Sends one batch; true when there may be more.
async fn send_batch<C: CentralClient>(shared: &Arc<Shared<C>>) -> Result<bool, SendError> {
    let outbox = Arc::clone(&shared.outbox);
    let Some(batch) = blocking(move || outbox.waiting_answers(MAX_ANSWERS)).await?? else {
        return Ok(false);
    };
    let Some(last) = batch.answers.last().map(|answer| answer.number) else {
        return Ok(false);
    };
    let body = serde_json::to_vec(&batch).expect("answers serialise");
    let at = shared.time.now();
    let reply = shared.client.send_answers(at, body).await?;
    let taken: AnswersTaken = serde_json::from_slice(&reply)
        .map_err(|error| ClientError::Malformed(error.to_string()))?;
    // Never more than was sent, whatever central acknowledges.
    let up_to = taken.up_to.min(last);
    let outbox = Arc::clone(&shared.outbox);
    blocking(move || outbox.acknowledge(batch.outbox.as_deref(), up_to)).await??;
    Ok(up_to == last)
}
