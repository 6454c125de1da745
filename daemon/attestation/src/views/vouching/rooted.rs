//! Where the chain of a statement ends, and what that says of the model.

use super::certificates;
use super::verdict::Verdict;
use crate::chain::Chain;
use crate::metadata::RootVerdict;
use crate::sheet::Sheet;
use crate::views::surrounding::Surrounding;
use hybrid_protocol::ctap::Aaguid;

/// Judges the chain of a verified statement by the metadata.
pub(super) fn judge<'m>(
    sheet: &mut Sheet,
    format: &str,
    chain: &Chain,
    aaguid: Aaguid,
    around: &Surrounding<'m>,
) -> Verdict<'m> {
    let begin = format!("{format}: the statement is verified");
    let Some(metadata) = around.metadata else {
        let shown = format!("{begin}; who issued its certificate is not, without metadata (--mds)");
        return Verdict::open("unrooted", shown);
    };
    let number = metadata.number();
    let rooted = format!("{begin}, and ends in a root of the metadata (number {number})");
    // The old format does not sign the model, so that only the certificate can tell it.
    let unsigned = format == "fido-u2f";
    let signed = if unsigned { Aaguid::NONE } else { aaguid };
    match metadata.judge(signed, chain) {
        RootVerdict::Trusted(..) if unsigned && aaguid != Aaguid::NONE => Verdict::open(
            "unsigned-model",
            format!("{rooted}; but this format does not sign the model"),
        ),
        // WebAuthn Level 3 section 8.2.1: then the certificate has to name the model. In the other
        // formats, too, whatever makes the statement may write any model into it.
        RootVerdict::Trusted(entry, root)
            if !unsigned && !chain.first().names_model() && metadata.is_shared(&root, entry) =>
        {
            Verdict::open(
                "unsigned-model",
                format!(
                    "{rooted}: {}; but several models have that root, and the certificate does not say which one it is of",
                    certain(format)
                ),
            )
        }
        RootVerdict::Trusted(entry, root) => {
            certificates::show_lapse(sheet, &root, around.now);
            Verdict {
                attested: Some(entry),
                ..Verdict::open(
                    "attested",
                    format!("{begin}, and ends in a root of its model (metadata number {number})"),
                )
            }
        }
        RootVerdict::Broken(flaw) => {
            let flaw = format!("{flaw} (a root of its model in the metadata)");
            sheet.find_odd(format_args!(
                "The attestation is wrong: {flaw}. A site that checks it refuses it."
            ));
            Verdict {
                flaw: Some(flaw.clone()),
                ..Verdict::open("wrong", format!("{format}: WRONG, {flaw}"))
            }
        }
        RootVerdict::UnknownRoot => Verdict::open(
            "unknown-root",
            format!("{begin}, but ends in no root that its model has (metadata number {number})"),
        ),
        RootVerdict::UnknownModel => Verdict::open(
            "unknown-model",
            format!("{begin}, but its model is not in the metadata (number {number})"),
        ),
    }
}

/// What is attested where the model is not.
fn certain(format: &str) -> &'static str {
    match format {
        "tpm" => "a TPM keeps the key",
        "android-key" => "the keystore of an Android phone keeps the key",
        "apple" => "Apple vouches for the key",
        _ => "a maker of authenticators vouches for the key",
    }
}
