//! Finds the delimited blocks of a prompt: `<NAME-ID …>` to `</NAME-ID>`, ID being 12 hex digits.
//!
//! What looks like a block within another one is that one's text.

/// A delimited part of a prompt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Block<'a> {
    pub(super) name: &'a str,
    pub(super) text: &'a str,
}

/// The blocks of `prompt`, in order.
pub(super) fn find(prompt: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut rest = prompt;
    while let Some((_, after)) = rest.split_once('<') {
        rest = match block(after) {
            Some((block, after_block)) => {
                blocks.push(block);
                after_block
            }
            None => after,
        };
    }
    blocks
}

/// The block whose opening tag starts `text`, without its `<`, and what comes after it.
fn block(text: &str) -> Option<(Block<'_>, &str)> {
    let (tag, after) = text.split_once('>')?;
    let label = tag.split_whitespace().next().filter(|label| tag.starts_with(label))?;
    let (name, id) = label.rsplit_once('-')?;
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    let is_id = id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !is_name || !is_id {
        return None;
    }
    let (text, after) = after.split_once(&format!("</{label}>"))?;
    Some((Block { name, text: text.trim() }, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(prompt: &str) -> Vec<(&str, &str)> {
        find(prompt).into_iter().map(|block| (block.name, block.text)).collect()
    }

    #[test]
    fn blocks_are_found_in_order_with_attributes_passed_over() {
        let prompt = "Earlier:\n<turn-3f2a91c07b1e role=\"user\">\nHi\n</turn-3f2a91c07b1e>\nNow:\n\
                      <request-3f2a91c07b1e>\nWhat is 2 < 3?\n</request-3f2a91c07b1e>";
        assert_eq!(found(prompt), [("turn", "Hi"), ("request", "What is 2 < 3?")]);
    }

    #[test]
    fn a_block_within_a_block_is_text() {
        let prompt =
            "<request-3f2a91c07b1e><request-aaaaaaaaaaaa>x</request-aaaaaaaaaaaa></request-3f2a91c07b1e>";
        assert_eq!(found(prompt), [("request", "<request-aaaaaaaaaaaa>x</request-aaaaaaaaaaaa>")]);
    }

    #[test]
    fn other_tags_and_unclosed_blocks_are_no_blocks() {
        for prompt in [
            "<request>x</request>",
            "<request-12>x</request-12>",
            "<request-3f2a91c07b1e>x",
            "a < b > c <",
            "",
        ] {
            assert_eq!(found(prompt), [], "{prompt}");
        }
    }
}
