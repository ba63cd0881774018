//! JSON read one level at a time.
//!
//! A value that cannot be read (nested too deep, a number beyond all bounds) then costs its own field,
//! not the notice around it, and a notice is kept as received without writing it anew.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

/// How many keys of one object are looked at.
const MAX_FIELDS: usize = 2_000;

/// The longest text of one field that is read.
const MAX_FIELD_BYTES: usize = 4 * 1024 * 1024;

/// The kind of a value, by its first byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// `{…}`
    Object,
    /// `[…]`
    Array,
    /// `"…"`
    Text,
    /// `null`
    Null,
    /// A number, `true` or `false`.
    Other,
}

/// What `raw` is.
pub(super) fn kind(raw: &RawValue) -> Kind {
    match raw.get().bytes().next() {
        Some(b'{') => Kind::Object,
        Some(b'[') => Kind::Array,
        Some(b'"') => Kind::Text,
        Some(b'n') => Kind::Null,
        _ => Kind::Other,
    }
}

/// Whether `raw` is an array that begins with a text.
pub(super) fn begins_with_text(raw: &RawValue) -> bool {
    raw.get()
        .strip_prefix('[')
        .is_some_and(|rest| rest.trim_start().starts_with('"'))
}

/// Keys and values of an object; empty for anything else.
pub(super) fn fields(raw: &RawValue) -> Vec<(Cow<'_, str>, &RawValue)> {
    serde_json::from_str::<Object<'_>>(raw.get())
        .map(|object| object.0)
        .unwrap_or_default()
}

/// The first `max` members of an array and how many more there are; empty for anything else.
pub(super) fn items(raw: &RawValue, max: usize) -> (Vec<&RawValue>, usize) {
    struct Items<'a>(&'a mut usize, usize);

    impl<'de> Visitor<'de> for Items<'_> {
        type Value = Vec<&'de RawValue>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an array")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
            let mut items = Vec::new();
            while items.len() < self.1 {
                match seq.next_element()? {
                    Some(item) => items.push(item),
                    None => return Ok(items),
                }
            }
            while seq.next_element::<IgnoredAny>()?.is_some() {
                *self.0 += 1;
            }
            Ok(items)
        }
    }

    let mut left_out = 0;
    let items = serde_json::Deserializer::from_str(raw.get())
        .deserialize_seq(Items(&mut left_out, max))
        .unwrap_or_default();
    (items, left_out)
}

/// The whole value; `None` when it is too long, too deep or beyond what numbers can hold.
pub(super) fn value(raw: &RawValue) -> Option<Value> {
    if raw.get().len() > MAX_FIELD_BYTES {
        return None;
    }
    serde_json::from_str(raw.get()).ok()
}

struct Object<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

#[derive(Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Object<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;

        impl<'de> Visitor<'de> for Fields {
            type Value = Vec<(Cow<'de, str>, &'de RawValue)>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = Vec::new();
                while fields.len() < MAX_FIELDS {
                    match map.next_entry::<Key<'de>, &'de RawValue>()? {
                        Some((key, value)) => fields.push((key.0, value)),
                        None => return Ok(fields),
                    }
                }
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(fields)
            }
        }

        deserializer.deserialize_map(Fields).map(Object)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(text: &str) -> &RawValue {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn an_object_too_deep_spoils_one_field_only() {
        let deep = format!(
            r#"{{"a": {}1{}, "b": "x"}}"#,
            "[".repeat(5_000),
            "]".repeat(5_000)
        );
        let fields = fields(raw(&deep));
        assert_eq!(fields.len(), 2);
        assert_eq!(value(fields[0].1), None);
        assert_eq!(value(fields[1].1), Some(Value::from("x")));
    }

    #[test]
    fn a_number_beyond_bounds_spoils_one_field_only() {
        let fields = fields(raw(r#"{"a": 1e999, "b": 2}"#));
        assert_eq!(value(fields[0].1), None);
        assert_eq!(value(fields[1].1), Some(Value::from(2)));
    }

    #[test]
    fn what_is_beyond_the_limit_is_counted_not_kept() {
        let (found, left_out) = items(raw("[1, 2, 3, 4]"), 3);
        assert_eq!((found.len(), left_out), (3, 1));
        assert_eq!(items(raw("{}"), 3).0.len(), 0);
    }
}
