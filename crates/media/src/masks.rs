//! Masks as SAM gives them, small and of a square that is only partly the picture, as masks of the picture: what
//! `transformers`' SamImageProcessor does after the network, 4.57.
//!
//! As in [`outlines`](crate::outlines), a mask is its runs.

use crate::outlines::{Runs, between};

/// How much higher and lower the threshold is set to see whether a mask depends on it.
const STABILITY_OFFSET: f32 = 1.;

/// How a picture lies in the square that a network saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Pixels to each side of the square.
    pub side: u32,
    /// Width and height of the picture in its left upper corner.
    pub shown: [u32; 2],
    /// Width and height of the picture as it was given.
    pub size: [u32; 2],
}

/// A mask of the picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Outline {
    /// Where the network's numbers are above zero.
    pub runs: Vec<u32>,
    /// The pixels above one, in parts of those above minus one: near 1 if the outline is sharp. Not a number if
    /// there are neither.
    pub stability: f32,
}

/// Numbers `(side, side)` over the whole square as a mask of the picture, interpolated twice as the reference
/// does it: to the square's pixels, then to the picture's. `None` if there are not so many numbers, or a side is 0.
pub fn outline(numbers: &[f32], side: usize, frame: Frame) -> Option<Outline> {
    let [[shown_width, shown_height], [width, height]] =
        [frame.shown, frame.size].map(|sides| sides.map(|side| side as usize));
    let square = frame.side as usize;
    let whole = [side, square, shown_width, shown_height, width, height].iter().all(|n| *n > 0);
    if !whole || numbers.len() != side * side || shown_width.max(shown_height) > square {
        return None;
    }
    let squared: Vec<_> = (0..shown_width).map(|x| between(x, side, square)).collect();
    let across: Vec<_> = (0..width).map(|x| between(x, shown_width, width)).collect();
    let stretched = |y: usize| {
        let (above, below, weight) = between(y, side, square);
        let mixed = mix(&numbers[above * side..][..side], &numbers[below * side..][..side], weight);
        taken(&taken(&mixed, &squared), &across)
    };
    let (mut runs, mut surely, mut perhaps) = (Runs::default(), 0u64, 0u64);
    let mut rows: [(usize, Vec<f32>); 2] = [0, 0].map(|_| (usize::MAX, Vec::new()));
    for y in 0..height {
        let (above, below, weight) = between(y, shown_height, height);
        // Two neighbours lie in the two places, whichever comes first.
        for row in [above, below] {
            let place = &mut rows[row % 2];
            if place.0 != row {
                *place = (row, stretched(row));
            }
        }
        for number in mix(&rows[above % 2].1, &rows[below % 2].1, weight) {
            surely += u64::from(number > STABILITY_OFFSET);
            perhaps += u64::from(number > -STABILITY_OFFSET);
            runs.add(1, number > 0.);
        }
    }
    Some(Outline { runs: runs.0, stability: surely as f32 / perhaps as f32 })
}

/// Between two rows, `weight` of the second.
fn mix(one: &[f32], other: &[f32], weight: f32) -> Vec<f32> {
    one.iter().zip(other).map(|(a, b)| a * (1. - weight) + b * weight).collect()
}

/// A row with other places.
fn taken(row: &[f32], places: &[(usize, usize, f32)]) -> Vec<f32> {
    places
        .iter()
        .map(|&(before, after, weight)| row[before] * (1. - weight) + row[after] * weight)
        .collect()
}

/// Points `(x, y)` in the middle of `per_side * per_side` equal parts of a picture, row by row.
pub fn grid(per_side: u8, [width, height]: [u32; 2]) -> Vec<[f32; 2]> {
    let middle = |at: u8, length: u32| (f32::from(at) + 0.5) / f32::from(per_side) * length as f32;
    let places = (0..per_side).flat_map(|y| (0..per_side).map(move |x| (x, y)));
    places.map(|(x, y)| [middle(x, width), middle(y, height)]).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use serde_json::Value;

    use super::*;
    use crate::outlines::{around, pixels};

    /// See `tests/golden/sam.py`.
    #[test]
    fn masks_are_those_of_the_reference() {
        let cases: Vec<Value> =
            serde_json::from_str(include_str!("../../../tests/golden/sam/masks.json")).unwrap();
        for case in &cases {
            fn of<T: for<'a> serde::Deserialize<'a>>(value: &Value) -> T {
                serde_json::from_value(value.clone()).unwrap()
            }
            let frame = Frame {
                side: of(&case["square"]),
                shown: of(&case["shown"]),
                size: of(&case["size"]),
            };
            let numbers: Vec<f32> = of(&case["numbers"]);
            let got = outline(&numbers, of(&case["side"]), frame).unwrap();
            assert_eq!(got.runs, of::<Vec<u32>>(&case["runs"]), "{frame:?}");
            let stability: f32 = of(&case["stability"]);
            assert!((got.stability - stability).abs() < 1e-6, "{frame:?}: {}", got.stability);
            let area: [u32; 4] = of(&case["area"]);
            let [left, top, right, bottom] = around(&got.runs, frame.size[0]).unwrap();
            // The reference names the last pixel, not the one after it.
            assert_eq!([left, top, right - 1, bottom - 1], area);
            assert_eq!(pixels(&got.runs), of::<u32>(&case["pixels"]));
        }
        assert_eq!(cases.len(), 4);
    }

    #[test]
    fn a_grid_lies_in_the_middle_of_equal_parts() {
        assert_eq!(grid(2, [8, 4]), [[2., 1.], [6., 1.], [2., 3.], [6., 3.]]);
        assert_eq!(grid(0, [8, 4]), [[0.; 2]; 0]);
    }

    #[test]
    fn what_is_no_mask_is_none() {
        let frame = Frame { side: 4, shown: [4, 2], size: [8, 4] };
        assert_eq!(outline(&[1.; 4], 2, frame).unwrap().runs, [0, 32]);
        assert!(outline(&[-9.; 4], 2, frame).unwrap().stability.is_nan());
        assert_eq!(outline(&[1.; 3], 2, frame), None);
        assert_eq!(outline(&[1.; 4], 2, Frame { shown: [5, 2], ..frame }), None);
        assert_eq!(outline(&[1.; 4], 2, Frame { size: [0, 4], ..frame }), None);
    }
}
