//! `POST /admin/language`: the language of one's own pages.

use axum::response::Response;
use vyveska_board::Language;

use super::error::{AdminError, see};
use super::fields::Fields;
use super::identity::Person;

pub(super) async fn post(person: Person, form: Fields) -> Result<Response, AdminError> {
    let wanted = form.text("language", 2)?;
    if !Language::ALL.into_iter().any(|one| one.code() == wanted) {
        return Err(AdminError::BadForm);
    }
    let mut unit = person.begin(&form).await?;
    unit.set_language(wanted).await?;
    unit.save().await?;
    Ok(see("/admin/sessions"))
}
