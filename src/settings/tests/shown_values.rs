//! What a resolved value gives away: all of it, or nothing.

use super::*;

#[test]
fn a_value_is_kept_whole_however_long_it_is_in_messages() {
    let long = format!("/{}", "x".repeat(200));
    let settings = settings(&environment(&[("CHAIN_MODELS_FILE", &long)]));
    let value = settings.value("CHAIN_MODELS_FILE").unwrap();
    assert_eq!(value.value.as_deref(), Some(&*long));
    assert!(!value.is_masked() && value.text.as_ref().unwrap().len() < long.len());
}

#[test]
fn of_a_secret_there_is_nothing_to_show_and_an_unset_one_is_no_secret() {
    let settings = settings(&environment(&[("ANTHROPIC_API_KEY", "sk-1")]));
    let key = settings.value("ANTHROPIC_API_KEY").unwrap();
    assert!(key.is_masked() && key.value.is_none());
    assert!(!settings.value("ANTHROPIC_AUTH_TOKEN").unwrap().is_masked());
}

#[test]
fn what_was_put_in_place_of_a_value_is_what_is_shown() {
    let settings = settings(&environment(&[("CHAIN_PROCESS_TEMPERATURE", "1.5")]));
    assert_eq!(settings.value("CHAIN_PROCESS_TEMPERATURE").unwrap().value.as_deref(), Some("1"));
}
