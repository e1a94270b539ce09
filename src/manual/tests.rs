//! What is told about the program follows from the program.
