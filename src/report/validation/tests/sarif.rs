//! What code scanning takes.

use serde_json::Value;

use super::*;

/// The format's own schema; see the note beside it.
const SCHEMA: &str = include_str!("../../../../tests/schemas/sarif-2.1.0.json");

fn sarif(report: &ValidationReport) -> Value {
    serde_json::from_str(&shown(report, ReportFormat::Sarif)).unwrap()
}

/// The same without the place of each rule in their list, which moves with every rule that is added.
fn without_index(elements: &Value) -> Value {
    let mut elements = elements.clone();
    for element in elements.as_array_mut().unwrap() {
        element.as_object_mut().unwrap().shift_remove("ruleIndex");
        if let Some(rule) = element.get_mut("associatedRule") {
            rule.as_object_mut().unwrap().shift_remove("index");
        }
    }
    elements
}

#[test]
fn everything_in_a_file_is_a_result_and_the_rest_is_about_the_configuration() {
    let log = sarif(&everything());
    let run = &log["runs"][0];
    insta::assert_snapshot!(lines(&without_index(&run["results"])), @r#"
    {"ruleId":"undefined-variable","level":"error","message":{"text":"`topci` isn't a variable: \u001b[31mred\u001b[0m\nand another line\n\nhint: did you mean `topic`?"},"locations":[{"physicalLocation":{"artifactLocation":{"uri":"prompts/chain_process.md"},"region":{"startLine":12,"startColumn":16,"endColumn":21}}}]}
    {"ruleId":"unused-variable","level":"warning","message":{"text":"`tone` isn't used"},"locations":[{"physicalLocation":{"artifactLocation":{"uri":"prompts/chain_process.md"},"region":{"startLine":4,"startColumn":1,"endColumn":5}}}]}
    {"ruleId":"prompt-file-missing","level":"error","message":{"text":"there is no such file\n\nhint: files that override a built-in prompt are called chain_analyze.md, 100% exactly"},"locations":[{"physicalLocation":{"artifactLocation":{"uri":"prompts/none.md"}}}]}
    {"ruleId":"front-matter-unclosed","level":"error","message":{"text":"`+++` isn't closed"},"locations":[{"physicalLocation":{"artifactLocation":{"uri":"a,b%3A%20100%25/un%20%C3%A9t%C3%A9%5C%E6%9D%B1%E4%BA%AC.md"},"region":{"startLine":1,"startColumn":4,"endColumn":4}}}]}
    {"ruleId":"asks-for-fence","level":"warning","message":{"text":"asks for a code fence"},"locations":[{"physicalLocation":{"artifactLocation":{"uri":"prompts/wide.md"},"region":{"startLine":103,"startColumn":10,"endColumn":13}}}]}
    {"ruleId":"undefined-variable","level":"error","message":{"text":"`topci` isn't a variable"},"locations":[{"physicalLocation":{"artifactLocation":{"uri":"file:///etc/long.md"},"region":{"startLine":1,"startColumn":180,"endColumn":185}}}]}
    {"ruleId":"repeated-variable","level":"warning","message":{"text":"set before, in line 2"},"locations":[{"physicalLocation":{"artifactLocation":{"uri":"odd%0A%09%1B%EF%BF%BF.env"}}}]}
    "#);
    insta::assert_snapshot!(lines(&without_index(&run["invocations"][0]["toolConfigurationNotifications"])), @r#"
    {"level":"error","message":{"text":"<built-in chain_analyze.md>:7:1: says nothing"},"associatedRule":{"id":"empty-prompt"}}
    {"level":"error","message":{"text":"environment: CHAIN_THINKING=on: must be off or auto\n\nhint: use off\nor auto"},"associatedRule":{"id":"invalid-value"}}
    {"level":"error","message":{"text":"environment: LOG_LEVEL=loud: must be a level"},"associatedRule":{"id":"invalid-value"}}
    {"level":"error","message":{"text":"--set process.max_tokens=0: must be 1 or more"},"associatedRule":{"id":"invalid-value"}}
    {"level":"error","message":{"text":"variable count: must be a number"},"associatedRule":{"id":"override-type"}}
    {"level":"error","message":{"text":"ANTHROPIC_API_KEY: must be set"},"associatedRule":{"id":"missing-variable"}}
    {"level":"error","message":{"text":"https://api.example/v1: <claude> & \"co\" aren't known, {0} [here](1)"},"associatedRule":{"id":"unknown-model"}}
    "#);
}

#[test]
fn a_log_says_what_made_it_by_which_rules_and_how_columns_count() {
    let mut log = sarif(&nothing());
    let driver = &mut log["runs"][0]["tool"]["driver"];
    driver["version"] = "VERSION".into();
    driver["rules"].as_array_mut().unwrap().truncate(1);
    insta::assert_snapshot!(format!("{log:#}"), @r#"
    {
      "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
      "version": "2.1.0",
      "runs": [
        {
          "tool": {
            "driver": {
              "name": "promptchain",
              "version": "VERSION",
              "rules": [
                {
                  "id": "prompt-file-missing",
                  "shortDescription": {
                    "text": "A prompt file that is named isn't there, and none of that name is built in."
                  },
                  "defaultConfiguration": {
                    "level": "error"
                  }
                }
              ]
            }
          },
          "invocations": [
            {
              "executionSuccessful": true,
              "toolConfigurationNotifications": []
            }
          ],
          "columnKind": "unicodeCodePoints",
          "results": []
        }
      ]
    }
    "#);
}

#[test]
fn logs_are_valid_by_the_formats_own_schema() {
    let schema = serde_json::from_str(SCHEMA).unwrap();
    let validator = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
    for report in [everything(), nothing(), ValidationReport::default()] {
        let log = sarif(&report);
        let problems: Vec<String> = validator.iter_errors(&log).map(|problem| problem.to_string()).collect();
        assert!(problems.is_empty(), "{problems:#?}");
        let mut wrong = log.clone();
        wrong["runs"][0]["columnKind"] = "bytes".into();
        assert!(!validator.is_valid(&wrong), "the schema is looked at");
    }
}

#[test]
fn every_result_names_a_rule_that_is_described() {
    let log = sarif(&everything());
    let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
    assert_eq!(rules.len(), Rule::all().count());
    let results = log["runs"][0]["results"].as_array().unwrap();
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
    }
    assert_eq!(results.len(), in_files().len());
}

#[test]
fn paths_are_uris_that_lead_to_the_same_file() {
    let uri = |path: &str| {
        let log = sarif(&report(vec![Diagnostic::new(Rule::PromptsFolder, file(path), "no")]));
        let location = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
        location["artifactLocation"]["uri"].as_str().unwrap().to_owned()
    };
    assert_eq!(uri("/a b/100%,é:\\#?.md"), "file:///a%20b/100%25,%C3%A9:%5C%23%3F.md");
    assert_eq!(uri("./a b/100%,é:\\#?.md"), "a%20b/100%25,%C3%A9%3A%5C%23%3F.md");
    assert_eq!(uri("../a"), "../a");
    assert_eq!(uri("./"), ".");
}

#[test]
fn a_log_is_one_that_github_takes() {
    for report in [everything(), report(elsewhere()), nothing()] {
        let run = &sarif(&report)["runs"][0];
        assert_eq!(run["invocations"][0]["executionSuccessful"], true);
        for result in run["results"].as_array().unwrap() {
            let uri = &result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
            assert!(uri.as_str().is_some_and(|uri| !uri.is_empty()), "{result}");
        }
    }
    let nameless = report(vec![Diagnostic::new(Rule::PromptFileMissing, file(""), "is empty")]);
    assert_eq!(sarif(&nameless)["runs"][0]["results"], serde_json::json!([]));
}
