//! All three prompts, or everything that is wrong with any of them.

use super::Problem;
use crate::step::PerStep;

/// All three values, or the problems of all that have some, each problem once: two steps may share a
/// file.
pub(super) fn gather<T>(each: PerStep<Result<T, Vec<Problem>>>) -> Result<PerStep<T>, Vec<Problem>> {
    match (each.analyze, each.process, each.synthesize) {
        (Ok(analyze), Ok(process), Ok(synthesize)) => Ok(PerStep { analyze, process, synthesize }),
        (analyze, process, synthesize) => {
            let mut all = Vec::new();
            for problem in [analyze, process, synthesize].into_iter().filter_map(Result::err).flatten() {
                if !all.contains(&problem) {
                    all.push(problem);
                }
            }
            Err(all)
        }
    }
}
