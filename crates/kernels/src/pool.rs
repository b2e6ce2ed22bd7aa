use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, bail};

use crate::{
    conv::{Window, dims},
    slices::floats,
    threads::each_row,
};

/// The largest number of each window of a channel: `(channels, rows, columns)` to
/// `(channels, rows', columns')`. Padding is smaller than any number.
pub struct MaxPool(pub Window);

impl CustomOp1 for MaxPool {
    fn name(&self) -> &'static str {
        "max-pool"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let window = self.0;
        if (0..2).any(|axis| 2 * window.padding[axis] > window.kernel[axis]) {
            bail!("max-pool: a window of {:?} may see nothing but padding", window.kernel)
        }
        let (channels, size) = dims(layout)?;
        let [rows, columns] = window.positions(size)?;
        let xs = floats(storage, layout)?;
        let mut out = vec![f32::NEG_INFINITY; channels * rows * columns];
        each_row(&mut out, columns, |i, out| {
            let (channel, row) = (i / rows, i % rows);
            let xs = &xs[channel * size[0] * size[1]..][..size[0] * size[1]];
            for y in (0..window.kernel[0]).filter_map(|dy| window.source(0, row, dy, size[0])) {
                let xs = &xs[y * size[1]..][..size[1]];
                for (column, out) in out.iter_mut().enumerate() {
                    let seen = |dx| window.source(1, column, dx, size[1]);
                    *out =
                        (0..window.kernel[1]).filter_map(seen).map(|x| xs[x]).fold(*out, f32::max);
                }
            }
        });
        Ok((CpuStorage::F32(out), (channels, rows, columns).into()))
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Tensor};

    use super::*;

    #[track_caller]
    fn check(window: Window, size: (usize, usize), xs: &[f32], want: &[&[f32]]) {
        let xs = Tensor::from_slice(xs, (xs.len() / size.0 / size.1, size.0, size.1), &Device::Cpu);
        let got: Vec<Vec<f32>> = xs
            .unwrap()
            .apply_op1_no_bwd(&MaxPool(window))
            .unwrap()
            .flatten_to(1)
            .unwrap()
            .to_vec2()
            .unwrap();
        assert_eq!(got, want);
    }

    #[test]
    fn padding_is_never_the_largest() {
        let window = Window { stride: [2; 2], padding: [1; 2], ..Window::square(3) };
        check(window, (1, 1), &[-3.], &[&[-3.]]);
        check(window, (2, 3), &[-1., -2., -3., -4., -5., -6.], &[&[-1., -2.]]);
        #[rustfmt::skip]
        check(
            window,
            (3, 4),
            &[1., 2., 3., 4., 5., 6., 7., 8., 9., 10., 11., 12., 0., -1., 0., 0., 0., 0., 0., 0., 0., 0., 0., -2.],
            &[&[6., 8.], &[10., 12.], &[0., 0.], &[0., 0.]],
        );
    }

    #[test]
    fn a_window_that_sees_nothing_is_an_error() {
        let xs = Tensor::zeros((1, 4, 4), candle_core::DType::F32, &Device::Cpu).unwrap();
        let window = Window { padding: [2; 2], ..Window::square(3) };
        assert!(xs.apply_op1_no_bwd(&MaxPool(window)).is_err());
        assert!(xs.apply_op1_no_bwd(&MaxPool(Window::square(5))).is_err());
    }
}
