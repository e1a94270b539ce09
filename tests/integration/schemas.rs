//! `promptchain schema` as its users see it.

use crate::support::promptchain;

#[test]
fn every_format_has_a_schema_of_its_name() {
    for name in ["run", "events", "error", "validation"] {
        let schema = promptchain(&["schema", name]).run().exits(0).json();
        assert_eq!(schema["$id"], format!("urn:promptchain:{name}:1"));
    }
}
