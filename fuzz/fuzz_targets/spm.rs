//! No bytes make the SentencePiece reader trap, nor what it read any text: the first byte says where the
//! model ends and the text starts.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tasks::text::Text;

fuzz_target!(|bytes: &[u8]| {
    let Some((split, bytes)) = bytes.split_first() else { return };
    let (model, text) = bytes.split_at(bytes.len() * usize::from(*split) / 255);
    let Ok(tokens) = Text::from_marian(model, br#"{"</s>": 0, "<unk>": 1}"#) else { return };
    drop(tokens.whole(&String::from_utf8_lossy(text)));
});
