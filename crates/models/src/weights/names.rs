/// Whose names a checkpoint's tensors carry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Names {
    /// Those of Hugging Face's `transformers`, by which networks ask.
    HuggingFace,
    /// Those of GGUF, for the architecture in `general.architecture`.
    Gguf(String),
}

/// Hugging Face's name for a module, and GGUF's.
const MODULES: &[(&str, &str)] = &[
    ("model.embed_tokens", "token_embd"),
    ("model.norm", "output_norm"),
    ("lm_head", "output"),
    ("input_layernorm", "attn_norm"),
    ("self_attn.q_proj", "attn_q"),
    ("self_attn.k_proj", "attn_k"),
    ("self_attn.v_proj", "attn_v"),
    ("self_attn.qkv_proj", "attn_qkv"),
    ("self_attn.o_proj", "attn_output"),
    ("self_attn.q_norm", "attn_q_norm"),
    ("self_attn.k_norm", "attn_k_norm"),
    ("post_attention_layernorm", "ffn_norm"),
    ("mlp.gate_proj", "ffn_gate"),
    ("mlp.up_proj", "ffn_up"),
    ("mlp.gate_up_proj", "ffn_up"),
    ("mlp.down_proj", "ffn_down"),
];

/// What Gemma calls otherwise, because it has two norms more.
const GEMMA_MODULES: &[(&str, &str)] = &[
    ("post_attention_layernorm", "post_attention_norm"),
    ("pre_feedforward_layernorm", "ffn_norm"),
    ("post_feedforward_layernorm", "post_ffw_norm"),
];

impl Names {
    /// The checkpoint's name for what Hugging Face calls `name`.
    pub(super) fn of(&self, name: &str) -> String {
        let Self::Gguf(architecture) = self else { return name.to_owned() };
        let (module, leaf) = name.rsplit_once('.').unwrap_or((name, ""));
        let (block, module) = match module.strip_prefix("model.layers.") {
            Some(rest) => {
                let (layer, module) = rest.split_once('.').unwrap_or((rest, ""));
                (format!("blk.{layer}."), module)
            }
            None => (String::new(), module),
        };
        let special = if architecture == "gemma3" { GEMMA_MODULES } else { &[] };
        let known = special.iter().chain(MODULES).find(|(theirs, _)| *theirs == module);
        format!("{block}{}.{leaf}", known.map_or(module, |(_, ours)| ours))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(architecture: &str, name: &str, want: &str) {
        assert_eq!(Names::Gguf(architecture.into()).of(name), want);
    }

    #[test]
    fn gguf_has_its_own_words() {
        check("llama", "model.layers.10.self_attn.q_proj.weight", "blk.10.attn_q.weight");
        check("llama", "model.layers.0.post_attention_layernorm.weight", "blk.0.ffn_norm.weight");
        check(
            "gemma3",
            "model.layers.0.post_attention_layernorm.weight",
            "blk.0.post_attention_norm.weight",
        );
        check("qwen2", "model.layers.3.self_attn.k_proj.bias", "blk.3.attn_k.bias");
        check("qwen2", "lm_head.weight", "output.weight");
        check("llama", "rope_freqs.weight", "rope_freqs.weight");
    }
}
