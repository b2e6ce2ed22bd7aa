//! No bytes make the wire trap, and what it reads it writes as it was.
#![no_main]

use api::wire::{Event, Request, decode, encode};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(request) = decode::<Request>(bytes) {
        assert_eq!(decode(&encode(&request).expect("it was read")), Ok(request));
    }
    if let Ok(event) = decode::<Event>(bytes) {
        assert_eq!(decode(&encode(&event).expect("it was read")), Ok(event));
    }
});
