use candle_core::{Result, bail};

use super::{Random, near};
use crate::{Kind, Matrix, machine::On};

/// Sums of whole numbers are exact on every machine; what is left is that some round once where
/// others round twice, for each block of a row.
const ROUNDING: f64 = 1e-6;
/// Activations of quantized products have fourteen bits: half a step, over the largest of a row.
const FOURTEEN_BITS: f64 = 0.5 / 8191.;

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
    let scalar = matrix.product_on(On::Scalar, &xs)?;
    let results =
        On::ALL.iter().map(|on| matrix.product_on(*on, &xs)).collect::<Result<Vec<_>>>()?;
    let ids: Vec<u32> = (0..rows as u32).collect();
    let weights = matrix.look_up(&ids)?;
    let rounds = kind.block_len() > 1;
    for (n, x) in xs.chunks_exact(columns).enumerate() {
        let most = x.iter().fold(0f64, |most, x| most.max(f64::from(*x).abs()));
        for (row, weights) in weights.chunks_exact(columns).enumerate() {
            let products = || x.iter().zip(weights).map(|(x, w)| f64::from(*x) * f64::from(*w));
            let magnitude: f64 = products().map(f64::abs).sum();
            let magnitudes: f64 = weights.iter().map(|w| f64::from(*w).abs()).sum();
            let rounding = if rounds { FOURTEEN_BITS * most * magnitudes } else { 0. };
            let exact: f64 = products().sum();
            let scalar = f64::from(scalar[n * rows + row]);
            // Blocks with something in common to be added cancel large numbers against each other.
            let slack = ROUNDING * (magnitude + most * magnitudes) + f64::from(f32::MIN_POSITIVE);
            for (on, result) in On::ALL.iter().zip(&results) {
                let got = f64::from(result[n * rows + row]);
                if !near(got, scalar, slack) || !near(got, exact, rounding + slack) {
                    bail!(
                        "{kind:?} on {on:?}: ({m}, {columns}) times ({rows}, {columns}) gives {got} \
                         where it should be {exact}, and {scalar} number by number"
                    )
                }
            }
        }
    }
    Ok(())
}
