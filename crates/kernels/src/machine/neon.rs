#![expect(unsafe_code, reason = "vector instructions")]

use core::arch::aarch64::*;

use super::{MANTISSA_BITS, Machine, Scalar};
use crate::{each::each, quants::GROUPS, rounded::BLOCK_LEN};

/// Any 64-bit Arm: NEON is part of it.
#[derive(Clone, Copy)]
pub(super) struct Neon;

// SAFETY of every block below: references are valid for what is read.
impl Machine for Neon {
    type Bytes = uint8x16_t;
    /// Two rows each, as 16 bits.
    type Group = [int16x8_t; 2];
    type Four = [i16; 4];
    /// One vector a row.
    type Sums = [int32x4_t; 4];
    type Quad = float32x4_t;
    type Octet = [float32x4_t; 2];

    #[inline(always)]
    fn load(bytes: &[u8; 16]) -> uint8x16_t {
        unsafe { vld1q_u8(bytes.as_ptr()) }
    }

    #[inline(always)]
    fn and(bytes: uint8x16_t, mask: u8) -> uint8x16_t {
        unsafe { vandq_u8(bytes, vdupq_n_u8(mask)) }
    }

    #[inline(always)]
    fn or(a: uint8x16_t, b: uint8x16_t) -> uint8x16_t {
        unsafe { vorrq_u8(a, b) }
    }

    #[inline(always)]
    fn moved(bytes: uint8x16_t, by: i32) -> uint8x16_t {
        unsafe { vshlq_u8(bytes, vdupq_n_s8(by as i8)) }
    }

    #[inline(always)]
    fn group<const SIGNED: bool>(bytes: uint8x16_t) -> [int16x8_t; 2] {
        unsafe {
            if SIGNED {
                let bytes = vreinterpretq_s8_u8(bytes);
                [vmovl_s8(vget_low_s8(bytes)), vmovl_high_s8(bytes)]
            } else {
                [vmovl_u8(vget_low_u8(bytes)), vmovl_high_u8(bytes)]
                    .map(|x| vreinterpretq_s16_u16(x))
            }
        }
    }

    #[inline(always)]
    fn fours(whole: &[i16; BLOCK_LEN]) -> [[i16; 4]; GROUPS] {
        Scalar::fours(whole)
    }

    #[inline(always)]
    fn four(whole: [i16; 4]) -> [i16; 4] {
        whole
    }

    #[inline(always)]
    fn nothing() -> [int32x4_t; 4] {
        unsafe { [vdupq_n_s32(0); 4] }
    }

    #[inline(always)]
    fn dot(sums: [int32x4_t; 4], group: [int16x8_t; 2], four: &[i16; 4]) -> [int32x4_t; 4] {
        unsafe {
            let xs = vld1_s16(four.as_ptr());
            [
                vmlal_s16(sums[0], vget_low_s16(group[0]), xs),
                vmlal_s16(sums[1], vget_high_s16(group[0]), xs),
                vmlal_s16(sums[2], vget_low_s16(group[1]), xs),
                vmlal_s16(sums[3], vget_high_s16(group[1]), xs),
            ]
        }
    }

    #[inline(always)]
    fn total(sums: [int32x4_t; 4]) -> float32x4_t {
        unsafe {
            let pairs = [vpaddq_s32(sums[0], sums[1]), vpaddq_s32(sums[2], sums[3])];
            vcvtq_f32_s32(vpaddq_s32(pairs[0], pairs[1]))
        }
    }

    #[inline(always)]
    fn halves(bits: &[u16; 4]) -> float32x4_t {
        Self::quad(&Scalar::halves(bits))
    }

    #[inline(always)]
    fn unsigned(bytes: [u8; 4]) -> float32x4_t {
        Self::quad(&Scalar::unsigned(bytes))
    }

    #[inline(always)]
    fn signed(bytes: [i8; 4]) -> float32x4_t {
        Self::quad(&Scalar::signed(bytes))
    }

    #[inline(always)]
    fn quad(xs: &[f32; 4]) -> float32x4_t {
        unsafe { vld1q_f32(xs.as_ptr()) }
    }

    #[inline(always)]
    fn splat(x: f32) -> float32x4_t {
        unsafe { vdupq_n_f32(x) }
    }

    #[inline(always)]
    fn mul(a: float32x4_t, b: float32x4_t) -> float32x4_t {
        unsafe { vmulq_f32(a, b) }
    }

    #[inline(always)]
    fn mul_add(a: float32x4_t, b: float32x4_t, c: float32x4_t) -> float32x4_t {
        unsafe { vfmaq_f32(c, a, b) }
    }

    #[inline(always)]
    fn to_array(quad: float32x4_t) -> [f32; 4] {
        let mut floats = [0.; 4];
        unsafe { vst1q_f32(floats.as_mut_ptr(), quad) };
        floats
    }

    #[inline(always)]
    fn octet(xs: &[f32; 8]) -> [float32x4_t; 2] {
        unsafe { [vld1q_f32(xs.as_ptr()), vld1q_f32(xs.as_ptr().add(4))] }
    }

    #[inline(always)]
    fn octet_halves(bits: &[u16; 8]) -> [float32x4_t; 2] {
        Self::octet(&Scalar::octet_halves(bits))
    }

    #[inline(always)]
    fn octet_brains(bits: &[u16; 8]) -> [float32x4_t; 2] {
        Self::octet(&Scalar::octet_brains(bits))
    }

    #[inline(always)]
    fn octet_splat(x: f32) -> [float32x4_t; 2] {
        [Self::splat(x); 2]
    }

    #[inline(always)]
    fn octet_mul_add(
        a: [float32x4_t; 2],
        b: [float32x4_t; 2],
        c: [float32x4_t; 2],
    ) -> [float32x4_t; 2] {
        [Self::mul_add(a[0], b[0], c[0]), Self::mul_add(a[1], b[1], c[1])]
    }

    #[inline(always)]
    fn octet_div(a: [float32x4_t; 2], b: [float32x4_t; 2]) -> [float32x4_t; 2] {
        each(|i| unsafe { vdivq_f32(a[i], b[i]) })
    }

    #[inline(always)]
    fn octet_max(a: [float32x4_t; 2], b: [float32x4_t; 2]) -> [float32x4_t; 2] {
        each(|i| unsafe { vbslq_f32(vcgtq_f32(a[i], b[i]), a[i], b[i]) })
    }

    #[inline(always)]
    fn octet_min(a: [float32x4_t; 2], b: [float32x4_t; 2]) -> [float32x4_t; 2] {
        each(|i| unsafe { vbslq_f32(vcltq_f32(a[i], b[i]), a[i], b[i]) })
    }

    #[inline(always)]
    fn octet_power(x: [float32x4_t; 2]) -> [float32x4_t; 2] {
        const BY: i32 = MANTISSA_BITS.cast_signed();
        x.map(|x| unsafe { vreinterpretq_f32_s32(vshlq_n_s32::<BY>(vreinterpretq_s32_f32(x))) })
    }

    #[inline(always)]
    fn octet_to_array(octet: [float32x4_t; 2]) -> [f32; 8] {
        let [a, b] = octet.map(Self::to_array);
        std::array::from_fn(|i| if i < 4 { a[i] } else { b[i - 4] })
    }
}
