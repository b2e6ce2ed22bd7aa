//! Everything a person or CI types: build, serve, test, bench.

fn main() {}
