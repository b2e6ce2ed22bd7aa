//! A piece of a recording at the model's rate, and the bands of its windows.

use api::{
    Failure,
    transcribe::{MOST_CHANNELS, MOST_SAMPLES, Sound},
};
use candle_core::{Device, Tensor};
use media::{HOP, MEL_RATE, Mel, Resampler, mono};
use models::Breath;

use crate::checkpoint::failure;

/// Samples brought to another rate, and frames measured, between two breaths.
const PART: usize = 1 << 14;
const FRAMES: usize = 100;
/// A sound that is nowhere louder is silent: no step of 16 bits.
const SILENT: f32 = 1. / 32_768.;
/// Frames at the end of a piece, and samples, that what follows it would change.
const EDGE_FRAMES: usize = 3;
const EDGE_SAMPLES: usize = 32;

/// Whether a piece can be heard at all.
pub(crate) fn check(sound: &Sound) -> Result<(), Failure> {
    let Sound { samples, channels, rate_hz, .. } = sound;
    if samples.is_empty() {
        return Err(refused("there is none: record or choose something"));
    }
    if samples.len() > MOST_SAMPLES {
        return Err(refused("the piece is too long: cut it in shorter ones"));
    }
    if !(1..=MOST_CHANNELS).contains(channels) {
        let reason = format!("{channels} channels are not from 1 to {MOST_CHANNELS}");
        return Err(refused(&reason));
    }
    // Says what is wrong with the rate.
    Resampler::new(*rate_hz, MEL_RATE).map(drop).map_err(|reason| refused(&reason))
}

/// What is wrong with a sound, in words that may name it already.
fn refused(reason: &str) -> Failure {
    Failure::input("sound", reason.trim_start_matches("sound: "))
}

/// A piece, one channel at [`MEL_RATE`].
pub(crate) struct Piece {
    samples: Vec<f32>,
    /// Frames of the recording before it.
    pub(super) first_frame: usize,
    pub(super) ends: bool,
}

impl Piece {
    /// Fails with [`Failure::Input`] on samples that are no sound.
    pub(crate) async fn of(sound: Sound, breath: &Breath) -> Result<Self, Failure> {
        let starts_s = sound.starts_s;
        let ends = sound.ends;
        let samples = one_channel(sound, MEL_RATE, breath).await?;
        let first_frame = starts_s as usize * (MEL_RATE as usize / HOP);
        Ok(Self { samples, first_frame, ends })
    }

    /// How many samples it has.
    pub(super) fn len(&self) -> usize {
        self.samples.len()
    }

    /// Where its first sample is in the recording.
    pub(super) fn first_sample(&self) -> usize {
        self.first_frame * HOP
    }

    /// When it ends, in seconds of the recording.
    pub(super) fn end_s(&self) -> f64 {
        (self.first_sample() + self.len()) as f64 / f64::from(MEL_RATE)
    }

    /// Samples that what follows it does not change.
    pub(super) fn sure_len(&self) -> usize {
        if self.ends { self.len() } else { self.len().saturating_sub(EDGE_SAMPLES) }
    }

    /// Whether nothing is to be heard in some of its samples.
    pub(super) fn silent(&self, samples: std::ops::Range<usize>) -> bool {
        let end = samples.end.min(self.len());
        let heard = self.samples.get(samples.start.min(end)..end).unwrap_or_default();
        heard.iter().all(|sample| sample.abs() <= SILENT)
    }

    /// Some samples by themselves, followed by silence up to a window of `frames`.
    pub(super) async fn alone(
        &self,
        mel: &Mel,
        samples: std::ops::Range<usize>,
        frames: usize,
        breath: &Breath,
    ) -> Result<Bands, Failure> {
        let end = samples.end.min(self.len());
        let samples = self.samples.get(samples.start.min(end)..end).unwrap_or_default();
        Bands::of(mel, samples, frames * HOP, breath).await
    }

    /// All of it. Of a whole recording that is shorter than a window, a window of `frames`.
    pub(crate) async fn bands(
        &self,
        mel: &Mel,
        at_least: usize,
        breath: &Breath,
    ) -> Result<Bands, Failure> {
        let len = self.len().max(at_least * HOP);
        let mut bands = Bands::of(mel, &self.samples, len, breath).await?;
        if !self.ends {
            bands.frames = bands.frames.saturating_sub(EDGE_FRAMES);
        }
        Ok(bands)
    }
}

/// A sound as one channel at a rate.
///
/// Fails with [`Failure::Input`] on samples that are no sound.
pub(crate) async fn one_channel(
    sound: Sound,
    rate_hz: u32,
    breath: &Breath,
) -> Result<Vec<f32>, Failure> {
    let one = match sound.channels {
        1 => sound.samples,
        channels => in_parts(&sound.samples, usize::from(channels), breath).await?,
    };
    if let Some(at) = one.iter().position(|sample| !sample.is_finite()) {
        return Err(refused(&format!("sample {at} is not a finite number")));
    }
    if sound.rate_hz == rate_hz {
        return Ok(one);
    }
    let resampler = Resampler::new(sound.rate_hz, rate_hz).map_err(|reason| refused(&reason))?;
    let len = resampler.len(one.len());
    let mut samples = Vec::with_capacity(len);
    for begin in (0..len).step_by(PART) {
        samples.extend(resampler.part(&one, begin..len.min(begin + PART)));
        breath().await.map_err(|error| failure("the sound", error))?;
    }
    Ok(samples)
}

/// The mean of channels, a part at a time.
async fn in_parts(samples: &[f32], channels: usize, breath: &Breath) -> Result<Vec<f32>, Failure> {
    let mut one = Vec::with_capacity(samples.len() / channels);
    for part in samples.chunks(PART * channels) {
        one.extend(mono(part, channels).map_err(|reason| refused(&reason))?);
        breath().await.map_err(|error| failure("the sound", error))?;
    }
    Ok(one)
}

/// Logarithms of the powers of bands `(frames, bands)`.
pub(crate) struct Bands {
    logs: Vec<f32>,
    /// How many of the frames are sure.
    pub(super) frames: usize,
    /// The largest of all.
    pub(crate) loudest: f32,
}

impl Bands {
    async fn of(mel: &Mel, samples: &[f32], len: usize, breath: &Breath) -> Result<Self, Failure> {
        let frames = len / HOP;
        let mut logs = Vec::new();
        for begin in (0..frames).step_by(FRAMES) {
            logs.extend(mel.logs(samples, len, begin..frames.min(begin + FRAMES)));
            breath().await.map_err(|error| failure("the sound", error))?;
        }
        let loudest = logs.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        Ok(Self { logs, frames, loudest })
    }

    /// The window of `count` frames from `first` on as the network takes it, `(bands, count)`. `loudest` is that of
    /// all that is heard together; beyond the end there are zeros, as in the reference.
    pub(crate) fn window(
        &self,
        mel: &Mel,
        (first, count): (usize, usize),
        loudest: f32,
    ) -> Result<Tensor, Failure> {
        let bands = mel.bands();
        let here = (first.min(self.frames), (first + count).min(self.frames));
        let logs = self.logs.get(here.0 * bands..here.1 * bands).unwrap_or_default();
        let scaled = mel.scaled_by(logs, loudest);
        let known = here.1 - here.0;
        let mut window = vec![0.; bands * count];
        for (row, band) in window.chunks_exact_mut(count).zip(scaled.chunks_exact(known.max(1))) {
            row.iter_mut().zip(band).for_each(|(to, from)| *to = *from);
        }
        Tensor::from_vec(window, (bands, count), &Device::Cpu)
            .map_err(|error| failure("the sound", error.into()))
    }
}
