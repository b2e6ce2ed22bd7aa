//! A map of points of many dimensions: the two directions in which they differ most.

/// Rounds of the search for a direction; it stops sooner where nothing changes any more.
const ROUNDS: usize = 200;

/// Points on a plane.
#[derive(Clone, Debug, PartialEq)]
pub struct Plane {
    /// One for each vector, the centre of all at 0.
    pub points: Vec<[f32; 2]>,
    /// Share of all differences that each direction shows, 0 to 1.
    pub shown: [f32; 2],
}

/// The first two principal components of vectors of one length.
pub fn plane(vectors: &[&[f32]]) -> Plane {
    let size = vectors.first().map_or(0, |vector| vector.len());
    let mut centre = vec![0.0; size];
    for vector in vectors {
        add(&mut centre, vector, 1.0 / vectors.len() as f32);
    }
    let mut rows: Vec<Vec<f32>> = vectors.iter().map(|vector| vector.to_vec()).collect();
    rows.iter_mut().for_each(|row| add(row, &centre, -1.0));
    let squares = |rows: &[Vec<f32>]| rows.iter().map(|row| dot(row, row)).sum::<f32>();
    let total = squares(&rows);
    // Less than this is the rounding of the centre.
    let nothing = 1e-12 * vectors.iter().map(|vector| dot(vector, vector)).sum::<f32>();
    let mut plane = Plane { points: vec![[0.0; 2]; vectors.len()], shown: [0.0; 2] };
    for axis in 0..2 {
        if squares(&rows) <= nothing.max(1e-9 * total) {
            break;
        }
        let Some(direction) = direction(&rows) else { break };
        for (row, point) in rows.iter_mut().zip(&mut plane.points) {
            let along = dot(row, &direction);
            point[axis] = along;
            plane.shown[axis] += along * along / total;
            add(row, &direction, -along);
        }
    }
    plane
}

/// The direction of length 1 in which rows differ most; `None` if none has a length.
fn direction(rows: &[Vec<f32>]) -> Option<Vec<f32>> {
    // The longest row is never at a right angle to all that is sought.
    let first = rows.iter().max_by(|a, b| dot(a, a).total_cmp(&dot(b, b)))?;
    let mut found = normalized(first.clone())?;
    for _ in 0..ROUNDS {
        let mut next = vec![0.0; found.len()];
        rows.iter().for_each(|row| add(&mut next, row, dot(row, &found)));
        let next = normalized(next)?;
        let still = dot(&next, &found) > 1.0 - 1e-7;
        found = next;
        if still {
            break;
        }
    }
    // Which end is up is nobody's business but must not change: the largest number is positive.
    let largest = found.iter().copied().max_by(|a, b| a.abs().total_cmp(&b.abs()))?;
    found.iter_mut().for_each(|x| *x *= largest.signum());
    Some(found)
}

fn normalized(mut vector: Vec<f32>) -> Option<Vec<f32>> {
    let length = dot(&vector, &vector).sqrt();
    vector.iter_mut().for_each(|x| *x /= length);
    (length > 0.0).then_some(vector)
}

fn add(to: &mut [f32], what: &[f32], times: f32) {
    to.iter_mut().zip(what).for_each(|(x, y)| *x += y * times);
}

/// The sum of products.
pub(super) fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plane_is_that_of_the_largest_differences() {
        let at = |x: f32, y: f32| vec![1.0 + 0.6 * x, 2.0 + 0.8 * x, 3.0 + y, 4.0];
        let vectors: Vec<_> = [at(-3.0, 0.0), at(3.0, 0.0), at(0.0, 1.0), at(0.0, -1.0)].into();
        let found = plane(&vectors.iter().map(Vec::as_slice).collect::<Vec<_>>());
        for (got, want) in
            found.points.iter().zip([[-3.0, 0.0], [3.0, 0.0], [0.0, 1.0], [0.0, -1.0]])
        {
            let off = (got[0] - want[0]).abs().max((got[1] - want[1]).abs());
            assert!(off < 1e-3, "{got:?} for {want:?}");
        }
        assert!((found.shown[0] - 0.9).abs() < 1e-4 && (found.shown[1] - 0.1).abs() < 1e-4);
    }

    #[test]
    fn points_without_a_difference_lie_in_the_middle() {
        let same = [0.1_f32, 0.2, 0.3];
        for count in [0, 1, 3] {
            let found = plane(&vec![&same[..]; count]);
            assert_eq!(found.points, vec![[0.0; 2]; count]);
        }
    }
}
