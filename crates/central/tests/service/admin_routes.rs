//! Every route of the admin with every role, of the union and of towns, and what each shows of towns.

use reqwest::{Method, StatusCode};
use vyveska_central::storage::{Grant, Role};
use vyveska_central::web::admin;

use crate::office::{Browser, account, grant, leads_to};
use crate::town::{Town, start_of_test};

/// Whoever may open a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    Anybody,
    SignedIn,
    Roles(&'static [Role]),
}

const ADMINISTRATORS: Who = Who::Roles(&[Role::Administrator]);
const ANY_ROLE: Who = Who::Roles(&Role::ALL);
const READERS: Who = Who::Roles(&[Role::Administrator, Role::Reader]);

/// A new route needs a line here.
const ROUTES: &[(&str, &str, Who)] = &[
    ("GET", "/static/admin.css", Who::Anybody),
    ("GET", "/admin/sign-in", Who::Anybody),
    ("POST", "/admin/sign-in", Who::Anybody),
    ("GET", "/admin/sign-in/code", Who::Anybody),
    ("POST", "/admin/sign-in/code", Who::Anybody),
    ("GET", "/admin/invitation/{token}", Who::Anybody),
    ("POST", "/admin/invitation/{token}", Who::Anybody),
    ("GET", "/admin", Who::Anybody),
    ("GET", "/admin/", Who::SignedIn),
    ("GET", "/admin/displays", ANY_ROLE),
    ("GET", "/admin/displays/{display}", ANY_ROLE),
    ("POST", "/admin/sign-out", Who::SignedIn),
    ("GET", "/admin/sessions", Who::SignedIn),
    ("POST", "/admin/sessions/{session}/end", Who::SignedIn),
    ("GET", "/admin/account", Who::SignedIn),
    ("POST", "/admin/account/name", Who::SignedIn),
    ("POST", "/admin/account/password", Who::SignedIn),
    ("POST", "/admin/language", Who::SignedIn),
    ("GET", "/admin/people", ADMINISTRATORS),
    ("POST", "/admin/people/invite", ADMINISTRATORS),
    (
        "POST",
        "/admin/people/invitations/{invitation}/end",
        ADMINISTRATORS,
    ),
    (
        "POST",
        "/admin/people/invitations/{invitation}/link",
        ADMINISTRATORS,
    ),
    ("GET", "/admin/people/{account}", ADMINISTRATORS),
    ("POST", "/admin/people/{account}/roles", ADMINISTRATORS),
    ("POST", "/admin/people/{account}/disabled", ADMINISTRATORS),
    ("POST", "/admin/people/{account}/password", ADMINISTRATORS),
    ("GET", "/admin/audit", READERS),
    ("GET", "/admin/audit.csv", READERS),
];

fn grants() -> Vec<Grant> {
    let places = [None, Some("lipnice"), Some("rolava")];
    let of_all = |role: Role| places.map(|town| Grant::new(role, town.map(str::to_owned)));
    Role::ALL.into_iter().flat_map(of_all).flatten().collect()
}

#[tokio::test]
async fn every_route_asks_for_its_roles() {
    let (town, _other) = Town::beside_another().await;
    let listed: Vec<(String, &str)> = admin::routes()
        .into_iter()
        .map(|route| (route.method.to_string(), route.path))
        .collect();
    let expected = ROUTES
        .iter()
        .map(|(method, path, _)| ((*method).to_owned(), *path));
    assert_eq!(
        listed,
        expected.collect::<Vec<_>>(),
        "a route without a line"
    );

    let storage = town.storage().await;
    let admin = grant(Role::Administrator, None);
    let victim = account(&storage, "victim@lipnice.example", admin, start_of_test()).await;
    let mut people = vec![(None, String::new())];
    for (number, grant) in grants().into_iter().enumerate() {
        let email = format!("{number}@lipnice.example");
        let id = account(&storage, &email, grant.clone(), start_of_test()).await;
        people.push((Some(grant), id));
    }
    assert_eq!(people.len(), 1 + 2 + 2 * 2 + 2 * 3);
    let mut browser = Browser::new(&town);
    for (grant, id) in &people {
        for (method, path, who) in ROUTES {
            browser.cookies.clear();
            if grant.is_some() {
                browser.open_session(&storage, id, start_of_test()).await;
            }
            let filled = path
                .replace("{token}", "unknown")
                .replace("{session}", "unknown")
                .replace("{invitation}", "unknown")
                .replace("{display}", "0123456789abcdef0123456789abcdef")
                .replace("{account}", &victim);
            let response = if *method == "POST" {
                browser.post(&filled, &[]).await
            } else {
                browser.get(&filled).await
            };
            let status = response.status();
            let what = format!("{grant:?} {method} {path}: {status}");
            let (is_known, role) = (grant.is_some(), grant.as_ref().map(Grant::role));
            let is_let_in = match who {
                Who::Anybody => true,
                Who::SignedIn => is_known,
                Who::Roles(roles) => role.is_some_and(|role| roles.contains(&role)),
            };
            assert!(!status.is_server_error(), "{what}");
            if is_let_in {
                assert_ne!(status, StatusCode::FORBIDDEN, "{what}");
            } else if is_known {
                assert_eq!(status, StatusCode::FORBIDDEN, "{what}");
            } else {
                assert!(leads_to(&response).starts_with("/admin/sign-in"), "{what}");
            }
        }
    }
    // Nothing of all that had a form of ours.
    let accounts = vyveska_central::storage::AccountRepository::accounts(&storage).await;
    let accounts = accounts.unwrap();
    assert_eq!(accounts.len(), people.len());
    assert!(
        accounts
            .iter()
            .all(|one| one.disabled_at.is_none() && !one.grants.is_empty())
    );
}

#[tokio::test]
async fn a_town_sees_its_own() {
    let (town, _other) = Town::beside_another().await;
    for (place, own, foreign) in [
        ("lipnice", "lipnice.example/deska", "rolava.example/deska"),
        ("rolava", "rolava.example/deska", "lipnice.example/deska"),
    ] {
        for role in [Role::Editor, Role::Mayor, Role::Technician, Role::Reader] {
            let email = format!("{}@{place}.example", role.name());
            let mut browser = Browser::of(&town, &email, grant(role, Some(place))).await;
            let page = browser.page("/admin/").await;
            assert!(
                page.contains(own) && !page.contains(foreign),
                "{email}: {page}"
            );
        }
        let email = format!("{place}@jinde.example");
        let mut reader = Browser::of(&town, &email, grant(Role::Reader, Some(place))).await;
        let table = reader.page("/admin/audit.csv").await;
        let saved = table
            .lines()
            .filter(|line| line.contains("Nastavení desky"));
        let saved: Vec<&str> = saved.collect();
        assert!(
            matches!(saved[..], [line] if line.contains(place)),
            "{table}"
        );
        for address in ["/admin/audit?town=lipnice", "/admin/audit?town=rolava"] {
            let page = reader.page(address).await;
            let is_own = address.ends_with(place);
            assert_eq!(
                page.contains("<strong>Nastavení desky"),
                is_own,
                "{address}: {page}"
            );
        }
    }
    let reader = grant(Role::Reader, None);
    let mut reader = Browser::of(&town, "union@lipnice.example", reader).await;
    let page = reader.page("/admin/").await;
    assert!(page.contains("lipnice.example/deska") && page.contains("rolava.example/deska"));
}

#[tokio::test]
async fn what_waits_is_shown_in_the_language_of_whoever_asks() {
    let town = Town::quiet(3).await;
    town.publisher
        .edit(|shared| drop(shared.documents.remove("2.pdf")));
    town.poll().await;
    let editor = grant(Role::Editor, Some("lipnice"));
    let mut browser = Browser::of(&town, "eva@lipnice.example", editor).await;
    let page = browser.page("/admin/").await;
    assert!(page.contains("Přílohy chybí"), "{page}");
    assert!(page.contains("od 21. 11. 2026, 13.00"), "{page}");
    assert!(
        page.contains("Na uvedené adrese žádný soubor není."),
        "{page}"
    );
    assert!(page.contains("<a href=\"/lipnice/notice/"), "{page}");
    assert!(page.contains("čeká na vás: 1"), "{page}");
    let reader = grant(Role::Reader, Some("lipnice"));
    let mut reader = Browser::of(&town, "jan@lipnice.example", reader).await;
    let seen = reader.page("/admin/").await;
    assert!(seen.contains("čeká: 1"), "{seen}");
    for (language, title) in [("de", "Anlagen fehlen"), ("en", "Documents are missing")] {
        let form = browser.form("/admin/account").await;
        let fields = [("form", form.as_str()), ("language", language)];
        let response = browser.post("/admin/language", &fields).await;
        assert_eq!(leads_to(&response), "/admin/account?done=language");
        let page = browser.page("/admin/").await;
        assert!(page.contains(title), "{page}");
        assert!(
            page.contains(&format!("<html lang=\"{language}\">")),
            "{page}"
        );
        // Errors as well.
        let refused = browser.get("/admin/people").await;
        assert_eq!(refused.status(), StatusCode::FORBIDDEN);
        let page = refused.text().await.unwrap();
        assert!(
            page.contains(&format!("<html lang=\"{language}\">")),
            "{page}"
        );
    }
}

#[tokio::test]
async fn what_the_admin_has_not_is_told_by_its_own_page() {
    let town = Town::posting(1).await;
    let mut browser = Browser::new(&town);
    for path in ["/admin/xyz", "/admin/people/", "/admin/a/b/c"] {
        let response = browser.get(path).await;
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
        let page = response.text().await.unwrap();
        assert!(page.contains("/static/admin.css"), "{path}: {page}");
    }
    assert_eq!(browser.get("/lipnice/").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn pages_of_the_admin_are_kept_nowhere_and_load_nothing_from_elsewhere() {
    let town = Town::posting(1).await;
    let reader = grant(Role::Reader, None);
    let mut browser = Browser::of(&town, "eva@lipnice.example", reader).await;
    for path in ["/admin/", "/admin/audit", "/admin/sign-in", "/admin/people"] {
        let response = browser.get(path).await;
        let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
        assert_eq!(header("cache-control"), "no-store", "{path}");
        assert_eq!(header("x-frame-options"), "DENY", "{path}");
        assert_eq!(header("referrer-policy"), "same-origin", "{path}");
        assert!(
            header("content-security-policy").starts_with("default-src 'none'"),
            "{path}"
        );
    }
    let style = browser.request(Method::GET, "/static/admin.css");
    assert_eq!(browser.send(style).await.status(), StatusCode::OK);
}
