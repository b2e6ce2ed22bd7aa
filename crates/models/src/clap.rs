//! CLAP: sounds and texts as points of one space, near to each other where they tell the same.
//!
//! Config and names as in `transformers`' `ClapModel`, 4.57. Checkpoints that look at a long sound in several parts
//! (`enable_fusion`) are refused.

mod audio;
mod config;

use candle_core::Tensor;
use kernels::Activation;

pub use self::{
    audio::Audio,
    config::{AudioConfig, Config, TextConfig},
};
use crate::{Breath, Held, Result, Weights, bert::Bert, layers::Linear};

/// Both halves.
pub struct Clap {
    audio: Audio,
    audio_projection: Projection,
    text: Bert,
    pooler: Linear,
    text_projection: Projection,
    /// What cosines are multiplied by, asked for a sound.
    scale: f32,
    config: Config,
    held: Held,
}

impl Clap {
    /// Loads every tensor of a ClapModel.
    pub async fn load(weights: &Weights, config: Config) -> Result<Self> {
        let (a, t) = (&config.audio, &config.text);
        let text_model = weights.at("text_model");
        let bert = t.bert();
        let hidden = bert.hidden_size;
        let clap = Self {
            audio: Audio::load(&weights.at("audio_model.audio_encoder"), a).await?,
            audio_projection: Projection::load(
                &weights.at("audio_projection"),
                (a.hidden_size, a.projection_dim),
                a.projection(),
            )
            .await?,
            text: Bert::part(&text_model, bert, t.first_position()).await?,
            pooler: Linear::load_with_bias(&text_model.at("pooler.dense"), hidden, hidden).await?,
            text_projection: Projection::load(
                &weights.at("text_projection"),
                (hidden, t.projection_dim),
                t.projection(),
            )
            .await?,
            scale: weights.number("logit_scale_a").await?.exp(),
            held: weights.held(),
            config,
        };
        // Asked for a text, which nobody does here.
        weights.skip("logit_scale_t");
        weights.check_all_taken()?;
        Ok(Self { held: weights.held(), ..clap })
    }

    /// What the checkpoint says about its shape.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// What its weights are.
    pub fn held(&self) -> &Held {
        &self.held
    }

    /// The half that hears.
    pub fn audio(&self) -> &Audio {
        &self.audio
    }

    /// The place of a sound, given the decibels of its bands `(frames, num_mel_bins)`: `(projection_dim)`, as long as 1.
    pub async fn hear(&self, bands: &Tensor, breath: &Breath) -> Result<Tensor> {
        let pooled = self.audio.forward(bands, breath).await?;
        let place = self.audio_projection.forward(&pooled.unsqueeze(0)?)?;
        Ok(changed(&place, unit)?.squeeze(0)?)
    }

    /// The places of texts, with the tokens that stand around them: `(texts, projection_dim)`, each as long as 1. None
    /// may be empty or longer than [`TextConfig::window`].
    pub async fn read(&self, texts: &[Vec<u32>], breath: &Breath) -> Result<Tensor> {
        let states = self.text.forward(texts, breath).await?;
        let mut first = 0;
        let mut begins = Vec::new();
        for text in texts {
            begins.push(states.narrow(0, first, 1)?);
            first += text.len();
        }
        let pooled = self.pooler.forward(&Tensor::cat(&begins, 0)?)?;
        let pooled = changed(&pooled, |row| row.iter_mut().for_each(|x| *x = x.tanh()))?;
        changed(&self.text_projection.forward(&pooled)?, unit)
    }

    /// How well each of `texts (n, projection_dim)` tells what `sound (projection_dim)` is: `n` logits.
    pub fn logits(&self, sound: &Tensor, texts: &Tensor) -> Result<Vec<f32>> {
        let (sound, texts): (Vec<f32>, Vec<Vec<f32>>) = (sound.to_vec1()?, texts.to_vec2()?);
        let dot = |text: &Vec<f32>| text.iter().zip(&sound).map(|(a, b)| a * b).sum::<f32>();
        Ok(texts.iter().map(|text| self.scale * dot(text)).collect())
    }
}

/// Each row changed by itself. In plain arithmetic: rows are few, and each kind of candle's own is code for every kind of
/// number.
fn changed(xs: &Tensor, change: impl Fn(&mut [f32])) -> Result<Tensor> {
    let (rows, columns) = xs.dims2()?;
    let mut all: Vec<f32> = xs.flatten_all()?.to_vec1()?;
    all.chunks_exact_mut(columns.max(1)).for_each(change);
    crate::numbers(all, &[rows, columns])
}

/// Makes a row as long as 1.
fn unit(row: &mut [f32]) {
    // `F.normalize`'s own least.
    let length = row.iter().map(|x| x * x).sum::<f32>().sqrt().max(1e-12);
    row.iter_mut().for_each(|x| *x /= length);
}

/// Into the space of both.
struct Projection {
    linear1: Linear,
    linear2: Linear,
    activation: Activation,
}

impl Projection {
    async fn load(
        weights: &Weights,
        (from, to): (usize, usize),
        activation: Activation,
    ) -> Result<Self> {
        Ok(Self {
            linear1: Linear::load_with_bias(&weights.at("linear1"), from, to).await?,
            linear2: Linear::load_with_bias(&weights.at("linear2"), to, to).await?,
            activation,
        })
    }

    fn forward(&self, xs: &Tensor) -> Result<Tensor> {
        let inner = self.linear1.forward(xs)?.apply_op1_no_bwd(&self.activation)?;
        Ok(self.linear2.forward(&inner)?)
    }
}
