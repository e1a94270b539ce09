//! Which objects and arrays are open.
//!
//! It must not grow with the reply: a bit for each level is all it keeps.

/// How deep objects and arrays nest, the outermost counted: `serde_json`'s own limit, so that what is
/// refused there is refused here.
const MAX_DEPTH: u32 = 127;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Container {
    Object,
    Array,
}

/// The containers that are open, the innermost in the lowest bit: set for an array.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Nesting {
    arrays: u128,
    depth: u32,
}

impl Nesting {
    /// How many are open.
    pub(super) fn depth(self) -> u32 {
        self.depth
    }

    /// Opens another container, and says whether there was room for it.
    pub(super) fn push(&mut self, container: Container) -> bool {
        if self.depth == MAX_DEPTH {
            return false;
        }
        self.depth += 1;
        self.arrays = (self.arrays << 1) | u128::from(container == Container::Array);
        true
    }

    /// Closes the innermost.
    pub(super) fn pop(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        self.arrays >>= 1;
    }

    /// What is open innermost; an object if nothing is.
    pub(super) fn innermost(self) -> Container {
        if self.arrays & 1 == 1 { Container::Array } else { Container::Object }
    }
}
