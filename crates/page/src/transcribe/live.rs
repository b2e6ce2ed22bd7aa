//! Speech while it is recorded: what of it is sure, and what may still change.

use api::transcribe::Chunk;

/// After so long a silence, in seconds, nothing is added to what was said.
const PAUSE_S: f64 = 0.8;
/// What is kept of a silence, in seconds: speech may have begun in it.
const KEPT_S: f64 = 0.5;
/// The part of a model's window after which something has to be settled.
const FULL: f64 = 0.8;

/// What was heard of a recording up to now.
#[derive(Clone, Debug, Default)]
pub struct Live {
    /// All before it is settled, in seconds.
    pub from_s: f64,
    /// What was last heard after it.
    last: Vec<Chunk>,
}

/// What a person is shown of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shown {
    /// Chunks that are new, and stay.
    pub settled: Vec<Chunk>,
    /// What comes after them, as far as it was heard twice.
    pub sure: String,
    /// The rest, which may change.
    pub open: String,
}

impl Live {
    /// What all that is recorded since [`from_s`](Self::from_s), up to `end_s`, is heard as, makes sure. Times of chunks
    /// are those of the recording. `window_s` is how much the model listens to at once.
    pub fn hear(&mut self, mut chunks: Vec<Chunk>, end_s: f64, window_s: f64) -> Shown {
        chunks.retain(|chunk| !chunk.text.trim().is_empty());
        let long = end_s - self.from_s > window_s * FULL;
        if chunks.is_empty() && long {
            self.from_s = end_s - KEPT_S;
        }
        let again = |(at, chunk): (usize, &Chunk)| {
            let followed = at + 1 < chunks.len() || end_s - chunk.end_s > PAUSE_S;
            let same = self.last.get(at).is_some_and(|last| last.text.trim() == chunk.text.trim());
            followed && same
        };
        let mut count = chunks.iter().enumerate().take_while(|one| again(*one)).count();
        // Waiting longer would lose what was said first.
        if count == 0 && long && !chunks.is_empty() {
            count = chunks.len().saturating_sub(1).max(1);
        }
        let open = chunks.split_off(count);
        if let Some(last) = chunks.last() {
            self.from_s = last.end_s.clamp(self.from_s, end_s);
        }
        let before = text(self.last.get(count..).unwrap_or_default());
        let (sure, rest) = agreed(&before, &text(&open));
        self.last = open;
        Shown { settled: chunks, sure, open: rest }
    }
}

fn text(chunks: &[Chunk]) -> String {
    chunks.iter().map(|chunk| chunk.text.as_str()).collect()
}

/// The words that two texts begin with, and what comes after them in the second.
fn agreed(before: &str, now: &str) -> (String, String) {
    let mut same = 0;
    let mut old = before.split_whitespace();
    for word in now.split_whitespace() {
        if old.next() != Some(word) {
            break;
        }
        let from = now.get(same..).and_then(|rest| rest.find(word)).unwrap_or_default();
        same += from + word.len();
    }
    let (sure, open) = now.split_at(same);
    (sure.to_owned(), open.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(start_s: f64, end_s: f64, text: &str) -> Chunk {
        Chunk { start_s, end_s, text: text.into() }
    }

    #[track_caller]
    fn check(live: &mut Live, chunks: &[Chunk], end_s: f64, want: (&[&str], &str, &str, f64)) {
        let shown = live.hear(chunks.to_vec(), end_s, 10.);
        let settled: Vec<_> = shown.settled.iter().map(|chunk| chunk.text.as_str()).collect();
        let got = (settled.as_slice(), shown.sure.as_str(), shown.open.as_str(), live.from_s);
        assert_eq!(got, want);
    }

    #[test]
    fn words_heard_twice_are_sure_and_a_pause_settles_them() {
        let mut live = Live::default();
        check(&mut live, &[chunk(0., 1., " Turn on")], 1., (&[], "", " Turn on", 0.));
        check(
            &mut live,
            &[chunk(0., 2., " Turn on the bed")],
            2.,
            (&[], " Turn on", " the bed", 0.),
        );
        let all = [chunk(0., 2.4, " Turn on the red light.")];
        check(&mut live, &all, 3.5, (&[], " Turn on the", " red light.", 0.));
        check(&mut live, &all, 4., (&[" Turn on the red light."], "", "", 2.4));
        check(&mut live, &[], 5., (&[], "", "", 2.4));
    }

    #[test]
    fn what_is_followed_by_more_is_settled_when_it_is_heard_again() {
        let mut live = Live::default();
        let two = [chunk(0., 2., " One."), chunk(2., 3., " Two")];
        check(&mut live, &two, 3., (&[], "", " One. Two", 0.));
        check(&mut live, &two, 3.2, (&[" One."], " Two", "", 2.));
    }

    #[test]
    fn a_full_window_settles_what_it_has_and_silence_is_passed_over() {
        let mut live = Live::default();
        check(&mut live, &[chunk(0., 9., " Long")], 9., (&[" Long"], "", "", 9.));
        check(&mut live, &[], 18., (&[], "", "", 17.5));
        // A chunk that is said to end after what was recorded.
        check(&mut live, &[chunk(17.5, 40., " a")], 26., (&[" a"], "", "", 26.));
    }
}
