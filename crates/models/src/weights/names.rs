/// Whose names a checkpoint's tensors carry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Names {
    /// Those of Hugging Face's `transformers`, by which networks ask.
    HuggingFace,
    /// Those of GGUF, for the architecture in `general.architecture`.
    Gguf(String),
    /// Those of the repository segment-anything, in which networks with its decoder are saved, too.
    SegmentAnything,
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

/// How the name of a SamModel's tensor begins, and how segment-anything's does; the first that fits counts.
const SAM_BEGINNINGS: &[(&str, &str)] = &[
    (
        "shared_image_embedding.positional_embedding",
        "prompt_encoder.pe_layer.positional_encoding_gaussian_matrix",
    ),
    ("vision_encoder.patch_embed.projection.", "image_encoder.patch_embed.proj."),
    ("vision_encoder.layers.", "image_encoder.blocks."),
    ("vision_encoder.neck.conv1.", "image_encoder.neck.0."),
    ("vision_encoder.neck.layer_norm1.", "image_encoder.neck.1."),
    ("vision_encoder.neck.conv2.", "image_encoder.neck.2."),
    ("vision_encoder.neck.layer_norm2.", "image_encoder.neck.3."),
    ("vision_encoder.", "image_encoder."),
    ("prompt_encoder.point_embed.", "prompt_encoder.point_embeddings."),
    ("prompt_encoder.mask_embed.conv1.", "prompt_encoder.mask_downscaling.0."),
    ("prompt_encoder.mask_embed.layer_norm1.", "prompt_encoder.mask_downscaling.1."),
    ("prompt_encoder.mask_embed.conv2.", "prompt_encoder.mask_downscaling.3."),
    ("prompt_encoder.mask_embed.layer_norm2.", "prompt_encoder.mask_downscaling.4."),
    ("prompt_encoder.mask_embed.conv3.", "prompt_encoder.mask_downscaling.6."),
    ("mask_decoder.upscale_conv1.", "mask_decoder.output_upscaling.0."),
    ("mask_decoder.upscale_layer_norm.", "mask_decoder.output_upscaling.1."),
    ("mask_decoder.upscale_conv2.", "mask_decoder.output_upscaling.3."),
];

/// The three layers of a head, in a SamModel and in segment-anything.
const SAM_HEAD: &[(&str, &str)] =
    &[(".layers.0.", ".layers.1."), (".proj_in.", ".layers.0."), (".proj_out.", ".layers.2.")];

impl Names {
    /// The checkpoint's name for what Hugging Face calls `name`.
    pub(super) fn of(&self, name: &str) -> String {
        match self {
            Self::HuggingFace => name.to_owned(),
            Self::Gguf(architecture) => in_gguf(architecture, name),
            Self::SegmentAnything => in_segment_anything(name),
        }
    }
}

fn in_gguf(architecture: &str, name: &str) -> String {
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

fn in_segment_anything(name: &str) -> String {
    let begun = SAM_BEGINNINGS
        .iter()
        .find_map(|(theirs, ours)| name.strip_prefix(theirs).map(|rest| format!("{ours}{rest}")));
    let name = begun.unwrap_or_else(|| name.to_owned());
    let heads = ["mask_decoder.output_hypernetworks_mlps.", "mask_decoder.iou_prediction_head."];
    if heads.iter().any(|head| name.starts_with(head)) {
        let layer = SAM_HEAD.iter().find(|(theirs, _)| name.contains(theirs));
        return layer.map_or(name.clone(), |(theirs, ours)| name.replacen(theirs, ours, 1));
    }
    name.replacen(".layer_norm", ".norm", 1)
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

    #[test]
    fn segment_anything_has_other_words_again() {
        let check = |name: &str, want: &str| assert_eq!(Names::SegmentAnything.of(name), want);
        check("vision_encoder.layers.3.layer_norm2.bias", "image_encoder.blocks.3.norm2.bias");
        check("vision_encoder.pos_embed", "image_encoder.pos_embed");
        check("vision_encoder.neck.layer_norm2.weight", "image_encoder.neck.3.weight");
        check(
            "mask_decoder.transformer.layer_norm_final_attn.bias",
            "mask_decoder.transformer.norm_final_attn.bias",
        );
        let head = "mask_decoder.output_hypernetworks_mlps.0";
        for (theirs, ours) in [("proj_in", 0), ("layers.0", 1), ("proj_out", 2)] {
            check(&format!("{head}.{theirs}.weight"), &format!("{head}.layers.{ours}.weight"));
        }
        check(
            "image_encoder.layers.0.blocks.1.conv1.c.weight",
            "image_encoder.layers.0.blocks.1.conv1.c.weight",
        );
    }
}
