pub(crate) struct Spoken { pub(crate) text: String, pub(crate) left_out: Vec<char> }
pub(crate) fn spoken(text: &str) -> Spoken { Spoken { text: text.to_owned(), left_out: Vec::new() } }
