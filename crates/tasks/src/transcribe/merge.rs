//! Windows that overlap, made one text: what two of them have in common is told once.

use serde::{Deserialize, Serialize};

/// Seconds of a step of time.
const STEP_S: f64 = 0.02;

/// How a window lies in the recording, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stride {
    /// Of the whole window.
    pub len_s: f64,
    /// What it has in common with the one before, at its left, to half.
    pub left_s: f64,
    /// And with the one after it.
    pub right_s: f64,
}

/// Tokens that were told as one, and when they are spoken as far as that was told, in seconds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Merged {
    /// When they begin.
    pub start_s: Option<f64>,
    /// When they end.
    pub end_s: Option<f64>,
    /// The words alone.
    pub tokens: Vec<u32>,
}

/// What is known of the windows so far.
// `_decode_asr` of `tokenization_whisper.py` in transformers 4.57, a window at a time.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Merger {
    /// The chunk that is not told to its end.
    start_s: Option<f64>,
    waiting: Option<Waiting>,
    /// When the next window begins to be its own.
    offset_s: f64,
    /// The next time is the other half of a pair whose first was passed over.
    skips: bool,
}

/// Words that may have something in common with the next window.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Waiting {
    sure: Vec<u32>,
    open: Vec<u32>,
}

/// What one window needs besides its tokens.
struct Window {
    /// Times from here on are told again by the next window.
    last: Option<u32>,
    /// Times before were told by the window before, as steps.
    first: f64,
    /// Segments that were written one after the other begin anew at nought each.
    before_s: f64,
    greatest_s: f64,
    last_but_one_s: f64,
}

/// Which tokens are words and which are times.
#[derive(Clone, Copy)]
pub struct Kinds<'a> {
    /// `<|0.00|>`
    pub first_time: u32,
    /// Seconds of a window.
    pub window_s: f64,
    /// Whether a token below the times is a word.
    pub is_word: &'a dyn Fn(u32) -> bool,
}

impl Merger {
    /// Adds the tokens of the next window, without its prompt; gives the chunks that end in it.
    pub fn push(&mut self, tokens: &[u32], stride: Stride, kinds: Kinds<'_>) -> Vec<Merged> {
        self.offset_s -= stride.left_s;
        let mut window = Window::new(tokens, stride, kinds.first_time);
        let (mut ended, mut words) = (Vec::new(), Vec::new());
        for (at, token) in tokens.iter().copied().enumerate() {
            if token < kinds.first_time {
                if (kinds.is_word)(token) {
                    words.push(token);
                }
                continue;
            }
            let told_s = window.time(tokens, at, kinds);
            let time_s = rounded(told_s + self.offset_s + window.before_s);
            if window.last.is_some_and(|last| token >= last) {
                self.skips = true;
            } else if self.skips || self.waiting.is_some() && f64::from(token) < window.first {
                self.skips = false;
            } else if self.start_s.is_none() {
                self.start_s = Some(time_s);
            } else if self.start_s != Some(time_s) {
                let tokens = joined(self.waiting.take(), std::mem::take(&mut words)).all();
                let start_s = self.start_s.take();
                ended.push(Merged { start_s, end_s: Some(time_s), tokens });
            }
        }
        self.offset_s += stride.len_s - stride.right_s;
        if !words.is_empty() {
            self.waiting = Some(joined(self.waiting.take(), words));
        } else if self.waiting.is_none() {
            self.start_s = None;
        }
        ended
    }

    /// What was said since the last chunk that ended.
    pub fn open(&self) -> Option<Merged> {
        let waiting = self.waiting.clone()?;
        Some(Merged { start_s: self.start_s, end_s: None, tokens: waiting.all() })
    }
}

impl Waiting {
    fn all(self) -> Vec<u32> {
        [self.sure, self.open].concat()
    }
}

impl Window {
    fn new(tokens: &[u32], stride: Stride, first_time: u32) -> Self {
        let mut last = None;
        if stride.right_s > 0. {
            let own_s = stride.len_s - stride.right_s;
            for token in tokens.iter().rev().filter(|token| **token >= first_time) {
                if last.is_some() && f64::from(token - first_time) * STEP_S < own_s {
                    break;
                }
                last = Some(*token);
            }
        }
        let steps = if stride.left_s > 0. { stride.left_s / STEP_S } else { 0. };
        let first = steps + f64::from(first_time);
        Self { last, first, before_s: 0., greatest_s: 0., last_but_one_s: 0. }
    }

    /// Seconds that a token tells. Where they fall back, another segment has begun.
    fn time(&mut self, tokens: &[u32], at: usize, kinds: Kinds<'_>) -> f64 {
        let is_time = |back: usize| {
            at.checked_sub(back).and_then(|at| tokens.get(at)).map(|id| *id >= kinds.first_time)
        };
        let told_s = f64::from(tokens[at] - kinds.first_time) * STEP_S;
        if told_s < self.greatest_s {
            if is_time(2).is_some() && !(is_time(1) == Some(true) && is_time(2) == Some(true)) {
                self.before_s += kinds.window_s;
            } else {
                self.greatest_s = self.last_but_one_s;
                self.before_s += self.last_but_one_s;
            }
        }
        self.last_but_one_s = self.greatest_s;
        self.greatest_s = told_s;
        told_s
    }
}

/// To hundredths, as Python rounds.
fn rounded(seconds: f64) -> f64 {
    format!("{seconds:.2}").parse().unwrap_or(seconds)
}

/// Puts words after those that wait, with what both have in common once.
// `_find_longest_common_sequence` of `tokenization_whisper.py`.
fn joined(waiting: Option<Waiting>, right: Vec<u32>) -> Waiting {
    let Some(Waiting { mut sure, open: left }) = waiting else {
        return Waiting { sure: Vec::new(), open: right };
    };
    let (mut most, mut cuts) = (0., (left.len(), 0));
    for shift in 1..left.len() + right.len() {
        // The last of the left lie upon the first of the right.
        let of_left =
            left.len().saturating_sub(shift)..left.len().min(left.len() + right.len() - shift);
        let of_right = shift.saturating_sub(left.len())..right.len().min(shift);
        let pairs = left[of_left.clone()].iter().zip(&right[of_right.clone()]);
        let same = pairs.filter(|(a, b)| a == b).count();
        // Of two that match alike, the longer one.
        let score = same as f64 / shift as f64 + shift as f64 / 10_000.;
        if same > 1 && score > most {
            most = score;
            // What is left of the middle is heard better at the left, the rest at the right.
            cuts = (of_left.start.midpoint(of_left.end), of_right.start.midpoint(of_right.end));
        }
    }
    sure.extend(&left[..cuts.0]);
    Waiting { sure, open: right[cuts.1..].to_vec() }
}
