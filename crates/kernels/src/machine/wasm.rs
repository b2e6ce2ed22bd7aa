//! Both engines of the browser: `simd128`, and with `relaxed-simd`.
//!
//! `i32x4.relaxed_dot_i8x16_i7x16_add` is defined alike everywhere only while its second operand stays below 128. Above,
//! it has a sign on some machines and none on others, and which is found out here. Where the processor has no such
//! instruction, products of sixteen bits are quicker.
#![expect(unsafe_code, reason = "vector loads")]

use core::{arch::wasm32::*, marker::PhantomData};

use super::{MANTISSA_BITS, Machine, Work};
use crate::{each::each, quants::GROUPS, rounded::BLOCK_LEN};

/// A browser, which multiplies whole numbers as `P` does.
#[derive(Clone, Copy)]
pub(crate) struct Wasm<P>(PhantomData<P>);

/// A way to multiply whole numbers; see [`Machine`].
pub(crate) trait Products: Copy + 'static {
    const WIDE: bool;
    type Group: Copy;
    type Four: Copy + Send + Sync;
    type Sums: Copy;
    fn group<const SIGNED: bool>(bytes: v128) -> Self::Group;
    fn raise() -> u8;
    fn fours(whole: &[i16; BLOCK_LEN]) -> [Self::Four; GROUPS];
    fn four(whole: [i16; 4]) -> Self::Four;
    /// Of the lowest bits of four columns, for four rows.
    fn fours_of(columns: [v128; 4]) -> [Self::Four; 4];
    fn nothing() -> Self::Sums;
    fn dot(sums: Self::Sums, group: Self::Group, four: &Self::Four) -> Self::Sums;
    /// In whole numbers.
    fn total(sums: Self::Sums) -> v128;
}

/// Of sixteen bits, two at once.
#[derive(Clone, Copy)]
pub(crate) struct Pairs;

/// Of eight bits, four at once.
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
    const WIDE: bool = true;
    /// Two rows each.
    type Group = [v128; 2];
    type Four = [i16; 4];
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
    fn raise() -> u8 {
        0
    }

    #[inline(always)]
    fn fours(whole: &[i16; BLOCK_LEN]) -> [[i16; 4]; GROUPS] {
        each(|g| each(|i| whole[4 * g + i]))
    }

    #[inline(always)]
    fn four(whole: [i16; 4]) -> [i16; 4] {
        whole
    }

    #[inline(always)]
    fn fours_of(columns: [v128; 4]) -> [[i16; 4]; 4] {
        let low = [columns[0], columns[2]].map(|xs| v128_and(xs, u32x4_splat(0xffff)));
        let pairs: [v128; 2] = each(|i| v128_or(low[i], i32x4_shl(columns[2 * i + 1], 16)));
        let mut fours = [[0; 4]; 4];
        let to = fours.as_mut_ptr().cast::<v128>();
        // SAFETY: the reference is valid for 32 bytes, and any alignment is allowed.
        unsafe {
            v128_store(to, i32x4_shuffle::<0, 4, 1, 5>(pairs[0], pairs[1]));
            v128_store(to.add(1), i32x4_shuffle::<2, 6, 3, 7>(pairs[0], pairs[1]));
        }
        fours
    }

    #[inline(always)]
    fn nothing() -> [v128; 2] {
        [i32x4_splat(0); 2]
    }

    #[inline(always)]
    fn dot([first, last]: [v128; 2], group: [v128; 2], four: &[i16; 4]) -> [v128; 2] {
        // SAFETY: the reference is valid for 8 bytes, and any alignment is allowed.
        let xs = unsafe { v128_load64_splat(four.as_ptr().cast()) };
        [
            i32x4_add(first, i32x4_dot_i16x8(group[0], xs)),
            i32x4_add(last, i32x4_dot_i16x8(group[1], xs)),
        ]
    }

    #[inline(always)]
    fn total([first, last]: [v128; 2]) -> v128 {
        i32x4_add(
            i32x4_shuffle::<0, 2, 4, 6>(first, last),
            i32x4_shuffle::<1, 3, 5, 7>(first, last),
        )
    }
}

#[cfg(target_feature = "relaxed-simd")]
impl Products for Fours {
    const WIDE: bool = false;
    type Group = v128;
    /// Side by side.
    type Four = [u8; 4];
    type Sums = v128;

    #[inline(always)]
    fn group<const SIGNED: bool>(bytes: v128) -> v128 {
        if SIGNED { u8x16_add(bytes, u8x16_splat(Self::raise())) } else { bytes }
    }

    #[inline(always)]
    fn raise() -> u8 {
        let (one, above) = (i8x16_splat(1), u8x16_splat(128));
        let sums = i32x4_relaxed_dot_i8x16_i7x16_add(one, above, i32x4_splat(0));
        if i32x4_extract_lane::<0>(sums) > 0 { 128 } else { 0 }
    }

    #[inline(always)]
    fn fours(whole: &[i16; BLOCK_LEN]) -> [[u8; 4]; GROUPS] {
        let mut fours = [[0; 4]; GROUPS];
        for (eight, whole) in fours.as_chunks_mut::<4>().0.iter_mut().zip(whole.as_chunks::<16>().0)
        {
            // SAFETY: references are valid for 32 bytes and for 16, and any alignment is allowed.
            unsafe {
                let from = whole.as_ptr().cast::<v128>();
                let bytes = [v128_load(from), v128_load(from.add(1))]
                    .map(|xs| v128_and(xs, u16x8_splat(0xff)));
                v128_store(eight.as_mut_ptr().cast(), u8x16_narrow_i16x8(bytes[0], bytes[1]));
            }
        }
        fours
    }

    #[inline(always)]
    fn four(whole: [i16; 4]) -> [u8; 4] {
        whole.map(|whole| whole as u8)
    }

    #[inline(always)]
    fn fours_of(columns: [v128; 4]) -> [[u8; 4]; 4] {
        let low = [columns[0], columns[1], columns[2]].map(|xs| v128_and(xs, u32x4_splat(0xff)));
        let pairs = [
            v128_or(low[0], i32x4_shl(low[1], 8)),
            v128_or(i32x4_shl(low[2], 16), i32x4_shl(columns[3], 24)),
        ];
        let mut fours = [[0; 4]; 4];
        // SAFETY: the reference is valid for 16 bytes, and any alignment is allowed.
        unsafe { v128_store(fours.as_mut_ptr().cast(), v128_or(pairs[0], pairs[1])) };
        fours
    }

    #[inline(always)]
    fn nothing() -> v128 {
        i32x4_splat(0)
    }

    #[inline(always)]
    fn dot(sums: v128, group: v128, four: &[u8; 4]) -> v128 {
        // SAFETY: the reference is valid for 4 bytes, and any alignment is allowed.
        let xs = unsafe { v128_load32_splat(four.as_ptr().cast()) };
        i32x4_relaxed_dot_i8x16_i7x16_add(xs, group, sums)
    }

    #[inline(always)]
    fn total(sums: v128) -> v128 {
        sums
    }
}

impl<P: Products> Machine for Wasm<P> {
    const WIDE: bool = P::WIDE;
    type Bytes = v128;
    type Group = P::Group;
    type Four = P::Four;
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
    fn raise() -> u8 {
        P::raise()
    }

    #[inline(always)]
    fn fours(whole: &[i16; BLOCK_LEN]) -> [P::Four; GROUPS] {
        P::fours(whole)
    }

    #[inline(always)]
    fn four(whole: [i16; 4]) -> P::Four {
        P::four(whole)
    }

    #[inline(always)]
    fn fours_of(columns: [[v128; 2]; 4]) -> [[P::Four; 4]; 2] {
        each(|panel| P::fours_of(columns.map(|column| column[panel])))
    }

    #[inline(always)]
    fn nothing() -> P::Sums {
        P::nothing()
    }

    #[inline(always)]
    fn dot(sums: P::Sums, group: P::Group, four: &P::Four) -> P::Sums {
        P::dot(sums, group, four)
    }

    #[inline(always)]
    fn total(sums: P::Sums) -> v128 {
        f32x4_convert_i32x4(P::total(sums))
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
    fn quad(xs: &[f32; 4]) -> v128 {
        // SAFETY: the reference is valid for 16 bytes, and any alignment is allowed.
        unsafe { v128_load(xs.as_ptr().cast()) }
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
    fn turned([a, b, c, d]: [v128; 4]) -> [v128; 4] {
        let [low, high] = [
            [i32x4_shuffle::<0, 4, 1, 5>(a, b), i32x4_shuffle::<0, 4, 1, 5>(c, d)],
            [i32x4_shuffle::<2, 6, 3, 7>(a, b), i32x4_shuffle::<2, 6, 3, 7>(c, d)],
        ];
        [
            i64x2_shuffle::<0, 2>(low[0], low[1]),
            i64x2_shuffle::<1, 3>(low[0], low[1]),
            i64x2_shuffle::<0, 2>(high[0], high[1]),
            i64x2_shuffle::<1, 3>(high[0], high[1]),
        ]
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
    fn octet_div(a: [v128; 2], b: [v128; 2]) -> [v128; 2] {
        each(|i| f32x4_div(a[i], b[i]))
    }

    #[inline(always)]
    fn octet_max(a: [v128; 2], b: [v128; 2]) -> [v128; 2] {
        each(|i| f32x4_pmax(b[i], a[i]))
    }

    #[inline(always)]
    fn octet_min(a: [v128; 2], b: [v128; 2]) -> [v128; 2] {
        each(|i| f32x4_pmin(b[i], a[i]))
    }

    #[inline(always)]
    fn octet_power(x: [v128; 2]) -> [v128; 2] {
        x.map(|x| i32x4_shl(x, MANTISSA_BITS))
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
