/// `one(0)`, `one(1)` and so on: like [`std::array::from_fn`], which a compiler leaves as a call where
/// the loop around it is hot.
#[inline(always)]
pub(crate) fn each<T: Copy, const N: usize>(mut one: impl FnMut(usize) -> T) -> [T; N] {
    let mut all = [one(0); N];
    for (i, place) in all.iter_mut().enumerate().skip(1) {
        *place = one(i);
    }
    all
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_place_is_asked_for_once_in_its_turn() {
        let mut asked = Vec::new();
        let all: [usize; 5] = super::each(|i| {
            asked.push(i);
            10 * i
        });
        assert_eq!((all, asked), ([0, 10, 20, 30, 40], vec![0, 1, 2, 3, 4]));
    }
}
