//! The vector instructions of each kind of processor, behind one small set of words.
//!
//! Weights stand in groups of four rows by four columns, whole numbers of at most eight bits.
//! Activations are whole numbers of eight bits or fourteen, in fours, so that every sum below is exact and all
//! machines give the same one: what differs between them is only whether floats are multiplied and added in one
//! rounding or two.

#[cfg(target_arch = "aarch64")]
mod neon;
#[cfg(not(target_arch = "wasm32"))]
mod scalar;
#[cfg(target_arch = "wasm32")]
mod wasm;
#[cfg(target_arch = "x86_64")]
mod x86;

#[cfg(test)]
pub(crate) use self::scalar::Scalar as TestScalar;
#[cfg(not(target_arch = "wasm32"))]
use self::scalar::Scalar;
use crate::{
    each::each,
    quants::GROUPS,
    rounded::{BLOCK_LEN, WHOLE},
};

/// Numbers of this size are whole ones apart, and its lowest bits are a float's exponent for 2 to the power of zero.
pub(crate) const POWER: f32 = WHOLE + 127.;
/// Bits of a float below its exponent.
const MANTISSA_BITS: u32 = 23;

/// What a kernel asks of a processor.
///
/// Invariant: methods are `inline(always)`, because they use instructions that only the function
/// around the whole kernel is compiled for.
pub(crate) trait Machine: Copy + 'static {
    /// Whether activations may have fourteen bits; else they have eight, with which products are quicker.
    const WIDE: bool = true;

    /// Sixteen bytes.
    type Bytes: Copy;
    /// Weights of four rows by four columns.
    type Group: Copy;
    /// Activations of four columns.
    type Four: Copy + Send + Sync;
    /// Sums of products for four rows, in whole numbers, not yet added up.
    type Sums: Copy;
    /// Four floats, one per row.
    type Quad: Copy;
    /// Eight floats.
    type Octet: Copy;

    fn load(bytes: &[u8; 16]) -> Self::Bytes;
    fn and(bytes: Self::Bytes, mask: u8) -> Self::Bytes;
    fn or(a: Self::Bytes, b: Self::Bytes) -> Self::Bytes;
    /// Bits move up by `by`, or down if it is negative; those that cross into another byte are to be
    /// masked away.
    fn moved(bytes: Self::Bytes, by: i32) -> Self::Bytes;

    /// Weights from bytes: below 128, or two's complement if `SIGNED`, to which [`raise`](Self::raise) is added.
    fn group<const SIGNED: bool>(bytes: Self::Bytes) -> Self::Group;
    /// 128 where weights must have no sign, else 0.
    #[inline(always)]
    fn raise() -> u8 {
        0
    }
    /// Activations of as many bits as they may have.
    fn fours(whole: &[i16; BLOCK_LEN]) -> [Self::Four; GROUPS];
    /// Four of them.
    fn four(whole: [i16; 4]) -> Self::Four;
    /// Those of four columns for eight rows, of numbers from -127 to 127 on which [`WHOLE`] was added.
    #[inline(always)]
    fn fours_of(columns: [Self::Octet; 4]) -> [[Self::Four; 4]; 2] {
        let columns = columns.map(Self::octet_to_array);
        let four =
            |row: usize| each(|i| columns[i][row].to_bits().wrapping_sub(WHOLE.to_bits()) as i16);
        each(|panel| each(|n| Self::four(four(4 * panel + n))))
    }
    /// Sums to which nothing was added.
    fn nothing() -> Self::Sums;
    /// Adds the products of a group with four activations.
    fn dot(sums: Self::Sums, group: Self::Group, four: &Self::Four) -> Self::Sums;
    fn total(sums: Self::Sums) -> Self::Quad;

    /// Four numbers of type f16, by their bits.
    fn halves(bits: &[u16; 4]) -> Self::Quad;
    /// Four bytes, as numbers from 0 to 255.
    fn unsigned(bytes: [u8; 4]) -> Self::Quad;
    /// Four bytes, as numbers from -128 to 127.
    fn signed(bytes: [i8; 4]) -> Self::Quad;
    fn quad(xs: &[f32; 4]) -> Self::Quad;
    fn splat(x: f32) -> Self::Quad;
    fn mul(a: Self::Quad, b: Self::Quad) -> Self::Quad;
    /// `a * b + c`.
    fn mul_add(a: Self::Quad, b: Self::Quad, c: Self::Quad) -> Self::Quad;
    fn to_array(quad: Self::Quad) -> [f32; 4];
    /// Number `i` of quad `n` as number `n` of quad `i`.
    #[inline(always)]
    fn turned(quads: [Self::Quad; 4]) -> [Self::Quad; 4] {
        let rows = quads.map(Self::to_array);
        each(|i| Self::quad(&each(|n| rows[n][i])))
    }

    fn octet(xs: &[f32; 8]) -> Self::Octet;
    /// Eight numbers of type f16, by their bits.
    fn octet_halves(bits: &[u16; 8]) -> Self::Octet;
    /// Eight numbers of type bf16, by their bits.
    fn octet_brains(bits: &[u16; 8]) -> Self::Octet;
    fn octet_splat(x: f32) -> Self::Octet;
    /// `a * b + c`.
    fn octet_mul_add(a: Self::Octet, b: Self::Octet, c: Self::Octet) -> Self::Octet;
    fn octet_div(a: Self::Octet, b: Self::Octet) -> Self::Octet;
    /// The larger of two; `b` where one is not a number.
    fn octet_max(a: Self::Octet, b: Self::Octet) -> Self::Octet;
    /// The smaller of two; `b` where one is not a number.
    fn octet_min(a: Self::Octet, b: Self::Octet) -> Self::Octet;
    /// 2 to the power of `x - POWER`, a whole number from -127, which gives zero, to 128, which gives infinity.
    fn octet_power(x: Self::Octet) -> Self::Octet;
    fn octet_to_array(octet: Self::Octet) -> [f32; 8];

    /// Runs `work` with the instructions of this machine. Never inlined: kernels that call the same work share it.
    #[inline(never)]
    fn enter<W: Work>(work: W) -> W::Output {
        work.run::<Self>()
    }
}

/// A kernel, for whichever machine it will run on. `run` must be `inline(always)`.
pub(crate) trait Work {
    type Output;
    /// Whether it multiplies whole numbers, which a browser may have to do in another way.
    #[cfg_attr(
        not(all(target_arch = "wasm32", target_feature = "relaxed-simd")),
        expect(dead_code, reason = "there is one way")
    )]
    const WHOLE: bool = false;
    fn run<M: Machine>(self) -> Self::Output;
}

/// Runs `work` with the best instructions this processor has.
#[cfg(target_arch = "wasm32")]
fn on_best<W: Work>(work: W) -> W::Output {
    wasm::run(work)
}

/// Runs `work` with the best instructions this processor has.
#[cfg(target_arch = "x86_64")]
fn on_best<W: Work>(work: W) -> W::Output {
    x86::run(work)
}

/// Runs `work` with the best instructions this processor has.
#[cfg(target_arch = "aarch64")]
fn on_best<W: Work>(work: W) -> W::Output {
    neon::Neon::enter(work)
}

/// Runs `work` with the best instructions this processor has.
#[cfg(not(any(target_arch = "wasm32", target_arch = "x86_64", target_arch = "aarch64")))]
fn on_best<W: Work>(work: W) -> W::Output {
    run(On::Scalar, work)
}

/// Which instructions a kernel runs with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum On {
    /// The best this processor has.
    Best,
    /// AVX2 at most.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// Whole numbers of sixteen bits, where the browser has products of eight.
    #[cfg(all(target_arch = "wasm32", target_feature = "relaxed-simd"))]
    Pairs,
    /// None but the plain ones: what other machines are held against, in tests.
    #[cfg(not(target_arch = "wasm32"))]
    Scalar,
}

impl On {
    /// All there are in this build.
    pub(crate) const ALL: &[Self] = &[
        Self::Best,
        #[cfg(target_arch = "x86_64")]
        Self::Avx2,
        #[cfg(all(target_arch = "wasm32", target_feature = "relaxed-simd"))]
        Self::Pairs,
        #[cfg(not(target_arch = "wasm32"))]
        Self::Scalar,
    ];
}

/// Runs `work`.
pub(crate) fn run<W: Work>(on: On, work: W) -> W::Output {
    match on {
        On::Best => on_best(work),
        #[cfg(target_arch = "x86_64")]
        On::Avx2 => x86::without_vnni(work),
        #[cfg(all(target_arch = "wasm32", target_feature = "relaxed-simd"))]
        On::Pairs => wasm::run_pairs(work),
        #[cfg(not(target_arch = "wasm32"))]
        On::Scalar => Scalar::enter(work),
    }
}
