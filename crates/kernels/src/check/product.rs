use candle_core::{Result, bail};

use super::{Random, near};
use crate::{
    Kind, Matrix,
    machine::On,
    rounded::{MOST, nearest},
};

/// Sums of whole numbers are exact on every machine; what is left is that some round once where
/// others round twice, for each block of a row.
const ROUNDING: f64 = 1e-6;
/// Activations of quantized products have fourteen bits: half a step, over the largest of a row.
const FOURTEEN_BITS: f64 = 0.5 / MOST as f64;

/// Rows of activations, rows and columns of the matrix.
pub(super) type Shape = (usize, usize, usize);

/// Shapes at the edges of what kernels do at once, and some between.
pub(super) fn shapes(random: &mut Random, block_len: usize) -> Vec<Shape> {
    let edges = [(1, 1, 1), (1, 4, 1), (0, 5, 1), (3, 33, 2), (8, 7, 3), (13, 40, 1)];
    let any = (0..4).map(|_| (random.below(18), 1 + random.below(70), 1 + random.below(4)));
    edges.into_iter().chain(any).map(|(m, rows, blocks)| (m, rows, blocks * block_len)).collect()
}

pub(super) fn check(kind: Kind, (m, rows, columns): Shape, random: &mut Random) -> Result<()> {
    let mut matrix = Matrix::zeros(kind, rows, columns)?;
    matrix.pack(0, &random.floats(rows * columns, columns))?;
    let xs = random.floats(m * columns, columns);
    let results =
        On::ALL.iter().map(|on| matrix.product_on(*on, &xs)).collect::<Result<Vec<_>>>()?;
    let ids: Vec<u32> = (0..rows as u32).collect();
    let weights = matrix.look_up(&ids)?;
    let rounds = kind.block_len() > 1;
    for (n, x) in xs.chunks_exact(columns).enumerate() {
        let most = largest(x);
        let rounded = if rounds { rounded(x, most as f32) } else { x.to_vec() };
        for (row, weights) in weights.chunks_exact(columns).enumerate() {
            let sum = |x: &[f32]| x.iter().zip(weights).map(product).sum::<f64>();
            let (exact, by_hand) = (sum(x), sum(&rounded));
            let magnitude = most * magnitudes(weights);
            let rounding = if rounds { FOURTEEN_BITS * magnitude } else { 0. };
            // Blocks with something in common to be added cancel large numbers against each other.
            let slack = ROUNDING * (magnitude + magnitudes(x) * largest(weights))
                + f64::from(f32::MIN_POSITIVE);
            for (on, result) in On::ALL.iter().zip(&results) {
                let got = f64::from(result[n * rows + row]);
                if !near(got, by_hand, slack) || !near(got, exact, rounding + slack) {
                    bail!(
                        "{kind:?} on {on:?}: ({m}, {columns}) times ({rows}, {columns}) gives {got} \
                         where it should be {exact}, and {by_hand} with activations of fourteen bits"
                    )
                }
            }
        }
    }
    Ok(())
}

fn product((x, w): (&f32, &f32)) -> f64 {
    f64::from(*x) * f64::from(*w)
}

fn magnitudes(xs: &[f32]) -> f64 {
    xs.iter().map(|x| f64::from(x.abs())).sum()
}

fn largest(xs: &[f32]) -> f64 {
    xs.iter().fold(0f64, |most, x| most.max(f64::from(x.abs())))
}

/// A row whose largest magnitude is `most`, with fourteen bits for each number.
fn rounded(x: &[f32], most: f32) -> Vec<f32> {
    match most > 0. {
        true => x.iter().map(|x| f32::from(nearest(x * (MOST / most))) * (most / MOST)).collect(),
        false => x.to_vec(),
    }
}
