//! What a form or the query of an address says, and nothing that a page of ours would not send.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;

use super::error::AdminError;
use crate::http_service::Service;

/// The most letters of an address, and of whatever else is typed.
pub(super) const EMAIL_LETTERS: usize = 254;
pub(super) const TYPED_LETTERS: usize = 1_000;

/// The most fields of a form.
const MAX_FIELDS: usize = 2_000;

/// The fields of a form or a query, each with the values that it has.
pub(super) struct Fields(BTreeMap<String, Vec<String>>);

/// Marks a request whose body was too large to be read: that is said once the language of whoever sent it is known.
#[derive(Clone)]
pub(super) struct TooLarge;

/// The query of an address.
pub(super) struct Query(pub(super) Fields);

/// The id in an address: lower-case letters, digits and hyphens.
pub(super) struct Id(pub(super) String);

impl Fields {
    fn parse(text: &[u8]) -> Result<Self, AdminError> {
        let mut fields: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (count, (name, value)) in url::form_urlencoded::parse(text).enumerate() {
            // Neither database nor page has a use for control characters; no field of ours has several lines.
            if count == MAX_FIELDS || value.chars().any(char::is_control) {
                return Err(AdminError::BadForm);
            }
            let values = fields.entry(name.into_owned()).or_default();
            values.push(value.into_owned());
        }
        Ok(Self(fields))
    }

    /// The value of a field, without space around it.
    ///
    /// # Errors
    ///
    /// When it is not there, or longer than `most` letters.
    pub(super) fn text(&self, name: &str, most: usize) -> Result<&str, AdminError> {
        let value = self.exact(name, most)?;
        Ok(value.trim())
    }

    /// The value of a field as it was typed.
    pub(super) fn exact(&self, name: &str, most: usize) -> Result<&str, AdminError> {
        match self.0.get(name).map(Vec::as_slice) {
            Some([value]) if value.chars().count() <= most => Ok(value),
            _ => Err(AdminError::BadForm),
        }
    }

    /// The value of a field that may be missing or empty.
    pub(super) fn optional(&self, name: &str, most: usize) -> Result<Option<&str>, AdminError> {
        if !self.0.contains_key(name) {
            return Ok(None);
        }
        Ok(Some(self.text(name, most)?).filter(|value| !value.is_empty()))
    }

    /// All values of a field.
    pub(super) fn all(&self, name: &str) -> &[String] {
        self.0.get(name).map_or(&[], Vec::as_slice)
    }
}

impl FromRequest<Arc<Service>> for Fields {
    type Rejection = AdminError;

    async fn from_request(request: Request, service: &Arc<Service>) -> Result<Self, AdminError> {
        if request.extensions().get::<TooLarge>().is_some() {
            return Err(AdminError::TooLarge);
        }
        let kind = request.headers().get(CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Err(AdminError::BadForm);
        }
        let body = Bytes::from_request(request, service).await;
        Self::parse(&body.map_err(|_| AdminError::BadForm)?)
    }
}

impl FromRequestParts<Arc<Service>> for Query {
    type Rejection = AdminError;

    async fn from_request_parts(
        parts: &mut Parts,
        _service: &Arc<Service>,
    ) -> Result<Self, AdminError> {
        let query = parts.uri.query().unwrap_or_default();
        Fields::parse(query.as_bytes()).map(Self)
    }
}

impl FromRequestParts<Arc<Service>> for Id {
    type Rejection = AdminError;

    async fn from_request_parts(
        parts: &mut Parts,
        service: &Arc<Service>,
    ) -> Result<Self, AdminError> {
        let path = Path::<String>::from_request_parts(parts, service).await;
        let Path(id) = path.map_err(|_| AdminError::NotFound)?;
        let is_id = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
        if id.len() > 64 || !id.chars().all(is_id) {
            return Err(AdminError::NotFound);
        }
        Ok(Self(id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_has_one_value_of_its_length() {
        let fields =
            Fields::parse("a=+x+&b=1&b=2&c=&ř=%C5%99".as_bytes()).unwrap_or_else(|_| panic!());
        assert!(matches!(fields.text("a", 3), Ok("x")));
        assert!(matches!(fields.exact("a", 3), Ok(" x ")));
        assert!(matches!(fields.text("a", 2), Err(AdminError::BadForm)));
        assert!(matches!(fields.text("b", 9), Err(AdminError::BadForm)));
        assert!(matches!(fields.text("d", 9), Err(AdminError::BadForm)));
        assert!(matches!(fields.optional("c", 9), Ok(None)));
        assert!(matches!(fields.optional("d", 9), Ok(None)));
        assert!(matches!(fields.text("ř", 1), Ok("ř")));
        assert_eq!(fields.all("b"), ["1", "2"]);
        assert!(Fields::parse(b"a=%00").is_err());
        assert!(Fields::parse(&b"a&".repeat(2_001)).is_err());
    }
}
