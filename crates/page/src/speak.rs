//! Texts that were said: as their panels hold them, and as one recording.

pub mod talk;

use std::fmt::Write;

use api::speak::{About, Ask, Output, Partial, Said, Speak};

use crate::{
    desk::{Held, Stage},
    picker::title,
};

/// Silence between two sentences, in seconds.
const PAUSE_S: f64 = 0.25;
/// Strokes that a sound is drawn with.
const STROKES: usize = 300;
/// Half the height of the drawing.
const HALF: f32 = 20.;

impl Held for Speak {
    type Ask = Ask;
    type About = About;

    fn about(output: &Output) -> &About {
        &output.model
    }

    fn described(about: &About) -> String {
        let reads = if about.phonemes { "phonemes" } else { "letters" };
        format!("{} · reads {reads} · {} Hz", title(&about.name), about.sampling_rate)
    }

    fn stage(partial: &Partial, _: Option<Stage>) -> Stage {
        match partial {
            Partial::Loading(loading) => Stage::Loading(*loading),
            Partial::Said(said) => Stage::Working {
                words: "Speaking…",
                done: said.done,
                total: said.total,
                pieces: "sentences",
            },
        }
    }
}

/// Samples of silence after each sentence.
fn pause(rate_hz: u32) -> usize {
    (PAUSE_S * f64::from(rate_hz)) as usize
}

/// A sentence with the silence after it.
pub fn with_pause(samples: &[f32], rate_hz: u32) -> Vec<f32> {
    [samples, &vec![0.; pause(rate_hz)]].concat()
}

/// All sentences one after the other.
pub fn joined(said: &[Said], rate_hz: u32) -> Vec<f32> {
    said.iter().flat_map(|said| with_pause(&said.samples, rate_hz)).collect()
}

/// When sentence number `at` begins in what is [`joined`], in seconds.
pub fn begins_s(said: &[Said], at: usize, rate_hz: u32) -> f64 {
    let before = said.iter().take(at).map(|said| said.samples.len() + pause(rate_hz));
    before.sum::<usize>() as f64 / f64::from(rate_hz.max(1))
}

/// The way of a pen that draws how loud a sound is: a stroke for each part of it, from its lowest number to its
/// highest, in a picture of `2 * STROKES` by `2 * HALF`.
pub fn drawn(samples: &[f32]) -> String {
    let mut way = String::new();
    let len = samples.len().div_ceil(STROKES).max(1);
    for (at, part) in samples.chunks(len).enumerate() {
        let low = part.iter().copied().fold(0., f32::min).max(-1.);
        let high = part.iter().copied().fold(0., f32::max).min(1.);
        let [top, bottom] = [high, low].map(|x| HALF - x * (HALF - 1.));
        // Writing to a text never fails.
        let _ = write!(way, "M{} {top:.1}V{:.1}", 2 * at + 1, bottom.max(top + 0.5));
    }
    way
}

/// The picture that [`drawn`] fills.
pub fn view_box() -> String {
    format!("0 0 {} {}", 2 * STROKES, 2. * HALF)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(samples: Vec<f32>) -> Said {
        Said { text: String::new(), read: String::new(), samples, done: 1, total: 2 }
    }

    #[test]
    fn sentences_follow_each_other_with_silence_in_between() {
        let all = [said(vec![1.; 6]), said(vec![0.5; 2])];
        assert_eq!(joined(&all, 8), [&[1.; 6][..], &[0.; 2], &[0.5; 2], &[0.; 2]].concat());
        assert_eq!((begins_s(&all, 0, 8), begins_s(&all, 1, 8)), (0., 1.));
        assert!(joined(&[], 8).is_empty());
    }

    #[test]
    fn a_sound_is_drawn_from_its_lowest_to_its_highest() {
        assert_eq!(
            drawn(&[0.5, -1., 2., f32::MIN]),
            "M1 10.5V20.0M3 20.0V39.0M5 1.0V20.0M7 20.0V39.0"
        );
        assert_eq!(drawn(&[]), "");
        let long = drawn(&vec![0.; 100_000]);
        assert_eq!(long.matches('M').count(), 300);
        assert!(long.starts_with("M1 20.0V20.5"), "{long}");
    }
}
