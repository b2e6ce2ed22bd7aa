use std::{cmp::Ordering, collections::BinaryHeap};

use ahash::AHashMap as HashMap;

use super::fallback::Fallback;

/// SentencePiece's BPE: the neighbours whose joined text scores highest are joined first.
#[derive(Clone, Debug)]
pub(super) struct Merges {
    pub(super) words: HashMap<String, (u32, f32)>,
    pub(super) fallback: Fallback,
}

/// A stretch of the text and its neighbours. An empty stretch has been joined to its left.
#[derive(Clone, Copy)]
struct Symbol {
    start: usize,
    end: usize,
    left: Option<usize>,
    right: Option<usize>,
}

/// Two neighbours that may be joined; stale once the stretch they cover has changed.
#[derive(Clone, Copy, PartialEq)]
struct Pair {
    score: f32,
    left: usize,
    right: usize,
    bytes: usize,
}

impl Eq for Pair {}

impl PartialOrd for Pair {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Pair {
    /// Higher scores first, ties go to the left.
    fn cmp(&self, other: &Self) -> Ordering {
        self.score.total_cmp(&other.score).then(other.left.cmp(&self.left))
    }
}

impl Merges {
    /// Ids of a text whose spaces are already spelled `▁`.
    pub(super) fn encode(&self, text: &str, ids: &mut Vec<u32>) {
        let mut symbols = characters(text);
        let mut pairs = BinaryHeap::new();
        for right in 1..symbols.len() {
            pairs.extend(self.pair(text, &symbols, right - 1, right));
        }
        while let Some(pair) = pairs.pop() {
            let (left, right) = (symbols[pair.left], symbols[pair.right]);
            let gone = left.start == left.end || right.start == right.end;
            if gone || right.end - left.start != pair.bytes {
                continue;
            }
            symbols[pair.left] = Symbol { end: right.end, right: right.right, ..left };
            symbols[pair.right].end = right.start;
            if let Some(next) = right.right {
                symbols[next].left = Some(pair.left);
                pairs.extend(self.pair(text, &symbols, pair.left, next));
            }
            if let Some(before) = left.left {
                pairs.extend(self.pair(text, &symbols, before, pair.left));
            }
        }
        let mut own = Vec::with_capacity(symbols.len());
        for symbol in symbols.iter().filter(|symbol| symbol.start < symbol.end) {
            let stretch = &text[symbol.start..symbol.end];
            match self.words.get(stretch) {
                Some(&(id, _)) => own.push(id),
                None => self.fallback.encode(stretch, &mut own),
            }
        }
        ids.append(&mut own);
    }

    fn pair(&self, text: &str, symbols: &[Symbol], left: usize, right: usize) -> Option<Pair> {
        let stretch = &text[symbols[left].start..symbols[right].end];
        let &(_, score) = self.words.get(stretch)?;
        Some(Pair { score, left, right, bytes: stretch.len() })
    }
}

fn characters(text: &str) -> Vec<Symbol> {
    let count = text.chars().count();
    text.char_indices()
        .enumerate()
        .map(|(i, (start, character))| Symbol {
            start,
            end: start + character.len_utf8(),
            left: i.checked_sub(1),
            right: Some(i + 1).filter(|&next| next < count),
        })
        .collect()
}
