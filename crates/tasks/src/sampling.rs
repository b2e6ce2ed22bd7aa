//! Choosing the next token.
//!
//! The order is: penalties, temperature, top-k, top-p, min-p, then one draw.

use std::{
    cmp::Ordering,
    collections::{BinaryHeap, HashMap, HashSet},
};

use api::{Failure, chat::Sampling};
use rand_chacha::{
    ChaCha8Rng,
    rand_core::{RngCore, SeedableRng},
};

/// Fails with [`Failure::Input`] on the first setting that means nothing.
pub(crate) fn check(sampling: &Sampling) -> Result<(), Failure> {
    let Sampling { temperature, top_p, min_p, repetition_penalty, .. } = *sampling;
    let rules = [
        ("temperature", temperature, (0.0..=100.0).contains(&temperature), "from 0 to 100"),
        ("top-p", top_p, top_p > 0.0 && top_p <= 1.0, "above 0 and at most 1"),
        ("min-p", min_p, (0.0..1.0).contains(&min_p), "at least 0 and below 1"),
        (
            "repetition penalty",
            repetition_penalty,
            (0.01..=100.0).contains(&repetition_penalty),
            "from 0.01 to 100",
        ),
        penalty("frequency penalty", sampling.frequency_penalty),
        penalty("presence penalty", sampling.presence_penalty),
    ];
    for (field, value, fits, range) in rules {
        if !fits {
            return Err(Failure::input(field, format!("{value} is not {range}")));
        }
    }
    if sampling.max_tokens == 0 {
        return Err(Failure::input("max tokens", "an answer needs at least one token"));
    }
    match sampling.stop.iter().any(String::is_empty) {
        true => Err(Failure::input("stop", "a stop string is empty: remove it")),
        false => Ok(()),
    }
}

fn penalty(field: &'static str, value: f32) -> (&'static str, f32, bool, &'static str) {
    (field, value, (-100.0..=100.0).contains(&value), "from -100 to 100")
}

/// Chooses the tokens of one answer.
pub(crate) struct Sampler<'a> {
    settings: &'a Sampling,
    /// Every token of the conversation and the answer.
    context: HashSet<u32>,
    /// How often the answer holds a token.
    answer: HashMap<u32, u32>,
    random: ChaCha8Rng,
}

impl<'a> Sampler<'a> {
    /// For an answer to `prompt`.
    pub(crate) fn new(settings: &'a Sampling, seed: u64, prompt: &[u32]) -> Self {
        Self {
            settings,
            context: prompt.iter().copied().collect(),
            answer: HashMap::new(),
            random: ChaCha8Rng::seed_from_u64(seed),
        }
    }

    /// Id of the next token. Ties go to the lowest id.
    ///
    /// Fails with [`Failure::Bug`] if a logit is not a number: the network went wrong, and any answer
    /// would be a wrong one.
    pub(crate) fn next(&mut self, mut logits: Vec<f32>) -> Result<u32, Failure> {
        if logits.iter().any(|x| x.is_nan() || *x == f32::INFINITY) {
            return Err(Failure::Bug("the model's output is not a number".into()));
        }
        self.penalize(&mut logits);
        let token = match self.settings.temperature == 0.0 {
            true => greedy(&logits),
            false => self.draw(&logits),
        };
        let token = token.ok_or_else(|| Failure::Bug("the model allows no token".into()))?;
        self.context.insert(token);
        *self.answer.entry(token).or_default() += 1;
        Ok(token)
    }

    fn penalize(&self, logits: &mut [f32]) {
        let Sampling { repetition_penalty, frequency_penalty, presence_penalty, .. } =
            self.settings;
        if *repetition_penalty != 1.0 {
            for token in &self.context {
                if let Some(logit) = logits.get_mut(*token as usize) {
                    let up = *logit < 0.0;
                    *logit =
                        if up { *logit * repetition_penalty } else { *logit / repetition_penalty };
                }
            }
        }
        for (token, count) in &self.answer {
            if let Some(logit) = logits.get_mut(*token as usize) {
                *logit -= frequency_penalty * *count as f32 + presence_penalty;
            }
        }
    }

    fn draw(&mut self, logits: &[f32]) -> Option<u32> {
        let kept = self.likely(logits);
        let total: f64 = kept.iter().map(|(_, share)| share).sum();
        // 53 random bits: every double in [0, 1) that has them, equally likely.
        let mut left = (self.random.next_u64() >> 11) as f64 / (1u64 << 53) as f64 * total;
        for (token, share) in &kept {
            if left < *share {
                return Some(*token);
            }
            left -= share;
        }
        // Only rounding comes here.
        kept.last().map(|(token, _)| *token)
    }

    /// The tokens that may be drawn, with their shares relative to the likeliest, which comes first.
    fn likely(&self, logits: &[f32]) -> Vec<(u32, f64)> {
        let Sampling { temperature, top_k, top_p, min_p, .. } = *self.settings;
        let Some(best) = logits.iter().copied().reduce(f32::max) else { return Vec::new() };
        let share = |logit: f32| (f64::from(logit - best) / f64::from(temperature)).exp();
        let finite = (0..).zip(logits).filter(|(_, logit)| logit.is_finite());
        let mut heap: BinaryHeap<_> = finite.map(|(id, logit)| Ranked(*logit, id)).collect();
        let top_k = if top_k == 0 { heap.len() } else { heap.len().min(top_k as usize) };
        let mut kept = Vec::new();
        if top_p >= 1.0 && top_k == heap.len() {
            kept.extend(heap.into_vec().iter().map(|Ranked(logit, id)| (*id, share(*logit))));
        } else if top_p >= 1.0 {
            let best = (0..top_k).map_while(|_| heap.pop());
            kept.extend(best.map(|Ranked(logit, id)| (id, share(logit))));
        } else {
            let total = match top_k == heap.len() {
                true => heap.iter().map(|Ranked(logit, _)| share(*logit)).sum(),
                false => best_sum(logits, top_k, share),
            };
            kept = nucleus(heap, f64::from(top_p) * total, share);
            kept.truncate(top_k);
        }
        kept.retain(|(_, share)| *share >= f64::from(min_p));
        kept
    }
}

/// What the `count` largest logits share.
fn best_sum(logits: &[f32], count: usize, share: impl Fn(f32) -> f64) -> f64 {
    let mut logits = logits.to_vec();
    logits.select_nth_unstable_by(count - 1, |a, b| b.total_cmp(a));
    logits[..count].iter().map(|logit| share(*logit)).sum()
}

/// The likeliest tokens that together reach `enough`.
fn nucleus(
    mut heap: BinaryHeap<Ranked>,
    enough: f64,
    share: impl Fn(f32) -> f64,
) -> Vec<(u32, f64)> {
    let (mut kept, mut sum) = (Vec::new(), 0.0);
    while sum < enough {
        let Some(Ranked(logit, id)) = heap.pop() else { break };
        sum += share(logit);
        kept.push((id, share(logit)));
    }
    kept
}

/// Id of the largest logit; `None` if all are minus infinity or there are none.
fn greedy(logits: &[f32]) -> Option<u32> {
    let finite = (0u32..).zip(logits).filter(|(_, logit)| logit.is_finite());
    finite.reduce(|a, b| if b.1 > a.1 { b } else { a }).map(|(id, _)| id)
}

/// A logit and its token, ordered so that the largest logit, then the lowest id, is greatest.
struct Ranked(f32, u32);

impl Ord for Ranked {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0).then(other.1.cmp(&self.1))
    }
}

impl PartialOrd for Ranked {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Ranked {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Ranked {}

#[cfg(test)]
mod tests {
    use super::*;

    fn sampled(settings: &Sampling, logits: &[f32], draws: u64) -> HashMap<u32, u64> {
        let mut counts = HashMap::new();
        for seed in 0..draws {
            let token = Sampler::new(settings, seed, &[]).next(logits.to_vec()).unwrap();
            *counts.entry(token).or_default() += 1;
        }
        counts
    }

    fn warm() -> Sampling {
        Sampling { temperature: 1.0, ..Sampling::default() }
    }

    #[track_caller]
    fn check_kept(settings: Sampling, want: &[u32]) {
        // Shares .4, .3, .2, .1.
        let logits = [0.1f32, 0.4, 0.2, 0.3].map(f32::ln);
        let mut kept: Vec<u32> =
            Sampler::new(&settings, 0, &[]).likely(&logits).iter().map(|k| k.0).collect();
        kept.sort();
        assert_eq!(kept, want, "{settings:?}");
    }

    #[test]
    fn each_filter_keeps_what_its_definition_says() {
        check_kept(warm(), &[0, 1, 2, 3]);
        check_kept(Sampling { top_k: 2, ..warm() }, &[1, 3]);
        check_kept(Sampling { top_k: 9, ..warm() }, &[0, 1, 2, 3]);
        check_kept(Sampling { top_p: 0.69, ..warm() }, &[1, 3]);
        check_kept(Sampling { top_p: 0.71, ..warm() }, &[1, 2, 3]);
        check_kept(Sampling { top_p: 0.001, ..warm() }, &[1]);
        check_kept(Sampling { min_p: 0.45, ..warm() }, &[1, 2, 3]);
        // Of the two that top-k leaves (.4 and .3), the first is 57 %.
        check_kept(Sampling { top_k: 2, top_p: 0.5, ..warm() }, &[1]);
        check_kept(Sampling { top_k: 2, top_p: 0.6, ..warm() }, &[1, 3]);
    }

    #[test]
    fn draws_follow_the_distribution() {
        let counts = sampled(&warm(), &[0.1f32, 0.4, 0.2, 0.3].map(f32::ln), 20_000);
        for (token, share) in [(0, 0.1), (1, 0.4), (2, 0.2), (3, 0.3)] {
            // Four standard deviations of a binomial count are below 0.014.
            assert!((counts[&token] as f64 / 20_000.0 - share).abs() < 0.014, "{counts:?}");
        }
    }

    #[test]
    fn a_low_temperature_sharpens_and_zero_takes_the_best() {
        let logits = [1.0, 2.0, 1.9];
        let cold = sampled(&Sampling { temperature: 0.01, ..warm() }, &logits, 200);
        assert!(cold[&1] > 195, "{cold:?}");
        assert_eq!(sampled(&Sampling::default(), &logits, 3), HashMap::from([(1, 3)]));
        assert_eq!(greedy(&[2.0, 2.0]), Some(0));
        assert_eq!(greedy(&[f32::NEG_INFINITY]), None);
    }

    #[test]
    fn the_same_seed_draws_the_same_tokens() {
        let settings = warm();
        let draw = |seed| {
            let mut sampler = Sampler::new(&settings, seed, &[]);
            (0..32).map(|_| sampler.next(vec![0.0; 50]).unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
    }

    #[test]
    fn penalties_count_what_was_said() {
        let repeated = Sampling { repetition_penalty: 2.0, ..Sampling::default() };
        let mut sampler = Sampler::new(&repeated, 0, &[0]);
        assert_eq!(sampler.next(vec![3.0, 2.0]).unwrap(), 1, "3 / 2 is below 2");
        assert_eq!(sampler.next(vec![-1.0, -1.1]).unwrap(), 0, "-2 is above -2.2");
        let frequent = Sampling { frequency_penalty: 0.6, ..Sampling::default() };
        let mut sampler = Sampler::new(&frequent, 0, &[0]);
        let said: Vec<_> = (0..4).map(|_| sampler.next(vec![1.0, 0.0]).unwrap()).collect();
        assert_eq!(said, [0, 0, 1, 0], "the prompt does not count");
    }

    #[test]
    fn what_is_no_number_is_no_answer() {
        for bad in [f32::NAN, f32::INFINITY] {
            let answer = Sampler::new(&warm(), 0, &[]).next(vec![0.0, bad]);
            assert!(matches!(answer, Err(Failure::Bug(_))));
        }
        assert!(Sampler::new(&warm(), 0, &[]).next(vec![f32::NEG_INFINITY; 3]).is_err());
    }

    #[test]
    fn a_setting_that_means_nothing_is_refused_by_name() {
        let bad = [
            Sampling { temperature: -1.0, ..warm() },
            Sampling { temperature: f32::NAN, ..warm() },
            Sampling { top_p: 0.0, ..warm() },
            Sampling { min_p: 1.0, ..warm() },
            Sampling { repetition_penalty: 0.0, ..warm() },
            Sampling { frequency_penalty: f32::INFINITY, ..warm() },
            Sampling { presence_penalty: -200.0, ..warm() },
            Sampling { max_tokens: 0, ..warm() },
            Sampling { stop: vec![String::new()], ..warm() },
        ];
        let fields: Vec<_> = bad
            .iter()
            .map(|settings| match check(settings) {
                Err(Failure::Input { field, .. }) => field,
                other => panic!("{settings:?}: {other:?}"),
            })
            .collect();
        let want = [
            "temperature",
            "temperature",
            "top-p",
            "min-p",
            "repetition penalty",
            "frequency penalty",
            "presence penalty",
            "max tokens",
            "stop",
        ];
        assert_eq!(fields, want);
        assert_eq!(check(&Sampling::default()), Ok(()));
    }
}
