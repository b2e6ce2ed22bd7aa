//! Many texts, some at a time.

/// The texts in order, cut so that a batch has `most` tokens, or those of one text more.
pub(crate) fn batches<T>(
    texts: &[T],
    tokens: impl Fn(&T) -> usize,
    most: usize,
) -> impl Iterator<Item = &[T]> {
    let mut rest = texts;
    std::iter::from_fn(move || {
        let mut held = 0;
        let full = |text: &T| {
            held += tokens(text);
            held >= most
        };
        let count = rest.iter().position(full).map_or(rest.len(), |last| last + 1);
        let (batch, after) = rest.split_at(count);
        rest = after;
        (!batch.is_empty()).then_some(batch)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_hold_every_text_once_and_in_order() {
        let cut: Vec<_> = batches(&[500, 12, 1, 600, 3, 3], |tokens| *tokens, 512).collect();
        assert_eq!(cut, [&[500, 12][..], &[1, 600], &[3, 3]]);
        assert_eq!(batches(&[], |tokens| *tokens, 512).count(), 0);
    }
}
