//! How many requests pass: fixed windows, each beginning with its first request.
