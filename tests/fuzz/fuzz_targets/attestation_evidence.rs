#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| hybrid_malformed::attestation::evidence(data));
