//! Signing in: password, code, lock-out, sessions, and what comes from elsewhere.

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::header::{LOCATION, ORIGIN};
use reqwest::{Method, StatusCode};
use vyveska_board::{Clock as _, ClockBounds, ClockTrust};
use vyveska_central::storage::{Role, ServiceStorage as _};

use crate::office::{self, Browser, PASSWORD, account, between, grant, leads_to};
use crate::publisher::Publisher;
use crate::town::{Town, config};

const EDITOR: &str = "eva@lipnice.example";
const ADMIN: &str = "spravce@lipnice.example";

/// A town with an editor, who needs a password alone, and an administrator, who needs a code.
async fn town() -> Town {
    let town = Town::posting(1).await;
    let (storage, now) = (town.storage().await, now(&town));
    account(&storage, EDITOR, grant(Role::Editor, Some("lipnice")), now).await;
    account(&storage, ADMIN, grant(Role::Administrator, None), now).await;
    storage.close().await;
    town
}

fn now(town: &Town) -> DateTime<Utc> {
    town.clock.now().earliest
}

/// The secret that the page of the code offers.
async fn offered(browser: &mut Browser) -> String {
    let page = browser.page("/admin/sign-in/code").await;
    assert!(page.contains("<svg"), "{page}");
    between(&page, "class=\"secret\">", "<").replace(' ', "")
}

#[tokio::test]
async fn a_password_opens_what_needs_no_code() {
    let town = town().await;
    let mut browser = Browser::new(&town);
    let response = browser.get("/admin/audit?town=lipnice").await;
    let sign_in = leads_to(&response).to_owned();
    assert_eq!(
        sign_in,
        "/admin/sign-in?next=%2Fadmin%2Faudit%3Ftown%3Dlipnice"
    );
    let page = browser.page(&sign_in).await;
    assert!(
        page.contains("value=\"/admin/audit?town=lipnice\""),
        "{page}"
    );

    let mut refusals = Vec::new();
    for (email, password) in [
        (EDITOR, "jiné heslo, ale dlouhé"),
        ("nikdo@lipnice.example", PASSWORD),
    ] {
        let response = browser.sign_in(email, password).await;
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
        refusals.push(response.text().await.unwrap().replace(email, ""));
    }
    assert_eq!(
        refusals[0], refusals[1],
        "nothing tells which addresses there are"
    );
    assert!(browser.cookies.is_empty());

    let fields = [
        ("email", " EVA@lipnice.example "),
        ("password", PASSWORD),
        ("next", "/admin/sessions"),
    ];
    let response = browser.post("/admin/sign-in", &fields).await;
    assert_eq!(leads_to(&response), "/admin/sessions");
    let page = browser.page("/admin/sessions").await;
    assert!(page.contains("toto zařízení"), "{page}");
    let response = browser.post("/admin/sign-out", &[]).await;
    assert_eq!(leads_to(&response), "/admin/sign-in");
    let kept: Vec<&String> = browser.cookies.keys().collect();
    assert_eq!(kept, ["__Host-vyveska-device"]);
}

#[tokio::test]
async fn a_change_that_came_after_the_session_is_not_lost_in_silence() {
    let town = town().await;
    let mut browser = Browser::new(&town);
    for (from, next) in [
        (
            "https://deska.example/admin/audit?town=lipnice",
            "&next=%2Fadmin%2Faudit%3Ftown%3Dlipnice",
        ),
        (
            "https://jinde.example/admin/people/1a2b",
            "&next=%2Fadmin%2Fpeople%2F1a2b",
        ),
        ("https://deska.example/admin/people/1a2b/roles", ""),
        ("https://deska.example/lipnice/", ""),
        ("rubbish", ""),
    ] {
        let request = browser.request(Method::POST, "/admin/language");
        let request = request
            .header("sec-fetch-site", "same-origin")
            .header("referer", from);
        let response = browser.send(request).await;
        let expected = format!("/admin/sign-in?ended=1{next}");
        assert_eq!(leads_to(&response), expected, "{from}");
        let page = browser.page(&expected).await;
        assert!(page.contains("změna se neuložila"), "{page}");
    }
    let response = browser.post("/admin/sign-out", &[]).await;
    assert_eq!(leads_to(&response), "/admin/sign-in");
    let page = browser.page("/admin/sign-in").await;
    assert!(!page.contains("změna se neuložila"), "{page}");
}

#[tokio::test]
async fn signing_in_leads_nowhere_else() {
    let town = town().await;
    for next in [
        "https://jinde.example/",
        "//jinde.example/",
        "/\\jinde.example",
        "/lipnice/",
    ] {
        let mut browser = Browser::new(&town);
        let fields = [("email", EDITOR), ("password", PASSWORD), ("next", next)];
        let response = browser.post("/admin/sign-in", &fields).await;
        assert_eq!(leads_to(&response), "/admin/", "{next}");
    }
}

#[tokio::test]
async fn a_stolen_cookie_ends_with_the_next_sign_in_and_with_signing_out() {
    let town = town().await;
    let mut browser = Browser::new(&town);
    browser.sign_in(EDITOR, PASSWORD).await;
    let mut thief = Browser::new(&town);
    thief.cookies = browser.cookies.clone();
    thief.page("/admin/").await;
    browser.sign_in(EDITOR, PASSWORD).await;
    assert_ne!(thief.cookies, browser.cookies);
    assert_eq!(thief.get("/admin/").await.status(), StatusCode::SEE_OTHER);
    browser.page("/admin/").await;

    thief.cookies = browser.cookies.clone();
    browser.post("/admin/sign-out", &[]).await;
    assert_eq!(thief.get("/admin/").await.status(), StatusCode::SEE_OTHER);
    // A cookie that a thief brings along before is not the session afterwards.
    let planted = "0".repeat(64);
    browser
        .cookies
        .insert("__Host-vyveska".to_owned(), planted.clone());
    browser.sign_in(EDITOR, PASSWORD).await;
    assert_ne!(browser.cookies["__Host-vyveska"], planted);
}

#[tokio::test]
async fn a_session_ends_when_it_is_idle_and_after_a_day_of_work() {
    let town = town().await;
    let mut browser = Browser::new(&town);
    browser.sign_in(EDITOR, PASSWORD).await;
    for _ in 0..14 {
        town.clock.advance(TimeDelta::minutes(50));
        browser.page("/admin/").await;
    }
    town.clock.advance(TimeDelta::minutes(21));
    assert_eq!(browser.get("/admin/").await.status(), StatusCode::SEE_OTHER);
    browser.sign_in(EDITOR, PASSWORD).await;
    town.clock.advance(TimeDelta::minutes(61));
    assert_eq!(browser.get("/admin/").await.status(), StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn an_unsure_clock_prolongs_no_session() {
    let town = town().await;
    let mut browser = Browser::new(&town);
    browser.sign_in(EDITOR, PASSWORD).await;
    let start = now(&town);
    let bounds = |minutes: i64, trust: ClockTrust| ClockBounds {
        earliest: start,
        latest: start + TimeDelta::minutes(minutes),
        trust,
    };
    town.clock.set(bounds(50, ClockTrust::HoldingOver));
    browser.page("/admin/").await;
    // That counted as use.
    town.clock.set(bounds(100, ClockTrust::HoldingOver));
    browser.page("/admin/").await;
    // What nobody bounds shuts nobody out.
    town.clock.set(bounds(30, ClockTrust::HoldingOver));
    browser.sign_in(EDITOR, PASSWORD).await;
    town.clock.set(bounds(60 * 24 * 365, ClockTrust::Unknown));
    browser.page("/admin/").await;
    town.clock.set(bounds(90, ClockTrust::HoldingOver));
    assert_eq!(browser.get("/admin/").await.status(), StatusCode::SEE_OTHER);
    // Signing in works all the same.
    browser.sign_in(EDITOR, PASSWORD).await;
    browser.page("/admin/").await;
}

#[tokio::test]
async fn pages_are_read_although_no_use_can_be_stored() {
    let town = town().await;
    let mut browser = Browser::new(&town);
    browser.sign_in(EDITOR, PASSWORD).await;
    let no_room = "CREATE TRIGGER no_room BEFORE UPDATE ON session \
                   BEGIN SELECT RAISE(ABORT, 'no room'); END";
    let database = town.database().await;
    sqlx::raw_sql(no_room).execute(&database).await.unwrap();
    for minutes in [50, 9] {
        town.clock.advance(TimeDelta::minutes(minutes));
        browser.page("/admin/").await;
    }
    town.clock.advance(TimeDelta::minutes(1));
    assert_eq!(browser.get("/admin/").await.status(), StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_session_is_ended_from_another_device() {
    let town = town().await;
    let (mut office, mut phone) = (Browser::new(&town), Browser::new(&town));
    office.sign_in(EDITOR, PASSWORD).await;
    phone.sign_in(EDITOR, PASSWORD).await;
    let page = office.page("/admin/sessions").await;
    let path = between(&page, "action=\"/admin/sessions/", "\"");
    let (path, form) = (
        format!("/admin/sessions/{path}"),
        between(&page, "name=\"form\" value=\"", "\"").to_owned(),
    );
    // Nobody else ends it.
    let reader = grant(Role::Reader, None);
    let mut other = Browser::of(&town, "jiny@lipnice.example", reader).await;
    let response = other.post(&path, &[("form", &form)]).await;
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
    phone.page("/admin/").await;
    let response = office.post(&path, &[("form", &form)]).await;
    assert_eq!(leads_to(&response), "/admin/sessions");
    assert_eq!(phone.get("/admin/").await.status(), StatusCode::SEE_OTHER);
    office.page("/admin/").await;
}

#[tokio::test]
async fn failures_lock_out_an_account_for_longer_and_longer() {
    let town = town().await;
    let mut browser = Browser::new(&town);
    let mut attempt = async |email: &str, password: &str| {
        browser.sign_in(email, password).await.status().as_u16()
    };
    for _ in 0..5 {
        assert_eq!(attempt(EDITOR, "špatné heslo").await, 422);
    }
    for (seconds, expected) in [(0, 429), (29, 429), (1, 422), (59, 429)] {
        town.clock.advance(TimeDelta::seconds(seconds));
        let password = if expected == 422 {
            "špatné heslo"
        } else {
            PASSWORD
        };
        assert_eq!(attempt(EDITOR, password).await, expected, "{seconds}");
    }
    // Others get in meanwhile.
    assert_eq!(attempt(ADMIN, PASSWORD).await, 303);
    town.clock.advance(TimeDelta::seconds(1));
    assert_eq!(attempt(EDITOR, PASSWORD).await, 303);
    // All is forgiven.
    for _ in 0..5 {
        assert_eq!(attempt(EDITOR, "špatné heslo").await, 422);
    }
    assert_eq!(attempt(EDITOR, PASSWORD).await, 429);
}

#[tokio::test]
async fn nobody_keeps_somebody_else_out_from_another_network() {
    let publisher = Publisher::start(1).await;
    let feed = publisher.feed_url();
    let town = Town::with(publisher, |data| {
        let mut config = config(data, &feed, "");
        config.service.proxies.push([127, 0, 0, 1].into());
        config
    })
    .await;
    let (storage, now) = (town.storage().await, now(&town));
    account(&storage, EDITOR, grant(Role::Editor, Some("lipnice")), now).await;
    storage.close().await;
    let mut browser = Browser::new(&town);
    let networks = ["192.0.2.1", "198.51.100.1", "203.0.113.1", "192.0.0.1"];
    for client in networks {
        browser.client = Some(client);
        for expected in [422, 422, 422, 422, 422, 429] {
            let response = browser.sign_in(EDITOR, "špatné heslo").await;
            assert_eq!(response.status().as_u16(), expected, "{client}");
        }
    }
    let mut eva = Browser::new(&town);
    eva.client = Some("192.0.1.1");
    assert_eq!(leads_to(&eva.sign_in(EDITOR, PASSWORD).await), "/admin/");
}

#[tokio::test]
async fn failures_lock_out_a_network_whatever_addresses_it_tries() {
    let town = town().await;
    let mut browser = Browser::new(&town);
    for number in 0..30 {
        let email = format!("{number}@lipnice.example");
        let response = browser.sign_in(&email, "špatné heslo").await;
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
    }
    let response = browser.sign_in(EDITOR, PASSWORD).await;
    assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
    let page = response.text().await.unwrap().replace('\u{a0}', " ");
    assert!(page.contains("Zkuste to znovu po 13."), "{page}");
    town.clock.advance(TimeDelta::minutes(16));
    let response = browser.sign_in(EDITOR, PASSWORD).await;
    assert_eq!(leads_to(&response), "/admin/");
}

#[tokio::test]
async fn whoever_may_send_alerts_sets_up_a_code_and_uses_each_once() {
    let town = town().await;
    let mut browser = Browser::new(&town);
    let response = browser.sign_in(ADMIN, PASSWORD).await;
    assert_eq!(leads_to(&response), "/admin/sign-in/code?next=%2Fadmin%2F");
    // The password alone opens nothing.
    assert_eq!(browser.get("/admin/").await.status(), StatusCode::SEE_OTHER);
    let secret = offered(&mut browser).await;
    let page = browser.page("/admin/sign-in/code").await;
    assert!(page.contains("href=\"otpauth://totp/"), "{page}");
    assert_eq!(offered(&mut browser).await, secret);
    let code = |town: &Town| office::code(&secret, now(town));
    for wrong in ["", "000000", "rubbish", "1234567890123456789"] {
        let response = browser
            .post("/admin/sign-in/code", &[("code", wrong)])
            .await;
        assert_eq!(
            response.status(),
            StatusCode::UNPROCESSABLE_ENTITY,
            "{wrong}"
        );
    }
    let first = code(&town);
    let response = browser
        .post("/admin/sign-in/code", &[("code", &first)])
        .await;
    assert_eq!(leads_to(&response), "/admin/");
    browser.page("/admin/people").await;
    let kept: Vec<&String> = browser.cookies.keys().collect();
    assert_eq!(kept, ["__Host-vyveska", "__Host-vyveska-device"]);

    // The same code once more, and by whoever has only the password.
    let mut thief = Browser::new(&town);
    thief.sign_in(ADMIN, PASSWORD).await;
    let page = thief.page("/admin/sign-in/code").await;
    assert!(!page.contains("<svg"), "the secret is shown once: {page}");
    let response = thief.post("/admin/sign-in/code", &[("code", &first)]).await;
    assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
    town.clock.advance(TimeDelta::seconds(30));
    let response = thief
        .post("/admin/sign-in/code", &[("code", &code(&town))])
        .await;
    assert_eq!(leads_to(&response), "/admin/");
}

#[tokio::test]
async fn codes_are_guessed_a_few_times_and_for_ten_minutes() {
    let town = town().await;
    let mut browser = Browser::new(&town);
    browser.sign_in(ADMIN, PASSWORD).await;
    let secret = offered(&mut browser).await;
    for _ in 0..5 {
        let response = browser
            .post("/admin/sign-in/code", &[("code", "000000")])
            .await;
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
    }
    // Nor does another sign-in begin to count anew.
    browser.sign_in(ADMIN, PASSWORD).await;
    let response = browser
        .post("/admin/sign-in/code", &[("code", "000000")])
        .await;
    assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
    town.clock.advance(TimeDelta::minutes(10));
    let code = office::code(&secret, now(&town));
    let response = browser
        .post("/admin/sign-in/code", &[("code", &code)])
        .await;
    assert_eq!(leads_to(&response), "/admin/sign-in", "it has ended");
}

#[tokio::test]
async fn what_comes_from_another_site_changes_nothing() {
    let town = town().await;
    let mut browser = Browser::new(&town);
    browser.sign_in(EDITOR, PASSWORD).await;
    let form = browser.form("/admin/account").await;
    let body = format!("form={form}&language=de");
    let host = town.central.url().as_str().trim_end_matches('/').to_owned();
    for (site, origin, expected) in [
        (Some("cross-site"), Some("https://jinde.example"), 403),
        (
            Some("same-site"),
            Some("https://jinde.lipnice.example"),
            403,
        ),
        (None, Some("https://jinde.example"), 403),
        (None, Some("null"), 403),
        (None, Some(host.as_str()), 303),
    ] {
        let mut request = browser
            .request(Method::POST, "/admin/language")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body.clone());
        if let Some(site) = site {
            request = request.header("sec-fetch-site", site);
        }
        if let Some(origin) = origin {
            request = request.header(ORIGIN, origin);
        }
        let response = browser.send(request).await;
        assert_eq!(response.status().as_u16(), expected, "{site:?} {origin:?}");
        if expected == 403 {
            assert!(!response.headers().contains_key(LOCATION));
            let page = response.text().await.unwrap();
            assert!(page.contains("Požadavek přišel odjinud"), "{page}");
            let page = browser.page("/admin/sessions").await;
            assert!(page.contains("<html lang=\"cs\">"), "{page}");
        }
    }
    let page = browser.page("/admin/sessions").await;
    assert!(page.contains("<html lang=\"de\">"), "{page}");
}

#[tokio::test]
async fn strangers_do_not_lock_a_browser_out_that_has_signed_in_before() {
    let town = town().await;
    let mut eva = Browser::new(&town);
    eva.sign_in(EDITOR, PASSWORD).await;
    eva.post("/admin/sign-out", &[]).await;
    let mut stranger = Browser::new(&town);
    for expected in [422, 422, 422, 422, 422, 429] {
        let response = stranger.sign_in(EDITOR, "špatné heslo").await;
        assert_eq!(response.status().as_u16(), expected);
    }
    // Nor is a cookie that was made up a browser that has signed in.
    let device = "__Host-vyveska-device".to_owned();
    stranger.cookies.insert(device.clone(), "0".repeat(64));
    let response = stranger.sign_in(EDITOR, PASSWORD).await;
    assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(leads_to(&eva.sign_in(EDITOR, PASSWORD).await), "/admin/");
    let kept = eva.cookies[&device].clone();
    eva.sign_in(EDITOR, PASSWORD).await;
    assert_eq!(eva.cookies[&device], kept);
    // It is no better at guessing, and opens no other account.
    for expected in [422, 422, 422, 422, 422, 429] {
        let response = eva.sign_in(EDITOR, "špatné heslo").await;
        assert_eq!(response.status().as_u16(), expected);
    }
    for expected in [422, 422, 422, 422, 422, 429] {
        let response = eva.sign_in(ADMIN, "špatné heslo").await;
        assert_eq!(response.status().as_u16(), expected);
    }
}

#[tokio::test]
async fn failed_sign_ins_are_in_the_audit_log() {
    let (town, _other) = Town::beside_another().await;
    let (storage, now) = (town.storage().await, now(&town));
    account(&storage, EDITOR, grant(Role::Editor, Some("lipnice")), now).await;
    storage.close().await;
    let mut stranger = Browser::new(&town);
    for _ in 0..6 {
        stranger.sign_in(EDITOR, "špatné heslo").await;
    }
    for _ in 0..3 {
        stranger.sign_in("tajneheslo@jinde.example", PASSWORD).await;
    }
    let entries = async |browser: &mut Browser| {
        let table = browser.page("/admin/audit.csv").await;
        let told = ["Neúspěšné přihlášení", "Dočasné zablokování přihlášení"];
        assert!(!table.contains("tajneheslo"), "{table}");
        told.map(|words| table.lines().filter(|line| line.contains(words)).count())
    };
    let reader = grant(Role::Reader, None);
    let mut reader = Browser::of(&town, "kontrolor@lipnice.example", reader).await;
    // Of the union and of the town, and of the address that nobody has.
    assert_eq!(entries(&mut reader).await, [3, 2]);
    let page = reader.page("/admin/audit").await;
    assert!(page.contains("někdo z adresy 127.0.0.1"), "{page}");
    for (town_id, expected) in [("lipnice", [1, 1]), ("rolava", [0, 0])] {
        let email = format!("{town_id}@jinde.example");
        let given = grant(Role::Reader, Some(town_id));
        let mut of_town = Browser::of(&town, &email, given).await;
        assert_eq!(entries(&mut of_town).await, expected, "{town_id}");
    }
}
