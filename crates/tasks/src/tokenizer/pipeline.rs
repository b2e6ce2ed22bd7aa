use ahash::{AHashMap as HashMap, AHashSet as HashSet};
use api::Failure;
use tokenizers::{
    Model as _, NormalizedString, Normalizer as _, NormalizerWrapper, OffsetReferential,
    OffsetType, PreTokenizedString, PreTokenizer as _, PreTokenizerWrapper, SplitDelimiterBehavior,
    models::bpe::BPE,
    pre_tokenizers::{
        byte_level::ByteLevel,
        sequence::Sequence,
        split::{Split, SplitPattern},
    },
};

use super::{Unigram, pre::Cut};

/// Normalise, cut into words, merge: what lies between two added tokens, by the `tokenizers` crate.
#[derive(Debug)]
pub(super) struct Pipeline {
    pub(super) normalizer: Option<NormalizerWrapper>,
    /// Cuts the beginning of a text.
    pub(super) first: Option<PreTokenizerWrapper>,
    /// Cuts text after an added token, where that differs from `first`.
    pub(super) later: Option<PreTokenizerWrapper>,
    pub(super) model: Merger,
}

/// How a word becomes ids.
#[derive(Debug)]
pub(super) enum Merger {
    Bpe(BPE),
    Unigram(Unigram),
}

impl Pipeline {
    /// Byte-level BPE as a GGUF names it.
    pub(super) fn byte_level(cut: &Cut, model: BPE) -> Result<Self, Failure> {
        let mut steps = Vec::new();
        for &pattern in cut.patterns {
            let split = Split::new(
                SplitPattern::Regex(pattern.into()),
                SplitDelimiterBehavior::Isolated,
                false,
            );
            steps.push(split.map_err(bug)?.into());
        }
        steps.push(ByteLevel::new(false, false, false).into());
        let normalizer = cut.composed.then(|| tokenizers::normalizers::unicode::NFC.into());
        Ok(Self {
            normalizer,
            first: Some(Sequence::new(steps).into()),
            later: None,
            model: Merger::Bpe(model),
        })
    }

    /// Ids of one text that holds no added token.
    pub(super) fn encode(
        &self,
        text: &str,
        place: Place,
        ids: &mut Vec<u32>,
    ) -> Result<(), Failure> {
        let mut text = NormalizedString::from(text);
        if let Some(normalizer) = &self.normalizer {
            normalizer.normalize(&mut text).map_err(bug)?;
        }
        let mut text = PreTokenizedString::from(text);
        let cut = match place {
            Place::Later if self.later.is_some() => &self.later,
            _ => &self.first,
        };
        if let Some(cut) = cut {
            cut.pre_tokenize(&mut text).map_err(bug)?;
        }
        for (word, ..) in text.get_splits(OffsetReferential::Normalized, OffsetType::None) {
            match &self.model {
                Merger::Bpe(bpe) => {
                    ids.extend(bpe.tokenize(word).map_err(bug)?.iter().map(|token| token.id))
                }
                Merger::Unigram(unigram) => unigram.encode(word, ids),
            }
        }
        Ok(())
    }
}

/// Whether a text is the beginning of all that is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    First,
    Later,
}

/// Refuses merges that use or make anything but words of the vocabulary.
///
/// Invariant: called before the crate builds a BPE, which panics on such merges.
pub(super) fn checked(
    key: &str,
    vocabulary: &HashMap<String, u32>,
    merges: &[(String, String)],
) -> Result<(), Failure> {
    for (left, right) in merges {
        for word in [left, right, &format!("{left}{right}")] {
            if !vocabulary.contains_key(word) {
                return Err(Failure::input(
                    key,
                    format!("`{left} {right}` needs `{word}`, which is no token"),
                ));
            }
        }
    }
    Ok(())
}

/// The merges that neither use nor make one of the hidden words.
pub(super) fn visible(mut merges: Vec<(String, String)>, hidden: &[&str]) -> Vec<(String, String)> {
    let hidden: HashSet<&str> = hidden.iter().copied().collect();
    let shows = |word: &str| !hidden.contains(word);
    merges.retain(|(left, right)| shows(left) && shows(right) && shows(&format!("{left}{right}")));
    merges
}

fn bug(error: tokenizers::Error) -> Failure {
    Failure::Bug(format!("the tokenizer failed: {error}"))
}
