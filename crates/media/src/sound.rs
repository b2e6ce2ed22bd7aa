//! Sounds as one channel at another rate.

use std::f64::consts::PI;

/// Zero crossings of the sine to each side: torchaudio's `lowpass_filter_width`.
const CROSSINGS: f64 = 6.;
/// Part of half the lower rate that passes: torchaudio's `rolloff`.
const ROLLOFF: f64 = 0.99;
/// Rates that sounds have, in samples a second.
const RATES: std::ops::RangeInclusive<u32> = 1_000..=768_000;

/// The mean of `channels` whose samples take turns: `[l, r, l, r]` becomes `[(l + r) / 2, (l + r) / 2]`.
///
/// Fails if there are no samples or no channels, if the last moment lacks some, or if one is not a number.
pub fn mono(samples: &[f32], channels: usize) -> Result<Vec<f32>, String> {
    if samples.is_empty() {
        return Err("sound: there are no samples".into());
    }
    if channels == 0 || !samples.len().is_multiple_of(channels) {
        let count = samples.len();
        return Err(format!("sound: {count} samples are not whole moments of {channels} channels"));
    }
    if let Some(at) = samples.iter().position(|sample| !sample.is_finite()) {
        return Err(format!("sound: sample {at} is not a finite number"));
    }
    let mean = |moment: &[f32]| moment.iter().sum::<f32>() / channels as f32;
    Ok(samples.chunks_exact(channels).map(mean).collect())
}

/// One channel of `from` samples a second as one of `to`: each is a sum of those near, weighted by a sine
/// over its distance under a Hann window, with the numbers that torchaudio takes if none are given.
///
/// Fails if there is no sound of one of the rates.
pub fn resample(samples: &[f32], from: u32, to: u32) -> Result<Vec<f32>, String> {
    if let Some(rate) = [from, to].iter().find(|rate| !RATES.contains(rate)) {
        let (least, most) = RATES.into_inner();
        return Err(format!("sound: a rate of {rate} Hz is not between {least} and {most} Hz"));
    }
    if from == to {
        return Ok(samples.to_vec());
    }
    let divisor = common(from, to);
    let (old, new) = ((from / divisor) as usize, (to / divisor) as usize);
    let base = old.min(new) as f64 * ROLLOFF;
    let reach = (CROSSINGS * old as f64 / base).ceil() as i64;
    // Weights for each of `new` places between the same samples.
    let weights = |place: usize| -> Vec<f32> {
        let weight = |offset: i64| {
            let distance = offset as f64 / old as f64 - place as f64 / new as f64;
            let x = (distance * base).clamp(-CROSSINGS, CROSSINGS);
            let sine = if x == 0. { 1. } else { (x * PI).sin() / (x * PI) };
            ((x * PI / CROSSINGS / 2.).cos().powi(2) * sine * base / old as f64) as f32
        };
        (-reach..reach + old as i64).map(weight).collect()
    };
    let len = (samples.len() * new).div_ceil(old);
    let mut answer = vec![0.; len];
    for place in 0..new.min(len) {
        let weights = weights(place);
        for (turn, sum) in answer.iter_mut().skip(place).step_by(new).enumerate() {
            let first = (turn * old) as i64 - reach;
            let skipped = usize::try_from(-first).unwrap_or(0);
            let near = samples.iter().skip(usize::try_from(first).unwrap_or(0));
            *sum = weights.iter().skip(skipped).zip(near).map(|(weight, x)| weight * x).sum();
        }
    }
    Ok(answer)
}

/// The greatest common divisor.
fn common(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { common(b, a % b) }
}
