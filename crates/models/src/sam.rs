//! SAM: the outline of whatever is pointed at. A picture is looked at once, then asked about as often as wanted.
//!
//! Config and names as in `transformers`' `SamModel`, 4.57; its `vision_encoder` has any widths, so pruned ones such
//! as SlimSAM's are the same network. Masks are not taken as prompts: their layers are left in the file.

mod config;
mod decoder;
mod prompt;
mod vision;

use candle_core::{Device, Tensor};

pub use self::config::Config;
use self::{
    decoder::{Decoder, Ground},
    prompt::Prompts,
    vision::Vision,
};
use crate::{Breath, Held, Result, Weights};

/// Red, green, blue.
const CHANNELS: usize = 3;

/// A loaded network.
pub struct Sam {
    config: Config,
    vision_encoder: Vision,
    prompt_encoder: Prompts,
    mask_decoder: Decoder,
    held: Held,
}

/// What is asked about a picture, in pixels of what the network saw of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Prompt {
    /// Places, from the left and from the top.
    pub points: Vec<Spot>,
    /// Left, top, right, bottom.
    pub area: Option<[f32; 4]>,
}

/// A place, and whether it belongs to what is meant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spot {
    /// From the left, from the top.
    pub at: [f32; 2],
    /// Whether it is in the thing; else it is beside it.
    pub inside: bool,
}

/// What was seen in a picture.
pub struct Seen {
    /// `(cells, hidden)`, row by row.
    pub embedding: Tensor,
    ground: Ground,
}

/// What may be meant.
pub struct Answer {
    /// `(masks, 4 * side, 4 * side)`, `side` being that of the embedding: above zero is inside.
    pub masks: Tensor,
    /// `(masks)`: the intersection over union that the network expects.
    pub scores: Tensor,
}

impl Sam {
    /// Loads every tensor of a `SamModel`.
    pub async fn load(weights: &Weights, config: Config) -> Result<Self> {
        let shared = weights.at("shared_image_embedding");
        let features = config.hidden() / 2;
        let frequencies = shared.table("positional_embedding", 2, features).await?;
        // The same tensor again.
        weights.at("prompt_encoder.shared_embedding").skip("positional_embedding");
        let sam = Self {
            vision_encoder: Vision::load(&weights.at("vision_encoder"), &config).await?,
            prompt_encoder: Prompts::load(&weights.at("prompt_encoder"), &frequencies, &config)
                .await?,
            mask_decoder: Decoder::load(&weights.at("mask_decoder"), &config).await?,
            held: weights.held(),
            config,
        };
        weights.check_all_taken()?;
        Ok(Self { held: weights.held(), ..sam })
    }

    /// What the checkpoint says about its shape.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// What it holds.
    pub fn held(&self) -> &Held {
        &self.held
    }

    /// `(3, image_size, image_size)`.
    pub fn input_shape(&self) -> [usize; 3] {
        [CHANNELS, self.config.image_size(), self.config.image_size()]
    }

    /// Looks at a picture of [`Self::input_shape`].
    pub async fn look(&self, pixels: &Tensor, breath: &Breath) -> Result<Seen> {
        if pixels.dims() != self.input_shape() {
            let (dims, wanted) = (pixels.dims(), self.input_shape());
            return Err(
                candle_core::Error::msg(format!("a picture of {dims:?} for {wanted:?}")).into()
            );
        }
        let embedding = self.vision_encoder.forward(pixels, breath).await?;
        let places = self.prompt_encoder.places(self.config.side())?;
        let states = embedding.broadcast_add(self.prompt_encoder.no_mask())?;
        let ground = self.mask_decoder.ground(states, places, breath).await?;
        Ok(Seen { embedding, ground })
    }

    /// What a prompt may mean: as many masks as the checkpoint has outputs for, usually three.
    pub async fn ask(&self, seen: &Seen, prompt: &Prompt, breath: &Breath) -> Result<Answer> {
        if prompt.points.is_empty() && prompt.area.is_none() {
            return Err(candle_core::Error::msg("a prompt of no point and no area").into());
        }
        let asked = self.prompt_encoder.tokens(prompt)?;
        self.mask_decoder.forward(&seen.ground, &asked, self.config.side(), breath).await
    }
}

fn tensor(numbers: Vec<f32>, rows: usize) -> Result<Tensor> {
    let columns = numbers.len() / rows.max(1);
    Ok(Tensor::from_vec(numbers, (rows, columns), &Device::Cpu)?)
}
