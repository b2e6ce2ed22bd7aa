//! AVX2, and the same with the products of 16 bits added in one instruction.
#![expect(unsafe_code, reason = "vector instructions")]

use core::arch::x86_64::*;

use super::{MANTISSA_BITS, Machine, Scalar, Work};
use crate::{quants::GROUPS, rounded::BLOCK_LEN};

/// Runs `work` on what this processor has.
pub(super) fn run<W: Work>(work: W) -> W::Output {
    if is_x86_feature_detected!("avx512vnni") && is_x86_feature_detected!("avx512vl") && has_avx2()
    {
        X86::<true>::enter(work)
    } else {
        without_vnni(work)
    }
}

/// The same for what older processors have.
pub(super) fn without_vnni<W: Work>(work: W) -> W::Output {
    if has_avx2() { X86::<false>::enter(work) } else { Scalar::enter(work) }
}

fn has_avx2() -> bool {
    is_x86_feature_detected!("avx2")
        && is_x86_feature_detected!("fma")
        && is_x86_feature_detected!("f16c")
}

#[target_feature(enable = "avx2,fma,f16c,avx512vnni,avx512vl")]
fn with_vnni<W: Work>(work: W) -> W::Output {
    work.run::<X86<true>>()
}

#[target_feature(enable = "avx2,fma,f16c")]
fn with_avx2<W: Work>(work: W) -> W::Output {
    work.run::<X86<false>>()
}

/// A processor with AVX2, FMA and F16C, and perhaps VNNI.
#[derive(Clone, Copy)]
struct X86<const VNNI: bool>;

// SAFETY of every block below: `run` found the instructions, and references are valid for what is read.
impl<const VNNI: bool> Machine for X86<VNNI> {
    type Bytes = __m128i;
    /// As 16 bits.
    type Group = __m256i;
    type Four = [i16; 4];
    /// Two for each row.
    type Sums = __m256i;
    type Quad = __m128;
    type Octet = __m256;

    #[inline(always)]
    fn load(bytes: &[u8; 16]) -> __m128i {
        unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) }
    }

    #[inline(always)]
    fn and(bytes: __m128i, mask: u8) -> __m128i {
        unsafe { _mm_and_si128(bytes, _mm_set1_epi8(mask.cast_signed())) }
    }

    #[inline(always)]
    fn or(a: __m128i, b: __m128i) -> __m128i {
        unsafe { _mm_or_si128(a, b) }
    }

    #[inline(always)]
    fn moved(bytes: __m128i, by: i32) -> __m128i {
        unsafe {
            let count = _mm_cvtsi32_si128(by.abs());
            if by < 0 { _mm_srl_epi16(bytes, count) } else { _mm_sll_epi16(bytes, count) }
        }
    }

    #[inline(always)]
    fn group<const SIGNED: bool>(bytes: __m128i) -> __m256i {
        unsafe { if SIGNED { _mm256_cvtepi8_epi16(bytes) } else { _mm256_cvtepu8_epi16(bytes) } }
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
    fn nothing() -> __m256i {
        unsafe { _mm256_setzero_si256() }
    }

    #[inline(always)]
    fn dot(sums: __m256i, group: __m256i, four: &[i16; 4]) -> __m256i {
        unsafe {
            let xs = _mm256_broadcastq_epi64(_mm_loadl_epi64(four.as_ptr().cast()));
            if VNNI {
                _mm256_dpwssd_epi32(sums, group, xs)
            } else {
                _mm256_add_epi32(sums, _mm256_madd_epi16(group, xs))
            }
        }
    }

    #[inline(always)]
    fn total(sums: __m256i) -> __m128 {
        unsafe {
            let (low, high) = (_mm256_castsi256_si128(sums), _mm256_extracti128_si256::<1>(sums));
            _mm_cvtepi32_ps(_mm_hadd_epi32(low, high))
        }
    }

    #[inline(always)]
    fn halves(bits: &[u16; 4]) -> __m128 {
        unsafe { _mm_cvtph_ps(_mm_loadl_epi64(bits.as_ptr().cast())) }
    }

    #[inline(always)]
    fn unsigned(bytes: [u8; 4]) -> __m128 {
        unsafe { _mm_cvtepi32_ps(_mm_cvtepu8_epi32(_mm_cvtsi32_si128(i32::from_le_bytes(bytes)))) }
    }

    #[inline(always)]
    fn signed(bytes: [i8; 4]) -> __m128 {
        let bytes = i32::from_le_bytes(bytes.map(i8::cast_unsigned));
        unsafe { _mm_cvtepi32_ps(_mm_cvtepi8_epi32(_mm_cvtsi32_si128(bytes))) }
    }

    #[inline(always)]
    fn quad(xs: &[f32; 4]) -> __m128 {
        unsafe { _mm_loadu_ps(xs.as_ptr()) }
    }

    #[inline(always)]
    fn splat(x: f32) -> __m128 {
        unsafe { _mm_set1_ps(x) }
    }

    #[inline(always)]
    fn mul(a: __m128, b: __m128) -> __m128 {
        unsafe { _mm_mul_ps(a, b) }
    }

    #[inline(always)]
    fn mul_add(a: __m128, b: __m128, c: __m128) -> __m128 {
        unsafe { _mm_fmadd_ps(a, b, c) }
    }

    #[inline(always)]
    fn to_array(quad: __m128) -> [f32; 4] {
        let mut floats = [0.; 4];
        unsafe { _mm_storeu_ps(floats.as_mut_ptr(), quad) };
        floats
    }

    #[inline(always)]
    fn octet(xs: &[f32; 8]) -> __m256 {
        unsafe { _mm256_loadu_ps(xs.as_ptr()) }
    }

    #[inline(always)]
    fn octet_halves(bits: &[u16; 8]) -> __m256 {
        unsafe { _mm256_cvtph_ps(_mm_loadu_si128(bits.as_ptr().cast())) }
    }

    #[inline(always)]
    fn octet_brains(bits: &[u16; 8]) -> __m256 {
        unsafe {
            let ints = _mm256_cvtepu16_epi32(_mm_loadu_si128(bits.as_ptr().cast()));
            _mm256_castsi256_ps(_mm256_slli_epi32::<16>(ints))
        }
    }

    #[inline(always)]
    fn octet_splat(x: f32) -> __m256 {
        unsafe { _mm256_set1_ps(x) }
    }

    #[inline(always)]
    fn octet_mul_add(a: __m256, b: __m256, c: __m256) -> __m256 {
        unsafe { _mm256_fmadd_ps(a, b, c) }
    }

    #[inline(always)]
    fn octet_div(a: __m256, b: __m256) -> __m256 {
        unsafe { _mm256_div_ps(a, b) }
    }

    #[inline(always)]
    fn octet_max(a: __m256, b: __m256) -> __m256 {
        unsafe { _mm256_max_ps(a, b) }
    }

    #[inline(always)]
    fn octet_min(a: __m256, b: __m256) -> __m256 {
        unsafe { _mm256_min_ps(a, b) }
    }

    #[inline(always)]
    fn octet_power(x: __m256) -> __m256 {
        const BY: i32 = MANTISSA_BITS.cast_signed();
        unsafe { _mm256_castsi256_ps(_mm256_slli_epi32::<BY>(_mm256_castps_si256(x))) }
    }

    #[inline(always)]
    fn octet_to_array(octet: __m256) -> [f32; 8] {
        let mut floats = [0.; 8];
        unsafe { _mm256_storeu_ps(floats.as_mut_ptr(), octet) };
        floats
    }

    fn enter<W: Work>(work: W) -> W::Output {
        // A work that was entered came through `run`, which looked what this processor has.
        if VNNI { unsafe { with_vnni(work) } } else { unsafe { with_avx2(work) } }
    }
}
