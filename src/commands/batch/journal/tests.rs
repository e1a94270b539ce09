//! Journals as they are written, cut off and read again.
