//! Enrolment tokens: whoever has one can have new displays registered, with one board, for seven days, so many of them.
//!
//! The token alone decides the board. `[[boards.displays]]` registers nothing: it says what a display has of its own once
//! it is one of that board's, and moves a registered one there when its file is brought. So the list of a file, which
//! says nothing about who has the device, lets nobody in, and a token lets nobody in elsewhere.
//!
//! Neither does a token move a display that is registered with another board: whoever finds an enrolment file and a
//! terminal of another town would have that town's screen show theirs. Moving is for `provision`, which knows both towns.
//! The board's own display is let in again at no cost, also when the token is spent or has ended: its key says who it is.

use chrono::{DateTime, TimeDelta, Utc};
use vyveska_wire::enrolment::EnrolmentToken;

use crate::account::token::{self, new_token};
use crate::entropy::Entropy;
use crate::storage::{Actor, NewEnrolment, Storage, StorageError};

/// How long a token is good.
pub const VALID: TimeDelta = TimeDelta::days(7);

/// How many random bytes the id of a token has: it is typed to revoke it.
const ID_BYTES: usize = 5;

/// Makes a token for so many displays of a board, which has to be there.
///
/// # Errors
///
/// When storage fails.
pub async fn new_enrolment(
    storage: &dyn Storage,
    entropy: &dyn Entropy,
    (board, displays): (&str, u32),
    actor: Actor,
    now: DateTime<Utc>,
) -> Result<(NewEnrolment, EnrolmentToken), StorageError> {
    let token = new_token(entropy);
    let new = NewEnrolment {
        id: entropy.hex(ID_BYTES),
        token_hash: token::hash(&token).expect("a new token is one"),
        board: board.to_owned(),
        ends_at: now + VALID,
        displays,
    };
    let mut unit = storage.begin(actor, now).await?;
    unit.add_enrolment(&new).await?;
    unit.save().await?;
    let token = EnrolmentToken::new(token).expect("a new token is one");
    Ok((new, token))
}
