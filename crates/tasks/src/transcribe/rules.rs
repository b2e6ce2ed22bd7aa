use super::words::Words;
use crate::generate::Settings;

/// What may come next, by what an answer holds already.
// Each is the class of its name in `generation/logits_process.py` of transformers 4.57, in the order of
// `_retrieve_logit_processors` of `generation_whisper.py`.
pub(super) struct Rules<'a> {
    pub(super) words: &'a Words,
    pub(super) settings: &'a Settings,
    /// How many times after the first a beginning may be, if it is told.
    pub(super) max_initial: Option<u32>,
    pub(super) times: Times,
}

/// Whether times are told.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Times {
    Told,
    Left,
}

const NEVER: f32 = f32::NEG_INFINITY;

impl Rules<'_> {
    /// Changes the scores of what may follow `written`, which begins after the prompt.
    pub(super) fn apply(&self, written: &[u32], scores: &mut [f32]) {
        let mut ban = |ids: &[u32]| {
            for id in ids {
                if let Some(score) = scores.get_mut(*id as usize) {
                    *score = NEVER;
                }
            }
        };
        if written.is_empty() {
            ban(&self.settings.begin_suppress_tokens);
        }
        ban(&self.settings.suppress_tokens);
        if self.times == Times::Told {
            ban(&[self.words.no_timestamps]);
            self.pair(written, scores);
            self.prefer(scores);
        }
    }

    /// Times come in pairs, but before the end, and none is before the last. The first is near the beginning.
    fn pair(&self, written: &[u32], scores: &mut [f32]) {
        let first = self.words.first_time();
        let time = |back: usize| written.iter().rev().nth(back).map(|id| *id >= first);
        let was_time = time(0) == Some(true);
        let begins = was_time && time(1) != Some(false);
        if begins {
            set(scores, first as usize..usize::MAX);
        } else if was_time {
            set(scores, 0..self.words.end as usize);
        }
        if let Some(last) = written.iter().rev().find(|id| **id >= first) {
            let next = if was_time && !begins { *last } else { *last + 1 };
            set(scores, first as usize..next as usize);
        }
        if written.is_empty() {
            set(scores, 0..first as usize);
            if let Some(most) = self.max_initial {
                set(scores, (first + most) as usize + 1..usize::MAX);
            }
        }
    }

    /// Where all times together are likelier than any word, a time comes.
    fn prefer(&self, scores: &mut [f32]) {
        let first = (self.words.first_time() as usize).min(scores.len());
        let (words, times) = scores.split_at_mut(first);
        let best = |scores: &[f32]| scores.iter().copied().fold(NEVER, f32::max);
        let most = best(times);
        if most == NEVER {
            return;
        }
        let sum: f32 = times.iter().map(|score| (score - most).exp()).sum();
        if most + sum.ln() > best(words) {
            words.fill(NEVER);
        }
    }
}

/// Lets none of some tokens come.
fn set(scores: &mut [f32], ids: std::ops::Range<usize>) {
    let end = ids.end.min(scores.len());
    if let Some(scores) = scores.get_mut(ids.start..end) {
        scores.fill(NEVER);
    }
}
