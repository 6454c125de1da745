//! Getting the `FIDO:/` text: from a picture of the code.

use std::fmt;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Larger pictures are not decoded: a photograph of a screen has a fraction of this.
const MAX_SIDE: u32 = 8192;

/// Finds the QR code in a PNG or JPEG file and returns its text.
///
/// # Errors
/// [`ScanError`] says what was seen instead.
pub fn image(path: &Path) -> Result<Zeroizing<String>, ScanError> {
    let wrong = |why: String| ScanError::Image(path.to_owned(), why);
    let mut reader = image::ImageReader::open(path).map_err(|error| wrong(error.to_string()))?;
    let mut limits = image::Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    reader.limits(limits);
    let reader = reader.with_guessed_format().map_err(|error| wrong(error.to_string()))?;
    let picture = reader.decode().map_err(|error| wrong(error.to_string()))?.to_luma8();
    let mut prepared = rqrr::PreparedImage::prepare(picture);
    let grids = prepared.detect_grids();
    if grids.is_empty() {
        return Err(ScanError::NoCode(path.to_owned()));
    }
    // A picture may hold other codes beside ours.
    let texts: Vec<String> = grids
        .iter()
        .filter_map(|grid| grid.decode().ok())
        .map(|(_, text)| text)
        .collect();
    let ours = texts
        .iter()
        .find(|text| text.get(..6).is_some_and(|start| start.eq_ignore_ascii_case("FIDO:/")));
    match (ours, texts.is_empty()) {
        (Some(text), _) => Ok(Zeroizing::new(text.clone())),
        (None, true) => Err(ScanError::Unreadable(path.to_owned())),
        (None, false) => Err(ScanError::OtherCode(path.to_owned())),
    }
}

/// Why a picture gives no text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ScanError {
    /// Not a picture that can be read.
    Image(PathBuf, String),
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
            Self::Image(path, why) => write!(f, "expected a PNG or JPEG picture in {}: {why}", path.display()),
            Self::NoCode(path) => write!(
                f,
                "expected a QR code in {}, found none; is the white border around it in the picture?",
                path.display()
            ),
            Self::Unreadable(path) => write!(f, "the QR code in {} is too blurred or damaged to read", path.display()),
            Self::OtherCode(path) => write!(
                f,
                "expected a FIDO:/ QR code in {}, found another kind of code",
                path.display()
            ),
        }
    }
}

impl std::error::Error for ScanError {}
