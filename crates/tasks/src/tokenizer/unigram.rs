use super::fallback::Fallback;
use ahash::AHashMap as HashMap;

/// SentencePiece's unigram model: the cut whose scores add up to the most.
#[derive(Clone, Debug)]
pub(super) struct Unigram {
    /// Children by node and character; node 0 is the root.
    children: HashMap<(u32, char), u32>,
    /// The word that ends at a node.
    words: Vec<Option<(u32, f64)>>,
    unknown_score: f64,
    fallback: Fallback,
}

/// How the best cut of the text before a place ends.
#[derive(Clone, Copy)]
struct Step {
    score: f64,
    start: usize,
    id: Option<u32>,
}

// How much worse than the worst word an unknown character is: `kUnkPenalty` of SentencePiece's
// `src/unigram_model.cc`.
const UNKNOWN_PENALTY: f64 = 10.0;

impl Unigram {
    pub(super) fn new<'w>(
        words: impl Iterator<Item = (&'w str, u32, f64)>,
        fallback: Fallback,
    ) -> Self {
        let mut model =
            Self { children: HashMap::new(), words: vec![None], unknown_score: 0.0, fallback };
        let mut worst = f64::INFINITY;
        for (text, id, score) in words {
            let mut node = 0;
            for character in text.chars() {
                let fresh = model.words.len() as u32;
                node = *model.children.entry((node, character)).or_insert(fresh);
                if node == fresh {
                    model.words.push(None);
                }
            }
            model.words[node as usize].get_or_insert((id, score));
            worst = worst.min(score);
        }
        model.unknown_score = worst - UNKNOWN_PENALTY;
        model
    }

    /// Ids of a text whose spaces are already spelled `▁`.
    pub(super) fn encode(&self, text: &str, ids: &mut Vec<u32>) {
        let mut own = Vec::new();
        for (piece, id) in self.cut(text) {
            match id {
                Some(id) => own.push(id),
                None => self.fallback.encode(piece, &mut own),
            }
        }
        ids.append(&mut own);
    }

    /// The pieces of such a text, with the ids of those that are words. Ties go to the word that begins
    /// first.
    pub(super) fn cut<'t>(&self, text: &'t str) -> Vec<(&'t str, Option<u32>)> {
        let mut steps: Vec<Option<Step>> = vec![None; text.len() + 1];
        steps[0] = Some(Step { score: 0.0, start: 0, id: None });
        for (start, character) in text.char_indices() {
            let Some(Step { score: before, .. }) = steps[start] else { continue };
            let alone = start + character.len_utf8();
            let mut offer = |end: usize, score: f64, id: Option<u32>| {
                if steps[end].is_none_or(|best| before + score > best.score) {
                    steps[end] = Some(Step { score: before + score, start, id });
                }
            };
            let (mut node, mut known) = (0, false);
            for (offset, next) in text[start..].char_indices() {
                let Some(&child) = self.children.get(&(node, next)) else { break };
                node = child;
                let end = start + offset + next.len_utf8();
                if let Some((id, score)) = self.words[node as usize] {
                    known |= end == alone;
                    offer(end, score, Some(id));
                }
            }
            if !known {
                offer(alone, self.unknown_score, None);
            }
        }
        let mut pieces = Vec::new();
        let mut end = text.len();
        while end > 0 {
            let Some(step) = steps[end] else { break };
            pieces.push((&text[step.start..end], step.id));
            end = step.start;
        }
        pieces.reverse();
        pieces
    }
}
