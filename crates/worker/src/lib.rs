//! The wasm engine: mailbox, files in browser storage, runs tasks.
