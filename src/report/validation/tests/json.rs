//! What programs read.

use super::*;

fn json(report: &ValidationReport) -> serde_json::Value {
    serde_json::from_str(&shown(report, ReportFormat::Json)).unwrap()
}

#[test]
fn everything_is_one_object() {
    let mut json = json(&everything());
    let diagnostics = json["diagnostics"].take();
    insta::assert_snapshot!(format!("{json}\n{}", lines(&diagnostics)), @r#"
    {"version":1,"valid":false,"errors":11,"warnings":3,"prompts":3,"settings":true,"diagnostics":null}
    {"rule":"undefined-variable","severity":"error","source":{"kind":"file","name":"./prompts/chain_process.md"},"line":12,"column":16,"length":5,"excerpt":"Write about {{ topci }} now.","message":"`topci` isn't a variable: \u001b[31mred\u001b[0m\nand another line","hint":"did you mean `topic`?"}
    {"rule":"unused-variable","severity":"warning","source":{"kind":"file","name":"./prompts/chain_process.md"},"line":4,"column":1,"length":4,"excerpt":"tone\t=\t'東京' # in use?","message":"`tone` isn't used","hint":null}
    {"rule":"prompt-file-missing","severity":"error","source":{"kind":"file","name":"prompts/none.md"},"line":null,"column":null,"length":null,"excerpt":null,"message":"there is no such file","hint":"files that override a built-in prompt are called chain_analyze.md, 100% exactly"}
    {"rule":"front-matter-unclosed","severity":"error","source":{"kind":"file","name":"a,b: 100%/un été\\東京.md"},"line":1,"column":4,"length":0,"excerpt":"+++","message":"`+++` isn't closed","hint":null}
    {"rule":"asks-for-fence","severity":"warning","source":{"kind":"file","name":"prompts/wide.md"},"line":103,"column":10,"length":3,"excerpt":"\t東京 eé: ``` \u001b[2J\u009b","message":"asks for a code fence","hint":null}
    {"rule":"undefined-variable","severity":"error","source":{"kind":"file","name":"/etc/long.md"},"line":1,"column":180,"length":5,"excerpt":"… play. All work and no play. All work and no play. All work and no play. All work and no play. All work and no play. {{ topci }} makes Jack dull. makes Jack dull. makes Jack dull. makes Jack dull. makes Jack dull. makes Jack dull. makes Jac…","message":"`topci` isn't a variable","hint":null}
    {"rule":"repeated-variable","severity":"warning","source":{"kind":"file","name":"odd\n\t\u001b<U+FFFF>.env"},"line":null,"column":null,"length":null,"excerpt":null,"message":"set before, in line 2","hint":null}
    {"rule":"empty-prompt","severity":"error","source":{"kind":"built_in","name":"chain_analyze.md"},"line":7,"column":1,"length":0,"excerpt":"","message":"says nothing","hint":null}
    {"rule":"invalid-value","severity":"error","source":{"kind":"environment","name":null},"line":null,"column":null,"length":null,"excerpt":null,"message":"CHAIN_THINKING=on: must be off or auto","hint":"use off\nor auto"}
    {"rule":"invalid-value","severity":"error","source":{"kind":"environment","name":null},"line":null,"column":null,"length":null,"excerpt":null,"message":"LOG_LEVEL=loud: must be a level","hint":null}
    {"rule":"invalid-value","severity":"error","source":{"kind":"flag","name":"--set process.max_tokens=0"},"line":null,"column":null,"length":null,"excerpt":null,"message":"must be 1 or more","hint":null}
    {"rule":"override-type","severity":"error","source":{"kind":"variable","name":"count"},"line":null,"column":null,"length":null,"excerpt":null,"message":"must be a number","hint":null}
    {"rule":"missing-variable","severity":"error","source":{"kind":"missing","name":null},"line":null,"column":null,"length":null,"excerpt":null,"message":"ANTHROPIC_API_KEY: must be set","hint":null}
    {"rule":"unknown-model","severity":"error","source":{"kind":"upstream","name":"https://api.example/v1"},"line":null,"column":null,"length":null,"excerpt":null,"message":"<claude> & \"co\" aren't known, {0} [here](1)","hint":null}
    "#);
}

#[test]
fn the_object_is_laid_out_for_people_too() {
    let one = in_files().into_iter().take(1).collect();
    insta::assert_snapshot!(shown(&report(one), ReportFormat::Json), @r#"
    {
      "version": 1,
      "valid": false,
      "errors": 1,
      "warnings": 0,
      "prompts": 2,
      "settings": true,
      "diagnostics": [
        {
          "rule": "undefined-variable",
          "severity": "error",
          "source": {
            "kind": "file",
            "name": "./prompts/chain_process.md"
          },
          "line": 12,
          "column": 16,
          "length": 5,
          "excerpt": "Write about {{ topci }} now.",
          "message": "`topci` isn't a variable: \u001b[31mred\u001b[0m\nand another line",
          "hint": "did you mean `topic`?"
        }
      ]
    }
    "#);
}

#[test]
fn warnings_alone_are_valid() {
    let json = json(&report(vec![in_files().swap_remove(1)]));
    assert_eq!((&json["valid"], &json["errors"], &json["warnings"]), (&true.into(), &0.into(), &1.into()));
}
