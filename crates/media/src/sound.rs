//! Sounds as one channel at another rate.

use std::{f64::consts::PI, ops::Range};

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

/// One channel of `from` samples a second as one of `to`, at once: see [`Resampler`].
pub fn resample(samples: &[f32], from: u32, to: u32) -> Result<Vec<f32>, String> {
    let resampler = Resampler::new(from, to)?;
    Ok(resampler.part(samples, 0..resampler.len(samples.len())))
}

/// Weights of this many places are kept; where rates have more, each is weighed when its turn comes.
const MOST_PLACES: usize = 2_048;

/// Brings sounds from one rate to another: each sample is a sum of those near, weighted by a sine over its
/// distance under a Hann window, with the numbers that torchaudio takes if none are given.
pub struct Resampler {
    /// So many old samples take as long as so many new.
    old: usize,
    new: usize,
    /// Half-turns of the sine over `old` samples.
    base: f64,
    /// Samples to each side.
    reach: usize,
    /// `(new, 2 * reach + 1)`, or empty.
    table: Vec<f32>,
}

impl Resampler {
    /// From a rate to another, in samples a second. Fails if there is no sound of one of them.
    pub fn new(from: u32, to: u32) -> Result<Self, String> {
        if let Some(rate) = [from, to].iter().find(|rate| !RATES.contains(rate)) {
            let (least, most) = RATES.into_inner();
            return Err(format!("sound: a rate of {rate} Hz is not between {least} and {most} Hz"));
        }
        let divisor = common(from, to);
        let (old, new) = ((from / divisor) as usize, (to / divisor) as usize);
        let base = old.min(new) as f64 * ROLLOFF;
        let reach = (CROSSINGS * old as f64 / base).ceil() as usize;
        let mut resampler = Self { old, new, base, reach, table: Vec::new() };
        if from != to && new <= MOST_PLACES {
            resampler.table = (0..new).flat_map(|place| resampler.weights(place)).collect();
        }
        Ok(resampler)
    }

    /// How many samples so many become.
    pub fn len(&self, samples: usize) -> usize {
        let (old, new) = (self.old as u64, self.new as u64);
        (samples as u64 * new).div_ceil(old) as usize
    }

    /// Some of the samples that a whole sound becomes.
    pub fn part(&self, samples: &[f32], wanted: Range<usize>) -> Vec<f32> {
        if self.old == self.new {
            return samples.get(wanted).unwrap_or_default().to_vec();
        }
        wanted.map(|at| self.sample(samples, at)).collect()
    }

    fn sample(&self, samples: &[f32], at: usize) -> f32 {
        // In 64 bits, as hours of sound are asked for where `usize` has 32.
        let moment = at as u64 * self.old as u64;
        let (nearest, place) = (moment / self.new as u64, (moment % self.new as u64) as usize);
        let first = nearest as i64 - self.reach as i64;
        let sum = |weights: &[f32]| {
            let skipped = usize::try_from(-first).unwrap_or(0);
            let near = samples.get(usize::try_from(first).unwrap_or(0)..).unwrap_or_default();
            let weights = weights.get(skipped..).unwrap_or_default();
            weights.iter().zip(near).map(|(weight, x)| weight * x).sum()
        };
        let count = 2 * self.reach + 1;
        match self.table.get(place * count..(place + 1) * count) {
            Some(weights) => sum(weights),
            None => sum(&self.weights(place).collect::<Vec<f32>>()),
        }
    }

    /// Weights of the samples from `reach` before to `reach` after the one at or before a moment that lies
    /// `place` parts of `new` behind it.
    fn weights(&self, place: usize) -> impl Iterator<Item = f32> + use<> {
        let Self { old, new, base, .. } = *self;
        let reach = self.reach as i64;
        (-reach..=reach).map(move |offset| {
            let distance = (offset as f64 - place as f64 / new as f64) / old as f64;
            let x = (distance * base).clamp(-CROSSINGS, CROSSINGS);
            let sine = if x == 0. { 1. } else { (x * PI).sin() / (x * PI) };
            ((x * PI / CROSSINGS / 2.).cos().powi(2) * sine * base / old as f64) as f32
        })
    }
}

/// The greatest common divisor.
fn common(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { common(b, a % b) }
}
