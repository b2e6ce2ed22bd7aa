use std::ops::Range;

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, bail};

use crate::{
    Matrix,
    machine::{Machine, On, Work, run},
    rounded::Columns,
    slices::{by_rows, floats},
    threads::each_row,
};

/// Positions whose patches are laid out at once.
const POSITIONS: usize = 256;

/// How a convolution goes over its input; `[rows, columns]` each. One dimension is a single row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Size of the kernel.
    pub kernel: [usize; 2],
    /// Steps between two positions.
    pub stride: [usize; 2],
    /// Zeros before and after.
    pub padding: [usize; 2],
    /// Steps between two numbers of the kernel.
    pub dilation: [usize; 2],
}

impl Window {
    /// A kernel of one size in both directions, without padding, step by step.
    pub const fn square(kernel: usize) -> Self {
        Self { kernel: [kernel; 2], stride: [1; 2], padding: [0; 2], dilation: [1; 2] }
    }

    /// A kernel over a single row.
    pub const fn line(kernel: usize) -> Self {
        Self { kernel: [1, kernel], ..Self::square(1) }
    }

    /// Positions in each direction, or an error if the kernel is larger than what it goes over.
    pub fn positions(&self, size: [usize; 2]) -> Result<[usize; 2]> {
        let mut positions = [0; 2];
        for axis in 0..2 {
            let span = self.dilation[axis] * (self.kernel[axis] - 1) + 1;
            let padded = size[axis] + 2 * self.padding[axis];
            match padded.checked_sub(span) {
                Some(more) => positions[axis] = more / self.stride[axis] + 1,
                None => bail!("convolution: a kernel of {span} over {padded} numbers"),
            }
        }
        Ok(positions)
    }

    /// Where number `offset` of the kernel lies in the input for a position; `None` is padding.
    #[inline(always)]
    pub(crate) fn source(
        &self,
        axis: usize,
        position: usize,
        offset: usize,
        size: usize,
    ) -> Option<usize> {
        let at = position * self.stride[axis] + offset * self.dilation[axis];
        at.checked_sub(self.padding[axis]).filter(|at| *at < size)
    }
}

/// Channels, rows and columns of a tensor `(channels, rows, columns)`.
pub(crate) fn dims(layout: &Layout) -> Result<(usize, [usize; 2])> {
    let (channels, rows, columns) = layout.shape().dims3()?;
    Ok((channels, [rows, columns]))
}

fn check_bias(bias: Option<&[f32]>, channels: usize) -> Result<()> {
    match bias {
        Some(bias) if bias.len() != channels => {
            bail!("convolution: a bias of {} for {channels} channels", bias.len())
        }
        _ => Ok(()),
    }
}

/// A convolution over all channels: `(in, rows, columns)` to `(out, rows', columns')`.
pub struct Conv<'a> {
    /// `(out, in * kernel rows * kernel columns)`.
    pub weight: &'a Matrix,
    /// `(out)`.
    pub bias: Option<&'a [f32]>,
    /// How it goes over its input.
    pub window: Window,
    /// Rows of the output that are wanted; `None` is all.
    pub rows: Option<Range<usize>>,
}

impl CustomOp1 for Conv<'_> {
    fn name(&self) -> &'static str {
        "conv"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (channels, size) = dims(layout)?;
        let out_channels = self.weight.rows();
        let [rows, columns] = self.window.positions(size)?;
        if self.weight.columns() != channels * self.window.kernel.iter().product::<usize>() {
            bail!("convolution: {channels} channels do not fit {:?}", self.weight)
        }
        check_bias(self.bias, out_channels)?;
        let wanted = self.rows.clone().unwrap_or(0..rows);
        if wanted.end > rows || wanted.is_empty() {
            bail!("convolution: rows {wanted:?} of {rows}")
        }
        let xs = floats(storage, layout)?;
        let (begin, end) = (wanted.start * columns, wanted.end * columns);
        let positions = end - begin;
        let mut out = vec![0f32; out_channels * positions];
        let pointwise = self.window == Window::square(1);
        let mut rest: Vec<&mut [f32]> = out.chunks_exact_mut(positions).collect();
        for first in (begin..end).step_by(POSITIONS) {
            let rows = POSITIONS.min(end - first);
            let mut some: Vec<&mut [f32]> =
                rest.iter_mut().map(|out| out.split_off_mut(..rows).unwrap_or_default()).collect();
            let patches;
            let seen = if pointwise {
                Columns { xs: &xs[first..], stride: size[0] * size[1], rows }
            } else {
                patches = self.patches(xs, size, columns, first..first + rows);
                Columns { xs: &patches, stride: rows, rows }
            };
            self.weight.product_turned(On::Best, seen, &mut some)?;
            if let Some(bias) = self.bias {
                for (out, bias) in some.iter_mut().zip(bias) {
                    out.iter_mut().for_each(|out| *out += bias);
                }
            }
        }
        Ok((CpuStorage::F32(out), (out_channels, wanted.len(), columns).into()))
    }
}

impl Conv<'_> {
    /// What the kernel sees at some positions: `(in * kernel rows * kernel columns, positions)`.
    fn patches(
        &self,
        xs: &[f32],
        size: [usize; 2],
        columns: usize,
        positions: Range<usize>,
    ) -> Vec<f32> {
        let [kernel_rows, kernel_columns] = self.window.kernel;
        let count = positions.len();
        let mut patches = vec![0f32; count * self.weight.columns()];
        each_row(&mut patches, count, |number, patches| {
            let (channel, tap) =
                (number / (kernel_rows * kernel_columns), number % (kernel_rows * kernel_columns));
            let (dy, dx) = (tap / kernel_columns, tap % kernel_columns);
            let xs = &xs[channel * size[0] * size[1]..][..size[0] * size[1]];
            by_rows(positions.start, columns, patches, |row, column, patches| {
                let Some(y) = self.window.source(0, row, dy, size[0]) else { return };
                let source = |at| self.window.source(1, column + at, dx, size[1]);
                seen(patches, &xs[y * size[1]..][..size[1]], self.window.stride[1], source);
            });
        });
        patches
    }
}

/// Puts numbers of `xs` where places of `out` see them, those side by side at once.
#[inline(always)]
fn seen(out: &mut [f32], xs: &[f32], stride: usize, source: impl Fn(usize) -> Option<usize>) {
    let Some((seen, from)) = sight(out.len(), source) else { return };
    let out = &mut out[seen];
    match stride {
        1 => out.copy_from_slice(&xs[from..][..out.len()]),
        _ => out.iter_mut().zip(xs[from..].iter().step_by(stride)).for_each(|(out, x)| *out = *x),
    }
}

/// Which of `count` places see something, and what the first of them sees: padding lies before and after, never between.
#[inline(always)]
fn sight(count: usize, source: impl Fn(usize) -> Option<usize>) -> Option<(Range<usize>, usize)> {
    let first = (0..count).find(|at| source(*at).is_some())?;
    let last = (first..count).rfind(|at| source(*at).is_some())?;
    Some((first..last + 1, source(first)?))
}

/// A convolution of each channel with a kernel of its own: `(channels, rows, columns)` to
/// `(channels, rows', columns')`.
pub struct Depthwise<'a> {
    /// `(channels, kernel rows * kernel columns)`.
    pub weight: &'a [f32],
    /// `(channels)`.
    pub bias: Option<&'a [f32]>,
    /// How it goes over its input.
    pub window: Window,
}

impl CustomOp1 for Depthwise<'_> {
    fn name(&self) -> &'static str {
        "depthwise"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (channels, size) = dims(layout)?;
        let [rows, columns] = self.window.positions(size)?;
        let per_channel: usize = self.window.kernel.iter().product();
        if self.weight.len() != channels * per_channel {
            bail!("convolution: {} weights for {channels} channels", self.weight.len())
        }
        check_bias(self.bias, channels)?;
        let xs = floats(storage, layout)?;
        let mut out = vec![0f32; channels * rows * columns];
        each_row(&mut out, rows * columns, |channel, out| {
            out.fill(self.bias.map_or(0., |bias| bias[channel]));
            let kernel = &self.weight[channel * per_channel..][..per_channel];
            let xs = &xs[channel * size[0] * size[1]..][..size[0] * size[1]];
            run(On::Best, Channel { window: self.window, kernel, xs, size, out, columns });
        });
        Ok((CpuStorage::F32(out), (channels, rows, columns).into()))
    }
}

/// One channel; its products are added to `out (rows, columns)`.
struct Channel<'a> {
    window: Window,
    kernel: &'a [f32],
    xs: &'a [f32],
    size: [usize; 2],
    out: &'a mut [f32],
    columns: usize,
}

impl Work for Channel<'_> {
    type Output = ();

    #[inline(always)]
    fn run<M: Machine>(self) {
        let Self { window, size, .. } = self;
        let [_, kernel_columns] = window.kernel;
        for (row, out) in self.out.chunks_exact_mut(self.columns).enumerate() {
            for (i, weight) in self.kernel.iter().enumerate() {
                let (dy, dx) = (i / kernel_columns, i % kernel_columns);
                let Some(y) = window.source(0, row, dy, size[0]) else { continue };
                let xs = &self.xs[y * size[1]..(y + 1) * size[1]];
                add_row(out, xs, *weight, window.stride[1], |column| {
                    window.source(1, column, dx, size[1])
                });
            }
        }
    }
}

/// Adds `weight` times the numbers of `xs` that columns see, those side by side in vectors.
#[inline(always)]
fn add_row(
    out: &mut [f32],
    xs: &[f32],
    weight: f32,
    stride: usize,
    source: impl Fn(usize) -> Option<usize>,
) {
    let Some((seen, from)) = sight(out.len(), source) else { return };
    let out = &mut out[seen];
    if stride == 1 {
        out.iter_mut().zip(&xs[from..]).for_each(|(out, x)| *out += weight * x);
    } else {
        out.iter_mut()
            .zip(xs[from..].iter().step_by(stride))
            .for_each(|(out, x)| *out += weight * x);
    }
}

/// A transposed convolution: `(in, rows, columns)` to `(out, rows', columns')`, where each input
/// number spreads over a kernel.
pub struct ConvTranspose<'a> {
    /// `(out * kernel rows * kernel columns, in)`.
    pub weight: &'a Matrix,
    /// `(out)`.
    pub bias: Option<&'a [f32]>,
    /// How the output goes over the input: strides are steps between two inputs, and padding is taken
    /// off the output.
    pub window: Window,
    /// More rows and columns at the end of the output.
    pub output_padding: [usize; 2],
}

impl ConvTranspose<'_> {
    fn size(&self, size: [usize; 2]) -> Result<[usize; 2]> {
        let Window { kernel, stride, padding, dilation } = self.window;
        let mut out = [0; 2];
        for axis in 0..2 {
            let whole = size[axis].saturating_sub(1) * stride[axis]
                + dilation[axis] * (kernel[axis] - 1)
                + 1
                + self.output_padding[axis];
            match whole.checked_sub(2 * padding[axis]).filter(|_| size[axis] > 0) {
                Some(size) => out[axis] = size,
                None => bail!("convolution: nothing is left of {whole} numbers"),
            }
        }
        Ok(out)
    }
}

impl CustomOp1 for ConvTranspose<'_> {
    fn name(&self) -> &'static str {
        "conv-transpose"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (channels, size) = dims(layout)?;
        let [rows, columns] = self.size(size)?;
        let taps: usize = self.window.kernel.iter().product();
        if self.weight.columns() != channels || !self.weight.rows().is_multiple_of(taps) {
            bail!("convolution: {channels} channels do not fit {:?}", self.weight)
        }
        let out_channels = self.weight.rows() / taps;
        check_bias(self.bias, out_channels)?;
        let xs = floats(storage, layout)?;
        let positions = size[0] * size[1];
        let mut spread = vec![0f32; self.weight.rows() * positions]; // (out * taps, positions)
        let mut by_tap: Vec<&mut [f32]> = spread.chunks_exact_mut(positions).collect();
        let xs = Columns { xs, stride: positions, rows: positions };
        self.weight.product_turned(On::Best, xs, &mut by_tap)?;
        let mut out = vec![0f32; out_channels * rows * columns];
        each_row(&mut out, rows * columns, |channel, out| {
            out.fill(self.bias.map_or(0., |bias| bias[channel]));
            for (tap, spread) in
                spread[channel * taps * positions..].chunks_exact(positions).take(taps).enumerate()
            {
                self.gather(tap, spread, (size, [rows, columns]), out);
            }
        });
        Ok((CpuStorage::F32(out), (out_channels, rows, columns).into()))
    }
}

impl ConvTranspose<'_> {
    /// Adds what a number of the kernel makes of every input, `(rows, columns)` of `from`, to a channel of the output,
    /// which has those of `to`.
    fn gather(
        &self,
        tap: usize,
        spread: &[f32],
        (from, to): ([usize; 2], [usize; 2]),
        out: &mut [f32],
    ) {
        let tap = [tap / self.window.kernel[1], tap % self.window.kernel[1]];
        let place = |axis: usize, at| self.window.source(axis, at, tap[axis], to[axis]);
        for (row, spread) in spread.chunks_exact(from[1]).enumerate() {
            let Some(row) = place(0, row) else { continue };
            let out = &mut out[row * to[1]..][..to[1]];
            let Some((seen, first)) = sight(from[1], |column| place(1, column)) else { continue };
            let out = out[first..].iter_mut().step_by(self.window.stride[1]);
            out.zip(&spread[seen]).for_each(|(out, x)| *out += x);
        }
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Tensor};

    use super::*;
    use crate::Kind;

    fn wave(count: usize, turn: f32) -> Vec<f32> {
        (0..count).map(|i| (i as f32 * turn).sin()).collect()
    }

    fn matrix(rows: usize, columns: usize, numbers: &[f32]) -> Matrix {
        let mut matrix = Matrix::zeros(Kind::F32, rows, columns).unwrap();
        matrix.pack(0, numbers).unwrap();
        matrix
    }

    fn tensor(shape: impl Into<Shape>, numbers: &[f32]) -> Tensor {
        Tensor::from_slice(numbers, shape, &Device::Cpu).unwrap()
    }

    #[track_caller]
    fn near(got: &Tensor, want: &Tensor) {
        assert_eq!(got.dims(), want.dims());
        let off =
            (got - want).unwrap().abs().unwrap().max_all().unwrap().to_scalar::<f32>().unwrap();
        assert!(off < 1e-4, "off by {off}");
    }

    const WINDOWS: &[(usize, usize, usize, usize)] =
        &[(1, 1, 0, 1), (3, 1, 1, 1), (3, 2, 1, 1), (2, 2, 0, 1), (3, 1, 2, 2), (5, 3, 4, 1)];

    fn window((kernel, stride, padding, dilation): (usize, usize, usize, usize)) -> Window {
        Window {
            kernel: [kernel; 2],
            stride: [stride; 2],
            padding: [padding; 2],
            dilation: [dilation; 2],
        }
    }

    #[test]
    fn convolutions_are_candles() {
        for &shape in WINDOWS {
            let (kernel, stride, padding, dilation) = shape;
            for (channels, out, rows, columns) in [(1, 1, 7, 6), (3, 5, 20, 31)] {
                let taps = kernel * kernel;
                let (xs, weights) =
                    (wave(channels * rows * columns, 0.7), wave(out * channels * taps, 1.1));
                let (bias, x) = (wave(out, 0.3), tensor((channels, rows, columns), &xs));
                let weight = matrix(out, channels * taps, &weights);
                let conv =
                    Conv { weight: &weight, bias: Some(&bias), window: window(shape), rows: None };
                let theirs = x.unsqueeze(0).unwrap().conv2d(
                    &tensor((out, channels, kernel, kernel), &weights),
                    padding,
                    stride,
                    dilation,
                    1,
                );
                let theirs = theirs.unwrap().squeeze(0).unwrap();
                let bias = tensor((out, 1, 1), &bias);
                let theirs = theirs.broadcast_add(&bias).unwrap();
                near(&x.apply_op1_no_bwd(&conv).unwrap(), &theirs);
                let some = Conv { rows: Some(1..2), ..conv };
                near(&x.apply_op1_no_bwd(&some).unwrap(), &theirs.narrow(1, 1, 1).unwrap());

                let own = wave(channels * taps, 0.9);
                let depthwise = Depthwise { weight: &own, bias: None, window: window(shape) };
                let theirs = x.unsqueeze(0).unwrap().conv2d(
                    &tensor((channels, 1, kernel, kernel), &own),
                    padding,
                    stride,
                    dilation,
                    channels,
                );
                near(
                    &x.apply_op1_no_bwd(&depthwise).unwrap(),
                    &theirs.unwrap().squeeze(0).unwrap(),
                );
            }
        }
    }

    #[test]
    fn a_line_is_a_convolution_of_one_dimension() {
        let (xs, weights) = (wave(4 * 50, 0.7), wave(6 * 4 * 3, 1.1));
        let weight = matrix(6, 12, &weights);
        let window = Window { stride: [1, 2], padding: [0, 1], ..Window::line(3) };
        let conv = Conv { weight: &weight, bias: None, window, rows: None };
        let got = tensor((4, 1, 50), &xs).apply_op1_no_bwd(&conv).unwrap();
        let want =
            tensor((1, 4, 50), &xs).conv1d(&tensor((6, 4, 3), &weights), 1, 2, 1, 1).unwrap();
        near(&got.squeeze(1).unwrap(), &want.squeeze(0).unwrap());
    }

    #[test]
    fn transposed_convolutions_are_candles() {
        for &shape in WINDOWS {
            let (kernel, stride, padding, dilation) = shape;
            let (channels, out, rows, columns) = (3, 4, 6, 9);
            let taps = kernel * kernel;
            let (xs, theirs) =
                (wave(channels * rows * columns, 0.7), wave(channels * out * taps, 1.1));
            let ours: Vec<f32> = (0..out * taps)
                .flat_map(|row| theirs.iter().skip(row).step_by(out * taps).copied())
                .collect();
            let weight = matrix(out * taps, channels, &ours);
            let more = stride - 1;
            let conv = ConvTranspose {
                weight: &weight,
                bias: None,
                window: window(shape),
                output_padding: [more; 2],
            };
            let x = tensor((channels, rows, columns), &xs);
            let kernel = tensor((channels, out, kernel, kernel), &theirs);
            let want =
                x.unsqueeze(0).unwrap().conv_transpose2d(&kernel, padding, more, stride, dilation);
            near(&x.apply_op1_no_bwd(&conv).unwrap(), &want.unwrap().squeeze(0).unwrap());
        }
    }

    #[test]
    fn what_does_not_fit_is_an_error() {
        let (xs, weight) = (tensor((2, 2, 2), &wave(8, 1.)), matrix(1, 18, &wave(18, 1.)));
        let conv = Conv { weight: &weight, bias: None, window: Window::square(3), rows: None };
        assert!(xs.apply_op1_no_bwd(&conv).is_err(), "the kernel is larger than the picture");
        let window = Window { padding: [1; 2], ..Window::square(3) };
        let conv = Conv { weight: &weight, bias: None, window, rows: None };
        assert!(xs.apply_op1_no_bwd(&conv).is_ok());
        assert!(xs.apply_op1_no_bwd(&Conv { bias: Some(&[0.; 2]), rows: None, ..conv }).is_err());
        assert!(tensor((3, 2, 2), &wave(12, 1.)).apply_op1_no_bwd(&conv).is_err());
        for rows in [1..3, 1..1] {
            let conv = Conv { rows: Some(rows), bias: None, ..conv };
            assert!(xs.apply_op1_no_bwd(&conv).is_err());
        }
        let depthwise = Depthwise { weight: &[1.; 9], bias: None, window };
        assert!(xs.apply_op1_no_bwd(&depthwise).is_err());
    }
}
