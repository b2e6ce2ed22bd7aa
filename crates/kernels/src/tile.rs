//! Quantized weights as they lie in memory: tiles of four rows.
//!
//! A tile holds just the numbers of the file's blocks, those of its rows side by side, so that one
//! vector of weights serves four rows. Block layouts are ggml's, see `ggml-common.h` of
//! ggml-org/llama.cpp.

use half::f16;

use crate::{
    each::each,
    machine::Machine,
    open::Open,
    quants::{Bytes, Joined, Nibbles, OneBit, Quants, TwoBits},
    rounded::BLOCK_LEN,
};

/// Rows of a tile.
pub(crate) const ROWS: usize = 4;
/// Columns of a block of a K-quant.
const SUPER_LEN: usize = 256;
/// Blocks of activations in one of those.
const PARTS: usize = SUPER_LEN / BLOCK_LEN;

/// Four rows by as many columns as a block of the file has.
pub(crate) trait Tile: Copy + Send + Sync + 'static {
    /// Columns.
    const COLUMNS: usize;
    /// Blocks of activations that they are multiplied with.
    const PARTS: usize = Self::COLUMNS / BLOCK_LEN;
    /// Bytes of one row's block in the file.
    const FILE_BYTES: usize;
    /// Pieces of 32 columns that have a scale of their own: 1 or 2.
    const PIECES: usize;
    const EMPTY: Self;

    /// Takes a row's block from the file, which has [`FILE_BYTES`](Self::FILE_BYTES); says whether its
    /// scales are finite.
    #[must_use]
    fn set(&mut self, row: usize, block: &[u8]) -> bool;
    /// A row as floats: `into` has [`COLUMNS`](Self::COLUMNS).
    fn get(&self, row: usize, into: &mut [f32]);
    /// Columns `32 * part ..`, laid open.
    fn open<M: Machine>(&self, part: usize) -> Open<M>;
}

/// Quants a block of 32 columns may have.
pub(crate) trait ShortBlock: Quants {
    /// Their bytes in the file.
    const FILE_BYTES: usize;
    fn raw(file: &[u8]) -> [u8; 32];

    /// Takes a row's numbers as they lie in the file.
    fn take(&mut self, row: usize, file: &[u8]) {
        self.set(row, &Self::raw(file));
    }
}

/// Quants a block of 256 columns may have, and what else lies in it.
pub(crate) trait LongBlock: Quants {
    /// Bytes of the whole block in the file.
    const FILE_BYTES: usize;
    /// Scale and minimum; a kind without minima gives zero.
    fn scales(block: &[u8]) -> [u16; 2];
    /// Factors of scale and minimum by number.
    fn factors(block: &[u8], index: usize) -> [u8; 2];
    /// Quants of columns `32 * part ..`.
    fn raw_part(block: &[u8], part: usize) -> [u8; 32];
}

impl ShortBlock for Bytes {
    const FILE_BYTES: usize = 32;

    fn raw(file: &[u8]) -> [u8; 32] {
        std::array::from_fn(|i| file[i])
    }
}

impl ShortBlock for Nibbles {
    const FILE_BYTES: usize = 16;

    fn raw(file: &[u8]) -> [u8; 32] {
        std::array::from_fn(|i| if i < 16 { file[i] & 15 } else { file[i - 16] >> 4 })
    }

    fn take(&mut self, row: usize, file: &[u8]) {
        // The file, too, has column `i` below column `i + 16`.
        self.set_pairs(row, file);
    }
}

impl ShortBlock for Joined<Nibbles, OneBit> {
    const FILE_BYTES: usize = 4 + 16;

    fn raw(file: &[u8]) -> [u8; 32] {
        let low = <Nibbles as ShortBlock>::raw(&file[4..]);
        std::array::from_fn(|i| low[i] | (file[i / 8] >> (i % 8) & 1) << 4)
    }
}

/// Q2_K: 16 factors, quants, scale, minimum.
impl LongBlock for TwoBits {
    const FILE_BYTES: usize = 16 + 64 + 2 + 2;

    fn scales(block: &[u8]) -> [u16; 2] {
        [u16_at(block, 80), u16_at(block, 82)]
    }

    fn factors(block: &[u8], index: usize) -> [u8; 2] {
        [block[index] & 15, block[index] >> 4]
    }

    fn raw_part(block: &[u8], part: usize) -> [u8; 32] {
        quarter(&block[16..], part)
    }
}

/// Q3_K: highest bits, lower bits, factors of six bits, scale.
impl LongBlock for Joined<TwoBits, OneBit> {
    const FILE_BYTES: usize = 32 + 64 + 12 + 2;

    fn scales(block: &[u8]) -> [u16; 2] {
        [u16_at(block, 108), 0]
    }

    fn factors(block: &[u8], index: usize) -> [u8; 2] {
        let packed = &block[96..];
        let low = packed[index % 8] >> (4 * (index / 8)) & 15;
        let high = packed[8 + index % 4] >> (2 * (index / 4)) & 3;
        [(low | high << 4).wrapping_sub(32), 0]
    }

    fn raw_part(block: &[u8], part: usize) -> [u8; 32] {
        let low = quarter(&block[32..], part);
        std::array::from_fn(|i| low[i] | (block[i] >> part & 1) << 2)
    }
}

/// Q4_K: scale, minimum, factors of six bits, quants.
impl LongBlock for Nibbles {
    const FILE_BYTES: usize = 2 + 2 + 12 + 128;

    fn scales(block: &[u8]) -> [u16; 2] {
        [u16_at(block, 0), u16_at(block, 2)]
    }

    fn factors(block: &[u8], index: usize) -> [u8; 2] {
        six_bits(&block[4..], index)
    }

    fn raw_part(block: &[u8], part: usize) -> [u8; 32] {
        half(&block[16..], part)
    }
}

/// Q5_K: scale, minimum, factors of six bits, highest bits, lower bits.
impl LongBlock for Joined<Nibbles, OneBit> {
    const FILE_BYTES: usize = 2 + 2 + 12 + 32 + 128;

    fn scales(block: &[u8]) -> [u16; 2] {
        [u16_at(block, 0), u16_at(block, 2)]
    }

    fn factors(block: &[u8], index: usize) -> [u8; 2] {
        six_bits(&block[4..], index)
    }

    fn raw_part(block: &[u8], part: usize) -> [u8; 32] {
        let low = half(&block[48..], part);
        std::array::from_fn(|i| low[i] | (block[16 + i] >> part & 1) << 4)
    }
}

/// Q6_K: lower bits, higher bits, factors of eight bits, scale.
impl LongBlock for Joined<Nibbles, TwoBits> {
    const FILE_BYTES: usize = 128 + 64 + 16 + 2;

    fn scales(block: &[u8]) -> [u16; 2] {
        [u16_at(block, 208), 0]
    }

    fn factors(block: &[u8], index: usize) -> [u8; 2] {
        [block[192 + index], 0]
    }

    fn raw_part(block: &[u8], part: usize) -> [u8; 32] {
        // Of each 128 columns, parts 0 and 2 share their lower bits' bytes, and so do 1 and 3.
        let low = &block[64 * (part / 4) + 32 * (part % 2)..][..32];
        let high = quarter(&block[128..], part);
        std::array::from_fn(|i| low[i] >> (4 * (part % 4 / 2)) & 15 | high[i] << 4)
    }
}

/// Two bits of part `part`, where four parts share 32 bytes.
fn quarter(bytes: &[u8], part: usize) -> [u8; 32] {
    let shared = &bytes[32 * (part / 4)..][..32];
    std::array::from_fn(|i| shared[i] >> (2 * (part % 4)) & 3)
}

/// Four bits of part `part`, where two parts share 32 bytes.
fn half(bytes: &[u8], part: usize) -> [u8; 32] {
    let shared = &bytes[32 * (part / 2)..][..32];
    std::array::from_fn(|i| shared[i] >> (4 * (part % 2)) & 15)
}

/// A pair of factors out of twelve bytes that hold eight pairs.
fn six_bits(packed: &[u8], index: usize) -> [u8; 2] {
    match index.checked_sub(4) {
        None => [packed[index] & 63, packed[index + 4] & 63],
        Some(late) => {
            let (low, scale, minimum) = (packed[late + 8], packed[late], packed[late + 4]);
            [low & 15 | scale >> 6 << 4, low >> 4 | minimum >> 6 << 4]
        }
    }
}

/// `scale * (quant - OFFSET)`: Q4_0, Q5_0 and Q8_0.
#[derive(Clone, Copy)]
#[repr(C)]
pub(crate) struct Scaled<Q, const OFFSET: i32> {
    scales: [u16; ROWS],
    quants: Q,
}

impl<Q: ShortBlock, const OFFSET: i32> Tile for Scaled<Q, OFFSET> {
    const COLUMNS: usize = BLOCK_LEN;
    const FILE_BYTES: usize = 2 + Q::FILE_BYTES;
    const PIECES: usize = 1;
    const EMPTY: Self = Self { scales: [0; ROWS], quants: Q::EMPTY };

    fn set(&mut self, row: usize, block: &[u8]) -> bool {
        self.scales[row] = u16_at(block, 0);
        self.quants.take(row, &block[2..]);
        float(self.scales[row]).is_finite()
    }

    fn get(&self, row: usize, into: &mut [f32]) {
        let scale = float(self.scales[row]);
        for (into, raw) in into.iter_mut().zip(self.quants.get(row)) {
            let whole = if Q::SIGNED { i32::from(raw.cast_signed()) } else { i32::from(raw) };
            *into = scale * (whole - OFFSET) as f32;
        }
    }

    #[inline(always)]
    fn open<M: Machine>(&self, _part: usize) -> Open<M> {
        let scales = M::halves(&self.scales);
        let minima = M::mul(scales, M::splat(-OFFSET as f32));
        Open::new(&self.quants, [scales; 2], [minima; 2])
    }
}

/// `scale * quant + minimum`: Q4_1 and Q5_1.
#[derive(Clone, Copy)]
#[repr(C)]
pub(crate) struct Raised<Q> {
    scales: [u16; ROWS],
    minima: [u16; ROWS],
    quants: Q,
}

impl<Q: ShortBlock> Tile for Raised<Q> {
    const COLUMNS: usize = BLOCK_LEN;
    const FILE_BYTES: usize = 4 + Q::FILE_BYTES;
    const PIECES: usize = 1;
    const EMPTY: Self = Self { scales: [0; ROWS], minima: [0; ROWS], quants: Q::EMPTY };

    fn set(&mut self, row: usize, block: &[u8]) -> bool {
        self.scales[row] = u16_at(block, 0);
        self.minima[row] = u16_at(block, 2);
        self.quants.take(row, &block[4..]);
        float(self.scales[row]).is_finite() && float(self.minima[row]).is_finite()
    }

    fn get(&self, row: usize, into: &mut [f32]) {
        let (scale, minimum) = (float(self.scales[row]), float(self.minima[row]));
        for (into, raw) in into.iter_mut().zip(self.quants.get(row)) {
            *into = scale * f32::from(raw) + minimum;
        }
    }

    #[inline(always)]
    fn open<M: Machine>(&self, _part: usize) -> Open<M> {
        let (scales, minima) = (M::halves(&self.scales), M::halves(&self.minima));
        Open::new(&self.quants, [scales; 2], [minima; 2])
    }
}

/// `scale * factor * quant - minimum * factor`, with `FACTORS` of each over 256 columns: Q2_K, Q4_K
/// and Q5_K.
///
/// Factors have eight bits here and fewer in the file, which makes a tile of Q4_K 3 % larger.
#[derive(Clone, Copy)]
#[repr(C)]
pub(crate) struct SuperRaised<Q, const FACTORS: usize> {
    scales: [u16; ROWS],
    minima: [u16; ROWS],
    scale_factors: [[u8; ROWS]; FACTORS],
    minimum_factors: [[u8; ROWS]; FACTORS],
    quants: [Q; PARTS],
}

impl<Q: LongBlock, const FACTORS: usize> Tile for SuperRaised<Q, FACTORS> {
    const COLUMNS: usize = SUPER_LEN;
    const FILE_BYTES: usize = Q::FILE_BYTES;
    const PIECES: usize = FACTORS / PARTS;
    const EMPTY: Self = Self {
        scales: [0; ROWS],
        minima: [0; ROWS],
        scale_factors: [[0; ROWS]; FACTORS],
        minimum_factors: [[0; ROWS]; FACTORS],
        quants: [Q::EMPTY; PARTS],
    };

    fn set(&mut self, row: usize, block: &[u8]) -> bool {
        [self.scales[row], self.minima[row]] = Q::scales(block);
        for index in 0..FACTORS {
            let [scale, minimum] = Q::factors(block, index);
            self.scale_factors[index][row] = scale;
            self.minimum_factors[index][row] = minimum;
        }
        for (part, quants) in self.quants.iter_mut().enumerate() {
            quants.set(row, &Q::raw_part(block, part));
        }
        float(self.scales[row]).is_finite() && float(self.minima[row]).is_finite()
    }

    fn get(&self, row: usize, into: &mut [f32]) {
        let (scale, minimum) = (float(self.scales[row]), float(self.minima[row]));
        for (part, into) in into.chunks_exact_mut(BLOCK_LEN).enumerate() {
            for (i, raw) in self.quants[part].get(row).into_iter().enumerate() {
                let index = Self::PIECES * part + i * Self::PIECES / BLOCK_LEN;
                let scale = scale * f32::from(self.scale_factors[index][row]);
                let minimum = minimum * f32::from(self.minimum_factors[index][row]);
                into[i] = scale * f32::from(raw) - minimum;
            }
        }
    }

    #[inline(always)]
    fn open<M: Machine>(&self, part: usize) -> Open<M> {
        let scales = M::halves(&self.scales);
        let minima = M::mul(M::halves(&self.minima), M::splat(-1.));
        let index = |piece: usize| Self::PIECES * part + piece.min(Self::PIECES - 1);
        let times = |factors: &[[u8; ROWS]; FACTORS], quad: M::Quad| {
            each(|piece| M::mul(M::unsigned(factors[index(piece)]), quad))
        };
        let (scales, minima) =
            (times(&self.scale_factors, scales), times(&self.minimum_factors, minima));
        Open::new(&self.quants[part], scales, minima)
    }
}

/// `scale * factor * (quant - OFFSET)`, with factors for 16 columns each: Q3_K and Q6_K.
#[derive(Clone, Copy)]
#[repr(C)]
pub(crate) struct SuperScaled<Q, const OFFSET: i32> {
    scales: [u16; ROWS],
    factors: [[i8; ROWS]; 2 * PARTS],
    quants: [Q; PARTS],
}

impl<Q: LongBlock, const OFFSET: i32> Tile for SuperScaled<Q, OFFSET> {
    const COLUMNS: usize = SUPER_LEN;
    const FILE_BYTES: usize = Q::FILE_BYTES;
    const PIECES: usize = 2;
    const EMPTY: Self =
        Self { scales: [0; ROWS], factors: [[0; ROWS]; 2 * PARTS], quants: [Q::EMPTY; PARTS] };

    fn set(&mut self, row: usize, block: &[u8]) -> bool {
        [self.scales[row], _] = Q::scales(block);
        for (index, factors) in self.factors.iter_mut().enumerate() {
            factors[row] = Q::factors(block, index)[0].cast_signed();
        }
        for (part, quants) in self.quants.iter_mut().enumerate() {
            quants.set(row, &Q::raw_part(block, part));
        }
        float(self.scales[row]).is_finite()
    }

    fn get(&self, row: usize, into: &mut [f32]) {
        let scale = float(self.scales[row]);
        for (part, into) in into.chunks_exact_mut(BLOCK_LEN).enumerate() {
            for (i, raw) in self.quants[part].get(row).into_iter().enumerate() {
                let scale = scale * f32::from(self.factors[2 * part + i / 16][row]);
                into[i] = scale * (i32::from(raw) - OFFSET) as f32;
            }
        }
    }

    #[inline(always)]
    fn open<M: Machine>(&self, part: usize) -> Open<M> {
        let scales = M::halves(&self.scales);
        let scales: [M::Quad; 2] =
            each(|half| M::mul(M::signed(self.factors[2 * part + half]), scales));
        let minima = scales.map(|scales| M::mul(scales, M::splat(-OFFSET as f32)));
        Open::new(&self.quants[part], scales, minima)
    }
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

fn float(bits: u16) -> f32 {
    f16::from_bits(bits).to_f32()
}
