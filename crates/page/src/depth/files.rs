//! Depth as files: grey pictures of 8 and of 16 bits, which no canvas makes, and a cloud of points.

use api::{depth::Map, picture::Picture};

use super::levels;

/// Most bytes in a block of a zlib stream that is not packed.
const BLOCK: usize = 65_535;
/// Points of a cloud are fewer: some pixels of a larger picture are left out.
const MOST_POINTS: u64 = 1_000_000;
/// The angle a picture is taken to show from its left side to its right one.
const SEEN_DEGREES: f64 = 60.0;
/// What is told as farthest is put so many times as far as the nearest.
const FARTHEST: f64 = 5.0;

/// Bits of a grey.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bits {
    /// As in the course: `depth * 255 / depth.max()`, cut off.
    Eight,
    /// All there are.
    Sixteen,
}

/// A grey PNG, near being bright. It is not packed, so that it needs nothing of the browser.
pub fn png(map: &Map, bits: Bits) -> Vec<u8> {
    let wide = map.width as usize;
    let mut rows = Vec::with_capacity(map.levels.len() + map.height as usize);
    for (at, level) in levels(map).enumerate() {
        if at % wide.max(1) == 0 {
            rows.push(0); // the row is as it is
        }
        match bits {
            Bits::Eight => rows.push((level / 257) as u8),
            Bits::Sixteen => rows.extend(level.to_be_bytes()),
        }
    }
    let depth = if bits == Bits::Eight { 8 } else { 16 };
    let mut head = Vec::new();
    head.extend(map.width.to_be_bytes());
    head.extend(map.height.to_be_bytes());
    head.extend([depth, 0, 0, 0, 0]); // grey, and the only ways there are to pack, filter and order
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    chunk(&mut file, *b"IHDR", &head);
    chunk(&mut file, *b"IDAT", &zlib(&rows));
    chunk(&mut file, *b"IEND", &[]);
    file
}

fn chunk(file: &mut Vec<u8>, name: [u8; 4], body: &[u8]) {
    file.extend((body.len() as u32).to_be_bytes());
    let from = file.len();
    file.extend(name);
    file.extend(body);
    let check = crc(&file[from..]);
    file.extend(check.to_be_bytes());
}

/// The sum that ends a chunk, half a byte at a time.
fn crc(bytes: &[u8]) -> u32 {
    let step = |crc: u32| (0..4).fold(crc, |crc, _| crc >> 1 ^ (0xedb8_8320 * (crc & 1)));
    let table: [u32; 16] = std::array::from_fn(|at| step(at as u32));
    let half = |crc: u32, low: u32| crc >> 4 ^ table[((crc ^ low) & 15) as usize];
    !bytes.iter().fold(!0, |crc, byte| half(half(crc, u32::from(*byte)), u32::from(*byte >> 4)))
}

/// Bytes as a zlib stream of blocks that are not packed.
fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut stream = Vec::with_capacity(bytes.len() + bytes.len() / BLOCK * 5 + 11);
    stream.extend([0x78, 0x01]);
    let mut blocks = bytes.chunks(BLOCK).peekable();
    while let Some(block) = blocks.next() {
        let size = block.len() as u16;
        stream.push(u8::from(blocks.peek().is_none()));
        stream.extend(size.to_le_bytes());
        stream.extend((!size).to_le_bytes());
        stream.extend(block);
    }
    // Sums stay below 32 bits for 5552 bytes.
    let (mut first, mut second) = (1_u32, 0_u32);
    for some in bytes.chunks(5552) {
        for byte in some {
            first += u32::from(*byte);
            second += first;
        }
        (first, second) = (first % 65_521, second % 65_521);
    }
    stream.extend((second << 16 | first).to_be_bytes());
    stream
}

/// A cloud of points with the picture's colours, as PLY, and each how many pixels became a point.
///
/// The model knows neither the lens nor the distance, so both are made up: the picture is taken to show 60
/// degrees from side to side, and the farthest, told as 0, to be five times as far as the nearest, which is
/// at 1. X goes to the right, Y up, Z towards whoever looks. `None` if the picture is of another size.
pub fn cloud(map: &Map, picture: &Picture) -> Option<(Vec<u8>, usize)> {
    if (map.width, map.height) != (picture.width, picture.height) {
        return None;
    }
    let (wide, high) = (map.width as usize, map.height as usize);
    let step = step(u64::from(map.width) * u64::from(map.height));
    let count = wide.div_ceil(step) * high.div_ceil(step);
    let mut file = header(count, step).into_bytes();
    let focal = f64::from(map.width) / 2.0 / (SEEN_DEGREES.to_radians() / 2.0).tan();
    let pixels = levels(map).zip(picture.rgb.as_chunks::<3>().0).enumerate();
    for (at, (level, colour)) in pixels {
        let (x, y) = (at % wide, at / wide);
        if x % step != 0 || y % step != 0 {
            continue;
        }
        let near = f64::from(level) / 65_535.0;
        let away = 1.0 / (1.0 / FARTHEST + (1.0 - 1.0 / FARTHEST) * near);
        let aside = |at: usize, size: usize| (at as f64 + 0.5 - size as f64 / 2.0) / focal * away;
        for number in [aside(x, wide), -aside(y, high), -away] {
            file.extend((number as f32).to_le_bytes());
        }
        file.extend(colour);
    }
    Some((file, step))
}

/// Every how many pixels there is a point.
fn step(pixels: u64) -> usize {
    (1..).find(|step| pixels.div_ceil(step * step) <= MOST_POINTS).unwrap_or(1) as usize
}

fn header(count: usize, step: usize) -> String {
    format!(
        "ply\nformat binary_little_endian 1.0\ncomment relative depth, no metres; the picture is taken to show {SEEN_DEGREES} degrees from side to side\n\
         comment every {step}. pixel of every {step}. row\nelement vertex {count}\nproperty float x\nproperty float y\nproperty float z\n\
         property uchar red\nproperty uchar green\nproperty uchar blue\nend_header\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(width: u32, levels: &[u16]) -> Map {
        let bytes = levels.iter().flat_map(|level| level.to_le_bytes()).collect();
        Map { width, height: levels.len() as u32 / width, most: 1.0, levels: bytes }
    }

    /// As Python's zlib.crc32 and zlib.adler32 have them.
    #[test]
    fn sums_are_those_of_the_standards() {
        assert_eq!(crc(b"IEND"), 0xae42_6082);
        assert_eq!(crc(b"123456789"), 0xcbf4_3926);
        assert_eq!(zlib(b"Wikipedia")[2 + 5 + 9..], 0x11e6_0398_u32.to_be_bytes());
        let long = zlib(&[255; 2 * BLOCK]);
        assert_eq!(long[2], 0, "not the last block");
        assert_eq!(long[2 + 5 + BLOCK..][..3], [1, 255, 255]);
        assert_eq!(long.len(), 2 + 2 * (5 + BLOCK) + 4);
    }

    #[test]
    fn a_grey_picture_has_all_its_bits() {
        let map = map(2, &[0, 257, 65_535, 0x1234]);
        let sixteen = png(&map, Bits::Sixteen);
        assert_eq!(&sixteen[..8], b"\x89PNG\r\n\x1a\n");
        let head = [0, 0, 0, 2, 0, 0, 0, 2, 16, 0, 0, 0, 0];
        assert_eq!((&sixteen[12..16], &sixteen[16..29]), (&b"IHDR"[..], &head[..]));
        let rows = [0, 0, 0, 1, 1, 0, 255, 255, 0x12, 0x34];
        assert!(sixteen.windows(rows.len()).any(|some| some == rows));
        let eight = png(&map, Bits::Eight);
        assert_eq!(eight[24], 8);
        let rows = [0, 0, 1, 0, 255, 0x12];
        assert!(eight.windows(rows.len()).any(|some| some == rows));
    }

    #[test]
    fn a_cloud_has_a_point_for_each_pixel_until_they_are_too_many() {
        let picture = Picture { width: 2, height: 1, rgb: vec![1, 2, 3, 4, 5, 6] };
        let (file, each) = cloud(&map(2, &[65_535, 0]), &picture).unwrap_or_default();
        let text = String::from_utf8_lossy(&file);
        assert!(text.contains("element vertex 2\n") && each == 1, "{text}");
        let points = &file[file.len() - 30..];
        let number = |at: usize| {
            f32::from_le_bytes([points[at], points[at + 1], points[at + 2], points[at + 3]])
        };
        assert_eq!((number(8), &points[12..15]), (-1.0, &[1, 2, 3][..]));
        assert_eq!((number(23), &points[27..]), (-5.0, &[4, 5, 6][..]));
        assert!(number(0) < 0.0 && number(15) > 0.0);
        assert!(cloud(&map(1, &[0, 0]), &picture).is_none());
        assert_eq!([step(1), step(1_000_000), step(1_000_001), step(16_000_000)], [1, 1, 2, 4]);
    }
}
