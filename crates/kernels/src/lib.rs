//! Arithmetic: matrix products and the other inner loops, as candle custom ops.
