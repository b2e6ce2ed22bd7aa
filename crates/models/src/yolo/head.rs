use candle_core::Tensor;
use kernels::{Matrix, Window};

use super::{Answer, Config, blocks::Conv};
use crate::{
    Breath, Result, Weights,
    layers::{Convolution, Enlarge},
};

/// Numbers that say which of the protos a mask is made of.
const MASKS: usize = 32;
/// Channels of the mask head in the yaml.
const PROTO: usize = 256;

/// Two convolutions and what is read off them, for each level.
struct Branch(Vec<(Conv, Conv, Convolution)>);

impl Branch {
    async fn load(weights: &Weights, from: &[usize], inner: usize, to: usize) -> Result<Self> {
        let mut levels = Vec::new();
        for (i, from) in from.iter().enumerate() {
            let level = weights.at(i);
            let first = Conv::load(&level.at(0), (*from, inner), 3, 1).await?;
            let second = Conv::load(&level.at(1), (inner, inner), 3, 1).await?;
            let read =
                Convolution::load_with_bias(&level.at(2), (inner, to), &[1, 1], Window::square(1))
                    .await?;
            levels.push((first, second, read));
        }
        Ok(Self(levels))
    }

    /// Of every cell of all levels: `(to, cells)`.
    async fn forward(&self, levels: &[Tensor], breath: &Breath) -> Result<Tensor> {
        let mut said = Vec::new();
        for ((first, second, read), xs) in self.0.iter().zip(levels) {
            let xs = second.forward(&first.forward(xs, breath).await?, breath).await?;
            said.push(read.in_parts(&xs, breath).await?.flatten_from(1)?);
        }
        Ok(Tensor::cat(&said, 1)?)
    }
}

/// What all masks are made of, at twice the resolution of the finest level.
struct Proto {
    cv1: Conv,
    upsample: Enlarge,
    cv2: Conv,
    cv3: Conv,
}

impl Proto {
    async fn load(weights: &Weights, from: usize, inner: usize) -> Result<Self> {
        Ok(Self {
            cv1: Conv::load(&weights.at("cv1"), (from, inner), 3, 1).await?,
            upsample: Enlarge::load(&weights.at("upsample"), (inner, inner), 2).await?,
            cv2: Conv::load(&weights.at("cv2"), (inner, inner), 3, 1).await?,
            cv3: Conv::load(&weights.at("cv3"), (inner, MASKS), 1, 1).await?,
        })
    }

    async fn forward(&self, xs: &Tensor, breath: &Breath) -> Result<Tensor> {
        let xs = self.cv1.forward(xs, breath).await?;
        let xs = self.upsample.forward(&xs, breath).await?;
        self.cv3.forward(&self.cv2.forward(&xs, breath).await?, breath).await
    }
}

/// The head that says what lies where.
pub(super) struct Segment {
    cv2: Branch,
    cv3: Branch,
    cv4: Branch,
    dfl: Matrix, // (1, reg_max)
    proto: Proto,
}

impl Segment {
    /// `from` has the channels of each level.
    pub(super) async fn load(weights: &Weights, from: &[usize], config: &Config) -> Result<Self> {
        let Config { nc, reg_max, .. } = *config;
        let finest = from.first().copied().unwrap_or_default();
        let boxes = (finest / 4).max(4 * reg_max).max(16);
        let kinds = finest.max(nc.min(100));
        let branch =
            async |name: &str, inner, to| Branch::load(&weights.at(name), from, inner, to).await;
        Ok(Self {
            cv2: branch("cv2", boxes, 4 * reg_max).await?,
            cv3: branch("cv3", kinds, nc).await?,
            cv4: branch("cv4", (finest / 4).max(MASKS), MASKS).await?,
            dfl: weights.at("dfl.conv").kernel("weight", &[1, reg_max, 1, 1]).await?,
            proto: Proto::load(&weights.at("proto"), finest, config.width(PROTO)).await?,
        })
    }

    pub(super) async fn forward(&self, levels: [Tensor; 3], breath: &Breath) -> Result<Answer> {
        let sizes =
            levels.each_ref().map(|xs| xs.dims3().map(|(_, rows, columns)| [rows, columns]));
        let [fine, middle, coarse] = sizes;
        Ok(Answer {
            distances: self.cv2.forward(&levels, breath).await?,
            logits: self.cv3.forward(&levels, breath).await?,
            coefficients: self.cv4.forward(&levels, breath).await?,
            protos: self.proto.forward(&levels[0], breath).await?,
            sizes: [fine?, middle?, coarse?],
            steps: self.dfl.look_up(&[0])?,
        })
    }
}
