//! Some of a picture's pixels as runs: joined, turned inside out, painted, measured.

use api::picture::Mask;

use super::Point;
use crate::picture::header::Size;

/// A brush reaches at least so far, in pixels: whatever pixel it stands in has its middle within that.
pub const LEAST_RADIUS: f64 = 0.71;

/// A piece of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// Which row.
    pub y: u32,
    /// Its first pixel.
    pub from: u32,
    /// The pixel after its last.
    pub to: u32,
}

/// Runs under construction.
struct Runs {
    all: Vec<u32>,
    last: u32,
    inside: bool,
}

impl Runs {
    fn new() -> Self {
        Self { all: Vec::new(), last: 0, inside: false }
    }

    fn push(&mut self, length: u32, inside: bool) {
        if length == 0 {
            return;
        }
        if inside != self.inside {
            self.all.push(std::mem::take(&mut self.last));
            self.inside = inside;
        }
        self.last += length;
    }

    fn end(mut self) -> Vec<u32> {
        self.all.push(self.last);
        self.all
    }
}

/// Whether a mask is one of a picture of this size: what an engine says is checked before it is used.
pub fn fits(mask: &Mask, size: Size) -> bool {
    let sum: u64 = mask.runs.iter().map(|&run| u64::from(run)).sum();
    (mask.width, mask.height) == (size.width, size.height) && sum == size.pixels()
}

/// The mask of these pieces of rows, in any order; what lies beside the picture is left out.
pub fn of_spans(size: Size, mut spans: Vec<Span>) -> Mask {
    spans.sort_unstable();
    let mut runs = Runs::new();
    let mut at = 0;
    for Span { y, from, to } in spans.into_iter().filter(|span| span.y < size.height) {
        let row = y * size.width;
        let (from, to) = (row + from.min(size.width), row + to.min(size.width));
        // It may overlap the one before.
        let from = from.max(at);
        runs.push(from - at, false);
        runs.push(to.saturating_sub(from), true);
        at = to.max(from);
    }
    runs.push(size.width * size.height - at, false);
    Mask { width: size.width, height: size.height, runs: runs.end() }
}

/// The runs that have pixels, and whether they are inside.
fn pieces(mask: &Mask) -> impl Iterator<Item = (u32, bool)> {
    let pieces = mask.runs.iter().enumerate().map(|(at, &length)| (length, at % 2 == 1));
    pieces.filter(|(length, _)| *length > 0)
}

/// The pieces of rows that are inside, from the left upper corner on.
pub fn spans(mask: &Mask) -> Vec<Span> {
    let width = mask.width.max(1);
    let (mut spans, mut at) = (Vec::new(), 0);
    for (length, inside) in pieces(mask) {
        let end = at + length;
        while inside && at < end {
            let (y, from) = (at / width, at % width);
            let to = width.min(from + (end - at));
            spans.push(Span { y, from, to });
            at += to - from;
        }
        at = end;
    }
    spans
}

/// Pixels that are inside.
pub fn area(mask: &Mask) -> u64 {
    pieces(mask).filter(|(_, inside)| *inside).map(|(length, _)| u64::from(length)).sum()
}

/// The smallest rectangle that holds all of it: left, top, right, bottom; the last two are just beside it.
pub fn bounds(mask: &Mask) -> Option<[u32; 4]> {
    let reach = |[left, top, right, bottom]: [u32; 4], span: Span| {
        [left.min(span.from), top.min(span.y), right.max(span.to), bottom.max(span.y + 1)]
    };
    let each = spans(mask).into_iter();
    each.fold(None, |bounds, span| Some(reach(bounds.unwrap_or([u32::MAX, u32::MAX, 0, 0]), span)))
}

/// Whether a place of the picture is inside.
pub fn holds(mask: &Mask, at: Point) -> bool {
    let (width, height) = (f64::from(mask.width), f64::from(mask.height));
    if !(0.0..width).contains(&at.x) || !(0.0..height).contains(&at.y) {
        return false;
    }
    let place = at.y as u64 * u64::from(mask.width) + at.x as u64;
    let mut end = 0;
    let reaches = |&(length, _): &(u32, bool)| {
        end += u64::from(length);
        end > place
    };
    pieces(mask).find(reaches).is_some_and(|(_, inside)| inside)
}

/// The pixels that `keep` keeps, told whether they are in the one and in the other. Both are of one picture.
pub fn joined(one: &Mask, other: &Mask, keep: fn(bool, bool) -> bool) -> Mask {
    let (mut ones, mut others) = (pieces(one), pieces(other));
    let (mut left, mut right) = (ones.next(), others.next());
    let mut runs = Runs::new();
    while let (Some((long, in_one)), Some((short, in_other))) = (left, right) {
        let step = long.min(short);
        runs.push(step, keep(in_one, in_other));
        left = if long > step { Some((long - step, in_one)) } else { ones.next() };
        right = if short > step { Some((short - step, in_other)) } else { others.next() };
    }
    Mask { runs: runs.end(), ..*one }
}

/// What is in either.
pub fn union(one: &Mask, other: &Mask) -> Mask {
    joined(one, other, |one, other| one || other)
}

/// What is in the one and not in the other.
pub fn without(one: &Mask, other: &Mask) -> Mask {
    joined(one, other, |one, other| one && !other)
}

/// What is not in it.
pub fn turned(mask: &Mask) -> Mask {
    let mut runs = Runs::new();
    for (length, inside) in pieces(mask) {
        runs.push(length, !inside);
    }
    Mask { runs: runs.end(), ..*mask }
}

/// The same runs along columns, one after the other from the left, as COCO counts them.
pub fn columns(mask: &Mask) -> Vec<u32> {
    let (width, height) = (mask.width as usize, mask.height);
    // A column changes where its pixel and the one above differ.
    let mut above = Runs::new();
    above.push(mask.width, false);
    for (length, inside) in pieces(mask) {
        above.push(length, inside);
    }
    let above = Mask { runs: above.end(), ..*mask };
    let mut changes = vec![Vec::new(); width];
    for Span { y, from, to } in spans(&joined(mask, &above, |here, above| here != above)) {
        for column in changes.iter_mut().take(to as usize).skip(from as usize) {
            column.push(y);
        }
    }
    let mut runs = Runs::new();
    for column in changes {
        let (mut at, mut inside) = (0, false);
        for y in column.into_iter().chain([height]) {
            runs.push(y - at, inside);
            (at, inside) = (y, !inside);
        }
    }
    runs.end()
}

/// What a round brush touches on its way: the pixels whose middle it passes over.
pub fn brushed(size: Size, path: &[Point], radius: f64) -> Mask {
    let radius = radius.max(LEAST_RADIUS);
    let mut touched = Vec::new();
    if let [only] = path {
        sweep(size, [*only; 2], radius, &mut touched);
    }
    for step in path.windows(2) {
        if let [from, to] = step {
            sweep(size, [*from, *to], radius, &mut touched);
        }
    }
    of_spans(size, touched)
}

/// What the brush touches on a straight way. It has no dents, so that a row meets it in one piece.
fn sweep(size: Size, [a, b]: [Point; 2], radius: f64, touched: &mut Vec<Span>) {
    let pixel = |at: f64, most: u32| at.clamp(0.0, most.into()) as u32;
    let (top, bottom) = (a.y.min(b.y) - radius, a.y.max(b.y) + radius);
    let length = (b.x - a.x).hypot(b.y - a.y);
    let side = match length > 0.0 {
        true => Point { x: (a.y - b.y) / length * radius, y: (b.x - a.x) / length * radius },
        false => Point { x: 0.0, y: 0.0 },
    };
    let corner = |at: Point, sign: f64| Point { x: at.x + sign * side.x, y: at.y + sign * side.y };
    let corners = [corner(a, 1.0), corner(b, 1.0), corner(b, -1.0), corner(a, -1.0)];
    for y in pixel(top.floor(), size.height)..pixel(bottom.ceil(), size.height) {
        let middle = f64::from(y) + 0.5;
        let (mut from, mut to) = (f64::INFINITY, f64::NEG_INFINITY);
        let mut reach = |x: f64| (from, to) = (from.min(x), to.max(x));
        for end in [a, b] {
            let half = (radius * radius - (middle - end.y).powi(2)).sqrt();
            // Not a number where the row passes the circle by.
            if half >= 0.0 {
                reach(end.x - half);
                reach(end.x + half);
            }
        }
        for (at, p) in corners.iter().enumerate() {
            let q = corners[(at + 1) % 4];
            if (p.y <= middle) != (q.y <= middle) {
                reach(p.x + (q.x - p.x) * (middle - p.y) / (q.y - p.y));
            }
        }
        let (from, to) = ((from - 0.5).ceil(), (to - 0.5).floor() + 1.0);
        if from < to {
            touched.push(Span { y, from: pixel(from, size.width), to: pixel(to, size.width) });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Size = Size { width: 5, height: 4 };

    /// A mask as it looks: `#` is inside.
    fn drawn(rows: &[&str]) -> Mask {
        let text: String = rows.concat();
        let mut runs = Runs::new();
        for pixel in text.chars() {
            runs.push(1, pixel == '#');
        }
        Mask { width: rows[0].len() as u32, height: rows.len() as u32, runs: runs.end() }
    }

    fn at(x: f64, y: f64) -> Point {
        Point { x, y }
    }

    /// A sound mask that depends on a number alone.
    fn any(seed: u32) -> Mask {
        let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(1);
        let mut runs = Runs::new();
        for _ in 0..SIZE.pixels() {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            runs.push(1, state >> 31 == 1);
        }
        Mask { width: SIZE.width, height: SIZE.height, runs: runs.end() }
    }

    /// One pixel after the other, row by row.
    fn pixels(mask: &Mask) -> Vec<bool> {
        pieces(mask).flat_map(|(length, inside)| vec![inside; length as usize]).collect()
    }

    #[test]
    fn pieces_of_rows_make_the_mask_they_were_taken_from() {
        for mask in (0..200).map(any).chain([drawn(&["#####"; 4]), drawn(&["....."; 4])]) {
            let spans = spans(&mask);
            assert!(spans.iter().all(|span| span.to <= SIZE.width && span.from < span.to));
            assert_eq!(of_spans(SIZE, spans), mask);
        }
        let spans = [(3, 1, 9), (0, 2, 4), (0, 1, 3), (9, 0, 2)];
        let mask = of_spans(SIZE, spans.map(|(y, from, to)| Span { y, from, to }).into());
        assert_eq!(
            mask,
            drawn(&[".###.", ".....", ".....", ".####"]),
            "they overlap and stick out"
        );
    }

    #[test]
    fn what_an_engine_says_is_checked() {
        let mask = |runs: &[u32]| Mask { width: 5, height: 4, runs: runs.into() };
        assert!(fits(&mask(&[3, 17]), SIZE) && fits(&mask(&[0, 20]), SIZE));
        assert!(!fits(&mask(&[3, 16]), SIZE) && !fits(&mask(&[u32::MAX, 21]), SIZE));
        assert!(!fits(&mask(&[3, 17]), Size { width: 4, height: 5 }));
    }

    #[test]
    fn masks_are_joined_pixel_by_pixel() {
        for (one, other) in (0..100).map(|seed| (any(seed), any(seed + 1_000))) {
            let each = pixels(&one).into_iter().zip(pixels(&other));
            let (mut all, mut rest) = (Vec::new(), Vec::new());
            for (a, b) in each {
                all.push(a || b);
                rest.push(a && !b);
            }
            assert_eq!(pixels(&union(&one, &other)), all);
            assert_eq!(pixels(&without(&one, &other)), rest);
            let turned = turned(&one);
            assert!(pixels(&one).iter().zip(pixels(&turned)).all(|(a, b)| *a != b));
            assert_eq!(area(&one) + area(&turned), 20);
        }
        // Runs without a pixel change nothing.
        let odd = Mask { width: 5, height: 4, runs: vec![0, 0, 3, 0, 0, 2, 15] };
        assert_eq!(union(&odd, &odd), drawn(&["...##", ".....", ".....", "....."]));
        assert_eq!(area(&odd), 2);
    }

    #[test]
    fn a_mask_knows_its_rectangle_and_its_places() {
        let mask = drawn(&[".....", "..##.", ".#...", "....."]);
        assert_eq!((bounds(&mask), area(&mask)), (Some([1, 1, 4, 3]), 3));
        assert_eq!(bounds(&drawn(&["....."; 4])), None);
        assert!(
            holds(&mask, at(2.0, 1.0)) && holds(&mask, at(3.9, 1.9)) && holds(&mask, at(1.5, 2.5))
        );
        assert!(!holds(&mask, at(4.0, 1.5)) && !holds(&mask, at(1.9, 1.5)));
        for beside in [at(-0.1, 1.0), at(5.0, 1.0), at(2.0, 4.0), at(f64::NAN, 0.0)] {
            assert!(!holds(&drawn(&["#####"; 4]), beside), "{beside:?}");
        }
    }

    #[test]
    fn columns_are_counted_as_coco_counts_them() {
        // As pycocotools says of the same array: mask.encode(numpy.asfortranarray(…)), counts unpacked.
        assert_eq!(columns(&drawn(&["#.#", ".##"])), [0, 1, 2, 3]);
        assert_eq!(columns(&drawn(&["...", "..#"])), [5, 1]);
        for mask in (0..200).map(any) {
            let (rows, mut along) = (pixels(&mask), Runs::new());
            for place in 0..20 {
                along.push(1, rows[place % 4 * 5 + place / 4]);
            }
            assert_eq!(columns(&mask), along.end());
        }
    }

    #[test]
    fn a_brush_touches_what_it_passes_over() {
        let dot = brushed(SIZE, &[at(2.5, 1.5)], 1.0);
        assert_eq!(dot, drawn(&["..#..", ".###.", "..#..", "....."]));
        assert_eq!(
            brushed(SIZE, &[at(0.1, 0.1)], 0.1),
            drawn(&["#....", ".....", ".....", "....."])
        );
        assert_eq!(area(&brushed(SIZE, &[], 3.0)), 0);
        assert_eq!(area(&brushed(SIZE, &[at(-9.0, 2.0)], 3.0)), 0, "beside the picture");
        let size = Size { width: 40, height: 30 };
        for (path, radius) in [
            (vec![at(3.0, 4.0), at(30.0, 21.0), at(31.0, 2.0)], 4.3),
            (vec![at(-5.0, 10.2), at(50.0, 10.2)], 2.0),
            (vec![at(20.0, -5.0), at(20.0, 50.0), at(20.0, 50.0)], 3.0),
        ] {
            let got = brushed(size, &path, radius);
            for (place, inside) in pixels(&got).into_iter().enumerate() {
                let middle = at((place % 40) as f64 + 0.5, (place / 40) as f64 + 0.5);
                let near = path.windows(2).any(|way| off(middle, [way[0], way[1]]) <= radius);
                assert_eq!(inside, near, "{middle:?} of {path:?}");
            }
        }
    }

    /// How far a place is from a straight way.
    fn off(place: Point, [a, b]: [Point; 2]) -> f64 {
        let (x, y) = (b.x - a.x, b.y - a.y);
        let part = ((place.x - a.x) * x + (place.y - a.y) * y) / (x * x + y * y);
        let part = if part.is_nan() { 0.0 } else { part.clamp(0.0, 1.0) };
        (place.x - a.x - part * x).hypot(place.y - a.y - part * y)
    }
}
