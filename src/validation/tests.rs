//! What is found fault with, and where.
