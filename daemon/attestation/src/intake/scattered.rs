//! Fields in a notation that is not known here: tables, XML, what languages print. Their bytes say what
//! they are.

use super::bytes;
use super::found::{Cut, Found};
use super::joined::joined;
use crate::material::Material;
use crate::octets;

/// Shorter words may be anything; client data have at least a type, a challenge and an origin.
const SHORTEST: usize = 48;
/// So many long words are looked at.
const MOST_WORDS: usize = 1000;

/// The objects and client data among the long words of a text, if there are any.
pub(super) fn find(text: &str) -> Option<Found> {
    let is_letter = |char: char| char.is_ascii_alphanumeric() || "+/-_".contains(char);
    let words = text.split(|char: char| !is_letter(char));
    let mut found = Found::default();
    let words = words.filter(|word| word.len() >= SHORTEST);
    for word in words.take(MOST_WORDS) {
        let read = octets::of_text(word).and_then(|bytes| bytes::recognise(&bytes).ok());
        // Authenticator data alone have too few marks to be known among words of anything.
        let is_marked = |material: &Material| {
            matches!(
                material,
                Material::Registration(_) | Material::ClientData(_)
            )
        };
        let materials = read.into_iter().flat_map(|found| found.materials);
        { materials.filter(is_marked) }.for_each(|material| found.push(material));
    }
    found.cut.insert(Cut::Around);
    joined(found).ok()
}
