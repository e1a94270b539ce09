//! What the program tells its operators: logs.
//!
//! Nothing here writes by itself: the process edge says where lines go.

pub mod logs;
