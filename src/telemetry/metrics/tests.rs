//! The labels, apart from a server.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::cost_counter::CostCounter;
use super::http_labels::{Method, Route, Status};
use super::*;
use crate::model::{Catalog, Cost};

fn known() -> KnownModels {
    KnownModels::new(Arc::new(Catalog::built_in()), ["ours"])
}

fn no_readings() -> Readings {
    Readings {
        limiter_keys: 0,
        checkpoints: 0,
        places: PlacesReading::default(),
        is_draining: false,
        breakers: Vec::new(),
    }
}

#[test]
fn only_known_models_have_a_name() {
    let known = known();
    for (model, label) in [
        ("claude-haiku-4-5-20251001", "claude-haiku-4-5-20251001"),
        ("claude-haiku-4-5", "claude-haiku-4-5-20251001"),
        ("ours", "ours"),
        ("theirs", "other"),
        ("", "other"),
        ("other\",x=\"", "other"),
    ] {
        assert_eq!(known.label(model).as_str(), label, "{model}");
    }
}

#[test]
fn models_that_become_known_have_a_name_from_then_on_and_those_before_keep_theirs() {
    let of_file = |id: &str| {
        let mut catalog = Catalog::built_in();
        catalog.extend(&format!("[[model]]\nid = \"{id}\"\ncontext = 32768\nmax_output = 4096\n")).unwrap();
        Arc::new(catalog)
    };
    let metrics = Metrics::new(KnownModels::new(of_file("first"), ["ours"]));
    metrics.know(KnownModels::new(of_file("second"), ["yours"]));
    for (model, label) in
        [("first", "first"), ("second", "second"), ("ours", "ours"), ("yours", "yours"), ("theirs", "other")]
    {
        assert_eq!(metrics.label(model).as_str(), label);
    }
}

#[test]
fn a_thousand_unknown_models_are_one() {
    let metrics = Metrics::new(known());
    let series = |n: usize| {
        let name = format!("unknown-{n}");
        metrics.expect(&PerStep::from_fn(|_| name.clone()));
        metrics.encode(&no_readings()).lines().count()
    };
    let first = series(0);
    assert!((1..1000).all(|n| series(n) == first));
}

#[test]
fn a_million_small_costs_add_up_exactly() {
    let counter = CostCounter::default();
    for _ in 0..1_000_000 {
        counter.add(Cost::from_usd(0.000_000_1));
    }
    let mut registry = Registry::default();
    registry.register("cost", "Cost", counter);
    let mut text = String::new();
    prometheus_text::encode(&mut text, &registry).unwrap();
    assert!(text.contains("cost_total 0.1\n"), "{text}");
}

#[test]
fn every_route_has_a_word_of_its_own_and_everything_else_is_one() {
    let words: BTreeSet<_> = Route::ALL.map(Route::as_str).into_iter().collect();
    assert_eq!(words.len(), Route::ALL.len());
    for path in [None, Some("/v1/nothing"), Some("")] {
        assert_eq!(Route::of(path), Route::Unmatched);
    }
    assert_eq!(Method::of("BREW"), Method::other);
    assert_eq!(
        ["none", "200", "other"],
        [Status::NONE, Status::of(200), Status::of(299)].map(Status::as_str)
    );
}
