//! Trees of questions about numbers.

use super::digits::Digits;

/// A tree: each question is whether a column holds a value.
pub(super) struct Tree {
    nodes: Vec<Node>,
}

enum Node {
    /// Invariant: both branches are behind it, so that every walk ends.
    Question {
        column: u8,
        value: u16,
        no: u32,
    },
    Answer(u16),
}

impl Tree {
    /// A tree over so many columns with so many answers. It is written from its top, the branch for yes first: a column
    /// and a value, or an answer, whose number is that of the columns more.
    pub(super) fn from_text(text: &str, columns: usize, answers: usize) -> Result<Self, String> {
        let mut digits = Digits::of(text);
        let mut nodes: Vec<Node> = Vec::new();
        // Questions whose branch for no is still to come.
        let mut open: Vec<usize> = Vec::new();
        loop {
            let number = digits.number()?;
            if number < columns {
                let (column, value) = (u8::try_from(number), u16::try_from(digits.number()?));
                let (Ok(column), Ok(value)) = (column, value) else {
                    return Err("a question is too large".into());
                };
                open.push(nodes.len());
                nodes.push(Node::Question { column, value, no: 0 });
                continue;
            }
            let answer = number - columns;
            let fits = u16::try_from(answer).ok().filter(|_| answer < answers);
            nodes.push(Node::Answer(fits.ok_or("an answer is not in the list")?));
            let here = u32::try_from(nodes.len()).map_err(|_| "a tree is too large")?;
            let Some(question) = open.pop() else { break };
            if let Some(Node::Question { no, .. }) = nodes.get_mut(question) {
                *no = here;
            }
        }
        digits.end()?;
        Ok(Self { nodes })
    }

    /// What it answers for these columns.
    pub(super) fn answer(&self, columns: &[u16]) -> usize {
        let mut at = 0;
        loop {
            match self.nodes.get(at) {
                Some(Node::Question { column, value, no }) => {
                    let yes = columns.get(usize::from(*column)) == Some(value);
                    at = if yes { at + 1 } else { *no as usize };
                }
                Some(Node::Answer(answer)) => return usize::from(*answer),
                None => return 0,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    /// Of a tree over two columns with three answers.
    #[track_caller]
    fn check(text: &str, want: Result<[usize; 3], &str>) {
        let tree = Tree::from_text(text, 2, 3);
        let answers = |tree: &Tree| [[0, 0], [5, 0], [0, 1]].map(|columns| tree.answer(&columns));
        let got = tree.as_ref().map(answers).map_err(String::as_str);
        assert_eq!(got, want, "{text:?}");
    }

    #[test]
    fn branches_are_gone_down() {
        check("#", Ok([0, 0, 0]));
        check("!&$#", Ok([0, 1, 0]));
        check("!&$\"\"%#", Ok([0, 1, 2]));
    }

    #[test]
    fn what_is_no_tree_is_refused() {
        check("", Err("a number is missing"));
        check("!", Err("a number is missing"));
        check("!&$", Err("a number is missing"));
        check("&", Err("an answer is not in the list"));
        check("##", Err("there is more than was asked for"));
        check("é", Err("'é' is no digit"));
        assert!(Tree::from_text(&"!&".repeat(50_000), 2, 3).is_err());
    }
}
