//! Who is calling: tokens and what is wrong with them.
