//! Both engines of the browser: `simd128`, and with `relaxed-simd`.
//!
//! `i32x4.relaxed_dot_i8x16_i7x16_add` is defined alike everywhere only while its second operand stays
//! below 128. So an activation of fourteen bits is stored as two halves of seven, and whichever of
//! weight and activation is never negative takes that place.
#![expect(unsafe_code, reason = "vector loads")]

use core::arch::wasm32::*;

use super::Machine;
use crate::rounded::Block;

/// A browser.
#[derive(Clone, Copy)]
pub(crate) struct Wasm;

/// Bits of an activation's lower half.
#[cfg(target_feature = "relaxed-simd")]
const LOWER_BITS: u32 = 7;
/// What makes every activation positive.
#[cfg(target_feature = "relaxed-simd")]
const RAISED: i16 = 1 << 13;

impl Machine for Wasm {
    type Bytes = v128;
    #[cfg(target_feature = "relaxed-simd")]
    type Group = v128;
    /// Two rows each, as 16 bits.
    #[cfg(not(target_feature = "relaxed-simd"))]
    type Group = [v128; 2];
    /// Of upper and of lower halves; without relaxed SIMD, halves of two rows each.
    type Sums = [v128; 2];
    type Ints = v128;
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

    #[cfg(target_feature = "relaxed-simd")]
    #[inline(always)]
    fn group<const SIGNED: bool>(bytes: v128) -> v128 {
        bytes
    }

    #[cfg(not(target_feature = "relaxed-simd"))]
    #[inline(always)]
    fn group<const SIGNED: bool>(bytes: v128) -> [v128; 2] {
        if SIGNED {
            [i16x8_extend_low_i8x16(bytes), i16x8_extend_high_i8x16(bytes)]
        } else {
            [u16x8_extend_low_u8x16(bytes), u16x8_extend_high_u8x16(bytes)]
        }
    }

    #[inline(always)]
    fn no_sums() -> [v128; 2] {
        [i32x4_splat(0); 2]
    }

    #[cfg(target_feature = "relaxed-simd")]
    #[inline(always)]
    fn dot<const SIGNED: bool>(
        [upper, lower]: [v128; 2],
        group: v128,
        block: &Block,
        at: usize,
    ) -> [v128; 2] {
        let half = |from: usize| {
            let bytes: &[u8; 4] = block.stored[from + 4 * at..].first_chunk().unwrap_or(&[0; 4]);
            // SAFETY: the reference is valid for 4 bytes, and any alignment is allowed.
            unsafe { v128_load32_splat(bytes.as_ptr().cast()) }
        };
        let (high, low) = (half(0), half(32));
        if SIGNED {
            [
                i32x4_relaxed_dot_i8x16_i7x16_add(group, high, upper),
                i32x4_relaxed_dot_i8x16_i7x16_add(group, low, lower),
            ]
        } else {
            [
                i32x4_relaxed_dot_i8x16_i7x16_add(high, group, upper),
                i32x4_relaxed_dot_i8x16_i7x16_add(low, group, lower),
            ]
        }
    }

    #[cfg(not(target_feature = "relaxed-simd"))]
    #[inline(always)]
    fn dot<const SIGNED: bool>(
        [first, last]: [v128; 2],
        group: [v128; 2],
        block: &Block,
        at: usize,
    ) -> [v128; 2] {
        let bytes: &[u8; 8] = block.stored[8 * at..].first_chunk().unwrap_or(&[0; 8]);
        // SAFETY: the reference is valid for 8 bytes, and any alignment is allowed.
        let xs = unsafe { v128_load64_splat(bytes.as_ptr().cast()) };
        [
            i32x4_add(first, i32x4_dot_i16x8(group[0], xs)),
            i32x4_add(last, i32x4_dot_i16x8(group[1], xs)),
        ]
    }

    #[cfg(target_feature = "relaxed-simd")]
    #[inline(always)]
    fn bias<const SIGNED: bool>(groups: &[v128]) -> v128 {
        if !SIGNED {
            return i32x4_splat(0);
        }
        let ones = i8x16_splat(1);
        let sum = |sum, group: &v128| i32x4_relaxed_dot_i8x16_i7x16_add(*group, ones, sum);
        i32x4_mul(groups.iter().fold(i32x4_splat(0), sum), i32x4_splat(i32::from(RAISED)))
    }

    #[cfg(not(target_feature = "relaxed-simd"))]
    #[inline(always)]
    fn bias<const SIGNED: bool>(_groups: &[[v128; 2]]) -> v128 {
        i32x4_splat(0)
    }

    #[cfg(target_feature = "relaxed-simd")]
    #[inline(always)]
    fn total([upper, lower]: [v128; 2], bias: v128) -> v128 {
        i32x4_sub(i32x4_add(i32x4_shl(upper, LOWER_BITS), lower), bias)
    }

    #[cfg(not(target_feature = "relaxed-simd"))]
    #[inline(always)]
    fn total([first, last]: [v128; 2], _bias: v128) -> v128 {
        i32x4_add(
            i32x4_shuffle::<0, 2, 4, 6>(first, last),
            i32x4_shuffle::<1, 3, 5, 7>(first, last),
        )
    }

    #[inline(always)]
    fn floats(ints: v128) -> v128 {
        f32x4_convert_i32x4(ints)
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

    #[cfg(target_feature = "relaxed-simd")]
    #[inline(always)]
    fn store<const SIGNED: bool>(xs: &[i16; 32]) -> [u8; 64] {
        // Signed weights want activations that are not.
        let raise = if SIGNED { RAISED } else { 0 };
        let mut stored = [0; 64];
        for (i, x) in xs.iter().enumerate() {
            stored[i] = ((x + raise) >> LOWER_BITS) as u8;
            stored[32 + i] = (x & ((1 << LOWER_BITS) - 1)) as u8;
        }
        stored
    }

    #[cfg(not(target_feature = "relaxed-simd"))]
    #[inline(always)]
    fn store<const SIGNED: bool>(xs: &[i16; 32]) -> [u8; 64] {
        let mut stored = [0; 64];
        for (to, x) in stored.as_chunks_mut().0.iter_mut().zip(xs) {
            *to = x.to_le_bytes();
        }
        stored
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
