//! Sessions: how long they last.

use chrono::{DateTime, TimeDelta, Utc};
use vyveska_board::{ClockBounds, ClockTrust, DocumentHash};

use super::token::new_id;
use crate::entropy::Entropy;
use crate::storage::NewSession;

/// A session that is not used for so long has ended.
pub const IDLE: TimeDelta = TimeDelta::hours(1);

/// A session ends after this time however much it is used: a day's work.
pub const LONGEST: TimeDelta = TimeDelta::hours(12);

/// How long a browser is known after it has signed in.
const DEVICE_KNOWN: TimeDelta = TimeDelta::days(365);

/// How long a sign-in whose password was right waits for its code.
pub const PENDING: TimeDelta = TimeDelta::minutes(10);

/// The most letters that are kept of the name of a browser.
const USER_AGENT_LETTERS: usize = 200;

/// The time by which sessions, sign-ins and invitations end and attempts are counted: the later bound of the clock where it has
/// one, so that an unsure clock prolongs nothing, and else the earlier one, so that nobody is shut out for good.
pub const fn time(now: &ClockBounds) -> DateTime<Utc> {
    match now.trust {
        ClockTrust::Synchronised | ClockTrust::HoldingOver => now.latest,
        ClockTrust::Unknown => now.earliest,
    }
}

/// A session that begins now in a browser of this name, which has the token of this device from now on.
pub fn begin(
    token_hash: DocumentHash,
    device: DocumentHash,
    user_agent: &str,
    entropy: &dyn Entropy,
    now: DateTime<Utc>,
) -> NewSession {
    NewSession {
        id: new_id(entropy),
        token_hash,
        ends_at: now + LONGEST,
        user_agent: user_agent.chars().take(USER_AGENT_LETTERS).collect(),
        device,
        device_ends_at: now + DEVICE_KNOWN,
    }
}

/// The browser and system that a browser says it is, in two words; the interface has words for what is unknown.
pub fn device(user_agent: &str) -> Option<String> {
    let find = |names: &[(&str, &'static str)]| {
        let mut names = names.iter();
        names
            .find(|(mark, _)| user_agent.contains(mark))
            .map(|(_, name)| *name)
    };
    // Each also claims to be those after it.
    let browser = find(&[
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ])?;
    let system = find(&[
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("Linux", "Linux"),
    ]);
    Some(system.map_or_else(
        || browser.to_owned(),
        |system| format!("{browser}, {system}"),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_told_apart() {
        for (user_agent, expected) in [
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
                Some("Firefox, Linux"),
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0",
                Some("Edge, Windows"),
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18.0 Safari/604.1",
                Some("Safari, iPhone"),
            ),
            ("curl/8.0", None),
            ("", None),
        ] {
            assert_eq!(device(user_agent).as_deref(), expected, "{user_agent}");
        }
    }
}
