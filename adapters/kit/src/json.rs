//! Owns reading JSON that agents wrote: borrowed, once over, and without failing on what is merely odd.
//!
//! Agents repeat keys, change types between versions, and write half surrogates. So nothing here is decoded against a
//! fixed shape: an [`Object`] lists its members as raw text, and each is decoded when somebody asks for it.
//! Must not know any agent's fields.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::Malformed;

/// A JSON object as it stands in a line.
///
/// Of a repeated key the **first** member counts: agents repeat a key when they write an envelope's own fields and then
/// those of what it holds, and it is the envelope that is being read.
#[derive(Debug, Clone, Default)]
pub struct Object<'a>(Vec<(Cow<'a, str>, Value<'a>)>);

impl<'a> Object<'a> {
    /// Reads a line that is one object and nothing else.
    ///
    /// # Errors
    /// When it is anything else.
    pub fn parse(line: &'a str) -> Result<Self, Malformed> {
        match Shape::read(line, 0) {
            Some(Shape::Object(object)) => Ok(object),
            _ => Err(Malformed),
        }
    }

    /// The first member of that name, unless it is null.
    pub fn get(&self, key: &str) -> Option<Value<'a>> {
        self.0.iter().find(|(name, _)| name == key).map(|(_, value)| *value).filter(|value| !value.is_null())
    }

    /// All members as they stand, repeated ones too; for an object whose keys are data, such as names of models.
    pub fn members(&self) -> impl Iterator<Item = (&str, Value<'a>)> {
        self.0.iter().map(|(name, value)| (&**name, *value))
    }

    /// The names of the members, as they come.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.members().map(|(name, _)| name)
    }

    /// The member, if it is a string.
    pub fn string(&self, key: &str) -> Option<Cow<'a, str>> {
        self.get(key)?.as_string()
    }

    /// The member, if it is an unsigned integer.
    pub fn u64(&self, key: &str) -> Option<u64> {
        self.get(key)?.as_u64()
    }

    /// The member, if it is an object.
    pub fn object(&self, key: &str) -> Option<Object<'a>> {
        self.get(key)?.as_object()
    }
}

/// One JSON value as it stands in a line.
#[derive(Debug, Clone, Copy)]
pub struct Value<'a>(&'a str);

impl<'a> Value<'a> {
    /// The value's own JSON text.
    pub fn raw(self) -> &'a str {
        self.0
    }

    /// Whether it is null.
    pub fn is_null(self) -> bool {
        self.0 == "null"
    }

    /// The text of a string. Half a surrogate pair becomes U+FFFD.
    pub fn as_string(self) -> Option<Cow<'a, str>> {
        let inner = self.0.strip_prefix('"')?.strip_suffix('"')?;
        match memchr::memchr(b'\\', inner.as_bytes()) {
            None => Some(Cow::Borrowed(inner)),
            Some(first) => Some(Cow::Owned(unescaped(inner, first))),
        }
    }

    /// An integer that fits.
    pub fn as_u64(self) -> Option<u64> {
        self.0.parse().ok()
    }

    /// An integer that fits.
    pub fn as_i32(self) -> Option<i32> {
        self.0.parse().ok()
    }

    /// The members of an object.
    pub fn as_object(self) -> Option<Object<'a>> {
        Object::parse(self.0).ok()
    }

    /// The elements of an array, at most `max` of them, and how many there are.
    pub fn as_array(self, max: usize) -> Option<(Vec<Value<'a>>, usize)> {
        match Shape::read(self.0, max) {
            Some(Shape::Array(kept, count)) => Some((kept, count)),
            _ => None,
        }
    }
}

/// What a value is, one level deep. Any JSON value is one of these, so reading it cannot find a type it did not expect:
/// the texts for that case, with their formatting of every kind of number, would be a fifth of a component.
enum Shape<'a> {
    Object(Object<'a>),
    Array(Vec<Value<'a>>, usize),
    Scalar,
}

impl<'a> Shape<'a> {
    fn read(json: &'a str, max_elements: usize) -> Option<Self> {
        let mut deserializer = serde_json::Deserializer::from_str(json);
        let shape = deserializer.deserialize_any(ShapeVisitor { max_elements }).ok()?;
        deserializer.end().ok()?;
        Some(shape)
    }
}

struct ShapeVisitor {
    max_elements: usize,
}

impl<'de> Visitor<'de> for ShapeVisitor {
    type Value = Shape<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        /// Room for what agents usually write; a larger object costs a reallocation.
        const USUAL_MEMBERS: usize = 8;
        let mut members = Vec::with_capacity(USUAL_MEMBERS);
        while let Some((Key(name), value)) = map.next_entry()? {
            members.push((name, value));
        }
        Ok(Shape::Object(Object(members)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let (mut kept, mut count) = (Vec::new(), 0);
        while let Some(element) = seq.next_element()? {
            count += 1;
            if kept.len() < self.max_elements {
                kept.push(element);
            }
        }
        Ok(Shape::Array(kept, count))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Shape::Scalar)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Shape::Scalar)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Shape::Scalar)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Shape::Scalar)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(Shape::Scalar)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Shape::Scalar)
    }
}

impl<'de> Deserialize<'de> for Value<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <&RawValue>::deserialize(deserializer).map(|raw| Self(raw.get()))
    }
}

/// A key, borrowed when it has no escape.
struct Key<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;
        impl<'de> Visitor<'de> for KeyVisitor {
            type Value = Key<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }

            fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Self::Value, E> {
                Ok(Key(Cow::Borrowed(key)))
            }

            fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
                Ok(Key(Cow::Owned(key.to_owned())))
            }
        }
        deserializer.deserialize_str(KeyVisitor)
    }
}

/// The text behind a string's escapes, in one allocation: it is never longer than its JSON form.
///
/// The JSON reader has accepted the string's shape, so an escape that is not one can only be a bug here or there; it
/// is left out rather than trusted.
fn unescaped(inner: &str, first: usize) -> String {
    let mut text = String::with_capacity(inner.len());
    text.push_str(&inner[..first]);
    let mut rest = &inner[first..];
    while let Some(escape) = rest.strip_prefix('\\') {
        let (decoded, after) = decode_escape(escape);
        text.extend(decoded);
        let plain = memchr::memchr(b'\\', after.as_bytes()).unwrap_or(after.len());
        text.push_str(&after[..plain]);
        rest = &after[plain..];
    }
    text
}

/// The character of an escape, and what follows it.
fn decode_escape(escape: &str) -> (Option<char>, &str) {
    let mut after = escape.chars();
    let decoded = match after.next() {
        Some('n') => Some('\n'),
        Some('t') => Some('\t'),
        Some('r') => Some('\r'),
        Some('b') => Some('\u{8}'),
        Some('f') => Some('\u{c}'),
        Some('u') => return decode_unicode(after.as_str()),
        Some(itself @ ('"' | '\\' | '/')) => Some(itself),
        _ => None,
    };
    (decoded, after.as_str())
}

fn decode_unicode(digits: &str) -> (Option<char>, &str) {
    let Some((unit, after)) = code_unit(digits) else { return (None, digits) };
    if let Some(character) = char::from_u32(unit) {
        return (Some(character), after);
    }
    let pair = after.strip_prefix("\\u").and_then(code_unit).and_then(|(low, after)| {
        let units = [u16::try_from(unit).ok()?, u16::try_from(low).ok()?];
        char::decode_utf16(units).next()?.ok().map(|character| (character, after))
    });
    match pair {
        Some((character, after)) => (Some(character), after),
        None => (Some(char::REPLACEMENT_CHARACTER), after),
    }
}

fn code_unit(digits: &str) -> Option<(u32, &str)> {
    let (unit, after) = digits.split_at_checked(4)?;
    Some((u32::from_str_radix(unit, 16).ok()?, after))
}

#[cfg(test)]
#[path = "json_tests.rs"]
mod tests;
