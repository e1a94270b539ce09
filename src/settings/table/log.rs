//! Variables: what is logged.

use crate::settings::kind::Choice;
use crate::settings::{Fallback, Kind, LogFormat, LogLevel, OnReload, Section, Variable};

pub(super) const SECTION: Section = Section {
    title: "The log",
    for_server: false,
    variables: &[
        Variable {
            name: "LOG_LEVEL",
            kind: Kind::Choice(&[
                Choice { word: "DEBUG", set: |s| s.log.level = LogLevel::Debug },
                Choice { word: "INFO", set: |s| s.log.level = LogLevel::Info },
                Choice { word: "WARNING", set: |s| s.log.level = LogLevel::Warning },
                Choice { word: "ERROR", set: |s| s.log.level = LogLevel::Error },
                Choice { word: "CRITICAL", set: |s| s.log.level = LogLevel::Critical },
            ]),
            fallback: Fallback::Value("INFO"),
            on_reload: OnReload::Taken,
            doc: "The least level that is logged.",
        },
        Variable {
            name: "LOG_FORMAT",
            kind: Kind::Choice(&[
                Choice { word: "json", set: |s| s.log.format = LogFormat::Json },
                Choice { word: "standard", set: |s| s.log.format = LogFormat::Standard },
            ]),
            fallback: Fallback::Value("json"),
            on_reload: OnReload::Kept,
            doc: "json for one object a line, standard for text.",
        },
        Variable {
            name: "LOG_CONTENT",
            kind: Kind::Switch { set: |s, on| s.log.content = on },
            fallback: Fallback::Value("false"),
            on_reload: OnReload::Kept,
            doc: "Whether prompts and replies are logged, at level DEBUG.",
        },
    ],
};
