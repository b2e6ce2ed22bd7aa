//! Sounds as pictures: which pitches are in them, and when.

use microfft::real::rfft_512;

/// Samples of a window.
const WINDOW: usize = 512;
/// Pitches of a column, the lowest first.
pub const PITCHES: usize = WINDOW / 2;
/// What is this much softer than the loudest is not drawn, in powers of ten.
const DEPTH: f32 = 7.;

/// How strong each pitch is at `columns` moments spread over samples, between 0 and 1: `(columns, PITCHES)`.
/// Pitches go from 0 to half as many turns a second as there are samples.
pub fn spectrum(samples: &[f32], columns: usize) -> Vec<f32> {
    // A Hann window, so that each pitch stands by itself.
    let hann = |at: usize| {
        let turn = std::f32::consts::TAU * at as f32 / WINDOW as f32;
        0.5 - 0.5 * turn.cos()
    };
    let hann: Vec<f32> = (0..WINDOW).map(hann).collect();
    let mut powers = Vec::with_capacity(columns * PITCHES);
    let room = samples.len().saturating_sub(WINDOW);
    for column in 0..columns {
        let start = room * column / columns.saturating_sub(1).max(1);
        let mut window = [0.; WINDOW];
        let here = samples.get(start..).unwrap_or_default();
        for ((to, sample), weight) in window.iter_mut().zip(here).zip(&hann) {
            *to = sample * weight;
        }
        let turned = rfft_512(&mut window);
        // Its imaginary part holds half the rate.
        turned[0].im = 0.;
        powers.extend(turned.iter().map(|one| one.re * one.re + one.im * one.im));
    }
    let loudest = powers.iter().copied().fold(0., f32::max);
    let scaled = |power: &f32| match loudest > 0. {
        true => (1. + (power / loudest).max(1e-12).log10() / DEPTH).clamp(0., 1.),
        false => 0.,
    };
    powers.iter().map(scaled).collect()
}

#[cfg(test)]
mod tests {
    use super::{PITCHES, spectrum};

    #[test]
    fn a_tone_is_a_line_at_its_pitch() {
        // 1000 turns a second at 16 kHz: a sixteenth of all turns, an eighth of the pitches.
        let tone = |at: usize| (std::f32::consts::TAU * at as f32 / 16.).sin();
        let drawn = spectrum(&(0..4000).map(tone).collect::<Vec<_>>(), 7);
        assert_eq!(drawn.len(), 7 * PITCHES);
        for column in drawn.chunks(PITCHES) {
            let best = (0..PITCHES).max_by(|a, b| column[*a].total_cmp(&column[*b]));
            assert_eq!(best, Some(PITCHES / 8));
            assert!(column[PITCHES / 2] < 0.3, "{}", column[PITCHES / 2]);
        }
    }

    #[test]
    fn silence_and_nothing_are_dark() {
        assert!(spectrum(&[0.; 2000], 3).iter().all(|x| *x == 0.));
        assert_eq!(spectrum(&[], 2), vec![0.; 2 * PITCHES]);
        assert!(spectrum(&[1.], 1).iter().all(|x| x.is_finite()));
    }
}
