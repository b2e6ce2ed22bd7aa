//! What a score gains for where its key lies.

use crate::slices::by_rows;

/// What is added to a score for where its key lies.
#[derive(Clone, Copy)]
pub enum Bias<'a> {
    /// By how far the key is from the query along a line.
    ByDistance {
        /// `(heads, 2 * reach + 1)`: from `reach` positions before the query to as many after it. Keys
        /// farther away count as the farthest.
        by_distance: &'a [f32],
        /// See there.
        reach: usize,
        /// Position of the first query among the keys.
        first: usize,
    },
    /// By the row and the column of the key, where keys fill a grid row by row; every query has its own.
    ByPlace {
        /// `(queries, heads, rows)`.
        rows: &'a [f32],
        /// `(queries, heads, columns)`.
        columns: &'a [f32],
        /// Columns of the grid.
        width: usize,
    },
    /// By how many rows and how many columns the key is from the query, whichever way, where both fill the same
    /// grid row by row.
    ByOffset {
        /// `(heads, rows, columns)`.
        by_offset: &'a [f32],
        /// Columns of the grid.
        width: usize,
        /// Position of the first query among the keys.
        first: usize,
    },
    /// By which query and which key they are.
    ByPair {
        /// `(heads, queries, keys)`.
        by_pair: &'a [f32],
        /// How many keys.
        keys: usize,
        /// Number of the first query among those of the table.
        first: usize,
    },
}

impl Bias<'_> {
    /// The same for whoever asks only with the queries from number `queries` on, of as many `heads`.
    pub fn after(self, queries: usize, heads: usize) -> Self {
        match self {
            Self::ByDistance { by_distance, reach, first } => {
                Self::ByDistance { by_distance, reach, first: first + queries }
            }
            Self::ByPlace { rows, columns, width } => {
                let before = queries * heads;
                let height = rows.len() / (columns.len() / width).max(1);
                let (rows, columns) = (&rows[before * height..], &columns[before * width..]);
                Self::ByPlace { rows, columns, width }
            }
            Self::ByOffset { by_offset, width, first } => {
                Self::ByOffset { by_offset, width, first: first + queries }
            }
            Self::ByPair { by_pair, keys, first } => {
                Self::ByPair { by_pair, keys, first: first + queries }
            }
        }
    }

    pub(super) fn fits(&self, positions: usize, heads: usize, keys: usize) -> bool {
        match *self {
            Self::ByDistance { by_distance, reach, .. } => {
                by_distance.len() == heads * (2 * reach + 1)
            }
            Self::ByPlace { rows, columns, width } => {
                columns.len() >= positions * heads * width
                    && rows.len() * width * width == columns.len() * keys
            }
            Self::ByOffset { by_offset, width, first } => {
                by_offset.len() == heads * keys
                    && keys.is_multiple_of(width)
                    && first + positions <= keys
            }
            Self::ByPair { by_pair, keys: known, first } => {
                known == keys
                    && by_pair.len().is_multiple_of((heads * keys).max(1))
                    && (first + positions) * heads * keys <= by_pair.len()
            }
        }
    }

    /// Adds to the scores of the keys from `first_key` on, for a query and one of `heads`.
    #[inline(always)]
    pub(super) fn add(
        &self,
        query: usize,
        (head, heads): (usize, usize),
        first_key: usize,
        scores: &mut [f32],
    ) {
        match *self {
            Self::ByDistance { by_distance, reach, first } => {
                let of_head = &by_distance[head * (2 * reach + 1)..][..2 * reach + 1];
                for (key, score) in (first_key..).zip(scores) {
                    *score += of_head[(key + reach).saturating_sub(first + query).min(2 * reach)];
                }
            }
            Self::ByPlace { rows, columns, width } => {
                let at = query * heads + head;
                let height = rows.len() / (columns.len() / width);
                let rows = &rows[at * height..][..height];
                let columns = &columns[at * width..][..width];
                by_rows(first_key, width, scores, |row, column, scores| {
                    let by_row = rows[row];
                    for (score, by_column) in scores.iter_mut().zip(&columns[column..]) {
                        *score += by_row + by_column;
                    }
                });
            }
            Self::ByOffset { by_offset, width, first } => {
                let count = by_offset.len() / heads;
                let of_head = &by_offset[head * count..][..count];
                let (own_row, own_column) = ((first + query) / width, (first + query) % width);
                by_rows(first_key, width, scores, |row, column, scores| {
                    let by_column = &of_head[row.abs_diff(own_row) * width..][..width];
                    for (column, score) in (column..).zip(scores) {
                        *score += by_column[column.abs_diff(own_column)];
                    }
                });
            }
            Self::ByPair { by_pair, keys, first } => {
                let of_head = by_pair.len() / heads;
                let row = &by_pair[head * of_head + (first + query) * keys..][..keys];
                for (score, by_key) in scores.iter_mut().zip(&row[first_key..]) {
                    *score += by_key;
                }
            }
        }
    }
}
