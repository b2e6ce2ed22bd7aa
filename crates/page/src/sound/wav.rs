//! Sounds as WAV files.

/// How many bytes come before the samples.
const HEADER: usize = 44;

/// One channel in 16 bits; what is louder than 1 is cut.
pub fn wav(samples: &[f32], rate_hz: u32) -> Vec<u8> {
    let bytes = u32::try_from(samples.len() * 2).unwrap_or(u32::MAX - HEADER as u32);
    let mut file = Vec::with_capacity(HEADER + samples.len() * 2);
    let mut put = |part: &[u8]| file.extend_from_slice(part);
    put(b"RIFF");
    put(&(bytes + HEADER as u32 - 8).to_le_bytes());
    put(b"WAVEfmt ");
    put(&16_u32.to_le_bytes());
    // Whole numbers, one channel.
    put(&1_u16.to_le_bytes());
    put(&1_u16.to_le_bytes());
    put(&rate_hz.to_le_bytes());
    put(&rate_hz.saturating_mul(2).to_le_bytes());
    put(&2_u16.to_le_bytes());
    put(&16_u16.to_le_bytes());
    put(b"data");
    put(&bytes.to_le_bytes());
    for sample in samples {
        let scaled = (sample.clamp(-1., 1.) * 32_767.).round();
        put(&(scaled as i16).to_le_bytes());
    }
    file
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::wav;
    use crate::sound::{Unpacks, unpack::Unpacker};

    #[test]
    fn what_is_written_is_read_again() {
        let samples = [0., 0.5, -0.5, 1., -1., 2., 0.25];
        let mut read = Unpacker::open(Cursor::new(wav(&samples, 16_000)), "a.wav").unwrap();
        while read.lacks(u64::MAX) {
            read.step();
        }
        assert_eq!((read.form(), read.said_len(), read.ended()), ((16_000, 1), Some(7), Some(7)));
        for (got, want) in read.part(0..7).iter().zip(samples) {
            assert!((got - want.clamp(-1., 1.)).abs() < 1e-4, "{got} for {want}");
        }
    }
}
