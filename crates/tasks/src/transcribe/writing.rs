//! Writing down one window: at one temperature after the other, until an answer is good enough.

use api::{Failure, chat::Sampling, transcribe::Sequential};
use models::{
    Breath,
    whisper::{Heard, Whisper, Written},
};

use super::{rules::Rules, zlib::compressed_len};
use crate::{checkpoint::failure, sampling::Sampler};

/// So many of the likeliest tokens are drawn from: `top_k` of `GenerationConfig` in transformers 4.57.
const TOP_K: u32 = 50;
/// Above it, an answer is too much of a guess to be read before the next.
// `is_low_temperature` of `generate_with_fallback`.
const LOW: f32 = 0.5;

/// A window that was heard, and what is written after.
pub(super) struct Writing<'a> {
    pub(super) model: &'a Whisper,
    pub(super) heard: &'a Heard,
    pub(super) rules: &'a Rules<'a>,
    /// What is read before: it ends with the tokens an answer begins with.
    pub(super) prompt: &'a [u32],
    /// Where those begin.
    pub(super) start_at: usize,
    pub(super) seed: u64,
    pub(super) breath: &'a Breath,
}

/// What was written of a window.
pub(super) struct Answer {
    /// Without the one that ends it.
    pub(super) tokens: Vec<u32>,
    /// What was written may be read before the next.
    pub(super) sure: bool,
    /// There is no speech.
    pub(super) skipped: bool,
}

/// How doubtful an answer is.
struct Doubt {
    /// How many times shorter its tokens become.
    compression_ratio: f64,
    /// The mean of its tokens' logarithms of probability.
    log_probability: f64,
}

/// What is known before the first token.
struct Begun {
    written: Written,
    logits: Vec<f32>,
    no_speech: f64,
}

impl Writing<'_> {
    /// Writes as `how` says. `tell` is called after every token; it may stop the writing by failing.
    // `generate_with_fallback` of `generation_whisper.py` in transformers 4.57.
    pub(super) async fn write(
        &self,
        how: &Sequential,
        tell: &mut impl AsyncFnMut(&[u32]) -> Result<(), Failure>,
    ) -> Result<Answer, Failure> {
        let begun = self.begin().await?;
        let mut last = None;
        for (turn, temperature) in how.temperatures.iter().copied().enumerate() {
            let seed = self.seed.wrapping_add(turn as u64);
            let (tokens, doubt) = self.attempt(&begun, temperature, seed, tell).await?;
            let low = how.log_probability.is_some_and(|least| doubt.log_probability < least.into());
            let same = how.compression_ratio;
            let same = same.is_some_and(|most| doubt.compression_ratio > most.into());
            let skipped = low && how.no_speech.is_some_and(|most| begun.no_speech > most.into());
            last = Some(Answer { tokens, sure: temperature < LOW, skipped });
            if skipped || !(low || same) {
                break;
            }
        }
        last.ok_or_else(|| Failure::input("temperatures", "there is none: give at least one"))
    }

    async fn step(&self, ids: &[u32], written: &mut Written) -> Result<Vec<f32>, Failure> {
        let logits = self.model.decoder.step(self.heard, ids, written, self.breath).await;
        let logits = logits.and_then(|logits| Ok(logits.to_vec1()?));
        logits.map_err(|error| failure("the model", error))
    }

    /// Reads the prompt. Whether there is speech is told where the answer begins.
    async fn begin(&self) -> Result<Begun, Failure> {
        let mut written = self.model.decoder.nothing();
        let (before, after) = self.prompt.split_at(self.start_at + 1);
        let mut logits = self.step(before, &mut written).await?;
        let no_speech = share(&logits, self.rules.words.no_speech());
        if !after.is_empty() {
            logits = self.step(after, &mut written).await?;
        }
        Ok(Begun { written, logits, no_speech })
    }

    async fn attempt(
        &self,
        begun: &Begun,
        temperature: f32,
        seed: u64,
        tell: &mut impl AsyncFnMut(&[u32]) -> Result<(), Failure>,
    ) -> Result<(Vec<u32>, Doubt), Failure> {
        let sampling = Sampling { temperature, top_k: TOP_K, ..Sampling::default() };
        let mut sampler = Sampler::new(&sampling, seed, &[]);
        let (mut written, mut logits) = (begun.written.clone(), begun.logits.clone());
        let (mut tokens, mut sum) = (Vec::new(), 0.);
        let most = self.most();
        loop {
            self.rules.apply(&tokens, &mut logits);
            let kept = if temperature > 0. { TOP_K as usize } else { logits.len() };
            let token = sampler.next(logits.clone())?;
            sum += log_probability(&logits, token, kept);
            tokens.push(token);
            let ends = token == self.rules.words.end;
            if ends || self.prompt.len() + tokens.len() >= most {
                break;
            }
            tell(&tokens).await?;
            logits = self.step(&[token], &mut written).await?;
        }
        let log_probability = sum / tokens.len() as f64;
        let compression_ratio = ratio(&tokens, self.model.decoder.config().vocab_size);
        tokens.pop_if(|token| *token == self.rules.words.end);
        Ok((tokens, Doubt { compression_ratio, log_probability }))
    }

    /// Most tokens, those of the prompt among them.
    fn most(&self) -> usize {
        // A length that no file gives is 20 more than the prompt; see `Settings`.
        let most = match self.rules.settings.max_length {
            21 => self.prompt.len() + 20,
            most => most,
        };
        most.min(self.model.decoder.config().max_target_positions)
    }
}

/// How many times shorter tokens become, as `_retrieve_compression_ratio` counts it.
fn ratio(tokens: &[u32], vocab_size: usize) -> f64 {
    let each = vocab_size.max(2).ilog2() as usize / 8 + 1;
    let bytes: Vec<u8> =
        tokens.iter().flat_map(|token| token.to_le_bytes().into_iter().take(each)).collect();
    compressed_len(&bytes).map_or(0., |len| bytes.len() as f64 / len as f64)
}

/// The share of a token among all.
fn share(logits: &[f32], token: u32) -> f64 {
    log_probability(logits, token, logits.len()).exp()
}

/// The logarithm of the probability of a token among the `kept` likeliest, and those alike to the last of them.
fn log_probability(scores: &[f32], token: u32, kept: usize) -> f64 {
    let mut least = f32::NEG_INFINITY;
    if (1..scores.len()).contains(&kept) {
        let mut sorted = scores.to_vec();
        least = *sorted.select_nth_unstable_by(kept - 1, |a, b| b.total_cmp(a)).1;
    }
    let most = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let part = |score: f32| f64::from(score - most).exp();
    let all = scores.iter().copied().filter(|score| *score >= least && score.is_finite());
    let sum: f64 = all.map(part).sum();
    let own = scores.get(token as usize).copied().unwrap_or(f32::NEG_INFINITY);
    f64::from(own - most) - sum.ln()
}
