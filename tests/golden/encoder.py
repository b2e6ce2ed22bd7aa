"""Tiny seeded encoders and what the reference answers for them, and the layouts of real ones.

Made with torch 2.15, transformers 4.57.6, safetensors 0.8.0; run as `python tests/golden/encoder.py`.

For each family, in `encoder/<family>/`: `config.json` and `model.safetensors` as `transformers` writes
them, and `golden.safetensors` with inputs and answers in f32. `encoder/layout.json` holds names and shapes
of the tensors of real checkpoints, whose networks are built on the meta device from their configurations.
"""

import json
from pathlib import Path

import torch
import transformers as tf
from safetensors.torch import save_file

HERE = Path(__file__).parent / "encoder"
BERT = tf.BertConfig(vocab_size=120, hidden_size=32, num_hidden_layers=2, num_attention_heads=4,
                     intermediate_size=64, max_position_embeddings=40)
CLIP = tf.CLIPVisionConfig(hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=2,
                           image_size=24, patch_size=8, projection_dim=24)
# Heads as wide as real ones, over as many places as are looked at in eight bits.
CLIP_WIDE = tf.CLIPVisionConfig(hidden_size=64, intermediate_size=64, num_hidden_layers=2, num_attention_heads=2,
                                image_size=36, patch_size=4, projection_dim=24)
WHISPER = tf.WhisperConfig(vocab_size=60, d_model=32, encoder_layers=2, encoder_attention_heads=2,
                           encoder_ffn_dim=64, decoder_layers=1, decoder_attention_heads=2, decoder_ffn_dim=64,
                           num_mel_bins=12, max_source_positions=30, max_target_positions=20, pad_token_id=0,
                           bos_token_id=1, eos_token_id=2, decoder_start_token_id=3)
TEXTS = [[5, 17, 99, 3, 64, 8, 21], [7], list(range(2, 42))]
# The checkpoints' own configurations, as far as they shape the network.
REAL = {
    "all-MiniLM-L6-v2": (tf.BertModel, tf.BertConfig(
        vocab_size=30522, hidden_size=384, num_hidden_layers=6, num_attention_heads=12, intermediate_size=1536,
        max_position_embeddings=512)),
    "clip-vit-base-patch32": (tf.CLIPVisionModelWithProjection, tf.CLIPVisionConfig(
        hidden_size=768, intermediate_size=3072, num_hidden_layers=12, num_attention_heads=12, image_size=224,
        patch_size=32, projection_dim=512)),
    # As the hub has it, where the end of a text is named wrongly.
    "CLIPModel of clip-vit-base-patch32": (tf.CLIPModel, tf.CLIPConfig(
        text_config=dict(bos_token_id=0, eos_token_id=2), vision_config=dict(patch_size=32), projection_dim=512)),
    "CLIPModel of clip-vit-large-patch14": (tf.CLIPModel, tf.CLIPConfig(
        text_config=dict(bos_token_id=0, eos_token_id=2, hidden_size=768, intermediate_size=3072, num_attention_heads=12,
                         projection_dim=768),
        vision_config=dict(hidden_size=1024, intermediate_size=4096, num_hidden_layers=24, num_attention_heads=16,
                           patch_size=14, projection_dim=768),
        projection_dim=768)),
    "whisper-tiny": (tf.WhisperForConditionalGeneration, tf.WhisperConfig(
        d_model=384, encoder_layers=4, encoder_attention_heads=6, encoder_ffn_dim=1536, decoder_layers=4,
        decoder_attention_heads=6, decoder_ffn_dim=1536)),
}


def seeded(model_class, config, seed):
    """A model whose attention is not flat, whose norms are not one and whose biases are not zero."""
    torch.manual_seed(seed)
    model = model_class(config).float().eval()
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "norm" in name.lower() and name.endswith("weight"):
                weight.uniform_(0.6, 1.4)
            elif weight.dim() == 1:
                weight.uniform_(-0.3, 0.3)
            else:
                weight.normal_(0, 0.25)
    return model


def save(family, model, config, golden):
    folder = HERE / family
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {name: tensor.contiguous().clone() for name, tensor in model.state_dict().items()
               if name != "proj_out.weight"}
    save_file(tensors, folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps(config.to_dict(), indent=1, sort_keys=True) + "\n")
    save_file({name: tensor.contiguous() for name, tensor in golden.items()}, folder / "golden.safetensors")


@torch.no_grad()
def main():
    bert = seeded(tf.BertModel, BERT, 1)
    golden = {}
    for i, ids in enumerate(TEXTS):
        golden[f"ids_{i}"] = torch.tensor(ids)
        golden[f"hidden_{i}"] = bert(torch.tensor([ids])).last_hidden_state[0]
    save("bert", bert, BERT, golden)

    for name, config, seed in [("clip", CLIP, 2), ("clip-wide", CLIP_WIDE, 4)]:
        clip = seeded(tf.CLIPVisionModelWithProjection, config, seed)
        pixels = torch.randn(1, 3, config.image_size, config.image_size)
        out = clip(pixels)
        save(name, clip, config, {"pixels": pixels[0], "hidden": out.last_hidden_state[0], "embeds": out.image_embeds[0]})

    whisper = seeded(tf.WhisperForConditionalGeneration, WHISPER, 3)
    mel = torch.randn(1, 12, 60)
    save("whisper", whisper, WHISPER, {"mel": mel[0], "hidden": whisper.model.encoder(mel).last_hidden_state[0]})

    layouts = {}
    for name, (model_class, config) in REAL.items():
        with torch.device("meta"):
            model = model_class(config)
        shapes = {key: list(w.shape) for key, w in model.state_dict().items() if key != "proj_out.weight"}
        if model_class is tf.CLIPModel:
            # Saved by the versions that the hub's files come from.
            shapes |= {"text_model.embeddings.position_ids": [1, 77], "vision_model.embeddings.position_ids":
                       [1, model.vision_model.embeddings.num_positions]}
        layouts[name] = {"config": config.to_dict(), "tensors": shapes}
    (HERE / "layout.json").write_text(json.dumps(layouts, default=str) + "\n")


if __name__ == "__main__":
    main()
