//! Pictures for tests of tasks that look at them.

use std::io::Cursor;

use api::picture::Picture;
use candle_core::Device;

use crate::engine::read;

/// One of the pictures of `golden/picture.py`, by its name.
pub fn generated(name: &str) -> Picture {
    let tensors = read("golden/picture.safetensors");
    let tensors = candle_core::safetensors::load_buffer(&tensors, &Device::Cpu).unwrap();
    let (height, width, _) = tensors[name].dims3().unwrap();
    let rgb = tensors[name].flatten_all().unwrap().to_vec1().unwrap();
    Picture { width: width as u32, height: height as u32, rgb }
}

/// A PNG of red, green and blue.
pub fn png(path: &str) -> Picture {
    let mut reader = png::Decoder::new(Cursor::new(read(path))).read_info().unwrap();
    let mut rgb = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut rgb).unwrap();
    assert_eq!(info.color_type, png::ColorType::Rgb, "{path}");
    Picture { width: info.width, height: info.height, rgb }
}

/// Square `at` of a sheet, counted row by row from the top left.
pub fn square(sheet: &Picture, side: u32, at: usize) -> Picture {
    let [wide, side] = [sheet.width, side].map(|px| px as usize);
    let (left, top) = (at % (wide / side) * side, at / (wide / side) * side);
    let row = |row: usize| &sheet.rgb[(row * wide + left) * 3..][..side * 3];
    let rgb = (top..top + side).flat_map(row).copied().collect();
    Picture { width: side as u32, height: side as u32, rgb }
}
