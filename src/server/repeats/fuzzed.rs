//! What must hold of checkpoints, whatever the store that others write to gives back.

use super::checkpoint::{Checkpoint, MAX_BYTES};

/// What is read is written as what is read alike.
pub(crate) fn check(data: &[u8]) {
    let Some(checkpoint) = Checkpoint::from_bytes(data) else { return };
    let Ok(written) = checkpoint.to_bytes() else { return };
    assert!(written.len() <= MAX_BYTES);
    let Some(again) = Checkpoint::from_bytes(&written) else { unreachable!("what is written can be read") };
    assert!(again.steps().eq(checkpoint.steps()) && again.is_whole() == checkpoint.is_whole());
    let (plan, plan_again) = (checkpoint.plan(false), again.plan(false));
    for step in checkpoint.steps() {
        let (one, other) = (plan.earlier.get(step), plan_again.earlier.get(step));
        let (Some(one), Some(other)) = (one, other) else { unreachable!("{step} is in the plan") };
        assert_eq!((one.step, &one.reply, &one.metadata.model), (step, &other.reply, &other.metadata.model));
        assert_eq!(one.metadata.verdict, other.metadata.verdict);
    }
}
