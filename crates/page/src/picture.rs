//! Pictures that a person gives, as the browser unpacks them.

pub mod camera;
pub mod header;
pub mod intake;

use api::picture::Picture;
use gloo::utils;
use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, CanvasRenderingContext2d, ColorSpaceConversion, HtmlCanvasElement, ImageBitmap,
    ImageBitmapOptions, ImageOrientation, PremultiplyAlpha,
};

use self::header::{ENOUGH_BYTES, Size, checked};

/// A picture with more pixels is made smaller; models look at fewer than a hundredth of them.
const MOST_PIXELS: u64 = 16_000_000;
/// Rows that are copied at once: the whole picture with its alpha would be a third more to hold.
const ROWS: u32 = 256;

/// A picture that was taken in.
#[derive(Clone, Debug)]
pub struct Taken {
    /// What it is called: its file, or where it came from.
    pub name: String,
    /// How large it is.
    pub size: Size,
    /// What a person should know of how it was read.
    pub note: Option<String>,
    /// Its pixels, on white; the browser holds them.
    pub pixels: HtmlCanvasElement,
}

impl Taken {
    /// Its pixels as an engine takes them.
    pub fn picture(&self) -> Result<Picture, String> {
        let unread = |_| format!("{}: the browser does not give its pixels", self.name);
        let Size { width, height } = self.size;
        let brush = brush(&self.pixels).map_err(unread)?;
        let mut rgb = Vec::with_capacity(width as usize * height as usize * 3);
        for top in (0..height).step_by(ROWS as usize) {
            let rows = ROWS.min(height - top);
            let data = brush.get_image_data(0.0, top.into(), width.into(), rows.into());
            let rgba = data.map_err(unread)?.data();
            rgb.extend(rgba.chunks_exact(4).flat_map(|pixel| pixel.iter().take(3)));
        }
        Ok(Picture { width, height, rgb })
    }
}

/// The picture in a file; whatever is wrong with it is said by its name.
pub async fn taken(name: &str, file: &Blob) -> Result<Taken, String> {
    let start = file.slice_with_i32_and_i32(0, ENOUGH_BYTES as i32).map_err(|_| unread(name))?;
    let start = JsFuture::from(start.array_buffer()).await.map_err(|_| unread(name))?;
    checked(name, &Uint8Array::new(&start).to_vec())?;
    let broken = |_| format!("{name} cannot be unpacked: it is damaged, or not all of it is there");
    let bitmap = JsFuture::from(unpacked(file).map_err(broken)?).await.map_err(broken)?;
    let bitmap: ImageBitmap = bitmap.dyn_into().map_err(broken)?;
    let full = Size { width: bitmap.width(), height: bitmap.height() };
    let size = full.within(MOST_PIXELS);
    let drawn = on_white(size, |brush| {
        let (width, height) = (size.width.into(), size.height.into());
        brush.draw_image_with_image_bitmap_and_dw_and_dh(&bitmap, 0.0, 0.0, width, height)
    });
    bitmap.close();
    let pixels = drawn.map_err(|_| format!("{name}: there is not enough memory to show it"))?;
    let note = (size != full).then(|| made_smaller(name, full, size));
    Ok(Taken { name: name.into(), size, note, pixels })
}

fn unread(name: &str) -> String {
    format!("{name} cannot be read")
}

fn made_smaller(name: &str, full: Size, size: Size) -> String {
    let mega = full.pixels() as f64 / 1e6;
    let Size { width, height } = size;
    format!(
        "{name} has {mega:.0} megapixels; it is looked at with {width} × {height} pixels, as models see no more"
    )
}

/// Upright as the camera says, with colours as they are stored.
fn unpacked(file: &Blob) -> Result<js_sys::Promise, JsValue> {
    let options = ImageBitmapOptions::new();
    options.set_image_orientation(ImageOrientation::FromImage);
    options.set_color_space_conversion(ColorSpaceConversion::None);
    options.set_premultiply_alpha(PremultiplyAlpha::None);
    utils::window().create_image_bitmap_with_blob_and_image_bitmap_options(file, &options)
}

/// What `draw` draws, on white.
pub(crate) fn on_white(
    size: Size,
    draw: impl FnOnce(&CanvasRenderingContext2d) -> Result<(), JsValue>,
) -> Result<HtmlCanvasElement, JsValue> {
    let canvas: HtmlCanvasElement = utils::document().create_element("canvas")?.dyn_into()?;
    canvas.set_width(size.width);
    canvas.set_height(size.height);
    let brush = brush(&canvas)?;
    brush.set_fill_style_str("#fff");
    brush.fill_rect(0.0, 0.0, size.width.into(), size.height.into());
    draw(&brush)?;
    Ok(canvas)
}

/// What draws on a canvas whose pixels are read again.
pub(crate) fn brush(canvas: &HtmlCanvasElement) -> Result<CanvasRenderingContext2d, JsValue> {
    let options = js_sys::Object::new();
    Reflect::set(&options, &"willReadFrequently".into(), &true.into())?;
    let brush = canvas.get_context_with_context_options("2d", &options)?;
    Ok(brush.ok_or(JsValue::NULL)?.dyn_into()?)
}
