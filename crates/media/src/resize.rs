//! Pictures in another size, byte for byte as Pillow makes them: `ImagingResample` of
//! `src/libImaging/Resample.c` at 13.0.0.
//!
//! Along rows and along columns, each pixel is a weighted mean of all that the filter reaches when it is
//! stretched over those that become one; rounded to bytes in between.

use std::{f64::consts::PI, ops::Range};

use crate::picture::{CHANNELS, Picture};

/// Bits of a weight after the point: 8 of 32 are the byte's, two are left for sums past it.
const PRECISION_BITS: u32 = 32 - 8 - 2;

/// How a pixel weighs those around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filter {
    /// A triangle over two pixels.
    Bilinear,
    /// A cubic over four pixels, with a = -0.5.
    Bicubic,
    /// A windowed sine over six pixels.
    Lanczos,
}

impl Filter {
    /// Pixels it reaches to each side.
    fn support(self) -> f64 {
        match self {
            Self::Bilinear => 1.,
            Self::Bicubic => 2.,
            Self::Lanczos => 3.,
        }
    }

    fn weight(self, x: f64) -> f64 {
        const A: f64 = -0.5;
        let distance = x.abs();
        match self {
            Self::Bilinear if distance < 1. => 1. - distance,
            Self::Bicubic if distance < 1. => {
                ((A + 2.) * distance - (A + 3.)) * distance * distance + 1.
            }
            Self::Bicubic if distance < 2. => {
                (((distance - 5.) * distance + 8.) * distance - 4.) * A
            }
            Self::Lanczos if (-3. ..3.).contains(&x) => sinc(x) * sinc(x / 3.),
            _ => 0.,
        }
    }
}

fn sinc(x: f64) -> f64 {
    if x == 0. { 1. } else { (x * PI).sin() / (x * PI) }
}

/// A picture as wide and high as asked for. Neither side may be 0.
pub fn resize(picture: &Picture, [width, height]: [u32; 2], filter: Filter) -> Picture {
    resize_part(picture, [width, height], filter, [0..width, 0..height])
}

/// A part of the picture that [`resize`] gives: columns and rows of it, at least one of each.
pub(crate) fn resize_part(
    picture: &Picture,
    [width, height]: [u32; 2],
    filter: Filter,
    [columns, rows]: [Range<u32>; 2],
) -> Picture {
    let side = [columns.end - columns.start, rows.end - rows.start];
    let across = Taps::new(picture.width, width, columns, filter);
    let down = Taps::new(picture.height, height, rows, filter);
    let row_bytes = picture.width as usize * CHANNELS;
    let rgb = match rows_first(picture.size(), [width, height]) {
        true => {
            let needed = down.reach();
            let own = &picture.rgb[needed.start * row_bytes..needed.end * row_bytes];
            let narrow = narrowed(own, row_bytes, &across);
            lowered(&narrow, across.0.len() * CHANNELS, &down, needed.start)
        }
        false => narrowed(&lowered(&picture.rgb, row_bytes, &down, 0), row_bytes, &across),
    };
    Picture { width: side[0], height: side[1], rgb }
}

/// Columns come first where the height shrinks by more than twice the pixels that the width does. Pillow
/// before 13 always began with the rows; the two differ by the rounding in between.
fn rows_first(from: [u32; 2], to: [u32; 2]) -> bool {
    let [narrower, lower] = [0, 1].map(|axis| i64::from(from[axis]) - i64::from(to[axis]));
    !(lower > 0 && lower > 2 * narrower)
}

/// For each pixel of a line: the first pixel it is made of, and the weights of those from there on.
struct Taps(Vec<(usize, Vec<i32>)>);

impl Taps {
    /// Of the pixels `part` when a line of `from` pixels becomes one of `to`.
    fn new(from: u32, to: u32, part: Range<u32>, filter: Filter) -> Self {
        let scale = f64::from(from) / f64::from(to);
        let stretched = scale.max(1.);
        let support = filter.support() * stretched;
        let tap = |pixel: u32| {
            let centre = (f64::from(pixel) + 0.5) * scale;
            // Conversions cut off the fraction, and give 0 for what is below it.
            let first = (centre - support + 0.5) as u32;
            let end = ((centre + support + 0.5) as u32).min(from);
            let weight = |at: u32| filter.weight((f64::from(at) - centre + 0.5) * (1. / stretched));
            let weights: Vec<f64> = (first..end).map(weight).collect();
            let sum: f64 = weights.iter().sum();
            let fixed = |weight: f64| {
                let share = if sum == 0. { weight } else { weight / sum };
                let scaled = share * f64::from(1 << PRECISION_BITS);
                (if share < 0. { scaled - 0.5 } else { scaled + 0.5 }) as i32
            };
            (first as usize, weights.into_iter().map(fixed).collect())
        };
        Self(part.map(tap).collect())
    }

    /// The pixels that any of these is made of.
    fn reach(&self) -> Range<usize> {
        let first = self.0.iter().map(|(first, _)| *first).min().unwrap_or(0);
        let end = self.0.iter().map(|(first, weights)| first + weights.len()).max().unwrap_or(0);
        first..end
    }
}

/// A sum of weighted bytes as a byte.
fn rounded(sum: i32) -> u8 {
    (sum >> PRECISION_BITS).clamp(0, 255) as u8
}

const HALF: i32 = 1 << (PRECISION_BITS - 1);

/// Rows of `row_bytes` to as many, each with a pixel for each tap.
fn narrowed(rows: &[u8], row_bytes: usize, taps: &Taps) -> Vec<u8> {
    let mut out = Vec::with_capacity(rows.len() / row_bytes * taps.0.len() * CHANNELS);
    for row in rows.chunks_exact(row_bytes) {
        for (first, weights) in &taps.0 {
            let mut sums = [HALF; CHANNELS];
            let pixels = row[first * CHANNELS..].chunks_exact(CHANNELS);
            for (pixel, weight) in pixels.zip(weights) {
                for (sum, byte) in sums.iter_mut().zip(pixel) {
                    *sum += i32::from(*byte) * weight;
                }
            }
            out.extend(sums.map(rounded));
        }
    }
    out
}

/// Rows of `row_bytes`, the first of which is row `first_row` of the picture, to one for each tap.
fn lowered(rows: &[u8], row_bytes: usize, taps: &Taps, first_row: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(taps.0.len() * row_bytes);
    let mut sums = vec![0; row_bytes];
    for (first, weights) in &taps.0 {
        sums.fill(HALF);
        let own = rows[(first - first_row) * row_bytes..].chunks_exact(row_bytes);
        for (row, weight) in own.zip(weights) {
            for (sum, byte) in sums.iter_mut().zip(row) {
                *sum += i32::from(*byte) * weight;
            }
        }
        out.extend(sums.iter().copied().map(rounded));
    }
    out
}
