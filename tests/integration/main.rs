//! The program as its users meet it: the binary against the simulator, and the files that are made from
//! the program.

mod artifacts;
mod layering;
mod run;
mod simulate;
mod support;
