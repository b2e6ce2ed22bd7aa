use super::Settings;

/// What may come next, by what an answer holds already.
pub(super) struct Rules<'a> {
    pub(super) settings: &'a Settings,
    /// Ids of the input.
    pub(super) source: &'a [u32],
}

const NEVER: f32 = f32::NEG_INFINITY;

impl Rules<'_> {
    /// Changes the scores of what may follow `written`, which begins with the token answers start from.
    // In the order of `_get_logits_processor` of transformers 4.57, `generation/utils.py`; each rule is
    // the class of its name in `generation/logits_process.py`.
    pub(super) fn apply(&self, written: &[u32], scores: &mut [f32]) {
        let Settings { no_repeat_ngram_size, encoder_no_repeat_ngram_size, min_length, .. } =
            *self.settings;
        self.penalize(written, scores);
        ban(no_repeat_ngram_size, written, written, scores);
        ban(encoder_no_repeat_ngram_size, self.source, written, scores);
        self.ban_bad_words(written, scores);
        if written.len() < min_length {
            self.settings.eos_token_id.iter().for_each(|id| set(scores, *id, NEVER));
        }
        if let (1, Some(id)) = (written.len(), self.settings.forced_bos_token_id) {
            force(scores, &[id]);
        }
        let last = written.len() + 1 == self.settings.max_length;
        if last && !self.settings.forced_eos_token_id.is_empty() {
            force(scores, &self.settings.forced_eos_token_id);
        }
        self.settings.suppress_tokens.iter().for_each(|id| set(scores, *id, NEVER));
        let first = 1 + usize::from(self.settings.forced_bos_token_id.is_some());
        if written.len() == first {
            self.settings.begin_suppress_tokens.iter().for_each(|id| set(scores, *id, NEVER));
        }
    }

    fn penalize(&self, written: &[u32], scores: &mut [f32]) {
        let penalty = self.settings.repetition_penalty;
        if penalty == 1. {
            return;
        }
        let mut known = written.to_vec();
        known.sort_unstable();
        known.dedup();
        for id in known {
            if let Some(score) = scores.get_mut(id as usize) {
                *score = if *score < 0. { *score * penalty } else { *score / penalty };
            }
        }
    }

    fn ban_bad_words(&self, written: &[u32], scores: &mut [f32]) {
        let ends = &self.settings.eos_token_id;
        for word in &self.settings.bad_words_ids {
            let Some((last, before)) = word.split_last() else { continue };
            let comes = match before.is_empty() {
                true => !ends.contains(last),
                false => word.len() <= written.len() && written.ends_with(before),
            };
            if comes {
                set(scores, *last, NEVER);
            }
        }
    }
}

fn set(scores: &mut [f32], id: u32, to: f32) {
    if let Some(score) = scores.get_mut(id as usize) {
        *score = to;
    }
}

fn force(scores: &mut [f32], ids: &[u32]) {
    scores.fill(NEVER);
    ids.iter().for_each(|id| set(scores, *id, 0.));
}

/// Bans what would end a run of `size` tokens that `known` has.
fn ban(size: usize, known: &[u32], written: &[u32], scores: &mut [f32]) {
    let Some(start) = (written.len() + 1).checked_sub(size).filter(|_| size > 0) else { return };
    let begun = &written[start..];
    for run in known.windows(size) {
        if let Some((last, _)) = run.split_last().filter(|(_, before)| *before == begun) {
            set(scores, *last, NEVER);
        }
    }
}
