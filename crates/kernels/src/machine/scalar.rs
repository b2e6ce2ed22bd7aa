use half::f16;

use super::{MANTISSA_BITS, Machine};
use crate::{quants::GROUPS, rounded::BLOCK_LEN};

/// No vector instructions at all: the reference.
#[derive(Clone, Copy)]
pub(crate) struct Scalar;

impl Machine for Scalar {
    type Bytes = [u8; 16];
    type Group = [i32; 16];
    type Four = [i16; 4];
    type Sums = [i32; 4];
    type Quad = [f32; 4];
    type Octet = [f32; 8];

    fn load(bytes: &[u8; 16]) -> [u8; 16] {
        *bytes
    }

    fn and(bytes: [u8; 16], mask: u8) -> [u8; 16] {
        bytes.map(|byte| byte & mask)
    }

    fn or(a: [u8; 16], b: [u8; 16]) -> [u8; 16] {
        std::array::from_fn(|i| a[i] | b[i])
    }

    fn moved(bytes: [u8; 16], by: i32) -> [u8; 16] {
        bytes.map(|byte| if by < 0 { byte >> -by } else { byte << by })
    }

    fn group<const SIGNED: bool>(bytes: [u8; 16]) -> [i32; 16] {
        bytes.map(|byte| if SIGNED { i32::from(byte.cast_signed()) } else { i32::from(byte) })
    }

    #[inline(always)]
    fn fours(whole: &[i16; BLOCK_LEN]) -> [[i16; 4]; GROUPS] {
        std::array::from_fn(|group| std::array::from_fn(|i| whole[4 * group + i]))
    }

    fn four(whole: [i16; 4]) -> [i16; 4] {
        whole
    }

    fn nothing() -> [i32; 4] {
        [0; 4]
    }

    fn dot(sums: [i32; 4], group: [i32; 16], four: &[i16; 4]) -> [i32; 4] {
        std::array::from_fn(|row| {
            let products = (0..4).map(|column| group[4 * row + column] * i32::from(four[column]));
            sums[row] + products.sum::<i32>()
        })
    }

    fn total(sums: [i32; 4]) -> [f32; 4] {
        sums.map(|sum| sum as f32)
    }

    fn halves(bits: &[u16; 4]) -> [f32; 4] {
        bits.map(|bits| f16::from_bits(bits).to_f32())
    }

    fn unsigned(bytes: [u8; 4]) -> [f32; 4] {
        bytes.map(f32::from)
    }

    fn signed(bytes: [i8; 4]) -> [f32; 4] {
        bytes.map(f32::from)
    }

    fn quad(xs: &[f32; 4]) -> [f32; 4] {
        *xs
    }

    fn splat(x: f32) -> [f32; 4] {
        [x; 4]
    }

    fn mul(a: [f32; 4], b: [f32; 4]) -> [f32; 4] {
        std::array::from_fn(|i| a[i] * b[i])
    }

    fn mul_add(a: [f32; 4], b: [f32; 4], c: [f32; 4]) -> [f32; 4] {
        std::array::from_fn(|i| a[i] * b[i] + c[i])
    }

    fn to_array(quad: [f32; 4]) -> [f32; 4] {
        quad
    }

    fn octet(xs: &[f32; 8]) -> [f32; 8] {
        *xs
    }

    fn octet_halves(bits: &[u16; 8]) -> [f32; 8] {
        bits.map(|bits| f16::from_bits(bits).to_f32())
    }

    fn octet_brains(bits: &[u16; 8]) -> [f32; 8] {
        bits.map(|bits| f32::from_bits(u32::from(bits) << 16))
    }

    fn octet_splat(x: f32) -> [f32; 8] {
        [x; 8]
    }

    fn octet_mul_add(a: [f32; 8], b: [f32; 8], c: [f32; 8]) -> [f32; 8] {
        std::array::from_fn(|i| a[i] * b[i] + c[i])
    }

    fn octet_div(a: [f32; 8], b: [f32; 8]) -> [f32; 8] {
        std::array::from_fn(|i| a[i] / b[i])
    }

    fn octet_max(a: [f32; 8], b: [f32; 8]) -> [f32; 8] {
        std::array::from_fn(|i| if a[i] > b[i] { a[i] } else { b[i] })
    }

    fn octet_min(a: [f32; 8], b: [f32; 8]) -> [f32; 8] {
        std::array::from_fn(|i| if a[i] < b[i] { a[i] } else { b[i] })
    }

    fn octet_power(x: [f32; 8]) -> [f32; 8] {
        x.map(|x| f32::from_bits(x.to_bits() << MANTISSA_BITS))
    }

    fn octet_to_array(octet: [f32; 8]) -> [f32; 8] {
        octet
    }
}
