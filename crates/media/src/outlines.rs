//! Things that a network has outlined: which of them are the same, their masks, and what is meant by a point
//! or a rectangle.
//!
//! A mask here is its runs: lengths along rows from the left upper corner, alternately outside and inside,
//! the first outside.

use std::cmp::Ordering;

/// The part that two rectangles (left, top, right, bottom) share: intersection over union.
fn shared(one: &[f32; 4], other: &[f32; 4]) -> f32 {
    let area = |[left, top, right, bottom]: &[f32; 4]| (right - left) * (bottom - top);
    let across = (one[2].min(other[2]) - one[0].max(other[0])).max(0.);
    let down = (one[3].min(other[3]) - one[1].max(other[1])).max(0.);
    let both = across * down;
    both / (area(one) + area(other) - both)
}

/// The numbers of the rectangles that are kept, the surest first and `most` of them: those that share more
/// than `most_overlap` with a surer one of their kind are the same thing. Equally sure ones stay in order.
pub fn distinct(
    boxes: &[[f32; 4]],
    scores: &[f32],
    kinds: &[usize],
    (most_overlap, most): (f32, usize),
) -> Vec<usize> {
    let count = boxes.len().min(scores.len()).min(kinds.len());
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by(|a, b| scores[*b].partial_cmp(&scores[*a]).unwrap_or(Ordering::Equal));
    let mut kept: Vec<usize> = Vec::new();
    for at in order {
        if kept.len() == most {
            break;
        }
        let same = |surer: &usize| {
            kinds[*surer] == kinds[at] && shared(&boxes[*surer], &boxes[at]) > most_overlap
        };
        if !kept.iter().any(same) {
            kept.push(at);
        }
    }
    kept
}

/// A coarse map of a picture: above zero inside of a thing.
pub struct Map {
    /// `(rows, columns)`.
    pub numbers: Vec<f32>,
    /// Its rows.
    pub rows: usize,
    /// Numbers in a row.
    pub columns: usize,
}

/// Where a line of a map is asked for: the two numbers around it, and the weight of the second.
pub(crate) fn between(at: usize, from: usize, to: usize) -> (usize, usize, f32) {
    let place = ((at as f32 + 0.5) * (from as f32 / to as f32) - 0.5).max(0.);
    let first = (place as usize).min(from - 1);
    (first, (first + 1).min(from - 1), place - first as f32)
}

impl Map {
    /// The mask of a picture `width` wide and `height` high: where the map, laid over it and interpolated
    /// between its numbers, is above zero, in the rectangle `[left, top, right, bottom]`.
    pub fn mask(&self, [width, height]: [u32; 2], sides: [f32; 4]) -> Vec<u32> {
        let Self { numbers, rows, columns } = self;
        let (width, height) = (width as usize, height as usize);
        let mut runs = Runs::default();
        let fits = numbers.len() == rows * columns && !numbers.is_empty();
        let [left, top, right, bottom] = sides.map(|side| side.max(0.).ceil() as usize);
        let (right, bottom) = (right.min(width), bottom.min(height));
        if !fits || left >= right || top >= bottom {
            runs.add(width * height, false);
            return runs.0;
        }
        let across: Vec<_> = (left..right).map(|x| between(x, *columns, width)).collect();
        runs.add(top * width, false);
        for y in top..bottom {
            let (above, below, weight) = between(y, *rows, height);
            let [above, below] = [above, below].map(|row| &numbers[row * columns..][..*columns]);
            runs.add(left, false);
            for (before, after, along) in &across {
                let on = |row: &[f32]| row[*before] * (1. - along) + row[*after] * along;
                runs.add(1, on(above) * (1. - weight) + on(below) * weight > 0.);
            }
            runs.add(width - right, false);
        }
        runs.add((height - bottom) * width, false);
        runs.0
    }
}

/// Runs that grow.
#[derive(Default)]
pub(crate) struct Runs(pub(crate) Vec<u32>);

impl Runs {
    pub(crate) fn add(&mut self, count: usize, inside: bool) {
        if count == 0 {
            return;
        }
        // Even places are outside.
        let ends_inside = self.0.len().is_multiple_of(2);
        match self.0.last_mut() {
            Some(last) if ends_inside == inside => *last += count as u32,
            Some(_) => self.0.push(count as u32),
            None if inside => self.0.extend([0, count as u32]),
            None => self.0.push(count as u32),
        }
    }
}

/// The stretches that are inside: the first pixel and the one after the last.
fn stretches(runs: &[u32]) -> impl Iterator<Item = [usize; 2]> {
    let mut at = 0;
    runs.chunks(2).filter_map(move |pair| {
        let begin = at + pair[0] as usize;
        at = begin + pair.get(1).copied().unwrap_or(0) as usize;
        (at > begin).then_some([begin, at])
    })
}

/// Pixels inside.
pub fn pixels(runs: &[u32]) -> u32 {
    runs.iter().skip(1).step_by(2).sum()
}

/// Left, top, right and bottom of what is inside of a mask of rows of `width`; `None` if nothing is.
pub fn around(runs: &[u32], width: u32) -> Option<[u32; 4]> {
    let width = width as usize;
    let mut around: Option<[usize; 4]> = None;
    for [begin, end] in stretches(runs) {
        let (top, last) = (begin / width, (end - 1) / width);
        let one_row = top == last;
        let left = if one_row { begin % width } else { 0 };
        let right = if one_row { (end - 1) % width + 1 } else { width };
        let mine = [left, top, right, last + 1];
        around = Some(around.map_or(mine, |[a, b, c, d]| {
            [a.min(mine[0]), b.min(mine[1]), c.max(mine[2]), d.max(mine[3])]
        }));
    }
    around.map(|sides| sides.map(|side| side as u32))
}

/// A place in a picture, and whether it is in the thing that is meant.
pub type Point = ([u32; 2], bool);

/// What is meant by points, as FastSAM reads them: on a sheet that begins as `base` (no pixel, if it is
/// `None`), each mask that covers a point paints its pixels, inside if the point is in the thing and outside
/// if it is not, the largest mask first, so that smaller ones have the last word.
pub fn painted(
    masks: &[&[u32]],
    [width, height]: [u32; 2],
    points: &[Point],
    base: Option<&[u32]>,
) -> Vec<u32> {
    let mut sheet = vec![false; width as usize * height as usize];
    let mut paint = |runs: &[u32], inside: bool| {
        for [begin, end] in stretches(runs) {
            if let Some(pixels) = sheet.get_mut(begin..end) {
                pixels.fill(inside);
            }
        }
    };
    if let Some(base) = base {
        paint(base, true);
    }
    let mut order: Vec<&&[u32]> = masks.iter().collect();
    order.sort_by_key(|runs| std::cmp::Reverse(pixels(runs)));
    for runs in order {
        for ([x, y], inside) in points {
            if covers(runs, width, [*x, *y]) {
                paint(runs, *inside);
            }
        }
    }
    let mut runs = Runs::default();
    sheet.chunk_by(|a, b| a == b).for_each(|run| runs.add(run.len(), run[0]));
    runs.0
}

/// Whether a mask of rows of `width` has this pixel.
pub fn covers(runs: &[u32], width: u32, [x, y]: [u32; 2]) -> bool {
    let at = y as usize * width as usize + x as usize;
    x < width && stretches(runs).any(|[begin, end]| (begin..end).contains(&at))
}

/// The number of the mask that shares most with a rectangle (left, top, right, bottom), whose sides are
/// rounded and not beyond the picture's; `None` if none shares a pixel. Ties go to the first.
pub fn fitting(masks: &[&[u32]], [width, height]: [u32; 2], sides: [f32; 4]) -> Option<usize> {
    let limits = [width, height, width, height];
    let side = |i: usize| sides[i].round_ties_even().clamp(0., limits[i] as f32) as usize;
    let [left, top, right, bottom] = [0, 1, 2, 3].map(side);
    let width = width as usize;
    let area = right.saturating_sub(left) * bottom.saturating_sub(top);
    let share = |runs: &&[u32]| {
        let mut both = 0;
        for [begin, end] in stretches(runs) {
            for row in (begin / width).max(top)..((end - 1) / width + 1).min(bottom) {
                let from = begin.max(row * width + left);
                both += end.min(row * width + right).saturating_sub(from);
            }
        }
        both as f32 / (area + pixels(runs) as usize - both).max(1) as f32
    };
    let shares = masks.iter().map(share).enumerate();
    let best = shares.reduce(|best, next| if next.1 > best.1 { next } else { best });
    best.filter(|(_, share)| *share > 0.).map(|(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs of rows in which `#` is inside.
    fn drawn(rows: &[&str]) -> Vec<u32> {
        let mut runs = Runs::default();
        rows.iter().flat_map(|row| row.chars()).for_each(|pixel| runs.add(1, pixel == '#'));
        runs.0
    }

    #[test]
    fn a_map_is_interpolated_inside_of_a_rectangle() {
        let map = Map { numbers: vec![-1., 1., -1., 1.], rows: 2, columns: 2 };
        let want = drawn(&["......", "...##.", "......"]);
        assert_eq!(map.mask([6, 3], [0., 1., 4.6, 2.]), want);
        assert_eq!(map.mask([6, 3], [1.2, 0., 9., 9.]), drawn(&["...###"; 3]));
        assert_eq!(map.mask([6, 3], [4., 1., 4., 2.]), [18]);
        assert_eq!(map.mask([6, 3], [f32::NAN; 4]), [18]);
    }

    #[test]
    fn smaller_masks_have_the_last_word() {
        let large = drawn(&["####", "####", "####"]);
        let small = drawn(&["....", ".##.", "...."]);
        let masks = [&small[..], &large];
        let check = |points: &[Point], base: Option<&[u32]>, want: &[&str]| {
            assert_eq!(painted(&masks, [4, 3], points, base), drawn(want), "{points:?}");
        };
        check(&[([0, 0], true)], None, &["####", "####", "####"]);
        check(&[([1, 1], true)], None, &["####", "####", "####"]);
        check(&[([0, 0], true), ([1, 1], false)], None, &["....", "....", "...."]);
        check(&[([1, 1], false), ([0, 0], true)], None, &["####", "#..#", "####"]);
        check(&[], Some(&small), &["....", ".##.", "...."]);
        check(&[([9, 9], true)], None, &["....", "....", "...."]);
    }

    #[test]
    fn a_rectangle_means_the_mask_that_fills_it() {
        let large = drawn(&["####", "####", "####"]);
        let small = drawn(&["....", ".##.", "...."]);
        let masks = [&large[..], &small];
        assert_eq!(fitting(&masks, [4, 3], [0.6, 0.9, 3.2, 2.1]), Some(1));
        assert_eq!(fitting(&masks, [4, 3], [-9., -9., 90., 90.]), Some(0));
        assert_eq!(fitting(&masks[1..], [4, 3], [0., 0., 4., 1.]), None);
        assert_eq!(fitting(&[], [4, 3], [0., 0., 4., 1.]), None);
    }

    #[test]
    fn a_mask_has_an_area_and_sides() {
        let runs = drawn(&["....", ".##.", ".###"]);
        assert_eq!((pixels(&runs), around(&runs, 4)), (5, Some([1, 1, 4, 3])));
        assert_eq!((pixels(&[12]), around(&[12], 4)), (0, None));
        assert!(covers(&runs, 4, [3, 2]) && !covers(&runs, 4, [3, 1]) && !covers(&runs, 4, [5, 1]));
    }
}
