//! The only code that knows the dialect of OpenAI's Chat Completions.
