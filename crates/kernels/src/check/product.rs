use candle_core::{Result, bail};

use super::{Random, near};
use crate::{
    Kind, Matrix,
    machine::On,
    matrix::FINE,
    rounded::{BLOCK_LEN, Columns, MOST, UPPER},
};

/// Sums of whole numbers are exact on every machine; what is left is that some round once where
/// others round twice, for each block of a row.
const ROUNDING: f64 = 1e-6;

/// Rows of activations, rows and columns of the matrix.
pub(super) type Shape = (usize, usize, usize);

/// Shapes at the edges of what kernels do at once, and some between.
pub(super) fn shapes(random: &mut Random, block_len: usize) -> Vec<Shape> {
    let edges = [(1, 1, 1), (1, 4, 1), (0, 5, 1), (3, 33, 2), (8, 7, 3), (13, 40, 1), (38, 6, 2)];
    let any = (0..4).map(|_| (random.below(18), 1 + random.below(70), 1 + random.below(4)));
    edges.into_iter().chain(any).map(|(m, rows, blocks)| (m, rows, blocks * block_len)).collect()
}

pub(super) fn check(kind: Kind, (m, rows, columns): Shape, random: &mut Random) -> Result<()> {
    let mut matrix = Matrix::zeros(kind, rows, columns)?;
    matrix.pack(0, &random.floats(rows * columns, columns))?;
    let xs = random.floats(m * columns, columns);
    let results =
        On::ALL.iter().map(|on| matrix.product_on(*on, &xs)).collect::<Result<Vec<_>>>()?;
    for (on, result) in On::ALL.iter().zip(&results) {
        if turned(&matrix, *on, &xs)? != *result {
            bail!(
                "{kind:?} on {on:?}: ({m}, {columns}) times ({rows}, {columns}) is another by columns"
            )
        }
    }
    let ids: Vec<u32> = (0..rows as u32).collect();
    let weights = matrix.look_up(&ids)?;
    let round = |x: &[f32]| match kind {
        Kind::F32 | Kind::F16 | Kind::BF16 => (x.to_vec(), vec![0.; x.len()]),
        _ if m < FINE => finely_rounded(x),
        _ => rounded(x),
    };
    for (n, x) in xs.chunks_exact(columns).enumerate() {
        let (rounded, off) = round(x);
        for (row, weights) in weights.chunks_exact(columns).enumerate() {
            let sum = |x: &[f32]| x.iter().zip(weights).map(product).sum::<f64>();
            let (exact, by_hand) = (sum(x), sum(&rounded));
            let rounding: f64 = off.iter().zip(weights).map(|pair| product(pair).abs()).sum();
            // Blocks with something in common to be added cancel large numbers against each other.
            let slack = ROUNDING
                * (largest(x) * magnitudes(weights) + magnitudes(x) * largest(weights))
                + f64::from(f32::MIN_POSITIVE);
            for (on, result) in On::ALL.iter().zip(&results) {
                let got = f64::from(result[n * rows + row]);
                if !near(got, by_hand, slack) || !near(got, exact, rounding + slack) {
                    bail!(
                        "{kind:?} on {on:?}: ({m}, {columns}) times ({rows}, {columns}) gives {got} \
                         where it should be {exact}, and {by_hand} with rounded activations"
                    )
                }
            }
        }
    }
    Ok(())
}

/// The same product of activations that lie column by column, some numbers apart.
fn turned(matrix: &Matrix, on: On, xs: &[f32]) -> Result<Vec<f32>> {
    let (rows, columns) = (matrix.rows(), matrix.columns());
    let (m, stride) = (xs.len() / columns, xs.len() / columns + 3);
    let mut by_column = vec![f32::NAN; stride * columns];
    for (i, x) in xs.iter().enumerate() {
        by_column[i % columns * stride + i / columns] = *x;
    }
    let mut out = vec![0f32; rows * m];
    if m > 0 {
        let mut by_row: Vec<_> = out.chunks_exact_mut(m).collect();
        matrix.product_turned(on, Columns { xs: &by_column, stride, rows: m }, &mut by_row)?;
    }
    Ok((0..m * rows).map(|i| out[i % rows * m + i / rows]).collect())
}

fn product((x, w): (&f32, &f32)) -> f64 {
    f64::from(*x) * f64::from(*w)
}

pub(super) fn magnitudes(xs: &[f32]) -> f64 {
    xs.iter().map(|x| f64::from(x.abs())).sum()
}

pub(super) fn largest(xs: &[f32]) -> f64 {
    xs.iter().fold(0f64, |most, x| most.max(f64::from(x.abs())))
}

/// A row with fourteen bits for each number, and how far each may be off.
fn finely_rounded(x: &[f32]) -> (Vec<f32>, Vec<f32>) {
    let most = largest(x) as f32;
    (
        x.iter().map(|x| round(*x, 0., most, MOST * UPPER)).collect(),
        vec![most / MOST / UPPER / 2.; x.len()],
    )
}

/// A row with eight bits for each number, counted from the middle of each 32 on; and how far each may be off.
pub(super) fn rounded(x: &[f32]) -> (Vec<f32>, Vec<f32>) {
    let blocks = x.as_chunks::<BLOCK_LEN>().0.iter().map(|x| {
        let least = x.iter().copied().fold(f32::INFINITY, f32::min);
        let most = x.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let (middle, half) = ((least + most) / 2., (most - least) / 2.);
        (x.map(|x| round(x, middle, half, MOST)), [half / MOST / 2.; BLOCK_LEN])
    });
    let (rounded, off): (Vec<_>, Vec<_>) = blocks.unzip();
    (rounded.concat(), off.concat())
}

/// The same for whole blocks counted from zero on.
pub(super) fn around_zero(x: &[f32]) -> Vec<f32> {
    let blocks = x.as_chunks::<BLOCK_LEN>().0.iter();
    blocks.flat_map(|x| x.map(|one| round(one, 0., largest(x) as f32, MOST))).collect()
}

/// `x`, which is `half` from the `middle` at most, in steps of which there are so many on either side.
fn round(x: f32, middle: f32, half: f32, steps: f32) -> f32 {
    match half > 0. {
        true => middle + half / steps * ((x - middle) * (steps / half)).round_ties_even(),
        false => middle,
    }
}
