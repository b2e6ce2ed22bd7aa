use std::collections::HashMap;

use crate::{Error, Result};

/// One typed entry. Arrays stay compact.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Unsigned(u64),
    Signed(i64),
    Float(f64),
    Flag(bool),
    String(String),
    Unsigneds(Vec<u32>),
    Ints(Vec<i32>),
    Floats(Vec<f32>),
    Flags(Vec<bool>),
    Strings(Vec<String>),
}

/// The key-value pairs of a GGUF file.
///
/// The plain getters fail when the key is missing, the `find_` ones return `None`; both fail when
/// its value has another type.
#[derive(Debug, Default)]
pub struct Metadata(pub(super) HashMap<String, Value>);

macro_rules! getters {
    ($($(#[$doc:meta])* $get:ident $find:ident $is:literal $type:ty, $read:expr;)*) => {
        impl Metadata {$(
            $(#[$doc])*
            pub fn $get(&self, key: &str) -> Result<$type> {
                self.$find(key)?.ok_or_else(|| missing(key))
            }

            $(#[$doc])*
            pub fn $find(&self, key: &str) -> Result<Option<$type>> {
                let Some(value) = self.0.get(key) else { return Ok(None) };
                let read: fn(&Value) -> Option<$type> = $read;
                read(value).map(Some).ok_or_else(|| wrong(key, $is))
            }
        )*}
    };
}

getters! {
    /// A text.
    string find_string "a string" &str, |v| match v { Value::String(s) => Some(s), _ => None };
    /// An integer of any width that fits.
    u32 find_u32 "a small whole number" u32, |v| match v {
        Value::Unsigned(n) => (*n).try_into().ok(),
        Value::Signed(n) => (*n).try_into().ok(),
        _ => None,
    };
    /// A float of either width.
    f32 find_f32 "a float" f32, |v| match v { Value::Float(x) => Some(*x as f32), _ => None };
    /// Yes or no.
    flag find_flag "a flag" bool, |v| match v { Value::Flag(b) => Some(*b), _ => None };
    /// An array of texts.
    strings find_strings "an array of strings" &[String], |v| match v { Value::Strings(s) => Some(s), _ => None };
    /// An array of signed integers of at most 32 bits.
    ints find_ints "an array of integers" &[i32], |v| match v { Value::Ints(s) => Some(s), _ => None };
    /// An array of unsigned integers of at most 32 bits.
    unsigneds find_unsigneds "an array of unsigned integers" &[u32], |v| match v { Value::Unsigneds(s) => Some(s), _ => None };
    /// An array of floats.
    floats find_floats "an array of floats" &[f32], |v| match v { Value::Floats(s) => Some(s), _ => None };
    /// An array of flags.
    flags find_flags "an array of flags" &[bool], |v| match v { Value::Flags(s) => Some(s), _ => None };
}

fn missing(key: &str) -> Error {
    Error::Damaged(format!("the metadata lacks `{key}`"))
}

fn wrong(key: &str, is: &str) -> Error {
    Error::Damaged(format!("the metadata's `{key}` is not {is}"))
}
