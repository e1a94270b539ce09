//! Circuit breaker and retry delays; knows nothing of prompts or Claude.
