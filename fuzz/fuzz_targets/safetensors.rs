//! No bytes make the safetensors reader trap: the first byte says where the index starts, which may be
//! nowhere.
#![no_main]

use std::rc::Rc;

use libfuzzer_sys::fuzz_target;
use models::{Memory, Safetensors};

fuzz_target!(|bytes: &[u8]| {
    let Some((split, bytes)) = bytes.split_first() else { return };
    let (file, index) = bytes.split_at(bytes.len() * usize::from(*split) / 255);
    let index = (!index.is_empty()).then_some(index);
    let files = vec![("model.safetensors".to_owned(), Rc::new(Memory(file.to_vec())) as Rc<_>)];
    let Ok(checkpoint) = Safetensors::read(files, index) else { return };
    for tensor in checkpoint.tensors() {
        let numbers: u64 = tensor.shape.iter().product();
        let bytes = tensor.kind.bytes(numbers);
        assert!(bytes.is_some_and(|bytes| bytes <= file.len() as u64), "{tensor:?}");
    }
});
