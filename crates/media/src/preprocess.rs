//! A picture as a network takes it: what its checkpoint's `preprocessor_config.json` asks for, as the
//! image processors of `transformers` 4.57 do it with Pillow.

mod file;

use std::ops::Range;

use crate::{
    picture::{CHANNELS, Picture},
    resize::{Filter, resize_part},
};

/// Most pixels a network is given: more is a mistake, or a picture of one row that should be 800 high.
const MOST_PIXELS: u64 = 1 << 24;

/// What is done to a picture, in this order.
#[derive(Clone, Debug, PartialEq)]
pub struct Preprocess {
    resize: Option<(Size, Filter)>,
    /// Width and height of the middle that is kept.
    crop: Option<[u32; 2]>,
    /// What becomes of each byte of each channel.
    levels: [Vec<f32>; CHANNELS],
    /// Width and height that are filled up with zeros, to the right and below.
    pad: Option<[u32; 2]>,
}

/// How large a picture becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Size {
    /// Width and height, whatever they were.
    Exact([u32; 2]),
    /// Its shorter side; where the longer one would then be longer than `longest`, that one instead.
    Shortest { edge: u32, longest: Option<u32> },
    /// Its longer side.
    Longest(u32),
    /// The side that changes least becomes this one of width and height, and the other follows, or not;
    /// both become the nearest multiple.
    Multiple { sides: [u32; 2], of: u32, keep: bool },
}

/// A picture as numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Pixels {
    /// Numbers in a row.
    pub width: u32,
    /// Rows of a plane.
    pub height: u32,
    /// `(3, height, width)`: red, green, blue.
    pub planes: Vec<f32>,
}

impl Preprocess {
    /// From the text of `preprocessor_config.json`. The error says what is wrong with the file, or what of
    /// it this build does not have.
    pub fn from_json(json: &[u8]) -> Result<Self, String> {
        file::read(json)
    }

    /// Width and height of what [`Self::pixels`] gives for a picture of this size. Fails in words about
    /// the picture if it cannot be brought into the shape the network takes.
    pub fn size(&self, size: [u32; 2]) -> Result<[u32; 2], String> {
        let resized = self.resized(size)?;
        let kept = self.crop.unwrap_or(resized);
        let full = self.pad.unwrap_or(kept);
        if kept.iter().zip(&full).any(|(kept, full)| kept > full) {
            return Err(unfit(
                size,
                kept,
                &format!("more than the {} × {} there is room for", full[0], full[1]),
            ));
        }
        if u64::from(full[0]) * u64::from(full[1]) > MOST_PIXELS {
            return Err(unfit(size, full, "more than fit: cut it to a less narrow piece"));
        }
        Ok(full)
    }

    /// Width and height of the part of what [`Self::pixels`] gives that shows the picture: the rest is filled
    /// up. Fails as [`Self::size`] does.
    pub fn shown(&self, size: [u32; 2]) -> Result<[u32; 2], String> {
        self.size(size)?;
        Ok(self.crop.unwrap_or(self.resized(size)?))
    }

    /// The picture as numbers. Fails as [`Self::size`] does.
    pub fn pixels(&self, picture: &Picture) -> Result<Pixels, String> {
        let [width, height] = self.size(picture.size())?;
        let resized = self.resized(picture.size())?;
        let kept = self.crop.unwrap_or(resized);
        let [across, down] = [0, 1].map(|axis| Middle::of(resized[axis], kept[axis]));
        // A size that stays as it is comes out of any filter unchanged.
        let filter = self.resize.map_or(Filter::Bilinear, |(_, filter)| filter);
        let part = resize_part(picture, resized, filter, [across.from.clone(), down.from.clone()]);
        let plane_len = width as usize * height as usize;
        let mut planes = vec![0f32; plane_len * CHANNELS];
        for (channel, plane) in planes.chunks_exact_mut(plane_len).enumerate() {
            let levels = &self.levels[channel];
            let rows = plane.chunks_exact_mut(width as usize).take(kept[1] as usize);
            // What is around the middle of a picture smaller than it is black.
            rows.for_each(|row| row[..kept[0] as usize].fill(levels[0]));
            let inner = plane.chunks_exact_mut(width as usize).skip(down.to as usize);
            for (row, bytes) in inner.zip(part.rgb.chunks_exact(part.width as usize * CHANNELS)) {
                let pixels = bytes.chunks_exact(CHANNELS);
                for (number, pixel) in row[across.to as usize..].iter_mut().zip(pixels) {
                    *number = levels[usize::from(pixel[channel])];
                }
            }
        }
        Ok(Pixels { width, height, planes })
    }

    fn resized(&self, size: [u32; 2]) -> Result<[u32; 2], String> {
        let Some((wanted, _)) = self.resize else { return Ok(size) };
        let resized = wanted.of(size);
        match resized.contains(&0) {
            true => Err(unfit(size, resized, "nothing: cut it to a less narrow piece")),
            false => Ok(resized),
        }
    }
}

fn unfit([width, height]: [u32; 2], [wide, high]: [u32; 2], why: &str) -> String {
    format!(
        "a picture of {width} × {height} pixels would become {wide} × {high} for this model, {why}"
    )
}

impl Size {
    /// Width and height of a picture after it is scaled, by the formulas of `transformers`: of CLIP's and
    /// DETR's processors for the shorter side, of SAM's for the longer one, of DPT's for multiples.
    fn of(self, [width, height]: [u32; 2]) -> [u32; 2] {
        let (short, long) = (width.min(height), width.max(height));
        let [short_px, long_px] = [short, long].map(f64::from);
        let sides = |short: f64, long: f64| {
            // Conversions cut off the fraction.
            let [short, long] = [short, long].map(|side| side as u32);
            if width <= height { [short, long] } else { [long, short] }
        };
        match self {
            Self::Exact(size) => size,
            Self::Multiple { sides, of, keep } => {
                let from = [width, height].map(f64::from);
                let [mut across, mut down] = [0, 1].map(|axis| f64::from(sides[axis]) / from[axis]);
                if keep && (1. - across).abs() < (1. - down).abs() {
                    down = across;
                } else if keep {
                    across = down;
                }
                let of = f64::from(of);
                [across * from[0], down * from[1]]
                    .map(|side| ((side / of).round_ties_even() * of) as u32)
            }
            Self::Longest(edge) => {
                let scale = f64::from(edge) / long_px;
                sides(short_px * scale + 0.5, long_px * scale + 0.5)
            }
            Self::Shortest { edge, longest } => {
                let edge = f64::from(edge);
                match longest.map(f64::from).filter(|most| long_px / short_px * edge > *most) {
                    Some(most) => {
                        let exact = most * short_px / long_px;
                        let edge = exact.round_ties_even();
                        let same = edge == short_px;
                        sides(edge, if same { long_px } else { exact * long_px / short_px })
                    }
                    None => sides(edge, edge * long_px / short_px),
                }
            }
        }
    }
}

/// Where the middle of a line comes from, and where it lies in what is kept.
struct Middle {
    from: Range<u32>,
    to: u32,
}

impl Middle {
    /// `kept` of `all` pixels. If there are fewer, what is too much around them is halved, the larger half
    /// before them.
    fn of(all: u32, kept: u32) -> Self {
        match all.checked_sub(kept) {
            Some(more) => Self { from: more / 2..more / 2 + kept, to: 0 },
            None => Self { from: 0..all, to: (kept - all).div_ceil(2) },
        }
    }
}
