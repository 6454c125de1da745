//! What an answer would need, at the end of a text.

use hybrid_policy::Lack;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Stands below what is missing.
const HOW_TO_GIVE: &str = "\
Facts of the passkey come from --response, or --aaguid, --type and --attested, or an export of the user's methods; the user's from --user, and --groups
or an export of the groups; the policy's from further files (hybridd policy how-to-export).
";

/// What would have to be known, and how to say it.
pub(super) fn missing_text(missing: BTreeSet<&Lack>) -> String {
    if missing.is_empty() {
        return String::new();
    }
    let mut text = "\nFor an answer, this is missing:\n".to_owned();
    for lack in missing {
        let _ = writeln!(text, "  - {lack}");
    }
    text.push_str(HOW_TO_GIVE);
    text
}
