use std::collections::HashMap;

use super::cursor::Cursor;
use crate::{Error, Result};

/// The shortest pair: a key of no letters, a type, a value of one byte.
const LEAST_PAIR_BYTES: u64 = 8 + 4 + 1;
/// The length that stands before every string.
const LEAST_STRING_BYTES: u64 = 8;

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

impl Metadata {
    pub(super) fn read(cursor: &mut Cursor) -> Result<Self> {
        let count = cursor.u64("number of metadata keys")?;
        cursor.check_room(count, LEAST_PAIR_BYTES, "metadata keys")?;
        let mut pairs = HashMap::new();
        for _ in 0..count {
            let key = cursor.string("metadata key")?;
            let value = read_value(cursor, &key)?;
            if pairs.insert(key.clone(), value).is_some() {
                return Err(Error::Damaged(format!("the metadata's `{key}` is there twice")));
            }
        }
        Ok(Self(pairs))
    }

    /// Every key, in no order.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

fn read_value(cursor: &mut Cursor, key: &str) -> Result<Value> {
    Ok(match cursor.u32(key)? {
        0 => Value::Unsigned(u8::from_le_bytes(cursor.array(key)?).into()),
        1 => Value::Signed(i8::from_le_bytes(cursor.array(key)?).into()),
        2 => Value::Unsigned(u16::from_le_bytes(cursor.array(key)?).into()),
        3 => Value::Signed(i16::from_le_bytes(cursor.array(key)?).into()),
        4 => Value::Unsigned(cursor.u32(key)?.into()),
        5 => Value::Signed(i32::from_le_bytes(cursor.array(key)?).into()),
        6 => Value::Float(f32::from_le_bytes(cursor.array(key)?).into()),
        7 => Value::Flag(read_flag(cursor, key)?),
        8 => Value::String(cursor.string(key)?),
        9 => read_array(cursor, key)?,
        10 => Value::Unsigned(cursor.u64(key)?),
        11 => Value::Signed(i64::from_le_bytes(cursor.array(key)?)),
        12 => Value::Float(f64::from_le_bytes(cursor.array(key)?)),
        id => return Err(Error::Damaged(format!("the metadata's `{key}` has unknown type {id}"))),
    })
}

fn read_array(cursor: &mut Cursor, key: &str) -> Result<Value> {
    let (id, count) = (cursor.u32(key)?, cursor.u64(key)?);
    Ok(match id {
        0 => Value::Unsigneds(read_all(cursor, key, count, |[byte]| byte.into())?),
        1 => Value::Ints(read_all(cursor, key, count, |b| i8::from_le_bytes(b).into())?),
        2 => Value::Unsigneds(read_all(cursor, key, count, |b| u16::from_le_bytes(b).into())?),
        3 => Value::Ints(read_all(cursor, key, count, |b| i16::from_le_bytes(b).into())?),
        4 => Value::Unsigneds(read_all(cursor, key, count, u32::from_le_bytes)?),
        5 => Value::Ints(read_all(cursor, key, count, i32::from_le_bytes)?),
        6 => Value::Floats(read_all(cursor, key, count, f32::from_le_bytes)?),
        7 => {
            cursor.check_room(count, 1, key)?;
            Value::Flags((0..count).map(|_| read_flag(cursor, key)).collect::<Result<_>>()?)
        }
        8 => {
            cursor.check_room(count, LEAST_STRING_BYTES, key)?;
            Value::Strings((0..count).map(|_| cursor.string(key)).collect::<Result<_>>()?)
        }
        9..=12 => {
            return Err(Error::Unsupported(format!(
                "the metadata's `{key}` is an array of a type nobody uses ({id})"
            )));
        }
        _ => return Err(Error::Damaged(format!("the metadata's `{key}` has unknown type {id}"))),
    })
}

fn read_all<const N: usize, T>(
    cursor: &mut Cursor,
    key: &str,
    count: u64,
    from: impl Fn([u8; N]) -> T,
) -> Result<Vec<T>> {
    cursor.check_room(count, N as u64, key)?;
    (0..count).map(|_| cursor.array(key).map(&from)).collect()
}

fn read_flag(cursor: &mut Cursor, key: &str) -> Result<bool> {
    match cursor.array(key)? {
        [0] => Ok(false),
        [1] => Ok(true),
        [byte] => Err(Error::Damaged(format!("the metadata's `{key}` is {byte}, not yes or no"))),
    }
}

fn missing(key: &str) -> Error {
    Error::Damaged(format!("the metadata lacks `{key}`"))
}

fn wrong(key: &str, is: &str) -> Error {
    Error::Damaged(format!("the metadata's `{key}` is not {is}"))
}
