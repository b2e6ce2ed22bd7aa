"""The network of the depth estimator: the architecture of Depth Anything V2, small."""

import torch
from torch import Tensor, nn
from transformers import DepthAnythingConfig, DepthAnythingForDepthEstimation, Dinov2Config

SIDE, PATCH = 128, 8
MEAN, SPREAD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
BACKBONE = dict(image_size=SIDE, patch_size=PATCH, hidden_size=96, num_hidden_layers=4, num_attention_heads=3, mlp_ratio=3, use_mask_token=False,
                out_features=["stage1", "stage2", "stage3", "stage4"], reshape_hidden_states=False)
NECK = dict(patch_size=PATCH, reassemble_hidden_size=96, neck_hidden_sizes=[32, 48, 64, 96], fusion_hidden_size=32, reassemble_factors=[2, 1, 1, 0.5],
            head_hidden_size=16)


def model() -> DepthAnythingForDepthEstimation:
    made = DepthAnythingForDepthEstimation(DepthAnythingConfig(backbone_config=Dinov2Config(**BACKBONE), **NECK))
    _begin(made)
    return made


@torch.no_grad()
def _begin(network: DepthAnythingForDepthEstimation) -> None:
    """Convolutions begin with the spread that keeps the size of what passes through them; the second of each residual, with little."""
    for name, parameter in network.named_parameters():
        if parameter.ndim == 4:
            nn.init.kaiming_normal_(parameter, nonlinearity="relu")
            parameter.by_adam = True  # no norm follows: orthogonal steps would make the depth grow without end
            if "convolution2" in name:
                parameter.mul_(0.2)
        elif parameter.ndim == 2:
            nn.init.orthogonal_(parameter, 0.5 if "attention.output" in name or "fc2" in name else 1.0)
    network.backbone.embeddings.position_embeddings.mul_(0.3)
    network.head.conv3.weight.mul_(0.3)
    network.head.conv3.bias.fill_(0.3)


def prepared(pixels: Tensor) -> Tensor:
    """8-bit pictures as the network wants them: (b, side, side, 3) -> (b, 3, side, side)."""
    return ((pixels.float() / 255 - torch.tensor(MEAN)) / torch.tensor(SPREAD)).permute(0, 3, 1, 2).contiguous(memory_format=torch.channels_last)
