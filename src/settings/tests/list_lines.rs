//! Lists in a `.env` file that aren't quoted.

use super::*;

/// What the file says of one variable, before it is checked.
fn text_of(name: &str, file: &str) -> Option<String> {
    found_file(file).find_value(name).map(|(text, _)| text.to_owned())
}

#[test]
fn an_unquoted_list_is_read_whole_with_the_quotes_of_its_items() {
    for (line, expected) in [
        (r#"CORS_ORIGINS=["http://a:3000", "http://b"]"#, r#"["http://a:3000", "http://b"]"#),
        (r#"CORS_ORIGINS=["http://a","http://b"]"#, r#"["http://a","http://b"]"#),
        (r#"CORS_ORIGINS=["*"]"#, r#"["*"]"#),
        ("CORS_ORIGINS=[]", "[]"),
        (r#"CORS_ORIGINS = [ "http://a" ]  "#, r#"[ "http://a" ]"#),
        (r#"  export  CORS_ORIGINS=["http://a", "http://b"]"#, r#"["http://a", "http://b"]"#),
        (r#"CORS_ORIGINS=["http://a", "http://b"] # two, "quoted""#, r#"["http://a", "http://b"]"#),
        ("CORS_ORIGINS=[\"http://a\", \"http://b\"]\t# it's", r#"["http://a", "http://b"]"#),
        (r#"CORS_ORIGINS=["http://a"]#b"#, r#"["http://a"]#b"#),
        ("CORS_ORIGINS=['http://a', 'b']", "['http://a', 'b']"),
        (r#"CORS_ALLOW_HEADERS=["$PATH", "B"]"#, r#"["$PATH", "B"]"#),
        ("CORS_ALLOW_METHODS=GET, POST # and no more", "GET, POST"),
        ("SERVICE_MODEL_ALIASES=gpt-4o, gpt-4o-mini = fast", "gpt-4o, gpt-4o-mini = fast"),
        ("RATE_LIMIT_DEFAULT=10 per minute; 100 per hour", "10 per minute; 100 per hour"),
        ("TRUSTED_PROXIES=", ""),
        ("TRUSTED_PROXIES= # none", ""),
    ] {
        let name = line.split('=').next().unwrap().trim().trim_start_matches("export").trim();
        for file in [line.to_owned(), format!("{line}\r\nB=1\r\n"), format!("# it's\n\n{line}\nB=2\n")] {
            assert_eq!(text_of(name, &file).as_deref(), Some(expected), "{file:?}");
        }
    }
}

#[test]
fn a_quoted_list_is_read_as_any_other_value() {
    for (line, expected) in [
        (r#"CORS_ORIGINS='["http://a", "http://b"]'"#, r#"["http://a", "http://b"]"#),
        (r#"CORS_ORIGINS="[\"http://a\", \"http://b\"]" # two"#, r#"["http://a", "http://b"]"#),
        (r"CORS_ALLOW_METHODS=GET,\ POST", "GET, POST"),
        ("CORS_ALLOW_METHODS='GET,\nPOST'", "GET,\nPOST"),
    ] {
        let name = line.split('=').next().unwrap();
        assert_eq!(text_of(name, line).as_deref(), Some(expected), "{line}");
    }
}

#[test]
fn variables_that_are_no_lists_and_the_insides_of_values_are_left_alone() {
    assert_eq!(text_of("OTHER", r#"OTHER=["a"]"#).as_deref(), Some("[a]"));
    assert_eq!(found_file("OTHER=[1, 2]").problems.len(), 1);
    let inside = "OTHER='one\nCORS_ORIGINS=[\"a\"]\n'\n";
    assert_eq!(text_of("OTHER", inside).as_deref(), Some("one\nCORS_ORIGINS=[\"a\"]\n"));
    assert_eq!(text_of("CORS_ORIGINS", inside), None);
    assert_eq!(text_of("CORS_ORIGINS", "# CORS_ORIGINS=[\"a\", \"b\"]\n"), None);
}

#[test]
fn a_line_is_counted_right_after_unquoted_lists() {
    let file = "\
CORS_ORIGINS=[\"http://a\", \"http://b\"] # two\r
\r
CORS_ALLOW_METHODS=GET, POST\r
RATE_LIMIT_MODELS=10 per fortnight\r
LOG_LEVEL=LOUD\r
";
    let told = problems(&served(only(found_file(file))));
    let places: Vec<&str> =
        told.lines().filter_map(|line| line.split_once("): ")).map(|(place, _)| place).collect();
    assert_eq!(places, ["RATE_LIMIT_MODELS=10 per fortnight (.env:4", "LOG_LEVEL=LOUD (.env:5"]);
}

#[test]
fn a_list_whose_bracket_is_never_closed_is_told_as_no_list_and_hides_nothing_below() {
    for line in ["CORS_ORIGINS=[\"http://a\", \"http://b\"", "CORS_ORIGINS=[\"http://a\"]\\"] {
        let told = problems(&served(only(found_file(&format!("{line}\nLOG_LEVEL=LOUD\n")))));
        assert!(told.contains(".env:1"), "{told}");
        assert!(told.contains("LOG_LEVEL=LOUD (.env:2)"), "{told}");
    }
}
