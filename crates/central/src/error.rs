//! Errors in logs.

/// An error with its sources, in one line; a source that the error's own message already has is left out.
pub fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        let message = source.to_string();
        if !text.ends_with(&message) {
            text.push_str(": ");
            text.push_str(&message);
        }
        next = source.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::BlobError;
    use crate::publish::PublishError;

    #[test]
    fn an_error_is_logged_with_its_sources() {
        let error = std::io::Error::from_raw_os_error(28);
        let store = object_store::Error::Generic {
            store: "folder",
            source: Box::new(error),
        };
        let error = PublishError::from(BlobError::from(store));
        let text = causes(&error);
        assert!(text.starts_with("the document store failed: "), "{text}");
        assert!(text.contains("No space left on device"), "{text}");
        assert_eq!(text.matches("No space left").count(), 1, "{text}");
    }
}
