//! How loud each band of a sound is over time, as `WhisperFeatureExtractor` and `ClapFeatureExtractor` of transformers
//! 4.57 have it.

use std::{f64::consts::TAU, ops::Range};

/// Samples a second that Whisper's bands are made for.
pub const MEL_RATE: u32 = 16_000;
/// Samples from one of its frames to the next.
pub const HOP: usize = 160;
/// Powers below count as this.
const LEAST: f64 = 1e-10;
/// Decades below the loudest band of all beyond which differences are forgotten.
const DECADES: f32 = 8.;

/// How a sound is cut in frames, and which frequencies bands are made of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frames {
    /// Samples a second.
    pub rate_hz: u32,
    /// Samples from one frame to the next.
    pub hop: usize,
    /// Samples of a frame: the product of two, so that its transform is one of transforms.
    pub parts: [usize; 2],
    /// Where the lowest band begins.
    pub bottom_hz: f64,
    /// Where the highest band ends: 1000 Hz or more.
    pub top_hz: f64,
}

impl Frames {
    /// Whisper's.
    pub const WHISPER: Self =
        Self { rate_hz: MEL_RATE, hop: HOP, parts: [16, 25], bottom_hz: 0., top_hz: 8_000. };

    fn len(&self) -> usize {
        self.parts[0] * self.parts[1]
    }

    /// Frequencies of a frame, from none to half the rate.
    fn bins(&self) -> usize {
        self.len() / 2 + 1
    }
}

/// Weights of the frequencies from `first` on.
struct Band {
    first: usize,
    weights: Vec<f64>,
}

/// Makes spectrograms of a number of bands.
pub struct Mel {
    frames: Frames,
    bands: Vec<Band>,
    /// Periodic Hann.
    window: Vec<f64>,
    /// Cosine and sine of each part of a turn, backwards.
    turns: Vec<(f64, f64)>,
    /// Cosines, and sines, of the turns of the second transforms: `(second, second)`.
    second: [Vec<f64>; 2],
}

impl Mel {
    /// Slaney's bands of Whisper's frames: 80 or 128 in the checkpoints known.
    pub fn new(bands: usize) -> Self {
        Self::of(Frames::WHISPER, bands)
    }

    /// Slaney's bands between two frequencies.
    pub fn of(frames: Frames, bands: usize) -> Self {
        let len = frames.len();
        let part = |i: usize| TAU * i as f64 / len as f64;
        let [first, second] = frames.parts;
        let turned = |i: usize| part(i / second * (i % second) % second * first);
        Self {
            frames,
            bands: slaney(bands, frames),
            window: (0..len).map(|i| 0.5 - 0.5 * part(i).cos()).collect(),
            turns: (0..len).map(|i| (part(i).cos(), -part(i).sin())).collect(),
            second: [
                (0..second * second).map(|i| turned(i).cos()).collect(),
                (0..second * second).map(|i| -turned(i).sin()).collect(),
            ],
        }
    }

    /// The logarithms of the bands' powers `(frames, bands)` in some frames of a sound of the right rate.
    ///
    /// The sound is silent from its end to `len` samples and mirrored beyond; frames are centred at every hop's first
    /// sample.
    pub fn logs(&self, sound: &[f32], len: usize, frames: Range<usize>) -> Vec<f32> {
        let mut logs = Vec::with_capacity(frames.len() * self.bands.len());
        for frame in frames {
            let powers = self.powers(sound, len, frame * self.frames.hop);
            for Band { first, weights } in &self.bands {
                let power: f64 =
                    powers.iter().skip(*first).zip(weights).map(|(power, w)| power * w).sum();
                logs.push(power.max(LEAST).log10() as f32);
            }
        }
        logs
    }

    /// Powers of the frequencies around a sample.
    fn powers(&self, sound: &[f32], len: usize, centre: usize) -> Vec<f64> {
        let [first, second] = self.frames.parts;
        let before = self.frames.len() as i64 / 2;
        let windowed = |(i, window): (usize, &f64)| {
            let at = mirrored((centre + i) as i64 - before, len as i64);
            sound.get(at).map_or(0., |sample| f64::from(*sample) * window)
        };
        let frame: Vec<f64> = self.window.iter().enumerate().map(windowed).collect();
        let [cosines, sines] = &self.second;
        let mut powers = vec![0.; self.frames.bins()];
        // Rows beyond the half are mirror images: samples are real.
        for k in 0..=first / 2 {
            // Every `second`th sample, transformed and turned to where it began.
            let (mut re, mut im) = (vec![0.; second], vec![0.; second]);
            for (i, samples) in frame.chunks_exact(second).enumerate() {
                let (cos, sin) = self.turns[i * k % first * second];
                for ((re, im), x) in re.iter_mut().zip(&mut im).zip(samples) {
                    (*re, *im) = (*re + x * cos, *im + x * sin);
                }
            }
            let (mut all_re, mut all_im) = (vec![0.; second], vec![0.; second]);
            let turns = cosines.chunks_exact(second).zip(sines.chunks_exact(second));
            for (begin, (turns, part)) in turns.zip(re.into_iter().zip(im)).enumerate() {
                let (cos, sin) = self.turns[begin * k];
                let (x, y) = (part.0 * cos - part.1 * sin, part.0 * sin + part.1 * cos);
                let all = all_re.iter_mut().zip(&mut all_im);
                for ((re, im), (cos, sin)) in all.zip(turns.0.iter().zip(turns.1)) {
                    (*re, *im) = (*re + x * cos - y * sin, *im + x * sin + y * cos);
                }
            }
            for (j, (re, im)) in all_re.into_iter().zip(all_im).enumerate() {
                let bin = k + first * j;
                if let Some(power) = powers.get_mut(bin.min(self.frames.len() - bin)) {
                    *power = re * re + im * im;
                }
            }
        }
        powers
    }

    /// How many bands.
    pub fn bands(&self) -> usize {
        self.bands.len()
    }

    /// Whisper's scale of the logarithms of all frames `(frames, bands)`, as `(bands, frames)`.
    pub fn scaled(&self, logs: &[f32]) -> Vec<f32> {
        self.scaled_by(logs, logs.iter().copied().fold(f32::NEG_INFINITY, f32::max))
    }

    /// The same for some frames of a sound, whose loudest of all is told.
    pub fn scaled_by(&self, logs: &[f32], loudest: f32) -> Vec<f32> {
        let least = loudest - DECADES;
        let bands = self.bands.len();
        let of_band = |band| logs.iter().skip(band).step_by(bands);
        (0..bands).flat_map(of_band).map(|log| (log.max(least) + 4.) / 4.).collect()
    }
}

/// Where a sample before the first or after the last of `len` is taken from; beyond all at very short ones.
fn mirrored(at: i64, len: i64) -> usize {
    let at = at.abs();
    let at = if at < len { at } else { 2 * (len - 1) - at };
    usize::try_from(at).unwrap_or(usize::MAX)
}

/// Triangles that overlap by half, each of the same area; equally wide to 1000 Hz, then in octaves.
fn slaney(count: usize, frames: Frames) -> Vec<Band> {
    let step = 6.4f64.ln() / 27.;
    let mel = |hertz: f64| match hertz < 1000. {
        true => hertz * 3. / 200.,
        false => 15. + (hertz / 1000.).ln() / step,
    };
    let [bottom, top] = [frames.bottom_hz, frames.top_hz].map(mel);
    let hertz = |i: usize| match bottom + (top - bottom) * i as f64 / (count + 1) as f64 {
        mel if mel < 15. => mel * 200. / 3.,
        mel => 1000. * (step * (mel - 15.)).exp(),
    };
    let of_bin = |bin: usize| bin as f64 * f64::from(frames.rate_hz) / frames.len() as f64;
    let bins = frames.bins();
    let band = |i: usize| {
        let [low, middle, high] = [hertz(i), hertz(i + 1), hertz(i + 2)];
        let weight = |bin| {
            let hertz = of_bin(bin);
            let slope = ((hertz - low) / (middle - low)).min((high - hertz) / (high - middle));
            slope.max(0.) * 2. / (high - low)
        };
        let first = (0..bins).find(|bin| weight(*bin) > 0.).unwrap_or(bins);
        Band { first, weights: (first..bins).map(weight).take_while(|w| *w > 0.).collect() }
    };
    (0..count).map(band).collect()
}
