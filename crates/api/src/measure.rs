//! Time a model on tokens that mean nothing: the benchmark's question, which no panel asks.

use serde::{Deserialize, Serialize};

use crate::{Loading, ModelId, Precision, Task, chat::About};

/// Marker for this task.
pub struct Measure;

impl Task for Measure {
    const NAME: &'static str = "measure";
    type Input = Input;
    type Partial = Partial;
    type Output = Output;
}

/// Which model, and what to time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Input {
    /// Checkpoint to use; it is loaded anew, so that loading is timed too.
    pub model: ModelId,
    /// Same seed, same tokens.
    pub seed: u64,
    /// The network, and what it is given.
    pub what: What,
}

/// What is timed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum What {
    /// A language model, in one context for all stages.
    Decoder(Vec<Stage>),
    /// A network that takes all of its input at once: BERT's, Whisper's encoder, and those that look at pictures.
    Encoder(Encode),
    /// An encoder-decoder, which reads a text and writes another.
    Writer(Write),
    /// A network of sounds, all the way: Whisper, CLAP's half that hears, and VITS.
    Sounds(Sounds),
}

/// How a network of sounds is run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sounds {
    /// What its weights are rounded to while they are read.
    pub precision: Precision,
    /// What it hears: one channel, at the rate it was trained with. VITS hears nothing.
    pub samples: Vec<f32>,
    /// What VITS says, and what Whisper's answers begin with, in ids of its vocabulary. CLAP reads nothing.
    pub ids: Vec<u32>,
    /// Tokens that Whisper writes after those; nothing ends it early.
    pub answer_tokens: u32,
    /// How often it runs.
    pub runs: u32,
}

/// How an encoder-decoder is run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Write {
    /// What its weights are rounded to while they are read.
    pub precision: Precision,
    /// What it reads, in ids of its vocabulary.
    pub source: Vec<u32>,
    /// Tokens it writes after the one that answers start from, 0; nothing ends it early.
    pub answer_tokens: u32,
    /// Answers followed side by side.
    pub beams: u8,
    /// How often it runs.
    pub runs: u32,
}

/// How an encoder is run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Encode {
    /// What its weights are rounded to while they are read.
    pub precision: Precision,
    /// How long that is which it takes: tokens of each text; rows and columns of a picture, where networks look at
    /// any; points of a prompt, so that SAM is asked about a picture that it has seen. Else there is one picture or
    /// sound of the network's own size.
    pub lengths: Vec<u32>,
    /// How often it runs.
    pub runs: u32,
}

/// A prompt of random tokens, and an answer that nothing ends early.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stage {
    /// Tokens kept of the stages before; 0 begins anew.
    pub kept_tokens: u32,
    /// Tokens read after those.
    pub prompt_tokens: u32,
    /// Tokens chosen one by one, each read before the next is chosen.
    pub answer_tokens: u32,
}

/// What arrives early.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Partial {
    /// The checkpoint is being read.
    Loading(Loading),
    /// A stage, or a run of an encoder-decoder, has ended.
    Timed(Timed),
}

/// The times of a stage.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Timed {
    /// From the first token read to the logits after the last.
    pub prompt_ms: f64,
    /// Per token of the answer: choosing and reading it.
    pub answer_ms: Vec<f64>,
}

/// What was timed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Output {
    /// A language model.
    Decoder {
        /// The model.
        model: About,
        /// From opening the first file to a network that can answer.
        load_ms: f64,
        /// As many as were asked for.
        stages: Vec<Timed>,
    },
    /// An encoder.
    Encoder {
        /// From opening the first file to a network that can run.
        load_ms: f64,
        /// Each run.
        run_ms: Vec<f64>,
    },
    /// An encoder-decoder.
    Writer {
        /// From opening the first file to a network that can run.
        load_ms: f64,
        /// Each run; the prompt is what it reads.
        runs: Vec<Timed>,
        /// What the last one wrote, from the 0 on.
        answer: Vec<u32>,
    },
    /// A network of sounds.
    Sounds {
        /// From opening the first file to a network that can run.
        load_ms: f64,
        /// Each run, stage by stage: Whisper's bands, its encoder and what it writes; CLAP's bands and its network;
        /// VITS's text with its durations, its latents and the waveform.
        runs: Vec<Vec<f64>>,
        /// What the last one came to: tokens, those that were given among them; a place; samples.
        answer: Vec<f32>,
    },
}
