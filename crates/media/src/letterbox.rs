//! A picture in the middle of grey, as YOLO networks take it.

use crate::{
    picture::{CHANNELS, Picture},
    preprocess::Pixels,
    resize::{Filter, resize},
};

/// What is around the picture, of 255: the family's value.
const GREY: f32 = 114. / 255.;

/// Where a picture lies in what a network looks at.
#[derive(Clone, Debug, PartialEq)]
pub struct Letterbox {
    /// Width and height of the picture as it was given.
    pub of: [u32; 2],
    /// Width and height of what is looked at: multiples of what was asked for.
    pub size: [u32; 2],
    /// Width and height of the picture in it.
    pub inner: [u32; 2],
    /// Its left and upper side.
    pub at: [u32; 2],
    /// How much larger it is there than it was given.
    pub scale: f64,
}

impl Letterbox {
    /// The longer side of a picture becomes `longest`, itself a multiple of `multiple`; where the shorter one is
    /// none, it is filled up, half of that before it. Fails in words about a picture so narrow that nothing
    /// would be left of it.
    pub fn new(of: [u32; 2], longest: u32, multiple: u32) -> Result<Self, String> {
        let [width, height] = of;
        let scale = f64::from(longest) / f64::from(width.max(height));
        let inner = of.map(|side| (f64::from(side) * scale).round_ties_even() as u32);
        if inner.contains(&0) {
            return Err(format!(
                "a picture of {width} × {height} pixels is too narrow for this model: cut it to a less narrow piece"
            ));
        }
        let size = inner.map(|side| side.next_multiple_of(multiple));
        let at = [0, 1].map(|axis| (size[axis] - inner[axis]) / 2);
        Ok(Self { of, size, inner, at, scale })
    }

    /// The picture as numbers from 0 to 1. A picture that shrinks is smoothed on the way (Pillow's bilinear
    /// filter), as those who use FastSAM shrink it before.
    pub fn pixels(&self, picture: &Picture) -> Pixels {
        let [width, height] = self.size.map(|side| side as usize);
        let inner = resize(picture, self.inner, Filter::Bilinear);
        let mut planes = vec![GREY; CHANNELS * width * height];
        let [left, top] = self.at.map(|side| side as usize);
        for (channel, plane) in planes.chunks_exact_mut(width * height).enumerate() {
            let rows = plane.chunks_exact_mut(width).skip(top);
            for (row, bytes) in rows.zip(inner.rgb.chunks_exact(inner.width as usize * CHANNELS)) {
                let pixels = bytes.chunks_exact(CHANNELS);
                for (number, pixel) in row[left..].iter_mut().zip(pixels) {
                    *number = f32::from(pixel[channel]) / 255.;
                }
            }
        }
        Pixels { width: self.size[0], height: self.size[1], planes }
    }

    /// Left, top, right and bottom in what is looked at, as they are in the picture: not beyond its sides.
    pub fn back(&self, sides: [f32; 4]) -> [f32; 4] {
        [0, 1, 2, 3].map(|i| {
            let (at, most) = (self.at[i % 2] as f32, self.of[i % 2] as f32);
            ((sides[i] - at) / self.scale as f32).clamp(0., most)
        })
    }

    /// Columns and rows of the picture in a map of what is looked at that is `stride` times coarser: the
    /// first of each, and how many.
    pub fn coarse(&self, stride: u32) -> [[usize; 2]; 2] {
        let stride = f64::from(stride);
        [0, 1].map(|axis| {
            let first = (f64::from(self.at[axis]) / stride).round_ties_even();
            let count = (f64::from(self.of[axis]) * self.scale / stride).round_ties_even();
            [first as usize, count.max(1.) as usize]
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn a_picture_lies_in_the_middle_of_grey() {
        let picture = Picture::new(4, 2, vec![255; 24]).unwrap();
        let letterbox = Letterbox::new(picture.size(), 8, 8).unwrap();
        assert_eq!((letterbox.size, letterbox.inner, letterbox.at), ([8, 8], [8, 4], [0, 2]));
        let pixels = letterbox.pixels(&picture);
        let rows: Vec<f32> = pixels.planes.iter().step_by(8).copied().collect();
        assert_eq!(rows[..8], [GREY, GREY, 1., 1., 1., 1., GREY, GREY]);
        assert_eq!(letterbox.back([-1., 2., 6., 9.]), [0., 0., 3., 2.]);
        assert_eq!(letterbox.coarse(2), [[0, 4], [1, 2]]);
    }

    #[test]
    fn of_an_odd_rest_less_is_before_the_picture() {
        let letterbox = Letterbox::new([1000, 701], 1024, 32).unwrap();
        assert_eq!((letterbox.inner, letterbox.size), ([1024, 718], [1024, 736]));
        assert_eq!(Letterbox::new([13, 80], 64, 32).unwrap().at, [11, 0]);
    }

    #[test]
    fn a_picture_of_a_line_is_refused() {
        let told = Letterbox::new([10_000, 1], 1024, 32).unwrap_err();
        assert!(told.contains("too narrow"), "{told}");
    }
}
