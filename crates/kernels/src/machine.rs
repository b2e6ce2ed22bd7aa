//! The vector instructions of each kind of processor, behind one small set of words.
//!
//! Weights stand in groups of four rows by four columns, whole numbers of at most eight bits.
//! Activations are whole numbers of fourteen bits, four of them in eight bytes, so that every sum below is
//! exact and all machines give the same one: what differs between them is only whether floats are
//! multiplied and added in one rounding or two.

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

/// What a kernel asks of a processor.
///
/// Invariant: methods are `inline(always)`, because they use instructions that only the function
/// around the whole kernel is compiled for.
pub(crate) trait Machine: Copy + 'static {
    /// Sixteen bytes.
    type Bytes: Copy;
    /// Weights of four rows by four columns.
    type Group: Copy;
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

    /// Weights from bytes: below 128, or two's complement if `SIGNED`.
    fn group<const SIGNED: bool>(bytes: Self::Bytes) -> Self::Group;
    /// Sums to which nothing was added, for products of `groups`: [`total`](Self::total) then gives what the
    /// activations were before they were stored.
    fn start<const SIGNED: bool>(groups: &[Self::Group]) -> Self::Sums;
    /// Adds the products of a group with four activations, as [`store`](Self::store) makes them.
    fn dot<const SIGNED: bool>(sums: Self::Sums, group: Self::Group, four: &[u8; 8]) -> Self::Sums;
    fn total<const SIGNED: bool>(sums: Self::Sums) -> Self::Quad;

    /// Four numbers of type f16, by their bits.
    fn halves(bits: &[u16; 4]) -> Self::Quad;
    /// Four bytes, as numbers from 0 to 255.
    fn unsigned(bytes: [u8; 4]) -> Self::Quad;
    /// Four bytes, as numbers from -128 to 127.
    fn signed(bytes: [i8; 4]) -> Self::Quad;
    fn splat(x: f32) -> Self::Quad;
    fn mul(a: Self::Quad, b: Self::Quad) -> Self::Quad;
    /// `a * b + c`.
    fn mul_add(a: Self::Quad, b: Self::Quad, c: Self::Quad) -> Self::Quad;
    fn to_array(quad: Self::Quad) -> [f32; 4];

    fn octet(xs: &[f32; 8]) -> Self::Octet;
    /// Eight numbers of type f16, by their bits.
    fn octet_halves(bits: &[u16; 8]) -> Self::Octet;
    /// Eight numbers of type bf16, by their bits.
    fn octet_brains(bits: &[u16; 8]) -> Self::Octet;
    fn octet_splat(x: f32) -> Self::Octet;
    /// `a * b + c`.
    fn octet_mul_add(a: Self::Octet, b: Self::Octet, c: Self::Octet) -> Self::Octet;
    fn octet_to_array(octet: Self::Octet) -> [f32; 8];

    /// Four whole numbers of fourteen bits, the way [`dot`](Self::dot) reads them.
    fn store<const SIGNED: bool>(four: [i16; 4]) -> [u8; 8];

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
