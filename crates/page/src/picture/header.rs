//! How large a picture is, read off the beginning of its file before the browser unpacks it.

use api::picture::{LONGEST_SIDE_PX, MOST_PIXELS};

/// So much of a file holds its header; a photo's may come after notes and a small copy of it.
pub const ENOUGH_BYTES: u32 = 1 << 20;

/// Pixels in a row, and rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
}

impl Size {
    /// Pixels in all.
    pub fn pixels(self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }

    /// The same shape with at most so many pixels; no side vanishes.
    pub fn within(self, most_pixels: u64) -> Self {
        if self.pixels() <= most_pixels {
            return self;
        }
        let scale = (most_pixels as f64 / self.pixels() as f64).sqrt();
        let side = |side: u32| ((f64::from(side) * scale) as u32).max(1);
        Self { width: side(self.width), height: side(self.height) }
    }
}

/// Why a file is no picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wrong {
    Unknown,
    Cut,
}

/// The size of the picture in a file of this name, which begins so; or why it cannot be taken.
pub fn checked(name: &str, start: &[u8]) -> Result<Size, String> {
    let size = size(start).map_err(|wrong| match wrong {
        Wrong::Unknown if start.is_empty() => format!("{name} is empty: give a picture"),
        Wrong::Unknown => {
            format!("{name} is no picture of a known kind: give a PNG, JPEG, WebP or GIF file")
        }
        Wrong::Cut => format!("{name} is cut off: not even its size can be read"),
    })?;
    let Size { width, height } = size;
    let (most, mega) = (MOST_PIXELS / 1_000_000, size.pixels() as f64 / 1e6);
    if width == 0 || height == 0 {
        return Err(format!("{name} says that it has no pixels: {width} × {height}"));
    }
    if size.pixels() > MOST_PIXELS {
        return Err(format!(
            "{name} has {mega:.0} megapixels ({width} × {height}): give a picture of at most {most}"
        ));
    }
    if width.max(height) > LONGEST_SIDE_PX {
        return Err(format!(
            "{name} has {width} × {height} pixels: no side may be longer than {LONGEST_SIDE_PX}"
        ));
    }
    Ok(size)
}

fn size(start: &[u8]) -> Result<Size, Wrong> {
    match start {
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => big(start, 16),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => {
            Ok(Size { width: little(start, 6, 2)?, height: little(start, 8, 2)? })
        }
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => webp(start),
        [0xff, 0xd8, 0xff, ..] => jpeg(start),
        _ => Err(Wrong::Unknown),
    }
}

/// A number of `count` bytes, the smallest part first.
fn little(bytes: &[u8], at: usize, count: usize) -> Result<u32, Wrong> {
    let own = bytes.get(at..at + count).ok_or(Wrong::Cut)?;
    Ok(own.iter().rev().fold(0, |number, &byte| number << 8 | u32::from(byte)))
}

/// Two numbers of four bytes, the largest part first.
fn big(bytes: &[u8], at: usize) -> Result<Size, Wrong> {
    let number = |at: usize| {
        let own = bytes.get(at..at + 4).ok_or(Wrong::Cut)?;
        Ok(own.iter().fold(0, |number, &byte| number << 8 | u32::from(byte)))
    };
    Ok(Size { width: number(at)?, height: number(at + 4)? })
}

/// As in the WebP container specification: plain, lossless, and extended files.
fn webp(bytes: &[u8]) -> Result<Size, Wrong> {
    match bytes.get(12..16).ok_or(Wrong::Cut)? {
        b"VP8 " => {
            let side = |at| little(bytes, at, 2).map(|side| side & 0x3fff);
            Ok(Size { width: side(26)?, height: side(28)? })
        }
        b"VP8L" => {
            let bits = little(bytes, 21, 4)?;
            Ok(Size { width: (bits & 0x3fff) + 1, height: (bits >> 14 & 0x3fff) + 1 })
        }
        b"VP8X" => Ok(Size { width: little(bytes, 24, 3)? + 1, height: little(bytes, 27, 3)? + 1 }),
        _ => Err(Wrong::Unknown),
    }
}

/// Walks the segments up to the one that starts a frame (ITU T.81, table B.1).
fn jpeg(bytes: &[u8]) -> Result<Size, Wrong> {
    let mut at = 2;
    loop {
        let byte = |at: usize| bytes.get(at).copied().map(u32::from).ok_or(Wrong::Cut);
        if byte(at)? != 0xff {
            return Err(Wrong::Unknown);
        }
        let two = |at| Ok(byte(at)? << 8 | byte(at + 1)?);
        match byte(at + 1)? {
            // A marker may be filled up with these.
            0xff => at += 1,
            0xc4 | 0xc8 | 0xcc => at += 2 + two(at + 2)? as usize,
            0xc0..=0xcf => return Ok(Size { width: two(at + 7)?, height: two(at + 5)? }),
            // The picture begins, or ends, without having told its size.
            0xd9 | 0xda => return Err(Wrong::Unknown),
            _ => at += 2 + two(at + 2)? as usize,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(width: u32, height: u32) -> Vec<u8> {
        let sides = [width.to_be_bytes(), height.to_be_bytes()].concat();
        [&b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..], &sides].concat()
    }

    #[track_caller]
    fn check(bytes: &[u8], want: Result<(u32, u32), Wrong>) {
        let want = want.map(|(width, height)| Size { width, height });
        assert_eq!(size(bytes), want, "{bytes:?}");
        // Whatever is missing, what remains is told apart from what is whole.
        if want.is_ok() {
            for end in 0..bytes.len() {
                assert!(size(&bytes[..end]).is_err(), "{end} of {bytes:?}");
            }
        }
    }

    #[test]
    fn each_kind_tells_its_size() {
        check(&png(640, 480), Ok((640, 480)));
        check(b"GIF89a\x03\0\x00\x01", Ok((3, 256)));
        check(b"RIFF\0\0\0\0WEBPVP8 \0\0\0\0\0\0\0\x9d\x01\x2a\x10\x40\x08\0", Ok((16, 8)));
        check(b"RIFF\0\0\0\0WEBPVP8L\0\0\0\0\x2f\x0f\xc0\x01\0", Ok((16, 8)));
        check(b"RIFF\0\0\0\0WEBPVP8X\0\0\0\0\0\0\0\0\x0f\0\0\x07\0\0", Ok((16, 8)));
        let notes = b"\xff\xd8\xff\xe1\0\x04ab\xff\xff\xc2\0\x11\x08\x00\x10\x00\x20";
        check(notes, Ok((32, 16)));
    }

    #[test]
    fn what_is_no_picture_is_refused_by_name() {
        check(b"hello", Err(Wrong::Unknown));
        check(b"\xff\xd8\xff\xda\0\x02", Err(Wrong::Unknown));
        check(b"\xff\xd8\xff\xe0\xff\xff", Err(Wrong::Cut));
        for (bytes, words) in [
            (&b""[..], "a.png is empty"),
            (b"hello", "a.png is no picture of a known kind"),
            (b"\x89PNG\r\n\x1a\n", "a.png is cut off"),
            (&png(0, 5), "no pixels: 0 × 5"),
            (&png(20_000, 20_000), "a.png has 400 megapixels (20000 × 20000)"),
            (&png(u32::MAX, u32::MAX), "give a picture of at most 100"),
            (&png(1, 40_000), "no side may be longer than 32767"),
        ] {
            let why = checked("a.png", bytes).unwrap_err();
            assert!(why.contains(words), "{why}");
        }
        assert_eq!(checked("a.png", &png(1, 1)), Ok(Size { width: 1, height: 1 }));
    }

    #[test]
    fn a_large_picture_keeps_its_shape() {
        let size = |width, height| Size { width, height };
        assert_eq!(size(4_000, 4_000).within(16_000_000), size(4_000, 4_000));
        assert_eq!(size(8_000, 4_000).within(16_000_000), size(5_656, 2_828));
    }
}
