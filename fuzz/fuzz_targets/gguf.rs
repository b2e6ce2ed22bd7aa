//! No bytes make the GGUF reader, or what reads its metadata, trap.
#![no_main]

use std::rc::Rc;

use libfuzzer_sys::fuzz_target;
use models::{Config, Gguf, Memory};

fuzz_target!(|bytes: Vec<u8>| {
    let size = bytes.len() as u64;
    let Ok(file) = Gguf::read(Rc::new(Memory(bytes))) else { return };
    for tensor in file.tensors() {
        let numbers: u64 = tensor.shape.iter().product();
        assert!(tensor.kind.bytes(numbers).is_some_and(|bytes| bytes <= size), "{tensor:?}");
    }
    drop(Config::from_gguf(file.metadata()));
});
