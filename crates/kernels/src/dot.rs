/// Sums of this many columns run side by side, which the compiler turns into four vectors of four.
const LANES: usize = 16;

/// Sum of products of two rows of the same length.
pub(crate) fn dot(xs: &[f32], ys: &[f32]) -> f32 {
    let (xs, xs_rest) = xs.as_chunks::<LANES>();
    let (ys, ys_rest) = ys.as_chunks::<LANES>();
    let mut sums = [0f32; LANES];
    for (xs, ys) in xs.iter().zip(ys) {
        for lane in 0..LANES {
            sums[lane] += xs[lane] * ys[lane];
        }
    }
    let rest: f32 = xs_rest.iter().zip(ys_rest).map(|(x, y)| x * y).sum();
    sums.iter().sum::<f32>() + rest
}

/// Adds `factor` times `xs` to `sums`.
pub(crate) fn add_scaled(sums: &mut [f32], xs: &[f32], factor: f32) {
    for (sum, x) in sums.iter_mut().zip(xs) {
        *sum += factor * x;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_length_is_summed_to_its_end() {
        for len in [0, 1, 15, 16, 17, 100] {
            let xs: Vec<f32> = (0..len).map(|i| i as f32).collect();
            let ones = vec![1f32; len];
            assert_eq!(dot(&xs, &ones), xs.iter().sum::<f32>(), "{len}");
        }
    }
}
