//! SAM: the outline of whatever is pointed at. A picture is looked at once, then asked about as often as wanted.
//!
//! Config and names as in `transformers`' `SamModel`, 4.57; its `vision_encoder` has any widths, so pruned ones such
//! as SlimSAM's are the same network. So is MobileSAM but for what looks at the picture; like every checkpoint of the
//! repository segment-anything it has the names of that. Masks are not taken as prompts: their layers are left in the
//! file.

mod config;
mod decoder;
mod neck;
mod prompt;
mod tiny_vit;
mod vision;

use candle_core::{Device, Tensor};

pub use self::config::Config;
use self::{
    config::Encoder,
    decoder::{Decoder, Ground},
    neck::Neck,
    prompt::Prompts,
    tiny_vit::TinyVit,
    vision::Vision,
};
use crate::{Breath, Held, Names, Result, Weights};

/// Red, green, blue.
const CHANNELS: usize = 3;

/// A loaded network.
pub struct Sam {
    config: Config,
    vision_encoder: VisionEncoder,
    neck: Neck,
    prompt_encoder: Prompts,
    mask_decoder: Decoder,
    held: Held,
}

/// What looks at the picture.
enum VisionEncoder {
    Vit(Vision),
    TinyVit(TinyVit),
}

/// How many masks answer a prompt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Masks {
    /// The one for a prompt that can mean one thing only, such as a box or several points.
    One,
    /// As many as the checkpoint has outputs for, usually three: for a prompt that may mean a thing or a part of it.
    Several,
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
    /// Loads every tensor of a `SamModel`, or of a network of segment-anything.
    pub async fn load(weights: &Weights, config: Config) -> Result<Self> {
        let weights = &named(weights);
        let config = config.for_names(weights.names());
        let shared = weights.at("shared_image_embedding");
        let features = config.hidden() / 2;
        let frequencies = shared.table("positional_embedding", 2, features).await?;
        // The same tensor again.
        weights.at("prompt_encoder.shared_embedding").skip("positional_embedding");
        let vision = weights.at("vision_encoder");
        let vision_encoder = match &config.vision_config {
            Encoder::Vit(vit) => VisionEncoder::Vit(Vision::load(&vision, vit).await?),
            Encoder::TinyVit(tiny) => {
                VisionEncoder::TinyVit(TinyVit::load(&weights.at("image_encoder"), tiny).await?)
            }
        };
        let sam = Self {
            vision_encoder,
            neck: Neck::load(&vision.at("neck"), config.neck(), config.side()).await?,
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

    /// What the encoder makes of a picture of [`Self::input_shape`] in each of its stages, of which a ViT has one:
    /// `(cells, channels)`.
    pub async fn levels(&self, pixels: &Tensor, breath: &Breath) -> Result<Vec<Tensor>> {
        if pixels.dims() != self.input_shape() {
            let (dims, wanted) = (pixels.dims(), self.input_shape());
            return Err(
                candle_core::Error::msg(format!("a picture of {dims:?} for {wanted:?}")).into()
            );
        }
        match &self.vision_encoder {
            VisionEncoder::Vit(vit) => Ok(vec![vit.forward(pixels, breath).await?]),
            VisionEncoder::TinyVit(tiny) => tiny.levels(pixels, breath).await,
        }
    }

    /// Looks at a picture of [`Self::input_shape`].
    pub async fn look(&self, pixels: &Tensor, breath: &Breath) -> Result<Seen> {
        let mut levels = self.levels(pixels, breath).await?;
        let Some(last) = levels.pop() else {
            return Err(candle_core::Error::msg("an encoder of no stage").into());
        };
        drop(levels);
        let embedding = self.neck.forward(&last, breath).await?;
        let places = self.prompt_encoder.places(self.config.side())?;
        let states = embedding.broadcast_add(self.prompt_encoder.no_mask())?;
        let ground = self.mask_decoder.ground(states, places, breath).await?;
        Ok(Seen { embedding, ground })
    }

    /// What a prompt may mean.
    pub async fn ask(
        &self,
        seen: &Seen,
        (prompt, masks): (&Prompt, Masks),
        breath: &Breath,
    ) -> Result<Answer> {
        if prompt.points.is_empty() && prompt.area.is_none() {
            return Err(candle_core::Error::msg("a prompt of no point and no area").into());
        }
        let asked = self.prompt_encoder.tokens(prompt)?;
        let (ground, side) = (&seen.ground, self.config.side());
        self.mask_decoder.forward(ground, (&asked, masks), side, breath).await
    }
}

/// The weights by the names that are in their file.
fn named(weights: &Weights) -> Weights {
    let theirs = weights.named(Names::SegmentAnything);
    let is_theirs = theirs.at("mask_decoder.upscale_conv1").has("weight")
        || theirs.at("vision_encoder.neck.conv1").has("weight");
    if is_theirs { theirs } else { weights.clone() }
}

fn tensor(numbers: Vec<f32>, rows: usize) -> Result<Tensor> {
    let columns = numbers.len() / rows.max(1);
    Ok(Tensor::from_vec(numbers, (rows, columns), &Device::Cpu)?)
}
