//! A code as a picture.

use super::Symbol;
use std::fmt::Write as _;
use zeroize::Zeroizing;

/// Pixels for one module: large enough for a camera at arm's length.
const SCALE: usize = 8;
/// Stands in every picture, so that one may take another's place and nothing else's.
const MARK: &str = "hybridd code";

/// A grey-scale PNG.
///
/// # Errors
/// What the encoder says; writing to memory does not fail.
pub fn png(symbol: &Symbol) -> Result<Zeroizing<Vec<u8>>, png::EncodingError> {
    let side = symbol.side() * SCALE;
    let mut pixels = Zeroizing::new(Vec::with_capacity(side * side));
    for row in 0..side {
        pixels.extend((0..side).map(|column| {
            if symbol.is_dark(row / SCALE, column / SCALE) {
                0
            } else {
                u8::MAX
            }
        }));
    }
    let mut file = Zeroizing::new(Vec::new());
    let mut encoder = png::Encoder::new(&mut *file, side as u32, side as u32);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.add_text_chunk("Software".to_owned(), MARK.to_owned())?;
    encoder.write_header()?.write_image_data(&pixels)?;
    Ok(file)
}

/// An SVG without scripts, links or anything to load.
pub fn svg(symbol: &Symbol) -> Zeroizing<String> {
    let side = symbol.side();
    let width = side * SCALE;
    let mut svg = Zeroizing::new(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" width=\"{width}\" height=\"{width}\" \
         shape-rendering=\"crispEdges\"><!-- {MARK} --><rect width=\"100%\" height=\"100%\" fill=\"#fff\"/><path fill=\"#000\" d=\""
    ));
    for row in 0..side {
        for column in (0..side).filter(|column| symbol.is_dark(row, *column)) {
            let _ = write!(svg, "M{column} {row}h1v1h-1z");
        }
    }
    svg.push_str("\"/></svg>\n");
    svg
}

/// Whether a file that begins so is a picture of a code that was left behind.
pub fn is_picture_of_a_code(start: &[u8]) -> bool {
    start
        .windows(MARK.len())
        .any(|part| part == MARK.as_bytes())
}
