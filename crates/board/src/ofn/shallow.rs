//! JSON read one level at a time.
//!
//! A value that cannot be read (nested too deep, a number beyond all bounds) then costs its own field,
//! not the notice around it, and a notice is kept as received without writing it anew.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use serde_json::map::{Entry, Map};
use serde_json::value::RawValue;

/// How many keys of one object are looked at.
const MAX_FIELDS: usize = 2_000;

/// The longest text of one field that is read.
pub(super) const MAX_FIELD_BYTES: usize = 4 * 1024 * 1024;

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
///
/// A key that an object repeats has all its values, see [`joined`].
pub(super) fn value(raw: &RawValue) -> Option<Value> {
    value_and_repeated(raw).map(|(value, _)| value)
}

/// The whole value, and the keys that objects in it repeat.
pub(super) fn value_and_repeated(raw: &RawValue) -> Option<(Value, BTreeSet<String>)> {
    if raw.get().len() > MAX_FIELD_BYTES {
        return None;
    }
    let mut repeated = BTreeSet::new();
    let mut json = serde_json::Deserializer::from_str(raw.get());
    let value = Joining(&mut repeated).deserialize(&mut json).ok()?;
    Some((value, repeated))
}

/// Two values of one key: both of them in a list, lists end to end, unless they are equal or one is `null`.
///
/// JSON leaves open what a repeated key means (RFC 8259, 4), and most readers lose all but the last value.
/// In JSON-LD, a list without further notice is several values of its key.
pub(super) fn joined(one: Value, other: Value) -> Value {
    let values = |value| match value {
        Value::Array(values) => values,
        value => vec![value],
    };
    match (one, other) {
        (one, other) if other.is_null() || one == other => one,
        (one, other) if one.is_null() => other,
        (one, other) => {
            let mut all = values(one);
            all.extend(values(other));
            Value::Array(all)
        }
    }
}

/// Reads a value and notes the keys that its objects repeat.
struct Joining<'r>(&'r mut BTreeSet<String>);

impl<'de> DeserializeSeed<'de> for Joining<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Joining<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = seq.next_element_seed(Joining(self.0))? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut fields = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            let value = map.next_value_seed(Joining(self.0))?;
            match fields.entry(key) {
                Entry::Vacant(field) => {
                    field.insert(value);
                }
                Entry::Occupied(mut field) => {
                    self.0.insert(field.key().clone());
                    let earlier = field.get_mut().take();
                    field.insert(joined(earlier, value));
                }
            }
        }
        Ok(Value::Object(fields))
    }
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
    use serde_json::json;

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
    fn a_repeated_key_has_all_its_values() {
        let check = |json: &str, expected: Value| {
            let (found, repeated) = value_and_repeated(raw(json)).unwrap();
            assert_eq!(found, expected);
            assert_eq!(repeated, BTreeSet::from(["a".to_owned()]), "{json}");
        };
        check(r#"{"a": 1, "a": 2}"#, json!({"a": [1, 2]}));
        check(
            r#"{"a": [1, 2], "a": 3, "a": [4]}"#,
            json!({"a": [1, 2, 3, 4]}),
        );
        check(r#"{"a": null, "a": 1, "a": null}"#, json!({"a": 1}));
        check(
            r#"[{"b": {"a": "x", "a": "x"}}]"#,
            json!([{"b": {"a": "x"}}]),
        );
        let plain = value_and_repeated(raw(r#"[{"a": -1}, {"a": [0.5, true]}]"#)).unwrap();
        assert_eq!(
            plain,
            (json!([{"a": -1}, {"a": [0.5, true]}]), BTreeSet::new())
        );
    }

    #[test]
    fn what_is_beyond_the_limit_is_counted_not_kept() {
        let (found, left_out) = items(raw("[1, 2, 3, 4]"), 3);
        assert_eq!((found.len(), left_out), (3, 1));
        assert_eq!(items(raw("{}"), 3).0.len(), 0);
    }
}
