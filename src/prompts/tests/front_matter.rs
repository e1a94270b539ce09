//! What is read from front matter, and what is wrong with it.

use insta::assert_snapshot;

use super::*;

#[test]
fn front_matter_is_read_with_the_place_of_each_value() {
    let prompt = prompt(
        "+++\ndescription = 'Legal'\nmodel = \"claude-haiku-4-5\"\nmax_tokens = 0x800\ntemperature = 1\n\
         timeout = 12.5\n[vars]\ntone = 'dry'\nparts = 3\nformal = true\n[fields]\nz_risk = 'number'\n\
         clauses = 'string[]'\n+++\nText.\n",
    );
    let front_matter = &prompt.front_matter;
    assert_eq!(front_matter.description.as_ref().unwrap().value, "Legal");
    let model = front_matter.model.as_ref().unwrap();
    assert_eq!((model.value.as_str(), model.place), ("claude-haiku-4-5", Place { line: 3, col: 9, len: 18 }));
    assert_eq!(front_matter.max_tokens.as_ref().unwrap().value, 2048);
    assert!((front_matter.temperature.as_ref().unwrap().value - 1.0).abs() < f64::EPSILON);
    let timeout = front_matter.timeout.as_ref().unwrap();
    assert!((timeout.value - 12.5).abs() < f64::EPSILON);
    assert_eq!(timeout.place.line, 6);
    assert_eq!(front_matter.vars["tone"].value, VariableValue::String("dry".into()));
    assert_eq!(front_matter.vars["parts"].value, VariableValue::Integer(3));
    assert_eq!(front_matter.vars["formal"].value, VariableValue::Boolean(true));
    let fields: Vec<_> = front_matter.fields.iter().map(|f| (f.value.name.as_str(), f.value.kind)).collect();
    assert_eq!(
        fields,
        [("z_risk", FieldKind::Number), ("clauses", FieldKind::Strings)],
        "in the file's order"
    );
    assert_eq!(prompt.template(), "Text.\n");
}

#[test]
fn a_file_without_front_matter_is_all_template() {
    let prompt = prompt("Text.\n+++\nmore\n");
    assert_eq!(prompt.front_matter, FrontMatter::default());
    assert_eq!(prompt.template(), "Text.\n+++\nmore\n");
}

#[test]
fn a_byte_order_mark_and_windows_line_ends_are_no_problem() {
    let prompt = prompt("\u{feff}+++ \r\nmodel = 'm'\r\n+++\r\nA {{ step }}\r\nB\r\n");
    assert_eq!(prompt.front_matter.model.as_ref().unwrap().place, Place { line: 2, col: 9, len: 3 });
    assert_eq!(prompt.template(), "A {{ step }}\nB\n");
}

#[test]
fn every_problem_of_the_front_matter_is_found_at_its_place() {
    assert_snapshot!(
        problems(
            "+++\nmodle = 'm'\nmax_tokens = '2048'\ntemperature = nan\ntimeout = 5\ntimeout = 6\n\
             seed = 1\n[vars]\nstep = 'x'\n'my tone' = 'x'\nlist = []\n[fields]\nintent = 'string'\n\
             risk = 'integer'\nwhy = 'strin'\nwho = 3\n+++\nText {{ }}\n"
        ),
        @r"
    p.md:2:1: unknown key `modle` [front-matter-unknown-key]
        hint: did you mean `model`?
    p.md:3:14: `max_tokens` must be a whole number [front-matter-type]
    p.md:4:15: `temperature` must be a number [front-matter-type]
    p.md:6:1: `timeout` is set twice [front-matter-duplicate-key]
        hint: keep one of the two
    p.md:7:1: unknown key `seed` [front-matter-unknown-key]
        hint: the keys are description, model, max_tokens, temperature, timeout, workers, vars, fields
    p.md:9:1: the variable `step` is set by the program [reserved-name]
    p.md:10:1: `my tone` isn't a name [front-matter-name]
        hint: a name has letters a–z, digits and _, and doesn't begin with a digit
    p.md:11:8: `list` must be a string, a number, true or false [front-matter-type]
    p.md:13:1: the step returns `intent` by itself [reserved-name]
        hint: give the further field another name
    p.md:14:8: `integer` isn't a type of field [front-matter-field-type]
        hint: the types are string, number, boolean, string[]
    p.md:15:7: `strin` isn't a type of field [front-matter-field-type]
        hint: did you mean `string`?
    p.md:16:7: `who` must be a string [front-matter-type]
    p.md:18:9: unexpected end of variable block [template-syntax]
        hint: text that has {{, {% or {# in it goes between {% raw %} and {% endraw %}
    "
    );
}

#[test]
fn what_a_problem_quotes_stands_on_one_line_and_is_short() {
    let long = "x".repeat(100);
    assert_snapshot!(
        problems(&format!(
            "+++\n\"a\\nb\" = 1\n{long} = 1\n[vars]\n\"c\\u001b\" = 1\n[fields]\nwhy = \"\"\"a\nb\"\"\"\n+++\nText\n"
        )),
        @r"
    p.md:2:1: unknown key `a\nb` [front-matter-unknown-key]
        hint: the keys are description, model, max_tokens, temperature, timeout, workers, vars, fields
    p.md:3:1: unknown key `xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…` [front-matter-unknown-key]
        hint: the keys are description, model, max_tokens, temperature, timeout, workers, vars, fields
    p.md:5:1: `c\u{1b}` isn't a name [front-matter-name]
        hint: a name has letters a–z, digits and _, and doesn't begin with a digit
    p.md:7:7: `a\nb` isn't a type of field [front-matter-field-type]
        hint: the types are string, number, boolean, string[]
    "
    );
}

#[test]
fn what_isnt_toml_is_reported_once_for_each_line() {
    assert_snapshot!(problems("+++\nmodel = claude\ntimeout 5\nmax_tokens = 'x'\n+++\nText.\n"), @r"
    p.md:2:9: string values must be quoted, expected literal string [front-matter-syntax]
    p.md:3:9: key with no value, expected `=` [front-matter-syntax]
    ");
}

#[test]
fn tables_that_arent_tables_are_named() {
    assert_snapshot!(problems("+++\nvars = 'tone'\nfields = ['a']\n+++\nText.\n"), @r"
    p.md:2:8: `vars` must be a table of names and default values [front-matter-type]
    p.md:3:10: `fields` must be a table of names and types [front-matter-type]
    ");
}

#[test]
fn front_matter_without_an_end_or_in_yaml_is_explained() {
    assert_snapshot!(problems("+++\nmodel = 'm'\nText.\n"), @r"
    p.md:1:1: front matter begins here, and doesn't end [front-matter-unclosed]
        hint: close it with a second line of +++
    ");
    assert_snapshot!(problems("---\nmodel: m\n---\nText.\n"), @r"
    p.md:1:1: front matter isn't written between --- [front-matter-syntax]
        hint: write it as TOML between two lines of +++; before --- that is text, leave an empty line
    ");
    assert_eq!(rendered("\n---\nText.\n", &[]), "---\nText.", "the way out that the hint names");
}
