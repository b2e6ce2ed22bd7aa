/// Bytes of a pixel: red, green, blue.
pub(crate) const CHANNELS: usize = 3;

/// A picture, row by row from the top, three bytes a pixel.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Picture {
    /// Pixels in a row, at least one.
    pub width: u32,
    /// Rows, at least one.
    pub height: u32,
    /// `(height, width, 3)`.
    pub rgb: Vec<u8>,
}

impl Picture {
    /// Fails if there are no pixels, or not as many bytes as the sides say.
    pub fn new(width: u32, height: u32, rgb: Vec<u8>) -> Result<Self, String> {
        if width == 0 || height == 0 {
            return Err(format!("a picture of {width} × {height} pixels has none"));
        }
        let wanted = (u64::from(width) * u64::from(height)).saturating_mul(CHANNELS as u64);
        if rgb.len() as u64 != wanted {
            let got = rgb.len();
            return Err(format!("{width} × {height} pixels are {wanted} bytes, not {got}"));
        }
        Ok(Self { width, height, rgb })
    }

    /// Width and height.
    pub fn size(&self) -> [u32; 2] {
        [self.width, self.height]
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn a_picture_has_the_bytes_its_sides_say() {
        assert_eq!(Picture::new(2, 1, vec![7; 6]).unwrap().size(), [2, 1]);
        for (width, height, bytes) in
            [(0, 1, 0), (1, 0, 0), (2, 1, 5), (2, 1, 7), (u32::MAX, u32::MAX, 3)]
        {
            let told = Picture::new(width, height, vec![0; bytes]).unwrap_err();
            assert!(told.contains(&format!("{width} × {height} pixels")), "{told}");
        }
    }
}
