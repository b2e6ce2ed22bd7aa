use crate::{
    each::each,
    machine::{Machine, Work},
    quants::GROUPS,
    threads::{each_row, on_all_threads},
    tile::ROWS,
};

/// Columns that are rounded together; every quantized kind has rows of whole ones.
pub(crate) const BLOCK_LEN: usize = 32;
/// The largest whole number an activation becomes.
pub(crate) const MOST: f32 = 127.;
/// Halves of a row that is rounded finely.
pub(crate) const BOTH: usize = 2;
/// What a whole number of the upper half counts in those of the lower.
pub(crate) const UPPER: f32 = (1 << UPPER_BITS) as f32;
const UPPER_BITS: u32 = 7;
/// Numbers of this size are whole ones apart.
pub(crate) const WHOLE: f32 = 12_582_912.; // 1.5 * 2^23
/// Rounding fewer numbers is done before another thread has taken a share.
const WORTH_SHARING: usize = 16_384;
/// Numbers of a share.
const SHARE: usize = 8192;

/// Activations of some rows, column by column: number `row` of column `k` is `xs[stride * k + row]`.
#[derive(Clone, Copy)]
pub(crate) struct Columns<'a> {
    pub(crate) xs: &'a [f32],
    pub(crate) stride: usize,
    pub(crate) rows: usize,
}

impl Columns<'_> {
    /// Eight rows of a column, and what stands there where there are no more.
    #[inline(always)]
    fn octet(&self, column: usize, row: usize) -> [f32; 8] {
        let xs = &self.xs[self.stride * column + row..];
        match xs.first_chunk() {
            Some(octet) => *octet,
            None => each(|i| xs.get(i).copied().unwrap_or(0.)),
        }
    }

    /// Row by row.
    pub(crate) fn turned(&self, columns: usize) -> Vec<f32> {
        let mut turned = vec![0f32; self.rows * columns];
        each_row(&mut turned, columns, |row, turned| {
            for (k, x) in turned.iter_mut().enumerate() {
                *x = self.xs[self.stride * k + row];
            }
        });
        turned
    }
}

/// Activations `(m, columns)` as whole numbers of eight bits, in panels of `N` rows.
pub(crate) struct Rounded<M: Machine, const N: usize> {
    blocks: Vec<Block<M, N>>, // (m / N, columns / BLOCK_LEN)
    per_row: usize,
}

/// 32 activations of each row of a panel: `middle + step * whole number`.
#[derive(Clone, Copy)]
pub(crate) struct Block<M: Machine, const N: usize> {
    pub(crate) fours: [[M::Four; N]; GROUPS],
    /// NaN if a number of the 32 is not finite, so that no wrong answer comes of it.
    pub(crate) steps: [f32; N],
    pub(crate) middles: [f32; N],
    /// Of each piece, without the middle.
    pub(crate) sums: [[f32; N]; 2],
}

impl<M: Machine, const N: usize> Rounded<M, N> {
    /// For weights with as many `PIECES` in a block. `columns` is a multiple of [`BLOCK_LEN`].
    ///
    /// Every 32 of a row have a step of their own, as weights of Q8_0 have, so that one number that outweighs all others
    /// spoils its neighbours only.
    pub(crate) fn new<const PIECES: usize>(xs: &[f32], columns: usize) -> Self {
        let mut rounded = Self::empty(xs.len() / columns, columns);
        let per_row = rounded.per_row;
        let panels = (SHARE / (N * columns)).max(1);
        let shares = xs.chunks(panels * N * columns);
        let shares = shares.zip(rounded.blocks.chunks_mut(panels * per_row));
        let share = |(xs, blocks): (&[f32], &mut [Block<M, N>])| {
            for (i, xs) in xs.chunks_exact(columns).enumerate() {
                let blocks = &mut blocks[i / N * per_row..][..per_row];
                M::enter(Row::<M, N, PIECES> { xs, blocks, n: i % N });
            }
        };
        match xs.len() < WORTH_SHARING {
            true => shares.for_each(share),
            false => on_all_threads(shares, share),
        }
        rounded
    }

    /// The same of rows that lie column by column, with as many columns.
    pub(crate) fn of_columns<const PIECES: usize>(xs: Columns<'_>, columns: usize) -> Self
    where
        for<'s> EightRows<'s, M, N, PIECES>: Work,
    {
        let mut rounded = Self::empty(xs.rows, columns);
        let per_row = rounded.per_row;
        let panels = (SHARE / (N * columns)).max(1) * 8 / N;
        let shares = rounded.blocks.chunks_mut(panels * per_row).enumerate();
        let share = |(i, blocks)| {
            M::enter(EightRows::<M, N, PIECES> { xs, first: i * panels * N, per_row, blocks });
        };
        match xs.rows * columns < WORTH_SHARING {
            true => shares.for_each(share),
            false => on_all_threads(shares, share),
        }
        rounded
    }

    /// The same with fourteen bits, every row in so many `parts` of a panel: two if [the machine](Machine::WIDE) cannot
    /// have them in one.
    ///
    /// One step serves a whole row: the row's error, as a vector, is at most `sqrt(columns) / 32512` of its length,
    /// which takes one number that outweighs all others.
    pub(crate) fn fine<const PIECES: usize>(xs: &[f32], columns: usize, parts: usize) -> Self {
        let mut rounded = Self::empty(xs.len() / columns * parts, columns);
        for (i, xs) in xs.chunks_exact(columns).enumerate() {
            let (panel, n) = (parts * i / N, parts * i % N);
            let blocks = &mut rounded.blocks[panel * rounded.per_row..][..rounded.per_row];
            M::enter(FineRow::<M, N, PIECES> { xs, blocks, n });
        }
        rounded
    }

    fn empty(rows: usize, columns: usize) -> Self {
        let per_row = columns / BLOCK_LEN;
        let fours = M::fours(&[0; BLOCK_LEN]).map(|four| [four; N]);
        let empty = Block { fours, steps: [0.; N], middles: [0.; N], sums: [[0.; N]; 2] };
        Self { blocks: vec![empty; rows.div_ceil(N) * per_row], per_row }
    }

    /// The blocks of each panel.
    pub(crate) fn panels(&self) -> impl Iterator<Item = &[Block<M, N>]> {
        self.blocks.chunks_exact(self.per_row)
    }
}

impl<M: Machine, const N: usize> Block<M, N> {
    #[inline(always)]
    fn put(&mut self, n: usize, whole: &[i16; BLOCK_LEN], step: f32) {
        self.steps[n] = step;
        for (fours, four) in self.fours.iter_mut().zip(M::fours(whole)) {
            fours[n] = four;
        }
    }

    #[inline(always)]
    fn put_sums<const PIECES: usize>(&mut self, n: usize, whole: &[i16; BLOCK_LEN], step: f32) {
        for (sums, piece) in self.sums.iter_mut().zip(whole.chunks_exact(BLOCK_LEN / PIECES)) {
            sums[n] = step * piece.iter().map(|x| i32::from(*x)).sum::<i32>() as f32;
        }
    }
}

/// Rounds row `n` of a panel.
struct Row<'a, K: Machine, const N: usize, const PIECES: usize> {
    xs: &'a [f32],
    blocks: &'a mut [Block<K, N>],
    n: usize,
}

impl<K: Machine, const N: usize, const PIECES: usize> Work for Row<'_, K, N, PIECES> {
    type Output = ();

    #[inline(always)]
    fn run<M: Machine>(self) {
        for (block, xs) in self.blocks.iter_mut().zip(self.xs.as_chunks().0) {
            let Scale { middle, step, inverse } = Scale::of(xs);
            let whole = xs.map(|x| nearest((x - middle) * inverse));
            block.put(self.n, &whole, step);
            block.put_sums::<PIECES>(self.n, &whole, step);
            block.middles[self.n] = middle;
        }
    }
}

/// Rounds rows from `first` on, eight at a time, into panels. Entered by the machine `K`.
pub(crate) struct EightRows<'a, K: Machine, const N: usize, const PIECES: usize> {
    xs: Columns<'a>,
    first: usize,
    per_row: usize,
    blocks: &'a mut [Block<K, N>],
}

impl<K: Machine, const PIECES: usize> Work for EightRows<'_, K, ROWS, PIECES> {
    type Output = ();

    #[inline(always)]
    fn run<M: Machine>(self) {
        for part in 0..self.per_row {
            let pairs = self.blocks.chunks_mut(2 * self.per_row);
            for (blocks, row) in pairs.zip((self.first..).step_by(2 * ROWS)) {
                let octet = |k| K::octet(&self.xs.octet(part * BLOCK_LEN + k, row));
                let rounded = eight_rows::<K, PIECES>(octet);
                for (blocks, rounded) in blocks.chunks_exact_mut(self.per_row).zip(rounded) {
                    blocks[part] = rounded;
                }
            }
        }
    }
}

/// 32 columns of eight rows, each `octet` a column, as those of two panels.
#[inline(always)]
fn eight_rows<K: Machine, const PIECES: usize>(
    octet: impl Fn(usize) -> K::Octet,
) -> [Block<K, ROWS>; 2] {
    let (one, splat) = (K::octet_splat(1.), K::octet_splat);
    let (mut least, mut most) = (splat(f32::INFINITY), splat(f32::NEG_INFINITY));
    // Zero where all are finite.
    let mut sound = splat(0.);
    for k in 0..BLOCK_LEN {
        let x = octet(k);
        (least, most) = (K::octet_min(x, least), K::octet_max(x, most));
        sound = K::octet_mul_add(x, splat(0.), sound);
    }
    let [least, most, sound] = [least, most, sound].map(K::octet_to_array);
    let scales: [Scale; 2 * ROWS] = each(|n| Scale::between(least[n] + sound[n], most[n]));
    let less = K::octet(&scales.map(|scale| -scale.middle));
    let inverse = K::octet(&scales.map(|scale| scale.inverse));
    let mut fours = [[[K::four([0; 4]); ROWS]; GROUPS]; 2];
    let mut sums = [splat(0.); 2];
    for group in 0..GROUPS {
        let whole = each(|i| {
            let from_middle = K::octet_mul_add(octet(4 * group + i), one, less);
            K::octet_mul_add(K::octet_mul_add(from_middle, inverse, splat(0.)), one, splat(WHOLE))
        });
        let sum = &mut sums[group * PIECES / GROUPS];
        for whole in whole {
            *sum = K::octet_mul_add(K::octet_mul_add(whole, one, splat(-WHOLE)), one, *sum);
        }
        let [first, last] = K::fours_of(whole);
        (fours[0][group], fours[1][group]) = (first, last);
    }
    let sums = sums.map(K::octet_to_array);
    each(|panel| {
        let scale = |n: usize| scales[panel * ROWS + n];
        Block {
            fours: fours[panel],
            steps: each(|n| scale(n).step),
            middles: each(|n| scale(n).middle),
            sums: each(|piece| each(|n| scale(n).step * sums[piece][panel * ROWS + n])),
        }
    })
}

/// Rounds a row into row `n` of a panel, or into its upper halves, of which one counts [`UPPER`] steps, and, as row
/// `n + 1`, its lower.
struct FineRow<'a, K: Machine, const N: usize, const PIECES: usize> {
    xs: &'a [f32],
    blocks: &'a mut [Block<K, N>],
    n: usize,
}

impl<K: Machine, const N: usize, const PIECES: usize> Work for FineRow<'_, K, N, PIECES> {
    type Output = ();

    #[inline(always)]
    fn run<M: Machine>(self) {
        let (least, most) = ends(self.xs);
        let [step, inverse] = step(least, most, most.max(-least), MOST * UPPER);
        for (block, xs) in self.blocks.iter_mut().zip(self.xs.as_chunks::<BLOCK_LEN>().0) {
            let whole = xs.map(|x| nearest(x * inverse));
            if K::WIDE {
                block.put(self.n, &whole, step);
            } else {
                let upper = whole.map(|x| (x + (1 << UPPER_BITS >> 1)) >> UPPER_BITS);
                let lower = each(|i| whole[i] - (upper[i] << UPPER_BITS));
                block.put(self.n, &upper, step);
                block.put(self.n + 1, &lower, step);
            }
            block.put_sums::<PIECES>(self.n, &whole, step);
        }
    }
}

/// How 32 numbers become whole ones from -127 to 127: `(x - middle) * inverse`.
#[derive(Clone, Copy)]
struct Scale {
    middle: f32,
    step: f32,
    inverse: f32,
}

impl Scale {
    #[inline(always)]
    fn of(xs: &[f32; BLOCK_LEN]) -> Self {
        let (least, most) = ends(xs);
        Self::between(least, most)
    }

    #[inline(always)]
    fn between(least: f32, most: f32) -> Self {
        let [step, inverse] = step(least, most, most / 2. - least / 2., MOST);
        Self { middle: least / 2. + most / 2., step, inverse }
    }
}

/// 32 numbers as whole ones from -127 to 127, and what one of those counts: NaN if a number is not finite.
pub(crate) fn around_zero(xs: &[f32; BLOCK_LEN]) -> ([i16; BLOCK_LEN], f32) {
    let (least, most) = ends(xs);
    let [step, inverse] = step(least, most, most.max(-least), MOST);
    (xs.map(|x| nearest(x * inverse)), step)
}

/// What a whole number counts for numbers that are `half` from zero at most, and one over that, so that they become whole
/// ones up to `whole`.
#[inline(always)]
fn step(least: f32, most: f32, half: f32, whole: f32) -> [f32; 2] {
    let inverse = whole / half;
    match (least.is_finite() && most.is_finite(), inverse.is_finite()) {
        (false, _) => [f32::NAN, 0.],
        // All are as good as one, or as zero.
        (true, false) => [0.; 2],
        (true, true) => [half / whole, inverse],
    }
}

/// The least and the largest of some numbers; what is not a number counts as beyond infinity.
#[inline(always)]
fn ends(xs: &[f32]) -> (f32, f32) {
    // Whole numbers that are in order as the floats are: of those below zero, the bits of the magnitude are turned.
    let turned = |bits: i32| bits ^ ((bits >> 31) & i32::MAX);
    let ordered = xs.iter().map(|x| turned(x.to_bits().cast_signed()));
    let (least, most) =
        ordered.fold((i32::MAX, i32::MIN), |(least, most), x| (least.min(x), most.max(x)));
    let float = |ordered: i32| f32::from_bits(turned(ordered).cast_unsigned());
    (float(least), float(most))
}

/// The whole number nearest to `x`, whose magnitude is small; ties go to the even one.
#[inline(always)]
pub(crate) fn nearest(x: f32) -> i16 {
    ((x + WHOLE).to_bits().wrapping_sub(WHOLE.to_bits())) as i16
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::TestScalar as Scalar;

    #[test]
    fn ties_go_to_the_even_number() {
        for (x, want) in [(0.5, 0), (1.5, 2), (-0.5, 0), (-1.5, -2), (126.6, 127), (-127., -127)] {
            assert_eq!(nearest(x), want, "{x}");
        }
    }

    fn first<const N: usize>(rounded: &Rounded<Scalar, N>) -> Block<Scalar, N> {
        rounded.panels().next().unwrap()[0]
    }

    /// Number `i` of row `n`.
    fn read<const N: usize>(block: &Block<Scalar, N>, n: usize, i: usize) -> f32 {
        block.middles[n] + block.steps[n] * f32::from(block.fours[i / 4][n][i % 4])
    }

    #[test]
    fn a_row_keeps_its_sums_and_step() {
        let xs: Vec<f32> = (0..96).map(|i| (i % 32) as f32 - 15.5).collect();
        let rounded = Rounded::<Scalar, 2>::new::<2>(&xs, 32);
        let last = rounded.panels().nth(1).unwrap()[0];
        let sums = last.sums.map(|sums| sums[0]);
        assert!((sums[0] + 128.).abs() < 2. && (sums[1] - 128.).abs() < 2., "{sums:?}");
        assert_eq!(last.sums.map(|sums| sums[1]), [0.; 2], "nothing stands in the last row");
        assert_eq!((last.fours[7][0][3], last.steps[0]), (127, 15.5 / 127.));
    }

    #[test]
    fn numbers_are_counted_from_their_middle() {
        let xs: [f32; 32] = std::array::from_fn(|i| i as f32 - 5.);
        let block = first(&Rounded::<Scalar, 1>::new::<1>(&xs, 32));
        assert_eq!((block.middles[0], block.steps[0]), (10.5, 15.5 / 127.));
        for (i, x) in xs.into_iter().enumerate() {
            let got = read(&block, 0, i);
            assert!((got - x).abs() <= block.steps[0] / 2. + 1e-6, "{x} became {got}");
        }
    }

    #[test]
    fn fine_numbers_have_fourteen_bits() {
        let xs: [f32; 64] = std::array::from_fn(|i| (i as f32).sin());
        let rounded = Rounded::<Scalar, 4>::fine::<1>(&xs, 32, BOTH);
        for (i, x) in xs.into_iter().enumerate() {
            let got = read(&first(&rounded), i / 32 * BOTH, i % 32);
            assert!((got - x).abs() <= 0.51 / 16256., "{x} became {got}");
        }
    }

    #[test]
    fn what_is_not_finite_says_so_and_equal_numbers_stay() {
        for bad in [f32::NAN, -f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let mut xs = vec![1.; 64];
            xs[40] = bad;
            let steps = |xs: &[f32]| {
                let fine = Rounded::<Scalar, 1>::fine::<1>(xs, 32, 1);
                [&fine, &Rounded::new::<1>(xs, 32)].map(|rounded| first(rounded).steps[0])
            };
            assert!(steps(&xs[..32]).iter().all(|step| step.is_finite()));
            assert!(steps(&xs[32..]).iter().all(|step| step.is_nan()), "{bad}");
        }
        for small in [0., f32::MIN_POSITIVE / 65536.] {
            assert_eq!(first(&Rounded::<Scalar, 1>::fine::<1>(&[small; 32], 32, 1)).steps, [0.]);
        }
        let equal = first(&Rounded::<Scalar, 1>::new::<1>(&[-3.; 32], 32));
        assert_eq!((equal.steps, equal.middles), ([0.], [-3.]));
        let far: [f32; 32] = std::array::from_fn(|i| if i < 9 { f32::MAX } else { f32::MIN });
        assert!(first(&Rounded::<Scalar, 1>::new::<1>(&far, 32)).steps[0].is_finite());
    }
}
