//! `promptchain serve` as the clients see it that people use: OpenAI's package, `PyJWT`, validators of
//! documents and schemas, a browser. What they do stands in `tests/clients/`.

mod browser;
mod openai;
mod openapi;
mod script;
mod server;
mod tokens;
