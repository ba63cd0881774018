//! Accounts, sessions, invitations and what is told of them.

use chrono::{DateTime, TimeDelta, Utc};
use vyveska_board::DocumentHash;
use vyveska_central_storage::{
    AcceptedInvitation, Actor, Attempt, AuditFilter, CountedFailure, Credentials, FailedSignIn,
    Grant, Invitation, LockOut, NewInvitation, NewSession, Role, Scope, ServiceStorage, SignedIn,
    Storage, StorageError,
};

use super::boards::{board, save};
use super::displays::{key, register};
use super::{start, storage};

const IDLE: TimeDelta = TimeDelta::hours(1);

fn hash(token: &str) -> DocumentHash {
    DocumentHash::of(token.as_bytes())
}

fn grant(role: Role, town: Option<&str>) -> Grant {
    Grant::new(role, town.map(str::to_owned)).unwrap()
}

fn invitation(token: &str, grant: Grant) -> NewInvitation {
    NewInvitation {
        invitation: Invitation {
            id: format!("invitation {token}"),
            email: format!("{token}@lipnice.example"),
            grant,
            language: "cs".to_owned(),
            account: None,
            ends_at: start() + TimeDelta::days(7),
        },
        token_hash: hash(token),
    }
}

fn accepted(name: &str) -> AcceptedInvitation {
    AcceptedInvitation {
        account: format!("account {name}"),
        email: format!("{name}@jinde.example"),
        name: name.to_owned(),
        password_hash: format!("hash of {name}"),
    }
}

fn new_session(token: &str) -> NewSession {
    NewSession {
        id: format!("session {token}"),
        token_hash: hash(token),
        ends_at: start() + TimeDelta::hours(12),
        user_agent: "Firefox".to_owned(),
        device: hash("device"),
        device_ends_at: start() + TimeDelta::days(365),
    }
}

async fn accept(
    storage: &dyn ServiceStorage,
    token: &str,
    name: &str,
    now: DateTime<Utc>,
) -> Result<bool, StorageError> {
    let accepted = accepted(name);
    storage.accept_invitation(hash(token), &accepted, now).await
}

async fn known(storage: &dyn ServiceStorage, name: &str) -> Credentials {
    let email = format!("{name}@lipnice.example");
    storage.credentials(&email).await.unwrap().unwrap()
}

async fn begin(storage: &dyn ServiceStorage, name: &str, token: &str) {
    let (session, known) = (new_session(token), known(storage, name).await);
    let begun = storage.begin_session(&known, &session, start());
    assert!(begun.await.unwrap());
}

/// Makes an account of this name, and a session of it.
async fn sign_in(storage: &dyn ServiceStorage, name: &str, given: Grant) -> SignedIn {
    let actor = Actor::Person("test".to_owned());
    let mut unit = storage.begin(actor, start()).await.unwrap();
    unit.invite(&invitation(name, given)).await.unwrap();
    unit.save().await.unwrap();
    assert!(accept(storage, name, name, start()).await.unwrap());
    begin(storage, name, name).await;
    session(storage, name, start()).await.unwrap()
}

async fn session(
    storage: &dyn ServiceStorage,
    token: &str,
    now: DateTime<Utc>,
) -> Option<SignedIn> {
    let found = storage.session(hash(token), now, IDLE).await.unwrap()?;
    storage.count_use(&found, now).await.unwrap();
    Some(found)
}

/// Counts an attempt; returns until when somebody is locked out.
async fn attempt(
    storage: &dyn ServiceStorage,
    lock_outs: &[LockOut],
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    match storage.count_attempt(lock_outs, now).await.unwrap() {
        Attempt::LockedOut(until) => Some(until),
        Attempt::Counted(counted) => {
            assert_eq!(counted.len(), lock_outs.len());
            None
        }
    }
}

async fn administrator(storage: &dyn ServiceStorage) -> SignedIn {
    sign_in(storage, "admin", grant(Role::Administrator, None)).await
}

async fn actions(storage: &dyn Storage, filter: &AuditFilter) -> Vec<String> {
    let entries = storage.audit(filter, 100).await.unwrap();
    entries.into_iter().map(|entry| entry.action).collect()
}

#[test]
fn roles_are_of_the_union_or_of_a_town() {
    for role in Role::ALL {
        assert_eq!(Role::named(role.name()), Some(role));
        let of_union = Grant::new(role, None).is_some();
        let of_town = Grant::new(role, Some("lipnice".to_owned())).is_some();
        assert!(of_union || of_town, "{role:?}");
    }
    assert_eq!(
        Grant::new(Role::Administrator, Some("lipnice".to_owned())),
        None
    );
    assert_eq!(Grant::new(Role::Editor, None), None);
    assert_eq!(Role::named("root"), None);
}

#[tokio::test]
async fn an_invitation_makes_one_account_and_ends() {
    let (storage, database) = storage().await;
    save(&*storage, &[&board("lipnice", "lipnice", &[])]).await;
    administrator(&*storage).await;
    let actor = Actor::Account("account admin".to_owned());
    let mut unit = storage.begin(actor, start()).await.unwrap();
    let editor = invitation("eva", grant(Role::Editor, Some("lipnice")));
    unit.invite(&editor).await.unwrap();
    unit.save().await.unwrap();
    let late = start() + TimeDelta::days(7);
    assert_eq!(
        storage.invitations(start()).await.unwrap(),
        std::slice::from_ref(&editor.invitation)
    );
    assert_eq!(storage.invitations(late).await.unwrap(), []);
    assert_eq!(storage.invitation(hash("x"), start()).await.unwrap(), None);
    assert_eq!(storage.invitation(hash("eva"), late).await.unwrap(), None);
    let found = storage.invitation(hash("eva"), start()).await.unwrap();
    assert_eq!(found, Some(editor.invitation));

    let accepting = accept(&*storage, "eva", "eva", late);
    assert!(!accepting.await.unwrap(), "it has ended");
    for is_first in [true, false] {
        let accepting = accept(&*storage, "eva", "eva", start());
        assert_eq!(accepting.await.unwrap(), is_first);
    }
    assert_eq!(storage.invitations(start()).await.unwrap(), []);
    let credentials = storage.credentials("eva@lipnice.example").await.unwrap();
    let credentials = credentials.unwrap();
    assert_eq!(credentials.password_hash, "hash of eva");
    assert_eq!(credentials.grants, [grant(Role::Editor, Some("lipnice"))]);
    assert_eq!(
        storage.credentials("eva@jinde.example").await.unwrap(),
        None
    );
    let told = "SELECT COUNT(*) FROM audit WHERE town_id = 'lipnice' AND actor_type = 'account' \
                AND action IN ('invitation.create', 'account.create')";
    assert_eq!(database.count(told).await, 2);
}

#[tokio::test]
async fn an_address_has_one_account() {
    let (storage, _database) = storage().await;
    administrator(&*storage).await;
    let mut again = invitation("again", grant(Role::Reader, None));
    again.invitation.email = "admin@lipnice.example".to_owned();
    let actor = Actor::Account("account admin".to_owned());
    let mut unit = storage.begin(actor, start()).await.unwrap();
    unit.invite(&again).await.unwrap();
    unit.save().await.unwrap();
    let accepting = accept(&*storage, "again", "again", start());
    let refused = accepting.await;
    assert!(
        matches!(refused, Err(StorageError::Conflict)),
        "{refused:?}"
    );
    assert_eq!(
        storage.invitations(start()).await.unwrap().len(),
        1,
        "it was not used up"
    );
}

#[tokio::test]
async fn a_password_is_set_anew_by_a_link_of_the_account() {
    let (storage, _database) = storage().await;
    administrator(&*storage).await;
    let anew = |token: &str| {
        let mut anew = invitation(token, grant(Role::Administrator, None));
        anew.invitation.account = Some("account admin".to_owned());
        anew
    };
    for token in ["first", "second"] {
        let actor = Actor::Account("account admin".to_owned());
        let mut unit = storage.begin(actor, start()).await.unwrap();
        unit.invite(&anew(token)).await.unwrap();
        unit.save().await.unwrap();
    }
    for (token, is_newest) in [("first", false), ("second", true)] {
        let accepting = accept(&*storage, token, "new", start());
        assert_eq!(accepting.await.unwrap(), is_newest);
    }
    assert_eq!(session(&*storage, "admin", start()).await, None);
    let [account] = &storage.accounts().await.unwrap()[..] else {
        panic!("one account");
    };
    assert_eq!((account.name.as_str(), account.has_totp), ("admin", false));
    let credentials = storage.credentials(&account.email).await.unwrap();
    assert_eq!(credentials.unwrap().password_hash, "hash of new");
}

#[tokio::test]
async fn a_session_ends_when_it_is_idle_and_in_any_case_after_its_time() {
    let (storage, database) = storage().await;
    administrator(&*storage).await;
    assert_eq!(session(&*storage, "other", start()).await, None);
    let mut now = start();
    while now < start() + TimeDelta::hours(12) {
        assert!(session(&*storage, "admin", now).await.is_some(), "{now}");
        now += TimeDelta::minutes(59);
    }
    assert_eq!(
        session(&*storage, "admin", start() + TimeDelta::hours(12)).await,
        None
    );

    begin(&*storage, "admin", "idle").await;
    assert_eq!(session(&*storage, "idle", start() + IDLE).await, None);
    // A clock that was ahead prolongs none.
    for (early, is_open) in [(59, true), (60, false)] {
        let now = start() - TimeDelta::minutes(early);
        assert_eq!(session(&*storage, "idle", now).await.is_some(), is_open);
    }
    let before = "SELECT COUNT(*) FROM session";
    assert_eq!(database.count(before).await, 2);
    let forgotten = storage.forget_sign_ins(start() + TimeDelta::hours(12), IDLE);
    forgotten.await.unwrap();
    assert_eq!(database.count(before).await, 0);
}

#[tokio::test]
async fn one_sees_and_ends_only_ones_own_sessions() {
    let (storage, _database) = storage().await;
    let admin = administrator(&*storage).await;
    let reader = sign_in(&*storage, "reader", grant(Role::Reader, None)).await;
    begin(&*storage, "admin", "phone").await;
    let ids = async |of: &SignedIn| {
        let sessions = storage.sessions(of, start(), IDLE).await.unwrap();
        let ids = sessions.into_iter().map(|session| session.id);
        ids.collect::<Vec<_>>()
    };
    assert_eq!(ids(&admin).await, ["session admin", "session phone"]);
    assert_eq!(ids(&reader).await, ["session reader"]);

    let actor = Actor::Account(reader.account().to_owned());
    let mut unit = storage.begin(actor, start()).await.unwrap();
    let refused = unit.end_session("session phone").await;
    assert!(
        matches!(refused, Err(StorageError::NotFound)),
        "{refused:?}"
    );
    let actor = Actor::Account(admin.account().to_owned());
    let mut unit = storage.begin(actor, start()).await.unwrap();
    unit.end_session("session phone").await.unwrap();
    unit.save().await.unwrap();
    assert_eq!(session(&*storage, "phone", start()).await, None);
    storage.end_session(hash("admin"), start()).await.unwrap();
    assert_eq!(session(&*storage, "admin", start()).await, None);
    assert_eq!(ids(&reader).await, ["session reader"]);
}

#[tokio::test]
async fn a_code_is_taken_once_and_begins_one_session() {
    let (storage, _database) = storage().await;
    administrator(&*storage).await;
    let pending = async |token: &str| {
        let ends_at = start() + TimeDelta::minutes(10);
        let known = known(&*storage, "admin").await;
        let begun = storage.begin_pending(hash(token), &known, "OFFER", ends_at);
        assert!(begun.await.unwrap());
    };
    let complete = async |token: &str, step: u64, now: DateTime<Utc>| {
        let session = new_session(&format!("{token} {step}"));
        let completed = storage.complete(hash(token), ("OFFER", step), &session, now);
        completed.await.unwrap()
    };
    pending("one").await;
    let late = start() + TimeDelta::minutes(10);
    assert_eq!(storage.pending(hash("one"), late).await.unwrap(), None);
    assert!(!complete("one", 7, late).await);
    let found = storage
        .pending(hash("one"), start())
        .await
        .unwrap()
        .unwrap();
    assert_eq!((found.totp_secret, &*found.totp_offer), (None, "OFFER"));
    assert!(complete("one", 7, start()).await);
    assert!(!complete("one", 8, start()).await, "it has ended");
    assert!(session(&*storage, "one 7", start()).await.is_some());
    let credentials = storage.credentials("admin@lipnice.example").await.unwrap();
    assert_eq!(credentials.unwrap().totp_secret.as_deref(), Some("OFFER"));

    pending("two").await;
    for (step, is_new) in [(7, false), (6, false), (8, true)] {
        assert_eq!(complete("two", step, start()).await, is_new, "{step}");
    }
    pending("three").await;
    pending("four").await;
    assert_eq!(storage.pending(hash("three"), start()).await.unwrap(), None);
}

#[tokio::test]
async fn a_new_code_begins_without_the_steps_of_the_one_before() {
    let (storage, database) = storage().await;
    administrator(&*storage).await;
    let complete = async |token: &str, secret: &str, step: u64| {
        let known = known(&*storage, "admin").await;
        let ends_at = start() + TimeDelta::minutes(10);
        let begun = storage.begin_pending(hash(token), &known, secret, ends_at);
        assert!(begun.await.unwrap());
        let session = new_session(&format!("{token} {step}"));
        let completed = storage.complete(hash(token), (secret, step), &session, start());
        completed.await.unwrap()
    };
    // The clock was ahead.
    assert!(complete("ahead", "FIRST", 9_000).await);
    assert!(!complete("right", "FIRST", 7).await);
    let mut anew = invitation("anew", grant(Role::Administrator, None));
    anew.invitation.account = Some("account admin".to_owned());
    let actor = Actor::Account("account admin".to_owned());
    let mut unit = storage.begin(actor, start()).await.unwrap();
    unit.invite(&anew).await.unwrap();
    unit.save().await.unwrap();
    assert!(accept(&*storage, "anew", "anew", start()).await.unwrap());
    let stale = "SELECT COUNT(*) FROM account WHERE totp_step IS NOT NULL";
    assert_eq!(database.count(stale).await, 0);
    assert!(complete("right", "SECOND", 7).await);
}

#[tokio::test]
async fn a_sign_in_under_way_ends_with_what_it_began_with() {
    let (storage, _database) = storage().await;
    administrator(&*storage).await;
    let reader = grant(Role::Reader, None);
    sign_in(&*storage, "eva", reader.clone()).await;
    let late = start() + TimeDelta::minutes(10);
    let before = known(&*storage, "eva").await;
    let pending = async |token: &str, of: &Credentials| {
        let begun = storage.begin_pending(hash(token), of, "OFFER", late);
        begun.await.unwrap()
    };
    let complete = async |token: &str, secret: &str| {
        let session = new_session(&format!("{token} {secret}"));
        let completed = storage.complete(hash(token), (secret, 7), &session, start());
        completed.await.unwrap()
    };
    let begun = async |of: &Credentials, token: &str| {
        let session = new_session(token);
        let begun = storage.begin_session(of, &session, start());
        begun.await.unwrap()
    };
    // The secret of a code that was looked at before another was offered.
    assert!(pending("offer", &before).await);
    assert!(!complete("offer", "OTHER").await);

    // With other roles it may need a code.
    let actor = Actor::Account("account admin".to_owned());
    let mut unit = storage.begin(actor.clone(), start()).await.unwrap();
    let administrator = [grant(Role::Administrator, None)];
    let set = unit.set_grants("account eva", std::slice::from_ref(&reader), &administrator);
    assert!(set.await.unwrap());
    unit.save().await.unwrap();
    assert!(!begun(&before, "other roles").await);
    assert!(!complete("offer", "OFFER").await);

    let before = known(&*storage, "eva").await;
    assert!(pending("password", &before).await);
    let mut anew = invitation("anew", reader);
    anew.invitation.account = Some("account eva".to_owned());
    let mut unit = storage.begin(actor.clone(), start()).await.unwrap();
    unit.invite(&anew).await.unwrap();
    unit.save().await.unwrap();
    assert!(accept(&*storage, "anew", "anew", start()).await.unwrap());
    assert!(!complete("password", "OFFER").await);
    assert!(!pending("old password", &before).await);
    assert!(!begun(&before, "old password").await);

    let before = known(&*storage, "eva").await;
    assert!(pending("disabled", &before).await);
    let mut unit = storage.begin(actor, start()).await.unwrap();
    assert!(unit.set_disabled("account eva", true).await.unwrap());
    unit.save().await.unwrap();
    assert!(!complete("disabled", "OFFER").await);
    assert!(!pending("disabled again", &before).await);
    assert!(!begun(&before, "disabled").await);
}

#[tokio::test]
async fn invitations_end_with_whoever_made_them_and_wait_for_whom_they_are() {
    let (storage, database) = storage().await;
    administrator(&*storage).await;
    let both = grant(Role::Administrator, None);
    sign_in(&*storage, "second", both.clone()).await;
    let invite = async |by: &str, token: &str, account: Option<&str>| {
        let actor = Actor::Account(by.to_owned());
        let mut unit = storage.begin(actor, start()).await.unwrap();
        let mut new = invitation(token, grant(Role::Reader, None));
        new.invitation.account = account.map(str::to_owned);
        unit.invite(&new).await.unwrap();
        unit.save().await.unwrap();
    };
    let unit = async || {
        let actor = Actor::Account("account admin".to_owned());
        storage.begin(actor, start()).await.unwrap()
    };
    let is_open = async |token: &str| {
        let found = storage.invitation(hash(token), start()).await.unwrap();
        found.is_some()
    };
    invite("account admin", "of admin", None).await;
    invite("account second", "friend", None).await;
    invite("account admin", "anew", Some("account second")).await;
    let mut disabling = unit().await;
    let disabled = disabling.set_disabled("account second", true);
    assert!(disabled.await.unwrap());
    disabling.save().await.unwrap();
    assert!(is_open("of admin").await);
    assert!(!is_open("friend").await && !is_open("anew").await);
    let told = "SELECT COUNT(*) FROM audit WHERE action = 'account.disable' \
                AND detail LIKE '%invitation friend%'";
    assert_eq!(database.count(told).await, 1);

    // Of a disabled account it is not used up.
    invite("account admin", "later", Some("account second")).await;
    assert!(!is_open("later").await);
    let before = "SELECT COUNT(*) FROM audit";
    let count = database.count(before).await;
    let accepting = accept(&*storage, "later", "later", start());
    assert!(!accepting.await.unwrap());
    assert_eq!(database.count(before).await, count);
    let mut enabling = unit().await;
    let enabled = enabling.set_disabled("account second", false);
    assert!(enabled.await.unwrap());
    enabling.save().await.unwrap();
    assert!(is_open("later").await);
    let accepting = accept(&*storage, "later", "later", start());
    assert!(accepting.await.unwrap());

    // And whoever administers no more has none.
    invite("account second", "friend", None).await;
    let mut changing = unit().await;
    let reader = [grant(Role::Reader, None)];
    let set = changing.set_grants("account second", std::slice::from_ref(&both), &reader);
    assert!(set.await.unwrap());
    changing.save().await.unwrap();
    assert!(!is_open("friend").await && is_open("of admin").await);

    let mut ending = unit().await;
    ending.end_invitation("invitation of admin").await.unwrap();
    ending.save().await.unwrap();
    assert!(!is_open("of admin").await);
    let refused = unit().await.end_invitation("invitation of admin").await;
    assert!(matches!(refused, Err(StorageError::NotFound)));
}

#[tokio::test]
async fn nobody_invites_while_being_disabled() {
    let (storage, _database) = storage().await;
    administrator(&*storage).await;
    let both = grant(Role::Administrator, None);
    for name in ["first", "second", "third"] {
        sign_in(&*storage, name, both.clone()).await;
    }
    let unit = async |by: &str| {
        let actor = Actor::Account(format!("account {by}"));
        storage.begin(actor, start()).await.unwrap()
    };
    let invite = async |by: &str| {
        let mut unit = unit(by).await;
        unit.invite(&invitation(&format!("friend of {by}"), both.clone()))
            .await?;
        unit.save().await
    };
    // Disabled before, and while the invitation waits.
    let mut disabling = unit("admin").await;
    let disabled = disabling.set_disabled("account first", true).await;
    assert!(disabled.unwrap());
    let (invited, saved) = tokio::join!(invite("first"), disabling.save());
    saved.unwrap();
    assert!(matches!(invited, Err(StorageError::NotFound)));
    // The other way round it waits for the invitation, which ends with it.
    let mut inviting = unit("second").await;
    let friend = invitation("friend", both.clone());
    inviting.invite(&friend).await.unwrap();
    let disable = async {
        let mut disabling = unit("admin").await;
        let disabled = disabling.set_disabled("account second", true).await;
        disabled.unwrap();
        disabling.save().await
    };
    let (disabled, saved) = tokio::join!(disable, inviting.save());
    disabled.unwrap();
    saved.unwrap();
    // Nor does whoever administers no more.
    let mut changing = unit("admin").await;
    let reader = [grant(Role::Reader, None)];
    let set = changing.set_grants("account third", std::slice::from_ref(&both), &reader);
    assert!(set.await.unwrap());
    changing.save().await.unwrap();
    let refused = invite("third").await;
    assert!(matches!(refused, Err(StorageError::NotFound)));
    assert_eq!(storage.invitations(start()).await.unwrap(), []);
}

#[tokio::test]
async fn what_a_wrong_clock_counted_locks_nobody_out() {
    let (storage, _database) = storage().await;
    let lock_outs = ["account", "network"].map(|subject| LockOut {
        subject: subject.to_owned(),
        delay: |failures| TimeDelta::minutes(if failures < 2 { 0 } else { 15 }),
    });
    let ahead = start() + TimeDelta::days(4_000);
    for _ in 0..2 {
        let locked = attempt(&*storage, &lock_outs, ahead).await;
        assert_eq!(locked, None);
    }
    for is_free in [true, true, false] {
        let locked = attempt(&*storage, &lock_outs, start()).await;
        assert_eq!(locked.is_none(), is_free);
    }
}

#[tokio::test]
async fn whoever_succeeds_does_not_keep_the_failures_of_a_network() {
    let (storage, _database) = storage().await;
    let network = LockOut {
        subject: "network".to_owned(),
        delay: |failures| TimeDelta::minutes(if failures < 2 { 0 } else { 15 }),
    };
    let network = std::slice::from_ref(&network);
    let count = async |hours: i64| {
        let now = start() + TimeDelta::hours(hours);
        attempt(&*storage, network, now).await
    };
    assert_eq!(count(0).await, None);
    for hours in [10, 20] {
        assert_eq!(count(hours).await, None);
        storage.forgive(&[], Some("network")).await.unwrap();
    }
    // The only failure was more than a day ago.
    assert_eq!(count(25).await, None);
    assert_eq!(count(25).await, None);
}

#[tokio::test]
async fn failures_lock_out_for_longer_and_longer_by_every_node() {
    let (_, database) = storage().await;
    let one = database.open().await.unwrap();
    let other = database.open().await.unwrap();
    let lock_outs = ["account", "network"].map(|subject| LockOut {
        subject: subject.to_owned(),
        delay: |failures| TimeDelta::minutes(if failures < 3 { 0 } else { failures.into() }),
    });
    let mut now = start();
    for expected in [None, None, None, Some(3)] {
        let locked = attempt(&*one, &lock_outs, now).await;
        let locked = locked.map(|until| (until - now).num_minutes());
        assert_eq!(locked, expected);
    }
    let locked = attempt(&*other, &lock_outs[..1], now).await;
    assert_eq!(locked, Some(now + TimeDelta::minutes(3)));
    now += TimeDelta::minutes(3);
    assert_eq!(attempt(&*other, &lock_outs, now).await, None);
    let locked = attempt(&*one, &lock_outs, now).await;
    assert_eq!(locked, Some(now + TimeDelta::minutes(4)));

    one.forgive(&["account"], Some("network")).await.unwrap();
    // The network keeps the failures before: three, and this is the fourth.
    assert_eq!(attempt(&*other, &lock_outs, now).await, None);
    assert_eq!(attempt(&*other, &lock_outs[..1], now).await, None);
    let locked = attempt(&*other, &lock_outs[1..], now).await;
    assert_eq!(locked, Some(now + TimeDelta::minutes(4)));
    now += TimeDelta::days(2);
    assert_eq!(attempt(&*one, &lock_outs, now).await, None);
    assert_eq!(attempt(&*one, &lock_outs, now).await, None);
}

#[tokio::test]
async fn what_is_counted_is_told_in_the_order_that_was_asked() {
    let (storage, _database) = storage().await;
    let locked = LockOut {
        subject: "z".to_owned(),
        delay: |_| TimeDelta::minutes(1),
    };
    let free = LockOut {
        subject: "a".to_owned(),
        delay: |_| TimeDelta::zero(),
    };
    storage
        .count_attempt(std::slice::from_ref(&free), start())
        .await
        .unwrap();
    let counted = storage.count_attempt(&[locked, free], start()).await;
    let of = |failures, locked_until| CountedFailure {
        failures,
        locked_until,
    };
    let until = start() + TimeDelta::minutes(1);
    let expected = [of(1, Some(until)), of(2, None)];
    assert_eq!(counted.unwrap(), Attempt::Counted(expected.into()));
}

#[tokio::test]
async fn failed_sign_ins_are_told_to_the_towns_of_an_account_and_fill_no_disk() {
    let (storage, database) = storage().await;
    let boards = ["lipnice", "rolava"].map(|id| board(id, id, &[]));
    save(&*storage, &[&boards[0], &boards[1]]).await;
    let reader = sign_in(&*storage, "reader", grant(Role::Reader, Some("lipnice"))).await;
    sign_in(&*storage, "tech", grant(Role::Technician, Some("rolava"))).await;
    let failed = |account, locked_until| FailedSignIn {
        account,
        network: "192.0.2.1",
        wrong: "password",
        locked_until,
    };
    let tell = async |account, locked_until| {
        let told = storage.tell_failure(failed(account, locked_until), start());
        told.await.unwrap();
    };
    tell(Some("account reader"), None).await;
    tell(Some("account tech"), Some(start())).await;
    for _ in 0..3 {
        tell(None, None).await;
    }
    let of_sign_ins = async |storage: &dyn Storage| {
        let entries = storage.audit(&AuditFilter::default(), 100).await.unwrap();
        let mut entries = entries;
        entries.retain(|entry| entry.action.starts_with("sign_in."));
        entries
    };
    assert_eq!(of_sign_ins(&*storage).await.len(), 2 + 2 + 3);
    let of_town = storage.within(Scope::of_account(&reader, |_| true));
    let [entry] = &of_sign_ins(&*of_town).await[..] else {
        panic!("one entry");
    };
    assert_eq!(entry.action, "sign_in.fail");
    assert_eq!(entry.who, "192.0.2.1");
    assert_eq!(entry.subject, "reader");
    let email = Some("reader@lipnice.example".to_owned());
    assert_eq!(entry.subject_email, email);

    for _ in 0..1_000 {
        tell(None, None).await;
    }
    let unknown = "SELECT COUNT(*) FROM audit WHERE subject = ''";
    assert_eq!(database.count(unknown).await, 1_000);
    let tomorrow = start() + TimeDelta::days(1);
    let told = storage.tell_failure(failed(None, None), tomorrow);
    told.await.unwrap();
    assert_eq!(database.count(unknown).await, 1_001);
}

#[tokio::test]
async fn a_browser_is_known_to_the_accounts_that_it_has_signed_in_to() {
    let (storage, _database) = storage().await;
    administrator(&*storage).await;
    let knows = async |token: &str, email: Option<&str>, now: DateTime<Utc>| {
        let known = storage.knows_device(hash(token), email, now);
        known.await.unwrap()
    };
    let admin = Some("admin@lipnice.example");
    assert!(knows("device", admin, start()).await && knows("device", None, start()).await);
    assert!(!knows("other", None, start()).await);
    assert!(!knows("device", Some("eva@lipnice.example"), start()).await);
    let late = start() + TimeDelta::days(365);
    assert!(!knows("device", admin, late).await);
    // Whoever stole it does not keep it.
    let mut anew = invitation("anew", grant(Role::Administrator, None));
    anew.invitation.account = Some("account admin".to_owned());
    let actor = Actor::Account("account admin".to_owned());
    let mut unit = storage.begin(actor, start()).await.unwrap();
    unit.invite(&anew).await.unwrap();
    unit.save().await.unwrap();
    assert!(accept(&*storage, "anew", "anew", start()).await.unwrap());
    assert!(!knows("device", None, start()).await);
}

#[tokio::test]
async fn one_sets_ones_own_name_and_password() {
    let (storage, _database) = storage().await;
    let admin = administrator(&*storage).await;
    begin(&*storage, "admin", "phone").await;
    let unit = async || {
        let actor = Actor::Account(admin.account().to_owned());
        storage.begin(actor, start()).await.unwrap()
    };
    let mut setting = unit().await;
    setting.set_name("Jana").await.unwrap();
    let set = setting.set_password("hash of admin", "hash of new", admin.session());
    assert!(set.await.unwrap());
    setting.save().await.unwrap();
    assert_eq!(session(&*storage, "phone", start()).await, None);
    let kept = session(&*storage, "admin", start()).await.unwrap();
    assert_eq!(kept.name(), "Jana");
    assert_eq!(known(&*storage, "admin").await.password_hash, "hash of new");
    // Somebody else was faster.
    let mut setting = unit().await;
    let set = setting.set_password("hash of admin", "hash of other", admin.session());
    assert!(!set.await.unwrap());
}

#[tokio::test]
async fn a_form_is_taken_once() {
    let (storage, _database) = storage().await;
    let take = async |is_saved: bool| {
        let actor = Actor::Account("account admin".to_owned());
        let mut unit = storage.begin(actor, start()).await.unwrap();
        let taken = unit.take_form("form").await.unwrap();
        if is_saved {
            unit.save().await.unwrap();
        } else {
            unit.cancel().await.unwrap();
        }
        taken
    };
    assert!(take(false).await);
    assert!(take(true).await, "what was not saved does not count");
    assert!(!take(true).await);
}

#[tokio::test]
async fn the_last_administrator_stays() {
    let (storage, _database) = storage().await;
    let admin = administrator(&*storage).await;
    let reader = [grant(Role::Reader, None)];
    let (both, one) = (["account admin", "account second"], "account admin");
    let disable = async |account: &str, is_disabled: bool| {
        let actor = Actor::Account(admin.account().to_owned());
        let mut unit = storage.begin(actor, start()).await.unwrap();
        let done = unit.set_disabled(account, is_disabled).await.unwrap();
        unit.save().await.unwrap();
        done
    };
    let set = async |account: &str, grants: &[Grant]| {
        let actor = Actor::Account(admin.account().to_owned());
        let mut unit = storage.begin(actor, start()).await.unwrap();
        let before = [grant(Role::Administrator, None)];
        let done = unit.set_grants(account, &before, grants).await.unwrap();
        unit.save().await.unwrap();
        done
    };
    assert!(!disable(one, true).await);
    assert!(!set(one, &reader).await);
    assert!(storage.has_administrator().await.unwrap());
    assert!(session(&*storage, "admin", start()).await.is_some());
    sign_in(&*storage, "second", grant(Role::Administrator, None)).await;
    assert!(disable(both[0], true).await);
    assert_eq!(session(&*storage, "admin", start()).await, None);
    assert_eq!(
        storage.credentials("admin@lipnice.example").await.unwrap(),
        None
    );
    assert!(!set(both[1], &reader).await);
    assert!(disable(both[0], false).await);
    assert!(set(both[1], &reader).await);
    assert_eq!(session(&*storage, "second", start()).await, None);
    let accounts = storage.accounts().await.unwrap();
    assert_eq!(accounts[1].grants, reader);
}

#[tokio::test]
async fn an_account_sees_its_towns_and_changes_nothing_of_the_union() {
    let (storage, _database) = storage().await;
    let boards = ["lipnice", "rolava"].map(|id| board(id, id, &[]));
    save(&*storage, &[&boards[0], &boards[1]]).await;
    register(&*storage, &key(1), "rolava").await;
    administrator(&*storage).await;
    let reader = sign_in(&*storage, "reader", grant(Role::Reader, Some("lipnice"))).await;
    let technician = sign_in(&*storage, "tech", grant(Role::Technician, Some("rolava"))).await;
    let of_reader = storage.within(Scope::of_account(&reader, |_| true));
    let found = of_reader.boards().await.unwrap();
    assert_eq!(found, boards[..1]);
    let names: Vec<_> = of_reader.accounts().await.unwrap();
    assert_eq!(names.len(), 1, "{names:?}");
    assert_eq!(of_reader.invitations(start()).await.unwrap(), []);
    let all = AuditFilter::default();
    let its = actions(&*of_reader, &all).await;
    assert_eq!(its, ["account.create", "invitation.create", "board.save"]);
    let foreign = AuditFilter {
        town: Some("rolava".to_owned()),
        ..AuditFilter::default()
    };
    assert_eq!(actions(&*of_reader, &foreign).await, Vec::<String>::new());

    // A role of another kind gives nothing.
    let nothing = storage.within(Scope::of_account(&technician, |role| role == Role::Reader));
    assert_eq!(nothing.boards().await.unwrap(), []);
    assert_eq!(actions(&*nothing, &all).await, Vec::<String>::new());
    let of_union = sign_in(&*storage, "union", grant(Role::Reader, None)).await;
    let everything = storage.within(Scope::of_account(&of_union, |role| role == Role::Reader));
    assert_eq!(everything.boards().await.unwrap(), boards);
    assert!(
        actions(&*everything, &all)
            .await
            .contains(&"display.register".to_owned())
    );

    let actor = Actor::Account(reader.account().to_owned());
    let begin = || of_reader.begin(actor.clone(), start());
    let new = invitation("friend", grant(Role::Administrator, None));
    let mut unit = begin().await.unwrap();
    let refused = unit.invite(&new).await;
    assert!(
        matches!(refused, Err(StorageError::NotFound)),
        "{refused:?}"
    );
    let mut unit = begin().await.unwrap();
    let refused = unit.set_disabled(technician.account(), true).await;
    assert!(
        matches!(refused, Err(StorageError::NotFound)),
        "{refused:?}"
    );
    let mut unit = begin().await.unwrap();
    let roles = reader.grants();
    let refused = unit.set_grants(reader.account(), roles, roles).await;
    assert!(
        matches!(refused, Err(StorageError::NotFound)),
        "{refused:?}"
    );
}

#[tokio::test]
async fn the_audit_log_is_read_by_time_action_and_pages() {
    let (storage, _database) = storage().await;
    save(&*storage, &[&board("lipnice", "lipnice", &[])]).await;
    administrator(&*storage).await;
    let all = storage.audit(&AuditFilter::default(), 100).await.unwrap();
    let names: Vec<_> = all.iter().map(|entry| entry.action.as_str()).collect();
    let expected = [
        "session.begin",
        "account.create",
        "invitation.create",
        "board.save",
    ];
    assert_eq!(names, expected);
    assert_eq!(all[0].who, "admin", "an account by its name");
    assert_eq!(all[0].at, start());
    let page = AuditFilter {
        before: Some(all[1].number),
        ..AuditFilter::default()
    };
    assert_eq!(storage.audit(&page, 1).await.unwrap(), all[2..3]);
    for (from, until, count) in [(0, 1, 4), (1, 2, 0), (-1, 0, 0)] {
        let filter = AuditFilter {
            from: Some(start() + TimeDelta::hours(from)),
            until: Some(start() + TimeDelta::hours(until)),
            ..AuditFilter::default()
        };
        let found = storage.audit(&filter, 100).await.unwrap();
        assert_eq!(found.len(), count, "{from} {until}");
    }
    let by_action = AuditFilter {
        action: Some("board.save".to_owned()),
        ..AuditFilter::default()
    };
    assert_eq!(actions(&*storage, &by_action).await, ["board.save"]);
}

#[tokio::test]
async fn the_link_of_the_first_administrator_takes_the_place_of_the_one_before() {
    let (storage, _database) = storage().await;
    assert!(!storage.has_administrator().await.unwrap());
    for (token, is_first, is_made) in [
        ("one", true, true),
        ("another", true, false),
        ("two", false, true),
    ] {
        let mut link = invitation(token, grant(Role::Administrator, None));
        link.invitation.id = "administrator".to_owned();
        link.invitation.email = String::new();
        let made = storage.invite_administrator(&link, is_first, start());
        assert_eq!(made.await.unwrap(), is_made);
    }
    for (token, is_kept) in [("one", false), ("another", false), ("two", true)] {
        let accepting = accept(&*storage, token, "first", start());
        assert_eq!(accepting.await.unwrap(), is_kept);
    }
    assert!(storage.has_administrator().await.unwrap());
    let found = storage.credentials("first@jinde.example").await.unwrap();
    assert_eq!(found.unwrap().grants, [grant(Role::Administrator, None)]);
}
