//! Getting the `FIDO:/` text: from a picture of the code.

use ::image::{GrayImage, imageops};
use std::fmt;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Larger pictures are not decoded: a photograph of a screen has a fraction of this.
const MAX_SIDE: u32 = 8192;
/// Longer files are not read.
const MAX_FILE: u64 = 64 << 20;
/// What decoding may take: a photo of 12 megapixels needs a third, and what is no picture in the
/// file (a colour profile, text) is nothing that anybody looks for.
const MAX_MEMORY: u64 = 128 << 20;

/// Finds the QR code in a PNG or JPEG file and returns its text.
///
/// # Errors
/// [`ScanError`] says what was seen instead.
pub fn image(path: &Path) -> Result<Zeroizing<String>, ScanError> {
    let wrong = |error| ScanError::Image(path.to_owned(), error);
    let file = hybrid_process::read(path, MAX_FILE).map_err(|error| wrong(error.into()))?;
    let mut reader = ::image::ImageReader::new(Cursor::new(file));
    let mut limits = ::image::Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_MEMORY);
    reader.limits(limits);
    let reader = reader
        .with_guessed_format()
        .map_err(|error| wrong(error.into()))?;
    let picture = reader.decode().map_err(wrong)?.to_luma8();
    let found = read(picture.clone());
    let found = match found {
        Reading::Unreadable => THRESHOLDS
            .into_iter()
            .map(|threshold| read(joined(&picture, threshold)))
            .find(|found| matches!(found, Reading::Ours(_)))
            .unwrap_or(Reading::Unreadable),
        Reading::Ours(_) | Reading::Other | Reading::Nothing => found,
    };
    match found {
        Reading::Ours(text) => Ok(text),
        Reading::Other => Err(ScanError::OtherCode(path.to_owned())),
        Reading::Unreadable => Err(ScanError::Unreadable(path.to_owned())),
        Reading::Nothing => Err(ScanError::NoCode(path.to_owned())),
    }
}

enum Reading {
    Ours(Zeroizing<String>),
    Other,
    Unreadable,
    Nothing,
}

fn read(picture: GrayImage) -> Reading {
    let mut prepared = rqrr::PreparedImage::prepare(picture);
    let grids = prepared.detect_grids();
    // A picture may hold other codes beside ours.
    let texts: Vec<String> = grids
        .iter()
        .filter_map(|grid| grid.decode().ok())
        .map(|(_, text)| text)
        .collect();
    let ours = texts.iter().find(|text| {
        text.get(..6)
            .is_some_and(|start| start.eq_ignore_ascii_case("FIDO:/"))
    });
    match ours {
        Some(text) => Reading::Ours(Zeroizing::new(text.clone())),
        None if grids.is_empty() => Reading::Nothing,
        None if texts.is_empty() => Reading::Unreadable,
        None => Reading::Other,
    }
}

/// What is darker becomes black, tried in this order.
const THRESHOLDS: [u8; 3] = [190, 210, 160];

/// A code that is drawn in dots with gaps between them, as Chromium does, with the gaps filled.
fn joined(picture: &GrayImage, threshold: u8) -> GrayImage {
    const ENLARGED_BELOW: u32 = 2048;
    const BLUR: f32 = 1.5;
    let (width, height) = picture.dimensions();
    let scale: u8 = if width.max(height) < ENLARGED_BELOW {
        2
    } else {
        1
    };
    let (width, height) = (width * u32::from(scale), height * u32::from(scale));
    let larger = imageops::resize(picture, width, height, imageops::FilterType::Triangle);
    let mut blurred = imageops::blur(&larger, BLUR * f32::from(scale));
    for pixel in blurred.pixels_mut() {
        pixel.0 = pixel
            .0
            .map(|grey| if grey < threshold { 0 } else { u8::MAX });
    }
    blurred
}

/// Why a picture gives no text.
#[derive(Debug)]
pub enum ScanError {
    /// Not a picture that can be read.
    Image(PathBuf, ::image::ImageError),
    /// There is no QR code in it.
    NoCode(PathBuf),
    /// There is one, but its content cannot be made out.
    Unreadable(PathBuf),
    /// There is one, but it is not a passkey code.
    OtherCode(PathBuf),
}

impl fmt::Display for ScanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Image(path, ::image::ImageError::IoError(why)) => {
                write!(f, "cannot read the picture {}: {why}", path.display())
            }
            Self::Image(path, ::image::ImageError::Limits(_)) => write!(
                f,
                "the picture {} is larger than {MAX_SIDE} pixels on a side, or takes too much memory",
                path.display()
            ),
            Self::Image(path, _) => write!(
                f,
                "expected a PNG or JPEG picture in {}, got something else or a damaged one",
                path.display()
            ),
            Self::NoCode(path) => write!(
                f,
                "expected a QR code in {}, found none; is the white border around it in the picture?",
                path.display()
            ),
            Self::Unreadable(path) => write!(
                f,
                "the QR code in {} is too blurred or damaged to read",
                path.display()
            ),
            Self::OtherCode(path) => write!(
                f,
                "expected a FIDO:/ QR code in {}, found another kind of code",
                path.display()
            ),
        }
    }
}

impl std::error::Error for ScanError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Image(_, error) => Some(error),
            Self::NoCode(_) | Self::Unreadable(_) | Self::OtherCode(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_picture_is_told_without_a_librarys_words() {
        let told = |path: &str| image(Path::new(path)).unwrap_err().to_string();
        let text = told(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"));
        assert!(
            text.ends_with("Cargo.toml, got something else or a damaged one"),
            "{text}"
        );
        let missing = told("/nowhere.png");
        assert!(
            missing.starts_with("cannot read the picture /nowhere.png: No such file"),
            "{missing}"
        );
    }

    #[test]
    fn the_dotted_code_of_a_real_chromium_is_read() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/chromium-code.png");
        let text = image(Path::new(path)).unwrap();
        let code = hybrid_protocol::QrCode::parse(&text).unwrap();
        assert_eq!((code.known_domains, code.hint.as_deref()), (2, Some("mc")));
    }
}
