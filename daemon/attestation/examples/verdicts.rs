//! Prints what this crate makes of each case of a file, to compare it with what others do.
//!
//! ```sh
//! cargo run -p hybrid-attestation --example verdicts -- daemon/attestation/tests/data/objects.json
//! cargo run -p hybrid-attestation --example verdicts -- --mds BLOB SECONDS ROOTS.pem
//! ```

#![allow(clippy::print_stdout, reason = "this is what it is for")]

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hybrid_attestation::{Metadata, verify_attestation};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use serde_json::Value;
use std::error::Error;
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = env::args().skip(1).collect();
    match args
        .iter()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .as_slice()
    {
        ["--mds", blob, seconds, roots] => metadata(blob, seconds.parse()?, roots),
        [cases] => verdicts(cases),
        _ => Err("expected a file of cases, or --mds BLOB SECONDS ROOTS.pem".into()),
    }
}

fn verdicts(path: &str) -> Result<(), Box<dyn Error>> {
    let all: Value = serde_json::from_slice(&fs::read(path)?)?;
    let cases = all.get("cases").and_then(Value::as_array);
    for case in cases.into_iter().flatten() {
        let parts = case.get("registration").unwrap_or(case);
        let text =
            |of: &Value, name: &str| -> Option<String> { Some(of.get(name)?.as_str()?.to_owned()) };
        let bytes = |name: &str| -> Option<Vec<u8>> {
            let text = text(parts, name)?.replace('+', "-").replace('/', "_");
            hex::decode(&text)
                .ok()
                .or_else(|| URL_SAFE_NO_PAD.decode(&text).ok())
        };
        let name = text(case, "name").unwrap_or_default();
        let object = bytes("attestationObject").ok_or("no attestationObject")?;
        let client = bytes("clientDataJSON").ok_or("no clientDataJSON")?;
        match verify_attestation(&object, &client) {
            Ok(vouched) => println!("{name}: {vouched:?}"),
            Err(flaw) => println!("{name}: {flaw}"),
        }
    }
    Ok(())
}

fn metadata(blob: &str, seconds: u64, roots: &str) -> Result<(), Box<dyn Error>> {
    let roots: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&fs::read(roots)?)
        .collect::<Result<Vec<_>, _>>()?
        .into_iter()
        .map(|root| webpki::anchor_from_trusted_cert(&root).map(|anchor| anchor.to_owned()))
        .collect();
    match Metadata::read(&fs::read(blob)?, &roots?, seconds) {
        Ok(read) => println!(
            "number {}, {} models, next {}, stale {}",
            read.number(),
            read.len(),
            read.next_update(),
            read.is_stale()
        ),
        Err(error) => println!("{error}"),
    }
    Ok(())
}
