use super::{Config, DEFAULT_ROPE_THETA, Family, RopeScaling, windows};
use crate::{Error, Metadata, Result};

/// Gemma 3's global layers; not in the metadata (llama.cpp: `set_swa_pattern(6)`).
const GEMMA_PATTERN: usize = 6;
/// The one Gemma 3 whose scores are scaled by its width (llama.cpp: `LLM_TYPE_27B`).
const GEMMA_27B_LAYERS: usize = 62;

impl Config {
    /// From a GGUF file's metadata.
    pub fn from_gguf(metadata: &Metadata) -> Result<Self> {
        let keys = Keys { metadata, architecture: metadata.string("general.architecture")? };
        let model_type = Family::by_name(keys.architecture, |row| row.2)?;
        if keys.find("expert_count")?.is_some_and(|count| count > 0) {
            return Err(Error::Unsupported("mixtures of experts are not supported".into()));
        }
        let hidden_size = keys.get("embedding_length")?;
        let num_hidden_layers = keys.get("block_count")?;
        let num_attention_heads = keys.get("attention.head_count")?;
        let num_key_value_heads =
            keys.find("attention.head_count_kv")?.unwrap_or(num_attention_heads);
        let head_dim = keys.head_dim(hidden_size, num_attention_heads)?;
        let window = keys.find("attention.sliding_window")?.filter(|window| *window > 0);
        let gemma = model_type == Family::Gemma3;
        let local = keys.find_float("rope.freq_base_swa")?.unwrap_or(DEFAULT_ROPE_THETA);
        Self {
            model_type,
            vocab_size: keys.vocab_size()?,
            hidden_size,
            intermediate_size: keys.get("feed_forward_length")?,
            num_hidden_layers,
            num_attention_heads,
            num_key_value_heads,
            head_dim,
            rotary_dim: keys.find("rope.dimension_count")?.unwrap_or(head_dim),
            query_pre_attn_scalar: match keys.find_float("attention.scale")? {
                Some(scale) => 1. / (scale * scale),
                None if gemma && num_hidden_layers == GEMMA_27B_LAYERS => {
                    hidden_size as f32 / num_attention_heads as f32
                }
                None => head_dim as f32,
            },
            rms_norm_eps: keys.metadata.f32(&keys.key("attention.layer_norm_rms_epsilon"))?,
            rope_theta: keys.find_float("rope.freq_base")?.unwrap_or(DEFAULT_ROPE_THETA),
            rope_local_base_freq: gemma.then_some(local),
            rope_scaling: keys.rope_scaling()?,
            windows: windows(
                num_hidden_layers,
                window,
                if gemma { GEMMA_PATTERN } else { usize::MAX },
            ),
            max_position_embeddings: match keys.find("rope.scaling.original_context_length")? {
                Some(original) if model_type == Family::Phi3 => original,
                _ => keys.get("context_length")?,
            },
            tie_word_embeddings: None,
        }
        .checked()
    }
}

/// Metadata below the architecture's name.
struct Keys<'a> {
    metadata: &'a Metadata,
    architecture: &'a str,
}

impl Keys<'_> {
    fn key(&self, leaf: &str) -> String {
        format!("{}.{leaf}", self.architecture)
    }

    fn get(&self, leaf: &str) -> Result<usize> {
        Ok(self.metadata.u32(&self.key(leaf))? as usize)
    }

    fn find(&self, leaf: &str) -> Result<Option<usize>> {
        Ok(self.metadata.find_u32(&self.key(leaf))?.map(|value| value as usize))
    }

    fn find_float(&self, leaf: &str) -> Result<Option<f32>> {
        self.metadata.find_f32(&self.key(leaf))
    }

    fn head_dim(&self, hidden_size: usize, heads: usize) -> Result<usize> {
        let keys = self.find("attention.key_length")?;
        let values = self.find("attention.value_length")?;
        if let (Some(keys), Some(values)) = (keys, values)
            && keys != values
        {
            return Err(Error::Unsupported(format!(
                "keys of {keys} numbers with values of {values} are not supported"
            )));
        }
        Ok(keys.or_else(|| hidden_size.checked_div(heads)).unwrap_or_default())
    }

    fn vocab_size(&self) -> Result<usize> {
        match self.metadata.find_strings("tokenizer.ggml.tokens")? {
            Some(tokens) => Ok(tokens.len()),
            None => self.get("vocab_size"),
        }
    }

    fn rope_scaling(&self) -> Result<RopeScaling> {
        let attention_factor = self.find_float("rope.scaling.attn_factor")?;
        match self.metadata.find_string(&self.key("rope.scaling.type"))? {
            None if attention_factor.is_some() => self.long(attention_factor),
            None | Some("none") => Ok(RopeScaling::None),
            Some("linear") => {
                let factor = self.metadata.f32(&self.key("rope.scaling.factor"))?;
                Ok(RopeScaling::Linear { factor })
            }
            Some("longrope") => self.long(attention_factor),
            Some(other) => Err(Error::Unsupported(format!("unsupported rope scaling `{other}`"))),
        }
    }

    fn long(&self, attention_factor: Option<f32>) -> Result<RopeScaling> {
        let attention_factor = attention_factor.unwrap_or(1.);
        Ok(RopeScaling::Long { short_factor: Vec::new(), attention_factor })
    }
}
