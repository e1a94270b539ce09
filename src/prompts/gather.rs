//! All three prompts, or everything that is wrong with any of them.

use super::Problem;
use crate::step::PerStep;

/// All three values, or the problems of all that have some, each problem once.
pub(super) fn gather<T>(each: PerStep<Result<T, Vec<Problem>>>) -> Result<PerStep<T>, Vec<Problem>> {
    match (each.analyze, each.process, each.synthesize) {
        (Ok(analyze), Ok(process), Ok(synthesize)) => Ok(PerStep { analyze, process, synthesize }),
        (analyze, process, synthesize) => {
            Err(each_once([analyze, process, synthesize].into_iter().filter_map(Result::err).flatten()))
        }
    }
}

/// The problems without those that are there already: two steps may share a file.
pub(super) fn each_once(problems: impl IntoIterator<Item = Problem>) -> Vec<Problem> {
    let mut all = Vec::new();
    for problem in problems {
        if !all.contains(&problem) {
            all.push(problem);
        }
    }
    all
}
