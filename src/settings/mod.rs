//! Flags, environment, `.env`, front matter and defaults, resolved into plain validated structs.
