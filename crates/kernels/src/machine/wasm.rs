//! Both engines of the browser: `simd128`, and with `relaxed-simd`.
//!
//! `i32x4.relaxed_dot_i8x16_i7x16_add` is defined alike everywhere only while its second operand stays
//! below 128. So an activation of fourteen bits is stored as two halves of seven, and whichever of
//! weight and activation is never negative takes that place. Where the processor has no such instruction, products of
//! sixteen bits are quicker.
#![expect(unsafe_code, reason = "vector loads")]

use core::{arch::wasm32::*, marker::PhantomData};

use super::{Machine, Work};

/// A browser, which multiplies whole numbers as `P` does.
#[derive(Clone, Copy)]
pub(crate) struct Wasm<P>(PhantomData<P>);

/// A way to multiply whole numbers; see [`Machine`].
pub(crate) trait Products: Copy + 'static {
    type Group: Copy;
    type Sums: Copy;
    fn group<const SIGNED: bool>(bytes: v128) -> Self::Group;
    fn start<const SIGNED: bool>(groups: &[Self::Group]) -> Self::Sums;
    fn dot<const SIGNED: bool>(sums: Self::Sums, group: Self::Group, four: &[u8; 8]) -> Self::Sums;
    /// In whole numbers.
    fn total<const SIGNED: bool>(sums: Self::Sums) -> v128;
    fn store<const SIGNED: bool>(four: [i16; 4]) -> [u8; 8];
}

/// Of sixteen bits, two at once.
#[derive(Clone, Copy)]
pub(crate) struct Pairs;

/// Of eight bits and seven, four at once.
#[cfg(target_feature = "relaxed-simd")]
#[derive(Clone, Copy)]
struct Fours;

/// Runs `work`.
#[cfg(not(target_feature = "relaxed-simd"))]
pub(super) fn run<W: Work>(work: W) -> W::Output {
    Wasm::<Pairs>::enter(work)
}

/// Runs `work` on whichever products are quicker here.
#[cfg(target_feature = "relaxed-simd")]
pub(super) fn run<W: Work>(work: W) -> W::Output {
    if W::WHOLE && fours_are_slow() { run_pairs(work) } else { Wasm::<Fours>::enter(work) }
}

/// Runs `work` on products of sixteen bits, if it has any.
#[cfg(target_feature = "relaxed-simd")]
pub(super) fn run_pairs<W: Work>(work: W) -> W::Output {
    if W::WHOLE { Wasm::<Pairs>::enter(work) } else { Wasm::<Fours>::enter(work) }
}

/// Whether a product of four numbers takes several instructions: those of x86 before VNNI stop at the largest number
/// of sixteen bits on their way, which no other processor does.
#[cfg(target_feature = "relaxed-simd")]
fn fours_are_slow() -> bool {
    let [most, raised] = core::hint::black_box([i8x16_splat(i8::MAX), i8x16_splat(-1)]);
    let sums = i32x4_relaxed_dot_i8x16_i7x16_add(most, raised, i32x4_splat(0));
    i32x4_extract_lane::<0>(sums) == 2 * i32::from(i16::MAX)
}

impl Products for Pairs {
    /// Two rows each.
    type Group = [v128; 2];
    /// Halves of two rows each.
    type Sums = [v128; 2];

    #[inline(always)]
    fn group<const SIGNED: bool>(bytes: v128) -> [v128; 2] {
        if SIGNED {
            [i16x8_extend_low_i8x16(bytes), i16x8_extend_high_i8x16(bytes)]
        } else {
            [u16x8_extend_low_u8x16(bytes), u16x8_extend_high_u8x16(bytes)]
        }
    }

    #[inline(always)]
    fn start<const SIGNED: bool>(_groups: &[[v128; 2]]) -> [v128; 2] {
        [i32x4_splat(0); 2]
    }

    #[inline(always)]
    fn dot<const SIGNED: bool>(
        [first, last]: [v128; 2],
        group: [v128; 2],
        four: &[u8; 8],
    ) -> [v128; 2] {
        // SAFETY: the reference is valid for 8 bytes, and any alignment is allowed.
        let xs = unsafe { v128_load64_splat(four.as_ptr().cast()) };
        [
            i32x4_add(first, i32x4_dot_i16x8(group[0], xs)),
            i32x4_add(last, i32x4_dot_i16x8(group[1], xs)),
        ]
    }

    #[inline(always)]
    fn total<const SIGNED: bool>([first, last]: [v128; 2]) -> v128 {
        i32x4_add(
            i32x4_shuffle::<0, 2, 4, 6>(first, last),
            i32x4_shuffle::<1, 3, 5, 7>(first, last),
        )
    }

    #[inline(always)]
    fn store<const SIGNED: bool>(four: [i16; 4]) -> [u8; 8] {
        std::array::from_fn(|i| four[i / 2].to_le_bytes()[i % 2])
    }
}

/// Bits of an activation's lower half.
#[cfg(target_feature = "relaxed-simd")]
const LOWER_BITS: u32 = 7;
/// Signed weights want activations that are not: this is added to the upper half.
#[cfg(target_feature = "relaxed-simd")]
const RAISED: i16 = 1 << 6;

#[cfg(target_feature = "relaxed-simd")]
impl Products for Fours {
    type Group = v128;
    /// Of upper and of lower halves, and what upper ones lack for being raised: apart, so that nothing waits for it.
    type Sums = [v128; 3];

    #[inline(always)]
    fn group<const SIGNED: bool>(bytes: v128) -> v128 {
        bytes
    }

    #[inline(always)]
    fn start<const SIGNED: bool>(groups: &[v128]) -> [v128; 3] {
        let zero = i32x4_splat(0);
        let raised = i8x16_splat(RAISED as i8);
        let sum = |sum, group: &v128| i32x4_relaxed_dot_i8x16_i7x16_add(*group, raised, sum);
        [zero, zero, i32x4_neg(groups.iter().fold(zero, sum))]
    }

    #[inline(always)]
    fn dot<const SIGNED: bool>(
        [upper, lower, lack]: [v128; 3],
        group: v128,
        four: &[u8; 8],
    ) -> [v128; 3] {
        // SAFETY: the reference is valid for 8 bytes, and any alignment is allowed.
        let half = |at: usize| unsafe { v128_load32_splat(four.as_ptr().add(at).cast()) };
        let (high, low) = (half(0), half(4));
        if SIGNED {
            [
                i32x4_relaxed_dot_i8x16_i7x16_add(group, high, upper),
                i32x4_relaxed_dot_i8x16_i7x16_add(group, low, lower),
                lack,
            ]
        } else {
            [
                i32x4_relaxed_dot_i8x16_i7x16_add(high, group, upper),
                i32x4_relaxed_dot_i8x16_i7x16_add(low, group, lower),
                lack,
            ]
        }
    }

    #[inline(always)]
    fn total<const SIGNED: bool>([upper, lower, lack]: [v128; 3]) -> v128 {
        let upper = if SIGNED { i32x4_add(upper, lack) } else { upper };
        i32x4_add(i32x4_shl(upper, LOWER_BITS), lower)
    }

    #[inline(always)]
    fn store<const SIGNED: bool>(four: [i16; 4]) -> [u8; 8] {
        let raised = if SIGNED { RAISED } else { 0 };
        let mut stored = [0; 8];
        // SAFETY: references are valid for 8 bytes, and any alignment is allowed.
        unsafe {
            let xs = v128_load64_zero(four.as_ptr().cast());
            let upper = i16x8_add(i16x8_shr(xs, LOWER_BITS), i16x8_splat(raised));
            let lower = v128_and(xs, i16x8_splat((1 << LOWER_BITS) - 1));
            let halves =
                i8x16_shuffle::<0, 2, 4, 6, 16, 18, 20, 22, 0, 0, 0, 0, 0, 0, 0, 0>(upper, lower);
            v128_store64_lane::<0>(halves, stored.as_mut_ptr().cast());
        }
        stored
    }
}

impl<P: Products> Machine for Wasm<P> {
    type Bytes = v128;
    type Group = P::Group;
    type Sums = P::Sums;
    type Quad = v128;
    type Octet = [v128; 2];

    #[inline(always)]
    fn load(bytes: &[u8; 16]) -> v128 {
        // SAFETY: the reference is valid for 16 bytes, and any alignment is allowed.
        unsafe { v128_load(bytes.as_ptr().cast()) }
    }

    #[inline(always)]
    fn and(bytes: v128, mask: u8) -> v128 {
        v128_and(bytes, u8x16_splat(mask))
    }

    #[inline(always)]
    fn or(a: v128, b: v128) -> v128 {
        v128_or(a, b)
    }

    #[inline(always)]
    fn moved(bytes: v128, by: i32) -> v128 {
        if by < 0 {
            u16x8_shr(bytes, by.unsigned_abs())
        } else {
            u16x8_shl(bytes, by.unsigned_abs())
        }
    }

    #[inline(always)]
    fn group<const SIGNED: bool>(bytes: v128) -> P::Group {
        P::group::<SIGNED>(bytes)
    }

    #[inline(always)]
    fn start<const SIGNED: bool>(groups: &[P::Group]) -> P::Sums {
        P::start::<SIGNED>(groups)
    }

    #[inline(always)]
    fn dot<const SIGNED: bool>(sums: P::Sums, group: P::Group, four: &[u8; 8]) -> P::Sums {
        P::dot::<SIGNED>(sums, group, four)
    }

    #[inline(always)]
    fn total<const SIGNED: bool>(sums: P::Sums) -> v128 {
        f32x4_convert_i32x4(P::total::<SIGNED>(sums))
    }

    #[inline(always)]
    fn halves(bits: &[u16; 4]) -> v128 {
        // SAFETY: the reference is valid for 8 bytes, and any alignment is allowed.
        halves_to_floats(unsafe { i32x4_load_extend_i16x4(bits.as_ptr().cast()) })
    }

    #[inline(always)]
    fn unsigned(bytes: [u8; 4]) -> v128 {
        let bytes = u32x4_splat(u32::from_le_bytes(bytes));
        f32x4_convert_u32x4(u32x4_extend_low_u16x8(u16x8_extend_low_u8x16(bytes)))
    }

    #[inline(always)]
    fn signed(bytes: [i8; 4]) -> v128 {
        let bytes = u32x4_splat(u32::from_le_bytes(bytes.map(i8::cast_unsigned)));
        f32x4_convert_i32x4(i32x4_extend_low_i16x8(i16x8_extend_low_i8x16(bytes)))
    }

    #[inline(always)]
    fn splat(x: f32) -> v128 {
        f32x4_splat(x)
    }

    #[inline(always)]
    fn mul(a: v128, b: v128) -> v128 {
        f32x4_mul(a, b)
    }

    #[cfg(target_feature = "relaxed-simd")]
    #[inline(always)]
    fn mul_add(a: v128, b: v128, c: v128) -> v128 {
        f32x4_relaxed_madd(a, b, c)
    }

    #[cfg(not(target_feature = "relaxed-simd"))]
    #[inline(always)]
    fn mul_add(a: v128, b: v128, c: v128) -> v128 {
        f32x4_add(f32x4_mul(a, b), c)
    }

    #[inline(always)]
    fn to_array(quad: v128) -> [f32; 4] {
        let mut floats = [0.; 4];
        // SAFETY: the reference is valid for 16 bytes, and any alignment is allowed.
        unsafe { v128_store(floats.as_mut_ptr().cast(), quad) };
        floats
    }

    #[inline(always)]
    fn octet(xs: &[f32; 8]) -> [v128; 2] {
        let from = xs.as_ptr().cast::<v128>();
        // SAFETY: the reference is valid for 32 bytes, and any alignment is allowed.
        unsafe { [v128_load(from), v128_load(from.add(1))] }
    }

    #[inline(always)]
    fn octet_halves(bits: &[u16; 8]) -> [v128; 2] {
        let from = bits.as_ptr();
        // SAFETY: the reference is valid for 16 bytes, and any alignment is allowed.
        let ints = unsafe {
            [i32x4_load_extend_i16x4(from.cast()), i32x4_load_extend_i16x4(from.add(4).cast())]
        };
        ints.map(halves_to_floats)
    }

    #[inline(always)]
    fn octet_brains(bits: &[u16; 8]) -> [v128; 2] {
        let from = bits.as_ptr();
        // SAFETY: the reference is valid for 16 bytes, and any alignment is allowed.
        let ints = unsafe {
            [u32x4_load_extend_u16x4(from.cast()), u32x4_load_extend_u16x4(from.add(4).cast())]
        };
        ints.map(|ints| u32x4_shl(ints, 16))
    }

    #[inline(always)]
    fn octet_splat(x: f32) -> [v128; 2] {
        [f32x4_splat(x); 2]
    }

    #[inline(always)]
    fn octet_mul_add(a: [v128; 2], b: [v128; 2], c: [v128; 2]) -> [v128; 2] {
        [Self::mul_add(a[0], b[0], c[0]), Self::mul_add(a[1], b[1], c[1])]
    }

    #[inline(always)]
    fn octet_to_array(octet: [v128; 2]) -> [f32; 8] {
        let mut floats = [0.; 8];
        let to = floats.as_mut_ptr().cast::<v128>();
        // SAFETY: the reference is valid for 32 bytes, and any alignment is allowed.
        unsafe {
            v128_store(to, octet[0]);
            v128_store(to.add(1), octet[1]);
        }
        floats
    }

    #[inline(always)]
    fn store<const SIGNED: bool>(four: [i16; 4]) -> [u8; 8] {
        P::store::<SIGNED>(four)
    }
}

/// Halves, each in 32 bits with its sign in the upper ones. Those that are not finite become large
/// numbers; weights are checked for them when they are loaded.
#[inline(always)]
fn halves_to_floats(bits: v128) -> v128 {
    const SIGN_AND_MAGNITUDE: u32 = 0x8fff_e000;
    /// The difference of the exponents' biases.
    const SCALE: f32 = f32::from_bits((127 + 112) << 23);
    let moved = v128_and(i32x4_shl(bits, 13), u32x4_splat(SIGN_AND_MAGNITUDE));
    f32x4_mul(moved, f32x4_splat(SCALE))
}
