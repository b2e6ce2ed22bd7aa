//! DETR: which things are in a picture, and where.
//!
//! A ResNet looks at the picture, an encoder lets its cells look at each other, and each of some
//! queries then says what it found, and where. Every part of the reference that deals with padding is
//! missing on purpose: pictures come one at a time, so none has any.

mod config;
mod layer;

use candle_core::{Device, Tensor};
use kernels::{Activation, Window};

pub use self::config::Config;
use self::layer::{DecoderLayer, EncoderLayer, Seen};
use crate::{
    Breath, Result, Weights,
    layers::{Convolution, LayerNorm, Linear},
    resnet::{CHANNELS, ResNet},
    weights::Held,
};

/// Of every norm; `transformers` leaves it at PyTorch's default.
const EPS: f32 = 1e-5;
/// Layers of the head that finds boxes.
const BOX_LAYERS: usize = 3;
/// Of the slowest sine to the fastest.
const TEMPERATURE: f32 = 10_000.;

/// A loaded DetrForObjectDetection.
pub struct Detr {
    config: Config,
    backbone: ResNet,
    input_projection: Convolution,
    encoder: Vec<EncoderLayer>,
    decoder: Vec<DecoderLayer>,
    layernorm: LayerNorm,
    query_position_embeddings: Tensor, // (queries, d_model)
    class_labels_classifier: Linear,
    bbox_predictor: Vec<Linear>,
    held: Held,
}

/// What the queries found in a picture.
pub struct Answer {
    /// `(queries, labels + 1)`; the last is that there is nothing.
    pub logits: Tensor,
    /// `(queries, 4)`: middle from the left and the top, width, height, in parts of the picture's size.
    pub boxes: Tensor,
}

/// What the encoder knows of each cell of the picture, row by row.
pub struct Cells {
    /// `(cells, d_model)`.
    pub states: Tensor,
    /// Where each is: `(cells, d_model)`.
    places: Tensor,
}

impl Detr {
    /// Loads every tensor.
    pub async fn load(weights: &Weights, config: Config) -> Result<Self> {
        let (model, d_model) = (weights.at("model"), config.d_model);
        let backbone = model.at("backbone.conv_encoder.model");
        let projected = (config.backbone.channels(), d_model);
        let (mut encoder, mut decoder, mut bbox_predictor) = (Vec::new(), Vec::new(), Vec::new());
        for i in 0..config.encoder_layers {
            encoder.push(EncoderLayer::load(&model.at("encoder.layers").at(i), &config).await?);
        }
        for i in 0..config.decoder_layers {
            decoder.push(DecoderLayer::load(&model.at("decoder.layers").at(i), &config).await?);
        }
        for i in 0..BOX_LAYERS {
            let to = if i + 1 == BOX_LAYERS { 4 } else { d_model };
            let layer = weights.at("bbox_predictor.layers").at(i);
            bbox_predictor.push(Linear::load_with_bias(&layer, d_model, to).await?);
        }
        let mut detr = Self {
            backbone: ResNet::load(&backbone, &config.backbone).await?,
            input_projection: Convolution::load_with_bias(
                &model.at("input_projection"),
                projected,
                &[1, 1],
                Window::square(1),
            )
            .await?,
            encoder,
            decoder,
            layernorm: LayerNorm::load(&model.at("decoder.layernorm"), d_model, EPS).await?,
            query_position_embeddings: model
                .at("query_position_embeddings")
                .table("weight", config.num_queries, d_model)
                .await?,
            class_labels_classifier: Linear::load_with_bias(
                &weights.at("class_labels_classifier"),
                d_model,
                config.labels.len() + 1,
            )
            .await?,
            bbox_predictor,
            held: Held::default(),
            config,
        };
        weights.check_all_taken()?;
        detr.held = weights.held();
        Ok(detr)
    }

    /// What the checkpoint says about its shape.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// What its weights take.
    pub fn held(&self) -> &Held {
        &self.held
    }

    /// What is found in a picture `(3, height, width)` of any size.
    pub async fn forward(&self, pixels: &Tensor, breath: &Breath) -> Result<Answer> {
        let features = self.features(pixels, breath).await?;
        let cells = self.encode(&features, breath).await?;
        self.decode(&cells, breath).await
    }

    /// What the backbone sees in a picture `(3, height, width)`: `(channels, height', width')`.
    pub async fn features(&self, pixels: &Tensor, breath: &Breath) -> Result<Tensor> {
        match pixels.dims() {
            [CHANNELS, rows, columns] if rows * columns > 0 => {
                self.backbone.forward(pixels, breath).await
            }
            dims => Err(candle_core::Error::msg(format!("a picture of {dims:?}")).into()),
        }
    }

    /// The same after its cells have looked at each other.
    pub async fn encode(&self, features: &Tensor, breath: &Breath) -> Result<Cells> {
        let (_, rows, columns) = features.dims3()?;
        let projected = self.input_projection.in_parts(features, breath).await?;
        let mut states = projected.flatten_from(1)?.t()?.contiguous()?; // (cells, d_model)
        let places = places(rows, columns, self.config.d_model)?;
        for layer in &self.encoder {
            states = layer.forward(states, &places, breath).await?;
        }
        Ok(Cells { states, places })
    }

    /// What the queries find in it.
    pub async fn decode(&self, cells: &Cells, breath: &Breath) -> Result<Answer> {
        let Cells { states, places } = cells;
        let placed = (states + places)?;
        let queries = &self.query_position_embeddings;
        let mut xs = queries.zeros_like()?;
        for layer in &self.decoder {
            let seen = Seen { states, placed: &placed };
            xs = layer.forward(xs, queries, seen, breath).await?;
        }
        let xs = self.layernorm.forward(&xs)?;
        let logits = self.class_labels_classifier.forward(&xs)?;
        let mut boxes = xs;
        for (i, layer) in self.bbox_predictor.iter().enumerate() {
            let then = if i + 1 == BOX_LAYERS { Activation::Sigmoid } else { Activation::Relu };
            boxes = layer.forward(&boxes)?.apply_op1_no_bwd(&then)?;
        }
        Ok(Answer { logits, boxes })
    }
}

/// Sines that say where a cell is, first from the top, then from the left: `(rows * columns, size)`.
fn places(rows: usize, columns: usize, size: usize) -> Result<Tensor> {
    let half = size / 2;
    let of = |at: usize, count: usize, i: usize| {
        let turn = (at + 1) as f32 / (count as f32 + 1e-6) * std::f32::consts::TAU;
        let angle = turn / TEMPERATURE.powf((2 * (i / 2)) as f32 / half as f32);
        if i.is_multiple_of(2) { angle.sin() } else { angle.cos() }
    };
    let mut places = Vec::with_capacity(rows * columns * size);
    for row in 0..rows {
        for column in 0..columns {
            places.extend((0..half).map(|i| of(row, rows, i)));
            places.extend((0..half).map(|i| of(column, columns, i)));
        }
    }
    Ok(Tensor::from_vec(places, (rows * columns, size), &Device::Cpu)?)
}
