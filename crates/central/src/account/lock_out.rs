//! How long failed attempts to sign in lock out: longer with each, by account and by network of the client.
//!
//! A password is counted for each network by itself, so that nobody keeps somebody else out from elsewhere, and for all
//! networks together, of which whoever guesses may have many.
//!
//! A browser that has signed in to an account before counts by itself, so that nobody else keeps it out.
//!
//! Addresses that nobody has are counted as well, so that nothing tells which there are. Of an address only the hash is
//! stored.

use chrono::{DateTime, TimeDelta, Utc};
use vyveska_board::DocumentHash;

use crate::storage::{CountedFailure, LockOut};

/// Failures that an account has before it locks out, an address from all networks together, and a network, behind which
/// there may be a whole office.
const FREE_OF_ACCOUNT: u32 = 5;
const FREE_OF_ADDRESS: u32 = 100;
const FREE_OF_NETWORK: u32 = 30;

/// How long the first further failure locks out; each one after it twice as long.
const FIRST: TimeDelta = TimeDelta::seconds(30);

/// The longest: whoever fails on purpose keeps somebody else out for no longer.
const LONGEST: TimeDelta = TimeDelta::minutes(15);

fn delay(failures: u32, free: u32) -> TimeDelta {
    let Some(further) = failures.checked_sub(free) else {
        return TimeDelta::zero();
    };
    let doubled = FIRST.checked_mul(1 << further.min(16));
    doubled.map_or(LONGEST, |delay| delay.min(LONGEST))
}

/// Of the password of whoever has this address, typed in this network.
pub fn of_password(email: &str, network: &str) -> LockOut {
    let hash = DocumentHash::of(email.as_bytes());
    LockOut {
        subject: format!("password {hash} {network}"),
        delay: |failures| delay(failures, FREE_OF_ACCOUNT),
    }
}

/// Of the password of whoever has this address, typed anywhere.
pub fn of_address(email: &str) -> LockOut {
    let hash = DocumentHash::of(email.as_bytes());
    LockOut {
        subject: format!("password {hash}"),
        delay: |failures| delay(failures, FREE_OF_ADDRESS),
    }
}

/// Of the password of whoever has this address, typed in a browser that has signed in to their account before.
pub fn of_known_password(email: &str, device: DocumentHash) -> LockOut {
    of_password(email, &device.to_string())
}

/// Of the code of an account, typed in a browser that has signed in to it before.
pub fn of_known_code(account: &str, device: DocumentHash) -> LockOut {
    of_code(&format!("{account} {device}"))
}

/// Of the own password of whoever has signed in.
pub fn of_own_password(account: &str) -> LockOut {
    LockOut {
        subject: format!("own password {account}"),
        delay: |failures| delay(failures, FREE_OF_ACCOUNT),
    }
}

/// Of the code of an account.
pub fn of_code(account: &str) -> LockOut {
    LockOut {
        subject: format!("code {account}"),
        delay: |failures| delay(failures, FREE_OF_ACCOUNT),
    }
}

/// Of a network of clients.
pub fn of_network(network: &str) -> LockOut {
    LockOut {
        subject: format!("network {network}"),
        delay: |failures| delay(failures, FREE_OF_NETWORK),
    }
}

/// Whether failures are told in the audit log: the first one of a subject and each that locks out, but not every one, so
/// that nobody fills the disk with them. With until when they lock out, where they do.
pub fn told(counted: &[CountedFailure]) -> Option<Option<DateTime<Utc>>> {
    let locked_until = counted.iter().filter_map(|one| one.locked_until).max();
    let is_first = counted.iter().any(|one| one.failures == 1);
    (is_first || locked_until.is_some()).then_some(locked_until)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delay_grows_to_a_quarter_of_an_hour() {
        let seconds = [1, 4, 5, 6, 7, 9, 10, 11, 100, u32::MAX]
            .map(|failures| delay(failures, FREE_OF_ACCOUNT).num_seconds());
        assert_eq!(seconds, [0, 0, 30, 60, 120, 480, 900, 900, 900, 900]);
    }
}
