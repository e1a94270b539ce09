//! The part of an answer that a call is for, where process is divided.

use serde_json::Value;

use super::blocks::Block;

/// The highest number of a part that is counted.
const MOST_PARTS: u64 = 64;

/// The part that a call is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    /// Its place in the outline, from 1.
    pub(super) number: u32,
    /// How many there are.
    pub(super) of: usize,
    pub(super) title: String,
    pub(super) instruction: String,
}

impl Part {
    /// The part in a prompt's block `part`; how many there are, its block `outline` tells.
    pub(super) fn of_blocks(blocks: &[Block<'_>]) -> Option<Self> {
        let json = |name: &str| -> Option<Value> {
            let block = blocks.iter().rev().find(|block| block.name == name)?;
            serde_json::from_str(block.text).ok()
        };
        let part = json("part")?;
        let number = part.get("part")?.as_u64().filter(|number| (1..=MOST_PARTS).contains(number))?;
        let text = |name: &str| part.get(name).and_then(Value::as_str).unwrap_or_default().trim().to_owned();
        Some(Self {
            number: u32::try_from(number).ok()?,
            of: json("outline")
                .and_then(|outline| Some(outline.as_array()?.len()))
                .unwrap_or_default()
                .max(1),
            title: text("title"),
            instruction: text("instruction"),
        })
    }

    /// What its reply is made of.
    pub(super) fn words(&self) -> String {
        format!("{}\n{}", self.instruction, self.title).trim().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::super::blocks;
    use super::*;

    fn part(prompt: &str) -> Option<Part> {
        Part::of_blocks(&blocks::find(prompt))
    }

    #[test]
    fn a_part_is_read_from_its_block_and_the_outlines() {
        let prompt = "<outline-3f2a91c07b1e>[{}, {}, {}]</outline-3f2a91c07b1e>\
            <part-3f2a91c07b1e>{\"part\": 2, \"title\": \"Tea\", \"instruction\": \"Praise it.\"}</part-3f2a91c07b1e>";
        let part = part(prompt).unwrap();
        assert_eq!((part.number, part.of), (2, 3));
        assert_eq!(part.words(), "Praise it.\nTea");
    }

    #[test]
    fn what_has_no_number_is_no_part() {
        for part_block in ["{}", "not JSON", "{\"part\": 0}", "{\"part\": 65}", "{\"part\": \"1\"}"] {
            assert_eq!(part(&format!("<part-3f2a91c07b1e>{part_block}</part-3f2a91c07b1e>")), None);
        }
        assert_eq!(part("<request-3f2a91c07b1e>x</request-3f2a91c07b1e>"), None);
    }
}
