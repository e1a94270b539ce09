//! One value for each of the three prompts.

use super::Problem;

/// One value for each of the three prompts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PerPrompt<T> {
    /// Of the analyze step.
    pub analyze: T,
    /// Of the process step.
    pub process: T,
    /// Of the synthesize step.
    pub synthesize: T,
}

impl<T> PerPrompt<T> {
    /// The values by reference.
    pub fn as_ref(&self) -> PerPrompt<&T> {
        PerPrompt { analyze: &self.analyze, process: &self.process, synthesize: &self.synthesize }
    }

    /// Applies `change` to the name of each step and its value, in the order of the chain.
    pub fn map<U>(self, mut change: impl FnMut(&'static str, T) -> U) -> PerPrompt<U> {
        PerPrompt {
            analyze: change("analyze", self.analyze),
            process: change("process", self.process),
            synthesize: change("synthesize", self.synthesize),
        }
    }

    /// Pairs each value with that of `other`.
    pub fn zip<U>(self, other: PerPrompt<U>) -> PerPrompt<(T, U)> {
        PerPrompt {
            analyze: (self.analyze, other.analyze),
            process: (self.process, other.process),
            synthesize: (self.synthesize, other.synthesize),
        }
    }

    /// The values in the order of the chain.
    pub fn into_array(self) -> [T; 3] {
        [self.analyze, self.process, self.synthesize]
    }
}

impl<T> PerPrompt<Result<T, Vec<Problem>>> {
    /// All three values, or the problems of all that have some, each problem once: two steps may
    /// share a file.
    pub(super) fn gather(self) -> Result<PerPrompt<T>, Vec<Problem>> {
        match (self.analyze, self.process, self.synthesize) {
            (Ok(analyze), Ok(process), Ok(synthesize)) => Ok(PerPrompt { analyze, process, synthesize }),
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
}
