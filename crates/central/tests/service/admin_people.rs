//! Who may do what: invitations, roles, and access that is taken away.

use chrono::TimeDelta;
use reqwest::{Method, StatusCode};
use vyveska_board::Clock as _;
use vyveska_central::account::invitation::FirstAdministrator;
use vyveska_central::storage::{AccountRepository as _, Role};

use crate::office::{Browser, PASSWORD, between, code, grant, leads_to};
use crate::town::Town;

const ADMIN: &str = "spravce@lipnice.example";

async fn administrator(town: &Town) -> Browser {
    Browser::of(town, ADMIN, grant(Role::Administrator, None)).await
}

/// The path of the link that a page shows.
#[track_caller]
fn link(page: &str) -> String {
    let link = between(
        page,
        "class=\"link\">https://deska.example/admin/invitation/",
        "<",
    );
    format!("/admin/invitation/{link}")
}

async fn invite(admin: &mut Browser, email: &str, role: &str, town: &str) -> (StatusCode, String) {
    let form = admin.form("/admin/people").await;
    let fields = [
        ("form", form.as_str()),
        ("email", email),
        ("role", role),
        ("town", town),
    ];
    let response = admin.post("/admin/people/invite", &fields).await;
    (response.status(), response.text().await.unwrap())
}

async fn accept(browser: &mut Browser, link: &str, name: &str, passwords: [&str; 2]) -> StatusCode {
    let fields = [
        ("name", name),
        ("password", passwords[0]),
        ("again", passwords[1]),
    ];
    browser.post(link, &fields).await.status()
}

/// The page of an account.
async fn page_of(town: &Town, email: &str) -> String {
    let storage = town.storage().await;
    let accounts = storage.accounts().await.unwrap();
    let account = accounts.iter().find(|one| one.email == email).unwrap();
    format!("/admin/people/{}", account.id)
}

#[tokio::test]
async fn an_invitation_is_accepted_once() {
    let town = Town::posting(1).await;
    let mut admin = administrator(&town).await;
    let (status, page) = invite(&mut admin, "Eva@Lipnice.example", "editor", "lipnice").await;
    assert_eq!(status, StatusCode::OK);
    let link = link(&page);
    let listed = admin.page("/admin/people").await;
    assert!(
        listed.contains("redaktor · Město Lipnice nad Rolavou"),
        "{listed}"
    );
    assert!(
        !listed.contains("/admin/invitation/"),
        "it is shown once: {listed}"
    );
    assert!(listed.contains("kód zatím nenastaven"), "{listed}");

    let mut browser = Browser::new(&town);
    let page = browser.page(&link).await;
    assert!(page.contains("<title>Založení účtu"), "{page}");
    assert!(page.contains("value=\"eva@lipnice.example\""), "{page}");
    for (name, passwords) in [
        ("Eva", ["krátké", "krátké"]),
        ("Eva", [PASSWORD, "něco docela jiného"]),
        ("Eva", ["aaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaa"]),
        ("Eva", ["eva@lipnice.example", "eva@lipnice.example"]),
        (" ", [PASSWORD, PASSWORD]),
    ] {
        let status = accept(&mut browser, &link, name, passwords).await;
        assert_eq!(
            status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{name} {passwords:?}"
        );
    }
    let passwords = [PASSWORD, PASSWORD];
    for expected in [StatusCode::SEE_OTHER, StatusCode::NOT_FOUND] {
        let status = accept(&mut browser, &link, "Eva Nováková", passwords).await;
        assert_eq!(status, expected);
    }
    assert_eq!(browser.get(&link).await.status(), StatusCode::NOT_FOUND);
    let response = browser.sign_in("eva@lipnice.example", PASSWORD).await;
    assert_eq!(leads_to(&response), "/admin/");
    let page = browser.page("/admin/").await;
    assert!(page.contains("Eva Nováková"), "{page}");
}

#[tokio::test]
async fn an_invitation_ends_after_a_week() {
    let town = Town::posting(1).await;
    let mut admin = administrator(&town).await;
    let (_, page) = invite(&mut admin, "eva@lipnice.example", "reader", "").await;
    let link = link(&page);
    town.clock.advance(TimeDelta::days(7));
    let mut browser = Browser::new(&town);
    assert_eq!(browser.get(&link).await.status(), StatusCode::NOT_FOUND);
    let status = accept(&mut browser, &link, "Eva", [PASSWORD, PASSWORD]).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_invitation_is_taken_back() {
    let town = Town::posting(1).await;
    let mut admin = administrator(&town).await;
    let (_, page) = invite(&mut admin, "eva@lipnice.example", "reader", "").await;
    let link = link(&page);
    let id = between(&page, "action=\"/admin/people/invitations/", "/");
    let path = format!("/admin/people/invitations/{id}/end");
    for expected in [StatusCode::SEE_OTHER, StatusCode::NOT_FOUND] {
        let form = admin.form("/admin/people").await;
        let response = admin.post(&path, &[("form", &form)]).await;
        assert_eq!(response.status(), expected);
    }
    assert_eq!(admin.get(&link).await.status(), StatusCode::NOT_FOUND);
    let table = admin.page("/admin/audit.csv").await;
    let ended = table.lines().find(|line| line.contains("Zrušení odkazu"));
    assert!(
        ended.is_some_and(|line| line.contains("eva@lipnice.example")),
        "{table}"
    );
}

#[tokio::test]
async fn what_is_wrong_with_an_invitation_is_said() {
    let town = Town::posting(1).await;
    let mut admin = administrator(&town).await;
    for (email, role, of, words) in [
        ("eva", "reader", "", "Toto není e-mailová adresa."),
        (ADMIN, "reader", "", "už existuje"),
        (
            "eva@lipnice.example",
            "administrator",
            "lipnice",
            "pro celý svazek",
        ),
        ("eva@lipnice.example", "editor", "", "pro jednu obec"),
    ] {
        let (status, page) = invite(&mut admin, email, role, of).await;
        assert_eq!(
            status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{email} {role} {of}"
        );
        assert!(
            page.contains(words) && page.contains(&format!("value=\"{email}\"")),
            "{page}"
        );
    }
    for (role, of) in [("root", ""), ("reader", "atlantis")] {
        let (status, _) = invite(&mut admin, "eva@lipnice.example", role, of).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{role} {of}");
    }
}

#[tokio::test]
async fn a_form_that_is_sent_twice_counts_once() {
    let town = Town::posting(1).await;
    let mut admin = administrator(&town).await;
    let form = admin.form("/admin/people").await;
    let fields = [
        ("form", form.as_str()),
        ("email", "eva@lipnice.example"),
        ("role", "reader"),
        ("town", ""),
    ];
    let first = admin.post("/admin/people/invite", &fields).await;
    assert_eq!(first.status(), StatusCode::OK);
    let second = admin.post("/admin/people/invite", &fields).await;
    assert_eq!(second.status(), StatusCode::CONFLICT);
    let page = second.text().await.unwrap();
    assert!(page.contains("Formulář už byl odeslán"), "{page}");
    let row = "<th scope=\"row\">eva@lipnice.example";
    assert_eq!(page.matches(row).count(), 1, "{page}");

    // Whoever has lost the link of the first one makes another.
    let lost = link(&first.text().await.unwrap());
    let path = between(&page, "action=\"/admin/people/invitations/", "\"");
    assert!(path.ends_with("/link"), "{path}");
    let path = format!("/admin/people/invitations/{path}");
    let form = between(&page, "name=\"form\" value=\"", "\"");
    let made = admin.post(&path, &[("form", form)]).await;
    let page = made.text().await.unwrap();
    assert_eq!(page.matches(row).count(), 1, "{page}");
    assert_eq!(admin.get(&lost).await.status(), StatusCode::NOT_FOUND);
    let page = admin.page(&link(&page)).await;
    assert!(page.contains("kontrolor"), "{page}");
    let repeated = admin.post(&path, &[("form", form)]).await;
    assert_eq!(repeated.status(), StatusCode::CONFLICT);
    let form = admin.form("/admin/people").await;
    let ended = admin.post(&path, &[("form", &form)]).await;
    assert_eq!(ended.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_link_for_a_new_password_that_was_lost_is_made_anew() {
    let town = Town::posting(1).await;
    let mut admin = administrator(&town).await;
    let own = page_of(&town, ADMIN).await;
    let form = admin.form(&own).await;
    let path = format!("{own}/password");
    link(
        &admin
            .post(&path, &[("form", &form)])
            .await
            .text()
            .await
            .unwrap(),
    );
    let again = admin.post(&path, &[("form", &form)]).await;
    let page = again.text().await.unwrap();
    assert!(page.contains("ukázal se ale jen jednou"), "{page}");
}

#[tokio::test]
async fn an_invitation_has_a_language() {
    let town = Town::posting(1).await;
    let mut admin = administrator(&town).await;
    let form = admin.form("/admin/people").await;
    let fields = |language: &'static str, role: &'static str| {
        [
            ("form", form.clone()),
            ("email", "eva@lipnice.example".to_owned()),
            ("role", role.to_owned()),
            ("town", "lipnice".to_owned()),
            ("language", language.to_owned()),
        ]
    };
    let mut send = async |language, role| {
        let fields = fields(language, role);
        let fields = fields
            .each_ref()
            .map(|(name, value)| (*name, value.as_str()));
        let response = admin.post("/admin/people/invite", &fields).await;
        (response.status(), response.text().await.unwrap())
    };
    assert_eq!(send("xx", "reader").await.0, StatusCode::BAD_REQUEST);
    // What was chosen stays chosen after an error.
    let (status, page) = send("de", "administrator").await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    for chosen in ["administrator", "lipnice", "de"] {
        let option = format!("<option value=\"{chosen}\"");
        let option = between(&page, &option, ">");
        assert!(option.contains("selected"), "{chosen}: {page}");
    }
    let (_, page) = send("de", "reader").await;
    let mut browser = Browser::new(&town);
    let page = browser.page(&link(&page)).await;
    assert!(page.contains("<html lang=\"de\">"), "{page}");
}

#[tokio::test]
async fn one_changes_ones_own_name_and_password() {
    let town = Town::posting(1).await;
    let mut eva = Browser::of(
        &town,
        "eva@lipnice.example",
        grant(Role::Editor, Some("lipnice")),
    )
    .await;
    let mut phone = Browser::new(&town);
    phone.sign_in("eva@lipnice.example", PASSWORD).await;
    let path = "/admin/account";
    for (name, expected) in [(" ", 422), ("Eva Nováková", 303)] {
        let form = eva.form(path).await;
        let fields = [("form", form.as_str()), ("name", name)];
        let response = eva.post("/admin/account/name", &fields).await;
        assert_eq!(response.status().as_u16(), expected, "{name}");
    }
    let page = eva.page("/admin/account?done=name").await;
    assert!(page.contains("Jméno je změněno."), "{page}");
    assert!(page.contains("value=\"Eva Nováková\""), "{page}");

    let new = "sova most lípa les";
    for (old, password, again, words) in [
        ("něco jiného", new, new, "Dosavadní heslo nesouhlasí."),
        (PASSWORD, new, "sova most lípa", "Hesla se neshodují."),
        (PASSWORD, "Novakova1984", "Novakova1984", "snadno uhodne"),
        (PASSWORD, new, new, ""),
    ] {
        let form = eva.form(path).await;
        let fields = [
            ("form", form.as_str()),
            ("old", old),
            ("password", password),
            ("again", again),
        ];
        let response = eva.post("/admin/account/password", &fields).await;
        if words.is_empty() {
            assert_eq!(leads_to(&response), "/admin/account?done=password");
        } else {
            assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
            let page = response.text().await.unwrap();
            assert!(page.contains(words), "{words}: {page}");
        }
    }
    eva.page("/admin/").await;
    assert_eq!(phone.get("/admin/").await.status(), StatusCode::SEE_OTHER);
    for (password, expected) in [(PASSWORD, 422), (new, 303)] {
        let response = phone.sign_in("eva@lipnice.example", password).await;
        assert_eq!(response.status().as_u16(), expected);
    }
    // A browser that somebody left open does not tell it by trying.
    for expected in [422, 422, 422, 422, 422, 429] {
        let form = phone.form(path).await;
        let fields = [
            ("form", form.as_str()),
            ("old", PASSWORD),
            ("password", "les lípa sova most"),
            ("again", "les lípa sova most"),
        ];
        let response = phone.post("/admin/account/password", &fields).await;
        assert_eq!(response.status().as_u16(), expected);
    }
}

#[tokio::test]
async fn a_form_that_is_too_large_is_refused_by_a_page_of_the_admin() {
    let town = Town::posting(1).await;
    let mut admin = administrator(&town).await;
    let form = admin.form("/admin/account").await;
    let fields = [("form", form.as_str()), ("language", "de")];
    admin.post("/admin/language", &fields).await;
    let name = "a".repeat(65 * 1024);
    for (path, words) in [
        ("/admin/account/name", "Das Formular ist zu groß"),
        ("/admin/sign-in", "Formulář je příliš velký"),
    ] {
        let response = admin.post(path, &[("name", &name)]).await;
        assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE, "{path}");
        let page = response.text().await.unwrap().replace('\u{a0}', " ");
        assert!(page.contains(words), "{page}");
    }
}

#[tokio::test]
async fn people_with_one_name_are_told_apart_in_the_audit_log() {
    let town = Town::posting(1).await;
    let mut admin = administrator(&town).await;
    let form = admin.form("/admin/account").await;
    let fields = [("form", form.as_str()), ("name", "Jan Novák")];
    admin.post("/admin/account/name", &fields).await;
    let page = admin.page("/admin/audit").await;
    let row = format!("Jan Novák<span class=\"under\">{ADMIN}</span>");
    assert!(page.contains(&row), "{page}");
    let table = admin.page("/admin/audit.csv").await;
    assert!(
        table.contains(&format!("\"Jan Novák ({ADMIN})\"")),
        "{table}"
    );
}

#[tokio::test]
async fn roles_are_changed_and_access_is_taken_away_at_once() {
    let town = Town::posting(1).await;
    let mut admin = administrator(&town).await;
    let reader = grant(Role::Reader, Some("lipnice"));
    let mut eva = Browser::of(&town, "eva@lipnice.example", reader).await;
    let person = page_of(&town, "eva@lipnice.example").await;
    eva.page("/admin/audit").await;

    let form = admin.form(&person).await;
    let fields = [
        ("form", form.as_str()),
        ("shown", "reader lipnice"),
        ("role", "editor"),
        ("town", "lipnice"),
    ];
    let response = admin.post(&format!("{person}/roles"), &fields).await;
    assert_eq!(leads_to(&response), person);
    let page = admin.page(&person).await;
    assert!(page.contains("value=\"editor lipnice\""), "{page}");
    assert!(
        !page.contains("value=\"reader lipnice\""),
        "what is not kept goes: {page}"
    );
    assert_eq!(eva.get("/admin/").await.status(), StatusCode::SEE_OTHER);
    // Whoever saw the page before takes nothing away that it did not show.
    let form = admin.form(&person).await;
    let shown = [("form", form.as_str()), ("shown", "reader lipnice")];
    let response = admin.post(&format!("{person}/roles"), &shown).await;
    assert_eq!(response.status(), StatusCode::CONFLICT);
    let refused = response.text().await.unwrap();
    assert!(
        refused.contains("Mezitím to změnil někdo jiný"),
        "{refused}"
    );
    let page = admin.page(&person).await;
    assert!(
        page.contains("name=\"shown\" value=\"editor lipnice\""),
        "{page}"
    );
    eva.sign_in("eva@lipnice.example", PASSWORD).await;
    assert_eq!(
        eva.get("/admin/audit").await.status(),
        StatusCode::FORBIDDEN
    );

    for (disabled, status) in [("true", 422), ("false", 303)] {
        let form = admin.form(&person).await;
        let fields = [("form", form.as_str()), ("disabled", disabled)];
        let response = admin.post(&format!("{person}/disabled"), &fields).await;
        assert_eq!(leads_to(&response), person);
        assert_eq!(eva.get("/admin/").await.status(), StatusCode::SEE_OTHER);
        let response = eva.sign_in("eva@lipnice.example", PASSWORD).await;
        assert_eq!(response.status().as_u16(), status, "{disabled}");
    }
    let table = admin.page("/admin/audit.csv").await;
    let mut auditor = Browser::of(
        &town,
        "kontrolor@lipnice.example",
        grant(Role::Reader, Some("lipnice")),
    )
    .await;
    let of_town = auditor.page("/admin/audit.csv").await;
    for words in ["Změna rolí", "Zakázání přístupu", "Povolení přístupu"] {
        let line = table.lines().find(|line| line.contains(words)).unwrap();
        let told = of_town.lines().filter(|line| line.contains(words));
        assert_eq!(told.count(), 1, "{of_town}");
        assert!(
            line.contains(ADMIN) && line.contains("eva@lipnice.example"),
            "{line}"
        );
    }
}

#[tokio::test]
async fn the_last_administrator_keeps_the_keys() {
    let town = Town::posting(1).await;
    let mut admin = administrator(&town).await;
    let own = page_of(&town, ADMIN).await;
    let form = admin.form(&own).await;
    let attempts: [(&str, &[(&str, &str)]); 2] = [
        ("disabled", &[("form", &form), ("disabled", "true")]),
        (
            "roles",
            &[
                ("form", &form),
                ("shown", "administrator "),
                ("role", "reader"),
                ("town", ""),
            ],
        ),
    ];
    for (what, fields) in attempts {
        let response = admin.post(&format!("{own}/{what}"), fields).await;
        assert_eq!(
            response.status(),
            StatusCode::UNPROCESSABLE_ENTITY,
            "{what}"
        );
        let page = response.text().await.unwrap();
        assert!(
            page.contains("Nikdo jiný by pak službu nespravoval"),
            "{page}"
        );
    }
    admin.page("/admin/people").await;
}

#[tokio::test]
async fn whoever_lost_password_and_phone_sets_both_anew() {
    let town = Town::posting(1).await;
    let mut admin = administrator(&town).await;
    let mayor = grant(Role::Mayor, Some("lipnice"));
    let mut mayor = Browser::of(&town, "starosta@lipnice.example", mayor).await;
    let person = page_of(&town, "starosta@lipnice.example").await;
    let form = admin.form(&person).await;
    let response = admin
        .post(&format!("{person}/password"), &[("form", &form)])
        .await;
    let link = link(&response.text().await.unwrap());
    mayor.page("/admin/").await;
    let mut phone = Browser::new(&town);
    let new = "sova most lípa les";
    let status = phone
        .post(&link, &[("password", new), ("again", new)])
        .await
        .status();
    assert_eq!(status, StatusCode::SEE_OTHER);
    assert_eq!(mayor.get("/admin/").await.status(), StatusCode::SEE_OTHER);
    let response = phone.sign_in("starosta@lipnice.example", PASSWORD).await;
    assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
    phone.sign_in("starosta@lipnice.example", new).await;
    let page = phone.page("/admin/sign-in/code").await;
    assert!(page.contains("<svg"), "{page}");
}

#[tokio::test]
async fn the_first_link_makes_the_administrator_and_ends_after_a_day() {
    let town = Town::posting(1).await;
    let path = |administrator: FirstAdministrator| {
        let FirstAdministrator::Link(link) = administrator else {
            panic!("{administrator:?}");
        };
        let path = link.strip_prefix("https://deska.example").unwrap();
        path.to_owned()
    };
    let mut browser = Browser::new(&town);
    let link = path(town.central.first_administrator_link().await.unwrap());
    // Another node, or another start, leaves it.
    let again = town.central.first_administrator_link().await.unwrap();
    assert_eq!(again, FirstAdministrator::LinkBefore);
    browser.page(&link).await;
    town.clock.advance(TimeDelta::hours(24));
    assert_eq!(browser.get(&link).await.status(), StatusCode::NOT_FOUND);

    let link = path(town.central.first_administrator_link().await.unwrap());
    browser.page(&link).await;
    let fields = |email: &'static str| {
        [
            ("email", email),
            ("name", "Jan Novák"),
            ("password", PASSWORD),
            ("again", PASSWORD),
        ]
    };
    let response = browser.post(&link, &fields("jan")).await;
    assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let response = browser.post(&link, &fields("Jan@Lipnice.example")).await;
    assert_eq!(leads_to(&response), "/admin/sign-in?new=1");
    browser.sign_in("jan@lipnice.example", PASSWORD).await;
    let page = browser.page("/admin/sign-in/code").await;
    let secret = between(&page, "class=\"secret\">", "<").replace(' ', "");
    let now = town.clock.now().earliest;
    let code = code(&secret, now);
    browser
        .post("/admin/sign-in/code", &[("code", &code)])
        .await;
    browser.page("/admin/people").await;
    let known = town.central.first_administrator_link().await.unwrap();
    assert_eq!(known, FirstAdministrator::Known);
}

#[tokio::test]
async fn rubbish_in_forms_changes_nothing_and_breaks_nothing() {
    let town = Town::posting(1).await;
    let mut admin = administrator(&town).await;
    let own = page_of(&town, ADMIN).await;
    let forms = [
        "/admin/sign-in".to_owned(),
        "/admin/sign-in/code".to_owned(),
        format!("/admin/invitation/{}", "0".repeat(64)),
        "/admin/invitation/%00".to_owned(),
        "/admin/sessions/%FF/end".to_owned(),
        "/admin/sessions/x/end".to_owned(),
        "/admin/language".to_owned(),
        "/admin/account/name".to_owned(),
        "/admin/account/password".to_owned(),
        "/admin/people/invitations/x/link".to_owned(),
        "/admin/people/invite".to_owned(),
        "/admin/people/x/roles".to_owned(),
        "/admin/people/%2e%2e/disabled".to_owned(),
        format!("{own}/roles"),
        format!("{own}/disabled"),
        format!("{own}/password"),
    ];
    let long = format!("email={}&password=x", "a".repeat(60_000));
    let many = "keep=x&".repeat(3_000);
    let huge = "a".repeat(70_000);
    let form = admin.form("/admin/people").await;
    let reused = format!(
        "form={form}&form={form}&email=a@b.example&role=reader&town=&disabled=true&language=de"
    );
    let zero = format!(
        "form={form}&email=a%00@b.example&role=reader&town=&disabled=x%00&language=d%00&password=%00&code=%00"
    );
    let strange = "form=x%27;--&email=%F0%9F%92%A9&role=%FF&town=%C3%28&disabled=maybe&language=xx&password=&code=%";
    let kind = "application/x-www-form-urlencoded";
    for path in &forms {
        for (kind, body) in [
            (Some(kind), ""),
            (Some(kind), "&&&=&=="),
            (Some(kind), strange),
            (Some(kind), &reused),
            (Some(kind), &zero),
            (Some(kind), &long),
            (Some(kind), &many),
            (Some(kind), &huge),
            (Some("application/json"), "{\"email\":\"a@b.example\"}"),
            (Some("multipart/form-data; boundary=x"), "--x\r\n\r\n"),
            (None, "email=a@b.example"),
        ] {
            let mut request = admin
                .request(Method::POST, path)
                .header("sec-fetch-site", "same-origin")
                .body(body.to_owned());
            if let Some(kind) = kind {
                request = request.header("content-type", kind);
            }
            let response = request.send().await.unwrap();
            let status = response.status().as_u16();
            let shown = &body[..body.len().min(40)];
            assert!(
                (400..500).contains(&status) || (path.contains("/code") && status == 303),
                "{path} {shown}: {status}"
            );
        }
    }
    for path in [
        "/admin/audit?from=x",
        "/admin/audit?before=-",
        "/admin/audit?town=%00",
        "/admin/audit?town=a&town=b",
        "/admin/people/%00",
    ] {
        let status = admin.get(path).await.status().as_u16();
        assert!((400..500).contains(&status), "{path}: {status}");
    }
    for path in ["/admin/audit?town=%27;--", "/admin/sign-in?next=%0d%0a"] {
        let status = admin.get(path).await.status().as_u16();
        assert!((200..500).contains(&status), "{path}: {status}");
    }
    let page = admin.page("/admin/people").await;
    assert!(
        page.contains("<html lang=\"cs\">") && !page.contains("b.example"),
        "{page}"
    );
}
