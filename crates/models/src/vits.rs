//! VITS: a text to speech. `transformers` has it as VitsModel; MMS and vits-ljs are of this kind.
//!
//! Invariant: nothing is drawn here. Whoever asks brings the noise.
//!
//! ```text
//! let read = vits.read(&ids, &breath).await?;
//! let logs = vits.log_durations(&read, noise, &breath).await?;   // (tokens)
//! let frames = vits.frames(&logs, 1.)?;                          // (tokens)
//! let latents = vits.latents(&read, &frames, &noise, &breath).await?;
//! let samples = vits.waveform(&latents, &breath).await?;         // (hop * all frames)
//! ```

mod config;
mod decoder;
mod durations;
mod flow;
mod text;

use candle_core::{Device, Tensor};

pub use self::{config::Config, text::Read};
use self::{decoder::Decoder, durations::Predictor, flow::Flows, text::Encoder};
use crate::{Breath, Error, Result, Weights, layers::with_floats};

/// Longest that a text may be said at once, in seconds: what is longer is a damaged checkpoint's.
const MOST_S: usize = 120;

/// A voice.
pub struct Vits {
    text_encoder: Encoder,
    duration_predictor: Predictor,
    flow: Flows,
    decoder: Decoder,
    config: Config,
}

impl Vits {
    /// Takes every tensor but those that only training needs.
    pub async fn load(weights: &Weights, config: Config) -> Result<Self> {
        weights.at("posterior_encoder").skip_all();
        let vits = Self {
            text_encoder: Encoder::load(&weights.at("text_encoder"), &config).await?,
            duration_predictor: Predictor::load(&weights.at("duration_predictor"), &config).await?,
            flow: Flows::load(&weights.at("flow"), &config).await?,
            decoder: Decoder::load(&weights.at("decoder"), &config).await?,
            config,
        };
        weights.check_all_taken()?;
        Ok(vits)
    }

    /// Its configuration.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// What `ids` are expected to sound like.
    ///
    /// # Errors
    /// There are none, or one is not known.
    pub async fn read(&self, ids: &[u32], breath: &Breath) -> Result<Read> {
        self.text_encoder.forward(ids, breath).await
    }

    /// Logarithms of how many frames each token takes, for two rows of noise, each of as many numbers.
    pub async fn log_durations(
        &self,
        read: &Read,
        noise: [Vec<f32>; 2],
        breath: &Breath,
    ) -> Result<Vec<f32>> {
        let tokens = read.hidden.dim(0)?;
        if noise.iter().any(|row| row.len() != tokens) {
            return Err(Error::Damaged(format!("noise of other than two times {tokens} numbers")));
        }
        self.duration_predictor.forward(&read.hidden, noise, breath).await
    }

    /// How many frames each token takes at a speaking rate, of which 1 is the usual and 2 twice as fast.
    ///
    /// # Errors
    /// They are not numbers, or so many that no voice has them.
    pub fn frames(&self, log_durations: &[f32], rate: f32) -> Result<Vec<usize>> {
        let most = MOST_S * self.config.sampling_rate as usize / self.config.hop();
        let frames = log_durations.iter().map(|log| {
            let exact = (log.exp() * (1. / rate)).ceil();
            (exact <= most as f32).then_some(exact as usize)
        });
        let frames: Option<Vec<usize>> = frames.collect();
        match frames {
            Some(frames) if frames.iter().sum::<usize>() <= most => Ok(frames),
            _ => Err(Error::Damaged(format!(
                "this would be said for more than {MOST_S} seconds: take shorter sentences or a higher rate, \
                 or the checkpoint is damaged"
            ))),
        }
    }

    /// What it sounds like: `(all frames, flow_size)`, for noise of the same shape.
    pub async fn latents(
        &self,
        read: &Read,
        frames: &[usize],
        noise: &Tensor,
        breath: &Breath,
    ) -> Result<Tensor> {
        let (size, total) = (self.config.flow_size, frames.iter().sum::<usize>());
        if noise.dims() != [total, size] || total == 0 || read.means.dim(0)? != frames.len() {
            return Err(Error::Damaged(format!(
                "noise of other than {total} times {size} numbers"
            )));
        }
        let stretched = |xs: &Tensor| {
            with_floats(xs, |xs| {
                let held = xs.chunks_exact(size).zip(frames);
                Ok(held.flat_map(|(row, frames)| row.repeat(*frames)).collect::<Vec<f32>>())
            })
        };
        let (mut latents, logs) = (stretched(&read.means)?, stretched(&read.log_variances)?);
        with_floats(noise, |noise| {
            for ((x, log), noise) in latents.iter_mut().zip(&logs).zip(noise) {
                *x += noise * log.exp();
            }
            Ok(())
        })?;
        breath().await?;
        self.flow.undo(Tensor::from_vec(latents, (total, size), &Device::Cpu)?, breath).await
    }

    /// Samples between -1 and 1, [`Config::hop`] for each frame.
    pub async fn waveform(&self, latents: &Tensor, breath: &Breath) -> Result<Vec<f32>> {
        self.decoder.forward(latents, breath).await
    }
}
