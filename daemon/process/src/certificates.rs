//! The certificates that a person names with `SSL_CERT_FILE`.

use std::{env, fs};

/// Whether they are a file, if any are named. A pipe would be waited for without end, and of a
/// device all would be kept, by libraries that know no limit.
pub fn named_certificates_are_a_file() -> bool {
    let there = env::var_os("SSL_CERT_FILE").and_then(|path| fs::metadata(path).ok());
    there.is_none_or(|there| there.is_file())
}
