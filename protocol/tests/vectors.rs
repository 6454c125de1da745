//! The published vectors, all of them, through the same runner as the example.

#[path = "../examples/vectors/cases/mod.rs"]
mod cases;

#[test]
fn every_published_vector_passes() {
    let text = std::fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/data/vectors.json"
    ))
    .unwrap();
    let report = cases::run(&serde_json::from_str(&text).unwrap());
    assert_eq!(report.failures, Vec::<String>::new());
    assert_eq!(report.passed(), 529);
}

#[test]
fn a_section_that_is_not_known_fails_the_run() {
    let text = std::fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/data/vectors.json"
    ))
    .unwrap();
    let mut file: serde_json::Value = serde_json::from_str(&text).unwrap();
    file["surprise"] = serde_json::json!([1]);
    file["eid"]["novelty"] = serde_json::json!([]);
    assert_eq!(cases::run(&file).failed(), 2);
}
