//! Pixels made unclear: four bytes each, row by row.

/// Passes of a box that are as good as a Gaussian to the eye.
const PASSES: usize = 3;
/// Bytes of a pixel.
const BYTES: usize = 4;
/// The first of them are colours; the last stays as it is.
const COLOURS: usize = 3;

/// A box that is run over a line some times: pixels that count fully to each side, and how much of one more.
///
/// From "Theoretical foundations of Gaussian convolution by extended box filtering" (Gwosdek and others, 2011),
/// as Pillow's `GaussianBlur` does it.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Extended {
    reach: usize,
    part: f32,
}

impl Extended {
    fn of(sigma: f64) -> Self {
        let variance = sigma * sigma / PASSES as f64;
        let reach = (((12.0 * variance + 1.0).sqrt() - 1.0) / 2.0).floor();
        let wide = (2.0 * reach + 1.0) * (reach * (reach + 1.0) - 3.0 * variance);
        let part = wide / (6.0 * (variance - (reach + 1.0).powi(2)));
        Self { reach: reach as usize, part: part as f32 }
    }

    /// Runs over a line that goes on as it ends.
    fn pass(self, from: &[f32], to: &mut [f32]) {
        let last = from.len().saturating_sub(1);
        let at = |place: usize| {
            from.get(place.saturating_sub(self.reach + 1).min(last)).copied().unwrap_or(0.0)
        };
        // `at(n)` is the pixel `reach + 1` before the n-th.
        let whole = 2 * self.reach + 1;
        let weight = 1.0 / (whole as f32 + 2.0 * self.part);
        let mut sum: f32 = (1..=whole).map(&at).sum();
        for (place, to) in to.iter_mut().enumerate() {
            let (before, after) = (at(place), at(place + whole + 1));
            *to = (sum + self.part * (before + after)) * weight;
            sum += after - at(place + 1);
        }
    }
}

/// How far a blur looks to each side, in pixels: what lies further away changes nothing.
pub fn margin(sigma: f64) -> u32 {
    ((Extended::of(sigma).reach + 1) * PASSES) as u32
}

/// Blurs by a Gaussian of this standard deviation, in pixels; edges go on as they end.
pub fn blur(pixels: &mut [u8], width: usize, sigma: f64) {
    if sigma <= 0.0 || width == 0 {
        return;
    }
    let height = pixels.len() / BYTES / width;
    let filter = Extended::of(sigma);
    let mut plane = vec![0.0_f32; width * height];
    let mut lines = [Vec::new(), Vec::new()];
    for colour in 0..COLOURS {
        for (value, pixel) in plane.iter_mut().zip(pixels.chunks_exact(BYTES)) {
            *value = pixel.get(colour).copied().unwrap_or(0).into();
        }
        for row in plane.chunks_exact_mut(width) {
            smooth(filter, row, &mut lines);
        }
        for column in 0..width {
            let own = plane.iter().skip(column).step_by(width);
            let mut own: Vec<f32> = own.copied().collect();
            smooth(filter, &mut own, &mut lines);
            for (value, smooth) in plane.iter_mut().skip(column).step_by(width).zip(own) {
                *value = smooth;
            }
        }
        for (value, pixel) in plane.iter().zip(pixels.chunks_exact_mut(BYTES)) {
            if let Some(byte) = pixel.get_mut(colour) {
                *byte = value.round() as u8;
            }
        }
    }
}

/// Smooths a line that goes on as it ends for as far as the filter sees: what the first passes make of that is no
/// longer plain.
fn smooth(filter: Extended, values: &mut [f32], [line, other]: &mut [Vec<f32>; 2]) {
    let (first, last) = match (values.first(), values.last()) {
        (Some(first), Some(last)) => (*first, *last),
        _ => return,
    };
    let beyond = (filter.reach + 1) * PASSES;
    line.clear();
    line.extend(std::iter::repeat_n(first, beyond));
    line.extend_from_slice(values);
    line.extend(std::iter::repeat_n(last, beyond));
    other.resize(line.len(), 0.0);
    for _ in 0..PASSES {
        filter.pass(line, other);
        std::mem::swap(line, other);
    }
    for (value, smooth) in values.iter_mut().zip(line.iter().skip(beyond)) {
        *value = *smooth;
    }
}

/// Gives all pixels of a square the mean of their colours. Squares begin at the left upper corner; the last ones
/// may be cut off.
pub fn pixelate(pixels: &mut [u8], width: usize, side: usize) {
    if side < 2 || width == 0 {
        return;
    }
    for rows in pixels.chunks_mut(width * BYTES * side) {
        for left in (0..width).step_by(side) {
            let own = left * BYTES..(left + side).min(width) * BYTES;
            let (mut sums, mut count) = ([0_u32; COLOURS], 0_u32);
            for pixel in rows
                .chunks(width * BYTES)
                .filter_map(|row| row.get(own.clone()))
                .flat_map(|row| row.chunks_exact(BYTES))
            {
                for (sum, byte) in sums.iter_mut().zip(pixel) {
                    *sum += u32::from(*byte);
                }
                count += 1;
            }
            let mean = sums.map(|sum| ((sum + count / 2) / count.max(1)) as u8);
            for row in rows.chunks_mut(width * BYTES).filter_map(|row| row.get_mut(own.clone())) {
                for pixel in row.chunks_exact_mut(BYTES) {
                    pixel.iter_mut().zip(mean).for_each(|(byte, mean)| *byte = mean);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition: every pixel is the mean of all others, weighed by the bell curve of their distance; edges
    /// go on as they end.
    fn gaussian(values: &[f64], (width, height): (usize, usize), sigma: f64) -> Vec<f64> {
        let reach = (sigma * 6.0).ceil() as isize;
        let weights: Vec<f64> =
            (-reach..=reach).map(|x| (-((x * x) as f64) / (2.0 * sigma * sigma)).exp()).collect();
        let total: f64 = weights.iter().sum();
        let clamp = |at: isize, length: usize| at.clamp(0, length as isize - 1) as usize;
        let mean = |at: &dyn Fn(isize) -> f64| {
            (-reach..=reach).zip(&weights).map(|(off, weight)| at(off) * weight).sum::<f64>()
                / total
        };
        let rows: Vec<f64> = (0..width * height)
            .map(|i| {
                mean(&|off| values[i / width * width + clamp((i % width) as isize + off, width)])
            })
            .collect();
        (0..width * height)
            .map(|i| {
                mean(&|off| rows[clamp((i / width) as isize + off, height) * width + i % width])
            })
            .collect()
    }

    /// A picture of one colour each, whose channels differ.
    fn picture(size: (usize, usize), value: impl Fn(usize, usize) -> u8) -> Vec<u8> {
        let pixels = (0..size.0 * size.1).map(|i| value(i % size.0, i / size.0));
        pixels.flat_map(|value| [value, 255 - value, value / 2, 77]).collect()
    }

    fn channel(pixels: &[u8], channel: usize) -> Vec<f64> {
        pixels.iter().skip(channel).step_by(BYTES).map(|&byte| byte.into()).collect()
    }

    /// The furthest from the definition, in values of a byte.
    fn off(sigma: f64, size: (usize, usize), value: impl Fn(usize, usize) -> u8) -> f64 {
        let before = picture(size, value);
        let mut after = before.clone();
        blur(&mut after, size.0, sigma);
        assert!(channel(&after, 3).iter().all(|&alpha| alpha == 77.0));
        (0..COLOURS)
            .flat_map(|colour| {
                let want = gaussian(&channel(&before, colour), size, sigma);
                channel(&after, colour).into_iter().zip(want).map(|(got, want)| (got - want).abs())
            })
            .fold(0.0, f64::max)
    }

    #[test]
    fn a_blur_is_a_gaussian() {
        let noise = |x: usize, y: usize| (x * 7_919 + y * 104_729 + x * y * 31) as u8;
        for sigma in [1.0, 2.0, 5.0, 11.5] {
            let edge = off(sigma, (60, 41), |x, _| if x < 23 { 0 } else { 255 });
            let corner = off(sigma, (60, 41), |x, y| if x < 3 && y < 4 { 255 } else { 0 });
            let noise = off(sigma, (60, 41), noise);
            // Three boxes and the bell curve differ by 1.3 % of a step at most; to that comes rounding.
            for (name, off) in [("edge", edge), ("corner", corner), ("noise", noise)] {
                assert!(off <= 0.014 * 255.0 + 0.5, "{name}, {sigma}: {off}");
            }
        }
    }

    #[test]
    fn a_blur_spreads_by_its_radius() {
        for sigma in [0.3, 1.0, 2.5, 5.0, 20.0] {
            let filter = Extended::of(sigma);
            let (mut line, length) = (vec![0.0; 401], 401);
            line[200] = 1.0;
            let mut other = vec![0.0; length];
            for _ in 0..PASSES {
                filter.pass(&line.clone(), &mut other);
                line.copy_from_slice(&other);
            }
            // Further away there is nothing but what rounding leaves, which the square of the distance would blow up.
            let near = margin(sigma) as i32;
            let moment = |power: i32| {
                let places = (-200..=200).zip(&line).filter(|(x, _): &(i32, _)| x.abs() <= near);
                places.map(|(x, &y)| f64::from(x).powi(power) * f64::from(y)).sum::<f64>()
            };
            assert!((moment(0) - 1.0).abs() < 1e-4, "{sigma}: nothing is lost");
            assert!(
                (moment(2).sqrt() - sigma).abs() < 1e-2 * sigma,
                "{sigma}: {}",
                moment(2).sqrt()
            );
        }
    }

    #[test]
    fn what_is_further_away_than_the_margin_changes_nothing() {
        for sigma in [1.0, 5.0] {
            let margin = margin(sigma) as usize;
            let size = (2 * margin + 5, 3);
            let mut pixels =
                picture(size, |x, _| if x == margin + 2 + margin + 1 { 255 } else { 0 });
            blur(&mut pixels, size.0, sigma);
            assert_eq!(channel(&pixels, 0)[size.0 + margin + 2], 0.0, "{sigma}");
        }
    }

    #[test]
    fn a_plain_picture_stays_as_it_is() {
        for size in [(1, 1), (1, 9), (7, 1), (5, 4)] {
            let before = picture(size, |_, _| 200);
            let mut after = before.clone();
            blur(&mut after, size.0, 5.0);
            assert_eq!(after, before, "{size:?}");
            pixelate(&mut after, size.0, 3);
            assert_eq!(after, before, "{size:?}");
        }
        let mut none = Vec::new();
        blur(&mut none, 0, 5.0);
        pixelate(&mut none, 0, 5);
    }

    #[test]
    fn squares_have_the_mean_of_their_colours() {
        let mut pixels = picture((5, 3), |x, y| (x * 10 + y * 40) as u8);
        pixelate(&mut pixels, 5, 2);
        let red = channel(&pixels, 0);
        assert_eq!(red[..5], [25.0, 25.0, 45.0, 45.0, 60.0], "{red:?}");
        assert_eq!(red[5..10], red[..5]);
        assert_eq!(red[10..], [85.0, 85.0, 105.0, 105.0, 120.0]);
        assert!(channel(&pixels, 3).iter().all(|&alpha| alpha == 77.0));
    }
}
