//! Whole numbers of four rows by 32 columns, laid out for [`Machine::group`]: byte `4 * row + i` of
//! group `g` is column `4 * g + i`.

use crate::{each::each, machine::Machine};

/// Groups of four columns.
pub(crate) const GROUPS: usize = 8;

/// One way to hold them.
pub(crate) trait Quants: Copy + Send + Sync + 'static {
    /// Whether they are two's complement.
    const SIGNED: bool;
    const EMPTY: Self;

    fn groups<M: Machine>(&self) -> [M::Group; GROUPS];
    fn set(&mut self, row: usize, raw: &[u8; 32]);
    fn get(&self, row: usize) -> [u8; 32];
}

/// Some bits of each number.
pub(crate) trait Plane: Copy + Send + Sync + 'static {
    const BITS: i32;
    const EMPTY: Self;

    /// All groups, with their lowest bit moved to bit `at`.
    fn bytes<M: Machine>(&self, at: i32) -> [M::Bytes; GROUPS];
    /// Bits above the lowest [`BITS`](Self::BITS) are passed over.
    fn set(&mut self, row: usize, raw: &[u8; 32]);
    fn get(&self, row: usize) -> [u8; 32];
}

/// Signed numbers of eight bits.
#[derive(Clone, Copy)]
pub(crate) struct Bytes([[u8; 16]; GROUPS]);

/// Four bits: group `g` below, group `g + 4` above.
#[derive(Clone, Copy)]
pub(crate) struct Nibbles([[u8; 16]; 4]);

/// Two bits: those of group `g` are bits `2 * (g % 4) ..` of the vector `g / 4`.
#[derive(Clone, Copy)]
pub(crate) struct TwoBits([[u8; 16]; 2]);

/// One bit: that of group `g` is bit `g`.
#[derive(Clone, Copy)]
pub(crate) struct OneBit([u8; 16]);

/// The bits of `L`, and above them those of `H`.
#[derive(Clone, Copy)]
#[repr(C)]
pub(crate) struct Joined<L, H> {
    low: L,
    high: H,
}

impl Quants for Bytes {
    const SIGNED: bool = true;
    const EMPTY: Self = Self([[0; 16]; GROUPS]);

    #[inline(always)]
    fn groups<M: Machine>(&self) -> [M::Group; GROUPS] {
        each(|g| M::group::<true>(M::load(&self.0[g])))
    }

    fn set(&mut self, row: usize, raw: &[u8; 32]) {
        for (group, four) in self.0.iter_mut().zip(raw.as_chunks::<4>().0) {
            group.as_chunks_mut::<4>().0[row] = *four;
        }
    }

    fn get(&self, row: usize) -> [u8; 32] {
        std::array::from_fn(|column| self.0[column / 4][4 * row + column % 4])
    }
}

impl Nibbles {
    /// A row's sixteen bytes that have columns `i` below and `i + 16` above.
    pub(crate) fn set_pairs(&mut self, row: usize, pairs: &[u8]) {
        for (to, four) in self.0.iter_mut().zip(pairs.as_chunks::<4>().0) {
            to.as_chunks_mut::<4>().0[row] = *four;
        }
    }
}

impl<P: Plane> Quants for P {
    const SIGNED: bool = false;
    const EMPTY: Self = P::EMPTY;

    #[inline(always)]
    fn groups<M: Machine>(&self) -> [M::Group; GROUPS] {
        let bytes = self.bytes::<M>(0);
        each(|g| M::group::<false>(bytes[g]))
    }

    fn set(&mut self, row: usize, raw: &[u8; 32]) {
        Plane::set(self, row, raw);
    }

    fn get(&self, row: usize) -> [u8; 32] {
        Plane::get(self, row)
    }
}

impl Plane for Nibbles {
    const BITS: i32 = 4;
    const EMPTY: Self = Self([[0; 16]; 4]);

    #[inline(always)]
    fn bytes<M: Machine>(&self, at: i32) -> [M::Bytes; GROUPS] {
        let pairs: [_; 4] = each(|pair| M::load(&self.0[pair]));
        each(|g| {
            let down = if g < 4 { 0 } else { 4 };
            M::and(M::moved(pairs[g % 4], at - down), 15 << at)
        })
    }

    fn set(&mut self, row: usize, raw: &[u8; 32]) {
        for (i, pair) in self.0.iter_mut().enumerate() {
            let both = four(raw, i, 15) | four(raw, i + 4, 15) << 4;
            pair.as_chunks_mut::<4>().0[row] = both.to_le_bytes();
        }
    }

    fn get(&self, row: usize) -> [u8; 32] {
        std::array::from_fn(|column| {
            let both = self.0[column / 4 % 4][4 * row + column % 4];
            if column < 16 { both & 15 } else { both >> 4 }
        })
    }
}

impl Plane for TwoBits {
    const BITS: i32 = 2;
    const EMPTY: Self = Self([[0; 16]; 2]);

    #[inline(always)]
    fn bytes<M: Machine>(&self, at: i32) -> [M::Bytes; GROUPS] {
        let quarters: [_; 2] = each(|half| M::load(&self.0[half]));
        each(|g| {
            let down = 2 * (g % 4) as i32;
            M::and(M::moved(quarters[g / 4], at - down), 3 << at)
        })
    }

    fn set(&mut self, row: usize, raw: &[u8; 32]) {
        for (half, quarters) in self.0.iter_mut().enumerate() {
            let all = (0..4).fold(0, |all, g| all | four(raw, 4 * half + g, 3) << (2 * g));
            quarters.as_chunks_mut::<4>().0[row] = all.to_le_bytes();
        }
    }

    fn get(&self, row: usize) -> [u8; 32] {
        std::array::from_fn(|column| {
            self.0[column / 16][4 * row + column % 4] >> (2 * (column / 4 % 4)) & 3
        })
    }
}

impl Plane for OneBit {
    const BITS: i32 = 1;
    const EMPTY: Self = Self([0; 16]);

    #[inline(always)]
    fn bytes<M: Machine>(&self, at: i32) -> [M::Bytes; GROUPS] {
        let eighths = M::load(&self.0);
        each(|g| M::and(M::moved(eighths, at - g as i32), 1 << at))
    }

    fn set(&mut self, row: usize, raw: &[u8; 32]) {
        let all = (0..GROUPS).fold(0, |all, g| all | four(raw, g, 1) << g);
        self.0.as_chunks_mut::<4>().0[row] = all.to_le_bytes();
    }

    fn get(&self, row: usize) -> [u8; 32] {
        std::array::from_fn(|column| self.0[4 * row + column % 4] >> (column / 4) & 1)
    }
}

impl<L: Plane, H: Plane> Plane for Joined<L, H> {
    const BITS: i32 = L::BITS + H::BITS;
    const EMPTY: Self = Self { low: L::EMPTY, high: H::EMPTY };

    #[inline(always)]
    fn bytes<M: Machine>(&self, at: i32) -> [M::Bytes; GROUPS] {
        let (low, high) = (self.low.bytes::<M>(at), self.high.bytes::<M>(at + L::BITS));
        each(|g| M::or(low[g], high[g]))
    }

    fn set(&mut self, row: usize, raw: &[u8; 32]) {
        self.low.set(row, raw);
        self.high.set(row, &raw.map(|raw| raw >> L::BITS));
    }

    fn get(&self, row: usize) -> [u8; 32] {
        let (low, high) = (self.low.get(row), self.high.get(row));
        std::array::from_fn(|column| low[column] | high[column] << L::BITS)
    }
}

/// Group `g` of a row, side by side, each number masked.
fn four(raw: &[u8; 32], g: usize, mask: u8) -> u32 {
    u32::from_le_bytes(raw.as_chunks::<4>().0[g]) & u32::from_le_bytes([mask; 4])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::TestScalar as Scalar;

    fn check<Q: Quants>(bits: u32) {
        let raw = |row: usize| -> [u8; 32] {
            std::array::from_fn(|i| ((i * 37 + row * 101 + 5) % (1 << bits)) as u8)
        };
        let mut quants = Q::EMPTY;
        for row in 0..4 {
            quants.set(row, &raw(row));
        }
        let groups = quants.groups::<Scalar>();
        for row in 0..4 {
            assert_eq!(quants.get(row), raw(row), "{bits} bits");
            for (column, want) in raw(row).into_iter().enumerate() {
                let got = groups[column / 4][4 * row + column % 4];
                assert_eq!(got as u8, want, "{bits} bits, row {row}, column {column}");
            }
        }
    }

    #[test]
    fn what_is_set_is_what_kernels_see() {
        check::<Bytes>(8);
        check::<Nibbles>(4);
        check::<TwoBits>(2);
        check::<Joined<TwoBits, OneBit>>(3);
        check::<Joined<Nibbles, OneBit>>(5);
        check::<Joined<Nibbles, TwoBits>>(6);
    }
}
