//! `promptchain schema` as its users see it.

use crate::support::promptchain;

#[test]
fn every_format_has_a_schema_of_its_name() {
    for name in ["run", "events", "error", "state", "dry-run", "validation", "config", "token", "inspection"]
    {
        let schema = promptchain(&["schema", name]).run().exits(0).json();
        assert_eq!(schema["$id"], format!("urn:promptchain:{name}:1"));
    }
}
