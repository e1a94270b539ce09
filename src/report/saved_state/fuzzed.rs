//! What must hold of a state file, whatever is in it.

use super::{SavedState, SavedStep};
use crate::chain::{Conversation, Spend, StepName};

/// The longest words about a file, in bytes: they quote at most a name out of our own format.
const LONGEST: usize = 300;

/// A state is refused in bounded words, or is one that a run can go on from: in order, with sums that can be added to,
/// and steps that are read again as they stand.
pub(crate) fn check(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let state = match SavedState::parse(text) {
        Ok(state) => state,
        Err(error) => {
            let told = error.to_string();
            assert!(told.len() <= LONGEST && !told.chars().any(char::is_control), "{told:?}");
            return;
        }
    };
    assert!(Conversation::new(state.conversation.messages().to_vec()).is_ok());
    let finished = state.steps.iter().take_while(|(_, step)| step.is_some()).count();
    assert_eq!(state.first_unfinished(), StepName::ALL.get(finished).copied());
    let mut sum = Spend::default();
    for (name, step) in state.steps.iter() {
        let Some(step) = step else { continue };
        assert_eq!(step.finished.step, name);
        let again = SavedStep::read(&step.raw);
        assert!(again.is_ok_and(|again| again.finished.output == step.finished.output));
        can_be_added_to(&step.finished.metadata.spend, &mut sum);
    }
}

/// Whatever a file claims that was spent.
pub(crate) fn can_be_added_to(spend: &Spend, sum: &mut Spend) {
    for _ in 0..2 {
        let before = *sum;
        sum.add(spend);
        assert!(sum.uncounted_attempts >= before.uncounted_attempts);
        assert!(sum.estimated_input >= before.estimated_input && sum.estimated_cost >= before.estimated_cost);
        assert!(sum.usage.prompt_tokens() >= before.usage.prompt_tokens());
        assert!(sum.usage.cache_write() >= before.usage.cache_write());
    }
}
