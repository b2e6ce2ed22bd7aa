use std::{cmp::Ordering, collections::BinaryHeap};

use api::Failure;

use super::{EarlyStopping, Settings, rules::Rules};

/// Several attempts at an answer, each a token longer than before at every step, of which the likeliest
/// stay.
// `_beam_search` of transformers 4.57, `generation/utils.py`, for one input. There, a beam that is none
// yet has a score of -1e9; here it is not there.
pub(super) struct Beams<'a> {
    rules: &'a Rules<'a>,
    running: Vec<Beam>,
    /// The best first, as many as beams at most.
    finished: Vec<Beam>,
    state: State,
}

/// An attempt.
#[derive(Clone, Debug, PartialEq)]
struct Beam {
    ids: Vec<u32>,
    /// The logarithm of its probability; when it is finished, by its length.
    score: f32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Open,
    Done,
}

/// A token that may follow a beam, ordered so that the likeliest, then the first, is greatest.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Candidate {
    score: f32,
    beam: usize,
    id: u32,
}

impl Eq for Candidate {}

impl PartialOrd for Candidate {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Candidate {
    fn cmp(&self, other: &Self) -> Ordering {
        let first = (other.beam, other.id).cmp(&(self.beam, self.id));
        self.score.total_cmp(&other.score).then(first)
    }
}

impl<'a> Beams<'a> {
    pub(super) fn new(rules: &'a Rules<'a>) -> Self {
        let first = Beam { ids: vec![rules.settings.decoder_start_token_id], score: 0. };
        Self { rules, running: vec![first], finished: Vec::new(), state: State::Open }
    }

    /// The last token of each beam that goes on; none when the search is over.
    pub(super) fn last(&self) -> Vec<u32> {
        match self.state {
            State::Done => Vec::new(),
            State::Open => {
                self.running.iter().filter_map(|beam| beam.ids.last().copied()).collect()
            }
        }
    }

    /// What is likeliest so far.
    pub(super) fn best(&self) -> &[u32] {
        let best = match self.state {
            State::Done => self.finished.first().or(self.running.first()),
            State::Open => self.running.first().or(self.finished.first()),
        };
        best.map_or(&[], |beam| &beam.ids)
    }

    /// Lengthens beams by what may follow them: logarithms of probabilities for each, in their order.
    /// Gives for each beam that goes on which one it comes from.
    pub(super) fn advance(&mut self, mut scores: Vec<Vec<f32>>) -> Result<Vec<usize>, Failure> {
        let settings = self.rules.settings;
        for (beam, scores) in self.running.iter().zip(&mut scores) {
            if scores.iter().any(|x| x.is_nan() || *x == f32::INFINITY) {
                return Err(Failure::Bug("the model's output is not a number".into()));
            }
            self.rules.apply(&beam.ids, scores);
            if settings.renormalize_logits {
                renormalize(scores);
            }
            scores.iter_mut().for_each(|score| *score += beam.score);
        }
        let candidates =
            likeliest(&scores, settings.num_beams * (1 + settings.eos_token_id.len().max(1)));
        if candidates.is_empty() {
            return Err(Failure::Bug("the settings allow no token".into()));
        }
        Ok(self.take(&candidates))
    }

    /// Finishes what ends, and goes on with the best of what does not.
    fn take(&mut self, candidates: &[Candidate]) -> Vec<usize> {
        let settings = self.rules.settings;
        // Without the token answers start from.
        let written = self.running.first().map_or(0, |beam| beam.ids.len());
        let full = self.finished.len() == settings.num_beams
            && settings.early_stopping == EarlyStopping::Yes;
        let (mut running, mut parents) = (Vec::new(), Vec::new());
        for (rank, candidate) in candidates.iter().enumerate() {
            let Candidate { score, beam, id } = *candidate;
            let ends = settings.eos_token_id.contains(&id) || written + 1 >= settings.max_length;
            let with = |score| {
                let ids = self.running[beam].ids.iter().copied().chain([id]).collect();
                Beam { ids, score }
            };
            // Others of the candidates are there only to go on.
            if ends && rank < settings.num_beams && !full {
                self.finished.push(with(score / power(written, settings)));
            } else if !ends && running.len() < settings.num_beams {
                running.push(with(score));
                parents.push(beam);
            }
        }
        // Stable: of equals, the one that was finished first stays.
        self.finished.sort_by(|a, b| b.score.total_cmp(&a.score));
        self.finished.truncate(settings.num_beams);
        self.running = running;
        self.state = self.next_state(written + 1);
        parents
    }

    /// Whether beams of `written` tokens, that of the start among them, can still win.
    fn next_state(&self, length: usize) -> State {
        let settings = self.rules.settings;
        let Some(best) = self.running.first() else { return State::Done };
        if self.finished.len() < settings.num_beams {
            return State::Open;
        }
        let longest = match settings.early_stopping {
            EarlyStopping::Yes => return State::Done,
            EarlyStopping::Never if settings.length_penalty > 0. => settings.max_length - 1,
            EarlyStopping::Never | EarlyStopping::No => length - 1,
        };
        let worst = self.finished.last().map_or(f32::NEG_INFINITY, |beam| beam.score);
        match best.score / power(longest, settings) > worst {
            true => State::Open,
            false => State::Done,
        }
    }
}

/// What a score is divided by for so many tokens.
fn power(written: usize, settings: &Settings) -> f32 {
    (written as f64).powf(settings.length_penalty.into()) as f32
}

/// Brings what is left of logarithms of probabilities back to a sum of one.
fn renormalize(scores: &mut [f32]) {
    let log = scores.iter().map(|score| f64::from(*score).exp()).sum::<f64>().ln() as f32;
    scores.iter_mut().for_each(|score| *score -= log);
}

/// The `count` likeliest tokens over all beams, the likeliest first; those that may not come are left
/// out.
fn likeliest(scores: &[Vec<f32>], count: usize) -> Vec<Candidate> {
    let mut heap: BinaryHeap<std::cmp::Reverse<Candidate>> = BinaryHeap::with_capacity(count + 1);
    for (beam, scores) in scores.iter().enumerate() {
        for (id, score) in (0..).zip(scores) {
            let least = heap.peek().map_or(f32::NEG_INFINITY, |least| least.0.score);
            if *score == f32::NEG_INFINITY || heap.len() == count && *score <= least {
                continue;
            }
            heap.push(std::cmp::Reverse(Candidate { score: *score, beam, id }));
            if heap.len() > count {
                heap.pop();
            }
        }
    }
    heap.into_sorted_vec().into_iter().map(|candidate| candidate.0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_likeliest_come_first_and_ties_go_to_the_first() {
        let never = f32::NEG_INFINITY;
        let scores = [vec![-1., -3., never, -2.], vec![-2., -0.5, -3., never]];
        let got: Vec<_> =
            likeliest(&scores, 5).iter().map(|one| (one.score, one.beam, one.id)).collect();
        assert_eq!(got, [(-0.5, 1, 1), (-1., 0, 0), (-2., 0, 3), (-2., 1, 0), (-3., 0, 1)]);
        assert_eq!(likeliest(&[vec![never; 3]], 4), []);
    }

    #[test]
    fn probabilities_sum_to_one() {
        let mut scores = vec![-2., -3., f32::NEG_INFINITY];
        renormalize(&mut scores);
        let sum: f32 = scores.iter().map(|x| x.exp()).sum();
        assert!((sum - 1.).abs() < 1e-6 && scores[2] == f32::NEG_INFINITY, "{scores:?}");
    }
}
