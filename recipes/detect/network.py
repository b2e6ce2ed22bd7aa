"""The network of the detector: the architecture of facebook/detr-resnet-50, small; and the form in which it trains."""

import torch
from torch import Tensor, nn
from transformers import DetrConfig, DetrForObjectDetection, ResNetConfig
from transformers.models.detr.modeling_detr import DetrDecoderLayer, DetrFrozenBatchNorm2d

from recipes.shapes.figures import KINDS

SIDE, QUERIES, GROUPS, WIDTH = 96, 16, 3, 128
CELLS = SIDE // 16  # the feature map is (CELLS, CELLS)
MEAN, SPREAD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
NOBODY = len(KINDS)  # the class of a query that found nothing
BACKBONE = dict(embedding_size=24, hidden_sizes=[32, 64, 128], depths=[1, 2, 2], layer_type="basic", out_features=["stage3"])


def model() -> DetrForObjectDetection:
    config = DetrConfig(
        use_timm_backbone=False, use_pretrained_backbone=False, backbone=None, backbone_config=ResNetConfig(**BACKBONE), num_queries=QUERIES, d_model=WIDTH,
        encoder_layers=2, decoder_layers=3, encoder_attention_heads=8, decoder_attention_heads=8, encoder_ffn_dim=256, decoder_ffn_dim=256, dropout=0.0, auxiliary_loss=True,
        id2label=dict(enumerate(KINDS)), label2id={kind: at for at, kind in enumerate(KINDS)})
    return DetrForObjectDetection(config)


def _thaw(module: nn.Module) -> None:
    """Frozen batch norms become ones that learn, under the same names."""
    for name, child in module.named_children():
        if isinstance(child, DetrFrozenBatchNorm2d):
            setattr(module, name, nn.BatchNorm2d(len(child.weight)))
        else:
            _thaw(child)


def prepared(pixels: Tensor) -> Tensor:
    """8-bit pictures as the network wants them: (b, side, side, 3) -> (b, 3, side, side)."""
    return ((pixels.float() / 255 - torch.tensor(MEAN)) / torch.tensor(SPREAD)).permute(0, 3, 1, 2).contiguous(memory_format=torch.channels_last)


class Trained(nn.Module):
    """DETR with batch norms that learn, and with further groups of queries that look for the same things and do not see each other.

    The shipped network is `detr` with the first group.
    """

    def __init__(self):
        super().__init__()
        self.detr = model()
        _thaw(self.detr)
        self.detr.requires_grad_(True)
        self.more_embeds = nn.Parameter(torch.empty(GROUPS - 1, QUERIES, WIDTH))
        position = self.detr.model.backbone.position_embedding
        self.register_buffer("places", position(torch.empty(0), torch.ones(1, CELLS, CELLS)).flatten(2).transpose(1, 2), persistent=False)  # (1, cells, width)
        self._begin()

    @torch.no_grad()
    def _begin(self) -> None:
        """Queries begin as places of the picture, and look near themselves: otherwise attention takes long to become sharp."""
        for name, parameter in self.detr.named_parameters():
            if parameter.ndim == 4:
                nn.init.kaiming_normal_(parameter, mode="fan_out", nonlinearity="relu")
            elif parameter.ndim == 2 and "embed" not in name:
                nn.init.orthogonal_(parameter, 0.5 if "out_proj" in name or "fc2" in name else 1.0)
        for layer in self.detr.model.decoder.layers:
            nn.init.orthogonal_(layer.encoder_attn.k_proj.weight, 1.4)
            layer.encoder_attn.q_proj.weight.copy_(layer.encoder_attn.k_proj.weight)
        line = [CELLS // 8, 3 * CELLS // 8, 5 * CELLS // 8, 7 * CELLS // 8]
        grid = torch.tensor([row * CELLS + column for row in line for column in line])
        self.detr.model.query_position_embeddings.weight.copy_(self.places[0, grid])
        for group in self.more_embeds:
            group.copy_(self.places[0, torch.randperm(CELLS * CELLS)[:QUERIES]])

    def forward(self, pixels: Tensor, groups: int) -> tuple[list[tuple[Tensor, Tensor]], tuple[Tensor, Tensor]]:
        """Logits (b, groups, queries, kinds + 1) and boxes (b, groups, queries, 4) after each decoder layer; and those of every cell of the encoder: (b, cells, ..)."""
        detr = self.detr.model
        features = detr.backbone.conv_encoder.model(pixels).feature_maps[-1]
        cells = detr.input_projection(features).flatten(2).transpose(1, 2)  # (b, cells, width)
        cells = detr.encoder(inputs_embeds=cells, object_queries=self.places).last_hidden_state
        queries = torch.cat([detr.query_position_embeddings.weight[None], self.more_embeds])[:groups].expand(len(pixels), -1, -1, -1)
        states, said = torch.zeros_like(queries), []
        for layer in detr.decoder.layers:
            states = self._layer(layer, states, queries, cells)
            said.append(self._heads(detr.decoder.layernorm(states)))
        return said, self._heads(cells)

    def _layer(self, layer: DetrDecoderLayer, states: Tensor, queries: Tensor, cells: Tensor) -> Tensor:
        """A decoder layer in which the queries of a group see each other, and all see the picture: (b, groups, queries, width)."""
        apart, together = states.shape, (len(states), -1, WIDTH)
        mixed = layer.self_attn(hidden_states=states.flatten(0, 1), object_queries=queries.flatten(0, 1))[0].view(apart)
        states = layer.self_attn_layer_norm(states + mixed)
        seen = layer.encoder_attn(hidden_states=states.view(together), object_queries=queries.reshape(together), key_value_states=cells, spatial_position_embeddings=self.places)[0]
        states = layer.encoder_attn_layer_norm(states + seen.view(apart))
        return layer.final_layer_norm(states + layer.fc2(layer.activation_fn(layer.fc1(states))))

    def _heads(self, states: Tensor) -> tuple[Tensor, Tensor]:
        return self.detr.class_labels_classifier(states), self.detr.bbox_predictor(states).sigmoid()
