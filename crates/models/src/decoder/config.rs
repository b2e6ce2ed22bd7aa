use crate::{Error, Metadata, Result};

/// The shape of a decoder, in the words of `config.json`.
#[derive(Clone, Debug)]
pub struct Config {
    /// Such as `llama` or `qwen3`.
    pub model_type: String,
    /// Tokens known.
    pub vocab_size: usize,
    /// Positions the checkpoint was trained for.
    pub max_position_embeddings: usize,
}

impl Config {
    /// From a GGUF file's metadata.
    pub fn from_gguf(_metadata: &Metadata) -> Result<Self> {
        Err(Error::Unsupported("not written yet".into()))
    }

    /// From the text of `config.json`.
    pub fn from_json(_text: &str) -> Result<Self> {
        Err(Error::Unsupported("not written yet".into()))
    }
}
