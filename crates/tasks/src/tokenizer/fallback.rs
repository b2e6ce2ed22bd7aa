use super::{Kind, Word, spelling::byte_of};

/// What stands for text the vocabulary lacks: a token for each byte, or the unknown token.
#[derive(Clone, Debug, Default)]
pub(super) struct Fallback {
    /// Tokens of the 256 bytes, or nothing.
    bytes: Vec<u32>,
    unknown: Option<u32>,
}

impl Fallback {
    /// Bytes are spelled out only where the vocabulary has all 256.
    pub(super) fn new<'w>(
        words: impl Iterator<Item = (u32, &'w Word)>,
        unknown: Option<u32>,
    ) -> Self {
        let mut bytes = vec![None; 256];
        for (id, word) in words.filter(|(_, word)| word.kind == Kind::Byte) {
            if let Some(byte) = byte_of(&word.text) {
                bytes[usize::from(byte)] = Some(id);
            }
        }
        let bytes = bytes.into_iter().collect::<Option<_>>().unwrap_or_default();
        Self { bytes, unknown }
    }

    /// Neighbouring unknowns become one token, as in SentencePiece.
    pub(super) fn encode(&self, text: &str, ids: &mut Vec<u32>) {
        if !self.bytes.is_empty() {
            ids.extend(text.bytes().map(|byte| self.bytes[usize::from(byte)]));
        } else if self.unknown.is_some() && ids.last().copied() != self.unknown {
            ids.extend(self.unknown);
        }
    }

    /// There is an answer for every text.
    pub(super) fn is_total(&self) -> bool {
        !self.bytes.is_empty() || self.unknown.is_some()
    }
}
