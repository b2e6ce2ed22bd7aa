use std::borrow::Cow;

use candle_core::{
    Device, Result, Tensor,
    quantized::{GgmlDType, QStorage, QTensor},
};

/// How a tensor's numbers are stored.
#[expect(non_camel_case_types, reason = "the names every checkpoint uses")]
#[expect(missing_docs, reason = "the names every checkpoint uses")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    F32,
    F16,
    BF16,
    Q4_0,
    Q4_1,
    Q5_0,
    Q5_1,
    Q8_0,
    Q2_K,
    Q3_K,
    Q4_K,
    Q5_K,
    Q6_K,
}

impl Kind {
    /// Every kind.
    pub const ALL: &[Self] = &[
        Self::F32,
        Self::F16,
        Self::BF16,
        Self::Q4_0,
        Self::Q4_1,
        Self::Q5_0,
        Self::Q5_1,
        Self::Q8_0,
        Self::Q2_K,
        Self::Q3_K,
        Self::Q4_K,
        Self::Q5_K,
        Self::Q6_K,
    ];

    /// Numbers that are stored together; a row holds whole blocks.
    pub fn block_len(self) -> usize {
        self.ggml().block_size()
    }

    /// Bytes of one block.
    pub fn block_bytes(self) -> usize {
        self.ggml().type_size()
    }

    /// Bytes of `count` numbers; `None` if they are no whole blocks, or too many to count.
    pub fn bytes(self, count: u64) -> Option<u64> {
        let block_len = self.block_len() as u64;
        let blocks = count.is_multiple_of(block_len).then_some(count / block_len)?;
        blocks.checked_mul(self.block_bytes() as u64)
    }

    /// Whole blocks of floats, rounded to this kind, as they lie in a checkpoint.
    pub fn encode(self, floats: &[f32]) -> Result<Vec<u8>> {
        let blocks = Tensor::from_slice(floats, floats.len(), &Device::Cpu)?;
        Ok(QTensor::quantize(&blocks, self.ggml())?.data()?.into_owned())
    }

    /// Whole blocks as they lie in a checkpoint, as floats.
    pub fn decode(self, bytes: &[u8]) -> Result<Vec<f32>> {
        let count = bytes.len() / self.block_bytes() * self.block_len();
        let storage = QStorage::from_data(Cow::Borrowed(bytes), &Device::Cpu, self.ggml())?;
        QTensor::new(storage, count)?.dequantize(&Device::Cpu)?.to_vec1()
    }

    pub(crate) fn ggml(self) -> GgmlDType {
        match self {
            Self::F32 => GgmlDType::F32,
            Self::F16 => GgmlDType::F16,
            Self::BF16 => GgmlDType::BF16,
            Self::Q4_0 => GgmlDType::Q4_0,
            Self::Q4_1 => GgmlDType::Q4_1,
            Self::Q5_0 => GgmlDType::Q5_0,
            Self::Q5_1 => GgmlDType::Q5_1,
            Self::Q8_0 => GgmlDType::Q8_0,
            Self::Q2_K => GgmlDType::Q2K,
            Self::Q3_K => GgmlDType::Q3K,
            Self::Q4_K => GgmlDType::Q4K,
            Self::Q5_K => GgmlDType::Q5K,
            Self::Q6_K => GgmlDType::Q6K,
        }
    }
}
