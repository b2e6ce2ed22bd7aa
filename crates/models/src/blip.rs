//! BLIP: tells what a picture shows, answers questions about it, or says how well a text fits it.
//!
//! One network for three kinds of checkpoint, which share what sees a picture and what reads or writes
//! text with an eye on it. A picture is looked at once ([`look`](Blip::look)), and what the text parts
//! keep of it is computed then:
//!
//! ```text
//! let seen = blip.look(&pixels, &breath).await?;
//! if let Skill::Caption(writer) = &blip.skill {
//!     let mut past = writer.nothing();
//!     let logits = writer.step(id, &mut past, &seen.memory, &breath).await?; // (vocabulary)
//! }
//! ```

mod config;
mod text;
mod vision;

use candle_core::Tensor;

pub use self::{
    config::{Config, TextConfig, VisionConfig},
    text::{Memory, Past, Reader, Writer},
    vision::Vision,
};
use crate::{Breath, Result, Weights, layers::Linear, weights::Held};

/// What `itm_head` answers of a text: that it does not fit, and that it does.
const VERDICTS: usize = 2;

/// A loaded BLIP.
pub struct Blip {
    config: Config,
    /// What sees pictures.
    pub vision: Vision,
    /// What it does with what it has seen.
    pub skill: Skill,
    held: Held,
}

/// What a checkpoint was trained for.
pub enum Skill {
    /// A BlipForConditionalGeneration: writes what a picture shows.
    Caption(Writer),
    /// A BlipForQuestionAnswering: reads a question while it looks, then writes the answer while it looks
    /// at what was read.
    Answer(Reader, Writer),
    /// A BlipForImageTextRetrieval.
    Match(Matcher),
}

/// What is kept of a picture, for any number of texts.
pub struct Seen {
    /// What is known of the whole picture and of each patch: `(1 + patches, hidden_size)`.
    pub states: Tensor,
    /// What the part that looks at it first keeps.
    pub memory: Memory,
}

impl Blip {
    /// Loads every tensor; which skill it has, its tensors tell.
    pub async fn load(weights: &Weights, config: Config) -> Result<Self> {
        let vision = Vision::load(&weights.at("vision_model"), config.vision.clone()).await?;
        let (reads, writes) = (weights.at("text_encoder"), weights.at("text_decoder"));
        let skill = if weights.at("itm_head").has("weight") {
            Skill::Match(Matcher::load(weights, &config).await?)
        } else if reads.at("embeddings.word_embeddings").has("weight") {
            let reader = Reader::load(&reads, &config).await?;
            // The writer looks at what was read, which is as wide as a text.
            Skill::Answer(reader, Writer::load(&writes, &config).await?)
        } else {
            Skill::Caption(Writer::load(&writes, &config).await?)
        };
        weights.check_all_taken()?;
        Ok(Self { config, vision, skill, held: weights.held() })
    }

    /// What the checkpoint says about its shape.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// What its weights are.
    pub fn held(&self) -> &Held {
        &self.held
    }

    /// Looks at a picture `(3, image_size, image_size)`.
    pub async fn look(&self, pixels: &Tensor, breath: &Breath) -> Result<Seen> {
        let states = self.vision.forward(pixels, breath).await?;
        let memory = match &self.skill {
            Skill::Caption(writer) => writer.remember(&states, breath).await?,
            Skill::Answer(reader, _) => reader.remember(&states, breath).await?,
            Skill::Match(matcher) => matcher.reader.remember(&states, breath).await?,
        };
        Ok(Seen { states, memory })
    }
}

/// Says how well texts fit a picture.
pub struct Matcher {
    /// What reads them, while it looks or without.
    pub reader: Reader,
    vision_proj: Linear,
    text_proj: Linear,
    itm_head: Linear,
}

/// How well a text fits a picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fit {
    /// For that it does not, and that it does: what was found with both in view.
    pub logits: [f32; VERDICTS],
    /// Of picture and text, each read by itself.
    pub cosine: f32,
}

impl Matcher {
    async fn load(weights: &Weights, config: &Config) -> Result<Self> {
        let (text, shared) = (config.text.hidden_size, config.image_text_hidden_size);
        let linear =
            async |name, from, to| Linear::load_with_bias(&weights.at(name), from, to).await;
        Ok(Self {
            reader: Reader::load(&weights.at("text_encoder"), config).await?,
            vision_proj: linear("vision_proj", config.vision.hidden_size, shared).await?,
            text_proj: linear("text_proj", text, shared).await?,
            itm_head: linear("itm_head", text, VERDICTS).await?,
        })
    }

    /// How well the text `ids` fits, read twice: while looking, and without.
    pub async fn fit(&self, ids: &[u32], seen: &Seen, breath: &Breath) -> Result<Fit> {
        let first = |states: Tensor| states.narrow(0, 0, 1);
        let looked = first(self.reader.read(ids, Some(&seen.memory), breath).await?)?;
        let verdict: Vec<f32> = self.itm_head.forward(&looked)?.squeeze(0)?.to_vec1()?;
        let [no, yes] = verdict[..] else {
            return Err(candle_core::Error::msg("a verdict has two numbers").into());
        };
        let alone = first(self.reader.read(ids, None, breath).await?)?;
        let said: Vec<f32> = self.text_proj.forward(&alone)?.squeeze(0)?.to_vec1()?;
        let shown = self.vision_proj.forward(&seen.states.narrow(0, 0, 1)?)?;
        let shown: Vec<f32> = shown.squeeze(0)?.to_vec1()?;
        Ok(Fit { logits: [no, yes], cosine: cosine(&shown, &said) })
    }
}

// The reference divides by no less than this: `torch.nn.functional.normalize`.
const SHORTEST: f32 = 1e-12;

fn cosine(a: &[f32], b: &[f32]) -> f32 {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
    let length = |a: &[f32]| dot(a, a).sqrt().max(SHORTEST);
    dot(a, b) / (length(a) * length(b))
}
