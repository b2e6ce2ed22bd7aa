use std::collections::HashMap;

use super::{Charsmap, Prefix, SPACE, Sentence, Spaces, Unigram, fallback::Fallback};

/// A SentencePiece model file (`.spm`, `.model`) of the unigram kind: text to pieces.
#[derive(Debug)]
pub(crate) struct SentencePiece {
    sentence: Sentence,
    unigram: Unigram,
}

// Numbers of fields and kinds: `sentencepiece_model.proto` of sentencepiece 0.2.
const PIECES: u64 = 1;
const TRAINER: u64 = 2;
const NORMALIZER: u64 = 3;
const UNIGRAM: u64 = 1;

/// Of a piece.
const NORMAL: u64 = 1;
const UNKNOWN: u64 = 2;
const CONTROL: u64 = 3;
const UNUSED: u64 = 5;

impl SentencePiece {
    /// Reads a model file. The error says what is wrong with it.
    pub(crate) fn read(body: &[u8]) -> Result<Self, String> {
        let mut words: HashMap<&str, (u32, f32)> = HashMap::new();
        let mut normalizer: &[u8] = &[];
        for field in fields(body) {
            match field? {
                (PIECES, Value::Bytes(piece)) => {
                    if let Some((text, score)) = ordinary(piece)? {
                        let next = words.len() as u32;
                        words.entry(text).or_insert((next, score));
                    }
                }
                (TRAINER, Value::Bytes(trainer)) => {
                    let kind = number(trainer, 3, UNIGRAM)?;
                    if kind != UNIGRAM {
                        return Err(format!("model type {kind} is not the unigram this build has"));
                    }
                }
                (NORMALIZER, Value::Bytes(spec)) => normalizer = spec,
                _ => {}
            }
        }
        if words.is_empty() {
            return Err("it has no pieces".into());
        }
        let words = words.iter().map(|(text, (id, score))| (*text, *id, f64::from(*score)));
        // Pieces nothing knows are given as they are, so there is nothing to fall back on.
        let unigram = Unigram::new(words, Fallback::default());
        Ok(Self { sentence: sentence(normalizer)?, unigram })
    }

    /// The pieces of a text, `▁` for a space. Neighbours that no piece spells are one.
    pub(crate) fn pieces(&self, text: &str) -> Vec<String> {
        let text = self.sentence.spell(text);
        let mut pieces: Vec<String> = Vec::new();
        let mut unknown = false;
        for (piece, id) in self.unigram.cut(&text) {
            match pieces.last_mut().filter(|_| unknown && id.is_none()) {
                Some(last) => last.push_str(piece),
                None => pieces.push(piece.into()),
            }
            unknown = id.is_none();
        }
        pieces
    }

    /// The text that pieces spell, one after the other.
    pub(crate) fn text(pieces: &str) -> String {
        pieces.replace(SPACE, " ").trim().into()
    }
}

fn sentence(spec: &[u8]) -> Result<Sentence, String> {
    let mut charsmap = None;
    for field in fields(spec) {
        if let (2, Value::Bytes(map)) = field?
            && !map.is_empty()
        {
            let read = Charsmap::new(map).ok_or("the character map is shorter than it says")?;
            charsmap = Some(read);
        }
    }
    if number(spec, 5, 1)? == 0 {
        return Err("spaces are not escaped, which this build does not have".into());
    }
    let prefix = if number(spec, 3, 1)? == 0 { Prefix::Nothing } else { Prefix::Space };
    let spaces = if number(spec, 4, 1)? == 0 { Spaces::Kept } else { Spaces::Squeezed };
    Ok(Sentence { charsmap, prefix, spaces })
}

/// Text and score of a piece that text may be cut into.
fn ordinary(piece: &[u8]) -> Result<Option<(&str, f32)>, String> {
    let (mut text, mut score) = ("", 0.);
    for field in fields(piece) {
        match field? {
            (1, Value::Bytes(bytes)) => {
                text = str::from_utf8(bytes).map_err(|_| "a piece is no text")?;
            }
            (2, Value::Bits(bits)) => score = f32::from_bits(bits),
            _ => {}
        }
    }
    match number(piece, 3, NORMAL)? {
        NORMAL if score.is_nan() => Err(format!("the score of `{text}` is no number")),
        NORMAL => Ok(Some((text, score)).filter(|_| !text.is_empty())),
        UNKNOWN | CONTROL | UNUSED => Ok(None),
        kind => Err(format!("`{text}` is a piece of kind {kind}, which this build does not have")),
    }
}

/// A field's number, or `missing`.
fn number(message: &[u8], wanted: u64, missing: u64) -> Result<u64, String> {
    let mut found = missing;
    for field in fields(message) {
        if let (field, Value::Number(value)) = field?
            && field == wanted
        {
            found = value;
        }
    }
    Ok(found)
}

/// What a field of a protobuf message holds.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Value<'a> {
    Number(u64),
    Bits(u32),
    /// Eight bytes that nothing here asks for.
    Wide,
    Bytes(&'a [u8]),
}

/// The fields of a protobuf message, in their order; an error is the last.
fn fields(message: &[u8]) -> impl Iterator<Item = Result<(u64, Value<'_>), String>> {
    let mut rest = Some(message);
    std::iter::from_fn(move || {
        let mut at = rest.take().filter(|rest| !rest.is_empty())?;
        let field = field(&mut at);
        rest = field.is_some().then_some(at);
        Some(field.ok_or_else(|| "it ends in the middle, or is no SentencePiece model".into()))
    })
}

fn field<'a>(rest: &mut &'a [u8]) -> Option<(u64, Value<'a>)> {
    let tag = varint(rest)?;
    let value = match tag & 7 {
        0 => Value::Number(varint(rest)?),
        1 => {
            rest.split_off(..8)?;
            Value::Wide
        }
        2 => {
            let count = usize::try_from(varint(rest)?).ok()?;
            Value::Bytes(rest.split_off(..count)?)
        }
        5 => Value::Bits(u32::from_le_bytes(rest.split_off(..4)?.try_into().ok()?)),
        _ => return None,
    };
    Some((tag >> 3, value))
}

fn varint(rest: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let byte = *rest.split_off_first()?;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn fields_are_read_to_their_end() {
        let message = [0x08, 0x96, 0x01, 0x12, 2, b'a', b'b', 0x1d, 0, 0, 0x80, 0x3f];
        let read: Result<Vec<_>, _> = fields(&message).collect();
        let want =
            [(1, Value::Number(150)), (2, Value::Bytes(b"ab")), (3, Value::Bits(1f32.to_bits()))];
        assert_eq!(read.unwrap(), want);
        for end in [1, 2, 4, 6, 9] {
            assert!(fields(&message[..end]).any(|field| field.is_err()), "{end}");
        }
        assert!(fields(&[0xff; 12]).next().unwrap().is_err());
        assert!(fields(&[0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f]).next().unwrap().is_err());
    }

    #[test]
    fn a_file_that_is_none_is_refused_in_words() {
        let check = |body: &[u8], want: &str| {
            let told = SentencePiece::read(body).unwrap_err();
            assert!(told.contains(want), "{told}");
        };
        check(b"", "no pieces");
        check(b"<!doctype html>", "SentencePiece");
        check(&[0x12, 2, 0x18, 2], "model type 2");
        check(&[0x0a, 5, 0x0a, 1, b'x', 0x18, 6], "kind 6");
        check(&[0x0a, 3, 0x0a, 1, 0xff], "no text");
        check(&[0x0a, 3, 0x0a, 1, b'x', 0x1a, 3, 0x12, 1, 9], "character map");
    }
}
