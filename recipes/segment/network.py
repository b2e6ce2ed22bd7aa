"""The network of the segmenter: the architecture of facebook/sam-vit-base, small."""

import torch
from torch import Tensor, tensor
from transformers import SamConfig, SamModel

SIDE, PATCH, WIDTH = 128, 8, 96
LOW = SIDE // PATCH * 4  # masks are predicted with so many pixels to a side
EVERYTHING = dict(points_per_crop=8, pred_iou_thresh=0.7, stability_score_thresh=0.7, crops_nms_thresh=0.7)  # how everything is looked for, chosen on seeds of training
MEAN, SPREAD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def model() -> SamModel:
    vision = dict(hidden_size=128, output_channels=WIDTH, num_hidden_layers=4, num_attention_heads=4, image_size=SIDE, patch_size=PATCH, mlp_dim=320,
                  global_attn_indexes=[1, 3], window_size=6, num_pos_feats=WIDTH // 2)
    prompt = dict(hidden_size=WIDTH, image_size=SIDE, patch_size=PATCH, mask_input_channels=8)
    decoder = dict(hidden_size=WIDTH, mlp_dim=256, num_hidden_layers=2, num_attention_heads=4, num_multimask_outputs=3, iou_head_depth=3, iou_head_hidden_dim=WIDTH)
    sam = SamModel(SamConfig(vision_config=vision, prompt_encoder_config=prompt, mask_decoder_config=decoder, mask_generation=EVERYTHING))
    # As in the original; the reference's own beginning turns too fast to tell neighbours apart.
    frequencies = torch.randn(2, WIDTH // 2)
    for shared in (sam.shared_image_embedding, sam.prompt_encoder.shared_embedding):
        shared.positional_embedding = frequencies.clone()
    return sam


def prepared(pixels: Tensor) -> Tensor:
    """8-bit pictures as the network wants them: (b, side, side, 3) -> (b, 3, side, side)."""
    return ((pixels.float() / 255 - tensor(MEAN)) / tensor(SPREAD)).permute(0, 3, 1, 2).contiguous()
