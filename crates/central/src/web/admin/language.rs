//! `POST /admin/language`: the language of one's own pages.

use axum::response::Response;
use vyveska_board::Language;

use super::error::{AdminError, see};
use super::fields::Fields;
use super::identity::Person;

/// The languages to choose from, by code and name, and which one is chosen.
pub(super) fn choices(chosen: Language) -> Vec<(&'static str, &'static str, bool)> {
    let all = Language::ALL.into_iter();
    all.map(|one| (one.code(), one.own_name(), one == chosen))
        .collect()
}

/// The language of a code.
pub(super) fn of(code: &str) -> Option<Language> {
    Language::ALL.into_iter().find(|one| one.code() == code)
}

pub(super) async fn post(person: Person, form: Fields) -> Result<Response, AdminError> {
    let wanted = of(form.text("language", 2)?).ok_or(AdminError::BadForm)?;
    let mut unit = person.begin(&form).await?;
    unit.set_language(wanted.code()).await?;
    unit.save().await?;
    Ok(see("/admin/account?done=language"))
}
