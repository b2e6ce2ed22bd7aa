#![allow(clippy::unwrap_used, reason = "tests")]

use std::rc::Rc;

use super::*;
use crate::Memory;

/// Writes a GGUF file, true or lying.
#[derive(Clone)]
struct File {
    version: u32,
    pairs: Vec<(Vec<u8>, u32, Vec<u8>)>,
    tensors: Vec<Tensor>,
    /// What the header says, where that is not what follows.
    claimed_pairs: Option<u64>,
    claimed_tensors: Option<u64>,
    data: usize,
}

#[derive(Clone)]
struct Tensor {
    name: &'static str,
    dims: Vec<u64>,
    kind: u32,
    offset: u64,
}

const U32: u32 = 4;
const BOOL: u32 = 7;
const STRING: u32 = 8;
const ARRAY: u32 = 9;
const Q8_0: u32 = 8;

fn string(text: &[u8]) -> Vec<u8> {
    [&(text.len() as u64).to_le_bytes(), text].concat()
}

fn array(kind: u32, count: u64, items: &[u8]) -> Vec<u8> {
    [&kind.to_le_bytes()[..], &count.to_le_bytes(), items].concat()
}

fn tensor(name: &'static str, dims: &[u64], kind: u32, offset: u64) -> Tensor {
    Tensor { name, dims: dims.to_vec(), kind, offset }
}

impl File {
    /// Two tensors and a pair of each sort, all true.
    fn sound() -> Self {
        let tokens = [string(b"a"), string("é".as_bytes())].concat();
        let pairs = vec![
            (b"general.architecture".to_vec(), STRING, string(b"llama")),
            (b"general.alignment".to_vec(), U32, 32u32.to_le_bytes().to_vec()),
            (b"small".to_vec(), 1, vec![0xff]),
            (b"yes".to_vec(), BOOL, vec![1]),
            (b"wide".to_vec(), 10, 7u64.to_le_bytes().to_vec()),
            (b"exact".to_vec(), 12, 0.5f64.to_le_bytes().to_vec()),
            (b"tokens".to_vec(), ARRAY, array(STRING, 2, &tokens)),
            (b"scores".to_vec(), ARRAY, array(6, 1, &1.5f32.to_le_bytes())),
            (b"types".to_vec(), ARRAY, array(5, 1, &(-3i32).to_le_bytes())),
            (b"none".to_vec(), ARRAY, array(U32, 0, &[])),
        ];
        let tensors = vec![tensor("norm", &[8], 0, 0), tensor("matrix", &[32, 2], Q8_0, 32)];
        Self {
            version: 3,
            pairs,
            tensors,
            claimed_pairs: None,
            claimed_tensors: None,
            data: 32 + 68,
        }
    }

    fn with(change: impl FnOnce(&mut Self)) -> Self {
        let mut file = Self::sound();
        change(&mut file);
        file
    }

    fn with_pair(key: &str, kind: u32, value: Vec<u8>) -> Self {
        Self::with(|file| file.pairs.push((key.as_bytes().to_vec(), kind, value)))
    }

    fn with_tensor(change: impl FnOnce(&mut Tensor)) -> Self {
        Self::with(|file| change(&mut file.tensors[1]))
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes = b"GGUF".to_vec();
        bytes.extend(self.version.to_le_bytes());
        bytes.extend(self.claimed_tensors.unwrap_or(self.tensors.len() as u64).to_le_bytes());
        bytes.extend(self.claimed_pairs.unwrap_or(self.pairs.len() as u64).to_le_bytes());
        for (key, kind, value) in &self.pairs {
            bytes.extend([&string(key)[..], &kind.to_le_bytes(), value].concat());
        }
        for tensor in &self.tensors {
            bytes.extend(string(tensor.name.as_bytes()));
            bytes.extend((tensor.dims.len() as u32).to_le_bytes());
            bytes.extend(tensor.dims.iter().flat_map(|dim| dim.to_le_bytes()));
            bytes.extend(tensor.kind.to_le_bytes());
            bytes.extend(tensor.offset.to_le_bytes());
        }
        bytes.resize(bytes.len().next_multiple_of(32) + self.data, 0);
        bytes
    }
}

fn read(bytes: Vec<u8>) -> Result<Gguf> {
    Gguf::read(Rc::new(Memory(bytes)))
}

/// The file is refused as damaged, in words that hold `want`.
#[track_caller]
fn check_damaged(file: &File, want: &str) {
    match read(file.bytes()).map(|_| ()) {
        Err(Error::Damaged(text)) => assert!(text.contains(want), "{text}"),
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn check_unsupported(file: &File, want: &str) {
    match read(file.bytes()).map(|_| ()) {
        Err(Error::Unsupported(text)) => assert!(text.contains(want), "{text}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn both_versions_are_read() {
    for version in [2, 3] {
        let file = read(File::with(|file| file.version = version).bytes()).unwrap();
        let metadata = file.metadata();
        assert_eq!(metadata.string("general.architecture").unwrap(), "llama");
        assert_eq!(metadata.strings("tokens").unwrap(), ["a", "é"]);
        assert_eq!(metadata.floats("scores").unwrap(), [1.5]);
        assert_eq!(metadata.ints("types").unwrap(), [-3]);
        assert_eq!(metadata.u32("wide").unwrap(), 7);
        assert_eq!(metadata.f32("exact").unwrap(), 0.5);
        assert!(metadata.flag("yes").unwrap());
        let shapes: Vec<_> =
            file.tensors().map(|t| (t.name.as_str(), &t.shape[..], t.kind)).collect();
        assert_eq!(shapes, [("norm", &[8][..], Kind::F32), ("matrix", &[2, 32], Kind::Q8_0)]);
    }
}

#[test]
fn a_getter_names_what_is_missing_or_wrong() {
    let file = read(File::sound().bytes()).unwrap();
    let metadata = file.metadata();
    assert_eq!(metadata.find_u32("absent").unwrap(), None);
    assert!(metadata.u32("absent").unwrap_err().to_string().contains("`absent`"));
    assert!(metadata.find_u32("tokens").unwrap_err().to_string().contains("`tokens`"));
    assert!(metadata.u32("small").is_err(), "-1 is no small whole number");
}

#[test]
fn what_is_no_gguf_is_refused() {
    for bytes in [&b""[..], b"GG", b"<!DOCTYPE html><html>", &[0; 100]] {
        assert!(read(bytes.to_vec()).is_err_and(|e| e.to_string() == "not a GGUF file"));
    }
}

#[test]
fn other_versions_are_refused_in_words() {
    check_unsupported(&File::with(|file| file.version = 1), "version 1");
    check_unsupported(&File::with(|file| file.version = 4), "version 4");
    check_unsupported(&File::with(|file| file.version = 3u32.swap_bytes()), "big-endian");
}

#[test]
fn every_truncation_is_refused() {
    let whole = File::sound().bytes();
    for len in 0..whole.len() {
        assert!(read(whole[..len].to_vec()).is_err(), "{len} of {} bytes", whole.len());
    }
}

#[test]
fn any_wrong_byte_is_refused_or_read_but_never_traps() {
    let whole = File::sound().bytes();
    for at in 0..whole.len() {
        for value in [0, 1, 0x7f, 0x80, 0xff, whole[at] ^ 1, whole[at] ^ 0x10] {
            let mut bytes = whole.clone();
            bytes[at] = value;
            drop(read(bytes));
        }
    }
}

#[test]
fn huge_counts_are_refused_before_anything_is_kept() {
    for huge in [u64::MAX, u64::MAX / 8, 1 << 60, 1 << 32, 1000] {
        check_damaged(&File::with(|file| file.claimed_pairs = Some(huge)), "metadata key");
        check_damaged(&File::with(|file| file.claimed_tensors = Some(huge)), "tensors");
        check_damaged(&File::with_pair("huge", STRING, huge.to_le_bytes().to_vec()), "huge");
        for kind in [0, U32, 6, BOOL, STRING] {
            check_damaged(&File::with_pair("huge", ARRAY, array(kind, huge, &[])), "huge");
        }
    }
}

#[test]
fn wrapped_products_are_refused() {
    check_damaged(&File::with_tensor(|t| t.dims = vec![1 << 32, 1 << 32]), "`matrix`");
    check_damaged(&File::with_tensor(|t| t.dims = vec![32, 1 << 59]), "`matrix`");
    check_damaged(&File::with_tensor(|t| t.dims = vec![1 << 32, 1 << 29]), "`matrix`");
    check_damaged(&File::with_tensor(|t| t.dims = vec![32, 0]), "`matrix`");
}

#[test]
fn impossible_dimensions_are_refused() {
    check_damaged(&File::with_tensor(|t| t.dims = vec![]), "`matrix` has 0 dimensions");
    check_damaged(&File::with_tensor(|t| t.dims = vec![1; 5]), "`matrix` has 5 dimensions");
    check_damaged(&File::with_tensor(|t| t.dims = vec![33, 2]), "whole blocks");
    check_damaged(&File::with_tensor(|t| t.dims = vec![2, 32]), "whole blocks");
}

#[test]
fn false_alignments_are_refused() {
    for alignment in [0u32, 3, 31, 1 << 31] {
        let file = File::with(|file| file.pairs[1].2 = alignment.to_le_bytes().to_vec());
        check_damaged(&file, "general.alignment");
    }
    check_damaged(&File::with_tensor(|t| t.offset = 33), "`matrix` starts at 33");
}

#[test]
fn tensors_that_overlap_are_refused() {
    check_damaged(&File::with_tensor(|t| t.offset = 0), "overlap");
    check_damaged(
        &File::with(|file| file.tensors[0].dims = vec![9]),
        "`norm` and `matrix` overlap",
    );
}

#[test]
fn tensors_beyond_the_file_are_refused() {
    check_damaged(&File::with_tensor(|t| t.offset = 64), "`matrix` needs 68 bytes");
    check_damaged(&File::with_tensor(|t| t.offset = 1 << 40), "`matrix` needs 68 bytes");
    check_damaged(&File::with_tensor(|t| t.offset = u64::MAX - 31), "`matrix`");
    check_damaged(&File::with(|file| file.data -= 1), "`matrix` needs 68 bytes");
}

#[test]
fn types_we_cannot_run_are_named() {
    for (id, name) in [(16, "IQ2_XXS"), (20, "IQ4_NL"), (34, "TQ1_0"), (39, "MXFP4"), (26, "I32")] {
        check_unsupported(
            &File::with_tensor(|t| t.kind = id),
            &format!("tensor `matrix` has unsupported type {name}"),
        );
    }
    check_unsupported(&File::with_tensor(|t| t.kind = 4), "`matrix` has unknown type 4");
    check_damaged(&File::with_pair("odd", 13, vec![]), "`odd` has unknown type 13");
    check_damaged(&File::with_pair("odd", ARRAY, array(13, 0, &[])), "`odd` has unknown type 13");
    check_unsupported(&File::with_pair("deep", ARRAY, array(ARRAY, 0, &[])), "`deep`");
}

#[test]
fn what_comes_twice_is_refused() {
    check_damaged(&File::with_pair("yes", BOOL, vec![0]), "`yes` is there twice");
    let twice = File::with(|file| {
        file.tensors.push(tensor("norm", &[8], 0, 128));
        file.data = 160;
    });
    check_damaged(&twice, "`norm` is there twice");
}

#[test]
fn what_is_not_utf_8_is_refused() {
    check_damaged(&File::with(|file| file.pairs[2].0 = b"\xff".to_vec()), "not UTF-8");
    check_damaged(&File::with_pair("text", STRING, string(b"a\xc3")), "text: `a");
    check_damaged(&File::with_pair("list", ARRAY, array(STRING, 1, &string(b"\xf0"))), "list: ");
}

#[test]
fn a_flag_is_yes_or_no() {
    check_damaged(&File::with_pair("maybe", BOOL, vec![2]), "`maybe` is 2");
    check_damaged(&File::with_pair("maybe", ARRAY, array(BOOL, 1, &[9])), "`maybe` is 9");
}

/// A source that claims to be large and holds nothing.
struct Hollow(Vec<u8>, u64);

impl Source for Hollow {
    fn size(&self) -> u64 {
        self.1
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> std::io::Result<()> {
        into.fill(0);
        let from = self.0.get(offset as usize..).unwrap_or_default();
        let len = from.len().min(into.len());
        into[..len].copy_from_slice(&from[..len]);
        Ok(())
    }
}

#[test]
fn a_large_file_cannot_take_all_memory_for_its_header() {
    let pair = |kind, value| {
        let file = File::with(|file| file.pairs = vec![(b"huge".to_vec(), kind, value)]);
        Gguf::read(Rc::new(Hollow(file.bytes(), 6 << 30))).map(|_| ())
    };
    let length = (4u64 << 30).to_le_bytes().to_vec();
    for outcome in [pair(STRING, length), pair(ARRAY, array(STRING, 1 << 29, &[]))] {
        assert!(outcome.is_err_and(|e| e.to_string().contains("huge: the header is larger")));
    }
}
