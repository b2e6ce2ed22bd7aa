//! What was written of a window, cut where it tells times.

use std::ops::Range;

/// Frames of the sound for each step of time: `input_stride`.
const STRIDE: usize = 2;
/// Seconds of a step of time, and of a frame.
const STEP_S: f64 = 0.02;

/// A run of tokens, and when it is spoken.
#[derive(Clone, Debug, PartialEq)]
pub struct Segment {
    /// From the window's beginning, in seconds.
    pub start_s: f64,
    /// When it ends.
    pub end_s: f64,
    /// Which of the tokens.
    pub tokens: Range<usize>,
}

/// The segments of the tokens of a window that has `frames` of sound, and after how many of them the next begins.
///
/// A segment that begins with a word, as one may where no times were asked for, begins with the window.
// `_retrieve_segment` of `generation_whisper.py` in transformers 4.57, but for such a word: there its id, less that of
// the first time, is read as a time (`sliced_tokens[0] - timestamp_begin`), so that text begins before the sound.
pub fn segments(tokens: &[u32], first_time: u32, frames: usize) -> (Vec<Segment>, usize) {
    let time = |at: usize| tokens.get(at).filter(|id| **id >= first_time);
    let seconds = |at: usize| time(at).map_or(0., |id| f64::from(id - first_time) * STEP_S);
    let is_time = |at: usize| time(at).is_some();
    let len = tokens.len();
    // Where a time follows a time, a segment begins.
    let mut cuts: Vec<usize> = (1..len).filter(|at| is_time(at - 1) && is_time(*at)).collect();
    let alone = len >= 2 && is_time(len - 1) && !is_time(len - 2);
    let Some(last) = cuts.last_mut() else { return whole(tokens, first_time, frames) };
    if alone {
        cuts.push(len);
    } else {
        *last += 1;
    }
    let mut all = Vec::new();
    let mut begin = 0;
    for (turn, end) in cuts.iter().copied().enumerate() {
        let back = if turn + 1 < cuts.len() || alone { 1 } else { 2 };
        // A run of two times has the first for both.
        let ending = end.saturating_sub(back).max(begin);
        all.push(Segment { start_s: seconds(begin), end_s: seconds(ending), tokens: begin..end });
        begin = end;
    }
    // No speech follows a time that stands alone at the end; else what follows the last is heard again.
    let next = match alone {
        true => frames,
        false => time(begin.saturating_sub(2)).map_or(0, |id| (id - first_time) as usize * STRIDE),
    };
    (all, next)
}

/// All as one segment, up to the last time that is told or to the window's end.
fn whole(tokens: &[u32], first_time: u32, frames: usize) -> (Vec<Segment>, usize) {
    let last = tokens.iter().rev().find(|id| **id >= first_time);
    let steps = match last {
        Some(id) if *id != first_time => id - first_time,
        // In 32 bits, as there.
        _ => (frames as f32 * 0.01 / 0.02) as u32,
    };
    let end_s = f64::from(steps) * STEP_S;
    (vec![Segment { start_s: 0., end_s, tokens: 0..tokens.len() }], frames)
}
