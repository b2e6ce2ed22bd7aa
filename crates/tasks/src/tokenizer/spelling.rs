use super::{Kind, Word};

/// How a vocabulary writes bytes down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spelling {
    /// One printable character for each byte (GPT-2's table).
    ByteLevel,
    /// Text with `▁` for a space, and `<0x0A>` for a single byte.
    Sentence,
}

/// The character that stands for a space in sentence spelling.
pub(super) const SPACE: char = '\u{2581}';

impl Spelling {
    /// The bytes a word adds to an answer. `None` if it adds no text.
    pub(super) fn bytes(self, word: &Word) -> Option<Vec<u8>> {
        match (word.kind, self) {
            (Kind::Control | Kind::Unknown | Kind::Unused, _) => None,
            (Kind::Byte, _) => byte_of(&word.text).map(|byte| vec![byte]),
            (Kind::User, Self::ByteLevel) => Some(word.text.clone().into_bytes()),
            (Kind::Normal, Self::ByteLevel) => Some(unmapped(&word.text)),
            (Kind::Normal | Kind::User, Self::Sentence) => {
                Some(word.text.replace(SPACE, " ").into_bytes())
            }
        }
    }
}

/// The byte that `<0x0A>` spells.
pub(super) fn byte_of(text: &str) -> Option<u8> {
    let digits = text.strip_prefix("<0x")?.strip_suffix('>')?;
    if digits.len() != 2 {
        return None;
    }
    u8::from_str_radix(digits, 16).ok()
}

/// Undoes GPT-2's table; a character outside it stands for itself.
fn unmapped(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    for character in text.chars() {
        match byte_behind(character) {
            Some(byte) => bytes.push(byte),
            None => bytes.extend(character.encode_utf8(&mut [0; 4]).bytes()),
        }
    }
    bytes
}

/// GPT-2's `bytes_to_unicode`, backwards: printable bytes stand for themselves, the other 68 follow
/// from U+0100 on in the order of their value.
fn byte_behind(character: char) -> Option<u8> {
    let code = u32::from(character);
    let byte = match code {
        0x21..=0x7e | 0xa1..=0xac | 0xae..=0xff => code,
        0x100..=0x120 => code - 0x100,
        0x121..=0x142 => code - 0x121 + 0x7f,
        0x143 => 0xad,
        _ => return None,
    };
    u8::try_from(byte).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_has_one_character() {
        let mut seen: Vec<u8> =
            (0..0x200).filter_map(char::from_u32).filter_map(byte_behind).collect();
        seen.sort_unstable();
        assert_eq!(seen, (0..=255).collect::<Vec<u8>>());
        assert_eq!(unmapped("Ġa\u{010a}日"), " a\n日".as_bytes());
    }
}
