//! How alike texts are: cosines of their vectors, and what is saved of them.

use std::rc::Rc;

use api::embed::Embedding;
use serde_json::{Value, json};

use super::plane::dot;

/// Most cosines a table holds.
pub const MOST_CELLS: usize = 1_000_000;

/// A text with its vector.
#[derive(Clone, Debug, PartialEq)]
pub struct Placed {
    /// The text.
    pub text: String,
    /// Where it is.
    pub at: Rc<Embedding>,
}

/// Every text of one list beside every one of another.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// Rows.
    pub first: Vec<Placed>,
    /// Columns.
    pub second: Vec<Placed>,
    /// Row by row, -1 to 1.
    pub cosines: Vec<f32>,
}

/// The cosine of the angle between two vectors; 0 if one has no length.
pub fn cosine(a: &[f32], b: &[f32]) -> f32 {
    let lengths = (dot(a, a) * dot(b, b)).sqrt();
    if lengths > 0.0 { dot(a, b) / lengths } else { 0.0 }
}

impl Table {
    /// All cosines; the lists are not too long for it.
    pub fn new(first: Vec<Placed>, second: Vec<Placed>) -> Self {
        let cosines = first
            .iter()
            .flat_map(|row| second.iter().map(|column| cosine(&row.at.vector, &column.at.vector)))
            .collect();
        Self { first, second, cosines }
    }

    /// The cosines of a row.
    pub fn row(&self, at: usize) -> &[f32] {
        let columns = self.second.len();
        self.cosines.get(at * columns..(at + 1) * columns).unwrap_or_default()
    }

    /// A row a line, the second list on top.
    pub fn csv(&self) -> String {
        self.lines(",", field)
    }

    /// The same with tabs, as spreadsheets take it from the clipboard.
    pub fn tabbed(&self) -> String {
        self.lines("\t", |text| text.replace(['\t', '\n', '\r'], " "))
    }

    fn lines(&self, separator: &str, write: fn(&str) -> String) -> String {
        let head = self.second.iter().map(|column| write(&column.text));
        let head: Vec<_> = std::iter::once(String::new()).chain(head).collect();
        let rows = self.first.iter().enumerate().map(|(at, row)| {
            let numbers = self.row(at).iter().map(|cosine| shown(*cosine));
            std::iter::once(write(&row.text)).chain(numbers).collect::<Vec<_>>().join(separator)
        });
        let lines: Vec<_> = std::iter::once(head.join(separator)).chain(rows).collect();
        lines.join("\n") + "\n"
    }

    /// Both lists and the rows of cosines, with the model's name.
    pub fn json(&self, model: &str) -> String {
        let texts = |list: &[Placed]| list.iter().map(|p| p.text.clone()).collect::<Vec<_>>();
        let rows: Vec<_> = (0..self.first.len()).map(|at| self.row(at)).collect();
        let all = json!({ "model": model, "first": texts(&self.first), "second": texts(&self.second), "cosines": rows });
        format!("{all}\n")
    }
}

/// Texts with their vectors and the model's name.
pub fn vectors_json(model: &str, texts: &[Placed]) -> String {
    let one = |placed: &Placed| {
        let Embedding { vector, tokens, read_tokens } = &*placed.at;
        json!({ "text": placed.text, "tokens": tokens, "read_tokens": read_tokens, "vector": vector })
    };
    let texts: Vec<Value> = texts.iter().map(one).collect();
    format!("{}\n", json!({ "model": model, "texts": texts }))
}

/// The texts nearest to one, nearest first, with their cosines; ties in the order of the list.
pub fn nearest(to: &Placed, among: &[Placed], count: usize) -> Vec<(usize, f32)> {
    let scored = among.iter().map(|text| cosine(&to.at.vector, &text.at.vector));
    let mut scored: Vec<_> = scored.enumerate().collect();
    scored.sort_by(|a, b| b.1.total_cmp(&a.1));
    scored.truncate(count);
    scored
}

/// A cosine as people read it.
pub fn shown(cosine: f32) -> String {
    let text = format!("{cosine:.4}");
    // A minus before nothing is no number.
    if text == "-0.0000" { "0.0000".into() } else { text }
}

/// A field of a comma-separated file.
pub fn field(text: &str) -> String {
    match text.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text.to_owned(),
    }
}

/// Of which texts only the beginning was read, in a sentence; `None` if all were read whole.
pub fn cut(texts: &[Placed], window_tokens: u32) -> Option<String> {
    let long: Vec<_> = texts.iter().filter(|text| text.at.tokens > text.at.read_tokens).collect();
    let first = long.first()?;
    let begin: String = first.text.chars().take(40).collect();
    let more = match long.len() {
        1 => String::new(),
        count => format!(", and {} more", count - 1),
    };
    Some(format!(
        "longer than the {window_tokens} tokens this model reads, so only the beginning counts: “{begin}…” \
         ({} tokens){more}",
        first.at.tokens
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placed(text: &str, vector: &[f32], tokens: u32) -> Placed {
        let at = Embedding { vector: vector.into(), tokens, read_tokens: tokens.min(9) };
        Placed { text: text.into(), at: Rc::new(at) }
    }

    fn table() -> Table {
        let first = vec![placed("a, \"b\"", &[1.0, 0.0], 3), placed("c", &[0.0, 2.0], 12)];
        Table::new(first, vec![placed("d", &[3.0, 4.0], 3), placed("e\tf", &[0.0, -1.0], 3)])
    }

    #[test]
    fn a_table_is_saved_as_others_read_it() {
        let table = table();
        assert_eq!(table.csv(), ",d,e\tf\n\"a, \"\"b\"\"\",0.6000,0.0000\nc,0.8000,-1.0000\n");
        assert_eq!(table.tabbed(), "\td\te f\na, \"b\"\t0.6000\t0.0000\nc\t0.8000\t-1.0000\n");
        let back: Value = serde_json::from_str(&table.json("m")).unwrap();
        assert_eq!(back["first"], json!(["a, \"b\"", "c"]));
        assert_eq!(back["cosines"][1][1], json!(-1.0));
        let vectors: Value = serde_json::from_str(&vectors_json("m", &table.second)).unwrap();
        assert_eq!(vectors["texts"][0]["vector"], json!([3.0, 4.0]));
    }

    #[test]
    fn the_nearest_come_first() {
        let table = table();
        let found = nearest(&table.first[1], &table.second, 5);
        assert_eq!(found.iter().map(|(at, _)| *at).collect::<Vec<_>>(), [0, 1]);
        assert_eq!(nearest(&table.first[1], &table.second, 1).len(), 1);
        assert_eq!(cosine(&[0.0], &[1.0]), 0.0);
    }

    #[test]
    fn a_text_that_was_cut_is_named() {
        let table = table();
        let said = cut(&table.first, 9).unwrap();
        assert!(said.contains("“c…” (12 tokens)") && said.contains("the 9 tokens"), "{said}");
        assert_eq!(cut(&table.second, 9), None);
    }
}
