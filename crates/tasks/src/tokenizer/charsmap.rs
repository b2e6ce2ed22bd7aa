/// SentencePiece's character map: the longest prefix it knows is replaced, other characters stay.
///
/// A double-array trie of 32-bit units (Darts-clone's layout), then the replacements, each ended by
/// a zero byte.
#[derive(Clone, Debug)]
pub(super) struct Charsmap {
    units: Vec<u32>,
    replacements: Vec<u8>,
}

impl Charsmap {
    /// `None` if the bytes are fewer than their header says.
    pub(super) fn new(bytes: &[u8]) -> Option<Self> {
        let (length, rest) = bytes.split_first_chunk::<4>()?;
        let (units, replacements) =
            rest.split_at_checked(u32::from_le_bytes(*length).try_into().ok()?)?;
        let (units, odd) = units.as_chunks::<4>();
        if units.is_empty() || !odd.is_empty() {
            return None;
        }
        let units = units.iter().map(|unit| u32::from_le_bytes(*unit)).collect();
        Some(Self { units, replacements: replacements.into() })
    }

    /// The text with everything replaced that the map knows.
    pub(super) fn apply(&self, text: &str) -> String {
        let mut done = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let known = self
                .longest(rest.as_bytes())
                .and_then(|(length, value)| Some((self.replacement(value)?, rest.get(length..)?)));
            let (new, after) = known.unwrap_or_else(|| rest.split_at(first.len_utf8()));
            done.push_str(new);
            rest = after;
        }
        done
    }

    /// Length of the longest known prefix, and where its replacement begins.
    fn longest(&self, text: &[u8]) -> Option<(usize, usize)> {
        let mut longest = None;
        let mut place = offset(*self.units.first()?);
        for (at, &byte) in text.iter().enumerate() {
            place ^= usize::from(byte);
            let Some(&unit) = self.units.get(place) else { break };
            if byte == 0 || unit & (1 << 31 | 0xff) != u32::from(byte) {
                break;
            }
            place ^= offset(unit);
            if unit >> 8 & 1 == 1
                && let Some(&leaf) = self.units.get(place)
            {
                longest = Some((at + 1, (leaf & !(1 << 31)) as usize));
            }
        }
        longest
    }

    fn replacement(&self, from: usize) -> Option<&str> {
        let bytes = self.replacements.get(from..)?.split(|&byte| byte == 0).next()?;
        str::from_utf8(bytes).ok()
    }
}

/// How far a unit's children are: 22 bits, and a bit that says to shift them by eight.
fn offset(unit: u32) -> usize {
    ((unit >> 10) << ((unit & 1 << 9) >> 6)) as usize
}
