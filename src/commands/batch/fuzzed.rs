//! What must hold of a batch's journal and of its input, whatever they hold.

use super::item::Item;
use super::journal::fuzzed::check as journal_holds;
use super::lines::{Line, MAX_LINE_BYTES};
use crate::chain::Conversation;

/// A journal is refused, or says of each line what stands in it; and each of its lines, taken for one of the input, is
/// refused in a few words or asks for a conversation that can be run.
pub(crate) fn check(data: &[u8]) {
    journal_holds(data);
    for (number, bytes) in (1..).zip(data.split(|byte| *byte == b'\n')) {
        let line = Line { number, hash: String::new(), bytes: Some(bytes.to_vec()) };
        match Item::parse(&line) {
            Ok(item) => {
                assert_eq!(item.line, number);
                assert!(item.id.is_null() || item.id.is_string() || item.id.is_number());
                assert!(Conversation::new(item.conversation.messages().to_vec()).is_ok());
            }
            Err(unfit) => assert!(!unfit.reason.is_empty()),
        }
    }
    let too_long = Line { number: 1, hash: String::new(), bytes: None };
    assert!(Item::parse(&too_long).is_err_and(|unfit| unfit.reason.contains(&MAX_LINE_BYTES.to_string())));
}
