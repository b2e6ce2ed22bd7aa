#![allow(clippy::unwrap_used, reason = "tests")]

use super::*;
use crate::Memory;

const SOUND: &str = r#"{"__metadata__":{"format":"pt"},
"a":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},
"b":{"dtype":"BF16","shape":[4],"data_offsets":[16,24]}}"#;

fn bytes(header: &str, data: usize) -> Vec<u8> {
    [&(header.len() as u64).to_le_bytes(), header.as_bytes(), &vec![0; data]].concat()
}

fn file(name: &str, bytes: Vec<u8>) -> (String, Rc<dyn Source>) {
    (name.to_owned(), Rc::new(Memory(bytes)))
}

fn read(bytes: Vec<u8>) -> Result<Safetensors> {
    Safetensors::read(vec![file("model.safetensors", bytes)], None)
}

/// `SOUND` with `from` replaced is refused in words that hold `want`.
#[track_caller]
fn check(from: &str, to: &str, want: &str) {
    assert!(SOUND.contains(from));
    let outcome = read(bytes(&SOUND.replace(from, to), 24)).map(|_| ());
    assert!(outcome.as_ref().is_err_and(|e| e.to_string().contains(want)), "{outcome:?}");
}

#[test]
fn a_sound_file_is_read() {
    let file = read(bytes(SOUND, 24)).unwrap();
    let found: Vec<_> = file.tensors().map(|t| (t.name.as_str(), &t.shape[..], t.kind)).collect();
    assert_eq!(found, [("a", &[2, 2][..], Kind::F32), ("b", &[4], Kind::BF16)]);
}

#[test]
fn every_truncation_is_refused() {
    let whole = bytes(SOUND, 24);
    for len in 0..whole.len() {
        assert!(read(whole[..len].to_vec()).is_err(), "{len} of {} bytes", whole.len());
    }
}

#[test]
fn any_wrong_byte_is_refused_or_read_but_never_traps() {
    let whole = bytes(SOUND, 24);
    for at in 0..whole.len() {
        for value in [0, 0xff, b'"', b'9', b'{', whole[at] ^ 1] {
            let mut bytes = whole.clone();
            bytes[at] = value;
            drop(read(bytes));
        }
    }
}

#[test]
fn what_is_no_safetensors_is_refused() {
    for text in ["", "short", "<!DOCTYPE html><html>"] {
        let outcome = read(text.as_bytes().to_vec()).map(|_| ());
        assert!(outcome.is_err_and(|e| e.to_string().contains("not a safetensors file")), "{text}");
    }
    assert!(read(bytes("[]", 0)).is_err());
    assert!(read(bytes("{", 0)).is_err());
}

#[test]
fn a_header_longer_than_the_file_is_refused() {
    for len in [u64::MAX, 1 << 62, 1 << 32, 1 << 24, 1000] {
        let mut bytes = bytes(SOUND, 24);
        bytes[..8].copy_from_slice(&len.to_le_bytes());
        assert!(read(bytes).is_err_and(|e| e.to_string().contains("a header of")), "{len}");
    }
}

#[test]
fn false_shapes_are_refused() {
    check("[2,2]", "[2,3]", "`a` takes 24 bytes");
    check("[2,2]", "[4294967296,4294967296]", "`a`: the shape");
    check("[2,2]", "[4611686018427387904,4]", "`a`: the shape");
    check("[2,2]", "[0]", "`a`: the shape");
    check("[2,2]", "[-2,-2]", "`a`: invalid value");
}

#[test]
fn false_places_are_refused() {
    check("[16,24]", "[8,16]", "`a` and `b` overlap");
    check("[16,24]", "[17,25]", "`b` needs 8 bytes");
    check("[16,24]", "[18446744073709551608,18446744073709551600]", "`b`");
    check("[16,24]", "[24,16]", "`b` takes 8 bytes");
    check("[16,24]", "[18446744073709551600,18446744073709551608]", "`b`");
    let hole = read(bytes(SOUND, 25)).map(|_| ());
    assert!(hole.is_err_and(|e| e.to_string().contains("1 bytes belong to no tensor")));
}

#[test]
fn what_comes_twice_is_refused() {
    check("\"b\"", "\"a\"", "`a` is there twice");
}

#[test]
fn types_we_cannot_run_are_named() {
    check("BF16", "F8_E4M3", "tensor `b` has unsupported type F8_E4M3");
    check("F32", "I32", "tensor `a` has unsupported type I32");
}

#[test]
fn positions_are_passed_over_but_must_add_up() {
    let text = SOUND.replace(r#""dtype":"BF16","shape":[4]"#, r#""dtype":"I64","shape":[1]"#);
    let file = read(bytes(&text, 24)).unwrap();
    assert_eq!(file.tensors().last().unwrap().shape, [1, 2]);
    check("BF16", "I64", "tensor `b` takes 32 bytes, its offsets are 16 and 24");
}

#[test]
fn missing_fields_are_named() {
    check("\"dtype\":\"F32\",", "", "`a`: missing field `dtype`");
    check("{\"format\":\"pt\"}", "3", "`__metadata__`: ");
}

#[test]
fn what_is_not_utf_8_is_refused() {
    let mut bytes = bytes(SOUND, 24);
    let at = 8 + SOUND.find("\"b\"").unwrap() + 1;
    bytes[at] = 0xff;
    assert!(read(bytes).is_err());
}

const INDEX: &str = r#"{"metadata":{"total_size":24},"weight_map":{"a":"1","b":"2"}}"#;

fn sharded(index: &str) -> Result<Safetensors> {
    let a = r#"{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}"#;
    let b = r#"{"b":{"dtype":"F16","shape":[4],"data_offsets":[0,8]}}"#;
    let files = vec![file("1", bytes(a, 16)), file("2", bytes(b, 8))];
    Safetensors::read(files, Some(index.as_bytes()))
}

#[track_caller]
fn check_index(index: &str, want: &str) {
    let outcome = sharded(index).map(|_| ());
    assert!(outcome.as_ref().is_err_and(|e| e.to_string().contains(want)), "{outcome:?}");
}

#[test]
fn several_files_make_one_checkpoint() {
    assert_eq!(sharded(INDEX).unwrap().tensors().count(), 2);
}

#[test]
fn an_index_that_lies_is_refused() {
    check_index(&INDEX.replace("\"a\":\"1\"", "\"a\":\"2\""), "`a` is in `1`, the index says `2`");
    check_index(&INDEX.replace(",\"b\":\"2\"", ""), "`b` is not in the index");
    check_index(&INDEX.replace("\"b\":", "\"c\":"), "tensor `c` is not in `2`");
    check_index(&INDEX.replace("\"b\":", "\"a\":"), "`a` is there twice");
    check_index("{}", "model.safetensors.index.json: ");
    check_index("", "model.safetensors.index.json: ");
}

#[test]
fn files_that_share_a_tensor_are_refused() {
    let files = vec![file("1", bytes(SOUND, 24)), file("2", bytes(SOUND, 24))];
    let outcome = Safetensors::read(files, Some(INDEX.as_bytes())).map(|_| ());
    assert!(outcome.is_err_and(|e| e.to_string().contains("is in `1` and in `2`")));
}

#[test]
fn several_files_need_an_index() {
    let files = vec![file("1", bytes("{}", 0)), file("2", bytes("{}", 0))];
    assert!(Safetensors::read(files, None).is_err());
    assert!(Safetensors::read(Vec::new(), None).is_err());
}
